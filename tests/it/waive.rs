//! `permdelta waive`: what it writes, and that it covers what it is for.

use std::fs;
use std::path::Path;

use crate::gate::file;
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
    let said = waive(dir.path(), &["--all", "--expires", "2999-12-31"]);
    assert!(said.lines().count() >= 3, "{said}");
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
        (
            vec![&fingerprint, ".", "--reason", " ", "--owner", "o", "--expires", "2999-12-31"],
            "no waiver can be written",
        ),
        ([&["ffffffff", "."], said(&["--expires", "2999-12-31"]).as_slice()].concat(), "no finding"),
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
