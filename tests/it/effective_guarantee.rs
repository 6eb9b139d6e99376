//! The guarantee of `check --no-new-access` against the naive computation: it never passes a change that gives access.

use std::collections::BTreeSet;

use crate::effective::{number_of_orgs, write_orgs};
use crate::naive_access::{Access, Delta, Keys, Snapshot, snapshot, universe};
use crate::naive_requirements::Requirements;
use crate::org_chance::Chance;
use crate::orgs::{File, Kind, Org};
use crate::support::{Run, permdelta, temp, write};

fn checked(base: &Org, head: &Org) -> Run {
    let dir = temp();
    write_orgs(&dir.path().join("base.zip"), std::slice::from_ref(base), 0);
    write_orgs(&dir.path().join("head.zip"), std::slice::from_ref(head), 0);
    permdelta(dir.path(), &["check", "--no-new-access", "--fail-on", "none", "--from", "base.zip", "--to", "head.zip"])
}

/// Whether head gives some assignable holder access: a key that is no visibility, a lost gate, or the holder itself.
fn gives(base: &Snapshot, head: &Snapshot, universe: &Keys, requirements: &Requirements) -> bool {
    const VISIBILITY: [&str; 3] = ["tabsettings/", "applicationvisibilities/", "recordtypevisibilities/"];
    head.iter().any(|((kind, name), now)| {
        let Some(before) = base.get(&(*kind, name.clone())) else { return true };
        let delta = Delta { kind: *kind, base: Some(before), head: Some(now), deleted: false, requirements };
        let gains = delta.rows(universe).into_iter().filter(|(list, key, _, class)| {
            let is_certain = *class == "implied" && before.certainly_confers(key);
            *list == "gained" && !is_certain && !VISIBILITY.iter().any(|section| key.starts_with(section))
        });
        gains.count() > 0 || (before.is_session() && !now.is_session())
    })
}

/// Kind and name of a holder or member.
type Named = (Kind, String);

fn unknown_members(side: &Snapshot) -> BTreeSet<(&Named, &Named)> {
    side.iter()
        .flat_map(|(holder, access): (_, &Access)| access.unknown.iter().map(move |member| (holder, member)))
        .collect()
}

#[test]
fn a_change_that_gives_access_never_passes() {
    let requirements = Requirements::new();
    let mut ends = [0; 3];
    for number in 0..number_of_orgs() / 5 {
        let (base, head) = Chance::new(21, number, &requirements).pair();
        let universe = universe([&base, &head]);
        let [before, after] = [&base, &head].map(|org| snapshot(org, &universe, &requirements));
        let gives = gives(&before, &after, &universe, &requirements);
        let newly_unknown = unknown_members(&after).difference(&unknown_members(&before)).count();
        let run = checked(&base, &head);
        ends[run.status as usize] += 1;
        let right = match run.status {
            0 => !gives && newly_unknown == 0,
            1 => gives,
            _ => true,
        };
        assert!(
            right,
            "exit {}, gives access: {gives}\n{}{}\n{base:#?}\n{head:#?}",
            run.status, run.stdout, run.stderr
        );
    }
    assert!(ends.iter().all(|count| *count > 0), "passed, failed, unproven: {ends:?}");
}

#[test]
fn a_second_file_without_the_session_gate_does_not_pass() {
    let mut set = File::new(Kind::Set, "Break_Glass").holding(&["userPermissions/ManageUsers"]);
    set.gate = Some(true);
    let second = File { package: "two", ..File::new(Kind::Set, "Break_Glass") };
    let base = Org { files: vec![set.clone()], ..Org::default() };
    let head = Org { files: vec![set, second], ..Org::default() };
    assert_eq!(checked(&base, &head).status, 1);
}

/// What the muting set takes away is not known, so neither is what comes back.
#[test]
fn taking_an_unknown_muting_set_off_a_group_does_not_pass() {
    let group = |mutings: &[&str]| File::new(Kind::Group, "Desk").naming(&["Cleaning"], mutings);
    let set = File::new(Kind::Set, "Cleaning").holding(&["userPermissions/ManageUsers"]);
    let base = Org { files: vec![set.clone(), group(&["Elsewhere"])], ..Org::default() };
    let head = Org { files: vec![set, group(&[])], ..Org::default() };
    assert_eq!(checked(&base, &head).status, 2);
}

/// Whether the group could manage users before is not known: the member that states it states the opposite, too.
#[test]
fn a_key_that_only_an_unchanged_contradiction_held_does_not_pass() {
    let mut doubtful = File::new(Kind::Set, "Doubtful").holding(&["userPermissions/ManageUsers"]);
    doubtful.entries.push(("userPermissions/ManageUsers".to_owned(), false));
    let certain = File::new(Kind::Set, "Certain").holding(&["userPermissions/ManageUsers"]);
    let group = |sets: &[&str]| File::new(Kind::Group, "Desk").naming(sets, &[]);
    let org = |sets: &[&str]| Org { files: vec![doubtful.clone(), certain.clone(), group(sets)], ..Org::default() };
    assert_eq!(checked(&org(&["Doubtful"]), &org(&["Doubtful", "Certain"])).status, 2);
}

#[test]
fn the_table_says_what_is_proven() {
    let (from, to) = (crate::support::temp(), crate::support::temp());
    let path = format!("{}/Desk.permissionset-meta.xml", crate::support::FOLDER);
    let set = |inside: &str| format!("<PermissionSet><label>Desk</label>{inside}</PermissionSet>").into_bytes();
    let held = "<userPermissions><enabled>true</enabled><name>ViewSetup</name></userPermissions>";
    crate::support::write(from.path(), &path, &set(held));
    crate::support::write(to.path(), &path, &set(""));
    let check = |from: &std::path::Path, to: &std::path::Path| {
        let arguments =
            ["check", "--no-new-access", "--from", crate::support::arg(from), "--to", crate::support::arg(to)];
        crate::support::permdelta(from, &arguments)
    };
    let less = check(from.path(), to.path());
    assert_eq!(less.status, 0, "{}", less.stdout);
    assert!(less.stdout.ends_with("proven: nobody gains access\n"), "{}", less.stdout);
    let more = check(to.path(), from.path());
    assert_eq!(more.status, 1, "{}", more.stdout);
    assert!(more.stdout.contains("gives access it did not give before: userPermissions/ViewSetup"), "{}", more.stdout);
}

/// Which of two files of a group is deployed last is not known, so what only one of them mutes may not be muted.
#[test]
fn a_second_file_of_a_group_without_its_muting_does_not_pass() {
    let second = File { package: "two", ..File::new(Kind::Group, "Desk").naming(&["Cleaning"], &[]) };
    let (base, mut head) = (muted_desk(&["Cleaning"]), muted_desk(&["Cleaning"]));
    head.files.push(second);
    assert_eq!(checked(&base, &head).status, 1);
}

/// What a member that is not among the files holds comes back, too.
#[test]
fn muting_less_beside_an_unknown_member_does_not_pass() {
    let (mut base, mut head) = (muted_desk(&["pkg__Elsewhere"]), muted_desk(&["pkg__Elsewhere"]));
    assert_eq!(checked(&base, &head).status, 0);
    for file in head.files.iter_mut().filter(|file| file.kind == Kind::Muting) {
        file.entries.clear();
    }
    assert_eq!(checked(&base, &head).status, 2);
    // More muting takes away only.
    std::mem::swap(&mut base, &mut head);
    assert_eq!(checked(&base, &head).status, 0);
}

/// A set, a muting set that takes all of it away, and a group of the muting set and these sets.
fn muted_desk(sets: &[&str]) -> Org {
    let rights = ["userPermissions/ManageUsers"];
    let files = vec![
        File::new(Kind::Set, "Cleaning").holding(&rights),
        File::new(Kind::Muting, "Quiet").holding(&rights),
        File::new(Kind::Group, "Desk").naming(sets, &["Quiet"]),
    ];
    Org { files, ..Org::default() }
}

const GROUP: &str = "<PermissionSetGroup><mutingPermissionSets>own__Quiet</mutingPermissionSets>\
    <permissionSets>own__Cleaning</permissionSets></PermissionSetGroup>";
const RIGHT: &str = "<userPermissions><enabled>true</enabled><name>ApiEnabled</name></userPermissions>";

/// The exit for base and head, written as the project file, the group, and what the muting set mutes.
fn checked_files(base: [&str; 3], head: [&str; 3]) -> i32 {
    let dir = temp();
    for (side, [project, group, muted]) in [("base", base), ("head", head)] {
        let root = dir.path().join(side);
        write(&root, "Cleaning.permissionset-meta.xml", format!("<PermissionSet>{RIGHT}</PermissionSet>").as_bytes());
        let muting = format!("<MutingPermissionSet>{muted}</MutingPermissionSet>");
        write(&root, "Quiet.mutingpermissionset-meta.xml", muting.as_bytes());
        write(&root, "Desk.permissionsetgroup-meta.xml", group.as_bytes());
        if !project.is_empty() {
            write(&root, "sfdx-project.json", project.as_bytes());
        }
    }
    permdelta(dir.path(), &["check", "--no-new-access", "--from", "base", "--to", "head"]).status
}

#[test]
fn another_namespace_of_the_project_hides_no_change_of_a_muting_set() {
    let own = r#"{"namespace": "own"}"#;
    assert_eq!(checked_files([own, GROUP, RIGHT], [own, GROUP, RIGHT]), 0);
    assert_eq!(checked_files([own, GROUP, RIGHT], [own, GROUP, ""]), 1);
    for project in ["", "{}", r#"{"namespace": "other"}"#, "{"] {
        for muted in [RIGHT, ""] {
            assert_eq!(checked_files([own, GROUP, RIGHT], [project, GROUP, muted]), 2, "{project:?} {muted:?}");
        }
    }
}

#[test]
fn muting_less_beside_a_broken_group_does_not_pass() {
    let cut = &GROUP[..GROUP.len() - 5];
    assert_eq!(checked_files(["", cut, RIGHT], ["", cut, ""]), 2);
    assert_eq!(checked_files(["", cut, ""], ["", cut, RIGHT]), 0);
}

/// Nor does it without the guarantee: what comes back may be anything.
#[test]
fn muting_less_beside_a_broken_group_is_not_complete() {
    let cut = &GROUP[..GROUP.len() - 5];
    let status = |base: [&str; 2], head: [&str; 2]| {
        let dir = temp();
        for (side, [group, muted]) in [("base", base), ("head", head)] {
            let root = dir.path().join(side);
            let muting = format!("<MutingPermissionSet>{muted}</MutingPermissionSet>");
            write(&root, "Quiet.mutingpermissionset-meta.xml", muting.as_bytes());
            write(&root, "Desk.permissionsetgroup-meta.xml", group.as_bytes());
        }
        permdelta(dir.path(), &["check", "--from", "base", "--to", "head"]).status
    };
    assert_eq!(status([cut, RIGHT], [cut, ""]), 2);
    assert_eq!(status([cut, ""], [cut, RIGHT]), 0);
}

/// Names differ in case beyond ASCII, too.
#[test]
fn a_profile_of_two_files_is_named_by_the_guarantee() {
    let dir = temp();
    for (side, more) in [("base", ""), ("head", RIGHT)] {
        write(&dir.path().join(side), "one/\u{c9}.profile", b"<Profile></Profile>");
        write(&dir.path().join(side), "two/\u{e9}.profile", format!("<Profile>{more}</Profile>").as_bytes());
    }
    let run = permdelta(dir.path(), &["check", "--no-new-access", "--from", "base", "--to", "head"]);
    assert_eq!(run.status, 1, "{}", run.stdout);
    assert!(run.stdout.contains("new-access"), "{}", run.stdout);
}

#[test]
fn a_part_that_takes_the_session_gate_away_does_not_pass() {
    let dir = temp();
    for (side, flag) in [("base", "true"), ("head", "false")] {
        let root = dir.path().join(side).join("permissionsets/Fire");
        let set = |flag: &str, more: &str| {
            format!("<PermissionSet><hasActivationRequired>{flag}</hasActivationRequired>{more}</PermissionSet>")
        };
        write(&root, "Fire.permissionset-meta.xml", set("true", "").as_bytes());
        write(&root, "Fire.userPermission-meta.xml", set(flag, RIGHT).as_bytes());
    }
    let run = permdelta(dir.path(), &["check", "--no-new-access", "--from", "base", "--to", "head"]);
    assert_eq!(run.status, 1, "{}", run.stdout);
}

/// What a broken file granted before is not known, whatever stands beside it now.
#[test]
fn a_second_file_beside_a_broken_one_does_not_pass() {
    let dir = temp();
    for side in ["base", "head"] {
        write(&dir.path().join(side), "one/Cleaning.permissionset", b"<PermissionSet>");
    }
    let set = format!("<PermissionSet>{RIGHT}</PermissionSet>");
    write(&dir.path().join("head"), "two/Cleaning.permissionset", set.as_bytes());
    let run = permdelta(dir.path(), &["check", "--no-new-access", "--from", "base", "--to", "head"]);
    assert_eq!(run.status, 2, "{}", run.stdout);
}

/// What a deployment writes instead of what stands there is not known, though the project file is what it was.
#[test]
fn a_replacement_that_was_there_does_not_pass() {
    let status = |target: &str, more: &[&str]| {
        let dir = temp();
        let replacement = format!(
            r#"{{"replacements": [{{"filename": "{target}", "stringToReplace": "a", "replaceWithEnv": "B"}}]}}"#
        );
        for side in ["base", "head"] {
            let root = dir.path().join(side);
            write(&root, "sfdx-project.json", replacement.as_bytes());
            write(&root, "Sales.permissionset", b"<PermissionSet></PermissionSet>");
            write(&root, "text.txt", side.as_bytes());
        }
        permdelta(dir.path(), &[&["check", "--from", "base", "--to", "head"], more].concat()).status
    };
    let proof = ["--no-new-access"];
    assert_eq!((status("Sales.permissionset", &[]), status("Sales.permissionset", &proof)), (0, 2));
    assert_eq!((status("text.txt", &[]), status("text.txt", &proof)), (0, 0));
}
