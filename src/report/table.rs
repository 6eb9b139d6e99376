//! The table: what a person reads in a terminal or a log.
//!
//! Problems first, then one row a holder, then the findings, worst first, then what is waived, then what was compared
//! and the verdict.

mod grants;
mod holders;
mod notes;
mod problems;
mod waived;

pub(super) use problems::problems;
pub(super) use waived::accepted;

use anstyle::{AnsiColor, Style};

use crate::policy::Severity;
use crate::report::compared::{judged, states};
use crate::report::effect::{effects, totals};
use crate::report::terminal::{plain, telling_label, wrap};
use crate::report::verdict::{Verdict, no_access_change};
use crate::report::{Finding, Report};
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
    let label = telling_label(&finding.subject.name, finding.label.as_deref());
    let label =
        label.map(|label| painted(DIM, &format!("  \"{}\"", plain(&crate::text::clip(label))))).unwrap_or_default();
    line(text, &format!("{severity}  {}  {}{label}", painted(BOLD, &finding.rule), plain(&finding.subject.name)));
    line(text, &format!("  {}", wrap(&plain(&finding.message), width, 2)));
    line(text, &format!("  {}:{}", plain(&finding.path), finding.line));
    line(text, &painted(DIM, &format!("  {}{}", finding.fingerprint, also(finding, layout))));
    if layout.verbose
        && let Some(rule) = report.rules.iter().find(|rule| rule.id == finding.rule)
    {
        line(text, &format!("  Why: {}", wrap(&plain(&rule.why), width, 7)));
        line(text, &format!("  Fix: {}", wrap(&plain(&rule.fix), width, 7)));
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
    let unchanged = no_access_change(report);
    // Where nothing differs and nothing was judged that is all there is to say, in one line.
    if unchanged.is_none() || report.verdict.is_some() {
        let name = |name: &str| plain(name).into_owned();
        let compared =
            [Some(states(report, name)), judged(report, name)].into_iter().flatten().collect::<Vec<_>>().join("  ");
        line(text, &painted(DIM, &wrap(&compared, layout.width.map(usize::from), 0)));
    }
    if let Some(sentence) = unchanged {
        line(text, &sentence);
    }
    let Some(verdict) = Verdict::of(report) else {
        if report.access_differs() {
            let differ = count(report.summary.holders, "holder");
            let verb = if report.summary.holders == 1 { "differs" } else { "differ" };
            let totals = totals(&effects(report)).unwrap_or_else(|| "no one gains or loses access".to_owned());
            line(text, &format!("{differ} {verb}: {totals}"));
        }
        return;
    };
    let colour = if verdict.word == "PASS" { AnsiColor::Green } else { AnsiColor::Red };
    let word = painted(colour.on_default().bold(), verdict.word);
    let sentence = format!("{word}  {}", verdict.sentence());
    line(text, &wrap(&sentence, layout.width.map(usize::from), 6));
}
