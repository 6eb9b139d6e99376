//! GitHub workflow commands: problems and findings as annotations on the lines of a pull request.
//!
//! A step shows ten errors, ten warnings and ten notices (`facts/outputs.md` 4.2), so the worst come first, and the
//! last of each level counts the rest.

use crate::policy::Severity;
use crate::report::terminal::{is_hidden, plain};
use crate::report::verdict::{Verdict, no_access_change};
use crate::report::{Document, Finding, Problem, Report};
use crate::text::count;

/// Annotations of one level that a step shows.
const SHOWN: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

/// What stands on one line of the log.
struct Annotation {
    level: Level,
    properties: Vec<(&'static str, String)>,
    message: String,
}

/// The report as commands, one a line, and the verdict as plain text behind them.
pub fn render(report: &Report) -> Document {
    let (new, old): (Vec<&Problem>, Vec<&Problem>) = report.problems.iter().partition(|problem| problem.state == "new");
    let mut all: Vec<Annotation> = new.into_iter().map(of_problem).collect();
    all.extend(report.worst_first().into_iter().map(|finding| of_finding(report, finding)));
    all.extend(old.into_iter().map(of_problem));
    let (mut text, mut cuts) = (String::new(), Vec::new());
    for level in [Level::Error, Level::Warning, Level::Notice] {
        let own: Vec<&Annotation> = all.iter().filter(|annotation| annotation.level == level).collect();
        let listed = if own.len() > SHOWN { SHOWN - 1 } else { own.len() };
        own[..listed].iter().for_each(|annotation| text.push_str(&annotation.command()));
        if own.len() > listed {
            text.push_str(&rest(report, level, own.len() - listed).command());
            cuts.push(format!("{listed} of {}", count(own.len(), level.word())));
        }
    }
    text.push_str(&last_line(report));
    let cut = format!("annotations are {}: GitHub shows {SHOWN} of a level; --format json has all", cuts.join(", "));
    Document { text, cut: (!cuts.is_empty()).then_some(cut) }
}

/// What the log ends with; none of it comes from metadata.
fn last_line(report: &Report) -> String {
    let change = no_access_change(report).map(|sentence| format!("{sentence}\n")).unwrap_or_default();
    let verdict = Verdict::of(report).map(|verdict| format!("{}  {}\n", verdict.word, verdict.sentence()));
    change + &verdict.unwrap_or_default()
}

fn of_finding(report: &Report, finding: &Finding) -> Annotation {
    let (path, place) = finding.mark();
    let granted = finding.granted_at(path, place.line);
    let granted = granted.map(|place| format!("\nGranted at {}", plain(&place))).unwrap_or_default();
    let fix = report.rules.iter().find(|rule| rule.id == finding.rule).map(|rule| rule.fix.trim());
    let fix = fix.map(|fix| format!("\nWhat to do: {}", plain(fix))).unwrap_or_default();
    Annotation {
        level: match finding.severity {
            Severity::Critical | Severity::High => Level::Error,
            Severity::Medium => Level::Warning,
            Severity::Low | Severity::Note => Level::Notice,
        },
        properties: vec![
            ("file", file(path)),
            ("line", place.line.to_string()),
            ("col", place.start_column.to_string()),
            ("endColumn", place.end_column.max(place.start_column + 1).to_string()),
            ("title", format!("{}: {}", finding.severity.as_str(), plain(&finding.rule))),
        ],
        message: format!("{}{granted}{fix}\npermdelta explain {}", plain(&finding.message), finding.fingerprint),
    }
}

fn of_problem(problem: &Problem) -> Annotation {
    let mut properties = Vec::new();
    // A line of base is not a line of what is checked out.
    if problem.side == "head" {
        properties.push(("file", file(&problem.path)));
        properties.extend(problem.line.map(|line| ("line", line.to_string())));
    }
    let (level, title) = match (problem.state, problem.unproven) {
        ("unchanged", _) => (Level::Notice, "not understood, and not touched by this change"),
        (_, true) => (Level::Error, "unproven: this may give new access"),
        (_, false) => (Level::Error, "incomplete: could not be read or understood"),
    };
    properties.push(("title", title.to_owned()));
    let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
    let place = format!("{}{line} ({})", plain(&problem.path), problem.side);
    Annotation { level, properties, message: format!("{place}: {}\n{}", plain(&problem.message), problem.hint) }
}

/// Stands for those a step would not show.
fn rest(report: &Report, level: Level, number: usize) -> Annotation {
    Annotation {
        level,
        properties: vec![("title", format!("{number} more {}s", level.word()))],
        message: format!(
            "GitHub shows {SHOWN} of a level; permdelta {} --format table or --format json lists all",
            report.command
        ),
    }
}

/// A path that points to its file, unless it has what no log may get.
fn file(path: &str) -> String {
    path.replace(is_hidden, "\u{fffd}").replace("##", "#\u{fffd}#")
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

impl Annotation {
    /// `::error file=…,line=…,title=…::message` with its line feed.
    fn command(&self) -> String {
        let properties: Vec<String> =
            self.properties.iter().map(|(name, value)| format!("{name}={}", property(value))).collect();
        format!("::{} {}::{}\n", self.level.word(), properties.join(","), data(&self.message))
    }
}

/// What ends a command, encoded as the runner decodes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same, and what ends a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_encoded_as_the_runner_decodes_them() {
        let annotation = Annotation {
            level: Level::Warning,
            properties: vec![("file", file("a b,c:d%0A\n.xml")), ("line", "3".to_owned())],
            message: "50%\nof\r::error::x".to_owned(),
        };
        let command = "::warning file=a b%2Cc%3Ad%250A\u{fffd}.xml,line=3::50%25%0Aof%0D::error::x\n";
        assert_eq!(annotation.command(), command);
    }
}
