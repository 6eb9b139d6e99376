//! Session gates that protect nothing: others give the same grants in every session.

use std::collections::{BTreeSet, HashMap};

use crate::access::{Access, Effective, Gate, Holder, Reading, Relations, access_key, is_visibility};
use crate::delta::{Audit, GroupAccess, Library};
use crate::metadata::{Key, NameId, Word};
use crate::policy::related::{Fact, Hit};
use crate::policy::{Subject, SubjectKind};
use crate::source::HolderKind;
use crate::text::Span;

/// A session-based set or group, and what it gives while it is activated.
struct Gated<'a, 'l> {
    holder: &'a Holder<'l>,
    keys: Vec<(Key, NameId)>,
    /// For each of the keys, whether others give it in every session.
    open: Vec<bool>,
    /// Who does.
    via: BTreeSet<(HolderKind, &'l str)>,
}

/// For each key that a gate protects: which gates, and where among their keys.
type Wanted = HashMap<Key, Vec<(usize, usize)>>;

/// Once for each session-based set or group: which other assignable holders give its grants always-on. A set that
/// is a component is assigned to nobody; the groups it is in are.
pub(super) fn elsewhere<'l>(
    audit: &Audit<'l>,
    library: &Library,
    component: &dyn Fn(&Holder<'l>) -> bool,
) -> Vec<Hit<'l>> {
    let relations = Relations::new(library.names());
    let mut gated = gated(audit);
    if gated.is_empty() {
        return Vec::new();
    }
    let mut wanted = Wanted::new();
    for (gate, gated) in gated.iter().enumerate() {
        for (at, (key, _)) in gated.keys.iter().enumerate() {
            wanted.entry(*key).or_default().push((gate, at));
        }
    }
    for holder in audit.holders.iter().filter(|holder| may_open(holder) && !component(holder)) {
        let effective = Effective::new(Gate::AlwaysOn, &[(0, &holder.grants())], Vec::new());
        open_by(holder, &effective, &wanted, &relations, &mut gated);
    }
    for group in audit.groups.iter().filter(|group| group.effective.gate == Gate::AlwaysOn) {
        open_by(&group.roster.holder, &group.effective, &wanted, &relations, &mut gated);
    }
    gated.iter().filter(|gated| gated.open.contains(&true)).map(|gated| hit(gated, &relations)).collect()
}

fn may_open(holder: &Holder<'_>) -> bool {
    matches!(holder.kind, HolderKind::PermissionSet | HolderKind::Profile) && holder.gate() == Gate::AlwaysOn
}

fn gated<'a, 'l>(audit: &'a Audit<'l>) -> Vec<Gated<'a, 'l>> {
    let gated = |holder: &'a Holder<'l>, keys: Vec<(Key, NameId)>| {
        let keys: Vec<(Key, NameId)> = keys.into_iter().filter(|(key, _)| !is_visibility(*key)).collect();
        Gated { holder, open: vec![false; keys.len()], keys, via: BTreeSet::new() }
    };
    let session = |holder: &&Holder<'l>| {
        holder.kind == HolderKind::PermissionSet && holder.gate() == Gate::Session && !holder.broken()
    };
    let sets = audit.holders.iter().filter(session).map(|holder| {
        gated(holder, holder.grants().iter().map(|grant| (grant.entry.key, grant.entry.spelling)).collect())
    });
    let groups = audit.groups.iter().filter(|group| group.effective.gate == Gate::Session);
    sets.chain(groups.map(|group| gated(&group.roster.holder, held(group)))).collect()
}

/// What a group holds and does not mute.
fn held(group: &GroupAccess<'_>) -> Vec<(Key, NameId)> {
    let unmuted = group.effective.sources().iter().filter(|source| group.effective.muting(source.key()).is_none());
    let mut keys: Vec<(Key, NameId)> = unmuted.map(|source| (source.key(), source.grant.entry.spelling)).collect();
    keys.dedup_by_key(|(key, _)| *key);
    keys
}

/// Marks what an always-on holder gives of what is behind gates.
///
/// Single keys, and what they give on the same object, are looked up; a right on every object is compared with
/// what is wanted; only fields of which not each is named are asked for one by one.
fn open_by<'l>(
    holder: &Holder<'l>,
    effective: &Effective<'l>,
    wanted: &Wanted,
    relations: &Relations<'_>,
    gated: &mut [Gated<'_, 'l>],
) {
    let mut opened = vec![false; gated.len()];
    let mut open = |places: &[(usize, usize)]| {
        for (gate, at) in places {
            gated[*gate].open[*at] = true;
            opened[*gate] = true;
        }
    };
    let (mut given, mut on_every_object, mut gives_fields) = (Vec::new(), Vec::new(), false);
    for source in effective.sources() {
        let key = source.key();
        if effective.muting(key).is_some() {
            continue;
        }
        given.clear();
        given.push(Access::Key(key));
        relations.closure.given(key, &mut given);
        gives_fields |= (key.section(), key.right()) == (Word::OBJECT_PERMISSIONS, Word::VIEW_ALL_FIELDS);
        for access in &given {
            match access {
                Access::Key(key) => wanted.get(key).into_iter().for_each(|places| open(places)),
                Access::EveryObject(right) => on_every_object.push(*right),
                Access::FieldsOf(_) | Access::EveryField => gives_fields = true,
            }
        }
    }
    gives_fields |= on_every_object.contains(&Word::VIEW_ALL_FIELDS);
    if gives_fields || !on_every_object.is_empty() {
        let conferred = |key: &Key| match key.section() {
            Word::OBJECT_PERMISSIONS => on_every_object.contains(&key.right()),
            Word::FIELD_PERMISSIONS => gives_fields && effective.confers(Access::Key(*key), Reading::May, relations),
            _ => false,
        };
        wanted.iter().filter(|(key, _)| conferred(key)).for_each(|(_, places)| open(places));
    }
    for (gated, _) in gated.iter_mut().zip(opened).filter(|(_, opened)| *opened) {
        gated.via.insert((holder.kind, holder.name));
    }
}

fn hit<'l>(gated: &Gated<'_, 'l>, relations: &Relations<'_>) -> Hit<'l> {
    let holder = gated.holder;
    let open = gated.keys.iter().zip(&gated.open).filter(|(_, open)| **open).map(|(key, _)| key);
    let mut keys: Vec<String> =
        open.map(|(key, name)| access_key(Access::Key(*key), relations.names.name(*name), relations.names)).collect();
    keys.sort_unstable();
    let main = holder.definitions[0].main();
    let flag = holder.definitions[0].property("hasActivationRequired");
    let (file, span): (_, Span) = flag.map_or((main, main.parsed.root), |(file, flag)| (file, flag.span));
    Hit {
        fact: Fact::OpenElsewhere,
        subject: Subject { kind: SubjectKind::Holder(holder.kind), name: holder.name, label: holder.label() },
        about: if keys.len() == 1 { keys[0].clone() } else { String::new() },
        path: &file.file.path,
        bytes: &file.parsed.bytes,
        span,
        grant: String::new(),
        keys,
        names: gated.via.iter().map(|(kind, name)| format!("{} {name}", kind.describe())).collect(),
        gone: None,
    }
}
