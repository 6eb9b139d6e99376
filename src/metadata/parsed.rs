//! One file, read: its entries as a sorted run, its properties and its problems.

use crate::error::{Cause, Problem};
use crate::metadata::oddity::Root;
use crate::metadata::{Entry, Held, Key, LocalNames, Oddity, Property, Sink, diagnose, group, sections};
use crate::source::FileKind;
use crate::text::Span;

/// What one file says. The bytes are kept: lines are looked up when a report needs them.
#[derive(Debug)]
pub struct Parsed {
    /// The file's content.
    pub bytes: Vec<u8>,
    /// The root's start tag.
    pub root: Span,
    /// Sorted by key; equal keys in the order of the file.
    pub entries: Vec<Entry>,
    /// Keys that one entry holds and another denies. Salesforce writes none; merges do.
    pub conflicting: Vec<Key>,
    /// Keys that several entries state, and state alike.
    pub repeated: Vec<Key>,
    /// In the order of the file.
    pub properties: Vec<Property>,
    /// What is odd about how it is written, in the order of the file.
    pub oddities: Vec<Oddity>,
    /// In the order they were met.
    pub problems: Vec<Problem>,
    /// Whether reading stopped early: `entries` are then fewer than the file's.
    pub broken: bool,
}

impl Parsed {
    /// What stands in for a file whose content could not be had.
    pub fn unreadable(cause: Cause) -> Self {
        let mut parsed = Self::empty(Vec::new());
        parsed.fail(Problem { at: None, cause });
        parsed
    }

    /// A file that holds no grants, as a manifest.
    pub(crate) fn without_entries(bytes: Vec<u8>, problem: Option<Problem>) -> Self {
        let mut parsed = Self::empty(bytes);
        if let Some(problem) = problem {
            parsed.fail(problem);
        }
        parsed
    }

    fn empty(bytes: Vec<u8>) -> Self {
        let root = Span::default();
        Self {
            bytes,
            root,
            entries: vec![],
            conflicting: vec![],
            repeated: vec![],
            properties: vec![],
            oddities: vec![],
            problems: vec![],
            broken: false,
        }
    }

    fn fail(&mut self, problem: Problem) {
        self.problems.push(problem);
        self.entries.clear();
        self.properties.clear();
        self.oddities.clear();
        self.broken = true;
    }

    /// Finds keys that stand several times.
    fn note_doubles(&mut self) {
        for same in self.entries.chunk_by(|a, b| a.key == b.key).filter(|same| same.len() > 1) {
            let says = |held: Held| same.iter().any(|entry| entry.held == held);
            if says(Held::Yes) && says(Held::No) {
                self.conflicting.push(same[0].key);
            } else if same.iter().any(|entry| entry.block != same[0].block) && !says(Held::Doubtful) {
                // Twice in one block is a problem already.
                self.repeated.push(same[0].key);
            }
        }
    }

    /// What the file states: one entry a key, the first that holds it, else the first that denies it.
    ///
    /// Where entries of one key disagree, doubt goes to more access.
    pub fn stated(&self) -> impl Iterator<Item = &Entry> {
        self.entries.chunk_by(|a, b| a.key == b.key).map(|same| {
            let held = same.iter().find(|entry| entry.held != Held::No);
            held.unwrap_or(&same[0])
        })
    }

    /// The property of that name.
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }
}

impl Sink for Parsed {
    fn entry(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Of a property that is written twice the first counts; of a gate, the one that opens it.
    fn property(&mut self, property: Property) {
        let opens = property.name == "hasActivationRequired" && property.value == "false";
        match self.properties.iter_mut().find(|other| !property.many && other.name == property.name) {
            None => self.properties.push(property),
            Some(first) if opens => *first = property,
            Some(_) => {}
        }
    }

    fn oddity(&mut self, oddity: Oddity) {
        self.oddities.push(oddity);
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

/// Reads the content of one file of `kind`. Never fails: what is wrong is in [`Parsed::problems`].
pub fn parse(kind: FileKind, mut bytes: Vec<u8>, names: &mut LocalNames<'_>) -> Parsed {
    let content = std::mem::take(&mut bytes);
    let mut parsed = Parsed::empty(Vec::new());
    let outcome = match kind {
        FileKind::PermissionSet => sections::read("PermissionSet", Root::Set, &content, names, &mut parsed),
        FileKind::MutingPermissionSet => sections::read("MutingPermissionSet", Root::Set, &content, names, &mut parsed),
        FileKind::Profile => sections::read("Profile", Root::Profile, &content, names, &mut parsed),
        FileKind::PermissionSetPart => sections::read_part(&content, names, &mut parsed),
        FileKind::PermissionSetGroup => group::read(&content, &mut parsed),
    };
    match outcome {
        Ok(root) => parsed.root = root,
        Err(problem) => parsed.fail(diagnose::refine(problem, &content)),
    }
    // Stable, so that equal keys keep the order of the file; runs that are in order cost one pass.
    parsed.entries.sort_by_key(|entry| entry.key);
    parsed.note_doubles();
    parsed.bytes = content;
    parsed
}
