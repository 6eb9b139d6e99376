//! Suggestions of a review: applied to the file, each makes its finding go away, and brings none but notes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git2::{ObjectType, Repository, TreeWalkMode, TreeWalkResult};
use serde_json::Value;

use crate::review::review;
use crate::review_samples::{Rng, edited, odd_history, oddly_changed, set, user};
use crate::support::{FOLDER, Report, arg, commit, directory, permdelta, repository, temp, text};

type Files = BTreeMap<String, Vec<u8>>;

/// What replaces a line, and the finding it is for.
struct Suggestion {
    path: String,
    line: usize,
    replacement: String,
    fingerprint: String,
}

/// All suggestions of a review.
fn suggestions(review: &Value) -> Vec<Suggestion> {
    let mut found = Vec::new();
    for comment in review["comments"].as_array().expect("comments") {
        let body = text(comment, "body");
        let mut rest = body.as_str();
        // A block about a finding ends with its fingerprint.
        while let Some((block, behind)) = rest.split_once("permdelta explain ") {
            if let Some((_, code)) = block.split_once("```suggestion\n") {
                assert_eq!(comment["side"], "RIGHT", "a line that is gone cannot be replaced");
                found.push(Suggestion {
                    path: text(comment, "path"),
                    line: comment["line"].as_u64().expect("a line") as usize,
                    replacement: code.split_once("\n```\n").expect("the end of a fence").0.to_owned(),
                    fingerprint: behind[..16].to_owned(),
                });
            }
            rest = &behind[16..];
        }
    }
    found
}

fn files_of(dir: &Path, revision: &str) -> Files {
    let repository = Repository::open(dir).expect("a repository");
    let tree = repository.revparse_single(revision).unwrap().peel_to_tree().unwrap();
    let mut files = Files::new();
    tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
        if entry.kind() == Some(ObjectType::Blob) {
            let blob = repository.find_blob(entry.id()).expect("a blob");
            files.insert(format!("{folder}{}", entry.name().expect("a name")), blob.content().to_vec());
        }
        TreeWalkResult::Ok
    })
    .expect("a walk");
    files
}

fn written(files: &Files) -> tempfile::TempDir {
    directory(&files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect::<Vec<_>>())
}

/// What `check` finds between two states, by fingerprint.
fn findings(base: &Path, head: &Path) -> BTreeMap<String, Value> {
    let report = Report::of(head, &["check", "--from", arg(base), "--to", "."]);
    let findings = report.json["findings"].as_array().expect("findings").iter();
    findings.map(|finding| (text(finding, "fingerprint"), finding.clone())).collect()
}

/// Whether a finding is about some of the grants that another one is about.
fn is_part(one: &Value, of: &Value) -> bool {
    let keys = |finding: &Value| finding["keys"].as_array().expect("keys").clone();
    let all = keys(of);
    one["subject"] == of["subject"] && keys(one).iter().all(|key| all.contains(key))
}

/// Applies every suggestion of a range by itself; how many there were.
fn assert_suggestions(dir: &Path, base: &str, head: &str) -> usize {
    let suggestions = suggestions(&review(dir, &["check", &format!("{base}..{head}")]));
    let (before, after) = (written(&files_of(dir, base)), files_of(dir, head));
    let found = findings(before.path(), written(&after).path());
    for Suggestion { path, line, replacement, fingerprint } in &suggestions {
        let what = format!("{path}:{line} {replacement:?}");
        assert!(found.contains_key(fingerprint), "{what}: {fingerprint}");
        let file = String::from_utf8(after[path].clone()).expect("UTF-8");
        let mut lines: Vec<&str> = file.split('\n').collect();
        assert_ne!(lines[line - 1], replacement, "{what} is no change");
        lines[line - 1] = replacement;
        let mut patched = after.clone();
        patched.insert(path.clone(), lines.join("\n").into_bytes());
        let now = findings(before.path(), written(&patched).path());
        assert!(!now.contains_key(fingerprint), "{what} leaves the finding");
        for (other, finding) in &now {
            // What several grants together were found for can remain for those that are left.
            let is_rest = found.values().any(|old| is_part(finding, old));
            let known = found.contains_key(other) || is_rest || finding["severity"] == "note";
            assert!(known, "{what} brings {finding:#}");
        }
    }
    suggestions.len()
}

#[test]
fn the_suggestions_of_the_demo_take_their_findings_away() {
    let dir = temp();
    let place = dir.path().join("demo");
    permdelta(dir.path(), &["demo", "-q", "--keep", arg(&place)]);
    assert_eq!(assert_suggestions(&place, "main", "pull-request"), 3);
}

#[test]
fn suggestions_take_their_findings_away() {
    let dir = temp();
    odd_history(dir.path());
    let mut applied = assert_suggestions(dir.path(), "main~1", "main");
    let dir = temp();
    let repository = repository(dir.path(), true);
    let mut rng = Rng::new(7);
    let (mut files, mut last) = (oddly_changed(&mut rng), None);
    for step in 0..12 {
        let all: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        last = Some(commit(&repository, last, &all));
        if step > 0 {
            applied += assert_suggestions(dir.path(), "main~1", "main");
        }
        files = edited(files, &mut rng);
    }
    println!("{applied} suggestions applied");
    assert!(applied > 10, "{applied}");
}

fn object(inside: &str) -> String {
    format!("    <objectPermissions>\n{inside}        <object>Lead</object>\n    </objectPermissions>\n")
}

/// One line has to be all that decides.
#[test]
fn a_suggestion_is_made_only_where_one_line_decides() {
    let plain = user("ManageUsers", "true");
    let gate = |value: &str| format!("    <hasActivationRequired>{value}</hasActivationRequired>\n");
    let view = object("        <viewAllRecords>true</viewAllRecords>\n");
    let modify =
        object("        <modifyAllRecords>true</modifyAllRecords>\n        <viewAllRecords>true</viewAllRecords>\n");
    let cases: [(&str, String, String, &[&str]); 11] = [
        ("one line", user("ManageUsers", "false"), plain.clone(), &["        <enabled>false</enabled>"]),
        ("with tabs", String::new(), plain.replace("    ", "\t"), &["\t\t<enabled>false</enabled>"]),
        ("Windows line ends", String::new(), plain.replace('\n', "\r\n"), &[]),
        ("all on one line", String::new(), plain.replace(['\n', ' '], ""), &[]),
        ("another spelling", String::new(), plain.replace("true", "True"), &[]),
        ("written twice", String::new(), plain.clone() + &plain, &[]),
        (
            "written twice, once denied",
            String::new(),
            user("ManageUsers", "false") + &plain,
            &["        <enabled>false</enabled>"],
        ),
        ("a right on an object", String::new(), view, &["        <viewAllRecords>false</viewAllRecords>"]),
        ("one that another requires", String::new(), modify, &["        <modifyAllRecords>false</modifyAllRecords>"]),
        ("a gate", gate("true"), gate("false"), &["    <hasActivationRequired>true</hasActivationRequired>"]),
        ("a gate written twice", gate("true"), gate("false") + &gate("true"), &[]),
    ];
    for (what, before, after, expected) in cases {
        let dir = temp();
        let repository = repository(dir.path(), true);
        let path = format!("{FOLDER}/S.permissionset-meta.xml");
        // Windows line ends throughout, as an editor writes them.
        let end = if after.contains('\r') { "\r\n" } else { "\n" };
        let file = |inside: &str| set(inside).replace("\r\n", "\n").replace('\n', end).into_bytes();
        let first = commit(&repository, None, &[(&path, &file(&before))]);
        commit(&repository, Some(first), &[(&path, &file(&after))]);
        let payload = review(dir.path(), &["check", "main~1..main"]);
        assert!(!payload["comments"].as_array().expect("comments").is_empty(), "{what}: {payload:#}");
        let made: BTreeSet<String> = suggestions(&payload).into_iter().map(|one| one.replacement).collect();
        assert_eq!(made, expected.iter().map(|line| (*line).to_owned()).collect(), "{what}: {payload:#}");
        assert_eq!(assert_suggestions(dir.path(), "main~1", "main"), expected.len(), "{what}");
    }
}

/// Of several files of one holder, and in a group, a line is not all that decides.
#[test]
fn no_suggestion_where_other_files_decide_too() {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let names = ["a/S", "b/S"].map(|name| format!("force-app/{name}.permissionset-meta.xml"));
    let [off, on] = ["false", "true"].map(|granted| set(&user("ManageUsers", granted)).into_bytes());
    let first = commit(&repository, None, &[(&names[0], &off), (&names[1], &off)]);
    commit(&repository, Some(first), &[(&names[0], &on), (&names[1], &off)]);
    let payload = review(dir.path(), &["check", "main~1..main"]);
    assert_eq!(payload["comments"].as_array().expect("comments").len(), 1, "{payload:#}");
    assert!(suggestions(&payload).is_empty(), "{payload:#}");
}
