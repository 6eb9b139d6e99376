//! One definition of a holder: a file, or the files of a decomposed permission set.

use crate::access::Grant;
use crate::metadata::{Held, Parsed, Property};
use crate::source::{File, FileKind};

/// One of a definition's files.
#[derive(Debug, Clone, Copy)]
pub struct HolderFile<'l> {
    /// Where it was listed.
    pub file: &'l File,
    /// What it says.
    pub parsed: &'l Parsed,
}

impl HolderFile<'_> {
    /// Whether two files say the same, to the byte.
    pub fn same_content(&self, other: &HolderFile<'_>) -> bool {
        std::ptr::eq(self.parsed, other.parsed)
            || (!self.parsed.bytes.is_empty() && self.parsed.bytes == other.parsed.bytes)
    }
}

/// A whole definition. Whether it is one file or many parts changes nothing about what it grants.
#[derive(Debug, Clone)]
pub struct Definition<'l> {
    /// Sorted by path, the whole file or parent first; never empty. Platform tools recompose a set whose
    /// parent is missing.
    files: Vec<HolderFile<'l>>,
    /// Whether an org has it: one that no deployment takes does not count beside one that is deployed.
    counts: bool,
}

impl<'l> Definition<'l> {
    /// A definition of these files.
    pub fn new(mut files: Vec<HolderFile<'l>>) -> Self {
        files.sort_by_key(|file| (file.file.kind == FileKind::PermissionSetPart, &file.file.path));
        Self { files, counts: true }
    }

    /// Whether it counts for what the holder grants.
    pub fn counts(&self) -> bool {
        self.counts
    }

    /// Lets it not count: the org has another definition.
    pub fn does_not_count(&mut self) {
        self.counts = false;
    }

    /// The files, the whole file or parent first.
    pub fn files(&self) -> &[HolderFile<'l>] {
        &self.files
    }

    /// The whole file, or the parent of the parts, or the first part if there is no parent.
    pub fn main(&self) -> HolderFile<'l> {
        self.files[0]
    }

    /// Whether some file could not be read.
    pub fn broken(&self) -> bool {
        self.files.iter().any(|file| file.parsed.broken)
    }

    /// What it states, held or denied, sorted by key, one entry a key; doubt goes to more access.
    pub fn stated(&self) -> Vec<Grant<'l>> {
        let of_file = |file: &HolderFile<'l>| {
            let file = *file;
            file.parsed.stated().map(move |entry| Grant { file, entry })
        };
        let mut stated: Vec<Grant<'l>> = self.files.iter().flat_map(of_file).collect();
        if self.files.len() > 1 {
            stated.sort_by_key(|grant| (grant.entry.key, !grant.is_held()));
            stated.dedup_by_key(|grant| grant.entry.key);
        }
        stated
    }

    /// What it grants, sorted by key.
    pub fn grants(&self) -> Vec<Grant<'l>> {
        let mut stated = self.stated();
        stated.retain(Grant::is_held);
        stated
    }

    /// What a muting set mutes, sorted by key: a doubtful entry, or one that others contradict, does not mute.
    pub fn mutes(&self) -> Vec<Grant<'l>> {
        let of_file = |file: &HolderFile<'l>| {
            let file = *file;
            let same = file.parsed.entries.chunk_by(|a, b| a.key == b.key);
            same.filter(|same| same.iter().all(|entry| entry.held == Held::Yes))
                .map(move |same| Grant { file, entry: &same[0] })
        };
        self.files.iter().flat_map(of_file).collect()
    }

    /// All properties with their files.
    pub fn properties(&self) -> impl Iterator<Item = (HolderFile<'l>, &'l Property)> {
        self.files.iter().flat_map(|file| file.parsed.properties.iter().map(move |property| (*file, property)))
    }

    /// The property of that name.
    pub fn property(&self, name: &str) -> Option<(HolderFile<'l>, &'l Property)> {
        self.properties().find(|(_, property)| property.name == name)
    }

    /// The label people see in Setup.
    pub fn label(&self) -> Option<&'l str> {
        self.property("label").map(|(_, label)| label.value.as_str())
    }

    /// Whether it works only while activated in the user's session. Where its files disagree, it does not.
    pub fn requires_activation(&self) -> bool {
        let flags = || self.properties().filter(|(_, property)| property.name == "hasActivationRequired");
        flags().next().is_some() && flags().all(|(_, flag)| flag.value == "true")
    }

    /// Whether two definitions say the same, file for file.
    pub fn same_content(&self, other: &Definition<'_>) -> bool {
        self.files.len() == other.files.len()
            && self.files.iter().zip(&other.files).all(|(one, other)| one.same_content(other))
    }
}
