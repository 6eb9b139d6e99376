//! What could not be read counts where it could matter, and only there: never a clean answer about something that was not read.

use crate::support::{Report, Run, arg, directory, permdelta, text};

const CUT: &[u8] = b"<PermissionSet>\n<label>cut off";
const PLAIN: &[u8] = b"<PermissionSet>\n<label>Ops</label>\n</PermissionSet>\n";
const RISKY: &[u8] = b"<PermissionSet>\n<label>Ops</label>\n<userPermissions><enabled>true</enabled><name>ModifyAllData</name></userPermissions>\n</PermissionSet>\n";

const ONE: &str = "one/Ops.permissionset-meta.xml";
const TWO: &str = "two/Ops.permissionset-meta.xml";
const OTHER: &str = "one/Other.permissionset-meta.xml";

type Files = [(&'static str, &'static [u8])];

/// `check` from one set of files to another: as a table, and its JSON report.
fn check(before: &Files, after: &Files) -> (Run, Report) {
    let (before, after) = (directory(before), directory(after));
    let args = ["check", "--from", arg(before.path()), "--to", arg(after.path())];
    (permdelta(after.path(), &args), Report::of(after.path(), &args))
}

#[test]
fn a_broken_file_that_nothing_touches_does_not_matter() {
    let (table, report) = check(&[(OTHER, CUT), (ONE, PLAIN)], &[(OTHER, CUT), (ONE, RISKY)]);
    assert_eq!((table.status, report.status), (1, 1));
    assert!(report.complete());
    let (table, _) = check(&[(OTHER, CUT), (ONE, PLAIN)], &[(OTHER, CUT), (ONE, PLAIN)]);
    assert_eq!(table.status, 0, "{}", table.stdout);
}

#[test]
fn a_file_that_breaks_or_was_broken_makes_the_check_incomplete() {
    for (before, after) in [(PLAIN, CUT), (CUT, PLAIN), (CUT, &CUT[1..])] {
        let (table, report) = check(&[(ONE, before)], &[(ONE, after)]);
        assert_eq!((table.status, text(&report.json, "verdict").as_str()), (2, "incomplete"));
        assert!(table.stdout.contains(ONE) && table.stdout.contains("INCOMPLETE"), "{}", table.stdout);
        assert!(!table.stdout.contains("no access change"), "{}", table.stdout);
    }
}

/// A head that could not be read has lost nothing, as far as anybody knows.
#[test]
fn nothing_is_claimed_of_a_head_that_could_not_be_read() {
    for before in [&[(ONE, RISKY)][..], &[(ONE, RISKY), (TWO, RISKY)], &[(TWO, RISKY)]] {
        let (_, report) = check(before, &[(ONE, CUT)]);
        assert_eq!(report.status, 2);
        for list in ["gained", "lost", "undeclared"] {
            assert_eq!(report.rows(list), [], "{list}");
        }
    }
}

/// Two files define `Ops`. One is broken, and has been; the other gains Modify All Data. The old problem is no
/// excuse: what the readable file gains is shown and judged.
#[test]
fn a_broken_file_does_not_hide_what_its_twin_gains() {
    let (table, report) = check(&[(ONE, CUT), (TWO, PLAIN)], &[(ONE, CUT), (TWO, RISKY)]);
    assert_ne!(table.status, 0, "a gain passes the gate:\n{}", table.stdout);
    assert!(!table.stdout.contains("no access change"), "{}", table.stdout);
    let gained = report.rows("gained");
    assert_eq!(gained.len(), 1, "{gained:?}");
    assert_eq!((gained[0].path.as_str(), gained[0].grant.as_str()), (TWO, "userPermissions/ModifyAllData"));
    let findings = report.json["findings"].as_array().expect("findings");
    assert!(
        findings.iter().any(|finding| finding["path"] == TWO && finding["severity"] == "critical"),
        "{findings:#?}"
    );
}

/// In an audit the run is incomplete anyway; what was read is reported all the same.
#[test]
fn an_audit_reports_what_it_could_read() {
    let dir = directory(&[(ONE, CUT), (TWO, RISKY)]);
    let report = Report::of(dir.path(), &["audit", "."]);
    assert_eq!(report.status, 2);
    let findings = report.json["findings"].as_array().expect("findings");
    assert!(findings.iter().any(|finding| finding["path"] == TWO), "{findings:#?}");
}

/// A file with the same problem on both sides is one file.
#[test]
fn old_problems_are_counted_by_file() {
    let (table, _) = check(&[(ONE, CUT), (TWO, PLAIN)], &[(ONE, CUT), (TWO, RISKY)]);
    assert!(table.stdout.contains("1 file that this change does not touch"), "{}", table.stdout);
}
