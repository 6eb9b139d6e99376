//! The derivations of one grant inside one holder: which entries confer it, and what muting stops them.

use std::collections::BTreeSet;

use crate::access::{Access, Effective, Grant, Reading, Relations, contributors, derivations, grant_key, object_of};
use crate::delta::effective::{Party, Step};
use crate::metadata::{Key, Word};

/// A held key that confers the grant.
#[derive(Debug, Clone)]
pub struct Way<'l> {
    /// The held key; `None` if it is the grant itself.
    pub through: Option<String>,
    /// From the holder down to each entry that holds it.
    pub paths: Vec<Vec<Step<'l>>>,
}

/// A held key that would confer the grant, and does not, or perhaps does not.
#[derive(Debug, Clone)]
pub struct Stopped<'l> {
    /// The held key; `None` if it is the grant itself.
    pub through: Option<String>,
    /// Whether it is muted only if muting a right also mutes those that require it.
    pub perhaps: bool,
    /// The muted key.
    pub key: String,
    /// The muting set's entry.
    pub by: Step<'l>,
    /// From the holder down to each entry that holds it.
    pub paths: Vec<Vec<Step<'l>>>,
}

/// What there is to say about one grant and one holder.
#[derive(Debug, Clone, Default)]
pub struct Derivation<'l> {
    /// What confers it.
    pub ways: Vec<Way<'l>>,
    /// What is muted.
    pub stopped: Vec<Stopped<'l>>,
}

impl<'l> Derivation<'l> {
    /// All derivations of `access` in a holder that start from a key to `keep`.
    pub(crate) fn of(
        party: &Party<'_, 'l>,
        access: Access,
        keep: impl Fn(Key) -> bool,
        relations: &Relations<'_>,
    ) -> Self {
        let mut derivation = Self::default();
        let keys: BTreeSet<Key> = derivations(access, relations).into_iter().filter(|key| keep(*key)).collect();
        for key in keys {
            derivation.add(party, access, key, relations);
        }
        // By text: the order of interned keys is not that of any text.
        derivation.ways.sort_by(|a, b| a.through.cmp(&b.through));
        derivation.stopped.sort_by(|a, b| (&a.through, a.perhaps, &a.key).cmp(&(&b.through, b.perhaps, &b.key)));
        derivation
    }

    fn add(&mut self, party: &Party<'_, 'l>, access: Access, key: Key, relations: &Relations<'_>) {
        let effective = party.effective;
        let sources = effective.sources_of(key);
        let Some(first) = sources.first() else { return };
        let through = (access != Access::Key(key)).then(|| grant_key(first.grant.entry, relations.names));
        let paths: Vec<Vec<Step<'l>>> = sources.iter().map(|source| party.path(*source)).collect();
        let read = read_for(access, key, relations);
        let (muted, perhaps) = match effective.muting(key) {
            Some(_) => (BTreeSet::from([key]), false),
            None => match read.filter(|read| !effective.confers(*read, Reading::May, relations)) {
                Some(read) => (muted_of(effective, read, relations), false),
                None => {
                    self.ways.push(Way { through: through.clone(), paths: paths.clone() });
                    (perhaps_muted(party, key, read, relations), true)
                }
            },
        };
        for grant in muted.into_iter().filter_map(|key| effective.muting(key)) {
            self.stopped.push(Stopped {
                through: through.clone(),
                perhaps,
                key: grant_key(grant.entry, relations.names),
                by: Step::of_entry(grant),
                paths: paths.clone(),
            });
        }
    }
}

/// What must be conferred besides the held key: all fields of an object take Read as well.
fn read_for(access: Access, key: Key, relations: &Relations<'_>) -> Option<Access> {
    let every = Access::EveryObject(Word::ALLOW_READ);
    let of = |object| Access::Key(Key::new(Word::OBJECT_PERMISSIONS, Word::ALLOW_READ, object));
    match access {
        Access::Key(field) if field.section() == Word::FIELD_PERMISSIONS && field != key => {
            Some(object_of(field, relations.names).map_or(every, of))
        }
        Access::FieldsOf(object) => Some(of(object)),
        Access::EveryField => Some(every),
        Access::Key(_) | Access::EveryObject(_) => None,
    }
}

/// The muted keys that members hold and that would confer `access`.
fn muted_of(effective: &Effective<'_>, access: Access, relations: &Relations<'_>) -> BTreeSet<Key> {
    let held = |key: &Key| !effective.sources_of(*key).is_empty() && effective.muting(*key).is_some();
    contributors(access, relations).into_iter().filter(held).collect()
}

/// The muted keys that a conferring key requires, or that Read, where it takes it, requires.
fn perhaps_muted(party: &Party<'_, '_>, key: Key, read: Option<Access>, relations: &Relations<'_>) -> BTreeSet<Key> {
    let effective = party.effective;
    let mut muted = party.muted_keys(key, relations);
    if let Some(read) = read.filter(|read| !effective.confers(*read, Reading::Must, relations)) {
        let held = contributors(read, relations).into_iter().filter(|key| !effective.sources_of(*key).is_empty());
        muted.extend(held.flat_map(|key| party.muted_keys(key, relations)));
    }
    muted
}

impl<'l> Step<'l> {
    /// The place of an entry.
    pub(crate) fn of_entry(grant: &Grant<'l>) -> Self {
        let file = grant.file;
        Self {
            kind: file.file.kind.holder(),
            name: &file.file.name,
            path: &file.file.path,
            bytes: &file.parsed.bytes,
            at: grant.entry.decided_at,
        }
    }
}
