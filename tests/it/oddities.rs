//! Odd but right: dress that real files wear, and that neither adds nor hides a grant, on the lines an editor shows.

use std::collections::BTreeSet;

use crate::odd_files::{Odd, odd_documents, odd_entries, odd_repetitions, odd_values};
use crate::slow_reading;
use crate::support::{FOLDER, Report, directory, fold, temp};

/// Everything that is not as it should be about one odd file.
fn complaints(odd: &Odd) -> Vec<String> {
    let empty = temp();
    let path = format!("{FOLDER}/Odd.permissionset-meta.xml");
    let dir = directory(&[(&path, &odd.bytes)]);
    let report = Report::of_diff(empty.path(), dir.path());
    let mut complaints = Vec::new();
    let mut expect = |right: bool, complaint: String| {
        if !right {
            complaints.push(format!("{}: {complaint}", odd.what));
        }
    };
    expect(report.status == 0, format!("exit {}", report.status));
    expect(report.problems().is_empty() && report.complete(), format!("{:?}", report.problems()));
    expect(report.permission_sets().count() == 1, "not one holder".to_owned());
    let rows = report.rows("gained");
    let reported: BTreeSet<String> = rows.iter().map(|row| fold(&row.grant)).collect();
    let expected: BTreeSet<String> = odd.grants.iter().map(|(key, _)| fold(key)).collect();
    expect(reported == expected && rows.len() == expected.len(), format!("expected {expected:?}, got {rows:?}"));
    for row in &rows {
        let lines =
            odd.grants.iter().find(|(key, _)| fold(key) == fold(&row.grant)).map_or(&[][..], |(_, lines)| lines);
        expect(lines.contains(&row.line), format!("{} on line {}, not {lines:?}", row.grant, row.line));
    }
    complaints
}

fn assert_all_are_read(all: &[Odd]) {
    let complaints: Vec<String> = all.iter().flat_map(complaints).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn odd_documents_are_read() {
    assert_all_are_read(&odd_documents());
}

#[test]
fn odd_values_are_read() {
    assert_all_are_read(&odd_values());
}

#[test]
fn odd_entries_are_read() {
    assert_all_are_read(&odd_entries());
}

#[test]
fn repeated_entries_are_united() {
    assert_all_are_read(&odd_repetitions());
}

#[test]
fn the_slow_reading_agrees() {
    for odd in [odd_documents(), odd_values(), odd_entries(), odd_repetitions()].into_iter().flatten() {
        let grants = slow_reading::read(&odd.bytes).unwrap_or_else(|error| panic!("{}: {error}", odd.what));
        let read: BTreeSet<String> = grants.keys().map(|key| fold(key)).collect();
        let expected: BTreeSet<String> = odd.grants.iter().map(|(key, _)| fold(key)).collect();
        assert_eq!(read, expected, "{}", odd.what);
    }
}
