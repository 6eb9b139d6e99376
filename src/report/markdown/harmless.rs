//! What differs without effect on access: texts, layout, and grants that were held before in another way.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::markdown::filler::Part;
use crate::report::markdown::folded::folded;
use crate::report::markdown::grants;
use crate::report::markup::{code, code_in_cell};
use crate::report::terminal::kind_words;
use crate::report::{Effective, GrantLine, Holder, Property, Report};
use crate::text::{clip, count, excerpt};

/// Longest text that is quoted, in characters.
const LONGEST_TEXT: usize = 200;

/// A row a holder, and one for the files that differ in layout only.
pub(super) fn harmless(report: &Report, allowance: usize) -> Part {
    let mut rows: Vec<(usize, String)> = Vec::new();
    for holder in report.shown_holders() {
        let lines = lines(holder);
        if !lines.is_empty() {
            let name = format!("{}<br>{}", code_in_cell(&clip(&holder.name)), kind_words(holder.kind));
            rows.push((1, format!("| {name} | {} |\n", lines.join("<br>"))));
        }
    }
    let layout = in_layout_only(report);
    if layout > 0 {
        rows.push((layout, format!("| {} | order, layout or comments only |\n", count(layout, "other holder"))));
    }
    let number: usize = rows.iter().map(|(number, _)| number).sum();
    let title = format!("Also different, without a gain or loss of its own: {}", count(number, "holder"));
    folded(&title, "| Holder | What differs |\n|---|---|\n", &rows, "other holder", allowance)
}

/// Holders whose files differ and that have no row: nothing that means anything differs. Of what could not be read,
/// nobody knows.
fn in_layout_only(report: &Report) -> usize {
    if report.command == "audit" || !report.complete {
        return 0;
    }
    let own = report.holders.iter().filter(|holder| holder.status != "affected");
    let with_a_row: BTreeSet<(&str, String)> = own.map(|holder| (holder.kind, holder.name.to_lowercase())).collect();
    report.compared.saturating_sub(with_a_row.len())
}

/// What of a holder has no effect.
fn lines(holder: &Holder) -> Vec<String> {
    let mut lines = Vec::new();
    if !matches!(holder.status, "added" | "renamed" | "removed") {
        lines.extend(holder.properties.iter().filter_map(text));
    }
    if let Some(effective) = &holder.effective {
        held_before(effective, &mut lines);
        shown_only(effective, &mut lines);
        if let Some(declared) = &holder.declared {
            let lost = [&declared.lost, &declared.undeclared, &declared.revoked].map(Vec::as_slice).concat();
            told("no longer written, and held all the same", &still_held(&lost, effective), &mut lines);
        }
        let unknown = effective.unknown.iter().filter(|unknown| unknown.state != "new").count();
        if unknown > 0 {
            lines.push(format!("{} not among the files, as before", count(unknown, "member")));
        }
    }
    if let Some(declared) = &holder.declared {
        told("no longer denied by the file", &keys(&declared.unpinned), &mut lines);
    }
    if let Some(muting) = &holder.muting {
        told("no longer muted, for whom see above", &keys(&muting.removed), &mut lines);
        told("muted now, for whom see above", &keys(&muting.added), &mut lines);
    }
    lines
}

/// A label or description that differs.
fn text(property: &Property) -> Option<String> {
    if !matches!(property.name.as_str(), "label" | "description") {
        return None;
    }
    let words = property.before.as_deref().zip(property.after.as_deref());
    let change = match words.and_then(|(before, after)| excerpt(before, after)) {
        Some(excerpt) => quoted(&excerpt),
        None => {
            let value = |value: &Option<String>| value.as_deref().map_or("none".to_owned(), quoted);
            format!("{} → {}", value(&property.before), value(&property.after))
        }
    };
    Some(format!("{}: {change}", property.name))
}

fn quoted(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => code(&format!("{}…", &text[..end])),
        None => code(text),
    }
}

fn held_before(effective: &Effective, lines: &mut Vec<String>) {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for gained in effective.gained.iter().filter(|gained| gained.is_access && gained.class == "implied") {
        let reason = match gained.is_gain {
            true => "implied: a grant held before requires it",
            false => "implied: a broader grant held before gives it",
        };
        by_reason.entry(reason).or_default().push(&gained.grant);
    }
    for (reason, keys) in by_reason {
        told(reason, &keys, lines);
    }
    let moved: Vec<&str> = effective.moved.iter().map(|moved| moved.grant.as_str()).collect();
    told("held before, another way", &moved, lines);
}

/// Tabs, apps and record types: what is shown, not what may be done.
fn shown_only(effective: &Effective, lines: &mut Vec<String>) {
    let gained = effective.gained.iter().filter(|gained| !gained.is_access && gained.is_gain);
    let lost = effective.lost.iter().filter(|lost| !lost.is_access && lost.class != "gate-added");
    told("shown now", &gained.map(|gained| gained.grant.as_str()).collect::<Vec<_>>(), lines);
    told("no longer shown", &lost.map(|lost| lost.grant.as_str()).collect::<Vec<_>>(), lines);
}

/// Of these, what is neither lost nor listed as moved.
fn still_held<'r>(lost: &'r [GrantLine], effective: &Effective) -> Vec<&'r str> {
    let gone = effective.lost.iter().map(|lost| &lost.grant).chain(effective.moved.iter().map(|moved| &moved.grant));
    let gone: BTreeSet<String> = gone.map(|key| key.to_lowercase()).collect();
    lost.iter().map(|line| line.grant.as_str()).filter(|key| !gone.contains(&key.to_lowercase())).collect()
}

fn keys(lines: &[GrantLine]) -> Vec<&str> {
    lines.iter().map(|line| line.grant.as_str()).collect()
}

fn told(what: &str, keys: &[&str], lines: &mut Vec<String>) {
    if !keys.is_empty() {
        lines.push(format!("{what}: {}", grants::lines(keys).join("; ")));
    }
}
