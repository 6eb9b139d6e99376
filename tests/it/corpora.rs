//! Real repositories: for every permission set the program reports exactly the grants of the slow reading, on lines that hold them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::slow_reading::{self, Grants};
use crate::support::{Report, corpora, files_below, fold, permission_set_name, temp, text};

const FOLDERS: [&str; 9] = [
    "NPSP",
    "apex-recipes",
    "coral-cloud",
    "crm-nks-base",
    "declarative-lookup-rollup-summaries",
    "easy-spaces-lwc",
    "ebikes-lwc",
    "decomposed/decomposePermissionSetBeta/mdapi",
    "decomposed/decomposePermissionSetBeta2/mdapi",
];

/// What may hold access besides monolithic permission sets.
const OTHER_HOLDERS: [&str; 6] = [
    ".profile",
    ".profile-meta.xml",
    ".permissionsetgroup",
    ".permissionsetgroup-meta.xml",
    ".mutingpermissionset",
    ".mutingpermissionset-meta.xml",
];

#[test]
fn every_permission_set_has_the_grants_of_the_slow_reading() {
    let Some(corpora) = corpora("corpora") else { return };
    let mut permission_sets = 0;
    let mut grants = 0;
    for folder in FOLDERS {
        let (files, keys) = compare(&corpora.join(folder));
        permission_sets += files;
        grants += keys;
    }
    println!("{permission_sets} permission sets with {grants} grants agree");
    assert!(permission_sets >= 60 && grants >= 5000, "the corpora are not what they were");
}

/// Compares one folder; says how many permission sets and grants it saw.
fn compare(folder: &Path) -> (usize, usize) {
    let empty = temp();
    let report = Report::of_diff(empty.path(), folder);
    let expected: BTreeMap<String, Grants> = files_below(folder)
        .into_iter()
        .filter(|path| permission_set_name(path).is_some())
        .map(|path| {
            let file = fs::read(folder.join(&path)).expect("a readable file");
            let grants = slow_reading::read(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
            (path, grants)
        })
        .collect();

    assert_only_other_holders_are_unread(&report, folder);
    assert_every_file_is_an_added_holder(&report, &expected, folder);

    let mut reported: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in report.rows("gained") {
        let at = format!("{}: {}:{} {}", folder.display(), row.path, row.line, row.grant);
        let file = expected.get(&row.path).unwrap_or_else(|| panic!("{at}: no such permission set"));
        assert_eq!(permission_set_name(&row.path).as_ref(), Some(&row.name), "{at}");
        let blocks = file.get(&row.grant).unwrap_or_else(|| panic!("{at}: not a grant, or spelt otherwise"));
        assert!(
            blocks.iter().any(|(first, last)| (*first..=*last).contains(&row.line)),
            "{at}: not in a block that holds it: {blocks:?}"
        );
        assert!(reported.entry(row.path).or_default().insert(fold(&row.grant)), "{at}: twice");
    }
    for (path, file) in &expected {
        let keys: BTreeSet<String> = file.keys().map(|key| fold(key)).collect();
        assert_eq!(reported.remove(path).unwrap_or_default(), keys, "{}: {path}", folder.display());
    }
    for list in ["lost", "undeclared", "revoked", "unpinned"] {
        assert_eq!(report.rows(list), [], "{}: {list}", folder.display());
    }
    (expected.len(), expected.values().map(Grants::len).sum())
}

fn assert_only_other_holders_are_unread(report: &Report, folder: &Path) {
    let problems = report.problems();
    for problem in &problems {
        assert!(OTHER_HOLDERS.iter().any(|suffix| problem.path.ends_with(suffix)), "{}: {problem:?}", folder.display());
    }
    assert_eq!(report.complete(), problems.is_empty(), "{}", folder.display());
    let status = if problems.is_empty() { 0 } else { 2 };
    assert_eq!(report.status, status, "{}", folder.display());
}

/// A file without any grant is a new holder all the same.
fn assert_every_file_is_an_added_holder(report: &Report, expected: &BTreeMap<String, Grants>, folder: &Path) {
    let mut paths = BTreeSet::new();
    for holder in report.permission_sets() {
        let path = text(holder, "path");
        assert_eq!(holder["status"], "added", "{}: {path}", folder.display());
        assert_eq!(permission_set_name(&path), Some(text(holder, "name")), "{}: {path}", folder.display());
        paths.insert(path);
    }
    let files: BTreeSet<String> = expected.keys().cloned().collect();
    assert_eq!(paths, files, "{}", folder.display());
}

/// Root element and file suffixes of the kinds that state access besides permission sets.
const STATING: [(&str, &str); 2] = [("Profile", ".profile"), ("MutingPermissionSet", ".mutingpermissionset")];

#[test]
fn every_profile_and_muting_set_states_what_the_slow_reading_finds() {
    let Some(corpora) = corpora("profiles and muting sets") else { return };
    let empty = temp();
    let (mut files, mut grants) = (0, 0);
    for folder in FOLDERS.map(|folder| corpora.join(folder)) {
        let report = Report::of_diff(empty.path(), &folder);
        for path in files_below(&folder) {
            let stem = path.strip_suffix("-meta.xml").unwrap_or(&path);
            let Some((root, _)) = STATING.iter().find(|(_, suffix)| stem.ends_with(suffix)) else { continue };
            let file = fs::read(folder.join(&path)).expect("a readable file");
            let expected = slow_reading::read_as(root, &file).unwrap_or_else(|error| panic!("{path}: {error}"));
            let row = report.holders().iter().find(|holder| holder["path"] == *path).expect("every file is a row");
            let list = if *root == "Profile" { &row["declared"]["gained"] } else { &row["muting"]["added"] };
            let found: BTreeSet<String> =
                list.as_array().expect("a list").iter().map(|grant| fold(&text(grant, "grant"))).collect();
            let expected: BTreeSet<String> = expected.keys().map(|key| fold(key)).collect();
            assert_eq!(found, expected, "{}: {path}", folder.display());
            files += 1;
            grants += found.len();
        }
    }
    println!("{files} profiles and muting sets with {grants} grants agree");
    assert!(files >= 10, "the corpora are not what they were");
}
