//! Session gates that protect nothing: others give the same grants in every session.

use std::collections::{BTreeSet, HashMap};

use crate::access::{Access, Effective, Gate, Holder, Reading, Relations, access_key, derivations, is_visibility};
use crate::delta::{Audit, GroupAccess, Library};
use crate::metadata::{Key, NameId};
use crate::policy::related::{Fact, Hit};
use crate::policy::{Subject, SubjectKind};
use crate::source::HolderKind;
use crate::text::Span;

/// A session-based set or group, and what it gives while it is activated.
struct Gated<'a, 'l> {
    holder: &'a Holder<'l>,
    keys: Vec<(Key, NameId)>,
    /// What of it others give in every session, and who.
    open: BTreeSet<Key>,
    via: BTreeSet<(HolderKind, &'l str)>,
}

/// Once for each session-based set or group: which other assignable holders give its grants always-on.
pub(super) fn elsewhere<'l>(audit: &Audit<'l>, library: &Library) -> Vec<Hit<'l>> {
    let relations = Relations::new(library.names());
    let mut gated = gated(audit);
    if gated.is_empty() {
        return Vec::new();
    }
    let wanted = wanted(&gated, &relations);
    for holder in audit.holders.iter().filter(|holder| may_open(holder)) {
        let effective = Effective::new(Gate::AlwaysOn, &[(0, &holder.grants())], Vec::new());
        open_by(holder, &effective, &wanted, &relations, &mut gated);
    }
    for group in audit.groups.iter().filter(|group| group.effective.gate == Gate::AlwaysOn) {
        open_by(&group.roster.holder, &group.effective, &wanted, &relations, &mut gated);
    }
    gated.iter().filter(|gated| !gated.open.is_empty()).map(|gated| hit(gated, &relations)).collect()
}

fn may_open(holder: &Holder<'_>) -> bool {
    matches!(holder.kind, HolderKind::PermissionSet | HolderKind::Profile) && holder.gate() == Gate::AlwaysOn
}

fn gated<'a, 'l>(audit: &'a Audit<'l>) -> Vec<Gated<'a, 'l>> {
    let gated = |holder: &'a Holder<'l>, keys: Vec<(Key, NameId)>| {
        let keys = keys.into_iter().filter(|(key, _)| !is_visibility(*key)).collect();
        Gated { holder, keys, open: BTreeSet::new(), via: BTreeSet::new() }
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

/// For each key that gives something a gate protects: which gates, by number.
fn wanted(gated: &[Gated<'_, '_>], relations: &Relations<'_>) -> HashMap<Key, BTreeSet<usize>> {
    let mut wanted: HashMap<Key, BTreeSet<usize>> = HashMap::new();
    for (number, gated) in gated.iter().enumerate() {
        for (key, _) in &gated.keys {
            for giver in derivations(Access::Key(*key), relations) {
                wanted.entry(giver).or_default().insert(number);
            }
        }
    }
    wanted
}

fn open_by<'l>(
    holder: &Holder<'l>,
    effective: &Effective<'l>,
    wanted: &HashMap<Key, BTreeSet<usize>>,
    relations: &Relations<'_>,
    gated: &mut [Gated<'_, 'l>],
) {
    let numbers: BTreeSet<usize> =
        effective.sources().iter().filter_map(|source| wanted.get(&source.key())).flatten().copied().collect();
    for number in numbers {
        let Gated { keys, open, via, .. } = &mut gated[number];
        for (key, _) in keys.iter() {
            if effective.confers(Access::Key(*key), Reading::May, relations) {
                open.insert(*key);
                via.insert((holder.kind, holder.name));
            }
        }
    }
}

fn hit<'l>(gated: &Gated<'_, 'l>, relations: &Relations<'_>) -> Hit<'l> {
    let holder = gated.holder;
    let open = gated.keys.iter().filter(|(key, _)| gated.open.contains(key));
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
    }
}
