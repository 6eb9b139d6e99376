//! Excluded files are not judged, and count where a group that is judged names them.

use crate::gate::{Files, file, history, of_rule};
use crate::ranges::{path, set};
use crate::support::{Report, directory, text};

const POLICY: (&str, &str) = ("permdelta.toml", "[paths]\nexclude = [\"archive/**\"]\n");
const ARCHIVED: &str = "archive/permissionsets/Old.permissionset-meta.xml";
const MUTING: &str = "archive/mutingpermissionsets/Quiet.mutingpermissionset-meta.xml";
const GROUP: &str = "force-app/main/default/permissionsetgroups/Desk.permissionsetgroup-meta.xml";

fn group(members: &[&str], mutings: &[&str]) -> (String, Vec<u8>) {
    let list = |element: &str, names: &[&str]| -> String {
        names.iter().map(|name| format!("<{element}>{name}</{element}>\n")).collect()
    };
    let members = list("mutingPermissionSets", mutings) + &list("permissionSets", members);
    file(GROUP, format!("<PermissionSetGroup>\n<label>Desk</label>\n{members}</PermissionSetGroup>\n"))
}

fn muting(permission: Option<&str>) -> (String, Vec<u8>) {
    let text = String::from_utf8(set(permission.unwrap_or("RunReports"))).expect("text");
    file(
        MUTING,
        text.replace("PermissionSet>", "MutingPermissionSet>").replace("<PermissionSet ", "<MutingPermissionSet "),
    )
}

fn check(base: &[(String, Vec<u8>)], head: &[(String, Vec<u8>)]) -> Report {
    let with = |files: &[(String, Vec<u8>)]| -> Files { [files, &[file(POLICY.0, POLICY.1)]].concat() };
    Report::of(history(&with(base), &with(base), &with(head)).path(), &["check", "main...topic"])
}

#[test]
fn a_group_gets_what_an_excluded_member_holds() {
    let sets = [file(&path("A"), set("RunReports")), file(ARCHIVED, set("ModifyAllData"))];
    let with = |members: &[&str]| [&sets[..], &[group(members, &[])]].concat();
    let report = check(&with(&["A"]), &with(&["A", "Old"]));
    let found = of_rule(&report, "privileged-access-always-on");
    assert_eq!((report.status, found.len()), (1, 1), "{}", report.json["findings"]);
    assert_eq!(text(&found[0]["subject"], "name"), "Desk");
    assert_eq!(text(found[0], "path"), ARCHIVED);
    assert!(of_rule(&report, "unknown-access-added").is_empty() && of_rule(&report, "group-member-missing").is_empty());
    // The set itself is not judged.
    let report = check(&sets[..1], &sets);
    assert_eq!(of_rule(&report, "excluded-path-entered").len(), 1, "one that is new is");
    let weaker = [sets[0].clone(), file(ARCHIVED, set("RunReports"))];
    let report = check(&weaker, &sets);
    assert_eq!((report.status, report.holders().len()), (0, 0), "{}", report.json["findings"]);
}

#[test]
fn a_group_gets_what_an_excluded_muting_set_no_longer_mutes() {
    let with = |muting| vec![file(&path("A"), set("ModifyAllData")), group(&["A"], &["Quiet"]), muting];
    let report = check(&with(muting(Some("ModifyAllData"))), &with(muting(None)));
    assert_eq!((report.status, of_rule(&report, "muting-removed").len()), (1, 1), "{}", report.json["findings"]);
    let report = check(&with(muting(None)), &with(muting(Some("ModifyAllData"))));
    assert_eq!((report.status, of_rule(&report, "muting-removed").len()), (0, 0), "{}", report.json["findings"]);
}

#[test]
fn an_audit_counts_them_likewise() {
    let files = [file(ARCHIVED, set("ModifyAllData")), group(&["Old"], &[]), file(POLICY.0, POLICY.1)];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let report = Report::of(directory(&files).path(), &["audit", "."]);
    let found = of_rule(&report, "privileged-access-always-on");
    assert_eq!(found.iter().map(|one| text(&one["subject"], "name")).collect::<Vec<_>>(), ["Desk"]);
}
