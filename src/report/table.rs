//! The table: what a person reads in a terminal or a log.
//!
//! Problems first, then one row a holder, then the findings, worst first, then what is waived, then the verdict.

mod grants;
mod holders;
mod notes;
mod problems;
mod waived;

pub(super) use problems::problems;
pub(super) use waived::accepted;

use anstyle::{AnsiColor, Style};

use crate::policy::Severity;
use crate::report::terminal::{plain, wrap};
use crate::report::{BySeverity, Finding, Holder, Report};
use crate::text::count;

/// How the table is laid out. Colour is always written; the stream takes it out where it does not belong.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Cells a line may have; `None` in a pipe.
    pub width: Option<u16>,
    /// Whether every grant is listed, and why a finding matters.
    pub verbose: bool,
}

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();

pub(super) fn colour(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Magenta.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Note => DIM,
    }
}

pub(super) fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The report as text that ends with a line feed.
pub fn render(report: &Report, layout: Layout) -> String {
    let mut text = String::new();
    problems(&report.problems, layout, &mut text);
    if !report.holders.is_empty() {
        holders::holders(report, layout, &mut text);
    }
    if layout.verbose {
        grants::grants(report, &mut text);
    }
    let (notes, findings): (Vec<&Finding>, Vec<&Finding>) =
        report.worst_first().into_iter().partition(|finding| finding.severity == Severity::Note && !layout.verbose);
    for finding in findings {
        finding_block(report, finding, layout, &mut text);
    }
    notes::folded(&notes, layout, &mut text);
    waived::findings(&report.waived(), layout, &mut text);
    closing(report, layout, &mut text);
    text
}

pub(super) fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}

fn finding_block(report: &Report, finding: &Finding, layout: Layout, text: &mut String) {
    let width = layout.width.map(usize::from);
    let severity = painted(colour(finding.severity), finding.severity.as_str());
    let label = finding.label.as_deref().filter(|label| *label != finding.subject.name);
    let label =
        label.map(|label| painted(DIM, &format!("  \"{}\"", plain(&crate::text::clip(label))))).unwrap_or_default();
    line(text, &format!("{severity}  {}  {}{label}", painted(BOLD, &finding.rule), plain(&finding.subject.name)));
    line(text, &format!("  {}", wrap(&plain(&finding.message), width, 2)));
    line(text, &format!("  {}:{}", plain(&finding.path), finding.line));
    line(text, &painted(DIM, &format!("  {}{}", finding.fingerprint, also(finding, layout))));
    if layout.verbose
        && let Some(rule) = report.rules.iter().find(|rule| rule.id == finding.rule)
    {
        line(text, &format!("  Why: {}", wrap(&rule.why, width, 7)));
        line(text, &format!("  Fix: {}", wrap(&rule.fix, width, 7)));
    }
    text.push('\n');
}

/// The other rules that match, the first of them by name.
fn also(finding: &Finding, layout: Layout) -> String {
    const NAMED: usize = 3;
    let all = finding.also.len();
    let named = if layout.verbose || all <= NAMED + 1 { all } else { NAMED };
    match (all, all - named) {
        (0, _) => String::new(),
        (_, 0) => format!("  also {}", finding.also.join(", ")),
        (_, more) => format!("  also {} and {more} more", finding.also[..named].join(", ")),
    }
}

/// The last lines: what the run says as a whole.
fn closing(report: &Report, layout: Layout, text: &mut String) {
    if report.command != "audit" && report.complete && !report.access_differs() {
        let texts = report.holders.len();
        let why = match (report.compared, texts) {
            (0, _) => String::new(),
            (_, 0) => format!(": {} in order, layout or comments only", differ(report.compared)),
            (_, _) if report.holders.iter().any(Holder::settings_differ) => {
                format!(": {} in settings or texts only", differ(report.compared))
            }
            (_, _) => format!(": {} in texts only", differ(report.compared)),
        };
        line(text, &format!("no access change{why}"));
    }
    let Some(verdict) = report.verdict else {
        if report.access_differs() {
            let summary = &report.summary;
            line(
                text,
                &format!(
                    "{} differ: {} gained, {} lost",
                    count(summary.holders, "holder"),
                    count(summary.gained, "grant"),
                    summary.lost
                ),
            );
        }
        return;
    };
    let findings = by_severity(&report.summary.findings);
    let (style, word, because) = match verdict {
        "pass" => (AnsiColor::Green.on_default().bold(), "PASS", threshold(report)),
        "fail" => (AnsiColor::Red.on_default().bold(), "FAIL", threshold(report)),
        _ if report.problems.iter().all(|problem| problem.unproven || problem.state == "unchanged") => {
            (AnsiColor::Red.on_default().bold(), "UNPROVEN", "that nobody gains access is not proven".to_owned())
        }
        _ => (AnsiColor::Red.on_default().bold(), "INCOMPLETE", "not everything could be read".to_owned()),
    };
    let new = if report.command == "audit" { "" } else { "new " };
    let total = report.findings.len() - report.summary.waived;
    let mut found = if total == 0 {
        format!("no {new}findings")
    } else {
        format!("{}: {findings}", count(total, &format!("{new}finding")))
    };
    if report.summary.waived > 0 {
        found = format!("{found}; {} waived", report.summary.waived);
    }
    let proven = if report.guarantee && verdict == "pass" { "; proven: nobody gains access" } else { "" };
    let sentence = format!("{}  {found}; {because}{proven}", painted(style, word));
    line(text, &wrap(&sentence, layout.width.map(usize::from), 6));
}

fn differ(files: usize) -> String {
    if files == 1 { "1 holder differs".to_owned() } else { format!("{files} holders differ") }
}

fn threshold(report: &Report) -> String {
    match report.fail_on {
        None => "nothing fails this run".to_owned(),
        Some(least) => match report.failing() {
            0 => format!("none is {} or worse", least.as_str()),
            failing => format!("{failing} {} {} or worse", if failing == 1 { "is" } else { "are" }, least.as_str()),
        },
    }
}

fn by_severity(findings: &BySeverity) -> String {
    let counts = [findings.critical, findings.high, findings.medium, findings.low, findings.note];
    let named = Severity::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
    named.map(|(severity, count)| format!("{count} {}", severity.as_str())).collect::<Vec<_>>().join(", ")
}
