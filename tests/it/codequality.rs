//! GitLab Code Quality: the report as GitLab's documentation describes it, field by field.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::sarif_samples::{Sample, broken, demo, odd, samples, waived};
use crate::support::{FOLDER, Report, directory, permdelta, temp, text};

const GITLAB: &[&str] = &["--format", "gitlab"];

/// Checks the form and gives back the entries: exactly the fields that are read, each of its type.
pub(crate) fn entries(what: &str, report: &Value) -> Vec<Value> {
    let entries = report.as_array().unwrap_or_else(|| panic!("{what}: an array at the top"));
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<BTreeSet<String>>();
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<String>>();
    let mut fingerprints = BTreeSet::new();
    for entry in entries {
        let fields = ["check_name", "description", "fingerprint", "location", "severity"];
        assert_eq!(keys(entry), named(&fields), "{what}");
        assert_eq!(keys(&entry["location"]), named(&["lines", "path"]), "{what}");
        assert_eq!(keys(&entry["location"]["lines"]), named(&["begin"]), "{what}");
        for field in ["check_name", "description", "fingerprint"] {
            let value = entry[field].as_str().expect("a string");
            assert!(!value.is_empty() && !value.contains(['\n', '\r']), "{what}: {field} {value:?}");
        }
        let severities = ["info", "minor", "major", "critical", "blocker"];
        assert!(severities.contains(&text(entry, "severity").as_str()), "{what}: {entry:#}");
        assert!(entry["location"]["lines"]["begin"].as_u64().expect("a line") >= 1, "{what}");
        let path = text(&entry["location"], "path");
        let is_relative = !path.starts_with('/') && !path.split('/').any(|part| matches!(part, "" | "." | ".."));
        assert!(is_relative, "{what}: {path}");
        let fingerprint = text(entry, "fingerprint");
        assert!(fingerprints.insert(fingerprint.clone()), "{what}: {fingerprint} twice: GitLab keeps the first");
    }
    entries.clone()
}

#[test]
fn every_sample_is_a_report_that_gitlab_reads() {
    for Sample { what, log, files } in samples(GITLAB) {
        for entry in entries(&what, &log) {
            let path = text(&entry["location"], "path");
            assert!(files.contains_key(&path), "{what}: {path} is no file of head");
        }
    }
}

#[test]
fn the_entries_are_the_findings_of_the_report() {
    let dir = temp();
    let report = Report::of(dir.path(), &["demo"]).json;
    let entries = entries("demo", &demo(GITLAB).log);
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(entries.len(), findings.len());
    let grade = BTreeMap::from([
        ("critical", "blocker"),
        ("high", "critical"),
        ("medium", "major"),
        ("low", "minor"),
        ("note", "info"),
    ]);
    for finding in findings {
        let fingerprint = &finding["fingerprint"];
        let entry = entries.iter().find(|entry| entry["fingerprint"] == *fingerprint).expect("an entry");
        assert_eq!(entry["severity"], grade[text(finding, "severity").as_str()], "{finding:#}");
        assert_eq!((&entry["check_name"], &entry["location"]["path"]), (&finding["rule"], &finding["path"]));
        assert_eq!(entry["location"]["lines"]["begin"], finding["line"]);
        assert_eq!(entry["description"], finding["message"]);
    }
    let order = ["blocker", "critical", "major", "minor", "info"];
    let grades = entries.iter().map(|entry| order.iter().position(|grade| entry["severity"] == *grade));
    assert!(grades.is_sorted(), "the worst first");
}

#[test]
fn clean_is_an_empty_array() {
    let dir = temp();
    let run = permdelta(dir.path(), &["check", "--from", ".", "--to", ".", "--format", "gitlab"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "[]\n"));
    assert!(entries("clean", &odd(&["check", "main..main"], GITLAB).log).is_empty());
}

#[test]
fn what_is_waived_is_left_out() {
    for command in [&["check", "main~1..main"][..], &["audit", "main"]] {
        let entries = entries("waived", &waived(command, GITLAB).log);
        let described = |what: &str| entries.iter().filter(|entry| text(entry, "description").contains(what)).count();
        assert_eq!(
            (
                described("/ModifyAllData (Modify All Data) in every session"),
                described("ViewAllData (View All Data) in every session")
            ),
            (0, 0),
            "{entries:#?}"
        );
        assert!(described("AuthorApex") > 0, "{command:?}: {entries:#?}");
    }
}

/// A degraded run must not look clean.
#[test]
fn problems_are_blockers() {
    let broken = entries("broken", &broken(GITLAB).log);
    assert_eq!(broken[0]["severity"], "blocker");
    assert_eq!(broken[0]["check_name"], "problem");
    assert!(text(&broken[0], "description").contains("cut off"), "{broken:#?}");
    assert!(broken.len() > 1, "what was read is reported all the same");
    // One that the change did not bring blocks nothing; the same problem twice in a file is two entries.
    let name = |name: &str| format!("{FOLDER}/{name}.permissionset-meta.xml");
    let bad = "<PermissionSet><userPermissions><enabled>maybe</enabled><name>A</name></userPermissions>\
               <userPermissions><enabled>maybe</enabled><name>B</name></userPermissions>LABEL</PermissionSet>";
    let side =
        |label: &str| directory(&[(&name("Odd"), bad.replace("LABEL", "").as_bytes()), (&name("L"), label.as_bytes())]);
    let (old, new) = (side("<PermissionSet></PermissionSet>"), side("<PermissionSet><label>L</label></PermissionSet>"));
    let audit = permdelta(new.path(), &["audit", ".", "--format", "gitlab"]);
    let audited = entries("audit", &serde_json::from_str(&audit.stdout).expect("JSON"));
    assert!(audited.iter().filter(|entry| entry["severity"] == "blocker").count() >= 2, "{audited:#?}");
    let from = crate::support::arg(old.path()).to_owned();
    let check = permdelta(new.path(), &["check", "--full", "--from", &from, "--to", ".", "--format", "gitlab"]);
    let checked = entries("check", &serde_json::from_str(&check.stdout).expect("JSON"));
    let problems: Vec<&Value> = checked.iter().filter(|entry| entry["check_name"] == "problem").collect();
    assert!(!problems.is_empty() && problems.iter().all(|problem| problem["severity"] == "info"), "{checked:#?}");
}

/// A fingerprint is what GitLab compares the target branch by.
#[test]
fn fingerprints_do_not_move_with_lines() {
    let name = format!("{FOLDER}/A.permissionset-meta.xml");
    let broken = "<PermissionSet>LINES<userPermissions><enabled>maybe</enabled><name>ViewAllData</name></userPermissions></PermissionSet>";
    let of = |lines: &str| {
        let dir = directory(&[(&name, broken.replace("LINES", lines).as_bytes())]);
        let run = permdelta(dir.path(), &["audit", ".", "--format", "gitlab"]);
        let entries = entries("lines", &serde_json::from_str(&run.stdout).expect("JSON"));
        entries.iter().map(|entry| text(entry, "fingerprint")).collect::<Vec<_>>()
    };
    let (here, below) = (of(""), of("\n\n<!-- a comment -->\n"));
    assert!(here.len() >= 2);
    assert_eq!(here, below);
}
