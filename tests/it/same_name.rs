//! Several files of one name: declared access is per file, from a directory and from commits alike, and nothing is counted away.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::{Report, Row, commit, repository, temp, write};

/// A snapshot: the user permissions in each file of the set `Sales`.
type Snapshot = &'static [(&'static str, &'static [&'static str])];

const FIRST: &str = "one/permissionsets/Sales.permissionset-meta.xml";
const SECOND: &str = "two/permissionsets/Sales.permissionset-meta.xml";

const SNAPSHOTS: [Snapshot; 8] = [
    &[],
    &[(FIRST, &["ApiEnabled"])],
    &[(SECOND, &["ApiEnabled"])],
    &[(FIRST, &["ApiEnabled"]), (SECOND, &["ApiEnabled"])],
    &[(FIRST, &["ApiEnabled"]), (SECOND, &["ApiEnabled", "RunReports"])],
    &[(FIRST, &["ApiEnabled", "RunReports"]), (SECOND, &["ApiEnabled"])],
    &[(FIRST, &["RunReports"]), (SECOND, &["ApiEnabled", "RunReports"])],
    &[(SECOND, &["RunReports"])],
];

fn files(snapshot: Snapshot) -> Vec<(&'static str, Vec<u8>)> {
    let file = |names: &[&str]| {
        let entry = |name| format!("<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>\n");
        format!("<PermissionSet>\n{}</PermissionSet>\n", names.iter().map(entry).collect::<String>()).into_bytes()
    };
    snapshot.iter().map(|(path, names)| (*path, file(names))).collect()
}

/// How often the files of a snapshot hold each permission.
fn counted(snapshot: Snapshot) -> BTreeMap<String, i64> {
    let mut counted = BTreeMap::new();
    for name in snapshot.iter().flat_map(|(_, names)| *names) {
        *counted.entry(format!("userPermissions/{name}")).or_default() += 1;
    }
    counted
}

/// All declared rows of a comparison, with the list each stands in.
fn rows(report: &Report) -> Vec<(&'static str, Row)> {
    let lists = ["gained", "lost", "undeclared"];
    lists.into_iter().flat_map(|list| report.rows(list).into_iter().map(move |row| (list, row))).collect()
}

/// The permissions of `from` with the rows applied.
fn applied(from: Snapshot, rows: &[(&str, Row)]) -> BTreeMap<String, i64> {
    let mut counts = counted(from);
    for (list, row) in rows {
        *counts.entry(row.grant.clone()).or_default() += if *list == "gained" { 1 } else { -1 };
    }
    counts.retain(|_, count| *count != 0);
    counts
}

fn as_directory(snapshot: Snapshot, dir: &Path) {
    for (path, bytes) in files(snapshot) {
        write(dir, path, &bytes);
    }
}

#[test]
fn every_step_between_snapshots_adds_up_from_every_source() {
    let bare = temp();
    let repository = repository(bare.path(), true);
    let mut wrong = Vec::new();
    for (from, to) in SNAPSHOTS.iter().flat_map(|from| SNAPSHOTS.iter().map(move |to| (*from, *to))) {
        let dirs = [temp(), temp()];
        as_directory(from, dirs[0].path());
        as_directory(to, dirs[1].path());
        let by_directory = rows(&Report::of_diff(dirs[0].path(), dirs[1].path()));
        let ids = [from, to].map(|snapshot| {
            let files = files(snapshot);
            let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
            commit(&repository, None, &files)
        });
        let by_commit = rows(&Report::of(bare.path(), &["diff", &format!("{}..{}", ids[0], ids[1])]));
        for (source, rows) in [("directories", by_directory), ("commits", by_commit)] {
            if applied(from, &rows) != counted(to) {
                wrong.push(format!("{source}: {from:?} to {to:?}: {rows:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} steps:\n{}", wrong.len(), wrong.join("\n"));
}

/// What no deployment takes is not what users had: a fixture hides no gain. Nor is it one, as long as it stays as it is.
#[test]
fn a_file_outside_of_the_packages_hides_no_gain() {
    let found = |packages: &str, base: Snapshot, head: Snapshot| {
        let dir = temp();
        let project = format!("{{\"packageDirectories\": [{packages}]}}");
        for (side, snapshot) in [("base", base), ("head", head)] {
            as_directory(snapshot, &dir.path().join(side));
            write(&dir.path().join(side), "sfdx-project.json", project.as_bytes());
        }
        let report = Report::of(dir.path(), &["check", "--from", "base", "--to", "head"]);
        let rules = report.json["findings"].as_array().expect("findings").iter().map(|one| one["rule"].clone());
        (report.status, rules.filter(|rule| rule == "privileged-access-always-on").count())
    };
    let (one, both) = (r#"{"path": "one"}"#, r#"{"path": "one"}, {"path": "two"}"#);
    let fixture: (&str, &[&str]) = (SECOND, &["ModifyAllData"]);
    let before: Snapshot = &[(FIRST, &["RunReports"]), (SECOND, &["ModifyAllData"])];
    let gain: Snapshot = &[(FIRST, &["ModifyAllData", "RunReports"]), (SECOND, &["ModifyAllData"])];
    let other: Snapshot = &[(FIRST, &["RunReports", "ViewSetup"]), (SECOND, &["ModifyAllData"])];
    assert_eq!(before[1], fixture);
    assert_eq!(found(one, before, gain), (1, 1));
    assert_eq!(found(both, before, gain), (0, 0), "the other package gave it");
    assert_eq!(found(one, before, other), (0, 0), "the fixture is what it was");
    let plain: Snapshot = &[(FIRST, &["RunReports"]), (SECOND, &["RunReports"])];
    assert_eq!(found(one, plain, before), (1, 1), "who changes it may deploy it");
}
