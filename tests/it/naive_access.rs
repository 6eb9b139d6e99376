//! A second, naive computation of effective access: sets of strings, every object and field enumerated, nothing clever.
//!
//! A pattern such as `objectPermissions/*/allowRead` is what a holder confers on an object that no file mentions: the
//! universe has such an object, and such a field of every object.

use std::collections::{BTreeMap, BTreeSet};

use crate::naive_requirements::{Requirements, is_required, template};
use crate::orgs::{File, Kind, Org};
use crate::support::fold;

pub(crate) type Keys = BTreeSet<String>;

/// The object and the field that no file mentions.
pub(crate) const NOWHERE: &str = "nowhere";
pub(crate) const ANY_FIELD: &str = "anyfield";

const RIGHTS: [&str; 7] =
    ["allowcreate", "allowread", "allowedit", "allowdelete", "viewallrecords", "modifyallrecords", "viewallfields"];

/// A row of a delta: list (`gained`, `lost`, `moved`), grant key, gate and class, empty where a list has none.
pub(crate) type Row = (&'static str, String, &'static str, &'static str);

/// What one holder of one snapshot is.
#[derive(Debug, Default)]
pub(crate) struct Access {
    session: bool,
    /// Each held key with the members that hold it; a set or profile is its own member.
    pub(crate) held: BTreeMap<String, BTreeSet<String>>,
    muted: Keys,
    /// What a profile states as not held.
    denied: Keys,
    /// Members that are not in the snapshot, with their kind.
    pub(crate) unknown: BTreeSet<(Kind, String)>,
    may: Keys,
    must: Keys,
}

/// All assignable holders of a snapshot.
pub(crate) type Snapshot = BTreeMap<(Kind, String), Access>;

/// The keys that give this one, fields left out.
fn givers(key: &str) -> Vec<String> {
    let (template, object) = template(key);
    let Some(right) = template.strip_prefix("objectpermissions/<o>/") else { return vec![] };
    let (on_object, users): (&[&str], &[&str]) = match right {
        "allowread" => (&["viewallrecords", "modifyallrecords"], &["modifyalldata", "viewalldata"]),
        "allowedit" | "allowdelete" => (&["modifyallrecords"], &["modifyalldata"]),
        "viewallrecords" => (&["modifyallrecords"], &["modifyalldata", "viewalldata"]),
        "allowcreate" | "modifyallrecords" => (&[], &["modifyalldata"]),
        "viewallfields" => (&[], &["viewallfieldsglobal"]),
        _ => (&[], &[]),
    };
    let on_object = on_object.iter().map(|right| format!("objectpermissions/{object}/{right}"));
    on_object.chain(users.iter().map(|user| format!("userpermissions/{user}"))).collect()
}

/// View All Fields and Read on the object of a field that is read.
fn both_for(key: &str) -> Option<[String; 2]> {
    let field = key.strip_prefix("fieldpermissions/")?.strip_suffix("/readable")?;
    let (object, _) = field.split_once('.')?;
    Some(["viewallfields", "allowread"].map(|right| format!("objectpermissions/{object}/{right}")))
}

/// Where a derivation of a key can start: itself and its givers; for a field those of View All Fields.
pub(crate) fn starts(key: &str) -> Keys {
    let mut keys: Keys = givers(key).into_iter().chain([key.to_owned()]).collect();
    if let Some([all_fields, _]) = both_for(key) {
        keys.extend(starts(&all_fields));
    }
    keys
}

/// All that can take part in giving a key: where a derivation starts, and for a field the givers of Read as well.
fn contributors(key: &str) -> Keys {
    let mut keys = starts(key);
    if let Some([_, read]) = both_for(key) {
        keys.extend(starts(&read));
    }
    keys
}

/// Every key that can matter for these orgs.
pub(crate) fn universe(orgs: [&Org; 2]) -> Keys {
    let entries = || orgs.into_iter().flat_map(|org| &org.files).flat_map(|file| &file.entries);
    let mut keys: Keys = entries().map(|(key, _)| fold(key)).collect();
    let mut objects = Keys::from([NOWHERE.to_owned()]);
    for key in &keys {
        match key.split('/').collect::<Vec<_>>()[..] {
            ["objectpermissions", object, _] => objects.insert(object.to_owned()),
            ["fieldpermissions", field, _] => objects.insert(field.split('.').next().expect("an object").to_owned()),
            _ => continue,
        };
    }
    for object in objects {
        keys.extend(RIGHTS.map(|right| format!("objectpermissions/{object}/{right}")));
        keys.insert(format!("fieldpermissions/{object}.{ANY_FIELD}/readable"));
    }
    keys
}

impl Access {
    fn close(&mut self, universe: &Keys, requirements: &Requirements) {
        let held = || self.held.keys().filter(|key| !self.muted.contains(*key));
        let may: Keys = held().cloned().collect();
        let must: Keys = held().filter(|key| requirements.muted_by(key, &self.muted).is_empty()).cloned().collect();
        (self.may, self.must) = (closure(&may, universe), closure(&must, universe));
    }

    fn is_as(&self, other: &Access) -> bool {
        (self.session, &self.held, &self.muted) == (other.session, &other.held, &other.muted)
    }

    pub(crate) fn is_session(&self) -> bool {
        self.session
    }

    pub(crate) fn certainly_confers(&self, key: &str) -> bool {
        self.must.contains(key)
    }

    fn gate(&self) -> &'static str {
        if self.session { "session" } else { "always-on" }
    }

    /// The members and keys of `keys` that hold, muted or not.
    fn sources(&self, keys: &Keys) -> BTreeSet<(String, String)> {
        let held = keys.iter().filter_map(|key| Some((key, self.held.get(key)?)));
        held.flat_map(|(key, members)| members.iter().map(move |member| (member.clone(), key.clone()))).collect()
    }

    /// The derivations of a key: members and unmuted keys.
    pub(crate) fn paths(&self, key: &str) -> BTreeSet<(String, String)> {
        let mut sources = self.sources(&starts(key));
        sources.retain(|(_, source)| !self.muted.contains(source));
        sources
    }

    fn muted_for(&self, key: &str, requirements: &Requirements) -> Keys {
        requirements.muted_by(key, &self.muted)
    }

    fn certainly_holds(&self, key: &str, requirements: &Requirements) -> bool {
        self.held.contains_key(key) && self.muted_for(key, requirements).is_empty()
    }

    fn may_hold(&self, key: &str) -> bool {
        self.held.contains_key(key) && !self.muted.contains(key)
    }
}

fn closure(held: &Keys, universe: &Keys) -> Keys {
    universe.iter().filter(|key| gives(held, key)).cloned().collect()
}

/// Whether what is held is the key or gives it.
fn gives(held: &Keys, key: &str) -> bool {
    let single = |key: &str| held.contains(key) || givers(key).iter().any(|giver| held.contains(giver));
    single(key) || both_for(key).is_some_and(|both| both.iter().all(|key| single(key)))
}

/// Reads an org: each assignable holder with what it confers.
pub(crate) fn snapshot(org: &Org, universe: &Keys, requirements: &Requirements) -> Snapshot {
    let mut snapshot = Snapshot::new();
    let holders: BTreeSet<(Kind, String)> = org.files.iter().map(|file| (file.kind, fold(&file.name))).collect();
    for (kind, name) in holders.into_iter().filter(|(kind, _)| *kind != Kind::Muting) {
        let files = files(org, kind, &name);
        let mut access = Access { session: files.iter().all(|file| file.gate == Some(true)), ..Access::default() };
        match kind {
            Kind::Group => unite(org, &files, &mut access),
            _ => {
                add(&files, "", &mut access);
                access.denied =
                    stated(&files, false).into_iter().filter(|key| !access.held.contains_key(key)).collect();
            }
        }
        access.close(universe, requirements);
        snapshot.insert((kind, name), access);
    }
    snapshot
}

fn files<'o>(org: &'o Org, kind: Kind, name: &str) -> Vec<&'o File> {
    org.files.iter().filter(|file| file.kind == kind && fold(&file.name) == name).collect()
}

fn stated(files: &[&File], held: bool) -> Keys {
    let entries = files.iter().flat_map(|file| &file.entries);
    entries.filter(|(_, is_held)| *is_held == held).map(|(key, _)| fold(key)).collect()
}

fn add(files: &[&File], member: &str, access: &mut Access) {
    for key in stated(files, true) {
        access.held.entry(key).or_default().insert(member.to_owned());
    }
}

/// A group's members and muting sets. Of several files of a group, or of a muting set, only what all of them mute is
/// certain.
fn unite(org: &Org, rosters: &[&File], access: &mut Access) {
    for member in rosters.iter().flat_map(|file| &file.sets).map(|name| fold(name)) {
        let files = files(org, Kind::Set, &member);
        add(&files, &member, access);
        if files.is_empty() {
            access.unknown.insert((Kind::Set, member));
        }
    }
    let named = |file: &&File| -> BTreeSet<String> { file.mutings.iter().map(|name| fold(name)).collect() };
    for muting in rosters.iter().map(named).reduce(|one, other| &one & &other).unwrap_or_default() {
        let files = files(org, Kind::Muting, &muting);
        let mutes = |file: &&File| -> Keys { &stated(&[file], true) - &stated(&[file], false) };
        match files.iter().map(mutes).reduce(|one, other| &one & &other) {
            Some(keys) => access.muted.extend(keys),
            None => {
                access.unknown.insert((Kind::Muting, muting));
            }
        }
    }
}

/// What a holder's users gain and lose.
pub(crate) struct Delta<'a> {
    pub(crate) kind: Kind,
    pub(crate) base: Option<&'a Access>,
    pub(crate) head: Option<&'a Access>,
    /// Whether a manifest of head deletes it.
    pub(crate) deleted: bool,
    pub(crate) requirements: &'a Requirements,
}

impl Delta<'_> {
    pub(crate) fn rows(&self, universe: &Keys) -> BTreeSet<Row> {
        match (self.base, self.head) {
            (Some(base), Some(head)) if base.is_as(head) => BTreeSet::new(),
            (Some(base), Some(head)) => universe.iter().flat_map(|key| self.of_key(key, base, head)).collect(),
            (Some(base), None) => {
                let class = if self.deleted { "removed" } else { "undeclared" };
                base.may.iter().map(|key| ("lost", key.clone(), base.gate(), class)).collect()
            }
            (None, Some(head)) => {
                head.may.iter().map(|key| ("gained", key.clone(), head.gate(), "new-holder")).collect()
            }
            (None, None) => BTreeSet::new(),
        }
    }

    fn of_key(&self, key: &str, base: &Access, head: &Access) -> Vec<Row> {
        let mut rows = Vec::new();
        let (before, now) = (base.may.contains(key), head.may.contains(key));
        if !before && !now {
            return rows;
        }
        if let Some(class) = self.gain(key, base, head).filter(|_| now) {
            rows.push(("gained", key.to_owned(), head.gate(), class));
        }
        let lost = match (before, now) {
            (true, false) => self.loss(key, base, head),
            (true, true) if !base.session && head.session => Some("gate-added"),
            _ => None,
        };
        rows.extend(lost.map(|class| ("lost", key.to_owned(), base.gate(), class)));
        let other_paths = base.paths(key).is_disjoint(&head.paths(key));
        if before && now && rows.is_empty() && base.session == head.session && other_paths {
            rows.push(("moved", key.to_owned(), head.gate(), ""));
        }
        rows
    }

    /// Whether something that can confer the key in head is new, or is muted by less than it was.
    fn is_opened(&self, key: &str, base: &Access, head: &Access) -> bool {
        let sources = head.sources(&contributors(key));
        sources.iter().filter(|(_, source)| !head.muted.contains(source)).any(|(member, source)| {
            let was_held = base.held.get(source).is_some_and(|members| members.contains(member));
            !was_held || self.is_muted_less(source, base, head)
        })
    }

    fn is_muted_less(&self, source: &str, base: &Access, head: &Access) -> bool {
        let [before, now] = [base, head].map(|side| side.muted_for(source, self.requirements));
        !before.is_subset(&now)
    }

    fn gain(&self, key: &str, base: &Access, head: &Access) -> Option<&'static str> {
        let is_new = !base.held.contains_key(key) && head.held.contains_key(key);
        let stays = |key: &str| base.certainly_holds(key, self.requirements) && head.may_hold(key);
        if !base.must.contains(key) && self.is_opened(key, base, head) {
            let requires = |held: &&String| {
                self.requirements.of(held).iter().any(|(required, certain)| *certain && is_required(required, key))
            };
            return Some(match () {
                () if self.is_unmuted(key, base, head) => "unmuted",
                () if is_new && base.held.keys().filter(requires).any(|held| stays(held)) => "implied",
                () => "new",
            });
        }
        if base.session && !head.session {
            return Some("gate-removed");
        }
        let given = starts(key).into_iter().any(|giver| giver != key && stays(&giver));
        (is_new && base.must.contains(key) && given).then_some("implied")
    }

    /// Whether base had it but for muting that is less in head.
    fn is_unmuted(&self, key: &str, base: &Access, head: &Access) -> bool {
        contributors(key)
            .iter()
            .filter(|source| base.held.contains_key(*source))
            .any(|source| !head.muted.contains(source) && self.is_muted_less(source, base, head))
    }

    fn loss(&self, key: &str, base: &Access, head: &Access) -> Option<&'static str> {
        let out_of_sight = |member: &String| head.unknown.contains(&(Kind::Set, member.clone()));
        let may_be_left = |(held, members): &(&String, &BTreeSet<String>)| match self.kind {
            Kind::Profile => !head.denied.contains(*held),
            _ => members.iter().any(out_of_sight),
        };
        let left = base.held.iter().filter(may_be_left).map(|(held, _)| held);
        let left: Keys = left.chain(head.held.keys()).filter(|held| !head.muted.contains(*held)).cloned().collect();
        if gives(&left, key) {
            return (self.kind == Kind::Profile).then_some("undeclared");
        }
        if contributors(key).iter().any(|source| head.held.contains_key(source) && head.muted.contains(source)) {
            return Some("muted");
        }
        // Under View All Fields single fields are not written.
        let is_hidden = all_fields_of(key).is_some_and(|all| head.held.contains_key(&all)) && !key.contains(ANY_FIELD);
        let undeclared = self.kind != Kind::Profile && is_hidden;
        Some(if undeclared { "undeclared" } else { "removed" })
    }
}

/// View All Fields on the object of a field permission, whatever the right.
fn all_fields_of(key: &str) -> Option<String> {
    let (object, _) = key.strip_prefix("fieldpermissions/")?.split_once('.')?;
    Some(format!("objectpermissions/{object}/viewallfields"))
}
