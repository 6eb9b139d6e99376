//! `explain FINGERPRINT`: the finding by a prefix of its fingerprint, and how it comes to be on both sides.

use std::collections::BTreeSet;
use std::path::Path;

use git2::Repository;
use tempfile::TempDir;

use crate::support::{Report, Run, commit_worktree, permdelta, repository, temp, text, write};

const GATE: &str = "<hasActivationRequired>true</hasActivationRequired>";

fn user(name: &str) -> String {
    format!("<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>")
}

fn all_records(object: &str) -> String {
    format!("<objectPermissions><modifyAllRecords>true</modifyAllRecords><object>{object}</object></objectPermissions>")
}

/// A file with its root on line 1, then a line for each of `lines`.
fn file(root: &str, lines: &[&str]) -> Vec<u8> {
    format!("<{root}>\n{}\n</{root}>\n", lines.join("\n")).into_bytes()
}

type Files = Vec<(&'static str, Vec<u8>)>;

fn commit(repository: &Repository, parent: Option<git2::Oid>, files: &Files) -> git2::Oid {
    commit_worktree(
        repository,
        parent,
        &files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect::<Vec<_>>(),
    )
}

/// Base: a session-based set, a group that mutes. Head: a gate removed, a muting entry removed, a bypass, a new grant.
fn story() -> TempDir {
    let dir = temp();
    let repository = repository(dir.path(), false);
    let member = |name: &str| format!("<permissionSets>{name}</permissionSets>");
    let muting = "<mutingPermissionSets>Desk_Muting</mutingPermissionSets>";
    let desk = |members: &[&str]| {
        let members: Vec<String> = members.iter().map(|name| member(name)).collect();
        let lines: Vec<&str> = [muting].into_iter().chain(members.iter().map(String::as_str)).collect();
        file("PermissionSetGroup", &lines)
    };
    let base: Files = vec![
        ("Clerk.permissionset", file("PermissionSet", &[&all_records("Contract")])),
        ("Gated.permissionset", file("PermissionSet", &[GATE, &user("RunReports")])),
        ("Once.permissionset", file("PermissionSet", &[GATE, &user("RunReports")])),
        ("Desk_Muting.mutingpermissionset", file("MutingPermissionSet", &[&all_records("Contract")])),
        ("Desk.permissionsetgroup", desk(&["Clerk"])),
    ];
    let id = commit(&repository, None, &base);
    let head: Files = vec![
        ("Clerk.permissionset", file("PermissionSet", &[&all_records("Contract"), &user("ModifyAllData")])),
        ("Gated.permissionset", base[1].1.clone()),
        ("Once.permissionset", file("PermissionSet", &[&user("RunReports")])),
        ("Desk_Muting.mutingpermissionset", file("MutingPermissionSet", &[])),
        ("Desk.permissionsetgroup", desk(&["Clerk", "Gated", "managed__Extra"])),
    ];
    commit(&repository, Some(id), &head);
    dir
}

/// The fingerprint of the finding of a rule on a holder.
fn fingerprint(dir: &Path, command: &[&str], rule: &str, name: &str) -> String {
    let report = Report::of(dir, command);
    let findings = report.json["findings"].as_array().expect("findings");
    let found = findings.iter().find(|finding| finding["rule"] == rule && finding["subject"]["name"] == name);
    text(found.unwrap_or_else(|| panic!("{rule} on {name} is not in {findings:#?}")), "fingerprint")
}

const CHECK: [&str; 2] = ["check", "HEAD~1..HEAD"];

/// `explain` of a finding of the story's change.
fn explained(dir: &Path, rule: &str, name: &str) -> Run {
    let fingerprint = fingerprint(dir, &CHECK, rule, name);
    let run = permdelta(dir, &["explain", &fingerprint, "HEAD~1..HEAD"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    run
}

fn assert_says(run: &Run, parts: &[&str]) {
    let mut rest = run.stdout.as_str();
    for part in parts {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part:?} is not, or not in this order, in\n{}", run.stdout));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn a_finding_is_shown_with_its_line_and_its_derivation() {
    let dir = story();
    let run = explained(dir.path(), "privileged-access-always-on", "Desk");
    assert_says(
        &run,
        &[
            "critical  privileged-access-always-on  Desk\n",
            "  Clerk.permissionset:3\n    <enabled>true</enabled>\n",
            "Why it matters\n",
            "What to do\n",
            "How it comes to be, in HEAD\n",
            "  Desk: works in every session, there is no hasActivationRequired\n",
            "  userPermissions/ModifyAllData (Modify All Data)\n    as member Clerk\n      Desk.permissionsetgroup:3\n      Clerk.permissionset:3\n",
            "may confer it: what managed__Extra grants is not known\n    Desk.permissionsetgroup:5\n",
            "Before, in HEAD~1\n",
            "  userPermissions/ModifyAllData (Modify All Data): not conferred\n",
        ],
    );
}

#[test]
fn a_transition_is_shown_on_both_sides() {
    let dir = story();
    assert_says(
        &explained(dir.path(), "session-activation-removed", "Once"),
        &[
            "How it comes to be, in HEAD\n  Once: works in every session, there is no hasActivationRequired\n",
            "Before, in HEAD~1\n  Once: works only while activated in the user's session, hasActivationRequired is true\n    \
             Once.permissionset:2\n",
        ],
    );
    assert_says(
        &explained(dir.path(), "muting-removed", "Desk"),
        &[
            "How it comes to be, in HEAD\n",
            "  objectPermissions/Contract/modifyAllRecords\n    as member Clerk\n",
            "Before, in HEAD~1\n",
            "  muted: objectPermissions/Contract/modifyAllRecords\n    muted by Desk_Muting\n      \
             Desk_Muting.mutingpermissionset:2\n    as member Clerk\n      Desk.permissionsetgroup:3\n",
        ],
    );
    assert_says(
        &explained(dir.path(), "session-bypassed-by-group", "Desk"),
        &[
            "in HEAD\n  Desk: works in every session, there is no hasActivationRequired\n",
            "  its member Gated, by itself: works only while activated in the user's session,\n    \
             hasActivationRequired is true\n    Desk.permissionsetgroup:4\n    Gated.permissionset:2\n",
            "Before, in HEAD~1\n  Desk: works in every session",
        ],
    );
    assert_says(
        &explained(dir.path(), "unknown-access-added", "Desk"),
        &[
            "its member managed__Extra, by itself: not among the files, or not readable\n    Desk.permissionsetgroup:5\n",
        ],
    );
}

/// A finding that the change did not bring is an audit's.
#[test]
fn what_check_does_not_find_is_looked_for_by_audit() {
    let dir = story();
    let print = fingerprint(dir.path(), &["audit"], "modify-all-records", "Clerk");
    for place in [&["HEAD~1..HEAD"][..], &["HEAD"], &["HEAD~1"], &[":worktree"], &["."], &[]] {
        for prefix in [&print[..], &print[..8], &print[..8].to_uppercase()] {
            let run = permdelta(dir.path(), &[&["explain", prefix], place].concat());
            assert_eq!(run.status, 0, "{place:?}: {}", run.stderr);
            assert_says(&run, &["high  modify-all-records  Clerk\n", "How it comes to be", "Clerk.permissionset:2\n"]);
            assert!(!run.stdout.contains("Before, in"), "{place:?}: an audit has no base");
        }
    }
}

#[test]
fn what_is_not_found_or_ambiguous_is_said() {
    let dir = story();
    let run = permdelta(dir.path(), &["explain", "ffffffffffffffff", "HEAD~1..HEAD"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""));
    for part in ["no finding \"ffffffffffffffff\"", "of check comparing HEAD~1", "of audit HEAD"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    // Too short, too long or no hex digits: then it is a rule that is not there.
    for wrong in ["fff", "ffffffffffffffff0", "sharing"] {
        let run = permdelta(dir.path(), &["explain", wrong]);
        assert_eq!(run.status, 3);
        assert!(run.stderr.contains(&format!("no rule \"{wrong}\"")), "{}", run.stderr);
    }
    let run = permdelta(dir.path(), &["explain", "modify-all-data", "HEAD"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.contains("one argument too many"), "{}", run.stderr);
    assert_eq!(permdelta(dir.path(), &["explain", "ffff", "nowhere..HEAD"]).status, 3);

    // Of so many findings some begin alike.
    let many = temp();
    for number in 0..800 {
        let set = file("PermissionSet", &[&user("ModifyAllData")]);
        write(many.path(), &format!("S{number}.permissionset"), &set);
    }
    let report = Report::of(many.path(), &["audit", "."]);
    let findings = report.json["findings"].as_array().expect("findings");
    let mut prints: Vec<String> = findings.iter().map(|finding| text(finding, "fingerprint")).collect();
    prints.sort();
    let twins = prints.windows(2).find(|pair| pair[0][..4] == pair[1][..4]).expect("two that begin alike");
    let run = permdelta(many.path(), &["explain", &twins[0][..4], "."]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""));
    assert!(
        twins.iter().all(|print| run.stderr.contains(&format!("\n  {print}  privileged-access-always-on  S"))),
        "{}",
        run.stderr
    );
}

/// Problems are said, and do not hide what was found.
#[test]
fn problems_do_not_change_the_exit_code() {
    let dir = story();
    write(dir.path(), "Cut.permissionset", b"<PermissionSet><userPermissions>");
    let print = fingerprint(dir.path(), &["audit"], "modify-all-records", "Clerk");
    let run = permdelta(dir.path(), &["explain", &print, ":worktree"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stderr.contains("Cut.permissionset: the file ends inside"), "{}", run.stderr);
}

/// Whatever a run prints a fingerprint for can be explained, also what is about no holder.
#[test]
fn every_finding_can_be_explained() {
    let dir = temp();
    let root = dir.path().join("sample");
    assert_eq!(permdelta(dir.path(), &["demo", "--keep", "sample", "-q"]).status, 1);
    let mut rules = BTreeSet::new();
    for (command, place) in [
        (&["check", "main...pull-request", "--no-new-access"][..], "main...pull-request"),
        (&["audit", "pull-request"], "main...pull-request"),
        (&["audit", "main"], "main"),
    ] {
        for finding in Report::of(&root, command).json["findings"].as_array().expect("findings") {
            let (print, rule) = (text(finding, "fingerprint"), text(finding, "rule"));
            if rules.insert((command[0].to_owned(), rule.clone())) {
                let run = permdelta(&root, &["explain", &print, place]);
                assert_eq!(run.status, 0, "{command:?} {rule}: {}", run.stderr);
                assert!(run.stdout.contains(&print) && run.stdout.contains(&rule), "{}", run.stdout);
                let line = format!("  {}:{}\n", text(finding, "path"), finding["line"]);
                assert!(run.stdout.contains(&line), "{line} is not in\n{}", run.stdout);
            }
        }
    }
    assert!(rules.len() > 10, "{rules:?}");
}
