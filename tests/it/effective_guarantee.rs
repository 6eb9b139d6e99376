//! The guarantee of `check --no-new-access` against the naive computation: it never passes a change that gives access.

use std::collections::BTreeSet;

use crate::effective::{number_of_orgs, write_orgs};
use crate::naive_access::{Access, Delta, Keys, Snapshot, snapshot, universe};
use crate::naive_requirements::Requirements;
use crate::org_chance::Chance;
use crate::orgs::{File, Kind, Org};
use crate::support::{Run, permdelta, temp};

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
