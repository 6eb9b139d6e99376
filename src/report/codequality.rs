//! GitLab Code Quality: what a merge request shows on GitLab's free tier (`facts/outputs.md` 1.4).
//!
//! GitLab takes entries of one fingerprint for one, so none is given twice. What a waiver covers is left out.

use serde::Serialize;

use crate::policy::Severity;
use crate::report::document::{self, Occurrences, short};
use crate::report::terminal::plain;
use crate::report::{Document, Finding, Problem, Report};

/// The name of the check that problems are of.
const PROBLEM: &str = "problem";
/// Longest description, in characters: one line of the widget.
const DESCRIPTION: usize = 2_048;

/// What is read of an entry; anything else would be ignored.
#[derive(Serialize)]
struct Entry {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// The report as a JSON array, problems first; an empty one if there is nothing to say.
pub fn render(report: &Report) -> Document {
    let mut seen = Occurrences::default();
    let problems = report.problems.iter().map(problem);
    let mut entries: Vec<Entry> = problems.chain(report.worst_first().into_iter().map(finding)).collect();
    for entry in &mut entries {
        let times = seen.of(&entry.fingerprint);
        if times > 1 {
            entry.fingerprint = format!("{}-{times}", entry.fingerprint);
        }
    }
    Document::whole(document::json(&entries))
}

fn finding(finding: &Finding) -> Entry {
    let (path, place) = finding.mark();
    let granted = finding.granted_at(path, place.line).map(|place| format!("; granted at {place}"));
    let description = plain(&format!("{}{}", finding.message, granted.unwrap_or_default())).into_owned();
    Entry {
        description: short(&description, DESCRIPTION),
        check_name: finding.rule.clone(),
        fingerprint: finding.fingerprint.clone(),
        severity: match finding.severity {
            Severity::Critical => "blocker",
            Severity::High => "critical",
            Severity::Medium => "major",
            Severity::Low => "minor",
            Severity::Note => "info",
        },
        location: location(path, place.line),
    }
}

/// A problem that the change did not bring stops nothing.
fn problem(problem: &Problem) -> Entry {
    Entry {
        description: short(&plain(&problem.sentence()), DESCRIPTION),
        check_name: PROBLEM.to_owned(),
        fingerprint: problem.fingerprint(),
        severity: if problem.state == "unchanged" { "info" } else { "blocker" },
        location: location(&problem.path, problem.line.unwrap_or(1)),
    }
}

fn location(path: &str, begin: u32) -> Location {
    Location { path: path.to_owned(), lines: Lines { begin } }
}
