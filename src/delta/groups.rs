//! Permission set groups: who belongs to them on each side, and which of them a change can affect.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Definition, Gate, Holder, HolderFile};
use crate::delta::plan::{HolderFiles, Identity, Plan};
use crate::delta::{Library, Side, pairs};
use crate::metadata::Property;
use crate::source::HolderKind;

/// The element by which a group names a muting set.
const MUTINGS: &str = "mutingPermissionSets";

/// A permission set or muting set that a group names.
#[derive(Debug, Clone)]
pub struct Member<'l> {
    /// `PermissionSet` or `MutingPermissionSet`.
    pub kind: HolderKind,
    /// The name as the group writes it.
    pub name: &'l str,
    /// The group's file.
    pub file: HolderFile<'l>,
    /// The element that names it.
    pub element: &'l Property,
    /// The case-folded name of the holder it stands for; `None` if the snapshot has none.
    pub resolved: Option<String>,
}

/// A group of one snapshot and whom it names.
#[derive(Debug, Clone)]
pub struct Roster<'l> {
    /// The group.
    pub holder: Holder<'l>,
    /// Its permission sets and muting sets, each once, sorted by kind and name.
    pub members: Vec<Member<'l>>,
}

/// A group on both sides.
#[derive(Debug, Clone)]
pub(crate) struct Group<'l> {
    pub(crate) base: Option<Roster<'l>>,
    pub(crate) head: Option<Roster<'l>>,
}

impl Member<'_> {
    /// Its name, case-folded.
    pub fn folded(&self) -> String {
        self.name.to_lowercase()
    }

    /// Whether both stand for the same holder.
    pub(crate) fn is_same(&self, other: &Member<'_>) -> bool {
        self.identity() == other.identity()
    }

    /// What tells members apart: the holder it stands for, or else its name.
    pub fn identity(&self) -> Identity {
        (self.kind, self.resolved.clone().unwrap_or_else(|| self.name.to_lowercase()))
    }
}

impl<'l> Roster<'l> {
    fn new(holder: Holder<'l>, side: Side, plan: &Plan<'_>, library: &'l Library) -> Self {
        let mut members: BTreeMap<Identity, Member<'l>> = BTreeMap::new();
        for definition in holder.counted() {
            for (file, element) in definition.properties() {
                let kind = match element.name.as_str() {
                    "permissionSets" => HolderKind::PermissionSet,
                    MUTINGS => HolderKind::MutingPermissionSet,
                    _ => continue,
                };
                let name = element.value.as_str();
                let resolved = resolve(kind, name, side, plan, library);
                let member = Member { kind, name, file, element, resolved };
                members.entry(member.identity()).or_insert(member);
            }
        }
        // Of several files of a group it is not known which counts: what some do not name may not mute.
        if holder.counted().count() > 1 {
            let names = |definition: &Definition<'l>, wanted: &Identity| {
                let mut mutings = definition.properties().filter(|(_, element)| element.name == MUTINGS);
                mutings.any(|(_, element)| {
                    let name = element.value.as_str();
                    resolve(wanted.0, name, side, plan, library).unwrap_or_else(|| name.to_lowercase()) == wanted.1
                })
            };
            members.retain(|identity, _| {
                identity.0 != HolderKind::MutingPermissionSet
                    || holder.counted().all(|definition| names(definition, identity))
            });
        }
        Self { holder, members: members.into_values().collect() }
    }

    /// The members of one kind.
    pub fn of_kind(&self, kind: HolderKind) -> impl Iterator<Item = &Member<'l>> {
        self.members.iter().filter(move |member| member.kind == kind)
    }
}

/// The holder of `side` a member's name stands for: that of the same name, or, where the name carries the
/// project's own namespace, that of the name behind it.
fn resolve(kind: HolderKind, name: &str, side: Side, plan: &Plan<'_>, library: &Library) -> Option<String> {
    let folded = name.to_lowercase();
    let local = |namespace: &str| {
        let rest = folded.strip_prefix(&namespace.to_lowercase())?.strip_prefix("__")?;
        Some(rest.to_owned())
    };
    let mut locals = library.namespaces_of(side).filter_map(local);
    let there = |name: &String| plan.files(&(kind, name.clone())).is_some_and(|files| !files.of(side).is_empty());
    Some(folded.clone()).filter(there).or_else(|| locals.find(there))
}

impl Group<'_> {
    /// The members of head that base does not name.
    pub(crate) fn newly_named(&self) -> Vec<Identity> {
        let members = |roster: &Option<Roster<'_>>| -> BTreeSet<Identity> {
            roster.iter().flat_map(|roster| roster.members.iter().map(Member::identity)).collect()
        };
        members(&self.head).difference(&members(&self.base)).cloned().collect()
    }

    fn rosters(&self) -> impl Iterator<Item = &Roster<'_>> {
        self.base.iter().chain(&self.head)
    }

    /// Whether the change can alter what the group's users get: its own gate or members differ, or a member does.
    pub(crate) fn is_affected(&self, plan: &Plan<'_>) -> bool {
        let (Some(base), Some(head)) = (&self.base, &self.head) else { return true };
        let identities = |roster: &Roster<'_>| -> BTreeSet<(Identity, bool)> {
            roster.members.iter().map(|member| (member.identity(), member.resolved.is_some())).collect()
        };
        let gate = |roster: &Roster<'_>| -> Gate { roster.holder.gate() };
        gate(base) != gate(head)
            || base.holder.broken() != head.holder.broken()
            || identities(base) != identities(head)
            || self.rosters().flat_map(|roster| &roster.members).any(|member| plan.differs(&member.identity()))
    }
}

/// All groups that were read, on both sides, by case-folded name.
pub(crate) fn all<'l>(plan: &Plan<'l>, library: &'l Library) -> BTreeMap<String, Group<'l>> {
    let of_kind = |identity: &&Identity| identity.0 == HolderKind::PermissionSetGroup;
    let mut groups = BTreeMap::new();
    if !plan.needs_groups(library) {
        return groups;
    }
    for identity in plan.holders.keys().chain(plan.same.keys()).filter(of_kind) {
        let Some(files) = plan.files(identity) else { continue };
        let roster = |side: Side| {
            let holder = pairs::holder_on(side, identity.0, files, library)?;
            Some(Roster::new(holder, side, plan, library))
        };
        groups.insert(identity.1.clone(), Group { base: roster(Side::Base), head: roster(Side::Head) });
    }
    groups
}

/// The members and muting sets of affected groups that the change does not touch, or that are excluded.
pub(crate) fn reached<'p, 'l>(plan: &'p Plan<'l>, library: &Library) -> Vec<&'p HolderFiles<'l>> {
    let mut identities: BTreeSet<Identity> = BTreeSet::new();
    let groups = all(plan, library);
    for roster in groups.values().filter(|group| group.is_affected(plan)).flat_map(Group::rosters) {
        identities.extend(roster.members.iter().filter(|member| member.resolved.is_some()).map(Member::identity));
    }
    identities.iter().filter_map(|identity| plan.unjudged(identity)).collect()
}
