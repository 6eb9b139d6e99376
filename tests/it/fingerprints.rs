//! Fingerprints: computed again here by the formula of DESIGN section 6, and unmoved by everything that is not access.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::decomposed::{folder_per_type, top_level};
use crate::dresses::Element;
use crate::support::{FOLDER, Report, arg, directory, permdelta, temp, text};

/// The first 16 hex digits of SHA-256 over `1\0rule\0kind\0name\0subject`, the name case-folded.
fn formula(rule: &str, kind: &str, name: &str, subject: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["1", "\0", rule, "\0", kind, "\0", &name.to_lowercase(), "\0", subject] {
        hash.update(part);
    }
    hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The subject: the grant key; else element and value; empty for combinations.
fn subject(finding: &Value) -> String {
    match finding["keys"].as_array().expect("keys").as_slice() {
        [key] => key.as_str().expect("a key").to_owned(),
        [] if finding["rule"] == "session-bypassed-by-group" => "permissionSets/Conference_Room_Mobile".to_owned(),
        [] if finding["subject"]["kind"] == "flow" => "activateSessionPermSet/Employment_Contracts".to_owned(),
        [] => "hasActivationRequired/false".to_owned(),
        _ => String::new(),
    }
}

fn assert_by_formula(report: &Report) -> usize {
    let findings = report.json["findings"].as_array().expect("findings");
    for finding in findings {
        let (kind, name) = (text(&finding["subject"], "kind"), text(&finding["subject"], "name"));
        let expected = formula(&text(finding, "rule"), &kind, &name, &subject(finding));
        assert_eq!(text(finding, "fingerprint"), expected, "{finding:#}");
    }
    findings.len()
}

#[test]
fn the_formula_is_fixed() {
    let of = |name| formula("modify-all-data", "permissionSet", name, "userPermissions/ModifyAllData");
    assert_eq!(of("Data_Migration"), "5946222ba794ff95");
    assert_eq!(of("DATA_migration"), of("Data_Migration"), "the name is case-folded");
}

#[test]
fn the_demo_has_the_fingerprints_of_the_formula() {
    let dir = temp();
    assert_eq!(assert_by_formula(&Report::of(dir.path(), &["demo"])), 12);
}

fn user(name: &str) -> String {
    format!(
        "    <userPermissions>\n        <enabled>true</enabled>\n        <name>{name}</name>\n    </userPermissions>\n"
    )
}

fn object(name: &str) -> String {
    format!(
        "    <objectPermissions>\n        <object>{name}</object>\n        <viewAllRecords>true</viewAllRecords>\n    </objectPermissions>\n"
    )
}

fn set(inside: &str) -> String {
    format!("<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{inside}</PermissionSet>\n")
}

/// An audit of these files.
fn audit(files: &[(&str, String)]) -> Report {
    let dir = directory(&files.iter().map(|(path, text)| (*path, text.as_bytes())).collect::<Vec<_>>());
    Report::of(dir.path(), &["audit", arg(dir.path())])
}

/// Fingerprint by rule and keys.
fn by_finding(report: &Report) -> BTreeMap<String, String> {
    let findings = report.json["findings"].as_array().expect("findings").iter();
    findings.map(|finding| (format!("{} {}", finding["rule"], finding["keys"]), text(finding, "fingerprint"))).collect()
}

#[test]
fn one_object_several_objects_and_both_commands_follow_the_formula() {
    let path = format!("{FOLDER}/Größe_X.permissionset-meta.xml");
    let one = set(&(object("Lead") + &user("ModifyAllData") + &user("ManageUsers")));
    let several = set(&(object("Lead") + &object("Case") + &user("ViewAllData")));
    for text in [&one, &several] {
        assert!(assert_by_formula(&audit(&[(&path, text.clone())])) >= 2);
        let (empty, dir) = (temp(), directory(&[(&path, text.as_bytes())]));
        let check = Report::of(dir.path(), &["check", "--from", arg(empty.path()), "--to", "."]);
        assert!(assert_by_formula(&check) >= 2);
        assert_eq!(by_finding(&check), by_finding(&audit(&[(&path, text.clone())])), "audit and check agree");
    }
}

/// The identity of an alert survives what does not change access.
#[test]
fn what_is_not_access_moves_no_fingerprint() {
    let path = format!("{FOLDER}/Ops.permissionset-meta.xml");
    let (first, second, objects) = (user("ModifyAllData"), user("ManageUsers"), object("Lead") + &object("Case"));
    let plain = set(&[first.as_str(), &second, &objects].concat());
    let expected = by_finding(&audit(&[(&path, plain.clone())]));
    assert_eq!(expected.len(), 4, "{expected:?}");
    let variants: [(&str, &str, String); 8] = [
        ("an unrelated block above", &path, plain.replacen("    <user", &(user("RunReports") + "    <user"), 1)),
        ("blocks in another order", &path, set(&[objects.as_str(), &second, &first].concat())),
        ("Windows line ends", &path, plain.replace('\n', "\r\n")),
        ("another indentation", &path, plain.replace("    ", "\t")),
        ("all on one line", &path, plain.replace(['\n', ' '], "").replace("Setxmlns", "Set xmlns")),
        ("a label and a comment", &path, plain.replacen("    <user", "    <label>L</label><!-- c -->\n    <user", 1)),
        ("metadata API format", "src/permissionsets/Ops.permissionset", plain.clone()),
        ("another folder, another case", "other/OPS.permissionset-meta.xml", plain.clone()),
    ];
    for (what, path, text) in variants {
        assert_eq!(by_finding(&audit(&[(path, text)])), expected, "{what}");
    }
}

/// What platforms know an alert by: SARIF's hash, Code Quality's fingerprint, Bitbucket's id.
fn identities(files: &[(String, Vec<u8>)]) -> [BTreeSet<String>; 3] {
    let dir = directory(&files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect::<Vec<_>>());
    ["sarif", "gitlab", "bitbucket"].map(|format| {
        let run = permdelta(dir.path(), &["audit", ".", "--format", format]);
        let document: Value = serde_json::from_str(&run.stdout).expect("JSON");
        let all = |list: &Value, pointer: &str| -> BTreeSet<String> {
            let identity = |one: &Value| one.pointer(pointer).and_then(Value::as_str).expect("an identity").to_owned();
            list.as_array().expect("a list").iter().map(identity).collect()
        };
        match format {
            "sarif" => all(&document["runs"][0]["results"], "/partialFingerprints/primaryLocationLineHash"),
            "gitlab" => all(&document, "/fingerprint"),
            _ => all(&document["annotations"][0], "/external_id"),
        }
    })
}

/// A set and the group that holds it, in every layout there is.
#[test]
fn another_layout_moves_no_fingerprint() {
    let inside = [user("ModifyAllData"), user("ManageUsers"), object("Lead"), object("Case")].concat();
    let set = Element::of(set(&inside).as_bytes());
    let group = "<PermissionSetGroup xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
                 <permissionSets>Ops</permissionSets>\n</PermissionSetGroup>\n";
    let whole = |path: &str, group_path: &str| -> Vec<(String, Vec<u8>)> {
        vec![(path.to_owned(), set.plain_file(true)), (group_path.to_owned(), group.into())]
    };
    let group_path = "force-app/main/default/permissionsetgroups/Desk.permissionsetgroup-meta.xml";
    let expected = identities(&whole(&format!("{FOLDER}/Ops.permissionset-meta.xml"), group_path));
    assert!(expected.iter().all(|identities| identities.len() >= 4), "{expected:?}");
    let mdapi = whole("src/permissionsets/Ops.permissionset", "src/permissionsetgroups/Desk.permissionsetgroup");
    assert_eq!(identities(&mdapi), expected, "metadata API format");
    for (layout, files) in [("a file an entry", folder_per_type as fn(_, _, _) -> _), ("a file a section", top_level)] {
        let mut files: Vec<(String, Vec<u8>)> = files(FOLDER, "Ops", &set).into_iter().collect();
        assert!(files.len() > 2, "{layout}");
        files.push((group_path.to_owned(), group.into()));
        assert_eq!(identities(&files), expected, "{layout}");
    }
}

#[test]
fn what_is_access_or_another_holder_has_a_fingerprint_of_its_own() {
    let sets = ["A", "B"].map(|name| format!("{FOLDER}/{name}.permissionset-meta.xml"));
    let both = set(&(user("ModifyAllData") + &user("ViewAllData") + &object("Lead")));
    let report = audit(&[(&sets[0], both.clone()), (&sets[1], both)]);
    let findings = report.json["findings"].as_array().expect("findings");
    let different: BTreeSet<String> = findings.iter().map(|finding| text(finding, "fingerprint")).collect();
    assert_eq!((findings.len(), different.len()), (8, 8));
}

/// Where several files define a holder, the package directory is part of the name.
#[test]
fn several_files_of_one_name_are_told_apart_by_their_package() {
    let project = r#"{"packageDirectories": [{"path": "force-app"}, {"path": "force-app/hr"}, {"path": "./ops/"}]}"#;
    let plain = set("");
    let risky = set(&user("ViewAllData"));
    let finding = |files: &[(&str, String)]| {
        let report = audit(&[files, &[("sfdx-project.json", project.to_owned())]].concat());
        let findings = report.json["findings"].as_array().expect("findings");
        let of_grants: Vec<_> = findings.iter().filter(|one| text(one, "rule") != "holder-in-several-files").collect();
        let [one] = of_grants.as_slice() else { panic!("one finding of the union: {findings:#?}") };
        text(one, "fingerprint")
    };
    let of = |name: &str| formula("privileged-access-always-on", "permissionSet", name, "userPermissions/ViewAllData");
    let [hr, ops] = ["force-app/hr/x/Dup.permissionset-meta.xml", "ops/Dup.permissionset-meta.xml"];
    let alone = finding(&[(ops, risky.clone())]);
    assert_eq!(alone, of("Dup"));
    let in_ops = finding(&[(hr, plain.clone()), (ops, risky.clone())]);
    let in_hr = finding(&[(hr, risky), (ops, plain)]);
    assert_eq!([&in_ops, &in_hr], [&of("ops/Dup"), &of("force-app/hr/Dup")]);
}
