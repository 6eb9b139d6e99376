//! What does not change access is no change: other dress, other layout; and a delta leads from one permission set to the other.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::generator::{Set, sets};
use crate::support::{
    FOLDER, Report, Run, arg, commit, commit_worktree, directory, permdelta, repository, temp, write,
};

const PLAIN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <fieldPermissions>
        <editable>false</editable>
        <field>Account.Industry</field>
        <readable>true</readable>
    </fieldPermissions>
    <label>Sales</label>
    <objectPermissions>
        <allowCreate>true</allowCreate>
        <allowRead>true</allowRead>
        <object>Account</object>
    </objectPermissions>
    <userPermissions>
        <enabled>true</enabled>
        <name>ApiEnabled</name>
    </userPermissions>
</PermissionSet>
"#;

/// The same access in other words, blocks and children in another order.
const REORDERED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <userPermissions>
        <name>ApiEnabled</name>
        <enabled>true</enabled>
    </userPermissions>
    <objectPermissions>
        <object>Account</object>
        <allowRead>true</allowRead>
        <allowCreate>true</allowCreate>
    </objectPermissions>
    <label>Sales</label>
    <fieldPermissions>
        <field>Account.Industry</field>
        <readable>true</readable>
        <editable>false</editable>
    </fieldPermissions>
</PermissionSet>
"#;

/// Every dress of `PLAIN` with what is different about it.
fn dresses() -> Vec<(&'static str, String)> {
    let tight: String = PLAIN.lines().map(str::trim).collect();
    vec![
        ("nothing", PLAIN.to_owned()),
        ("order", REORDERED.to_owned()),
        ("white space", PLAIN.replace("    ", "\t").replace("</label>\n", "</label>\n\n\n")),
        ("one line", tight),
        ("comments", PLAIN.replace("    <label>", "    <!-- <userPermissions> -->\n    <label>")),
        ("false left out", PLAIN.replace("        <editable>false</editable>\n", "")),
        ("false written", PLAIN.replace("<allowRead>", "<allowEdit>false</allowEdit><allowRead>")),
        (
            "an entry that holds nothing",
            PLAIN.replace(
                "    <label>",
                "    <classAccesses><apexClass>A</apexClass><enabled>false</enabled></classAccesses>\n    <label>",
            ),
        ),
        ("byte order mark", format!("\u{feff}{PLAIN}")),
        ("line ends", PLAIN.replace('\n', "\r\n")),
        ("case of a name", PLAIN.replace("Account.Industry", "account.industry")),
    ]
}

fn source(name: &str) -> String {
    format!("{FOLDER}/{name}.permissionset-meta.xml")
}

/// "No access change" is the whole of stdout: one line.
fn assert_says_no_change(run: &Run, what: &str) {
    assert_eq!(run.status, 0, "{what}: {}", run.stderr);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 1, "{what}: {}", run.stdout);
    assert!(lines[0].to_lowercase().contains("no access change"), "{what}: {}", run.stdout);
}

#[test]
fn another_dress_is_no_change() {
    let plain = directory(&[(&source("Sales"), PLAIN.as_bytes())]);
    for (what, dress) in dresses() {
        let dressed = directory(&[(&source("Sales"), dress.as_bytes())]);
        for (from, to) in [(&plain, &dressed), (&dressed, &plain)] {
            Report::of_diff(from.path(), to.path()).assert_no_change(what);
            let run = permdelta(
                to.path(),
                &["diff", "--from", arg(from.path()), "--to", arg(to.path()), "--format", "table"],
            );
            assert_says_no_change(&run, what);
        }
    }
}

#[test]
fn another_layout_is_no_change() {
    let source_format = directory(&[(&source("Sales"), PLAIN.as_bytes())]);
    for other in ["src/permissionsets/Sales.permissionset", "other-app/Sales.permissionset-meta.xml"] {
        let moved = directory(&[(other, PLAIN.as_bytes())]);
        for (from, to) in [(&source_format, &moved), (&moved, &source_format)] {
            Report::of_diff(from.path(), to.path()).assert_no_change(other);
            let run = permdelta(
                to.path(),
                &["diff", "--from", arg(from.path()), "--to", arg(to.path()), "--format", "table"],
            );
            assert_says_no_change(&run, other);
        }
    }
}

#[test]
fn commits_that_change_no_access_are_no_change() {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let mut tip = commit(&repository, None, &[(&source("Sales"), PLAIN.as_bytes())]);
    for (what, dress) in dresses() {
        let next = commit(&repository, Some(tip), &[(&source("Sales"), dress.as_bytes())]);
        let range = format!("{tip}..{next}");
        Report::of(dir.path(), &["diff", &range]).assert_no_change(what);
        assert_says_no_change(&permdelta(dir.path(), &["diff", &range, "--format", "table"]), what);
        tip = next;
    }
    let moved = commit(&repository, Some(tip), &[("src/permissionsets/Sales.permissionset", PLAIN.as_bytes())]);
    Report::of(dir.path(), &["diff", &format!("{tip}..{moved}")]).assert_no_change("another layout");
}

#[test]
fn a_worktree_that_changes_no_access_is_no_change() {
    let dir = temp();
    let repository = repository(dir.path(), false);
    commit_worktree(&repository, None, &[(&source("Sales"), PLAIN.as_bytes())]);
    Report::of(dir.path(), &["diff", "HEAD"]).assert_no_change("nothing");
    for (what, dress) in dresses() {
        write(dir.path(), &source("Sales"), dress.as_bytes());
        Report::of(dir.path(), &["diff", "HEAD"]).assert_no_change(what);
    }
    write(dir.path(), &source("Sales"), PLAIN.replace("ApiEnabled", "ViewAllData").as_bytes());
    let report = Report::of(dir.path(), &["diff", "HEAD"]);
    let gained: Vec<String> = report.rows("gained").into_iter().map(|row| row.grant).collect();
    assert_eq!(gained, ["userPermissions/ViewAllData"], "the worktree is read");
}

#[test]
fn fields_that_view_all_fields_hides_are_not_lost() {
    let hidden = r#"<PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>Sales</label>
    <objectPermissions>
        <allowCreate>true</allowCreate>
        <allowRead>true</allowRead>
        <object>Account</object>
        <viewAllFields>true</viewAllFields>
    </objectPermissions>
    <userPermissions>
        <enabled>true</enabled>
        <name>ApiEnabled</name>
    </userPermissions>
</PermissionSet>
"#;
    let from = directory(&[(&source("Sales"), PLAIN.as_bytes())]);
    let to = directory(&[(&source("Sales"), hidden.as_bytes())]);
    let report = Report::of_diff(from.path(), to.path());
    let gained: Vec<String> = report.rows("gained").into_iter().map(|row| row.grant).collect();
    assert_eq!(gained, ["objectPermissions/Account/viewAllFields"]);
    assert_eq!(report.rows("lost"), []);
    // What the file does not say any more is said: hidden, and not revoked.
    let undeclared: Vec<String> = report.rows("undeclared").into_iter().map(|row| row.grant).collect();
    assert_eq!(undeclared, ["fieldPermissions/Account.Industry/readable"]);
}

/// A pair of permission sets, before and after, with a dress for each.
type Pair = (Set, Set, u64, u64);

#[test]
fn a_delta_leads_from_one_permission_set_to_the_other() {
    let config = Config { cases: 24, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let strategy = proptest::collection::vec((sets(), sets(), any::<u64>(), any::<u64>()), 1..16);
    let outcome = TestRunner::new(config).run(&strategy, |pairs| {
        check_pairs(&pairs);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// All pairs at once: a set a file, a run a direction.
fn check_pairs(pairs: &[Pair]) {
    let [before, after, again] = [temp(), temp(), temp()];
    for (at, (a, b, dress_a, dress_b)) in pairs.iter().enumerate() {
        let path = source(&format!("Set_{at}"));
        write(before.path(), &path, &a.file(*dress_a));
        write(after.path(), &path, &b.file(*dress_b));
        write(again.path(), &path, &a.file(*dress_b));
    }
    Report::of_diff(before.path(), again.path()).assert_no_change("the same sets in another dress");

    let forward = Report::of_diff(before.path(), after.path());
    let backward = Report::of_diff(after.path(), before.path());
    assert_eq!((forward.status, backward.status), (0, 0));
    let [gained, lost, regained, relost] =
        [(&forward, "gained"), (&forward, "lost"), (&backward, "gained"), (&backward, "lost")]
            .map(|(report, list)| by_set(report, list));
    assert_eq!((&gained, &lost), (&relost, &regained), "the way back takes the opposite steps");

    for (at, (a, b, ..)) in pairs.iter().enumerate() {
        let name = format!("Set_{at}");
        let (a, b) = (a.grants(), b.grants());
        let none = BTreeSet::new();
        let (gained, lost) = (gained.get(&name).unwrap_or(&none), lost.get(&name).unwrap_or(&none));
        assert!(gained.is_disjoint(&a) && lost.is_subset(&a), "{name}: {gained:?} {lost:?}");
        let reached: BTreeSet<String> = a.difference(lost).chain(gained).cloned().collect();
        assert_eq!(reached, b, "{name}");
    }
}

fn by_set(report: &Report, list: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut sets: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in report.rows(list) {
        sets.entry(row.name).or_default().insert(row.grant);
    }
    sets
}
