//! Laws of effective access, each over generated orgs, and the cases of DESIGN 5.4 as examples to read.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::effective::{as_key, compared, covers, deltas, number_of_orgs};
use crate::naive_access::Keys;
use crate::naive_requirements::Requirements;
use crate::org_chance::Chance;
use crate::orgs::{File, Kind, Org};
use crate::support::{Report, fold, text};

/// What one comparison tells the laws: for each holder the keys of one list.
type Listed = Vec<(String, String, Keys)>;

fn listed(report: &Report, list: &str) -> Listed {
    let keys = |effective: &Value| -> Keys {
        effective[list].as_array().into_iter().flatten().map(|row| as_key(&text(row, "grant"))).collect()
    };
    deltas(report).iter().map(|((kind, name), effective)| (kind.clone(), name.clone(), keys(effective))).collect()
}

/// The laws take a quarter of the orgs each.
fn orgs(seed: u64, mut make: impl FnMut(&mut Chance) -> (Org, Org)) -> Vec<(Org, Org)> {
    let requirements = Requirements::new();
    (0..number_of_orgs() / 4).map(|number| make(&mut Chance::new(seed, number, &requirements))).collect()
}

fn files_of(org: &mut Org, kind: Kind) -> impl Iterator<Item = &mut File> {
    org.files.iter_mut().filter(move |file| file.kind == kind)
}

#[test]
fn the_same_org_in_another_order_is_no_change() {
    let orgs = orgs(11, |chance| {
        let org = chance.org();
        let mut again = org.clone();
        for file in &mut again.files {
            file.entries.reverse();
            file.sets.reverse();
            file.mutings.reverse();
        }
        again.files.reverse();
        (org, again)
    });
    let differs = |(one, other): &(Org, Org)| format!("{one:?}") != format!("{other:?}");
    assert!(orgs.iter().all(differs), "every one is written in another order");
    let (report, _) = compared(&orgs, 0);
    report.assert_no_change("another order");
}

#[test]
fn order_of_files_members_and_entries_changes_nothing_but_lines() {
    fn without_lines(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.remove("line");
                // A list of derivations is sorted by line, too.
                if let Some(paths) = map.get_mut("paths").and_then(Value::as_array_mut) {
                    paths.iter_mut().for_each(without_lines);
                    paths.sort_by_key(Value::to_string);
                }
                map.values_mut().for_each(without_lines);
            }
            Value::Array(list) => list.iter_mut().for_each(without_lines),
            _ => {}
        }
    }
    let orgs = orgs(12, Chance::pair);
    let shuffled: Vec<(Org, Org)> = orgs
        .iter()
        .rev()
        .cloned()
        .map(|(mut base, mut head)| {
            base.files.reverse();
            head.files.sort_by_key(|file| (file.entries.len(), file.path()));
            (base, head)
        })
        .collect();
    let [one, other] = [(orgs, 0), (shuffled, 5)].map(|(orgs, seed)| {
        let mut holders = compared(&orgs, seed).0.json["holders"].take();
        without_lines(&mut holders);
        holders
    });
    assert_eq!(one.as_array().map(Vec::len), other.as_array().map(Vec::len));
    for (one, other) in one.as_array().expect("rows").iter().zip(other.as_array().expect("rows")) {
        assert_eq!(one, other);
    }
}

#[test]
fn adding_a_grant_to_head_never_removes_a_gain() {
    // A key that base has nowhere: to give head back what base had is to undo a change.
    const FRESH: [&str; 4] = [
        "userPermissions/ModifyAllData",
        "objectPermissions/Account/modifyAllRecords",
        "userPermissions/ViewAllFieldsGlobal",
        "userPermissions/ManageUsers",
    ];
    let mut at = 0;
    let before = orgs(13, Chance::pair);
    let mut after = before.clone();
    for (base, head) in &mut after {
        at += 1;
        let key = FRESH[at % FRESH.len()];
        let is_there = base.files.iter().flat_map(|file| &file.entries).any(|(other, _)| fold(other) == fold(key));
        for set in files_of(head, Kind::Set).filter(|_| !is_there) {
            set.entries.push((key.to_owned(), true));
        }
    }
    let [before, after] = [before, after].map(|orgs| listed(&compared(&orgs, 0).0, "gained"));
    let now = |kind: &str, name: &str| after.iter().find(|holder| (&*holder.0, &*holder.1) == (kind, name));
    let mut gains = 0;
    for (kind, name, keys) in &before {
        let found = now(kind, name).map(|holder| &holder.2);
        for key in keys {
            gains += 1;
            let is_covered = found.is_some_and(|found| found.iter().any(|reported| covers(reported, key)));
            assert!(is_covered, "{kind} {name}: {key} is no gain any more");
        }
    }
    assert!(gains > before.len(), "{gains} gains");
}

#[test]
fn muting_never_adds_access() {
    let mut muted = 0;
    let orgs = orgs(14, |chance| {
        let base = chance.org();
        let mut head = base.clone();
        let mut keys: Vec<String> = vec![chance.key(), chance.key()];
        for set in files_of(&mut head, Kind::Set) {
            keys.extend(set.entries.iter().filter(|_| chance.one_in(3)).map(|(key, _)| key.clone()));
        }
        let group = files_of(&mut head, Kind::Group).next().map(|group| {
            group.mutings.push(format!("{}_more", group.name));
            format!("{}_more", group.name)
        });
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        head.files.extend(group.map(|name| File::new(Kind::Muting, &name).holding(&keys)));
        (base, head)
    });
    let (report, _) = compared(&orgs, 0);
    for ((kind, name, gained), (_, _, lost)) in listed(&report, "gained").iter().zip(listed(&report, "lost")) {
        assert!(gained.is_empty(), "{kind} {name} gains {gained:?}");
        muted += lost.len();
    }
    assert!(muted > orgs.len() / 2, "{muted} keys were muted");
}

#[test]
fn adding_a_member_never_removes_access() {
    let mut gained = 0;
    let orgs = orgs(15, |chance| {
        let base = chance.org();
        let mut head = base.clone();
        let sets: Vec<String> = files_of(&mut head, Kind::Set).map(|set| set.name.clone()).collect();
        for group in files_of(&mut head, Kind::Group) {
            let known: BTreeSet<String> = group.sets.iter().map(|name| fold(name)).collect();
            group.sets.extend(sets.iter().find(|name| !known.contains(&fold(name))).cloned());
            if chance.one_in(4) {
                group.sets.push("Not_Here".to_owned());
            }
        }
        (base, head)
    });
    let (report, _) = compared(&orgs, 0);
    for ((kind, name, lost), (_, _, more)) in listed(&report, "lost").iter().zip(listed(&report, "gained")) {
        assert!(lost.is_empty(), "{kind} {name} loses {lost:?}");
        gained += more.len();
    }
    assert!(gained > orgs.len() / 2, "{gained} keys were gained");
}

/// Delete is held and Edit, which Delete requires, is muted: whether the group's users can delete is not known.
fn doubtful() -> Org {
    let rights = ["objectPermissions/Account/allowDelete", "objectPermissions/Account/allowEdit"];
    Org {
        files: vec![
            File::new(Kind::Set, "Cleaning").holding(&rights),
            File::new(Kind::Muting, "No_Edit").holding(&["objectPermissions/Account/allowEdit"]),
            File::new(Kind::Group, "Desk").naming(&["Cleaning"], &["No_Edit"]),
        ],
        ..Org::default()
    }
}

/// `grant: class` of what the group gains.
fn gains_of_the_group(base: Org, head: Org) -> Vec<String> {
    let (report, _) = compared(&[(base, head)], 0);
    let group = deltas(&report).remove(&("permissionSetGroup".to_owned(), "desk".to_owned())).unwrap_or_default();
    let gained = group["gained"].as_array().into_iter().flatten();
    gained.map(|row| format!("{}: {}", text(row, "grant"), text(row, "class"))).collect()
}

#[test]
fn an_unrelated_edit_in_a_group_with_a_doubtful_key_is_no_gain_of_that_key() {
    let mut head = doubtful();
    head.files[0] = head.files[0].clone().holding(&["userPermissions/RunReports"]);
    assert_eq!(gains_of_the_group(doubtful(), head), ["userPermissions/RunReports: new"]);
}

#[test]
fn removing_a_muting_entry_shows_what_it_muted_and_what_requires_that() {
    let mut head = doubtful();
    head.files[1].entries.clear();
    let expected = ["objectPermissions/Account/allowDelete: unmuted", "objectPermissions/Account/allowEdit: unmuted"];
    assert_eq!(gains_of_the_group(doubtful(), head), expected);
}

#[test]
fn taking_a_muting_set_off_a_group_shows_the_same() {
    let mut head = doubtful();
    head.files[2].mutings.clear();
    assert_eq!(gains_of_the_group(doubtful(), head).len(), 2);
}

#[test]
fn muting_more_is_no_gain_of_a_doubtful_key() {
    let mut head = doubtful();
    head.files[1] = head.files[1].clone().holding(&["objectPermissions/Account/allowRead"]);
    assert_eq!(gains_of_the_group(doubtful(), head), Vec::<String>::new());
}

#[test]
fn an_empty_second_file_takes_the_session_gate_away() {
    let mut set = File::new(Kind::Set, "Break_Glass").holding(&["userPermissions/ManageUsers"]);
    set.gate = Some(true);
    let second = File { package: "two", ..File::new(Kind::Set, "Break_Glass") };
    let base = Org { files: vec![set.clone()], ..Org::default() };
    let head = Org { files: vec![set, second], ..Org::default() };
    let (report, _) = compared(&[(base, head)], 0);
    let gained = &report.holders()[0]["effective"]["gained"][0];
    assert_eq!((text(gained, "class"), text(gained, "gate")), ("gate-removed".to_owned(), "always-on".to_owned()));
}
