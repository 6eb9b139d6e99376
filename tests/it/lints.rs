//! Lints from the outside: quiet by default, listed in full for programs, new ones only in a check; and the files around the holders.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{Report, arg, commit, directory, permdelta, repository, temp, text};

const SET: &str = "force-app/main/default/permissionsets/Ops.permissionset-meta.xml";
const GROUP: &str = "force-app/main/default/permissionsetgroups/All.permissionsetgroup-meta.xml";
const PROJECT: &str = "sfdx-project.json";
const IGNORE: &str = ".forceignore";

const PLAIN: &str = "{ \"packageDirectories\": [{ \"path\": \"force-app\" }], \"sourceApiVersion\": \"60.0\" }\n";
const BROKEN: &str = "{\n  \"packageDirectories\": [], // ours\n}\n";

type Files<'a> = [(&'a str, String)];

fn set(inside: &str) -> String {
    format!("<PermissionSet>\n{inside}</PermissionSet>\n")
}

fn group(members: &[&str]) -> String {
    let members: String = members.iter().map(|name| format!("<permissionSets>{name}</permissionSets>\n")).collect();
    format!("<PermissionSetGroup>\n<label>All</label>\n{members}</PermissionSetGroup>\n")
}

fn class(name: &str) -> String {
    format!("<classAccesses>\n<apexClass>{name}</apexClass>\n<enabled>true</enabled>\n</classAccesses>\n")
}

fn flow(name: &str) -> String {
    format!("<flowAccesses>\n<enabled>true</enabled>\n<flow>{name}</flow>\n</flowAccesses>\n")
}

fn object(rights: &[&str]) -> String {
    let rights: String = rights.iter().map(|right| format!("<{right}>true</{right}>\n")).collect();
    format!("<objectPermissions>\n{rights}<object>Account</object>\n</objectPermissions>\n")
}

fn written(files: &Files<'_>) -> tempfile::TempDir {
    directory(&files.iter().map(|(path, text)| (*path, text.as_bytes())).collect::<Vec<_>>())
}

fn audit(files: &Files<'_>) -> Report {
    let dir = written(files);
    Report::of(dir.path(), &["audit", arg(dir.path())])
}

fn check(before: &Files<'_>, after: &Files<'_>) -> Report {
    let (before, after) = (written(before), written(after));
    Report::of(after.path(), &["check", "--from", arg(before.path()), "--to", arg(after.path())])
}

/// A check of two commits, where what is the same on both sides is one blob.
fn check_commits(before: &Files<'_>, after: &Files<'_>) -> Report {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let bytes =
        |files: &Files<'_>| files.iter().map(|(path, text)| (path.to_string(), text.clone())).collect::<Vec<_>>();
    let ids = [bytes(before), bytes(after)].map(|files| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
        commit(&repository, None, &files)
    });
    Report::of(dir.path(), &["check", &format!("{}..{}", ids[0], ids[1])])
}

fn read(report: &Report) -> u64 {
    report.json["summary"]["read"]["blobs"].as_u64().expect("a number")
}

fn findings(report: &Report) -> &[Value] {
    report.json["findings"].as_array().expect("findings")
}

fn rules(report: &Report) -> Vec<String> {
    findings(report).iter().map(|finding| text(finding, "rule")).collect()
}

#[test]
fn notes_are_folded_and_verbose_lists_them() {
    let twice = |name: &str| class(name) + &class(name);
    let files = [(SET, set(&(twice("A") + &twice("B")))), ("p/X.permissionset", set(&twice("A")))];
    let dir = written(&files);
    let run = permdelta(dir.path(), &["audit", "."]);
    assert_eq!(run.status, 0);
    assert!(run.stdout.contains("note  duplicate-entries  3 in 2 holders; -v shows them\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("classAccesses"), "{}", run.stdout);
    let run = permdelta(dir.path(), &["audit", ".", "-v"]);
    assert!(run.stdout.contains("states classAccesses/A and classAccesses/B more than once"), "{}", run.stdout);
    assert!(!run.stdout.contains("-v shows them"), "{}", run.stdout);
    let report = audit(&files);
    assert_eq!(rules(&report), ["duplicate-entries", "duplicate-entries"]);
    assert_eq!(report.json["summary"]["findings"]["note"], 2);
    // A note in a check is in no row of the table, either.
    let empty = temp();
    let run = permdelta(dir.path(), &["check", "--from", arg(empty.path()), "--to", "."]);
    assert!(!run.stdout.contains("classAccesses") && run.stdout.contains("note  duplicate-entries"), "{}", run.stdout);
    let sarif = permdelta(dir.path(), &["audit", ".", "--format", "sarif"]).stdout;
    let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(2));
}

#[test]
fn severity_decides_whether_a_lint_fails() {
    let dir = written(&[(SET, set(&object(&["allowDelete", "allowRead"])))]);
    for (least, status) in [("high", 0), ("medium", 0), ("low", 1), ("note", 1)] {
        assert_eq!(permdelta(dir.path(), &["audit", ".", "--fail-on", least]).status, status, "{least}");
    }
    let run = permdelta(dir.path(), &["audit", "."]);
    let platform = "Permission Delete Account depends on permission(s): Edit Account";
    assert!(run.stdout.contains("low  missing-required-right") && run.stdout.contains(platform), "{}", run.stdout);
}

#[test]
fn a_check_reports_what_is_new() {
    let before = object(&["allowDelete", "allowRead"]) + &class("A") + &class("A");
    let after = object(&["allowDelete", "allowRead"]) + &class("A") + &class("A") + &class("B") + &class("B");
    let report = check(&[(SET, set(&before))], &[(SET, set(&after))]);
    assert_eq!(rules(&report), ["duplicate-entries"]);
    assert_eq!(findings(&report)[0]["keys"], serde_json::json!(["classAccesses/B"]));
    assert_eq!(text(&findings(&report)[0], "state"), "new");
    let report = check(&[(SET, set(&after))], &[(SET, set(&before))]);
    assert_eq!(rules(&report), [""; 0]);
}

/// What two package directories and two entries say together is what is required.
#[test]
fn what_is_required_may_stand_in_another_file() {
    let [one, two] = ["one/Ops.permissionset-meta.xml", "two/Ops.permissionset-meta.xml"];
    let report = audit(&[(one, set(&object(&["allowCreate"]))), (two, set(&object(&["allowRead"])))]);
    assert_eq!(rules(&report), ["holder-in-several-files"]);
    let report = audit(&[(one, set(&object(&["allowCreate"]))), (two, "<PermissionSet>".to_owned())]);
    let several = vec!["holder-in-several-files".to_owned()];
    assert_eq!((rules(&report), report.status), (several, 2), "what a broken file states is not known");
}

#[test]
fn elements_have_their_name_for_a_subject() {
    let report = audit(&[(SET, set("<label>A</label>\n<custom>true</custom>\n<label>B</label>\n"))]);
    let lines: Vec<u64> = findings(&report).iter().filter_map(|finding| finding["line"].as_u64()).collect();
    assert_eq!((rules(&report), lines), (vec!["misplaced-element".to_owned(); 2], vec![3, 4]));
    for (finding, subject) in findings(&report).iter().zip(["custom", "label"]) {
        let text_of = format!("1\0misplaced-element\0permissionSet\0ops\0{subject}");
        let expected: String = Sha256::digest(text_of)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text(finding, "fingerprint"), expected);
        assert_eq!((&finding["grant"], &finding["keys"]), (&Value::Null, &serde_json::json!([])));
    }
}

/// Reading is as ever: what is odd grants what it granted.
#[test]
fn what_is_out_of_place_counts_all_the_same() {
    let tab = "<tabVisibilities><tab>standard-Account</tab><visibility>DefaultOn</visibility></tabVisibilities>\n";
    let empty = temp();
    let dir = written(&[(SET, set(&[class("A").as_str(), tab, &class("B")].concat()))]);
    let report = Report::of_diff(empty.path(), dir.path());
    let grants: Vec<String> = report.rows("gained").into_iter().map(|row| row.grant).collect();
    assert_eq!(grants, ["classAccesses/A", "classAccesses/B", "tabSettings/standard-Account/Visible"]);
    assert_eq!(report.status, 0);
}

#[test]
fn an_ordinary_change_reads_no_file_around_it() {
    let around = [(PROJECT, PLAIN.to_owned()), (IGNORE, "**/permissionsets/**\n".to_owned())];
    let with = |inside: &str| [&around[..], &[(SET, set(inside))]].concat();
    let report = check_commits(&with(&class("A")), &with(&(class("A") + &class("B"))));
    assert_eq!((read(&report), rules(&report)), (2, vec![]));
    // An element that is newer than source projects makes the API version matter; one that was there does not.
    let report = check_commits(&with(&class("A")), &with(&(class("A") + &flow("F"))));
    assert_eq!((read(&report), rules(&report)), (3, vec![]));
    let report = check_commits(&with(&flow("F")), &with(&(flow("F") + &flow("G"))));
    assert_eq!(read(&report), 2);
    let report = check_commits(&with(""), &with(&object(&["allowRead", "viewAllFields"])));
    assert!(rules(&report).contains(&"element-newer-than-api-version".to_owned()), "{:?}", rules(&report));
}

#[test]
fn groups_and_their_missing_members() {
    let named =
        |namespace: &str| (PROJECT, format!("{{ \"packageDirectories\": [], \"namespace\": \"{namespace}\" }}"));
    let members = (GROUP, group(&["acme__Ops", "force__Ops", "Nobody"]));
    let report = audit(&[(SET, set("")), members.clone(), named("acme")]);
    let messages: Vec<String> = findings(&report).iter().map(|finding| text(finding, "message")).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].ends_with("force__Ops, a permission set of the managed package force"), "{messages:?}");
    assert!(messages[1].ends_with("the permission set Nobody"), "{messages:?}");
    let report = audit(&[(SET, set("")), members.clone()]);
    assert_eq!(rules(&report).len(), 3, "without a namespace of its own, every one is another's");
    // A set that goes is missing in groups that nobody touched.
    let files = [(SET, set("")), (GROUP, group(&["Ops"]))];
    let report = check_commits(&files, &files[1..]);
    assert_eq!(rules(&report), ["group-member-missing", "unknown-access-added"]);
    assert_eq!((text(&findings(&report)[0], "path").as_str(), findings(&report)[0]["line"].as_u64()), (GROUP, Some(3)));
    let report = check_commits(&files[1..], &files[1..]);
    assert_eq!((rules(&report), read(&report)), (vec![], 0));
}

#[test]
fn forceignore_is_not_honoured_and_that_is_said() {
    let ignore = |lines: &str| (IGNORE, lines.to_owned());
    let risky = set(&object(&["allowRead", "allowEdit", "allowDelete", "viewAllRecords", "modifyAllRecords"]));
    let report = audit(&[(SET, risky), ignore("# ours\n*.permissionset-meta.xml\n")]);
    assert_eq!(rules(&report), ["modify-all-records", "view-all-records", "forceignore-names-permissions"]);
    let note = &findings(&report)[2];
    assert_eq!(note["subject"], serde_json::json!({ "kind": "project", "name": IGNORE }));
    assert_eq!((text(note, "path").as_str(), note["line"].as_u64()), (IGNORE, Some(2)));
    assert!(text(note, "message").contains(SET), "{note:#}");
    let plain = (SET, set(""));
    let report = check(std::slice::from_ref(&plain), &[plain.clone(), ignore("force-app/\n")]);
    assert_eq!((rules(&report), report.status), (vec!["forceignore-names-permissions".to_owned()], 0));
    let both = [plain.clone(), ignore("force-app/\n")];
    let report = check_commits(&both, &[(SET, set(&class("A"))), ignore("force-app/\n")]);
    assert_eq!((rules(&report), read(&report)), (vec![], 2), "an old line is not read again");
    let report = check(std::slice::from_ref(&plain), &[plain.clone(), ignore(&"a\n".repeat(100_000))]);
    assert_eq!((report.status, report.problems()[0].path.as_str()), (2, IGNORE), "what is too long is not passed over");
}

#[test]
fn replacements_in_permission_files_are_said() {
    let glob =
        "{ \"replacements\": [{ \"glob\": \"**/*.xml\", \"stringToReplace\": \"a\", \"replaceWithEnv\": \"B\" }] }";
    let files = |project: &str| [(SET, set("")), (PROJECT, project.to_owned())];
    let report = check_commits(&files("{}"), &files(glob));
    assert_eq!((rules(&report), report.status), (vec!["replacement-in-permissions".to_owned()], 1));
    assert_eq!(text(&findings(&report)[0], "path"), PROJECT);
    assert_eq!(rules(&check_commits(&files(glob), &files(&format!("{glob}\n")))), [""; 0]);
    assert_eq!(rules(&audit(&files(glob))), ["replacement-in-permissions"]);
}

/// A project file that cannot be read matters where it is read, and never costs a grant.
#[test]
fn a_broken_project_file_is_a_problem_where_it_is_needed() {
    let files = |project: &str, inside: &str| [(PROJECT, project.to_owned()), (SET, set(inside))];
    let report = audit(&files(BROKEN, &object(&["allowRead", "viewAllRecords"])));
    assert_eq!((report.status, rules(&report)), (2, vec!["view-all-records".to_owned()]));
    let problem = &report.problems()[0];
    assert_eq!((problem.path.as_str(), problem.line, problem.state.as_str()), (PROJECT, 2, "new"));
    assert!(problem.message.contains("project file") && problem.hint.contains("comments"), "{problem:?}");
    let cases = [
        ("nothing needs it", files(BROKEN, ""), files(BROKEN, &class("A")), 0, 0),
        ("it is needed, and was broken before", files(BROKEN, ""), files(BROKEN, &flow("F")), 0, 1),
        ("it breaks", files(PLAIN, ""), files(BROKEN, &class("A")), 2, 1),
        ("it is mended", files(BROKEN, ""), files(PLAIN, &class("A")), 0, 0),
    ];
    for (what, before, after, status, problems) in cases {
        let report = check_commits(&before, &after);
        assert_eq!((report.status, report.problems().len()), (status, problems), "{what}");
        assert_eq!(report.rows("gained").len(), 1, "{what}");
    }
    let marked = format!("\u{feff}{PLAIN}");
    assert!(audit(&files(&marked, "")).complete(), "a byte order mark is no harm");
}

/// A whole file beside the parts of the same set is a problem, and not said twice.
#[test]
fn files_and_parts_of_one_set_are_no_two_sets() {
    let whole = "a/permissionsets/Ops.permissionset-meta.xml";
    let parent = "a/permissionsets/Ops/Ops.permissionset-meta.xml";
    let part = "a/permissionsets/Ops/ViewSetup.userPermission-meta.xml";
    let entry = "<PermissionSet><userPermissions><enabled>true</enabled><name>ViewSetup</name></userPermissions></PermissionSet>";
    let parts = [(parent, set("")), (part, entry.to_owned())];
    let other = ("b/permissionsets/Ops.permissionset-meta.xml", set(""));
    assert_eq!((rules(&audit(&parts)), audit(&parts).status), (vec![], 0));
    let report = audit(&[&parts[..], &[(whole, set(""))]].concat());
    assert_eq!((rules(&report), report.status), (vec![], 2));
    assert_eq!(rules(&audit(&[(whole, set("")), other])), ["holder-in-several-files"]);
}
