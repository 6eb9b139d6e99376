//! What need not be read before a merge: waived findings, notes, and what differs without effect on access.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::Severity;
use crate::report::markdown::filler::{Filler, Part};
use crate::report::markdown::findings::details;
use crate::report::markup::{code, place, plain};
use crate::report::table::accepted;
use crate::report::{Finding, Report};
use crate::text::{clip, clip_middle, count};

/// Places of one rule's notes, and grants of one waived finding, before it says how many more there are.
const PLACES: usize = 3;

/// Findings that a waiver covers, worst first.
pub(super) fn waived(report: &Report, allowance: usize) -> Part {
    let rows: Vec<_> = report.waived().into_iter().map(|finding| (1, waived_row(finding))).collect();
    let number = report.summary.waived;
    folded(&format!("✔️ {}", count(number, "waived finding")), "", &rows, "waived finding", allowance)
}

fn waived_row(finding: &Finding) -> String {
    let Some(waiver) = &finding.waiver else { return String::new() };
    format!(
        "- <strong>waived</strong> {} {} {}{}: {}<br>{} · `{}` · waiver {}\n",
        finding.severity.as_str(),
        code(&finding.rule),
        code(&clip(&finding.subject.name)),
        grants(&finding.keys),
        plain(&accepted(waiver, false)),
        place(&finding.path, Some(finding.line)),
        finding.fingerprint,
        place(&waiver.path, Some(waiver.line)),
    )
}

/// What is accepted, where it is grants.
fn grants(keys: &[String]) -> String {
    let mut named: Vec<String> = keys.iter().take(PLACES).map(|key| code(&clip_middle(key))).collect();
    if keys.len() > PLACES {
        named.push(format!("and {} more", keys.len() - PLACES));
    }
    if named.is_empty() { String::new() } else { format!(" {}", named.join(", ")) }
}

/// Notes, a row a rule.
pub(super) fn notes(report: &Report, allowance: usize) -> Part {
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in report.worst_first().into_iter().filter(|finding| finding.severity == Severity::Note) {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    let number: usize = by_rule.values().map(Vec::len).sum();
    let mut rows: Vec<(usize, String)> =
        by_rule.iter().map(|(rule, findings)| (findings.len(), notes_row(report, rule, findings))).collect();
    rows.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    let head = "| Rule | Notes | Where |\n|---|---|---|\n";
    let title = format!("⚪ {} of {}", count(number, "note"), count(by_rule.len(), "rule"));
    folded(&title, head, &rows, "note", allowance)
}

fn notes_row(report: &Report, rule: &str, findings: &[&Finding]) -> String {
    let title = report.rules.iter().find(|known| known.id == rule).map(|rule| plain(&rule.title)).unwrap_or_default();
    let subjects: BTreeSet<(&str, &str)> =
        findings.iter().map(|finding| (finding.subject.kind, finding.subject.name.as_str())).collect();
    let mut places: Vec<String> =
        findings.iter().take(PLACES).map(|finding| place(&finding.path, Some(finding.line))).collect();
    if findings.len() > PLACES {
        places.push(format!("and {} more", findings.len() - PLACES));
    }
    let number = findings.len();
    let on = if subjects.len() == number { String::new() } else { format!(" on {}", subjects.len()) };
    format!("| {}<br>{title} | {number}{on} | {} |\n", code(rule), places.join("<br>"))
}

/// Rows below one line, each with the number of things it stands for.
pub(super) fn folded(title: &str, head: &str, rows: &[(usize, String)], noun: &str, allowance: usize) -> Part {
    if rows.is_empty() {
        return Part::default();
    }
    let all: usize = rows.iter().map(|(number, _)| number).sum();
    let frame = details(title, "").len();
    let mut filler = Filler::new(head, allowance, frame);
    let told: usize = rows.iter().take_while(|(_, row)| filler.take(row)).map(|(number, _)| number).sum();
    let left_out = (told < all).then(|| format!("{} not listed", count(all - told, &format!("more {noun}"))));
    let cut = left_out.is_some().then(|| format!("{told} of {}", count(all, noun)));
    Part { text: details(title, &filler.end(left_out)), cut }
}
