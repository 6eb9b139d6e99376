//! Interned API names: each spelling once, with the case-folded name it stands for.
//!
//! Numbers depend on the order in which files are read, so nothing that is printed is ordered by them.

use std::hash::BuildHasher;
use std::sync::{Mutex, PoisonError};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::metadata::words::{KNOWN, Word};
use crate::text;

/// The number of one spelling of an API name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(pub(crate) u32);

/// The longest name taken without a problem, in bytes. API names have at most 80 characters,
/// `namespace__Object__c.namespace__Field__c` some 170.
const LONGEST: usize = 1024;

/// Whether a name is one an org can hold.
pub(crate) fn is_plain(name: &str) -> bool {
    name.len() <= LONGEST && text::is_plain(name) && !name.contains("]]>")
}

/// A name as an entry needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interned {
    pub(crate) spelling: NameId,
    pub(crate) folded: NameId,
    /// Whether an org can hold such a name.
    pub(crate) plain: bool,
}

/// Strings stored end to end, each once.
struct Interner {
    hasher: DefaultHashBuilder,
    table: HashTable<u32>,
    ends: Vec<usize>,
    arena: String,
}

impl Interner {
    fn new() -> Self {
        Self { hasher: DefaultHashBuilder::default(), table: HashTable::new(), ends: vec![0], arena: String::new() }
    }

    fn text(&self, id: u32) -> &str {
        text_of(&self.ends, &self.arena, id)
    }

    fn len(&self) -> usize {
        self.ends.len() - 1
    }

    fn find(&self, text: &str) -> Option<u32> {
        let hash = self.hasher.hash_one(text);
        self.table.find(hash, |id| self.text(*id) == text).copied()
    }

    fn intern(&mut self, text: &str) -> u32 {
        if let Some(id) = self.find(text) {
            return id;
        }
        let id = self.len() as u32;
        self.arena.push_str(text);
        self.ends.push(self.arena.len());
        let Self { hasher, table, ends, arena } = self;
        table.insert_unique(hasher.hash_one(text), id, |id| hasher.hash_one(text_of(ends, arena, *id)));
        id
    }
}

fn text_of<'a>(ends: &[usize], arena: &'a str, id: u32) -> &'a str {
    &arena[ends[id as usize]..ends[id as usize + 1]]
}

/// All names and element names of a run.
pub struct Names {
    names: Interner,
    /// For each spelling, the number of its case-folded form.
    folded: Vec<NameId>,
    words: Interner,
}

impl Default for Names {
    fn default() -> Self {
        let mut words = Interner::new();
        for word in KNOWN {
            words.intern(word);
        }
        Self { names: Interner::new(), folded: Vec::new(), words }
    }
}

impl Names {
    /// The spelling behind a number.
    pub fn name(&self, id: NameId) -> &str {
        self.names.text(id.0)
    }

    /// The number of a name, if some file has it in this spelling or as the case-folded form of another.
    pub fn find(&self, name: &str) -> Option<NameId> {
        self.names.find(name).map(NameId)
    }

    /// How many names there are; numbers are below this.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether no name was met.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of an element name.
    pub fn word(&self, word: Word) -> &str {
        self.words.text(u32::from(word.0))
    }

    /// The number of an element name that was met, or is known.
    pub fn find_word(&self, text: &str) -> Option<Word> {
        self.words.find(text).map(|id| Word(id as u16))
    }

    fn intern(&mut self, spelling: &str) -> Interned {
        let plain = is_plain(spelling);
        let id = self.intern_folded(spelling);
        Interned { spelling: id, folded: self.folded[id.0 as usize], plain }
    }

    fn intern_folded(&mut self, spelling: &str) -> NameId {
        let before = self.names.len();
        let id = NameId(self.names.intern(spelling));
        if self.names.len() > before {
            self.folded.push(id);
            let lower = spelling.to_lowercase();
            if lower != spelling {
                self.folded[id.0 as usize] = self.intern_folded(&lower);
            }
        }
        id
    }

    /// Room is left so that no hostile file can use up the 16 bits of a word.
    fn intern_word(&mut self, text: &str) -> Option<Word> {
        let known = self.words.find(text);
        if known.is_none() && self.words.len() >= 60_000 {
            return None;
        }
        Some(Word(self.words.intern(text) as u16))
    }
}

/// The names while several threads read files.
#[derive(Default)]
pub struct SharedNames(Mutex<Names>);

impl SharedNames {
    /// Shares names met before, so that later files get the same numbers.
    pub fn new(names: Names) -> Self {
        Self(Mutex::new(names))
    }

    /// A cache for one thread: the lock is taken only for a name this thread meets first.
    pub fn local(&self) -> LocalNames<'_> {
        LocalNames { shared: self, hasher: DefaultHashBuilder::default(), seen: HashTable::new(), arena: String::new() }
    }

    /// The names, when all files are read.
    pub fn into_names(self) -> Names {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thread's view of the shared names.
pub struct LocalNames<'s> {
    shared: &'s SharedNames,
    hasher: DefaultHashBuilder,
    seen: HashTable<Seen>,
    arena: String,
}

/// A name this thread met. All an entry needs lies in one place: names are many, and caches small.
struct Seen {
    start: usize,
    length: u32,
    interned: Interned,
}

impl Seen {
    fn text<'a>(&self, arena: &'a str) -> &'a str {
        &arena[self.start..self.start + self.length as usize]
    }
}

impl LocalNames<'_> {
    pub(crate) fn intern(&mut self, spelling: &str) -> Interned {
        let Self { shared, hasher, seen, arena } = self;
        let hash = hasher.hash_one(spelling);
        if let Some(seen) = seen.find(hash, |seen| seen.text(arena) == spelling) {
            return seen.interned;
        }
        let interned = shared.lock().intern(spelling);
        let new = Seen { start: arena.len(), length: spelling.len() as u32, interned };
        arena.push_str(spelling);
        seen.insert_unique(hash, new, |seen| hasher.hash_one(seen.text(arena)));
        interned
    }

    pub(crate) fn word(&mut self, text: &str) -> Option<Word> {
        self.shared.lock().intern_word(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_differ_and_fold_alike() {
        let shared = SharedNames::default();
        let (mut one, mut other) = (shared.local(), shared.local());
        let [a, b] = [one.intern("ModifyAllData"), other.intern("MODIFYALLDATA")];
        assert_ne!(a.spelling, b.spelling);
        assert_eq!(a.folded, b.folded);
        assert_eq!(one.intern("ModifyAllData"), other.intern("ModifyAllData"));
        assert!(!one.intern("Modify\u{1b}AllData").plain);
        let names = shared.into_names();
        assert_eq!((names.name(a.spelling), names.name(a.folded)), ("ModifyAllData", "modifyalldata"));
    }
}
