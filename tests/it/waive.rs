//! `permdelta waive`: what it writes, and that it covers what it is for.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::gate::{Files, file, history};
use crate::ranges::{path, set};
use crate::support::{Report, commit_worktree, directory, permdelta, repository, temp, text};

const POLICY: &str = "permdelta.toml";
const SAID: [&str; 6] = ["--reason", "migration", "--owner", "data-team", "--expires", "2999-12-31"];

fn fingerprint(dir: &Path, rule: &str) -> String {
    let report = Report::of(dir, &["audit", "."]);
    let findings = report.json["findings"].as_array().expect("findings");
    let of_rule = findings.iter().find(|finding| text(finding, "rule") == rule).expect("the finding");
    text(of_rule, "fingerprint")
}

fn waive(dir: &Path, args: &[&str]) -> String {
    let run = permdelta(dir, &[&["waive"], args].concat());
    assert_eq!(run.status, 0, "{args:?}: {}", run.stderr);
    run.stdout
}

fn policy(dir: &Path) -> String {
    fs::read_to_string(dir.join(POLICY)).expect("a configuration")
}

const RULE: &str = "privileged-access-always-on";

#[test]
fn a_finding_is_accepted_by_its_fingerprint() {
    let dir = directory(&[(&path("A"), &set("ModifyAllData"))]);
    let fingerprint = fingerprint(dir.path(), RULE);
    let said = waive(dir.path(), &[&[&fingerprint[..6], "."], SAID.as_slice(), &["--ticket", "SEC-1"]].concat());
    assert_eq!(
        said,
        "waived until 2999-12-31  privileged-access-always-on  permissionSet:A  userPermissions/ModifyAllData\n"
    );
    let expected = "[[waiver]]\nrule = \"privileged-access-always-on\"\nholder = \"permissionSet:A\"\ngrant = \"userPermissions/ModifyAllData\"\n\
                    reason = \"migration\"\nowner = \"data-team\"\nticket = \"SEC-1\"\nexpires = 2999-12-31\n";
    assert_eq!(policy(dir.path()), expected);
    let report = Report::of(dir.path(), &["audit", ".", "--fail-on", "critical"]);
    assert_eq!((report.status, &report.json["summary"]["waived"]), (0, &1.into()));
}

#[test]
fn the_rest_of_the_file_stays_to_the_byte() {
    let before = "# ours\r\n[rules]\r\nhygiene   = \"off\" # loud\r\n\r\n[paths]\r\nexclude = [ 'archive/**' ]\r\n";
    let dir = directory(&[(&path("A"), &set("ModifyAllData")), (POLICY, before.as_bytes())]);
    let fingerprint = fingerprint(dir.path(), RULE);
    waive(dir.path(), &[&[fingerprint.as_str(), "."], SAID.as_slice()].concat());
    let after = policy(dir.path());
    let added = after.strip_prefix(before).expect("what was there is there");
    assert!(added.starts_with("\r\n[[waiver]]\r\n") && !added.replace("\r\n", "").contains('\n'), "{added:?}");
}

#[test]
fn a_waiver_is_renewed_where_it_stands() {
    let old = "[[waiver]]  # sync\nrule = \"privileged-access-always-on\"\nholder = \"permissionSet:a\"\ngrant = \"userPermissions/ModifyAllData\"\n\
               reason = \"old\" # why\nowner = \"x\"\nexpires = 2020-01-01 # over\n\n[rules]\nhygiene = \"off\"\n";
    let dir = directory(&[(&path("A"), &set("ModifyAllData")), (POLICY, old.as_bytes())]);
    let fingerprint = fingerprint(dir.path(), RULE);
    waive(dir.path(), &[&[fingerprint.as_str(), "."], SAID.as_slice()].concat());
    let expected =
        old.replace("\"old\"", "\"migration\"").replace("\"x\"", "\"data-team\"").replace("2020-01-01", "2999-12-31");
    assert_eq!(policy(dir.path()), expected);
    let inline = "waiver = [{ rule = \"manage-users\", holder = \"permissionSet:B\", reason = \"r\", owner = \"o\", expires = 2999-01-01 }]\n";
    fs::write(dir.path().join(POLICY), inline).expect("written");
    waive(dir.path(), &[&[fingerprint.as_str(), "."], SAID.as_slice()].concat());
    assert_eq!(Report::of(dir.path(), &["audit", "."]).json["summary"]["waived"], 1, "{}", policy(dir.path()));
}

#[test]
fn hostile_texts_stay_inside_their_value() {
    let dir = directory(&[(&path("A"), &set("ModifyAllData"))]);
    let fingerprint = fingerprint(dir.path(), RULE);
    let reason = "x\"\n[rules]\ngovernance = \"off\"\n'''\u{1b}[2J";
    waive(dir.path(), &[fingerprint.as_str(), ".", "--reason", reason, "--owner", "o", "--expires", "2999-12-31"]);
    let report = Report::of(dir.path(), &["audit", "."]);
    let findings = report.json["findings"].as_array().expect("findings");
    let waived = findings.iter().find(|finding| finding["waiver"].is_object()).expect("waived");
    assert_eq!(text(&waived["waiver"], "reason"), reason);
}

#[test]
fn all_there_is_can_be_accepted_to_begin_with_what_is_new() {
    let b = "<PermissionSet><label>B</label>\
        <objectPermissions><allowRead>true</allowRead><object>X__c</object><viewAllRecords>true</viewAllRecords></objectPermissions>\
        <objectPermissions><allowRead>true</allowRead><object>Y__c</object><viewAllRecords>true</viewAllRecords></objectPermissions>\
        </PermissionSet>";
    let dir = temp();
    let git = repository(dir.path(), false);
    let files = [file(&path("A"), set("ModifyAllData")), file(&path("B"), b)];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    commit_worktree(&git, None, &files);
    let run = permdelta(dir.path(), &["waive", "--all", "--expires", "2999-12-31"]);
    assert!(run.status == 0 && run.stdout.lines().count() >= 3, "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.contains("they count once they are merged there"), "{}", run.stderr);
    let text = policy(dir.path());
    assert!(text.contains("# critical: 1 finding there on "), "{text}");
    assert!(text.contains("grant = \"objectPermissions/{X__c,Y__c}/viewAllRecords\""), "{text}");
    let report = Report::of(dir.path(), &["audit", "--fail-on", "low"]);
    assert_eq!(report.status, 0, "{}", report.json["findings"]);
    assert_eq!(
        waive(dir.path(), &["--all", "--expires", "2999-12-31"]),
        "nothing to accept: no such finding is open\n"
    );
    assert_eq!(policy(dir.path()), text);
    // Notes fail nothing, so they are left, unless they are asked for.
    let count = text.matches("[[waiver]]").count();
    fs::remove_file(dir.path().join(POLICY)).expect("removed");
    waive(dir.path(), &["--all", "--severity", "critical", "--expires", "2999-12-31"]);
    assert!(policy(dir.path()).matches("[[waiver]]").count() < count);
}

const ADMIN: &str = "[rules]\nhygiene = \"off\"\n[classes]\nadmin = [\"Sys_Admin\"]\n";

/// A set with these user permissions, and all records of these objects.
fn powerful(permissions: &[&str], objects: &[&str]) -> Vec<u8> {
    let object = |name: &&str| {
        format!(
            "<objectPermissions><allowRead>true</allowRead><object>{name}</object><viewAllRecords>true</viewAllRecords></objectPermissions>\n"
        )
    };
    let permission =
        |name: &&str| format!("<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>\n");
    let body: String = objects.iter().map(object).chain(permissions.iter().map(permission)).collect();
    format!("<PermissionSet>\n<label>A</label>\n{body}</PermissionSet>\n").into_bytes()
}

/// `main` has this set and policy, `topic` another set.
fn change(policy: &str, before: &[u8], after: &[u8]) -> TempDir {
    let files = |set: &[u8]| -> Files { vec![file(POLICY, policy), file(&path("Sys_Admin"), set)] };
    history(&files(before), &files(before), &files(after))
}

fn open(report: &Report) -> Vec<String> {
    let findings = report.json["findings"].as_array().expect("findings").iter();
    findings.filter(|finding| finding["waiver"].is_null()).map(|finding| text(finding, "rule")).collect()
}

const MUCH: (&[&str], &[&str]) = (&["ModifyAllData", "ExportReport", "ManageUsers"], &["X__c", "Y__c"]);

#[test]
fn what_an_administrator_holds_is_accepted_under_its_own_rules() {
    for args in [vec!["--all", "."], vec!["FINGERPRINT", "."]] {
        let much = powerful(MUCH.0, MUCH.1);
        let dir = directory(&[(&path("Sys_Admin"), &much), (POLICY, ADMIN.as_bytes())]);
        let found = Report::of(dir.path(), &["audit", "."]).json["findings"].clone();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
        let fingerprint = text(&found[0], "fingerprint");
        let args: Vec<&str> =
            args.into_iter().map(|arg| if arg == "FINGERPRINT" { fingerprint.as_str() } else { arg }).collect();
        waive(dir.path(), &[args.as_slice(), SAID.as_slice()].concat());
        let written = policy(dir.path());
        let rules: BTreeSet<&str> = written.lines().filter_map(|line| line.strip_prefix("rule = ")).collect();
        assert!(rules.len() > 2, "{written}");
        assert_eq!(written.matches("userPermissions/ExportReport").count(), 1, "under one rule only: {written}");
        let audit = Report::of(dir.path(), &["audit", "."]);
        assert_eq!(open(&audit), [""; 0], "{}", audit.json["findings"]);
        // A change that brings just that passes; one that brings more does not.
        let few = powerful(&["RunReports"], &[]);
        let same = change(&written, &few, &much);
        let check = Report::of(same.path(), &["check", "main...topic", "--fail-on", "low"]);
        assert_eq!((check.status, open(&check)), (0, vec![]), "{}", check.json["findings"]);
        let more = powerful(&[MUCH.0, &["PasswordNeverExpires"]].concat(), &["X__c", "Y__c", "Z__c"]);
        let check = Report::of(change(&written, &few, &more).path(), &["check", "main...topic"]);
        assert_eq!((check.status, open(&check).len()), (1, 2), "{}", check.json["findings"]);
    }
}

#[test]
fn what_a_change_brings_to_an_administrator_is_accepted_in_an_audit_too() {
    let much = powerful(MUCH.0, MUCH.1);
    let dir = change(ADMIN, &powerful(&["RunReports"], &[]), &much);
    let found = Report::of(dir.path(), &["check", "main...topic"]).json["findings"].clone();
    let fingerprints: Vec<String> =
        found.as_array().expect("findings").iter().map(|finding| text(finding, "fingerprint")).collect();
    assert!(fingerprints.len() > 2, "{found}");
    fs::write(dir.path().join(POLICY), ADMIN).expect("written");
    let (last, first) = fingerprints.split_last().expect("some");
    for fingerprint in first {
        waive(dir.path(), &[&[fingerprint, "main...topic"], SAID.as_slice()].concat());
    }
    let audited = |policy: &str| {
        let dir = directory(&[(&path("Sys_Admin"), &much), (POLICY, policy.as_bytes())]);
        open(&Report::of(dir.path(), &["audit", "."])).len()
    };
    assert_eq!(audited(&policy(dir.path())), 1, "{}", policy(dir.path()));
    waive(dir.path(), &[&[last, "main...topic"], SAID.as_slice()].concat());
    assert_eq!(audited(&policy(dir.path())), 0, "{}", policy(dir.path()));
}

#[test]
fn less_severe_parts_of_an_administrator_are_left_where_they_are_not_asked_for() {
    let dir = directory(&[(&path("Sys_Admin"), &powerful(MUCH.0, MUCH.1)), (POLICY, ADMIN.as_bytes())]);
    waive(dir.path(), &["--all", ".", "--severity", "critical", "--expires", "2999-12-31"]);
    let left = Report::of(dir.path(), &["audit", "."]).json["summary"]["findings"].clone();
    assert!(
        left["critical"] == 0
            && left != serde_json::json!({"critical": 0, "high": 0, "medium": 0, "low": 0, "note": 0}),
        "{left}"
    );
}

/// Names of profiles hold what globs are written with, and are percent-encoded in file names where they have to be.
#[test]
fn names_with_brackets_are_accepted_and_what_no_waiver_can_name_is_left() {
    let profile = b"<Profile><custom>true</custom><userLicense>Salesforce</userLicense><userPermissions><enabled>true</enabled><name>ModifyAllData</name></userPermissions></Profile>";
    let paths: Vec<String> = ["Sales [EU]", "{Sales}", "]x[", "All%2A", "%3F", "Who%3F"]
        .iter()
        .map(|name| format!("profiles/{name}.profile"))
        .chain((0..5).map(|at| format!("profiles/More%2A{at}.profile")))
        .collect();
    let files: Vec<(&str, &[u8])> = paths.iter().map(|path| (path.as_str(), profile.as_slice())).collect();
    let dir = directory(&files);
    let run = permdelta(dir.path(), &["waive", "--all", ".", "--expires", "2999-12-31"]);
    let accepted: Vec<&str> = run.stdout.lines().filter_map(|line| line.split("  ").nth(2)).collect();
    assert_eq!(accepted, ["profile:Sales [EU]", "profile:]x[", "profile:{Sales}"], "{}", run.stderr);
    let words =
        ["8 findings stay open", "privileged-access-always-on on profile:?: its holder has `*` or `?`", "and 3 more"];
    assert!(words.iter().all(|word| run.stderr.contains(word)), "{}", run.stderr);
    assert!(policy(dir.path()).starts_with("# critical: 3 findings there on "), "{}", policy(dir.path()));
    let report = Report::of(dir.path(), &["audit", "."]);
    assert_eq!(
        (&report.json["summary"]["waived"], &report.json["summary"]["findings"]["critical"]),
        (&3.into(), &8.into())
    );
    let left = report.json["findings"].as_array().expect("findings");
    let left = left.iter().find(|finding| finding["subject"]["name"] == "?").expect("the finding");
    let before = policy(dir.path());
    let run = permdelta(dir.path(), &[&["waive", &text(left, "fingerprint"), "."], SAID.as_slice()].concat());
    assert!(run.status == 3 && run.stderr.contains("names exactly one"), "{}", run.stderr);
    assert_eq!(policy(dir.path()), before);
}

/// A big organisation has thousands of findings to begin with: each is parsed, looked up and written once.
#[test]
fn thousands_are_accepted_at_once_and_read_again() {
    let grants = ["ExportReport", "ManageSharing", "PasswordNeverExpires", "BulkApiHardDelete"]
        .map(|name| format!("<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>"));
    let set = format!("<PermissionSet><label>A</label>{}</PermissionSet>", grants.concat());
    let files: Vec<(String, Vec<u8>)> =
        (0..1_000).map(|at| file(&path(&format!("Business_Unit_{at:04}")), set.clone())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let dir = directory(&files);
    let all = |expires: &str| waive(dir.path(), &["--all", ".", "--today", "2026-01-01", "--expires", expires]);
    assert_eq!(all("2026-06-30").lines().count(), 4_000);
    let written = policy(dir.path());
    assert!(written.len() > 900_000 && written.matches("[[waiver]]").count() == 4_000, "{}", written.len());
    let waived = |day: &str| Report::of(dir.path(), &["audit", ".", "--today", day]).json["summary"]["waived"].clone();
    assert_eq!(waived("2026-06-30"), 4_000);
    // Each is renewed where it stands.
    assert_eq!(waived("2027-01-01"), 0);
    waive(dir.path(), &["--all", ".", "--today", "2027-01-01", "--expires", "2027-06-30"]);
    assert_eq!(policy(dir.path()), written.replace("expires = 2026-06-30", "expires = 2027-06-30"));
}

#[test]
fn a_configuration_that_would_be_too_large_is_not_written() {
    let comment = format!("# {}\n", "x".repeat((4 << 20) - 3));
    let dir = directory(&[(&path("A"), &set("ModifyAllData")), (POLICY, comment.as_bytes())]);
    let run = permdelta(dir.path(), &["waive", "--all", ".", "--expires", "2999-12-31"]);
    assert_eq!(run.status, 3, "{}", run.stdout);
    assert!(
        run.stderr.contains("permdelta.toml would not load") && run.stderr.contains("--severity"),
        "{}",
        run.stderr
    );
    assert!(policy(dir.path()) == comment);
}

#[test]
fn what_cannot_be_accepted_is_refused_and_nothing_is_written() {
    let dir = directory(&[(&path("A"), &set("ModifyAllData"))]);
    let fingerprint = fingerprint(dir.path(), RULE);
    let said = |more: &[&'static str]| [&["--reason", "r", "--owner", "o"], more].concat();
    let cases: &[(Vec<&str>, &str)] = &[
        ([&[fingerprint.as_str(), "."], said(&["--expires", "2020-01-01"]).as_slice()].concat(), "2020-01-01 is over"),
        ([&[fingerprint.as_str(), "."], said(&["--expires", "soon"]).as_slice()].concat(), "2027-03-31"),
        ([&[fingerprint.as_str(), "."], said(&[]).as_slice()].concat(), "--expires"),
        (vec![&fingerprint, ".", "--owner", "o", "--expires", "2999-12-31"], "--reason"),
        (vec![&fingerprint, ".", "--reason", " ", "--owner", "o", "--expires", "2999-12-31"], "it is empty"),
        (vec![&fingerprint, ".", "--reason", "r", "--owner", "", "--expires", "2999-12-31"], "it is empty"),
        (vec!["--all", ".", "--reason", "", "--expires", "2999-12-31"], "it is empty"),
        ([&["ffffffff", "."], said(&["--expires", "2999-12-31"]).as_slice()].concat(), "no finding"),
        (
            [&[fingerprint.as_str(), ".", "--severity", "high"], said(&["--expires", "2999-12-31"]).as_slice()]
                .concat(),
            "--all",
        ),
        (vec!["--all", ".", &fingerprint, "--expires", "2999-12-31"], "no fingerprint"),
        ([&["nonsense", "."], said(&["--expires", "2999-12-31"]).as_slice()].concat(), "no fingerprint"),
    ];
    for (args, word) in cases {
        let run = permdelta(dir.path(), &[&["waive"], args.as_slice()].concat());
        assert_eq!(run.status, 3, "{args:?}: {}", run.stdout);
        assert!(run.stderr.contains(word), "{args:?}: {}", run.stderr);
        assert!(!dir.path().join(POLICY).exists(), "{args:?}");
    }
    fs::write(dir.path().join(POLICY), "[rules]\nhygiene = \"of\"\n").expect("written");
    let run = permdelta(dir.path(), &[&["waive", &fingerprint, "."], SAID.as_slice()].concat());
    assert!(run.status == 3 && run.stderr.contains("permdelta.toml:2"), "{}", run.stderr);
    assert_eq!(policy(dir.path()), "[rules]\nhygiene = \"of\"\n");
}

#[test]
fn what_guards_the_gate_is_not_accepted() {
    let before = vec![file(POLICY, "[rules]\nhygiene = \"off\"\n"), file(&path("A"), set("RunReports"))];
    let after = vec![file(POLICY, "[rules]\nhygiene = \"off\"\nescalation = \"off\"\n"), before[1].clone()];
    let dir = history(&before, &before, &after);
    let found = Report::of(dir.path(), &["check", "main...topic"]).json["findings"].clone();
    assert_eq!(text(&found[0], "rule"), "policy-weakened", "{found}");
    let run =
        permdelta(dir.path(), &[&["waive", &text(&found[0], "fingerprint"), "main...topic"], SAID.as_slice()].concat());
    assert!(run.status == 3 && run.stderr.contains("policy-weakened cannot be waived"), "{}", run.stderr);
    let comment = permdelta(dir.path(), &["check", "main...topic", "--format", "markdown"]).stdout;
    assert!(comment.contains("cannot be accepted") && !comment.contains("permdelta waive"), "{comment}");
}

/// A register of what there was before is long: its findings stay visible, a line each.
#[test]
fn many_waived_findings_have_a_line_each() {
    let sets: Vec<(String, Vec<u8>)> = (0..12).map(|at| (path(&format!("A{at}")), set("ModifyAllData"))).collect();
    let files: Vec<(&str, &[u8])> = sets.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let dir = directory(&files);
    waive(dir.path(), &["--all", ".", "--expires", "2999-12-31"]);
    let lines = |args: &[&str]| {
        let text = permdelta(dir.path(), args).stdout;
        let of_set = |line: &&str| line.starts_with("waived  critical  privileged-access-always-on  A");
        (text.lines().filter(of_set).count(), text.matches("userPermissions/ModifyAllData").count())
    };
    assert_eq!(lines(&["audit", "."]), (12, 0));
    let (verbose, grants) = lines(&["audit", ".", "-v"]);
    assert!(verbose == 12 && grants >= 12, "{verbose} {grants}");
}
