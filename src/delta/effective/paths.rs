//! A holder of one side with the places its access comes from.

use std::collections::BTreeSet;

use crate::access::{Access, Effective, Holder, Reading, Relations, Source, derivations, object_of};
use crate::metadata::{Key, Word};
use crate::source::HolderKind;

/// One place of a derivation: a holder and the element of its file that passes the grant on.
#[derive(Debug, Clone, Copy)]
pub struct Step<'l> {
    /// What kind of holder the element is about.
    pub kind: HolderKind,
    /// Its API name.
    pub name: &'l str,
    /// The file.
    pub path: &'l str,
    /// The content of that file.
    pub bytes: &'l [u8],
    /// Offset of the element.
    pub at: u32,
}

/// A member's place in a group.
#[derive(Debug, Clone)]
pub(crate) struct Seat<'l> {
    /// What tells members apart on both sides.
    pub(crate) identity: (HolderKind, String),
    /// The group's element that names it.
    pub(crate) step: Step<'l>,
}

impl Seat<'_> {
    pub(crate) fn is_same(&self, other: &Seat<'_>) -> bool {
        self.identity == other.identity
    }
}

/// One side of a holder.
pub(crate) struct Party<'a, 'l> {
    /// The holder itself.
    pub(crate) holder: &'a Holder<'l>,
    /// What it confers.
    pub(crate) effective: &'a Effective<'l>,
    /// For each member number the place in the group; empty for a set or profile.
    pub(crate) seats: &'a [Option<Seat<'l>>],
    /// Members whose grants are not known.
    pub(crate) unknown: &'a [Seat<'l>],
    /// What a profile denies, sorted.
    pub(crate) denied: Vec<Key>,
    /// Whether head's manifests delete the holder.
    pub(crate) deleted: bool,
}

impl<'l> Party<'_, 'l> {
    /// All derivations of what the holder confers, from the holder to an entry.
    pub(crate) fn paths(&self, access: Access, relations: &Relations<'_>) -> Vec<Vec<Step<'l>>> {
        self.sources(access, relations).map(|source| self.path(source)).collect()
    }

    /// The entries that confer `access` and are not muted.
    fn sources(&self, access: Access, relations: &Relations<'_>) -> impl Iterator<Item = Source<'l>> {
        let keys: BTreeSet<Key> = derivations(access, relations).into_iter().collect();
        let held = keys.into_iter().filter(|key| !self.effective.is_muted(*key, Reading::May, relations));
        held.flat_map(|key| self.effective.sources_of(key).iter().copied()).collect::<Vec<_>>().into_iter()
    }

    /// The way from the holder to one entry.
    pub(crate) fn path(&self, source: Source<'l>) -> Vec<Step<'l>> {
        let entry = Step::of_entry(&source.grant);
        let seat = self.seats.get(source.member as usize).and_then(Option::as_ref);
        seat.map(|seat| Step { kind: HolderKind::PermissionSetGroup, name: self.holder.name, ..seat.step })
            .into_iter()
            .chain([entry])
            .collect()
    }

    /// Whether some member holds some key that confers `access` on both sides.
    pub(crate) fn shares_a_path(&self, other: &Party<'_, 'l>, access: Access, relations: &Relations<'_>) -> bool {
        let identity = |source: Source<'l>| (source.member, source.key());
        let own: BTreeSet<(u32, Key)> = self.sources(access, relations).map(identity).collect();
        other.sources(access, relations).map(identity).any(|path| own.contains(&path))
    }

    /// The muted keys that a key is or requires.
    pub(crate) fn muted_keys(&self, key: Key, relations: &Relations<'_>) -> BTreeSet<Key> {
        let mut keys = BTreeSet::new();
        self.effective.muted_keys_of(key, relations, &mut |key| {
            keys.insert(key);
            false
        });
        keys
    }

    /// What this side, base, holds and head may still hold though its files do not say so: a profile is laid over
    /// the org's own, and what a member grants that head names and does not know may be what it was.
    pub(crate) fn left_open_by(&self, head: &Party<'_, 'l>) -> Vec<Source<'l>> {
        let is_open = |source: &&Source<'l>| {
            if head.holder.kind == HolderKind::Profile {
                return head.denied.binary_search(&source.key()).is_err();
            }
            let seat = self.seats.get(source.member as usize).and_then(Option::as_ref);
            seat.is_some_and(|seat| head.unknown.iter().any(|unknown| unknown.is_same(seat)))
        };
        let may_be_open = head.holder.kind == HolderKind::Profile || !head.unknown.is_empty();
        self.effective.sources().iter().filter(|_| may_be_open).filter(is_open).copied().collect()
    }

    /// Whether this side, head, does not write a field permission because View All Fields is on.
    pub(crate) fn hides(&self, access: Access, relations: &Relations<'_>) -> bool {
        let Access::Key(key) = access else { return false };
        let object = Some(key).filter(|key| key.section() == Word::FIELD_PERMISSIONS);
        object.and_then(|field| object_of(field, relations.names)).is_some_and(|object| {
            let all_fields = Key::new(Word::OBJECT_PERMISSIONS, Word::VIEW_ALL_FIELDS, object);
            !self.effective.sources_of(all_fields).is_empty()
        })
    }
}
