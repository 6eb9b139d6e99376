//! The declared delta of two definitions: sorted runs, merged.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::access::{Definition, Grant};
use crate::metadata::{Names, Word};
use crate::source::HolderKind;

/// The declared delta of one definition of a holder, sorted by key.
#[derive(Debug, Clone, Default)]
pub struct Declared<'l> {
    /// Held in head, not in base.
    pub gained: Vec<Grant<'l>>,
    /// Held in base, not in head, and revoked when head is deployed.
    pub lost: Vec<Grant<'l>>,
    /// Held in base and no longer stated: deploying head does not revoke it.
    pub undeclared: Vec<Grant<'l>>,
    /// Denied in head where base said nothing; profiles only.
    pub revoked: Vec<Grant<'l>>,
    /// Denied in base where head says nothing; profiles only.
    pub unpinned: Vec<Grant<'l>>,
}

/// What a muting set mutes more and less, sorted by key.
#[derive(Debug, Clone, Default)]
pub struct Muting<'l> {
    /// Muted in head, not in base.
    pub added: Vec<Grant<'l>>,
    /// Muted in base, not in head.
    pub removed: Vec<Grant<'l>>,
}

impl Declared<'_> {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        let lists = [&self.gained, &self.lost, &self.undeclared, &self.revoked, &self.unpinned];
        lists.iter().all(|list| list.is_empty())
    }
}

impl Muting<'_> {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// The delta of what two definitions grant.
pub(crate) fn compare<'l>(
    kind: HolderKind,
    before: Option<&Definition<'l>>,
    after: Option<&Definition<'l>>,
    names: &Names,
) -> Declared<'l> {
    let run = |definition: Option<&Definition<'l>>| match definition {
        None => Vec::new(),
        // A set's file is the whole set (deploys since API 40): what it denies it might as well leave out.
        Some(definition) if kind == HolderKind::Profile => definition.stated(),
        Some(definition) => definition.grants(),
    };
    let (old, new) = (run(before), run(after));
    let mut declared = Declared::default();
    merge(&old, &new, |before, after| declared.place(before, after));
    // What a set's file drops is revoked; a profile is laid over the org's, and a file that disappears
    // revokes nothing.
    if kind != HolderKind::Profile && after.is_some() {
        declared.lost = std::mem::take(&mut declared.undeclared);
        declared.hide_fields(&new, names);
    }
    declared
}

/// The delta of what two muting sets mute.
pub(crate) fn compare_muting<'l>(before: Option<&Definition<'l>>, after: Option<&Definition<'l>>) -> Muting<'l> {
    let run = |definition: Option<&Definition<'l>>| definition.map(Definition::mutes).unwrap_or_default();
    let mut muting = Muting::default();
    merge(&run(before), &run(after), |before, after| match (before, after) {
        (Some(before), None) => muting.removed.push(*before),
        (None, Some(after)) => muting.added.push(*after),
        _ => {}
    });
    muting
}

/// Walks two runs that are sorted by key, each key once.
fn merge<'r, 'l>(
    old: &'r [Grant<'l>],
    new: &'r [Grant<'l>],
    mut each: impl FnMut(Option<&'r Grant<'l>>, Option<&'r Grant<'l>>),
) {
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.entry.key.cmp(&new.entry.key),
        };
        match order {
            Ordering::Less => each(old.next(), None),
            Ordering::Greater => each(None, new.next()),
            Ordering::Equal => each(old.next(), new.next()),
        }
    }
}

impl<'l> Declared<'l> {
    /// Puts one key where it belongs: held, denied or not stated, before and after.
    fn place(&mut self, before: Option<&Grant<'l>>, after: Option<&Grant<'l>>) {
        match (before.map(Grant::is_held), after.map(Grant::is_held)) {
            (None | Some(false), Some(true)) => self.gained.extend(after),
            (Some(true), Some(false)) => self.lost.extend(before),
            (Some(true), None) => self.undeclared.extend(before),
            (None, Some(false)) => self.revoked.extend(after),
            (Some(false), None) => self.unpinned.extend(before),
            (Some(true), Some(true)) | (Some(false), Some(false)) | (None, None) => {}
        }
    }

    /// While View All Fields is on for an object, its field permissions are neither written nor revoked:
    /// those that are missing are not lost.
    fn hide_fields(&mut self, head: &[Grant<'l>], names: &Names) {
        let hides = |grant: &&Grant<'l>| {
            let key = grant.entry.key;
            (key.section(), key.right()) == (Word::OBJECT_PERMISSIONS, Word::VIEW_ALL_FIELDS)
        };
        let objects: HashSet<&str> =
            head.iter().filter(hides).map(|grant| names.name(grant.entry.key.folded())).collect();
        if objects.is_empty() {
            return;
        }
        let is_hidden = |grant: &Grant<'l>| {
            let key = grant.entry.key;
            let object = names.name(key.folded()).split_once('.').map(|(object, _)| object);
            key.section() == Word::FIELD_PERMISSIONS && object.is_some_and(|object| objects.contains(object))
        };
        let (hidden, lost) = std::mem::take(&mut self.lost).into_iter().partition(is_hidden);
        self.undeclared = hidden;
        self.lost = lost;
    }
}
