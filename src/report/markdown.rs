//! Markdown for one comment on a pull request, kept up to date: the verdict first, then what users gain and lose,
//! then the findings. It never exceeds what a comment may have, and says what it leaves out.

mod filler;
mod findings;
mod folded;
mod grants;
mod harmless;
mod holders;
mod problems;

use crate::policy::Severity;
use crate::report::compared::{judged, states};
use crate::report::effect::{Effect, effects, totals};
use crate::report::markup::{code, marker};
use crate::report::verdict::{Verdict, no_access_change};
use crate::report::{Document, Report};
use filler::Part;

/// Most bytes of a comment: GitHub takes 65,536 characters, and what posts it may add some.
const MOST_BYTES: usize = 60_000;
/// Kept free for the verdict and the last line.
const VERDICT: usize = 4_000;

/// One part, written with at most so many bytes.
type Writer<'r> = Box<dyn Fn(usize) -> Part + 'r>;

/// The report as Markdown. `id` tells several comments on one pull request apart.
pub fn render(report: &Report, id: Option<&str>) -> Document {
    let effects = effects(report);
    // Each with the bytes it may always have, in the order they are read.
    let writers: [(usize, Writer<'_>); 6] = [
        (12_000, Box::new(|bytes| problems::problems(report, bytes))),
        (18_000, Box::new(|bytes| holders::table(report, &effects, bytes))),
        (22_000, Box::new(|bytes| findings::findings(report, bytes))),
        (1_500, Box::new(|bytes| folded::waived(report, bytes))),
        (1_000, Box::new(|bytes| harmless::harmless(report, bytes))),
        (1_000, Box::new(|bytes| folded::notes(report, bytes))),
    ];
    let needs: Vec<usize> = writers.iter().map(|(_, write)| write(MOST_BYTES).text.len()).collect();
    let mut left = MOST_BYTES - VERDICT;
    let (mut body, mut cuts) = (String::new(), Vec::new());
    for (at, (least, write)) in writers.iter().enumerate() {
        let later = writers[at + 1..].iter().zip(&needs[at + 1..]);
        let later: usize = later.map(|((least, _), need)| *need.min(least)).sum();
        let part = write(left.saturating_sub(later).max(*least).min(left));
        left = left.saturating_sub(part.text.len());
        body.push_str(&part.text);
        cuts.extend(part.cut);
    }
    let head = format!("{}\n{}", marker("permdelta", id), verdict(report, &effects, &cuts));
    let cut = format!("Markdown lists {}: a comment takes no more; --format json has all", cuts.join(", "));
    Document { text: format!("{head}{body}{}", last_line(report)), cut: (!cuts.is_empty()).then_some(cut) }
}

/// `❌ permdelta: FAIL`
pub(super) fn title(report: &Report) -> String {
    let what = if report.command == "audit" { "permdelta audit" } else { "permdelta" };
    match Verdict::of(report) {
        // What nothing could fail has not passed anything.
        Some(Verdict { word: "PASS", .. }) if report.fail_on.is_none() && report.summary.findings.total() > 0 => {
            what.to_owned()
        }
        Some(Verdict { word: "PASS", .. }) => format!("✅ {what}: PASS"),
        Some(Verdict { word, .. }) => format!("❌ {what}: {word}"),
        None if report.access_differs() => format!("{what}: access differs"),
        None => what.to_owned(),
    }
}

/// What the run says as a whole: the word for it, which states were compared, and which policy counted.
fn verdict(report: &Report, effects: &[Effect<'_>], cuts: &[String]) -> String {
    let mut text = format!("## {}\n\n", title(report));
    if let Some(verdict) = Verdict::of(report) {
        text.push_str(&format!("**{}.**<br>", capital(&verdict.sentence())));
    }
    if let Some(change) = no_access_change(report).or_else(|| totals(effects)) {
        text.push_str(&format!("**{}.**<br>", capital(&change)));
    }
    let judged = judged(report, code).map(|judged| format!(" {judged}.")).unwrap_or_default();
    text.push_str(&format!("{}.{judged}\n\n", states(report, code)));
    if !cuts.is_empty() {
        text.push_str(&format!("**Cut to fit a comment**: it lists {}. ", cuts.join(", ")));
        text.push_str(&format!("`permdelta {} --format json` has all.\n\n", report.command));
    }
    text
}

/// With a capital letter first.
pub(super) fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn last_line(report: &Report) -> String {
    let explain = match report.findings.is_empty() {
        true => "",
        false => " · <code>permdelta explain FINGERPRINT</code> shows how a finding comes to be, line by line",
    };
    format!("<sub>permdelta {}{explain}</sub>\n", report.tool.version)
}

/// The colour of a severity, beside its word.
pub(super) fn dot(severity: Severity) -> char {
    match severity {
        Severity::Critical => '🔴',
        Severity::High => '🟠',
        Severity::Medium => '🟡',
        Severity::Low => '🔵',
        Severity::Note => '⚪',
    }
}
