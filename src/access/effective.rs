//! Effective access: what an assignable holder confers, members united, muting subtracted, closure added.
//!
//! Whether muting a right also mutes the rights that require it is not documented, so there are two
//! readings ([`Reading`]); they differ in groups with muting only.

use crate::access::closure::{both_for_fields, object_of};
use crate::access::{Access, Closure, Gate, Grant, Required, Requirements};
use crate::metadata::{Key, NameId, Names, Word};

/// What muting is taken to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Just the listed keys: the most access there may be.
    May,
    /// Also every key that requires a muted one: the access there must be at least.
    Must,
}

/// One member's statement of one key.
#[derive(Debug, Clone, Copy)]
pub struct Source<'l> {
    /// Which member holds it, by the order the caller gave them; 0 for a set or profile by itself.
    pub member: u32,
    /// The entry.
    pub grant: Grant<'l>,
}

/// What one assignable holder of one snapshot confers.
#[derive(Debug, Clone)]
pub struct Effective<'l> {
    /// When it works; all paths of a holder share the gate.
    pub gate: Gate,
    /// Sorted by key, then member.
    sources: Vec<Source<'l>>,
    /// What the group's muting sets mute, sorted by key, each once.
    muted: Vec<Grant<'l>>,
}

/// The relations between keys that effective access rests on.
pub struct Relations<'l> {
    /// What a key gives.
    pub closure: Closure,
    /// What a key requires.
    pub requirements: Requirements,
    /// The names of the run.
    pub names: &'l Names,
}

impl<'l> Relations<'l> {
    /// The relations for the names of a run.
    pub fn new(names: &'l Names) -> Self {
        Self { closure: Closure::new(names), requirements: Requirements::new(names), names }
    }
}

impl<'l> Effective<'l> {
    /// Unites what the members grant, each a run sorted by key, less what is muted.
    pub fn new(gate: Gate, members: &[(u32, &[Grant<'l>])], mut muted: Vec<Grant<'l>>) -> Self {
        let mut sources = Vec::with_capacity(members.iter().map(|(_, grants)| grants.len()).sum());
        for (member, grants) in members {
            sources.extend(grants.iter().map(|grant| Source { member: *member, grant: *grant }));
        }
        if members.len() > 1 {
            // Stable, and the input is a row of sorted runs: this is a merge.
            sources.sort_by_key(|source| (source.key(), source.member));
        }
        muted.sort_by_key(|grant| grant.entry.key);
        muted.dedup_by_key(|grant| grant.entry.key);
        Self { gate, sources, muted }
    }

    /// The same holder if these were held as well.
    pub fn with(&self, more: impl Iterator<Item = Source<'l>>) -> Self {
        let mut with = self.clone();
        with.sources.extend(more);
        with.sources.sort_by_key(|source| (source.key(), source.member));
        with
    }

    /// Everything members hold, muted or not, sorted by key, then member.
    pub fn sources(&self) -> &[Source<'l>] {
        &self.sources
    }

    /// The members that hold a key, muted or not.
    pub fn sources_of(&self, key: Key) -> &[Source<'l>] {
        let start = self.sources.partition_point(|source| source.key() < key);
        let length = self.sources[start..].iter().take_while(|source| source.key() == key).count();
        &self.sources[start..start + length]
    }

    /// What is muted, sorted by key.
    pub fn muted(&self) -> &[Grant<'l>] {
        &self.muted
    }

    /// The entry that mutes a key.
    pub fn muting(&self, key: Key) -> Option<&Grant<'l>> {
        self.muted.binary_search_by_key(&key, |grant| grant.entry.key).ok().map(|at| &self.muted[at])
    }

    /// Whether a member holds the key and muting leaves it.
    pub fn holds(&self, key: Key, reading: Reading, relations: &Relations<'_>) -> bool {
        !self.sources_of(key).is_empty() && !self.is_muted(key, reading, relations)
    }

    /// Whether muting removes a key.
    pub fn is_muted(&self, key: Key, reading: Reading, relations: &Relations<'_>) -> bool {
        if self.muted.is_empty() {
            return false;
        }
        match reading {
            Reading::May => self.muting(key).is_some(),
            Reading::Must => self.muted_keys_of(key, relations, &mut |_| true),
        }
    }

    /// Calls `found` with every muted key that is `key` or that `key` requires, step by step; ends with true as
    /// soon as `found` says so.
    pub fn muted_keys_of(&self, key: Key, relations: &Relations<'_>, found: &mut dyn FnMut(Key) -> bool) -> bool {
        if self.muted.is_empty() {
            return false;
        }
        let mut reached = vec![key];
        let mut next = 0;
        while let Some(key) = reached.get(next).copied() {
            next += 1;
            if self.muting(key).is_some() && found(key) {
                return true;
            }
            for requirement in relations.requirements.of(key) {
                match requirement.required {
                    Required::Key(required) if !reached.contains(&required) => reached.push(required),
                    Required::Key(_) => {}
                    Required::EveryObject(right) => {
                        if self.muted_rights(right).any(&mut *found) {
                            return true;
                        }
                    }
                }
            }
        }
        false
    }

    /// The muted keys of one right, whatever the object.
    fn muted_rights(&self, right: Word) -> impl Iterator<Item = Key> + '_ {
        let of_right = move |key: &Key| (key.section(), key.right()) == (Word::OBJECT_PERMISSIONS, right);
        self.muted.iter().map(|grant| grant.entry.key).filter(of_right)
    }

    /// Whether the holder confers `access`: held and not muted, or given by what is.
    pub fn confers(&self, access: Access, reading: Reading, relations: &Relations<'_>) -> bool {
        if let Access::Key(key) = access
            && self.holds(key, reading, relations)
        {
            return true;
        }
        if relations.closure.givers(access).any(|giver| self.holds(giver, reading, relations)) {
            return true;
        }
        match access {
            Access::Key(key) if (key.section(), key.right()) == (Word::FIELD_PERMISSIONS, Word::READABLE) => {
                let object = object_of(key, relations.names);
                self.confers(object.map_or(Access::EveryField, Access::FieldsOf), reading, relations)
            }
            Access::FieldsOf(object) => {
                both_for_fields(object).into_iter().all(|key| self.confers(Access::Key(key), reading, relations))
            }
            Access::EveryField => [Word::VIEW_ALL_FIELDS, Word::ALLOW_READ]
                .into_iter()
                .all(|right| self.confers(Access::EveryObject(right), reading, relations)),
            Access::Key(_) | Access::EveryObject(_) => false,
        }
    }

    /// The objects on which one of these rights is held, case-folded; one may come more than once.
    pub fn objects_with<'a>(&'a self, rights: &'a [Word]) -> impl Iterator<Item = NameId> + 'a {
        let keys = self.sources.chunk_by(|a, b| a.key() == b.key()).map(|same| same[0].key());
        keys.filter(|key| key.section() == Word::OBJECT_PERMISSIONS && rights.contains(&key.right())).map(Key::folded)
    }
}

impl Source<'_> {
    /// The key it holds.
    pub fn key(&self) -> Key {
        self.grant.entry.key
    }
}

/// The keys a derivation of `access` can start from: itself and its givers. All fields of an object start from
/// View All Fields, though it takes Read as well.
pub fn derivations(access: Access, relations: &Relations<'_>) -> Vec<Key> {
    let fields = |object: NameId| Access::Key(Key::new(Word::OBJECT_PERMISSIONS, Word::VIEW_ALL_FIELDS, object));
    match access {
        Access::Key(key) if (key.section(), key.right()) == (Word::FIELD_PERMISSIONS, Word::READABLE) => {
            let broader = object_of(key, relations.names).map_or(Access::EveryObject(Word::VIEW_ALL_FIELDS), fields);
            [vec![key], derivations(broader, relations)].concat()
        }
        Access::Key(key) => [key].into_iter().chain(relations.closure.givers(access)).collect(),
        Access::FieldsOf(object) => derivations(fields(object), relations),
        Access::EveryField => derivations(Access::EveryObject(Word::VIEW_ALL_FIELDS), relations),
        Access::EveryObject(_) => relations.closure.givers(access).collect(),
    }
}

/// The keys that can take part in giving `access`: all that [`derivations`] start from, and Read where fields
/// take it.
pub fn contributors(access: Access, relations: &Relations<'_>) -> Vec<Key> {
    let mut keys: Vec<Key> = relations.closure.givers(access).collect();
    match access {
        Access::Key(key) => {
            keys.insert(0, key);
            if (key.section(), key.right()) == (Word::FIELD_PERMISSIONS, Word::READABLE) {
                let object = object_of(key, relations.names);
                keys.extend(contributors(object.map_or(Access::EveryField, Access::FieldsOf), relations));
            }
        }
        Access::FieldsOf(object) => {
            for key in both_for_fields(object) {
                keys.extend(contributors(Access::Key(key), relations));
            }
        }
        Access::EveryField => {
            for right in [Word::VIEW_ALL_FIELDS, Word::ALLOW_READ] {
                keys.extend(relations.closure.givers(Access::EveryObject(right)));
            }
        }
        Access::EveryObject(_) => {}
    }
    keys
}
