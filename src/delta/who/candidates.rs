//! What one holder may confer, for patterns: what it holds and what that gives, never one grant for each object.

use std::collections::HashMap;

use crate::access::{Access, Effective, GrantPattern, Reading, Relations, access_key};
use crate::metadata::{Key, NameId, Word};

/// What a holder's entries are and give, muted or not, with the spelling of the name in it.
pub(crate) struct Candidates<'a> {
    all: HashMap<Access, NameId>,
    /// Whether it gives every field of every object.
    every_field: bool,
    relations: &'a Relations<'a>,
}

impl<'a> Candidates<'a> {
    pub(crate) fn of(effective: &Effective<'_>, relations: &'a Relations<'a>) -> Self {
        let mut all: HashMap<Access, NameId> = HashMap::new();
        let mut given = Vec::new();
        for same in effective.sources().chunk_by(|a, b| a.key() == b.key()) {
            let (key, spelling) = (same[0].key(), same[0].grant.entry.spelling);
            // The spelling in a file wins over one that comes with a broader key.
            all.insert(Access::Key(key), spelling);
            given.clear();
            relations.closure.given(key, &mut given);
            if key.section() == Word::OBJECT_PERMISSIONS {
                given.push(Access::FieldsOf(key.folded()));
            } else if !given.is_empty() {
                given.push(Access::EveryField);
            }
            for access in &given {
                all.entry(*access).or_insert(spelling);
            }
        }
        let every_field = effective.confers(Access::EveryField, Reading::May, relations);
        Self { all, every_field, relations }
    }

    /// Those a pattern stands for, as grant keys.
    pub(super) fn met_by(&self, pattern: &GrantPattern) -> Vec<(Access, String)> {
        let names = self.relations.names;
        let met = self.all.iter().filter(|(access, _)| pattern.meets(**access, names));
        met.map(|(access, name)| (*access, self.key(*access, *name))).collect()
    }

    /// All of them, as grant keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (Access, String)> + '_ {
        self.all.iter().map(|(access, name)| (*access, self.key(*access, *name)))
    }

    fn key(&self, access: Access, name: NameId) -> String {
        access_key(access, self.relations.names.name(name), self.relations.names)
    }

    /// Whether a derivation of `access` from a key is one of its own: not one of a broader candidate.
    pub(super) fn keeps(&self, access: Access, from: Key) -> bool {
        match access {
            Access::Key(key) => key.section() == from.section(),
            Access::FieldsOf(_) => !self.every_field || from.section() == Word::OBJECT_PERMISSIONS,
            Access::EveryObject(_) | Access::EveryField => true,
        }
    }
}
