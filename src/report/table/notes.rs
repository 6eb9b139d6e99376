//! Notes: one line a rule.

use std::collections::{BTreeMap, BTreeSet};

use super::{BOLD, Layout, colour, line, painted};
use crate::policy::Severity;
use crate::report::Finding;
use crate::report::terminal::wrap;
use crate::text::count;

/// Cells in front of the counts.
fn severity_and_rule(rule: &str) -> usize {
    "note".len() + 2 + rule.len() + 2
}

/// Counts what each rule notes: `note  duplicate-entries  12 in 3 holders; -v shows them`.
pub(super) fn folded(notes: &[&Finding], layout: Layout, text: &mut String) {
    let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in notes {
        by_rule.entry(&finding.rule).or_default().push(finding);
    }
    for (rule, findings) in &by_rule {
        let severity = painted(colour(Severity::Note), Severity::Note.as_str());
        let number: usize = findings.iter().map(|finding| finding.count).sum();
        let subjects: BTreeSet<(&str, &str)> =
            findings.iter().map(|finding| (finding.subject.kind, finding.subject.name.as_str())).collect();
        let noun = if subjects.iter().all(|(kind, _)| *kind == "project") { "file" } else { "holder" };
        let what = format!("{number} in {}; -v shows them", count(subjects.len(), noun));
        let used = severity_and_rule(rule) + what.len();
        let fits = layout.width.is_none_or(|width| used <= usize::from(width));
        let what = if fits { what } else { format!("\n  {}", wrap(&what, layout.width.map(usize::from), 2)) };
        let space = if fits { "  " } else { "" };
        line(text, &format!("{severity}  {}{space}{what}", painted(BOLD, rule)));
    }
    if !by_rule.is_empty() {
        text.push('\n');
    }
}
