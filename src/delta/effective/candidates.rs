//! What a comparison has to look at: the keys whose support differs, and what they give.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use crate::access::{Access, Effective, Relations, Source};
use crate::metadata::{Key, NameId, Names, Word};

/// The keys of which a derivation or the muting differs between two sides, and all keys there are.
pub(super) struct Touched {
    /// What such keys are or give, with the spelling of the name in it.
    touched: Spellings,
    /// The same for all keys of both sides; filled where every key counts.
    all: Spellings,
}

impl Touched {
    pub(super) fn between(
        base: Option<&Effective<'_>>,
        head: Option<&Effective<'_>>,
        relations: &Relations<'_>,
    ) -> Self {
        let every = match (base, head) {
            (Some(base), Some(head)) => base.gate != head.gate,
            _ => false,
        };
        let nothing: &[Source<'_>] = &[];
        let muting = Muting::between(base, head);
        let mut collected = Collected { relations, base, head, touched: HashMap::new(), all: HashMap::new() };
        let (old, new) = (base.map_or(nothing, Effective::sources), head.map_or(nothing, Effective::sources));
        merge(old, new, |key, before, after| {
            let spelling = after.first().or(before.first()).map(|source| source.grant.entry.spelling);
            let Some(spelling) = spelling else { return };
            let members = |sources: &[Source<'_>]| sources.iter().map(|source| source.member).collect::<Vec<_>>();
            let same = before.len() == after.len()
                && (before.len() == 1 && before[0].member == after[0].member || members(before) == members(after));
            if !same || muting.as_ref().is_some_and(|muting| muting.differs(key, relations)) {
                collected.add(key, spelling, false);
            }
            if every {
                collected.add(key, spelling, true);
            }
        });
        Self { touched: collected.touched, all: collected.all }
    }

    /// Whether something that `access` rests on differs.
    pub(super) fn has(&self, access: Access) -> bool {
        self.touched.contains_key(&access)
    }

    /// What has to be looked at; `every`: whatever the holder confers.
    pub(super) fn candidates(&self, every: bool) -> impl Iterator<Item = (Access, NameId)> + '_ {
        let candidates = if every { &self.all } else { &self.touched };
        candidates.iter().map(|(access, spelling)| (*access, spelling.name))
    }
}

/// How the name in something is written.
#[derive(Clone, Copy)]
struct Spelling {
    name: NameId,
    /// Whether a file writes it for this very key, and not for a broader one.
    own: bool,
}

type Spellings = HashMap<Access, Spelling>;

/// Of several spellings a key's own one wins, else the first by its text: never the one that was read first.
fn spell(into: &mut Spellings, access: Access, new: Spelling, names: &Names) {
    let rank = |spelling: Spelling| (!spelling.own, names.name(spelling.name));
    let spelling = into.entry(access).or_insert(new);
    if rank(new) < rank(*spelling) {
        *spelling = new;
    }
}

struct Collected<'a, 'l> {
    relations: &'a Relations<'a>,
    base: Option<&'a Effective<'l>>,
    head: Option<&'a Effective<'l>>,
    touched: Spellings,
    all: Spellings,
}

impl Collected<'_, '_> {
    fn add(&mut self, key: Key, spelling: NameId, every: bool) {
        let mut given = Vec::new();
        self.relations.closure.given(key, &mut given);
        if key.section() == Word::OBJECT_PERMISSIONS {
            // Read and View All Fields together give the fields: whichever of them came or went.
            given.push(Access::FieldsOf(key.folded()));
        }
        let every_object = |right: Word| given.contains(&Access::EveryObject(right));
        // The one half of what gives all fields of an object came or went for all objects: those that have the other.
        let other_half: Option<&[Word]> = if every_object(Word::VIEW_ALL_FIELDS) {
            Some(&[Word::ALLOW_READ, Word::VIEW_ALL_RECORDS, Word::MODIFY_ALL_RECORDS, Word::VIEW_ALL_FIELDS])
        } else {
            every_object(Word::ALLOW_READ).then_some(&[Word::VIEW_ALL_FIELDS])
        };
        let into = if every { &mut self.all } else { &mut self.touched };
        let names = self.relations.names;
        let derived = Spelling { name: spelling, own: false };
        spell(into, Access::Key(key), Spelling { name: spelling, own: true }, names);
        for access in given {
            spell(into, access, derived, names);
        }
        if let Some(rights) = other_half {
            spell(into, Access::EveryField, derived, names);
            for side in [self.base, self.head].into_iter().flatten() {
                for object in side.objects_with(rights) {
                    spell(into, Access::FieldsOf(object), Spelling { name: object, own: false }, names);
                }
            }
        }
    }
}

/// Muted keys that differ between the sides.
struct Muting<'a, 'l> {
    base: Option<&'a Effective<'l>>,
    head: Option<&'a Effective<'l>>,
}

impl<'a, 'l> Muting<'a, 'l> {
    /// `None` if both sides mute the same keys.
    fn between(base: Option<&'a Effective<'l>>, head: Option<&'a Effective<'l>>) -> Option<Self> {
        let keys = |side: Option<&Effective<'_>>| -> Vec<Key> {
            side.map(|side| side.muted().iter().map(|grant| grant.entry.key).collect()).unwrap_or_default()
        };
        (keys(base) != keys(head)).then_some(Self { base, head })
    }

    /// Whether what mutes a key, by itself or by what it requires, differs.
    fn differs(&self, key: Key, relations: &Relations<'_>) -> bool {
        let muted = |side: Option<&Effective<'_>>| {
            let mut keys = BTreeSet::new();
            if let Some(side) = side {
                side.muted_keys_of(key, relations, &mut |key| {
                    keys.insert(key);
                    false
                });
            }
            keys
        };
        muted(self.base) != muted(self.head)
    }
}

/// Walks two runs of sources by key; a key's sources on each side come together.
fn merge<'r, 'l>(
    mut old: &'r [Source<'l>],
    mut new: &'r [Source<'l>],
    mut each: impl FnMut(Key, &'r [Source<'l>], &'r [Source<'l>]),
) {
    let cut = |run: &mut &'r [Source<'l>], key: Key| {
        let length = run.iter().take_while(|source| source.key() == key).count();
        let (same, rest) = run.split_at(length);
        *run = rest;
        same
    };
    loop {
        let (before, after) = (old.first().map(Source::key), new.first().map(Source::key));
        let key = match (before, after) {
            (None, None) => return,
            (Some(key), None) | (None, Some(key)) => key,
            (Some(before), Some(after)) => match before.cmp(&after) {
                Ordering::Greater => after,
                Ordering::Less | Ordering::Equal => before,
            },
        };
        each(key, cut(&mut old, key), cut(&mut new, key));
    }
}
