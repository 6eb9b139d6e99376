//! JSON, the contract with other programs: every key of DESIGN section 7 is there in every report, from closed vocabularies, in a fixed order.

use serde_json::{Map, Value};

use crate::support::{FOLDER, Report, arg, directory, temp, text};

/// The contract, written by hand from the design: an object's keys, and what each holds.
enum Shape {
    Text,
    Number,
    Boolean,
    /// Not settled yet.
    Anything,
    OneOf(&'static [&'static str]),
    Nullable(&'static Shape),
    List(&'static Shape),
    Object(&'static [(&'static str, Shape)]),
}

use Shape::{Anything, Boolean, List, Nullable, Number, Object, OneOf, Text};

const HOLDER_KINDS: Shape = OneOf(&["permissionSet", "mutingPermissionSet", "permissionSetGroup", "profile"]);
const SUBJECT_KINDS: Shape = OneOf(&[
    "permissionSet",
    "mutingPermissionSet",
    "permissionSetGroup",
    "profile",
    "flow",
    "customPermission",
    "policy",
    "project",
]);
const SEVERITIES: Shape = OneOf(&["critical", "high", "medium", "low", "note"]);
const SOURCE: Shape = Object(&[
    ("kind", OneOf(&["revision", "index", "worktree", "directory", "archive"])),
    ("name", Text),
    ("id", Nullable(&Text)),
]);
const PROBLEM: Shape = Object(&[
    ("side", OneOf(&["base", "head"])),
    ("path", Text),
    ("line", Nullable(&Number)),
    ("message", Text),
    ("hint", Text),
    ("state", OneOf(&["new", "unchanged"])),
]);
const GRANT_LINES: Shape = List(&Object(&[("grant", Text), ("path", Text), ("line", Number)]));
const STEP: Shape = Object(&[("kind", HOLDER_KINDS), ("name", Text), ("path", Text), ("line", Number)]);
const EFFECTIVE: Shape = Object(&[
    ("gained", List(&Object(&[("grant", Text), ("gate", Text), ("class", Text), ("paths", List(&List(&STEP)))]))),
    ("lost", List(&Object(&[("grant", Text), ("gate", Text), ("class", Text)]))),
    ("moved", List(&Anything)),
    ("unknown", List(&Anything)),
]);
const HOLDER: Shape = Object(&[
    ("kind", HOLDER_KINDS),
    ("name", Text),
    ("label", Nullable(&Text)),
    ("path", Text),
    ("status", OneOf(&["added", "removed", "changed", "renamed", "affected"])),
    ("previous", Nullable(&Object(&[("name", Text), ("path", Text)]))),
    (
        "properties",
        List(&Object(&[
            ("name", Text),
            ("before", Nullable(&Text)),
            ("after", Nullable(&Text)),
            ("path", Text),
            ("line", Number),
        ])),
    ),
    (
        "declared",
        Nullable(&Object(&[
            ("gained", GRANT_LINES),
            ("lost", GRANT_LINES),
            ("undeclared", GRANT_LINES),
            ("revoked", GRANT_LINES),
            ("unpinned", GRANT_LINES),
        ])),
    ),
    ("muting", Nullable(&Object(&[("added", GRANT_LINES), ("removed", GRANT_LINES)]))),
    ("effective", Nullable(&EFFECTIVE)),
]);
const FINDING: Shape = Object(&[
    ("rule", Text),
    ("severity", SEVERITIES),
    ("state", Nullable(&OneOf(&["new", "unchanged", "absent"]))),
    ("subject", Object(&[("kind", SUBJECT_KINDS), ("name", Text)])),
    ("grant", Nullable(&Text)),
    ("keys", List(&Text)),
    ("path", Text),
    ("line", Number),
    ("message", Text),
    ("fingerprint", Text),
    ("waiver", Nullable(&WAIVER)),
    ("also", List(&Text)),
]);
const WAIVER: Shape = Object(&[
    ("reason", Text),
    ("owner", Text),
    ("ticket", Nullable(&Text)),
    ("expires", Text),
    ("grant", Nullable(&Text)),
    ("path", Text),
    ("line", Number),
]);
const BY_SEVERITY: Shape =
    Object(&[("critical", Number), ("high", Number), ("medium", Number), ("low", Number), ("note", Number)]);
const REPORT: Shape = Object(&[
    ("schema_version", Number),
    ("tool", Object(&[("name", Text), ("version", Text)])),
    ("command", OneOf(&["check", "diff", "audit"])),
    ("complete", Boolean),
    ("base", Nullable(&SOURCE)),
    ("head", SOURCE),
    ("policy", Object(&[("from", Text), ("id", Nullable(&Text)), ("digest", Text)])),
    ("problems", List(&PROBLEM)),
    ("holders", List(&HOLDER)),
    ("findings", List(&FINDING)),
    ("verdict", Nullable(&OneOf(&["pass", "fail", "incomplete"]))),
    (
        "summary",
        Object(&[
            ("holders", Number),
            ("gained", Number),
            ("lost", Number),
            ("findings", BY_SEVERITY),
            ("waived", Number),
            ("read", Object(&[("blobs", Number), ("bytes", Number)])),
        ]),
    ),
]);

/// Collects where a value is not as the contract says.
fn check(value: &Value, shape: &Shape, at: &str, complaints: &mut Vec<String>) {
    let right = match (shape, value) {
        (Text, Value::String(_)) | (Number, Value::Number(_)) | (Boolean, Value::Bool(_)) => true,
        (Nullable(_), Value::Null) | (Anything, _) => true,
        (OneOf(words), Value::String(word)) => words.contains(&word.as_str()),
        (Nullable(shape), value) => return check(value, shape, at, complaints),
        (List(shape), Value::Array(list)) => {
            return list.iter().enumerate().for_each(|(n, item)| check(item, shape, &format!("{at}[{n}]"), complaints));
        }
        (Object(keys), Value::Object(found)) => return check_keys(found, keys, at, complaints),
        _ => false,
    };
    if !right {
        complaints.push(format!("{at} is {value}"));
    }
}

fn check_keys(found: &Map<String, Value>, keys: &[(&str, Shape)], at: &str, complaints: &mut Vec<String>) {
    for (key, shape) in keys {
        match found.get(*key) {
            Some(value) => check(value, shape, &format!("{at}.{key}"), complaints),
            None => complaints.push(format!("{at}.{key} is missing")),
        }
    }
    let unknown = found.keys().filter(|key| keys.iter().all(|(known, _)| known != key));
    complaints.extend(unknown.map(|key| format!("{at}.{key} is not in the contract")));
}

/// One set before and after: new, gone, renamed, changed, broken; and an audit of the latter.
fn samples() -> Vec<(&'static str, Report)> {
    let set = |inside: &str| format!("<PermissionSet>\n{inside}\n</PermissionSet>\n").into_bytes();
    let user =
        |name: &str| format!("<userPermissions><enabled>true</enabled>\n<name>{name}</name></userPermissions>\n");
    let name = |name: &str| format!("{FOLDER}/{name}.permissionset-meta.xml");
    let old = user("ApiEnabled") + &user("RunReports");
    let [gone, renamed, changed, added, cut, twice] =
        ["Gone", "Old_Name", "Changed", "Added", "Cut", "Twice"].map(name);
    let (new_name, object) = (
        name("A_New_Name"),
        "<objectPermissions><object>Lead</object>\n<viewAllRecords>true</viewAllRecords></objectPermissions>",
    );
    let before = [
        (gone.as_str(), set(&user("ViewSetup"))),
        (&renamed, set(&old)),
        (&changed, set(&format!("<label>B</label>{}", user("ViewRoles")))),
        (&twice, set("")),
    ];
    let after = [
        (
            changed.as_str(),
            set(&format!("<label>b</label>\n{}\n{object}", user("ModifyAllData") + &user("AuthorApex"))),
        ),
        (&new_name, set(&old)),
        (&added, set("")),
        (&twice, set(&object.repeat(2).replacen("Lead", "Case", 1))),
    ];
    let broken = [&after[..], &[(cut.as_str(), set("")[..20].to_vec())]].concat();
    let [before, after, broken] = [&before[..], &after, &broken]
        .map(|files| directory(&files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect::<Vec<_>>()));
    let elsewhere = temp();
    let of = |args: &[&str]| Report::of(elsewhere.path(), args);
    let [before, after, broken] = [arg(before.path()), arg(after.path()), arg(broken.path())];
    vec![
        ("demo", of(&["demo"])),
        ("check", of(&["check", "--from", before, "--to", after])),
        ("check, backwards", of(&["check", "--from", after, "--to", before])),
        ("check, nothing", of(&["check", "--from", after, "--to", after])),
        ("check, broken", of(&["check", "--from", before, "--to", broken])),
        ("diff", of(&["diff", "--from", before, "--to", after])),
        ("diff, broken", of(&["diff", "--from", broken, "--to", after])),
        ("audit", of(&["audit", after])),
        ("audit, broken", of(&["audit", broken])),
    ]
}

#[test]
fn every_key_is_there_and_holds_what_it_should() {
    for (what, report) in samples() {
        let mut complaints = Vec::new();
        check(&report.json, &REPORT, what, &mut complaints);
        assert!(complaints.is_empty(), "{complaints:#?}");
        assert_eq!(report.json["schema_version"], 1, "{what}");
    }
}

#[test]
fn null_and_empty_stand_where_they_should() {
    for (what, report) in samples() {
        let json = &report.json;
        let command = text(json, "command");
        assert!(what.starts_with(&command) || what == "demo", "{what}");
        assert_eq!(json["base"].is_null(), command == "audit", "{what}: an audit has no base");
        assert_eq!(json["verdict"].is_null(), command == "diff", "{what}: a diff does not judge");
        let length = |key: &str| json[key].as_array().expect("an array").len();
        match command.as_str() {
            "diff" => assert_eq!(length("findings"), 0, "{what}"),
            "audit" => assert_eq!(length("holders"), 0, "{what}"),
            _ => {}
        }
        assert_eq!(json["verdict"] == "incomplete", !report.complete() && command != "diff", "{what}");
        assert_eq!(report.complete(), !what.contains("broken"), "{what}");
        for holder in report.holders() {
            let (muting, set) = (holder["kind"] == "mutingPermissionSet", holder["kind"] == "permissionSet");
            assert_eq!(holder["muting"].is_null(), !muting, "{what}");
            assert!(!(set && holder["declared"].is_null()), "{what}");
        }
        for finding in json["findings"].as_array().expect("findings") {
            assert_eq!(finding["state"].is_null(), command == "audit", "{what}: against what?");
            let keys = finding["keys"].as_array().expect("keys");
            let only = if let [key] = keys.as_slice() { key.clone() } else { Value::Null };
            assert_eq!(finding["grant"], only, "{what}: the grant is the one key");
        }
    }
}

/// By kind, name, path and grant; what has none of these by its own words.
#[test]
fn arrays_are_sorted() {
    // Muting sets and groups declare nothing.
    let rows = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let sorted = |list: &[Value], keys: &[&str]| {
        let key = |row: &Value| {
            let part = |pointer: &&str| {
                row.pointer(pointer).map_or_else(
                    || "missing".to_owned(),
                    |value| match value {
                        Value::Number(number) => format!("{number:>9}"),
                        other => other.as_str().unwrap_or_default().to_owned(),
                    },
                )
            };
            keys.iter().map(part).collect::<Vec<_>>()
        };
        list.is_sorted_by_key(key)
    };
    for (what, report) in samples() {
        let json = &report.json;
        assert!(sorted(report.holders(), &["/kind", "/name", "/path"]), "{what}: holders");
        let findings = rows(&json["findings"]);
        assert!(sorted(&findings, &["/subject/kind", "/subject/name", "/path", "/keys/0"]), "{what}: findings");
        assert!(sorted(&rows(&json["problems"]), &["/side", "/path", "/line"]), "{what}: problems");
        for holder in report.holders() {
            assert!(sorted(&rows(&holder["properties"]), &["/name"]), "{what}: properties");
            for list in ["gained", "lost", "undeclared", "revoked", "unpinned"] {
                assert!(sorted(&rows(&holder["declared"][list]), &["/path", "/grant", "/line"]), "{what}: {list}");
            }
        }
        for finding in &findings {
            for list in ["keys", "also"] {
                assert!(sorted(&rows(&finding[list]), &[""]), "{what}: {list}");
            }
        }
    }
}

#[test]
fn counts_are_those_of_the_rows() {
    for (what, report) in samples() {
        let summary = &report.json["summary"];
        let total = |lists: &[&str]| -> usize {
            let of = |holder: &Value| -> usize {
                lists.iter().map(|list| holder["declared"][list].as_array().map_or(0, Vec::len)).sum()
            };
            report.holders().iter().map(of).sum()
        };
        assert_eq!(summary["holders"], report.holders().len(), "{what}");
        assert_eq!(summary["gained"], total(&["gained"]), "{what}");
        assert_eq!(summary["lost"], total(&["lost"]), "{what}");
        let findings = report.json["findings"].as_array().expect("findings");
        for (severity, count) in summary["findings"].as_object().expect("counts") {
            let found = findings.iter().filter(|finding| finding["severity"] == severity.as_str()).count();
            assert_eq!(count, found, "{what}: {severity}");
        }
    }
}
