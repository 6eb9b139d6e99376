//! `who` and the effective delta are two ways to the same answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::{Report, directory, text};
use crate::who::{asked, org, paths};

/// What users of a new org gain is what `who` says they have: the same holders, gates and paths.
#[test]
fn who_agrees_with_the_effective_delta() {
    let (org, empty) = (org(), directory(&[]));
    let delta = Report::of_diff(empty.path(), org.path());
    let mut gained: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for holder in delta.holders().iter().filter(|holder| holder["effective"].is_object()) {
        for gain in holder["effective"]["gained"].as_array().expect("gained") {
            let row = format!("{} {}", text(holder, "name"), text(gain, "gate"));
            let ways = paths(gain);
            let rows = ways.split(" | ").map(|way| format!("{row} {way}"));
            gained.entry(text(gain, "grant").to_lowercase()).or_default().extend(rows);
        }
    }
    assert!(gained.len() > 9, "{gained:?}");
    let broad: Vec<String> = gained.keys().filter(|grant| grant.contains('*')).cloned().collect();
    for (grant, expected) in &gained {
        if broad.contains(grant) {
            continue;
        }
        let spelled = spelled(&delta, grant);
        let report = asked(org.path(), &spelled);
        let rows = report.json["matches"].as_array().expect("matches").iter();
        let found: BTreeSet<String> = rows
            .filter(|row| gained_by(&delta, &text(row, "name"), grant))
            .flat_map(|row| {
                let who = format!("{} {}", text(row, "name"), text(row, "gate"));
                paths(row).split(" | ").map(|way| format!("{who} {way}")).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(&found, expected, "{grant}");
        // Whoever else is named has it by a grant on every object.
        for row in report.json["matches"].as_array().expect("matches") {
            let named = gained_by(&delta, &text(row, "name"), grant);
            assert!(named || text(row, "through").starts_with("userPermissions/"), "{grant}: {row}");
        }
    }
}

fn gained(holder: &Value) -> impl Iterator<Item = String> + '_ {
    holder["effective"]["gained"].as_array().into_iter().flatten().map(|gain| text(gain, "grant"))
}

/// A grant as some holder of the delta spells it.
fn spelled(delta: &Report, folded: &str) -> String {
    delta.holders().iter().flat_map(gained).find(|grant| grant.to_lowercase() == folded).expect("a grant")
}

/// Whether the delta names the grant for a holder, and not just one on every object.
fn gained_by(delta: &Report, name: &str, folded: &str) -> bool {
    delta
        .holders()
        .iter()
        .filter(|holder| holder["name"] == name)
        .flat_map(gained)
        .any(|grant| grant.to_lowercase() == folded)
}
