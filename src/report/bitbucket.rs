//! Bitbucket Code Insights: a report and its annotations, ready to be sent (`facts/outputs.md` 1.5).
//!
//! `report` is the body of one PUT, each element of `annotations` that of one POST below it.

use serde::Serialize;

use crate::policy::Severity;
use crate::report::document::{self, Occurrences, short};
use crate::report::terminal::plain;
use crate::report::verdict::{Verdict, no_access_change};
use crate::report::{Document, Finding, Problem, Report, Source};
use crate::text::count;

/// Annotations that a report takes.
const MOST: usize = 1_000;
/// Annotations that one call takes.
const A_CALL: usize = 100;
/// Characters of a summary.
const SUMMARY: usize = 450;
/// Characters of details.
const DETAILS: usize = 2_000;

#[derive(Serialize)]
struct Insights {
    report: Body,
    annotations: Vec<Vec<Annotation>>,
}

#[derive(Serialize)]
struct Body {
    title: &'static str,
    details: String,
    report_type: &'static str,
    reporter: String,
    result: &'static str,
    data: Vec<Datum>,
}

#[derive(Serialize)]
struct Datum {
    title: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    value: usize,
}

#[derive(Serialize)]
struct Annotation {
    external_id: String,
    annotation_type: &'static str,
    summary: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    details: String,
    severity: &'static str,
    /// Only of what fails the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// The report as one JSON document.
pub fn render(report: &Report) -> Document {
    let problems = report.problems.iter().map(problem);
    let findings = report.worst_first().into_iter().map(|finding| annotation(report, finding));
    let mut annotations: Vec<Annotation> = problems.chain(findings).collect();
    let all = annotations.len();
    annotations.truncate(MOST);
    let cut = (all > MOST).then(|| {
        format!(
            "Code Insights lists {MOST} of {all} annotations, problems and the worst first: it takes no more; \
             --format json has all"
        )
    });
    let mut seen = Occurrences::default();
    for annotation in &mut annotations {
        let times = seen.of(&annotation.external_id);
        if times > 1 {
            annotation.external_id = format!("{}-{times}", annotation.external_id);
        }
    }
    let mut calls = Vec::with_capacity(annotations.len().div_ceil(A_CALL));
    let mut rest = annotations.into_iter().peekable();
    while rest.peek().is_some() {
        calls.push(rest.by_ref().take(A_CALL).collect());
    }
    let insights = Insights { report: body(report, cut.as_deref()), annotations: calls };
    Document { text: document::json(&insights), cut }
}

fn body(report: &Report, cut: Option<&str>) -> Body {
    let findings = &report.summary.findings;
    let number = |title, value| Datum { title, kind: "NUMBER", value };
    let new = report.problems.iter().filter(|problem| problem.state == "new").count();
    Body {
        title: "permdelta",
        details: details(report, cut),
        report_type: "SECURITY",
        reporter: format!("{} {}", report.tool.name, report.tool.version),
        // `diff` judges nothing, but what it could not read is no success.
        result: match report.verdict {
            Some("pass") => "PASSED",
            None if report.complete => "PASSED",
            _ => "FAILED",
        },
        data: vec![
            number("Critical", findings.critical),
            number("High", findings.high),
            number("Medium", findings.medium),
            number("Low", findings.low),
            number("Notes", findings.note),
            number("Waived", report.summary.waived),
            number("Problems", new),
        ],
    }
}

/// What was cut first: the rest stands elsewhere, too.
fn details(report: &Report, cut: Option<&str>) -> String {
    let verdict = Verdict::of(report).map(|verdict| format!("{}: {}.", verdict.word, verdict.sentence()));
    let compared = match &report.base {
        Some(base) => format!("{} compared with {}.", named(&report.head), named(base)),
        None => format!("{}.", named(&report.head)),
    };
    let problems = match report.problems.iter().filter(|problem| problem.state == "new").count() {
        0 => None,
        problems => Some(format!("{}.", count(problems, "problem"))),
    };
    let unchanged = no_access_change(report).map(|sentence| format!("{sentence}."));
    let cut = cut.map(|cut| format!("{cut}."));
    let parts = [verdict, problems, cut, unchanged, Some(compared)];
    short(&plain(&parts.into_iter().flatten().collect::<Vec<_>>().join(" ")), DETAILS)
}

fn named(source: &Source) -> String {
    let name = crate::text::clip(&source.name);
    match source.id.as_deref().filter(|id| *id != source.name) {
        Some(id) => format!("{name} ({id})"),
        None => name.into_owned(),
    }
}

fn annotation(report: &Report, finding: &Finding) -> Annotation {
    let fix = report.rules.iter().find(|rule| rule.id == finding.rule).map(|rule| rule.fix.as_str());
    let (path, place) = finding.mark();
    let granted = finding.granted_at(path, place.line).map(|place| format!("Granted at {place}. "));
    let details = format!("{}{}", granted.unwrap_or_default(), fix.unwrap_or_default());
    Annotation {
        external_id: finding.fingerprint.clone(),
        annotation_type: "VULNERABILITY",
        summary: short(&plain(&format!("{}: {}", finding.rule, finding.message)), SUMMARY),
        details: short(&plain(&details), DETAILS),
        severity: match finding.severity {
            Severity::Critical => "CRITICAL",
            Severity::High => "HIGH",
            Severity::Medium => "MEDIUM",
            Severity::Low | Severity::Note => "LOW",
        },
        result: report.fails(finding).then_some("FAILED"),
        path: path.to_owned(),
        line: Some(place.line),
    }
}

fn problem(problem: &Problem) -> Annotation {
    let is_new = problem.state == "new";
    Annotation {
        external_id: format!("problem-{}", problem.fingerprint()),
        annotation_type: "BUG",
        summary: short(&plain(&problem.message), SUMMARY),
        details: short(&plain(&problem.sentence()), DETAILS),
        severity: if is_new { "CRITICAL" } else { "LOW" },
        result: is_new.then_some("FAILED"),
        path: problem.path.clone(),
        line: problem.line,
    }
}
