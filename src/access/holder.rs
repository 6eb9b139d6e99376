//! Holders: what a permission set, group or profile of one snapshot declares.

use crate::access::Grant;
use crate::metadata::Parsed;
use crate::source::{File, HolderKind};

/// When a holder's grants work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// As soon as it is assigned.
    AlwaysOn,
    /// Only while it is activated in the user's session (`hasActivationRequired`).
    Session,
}

/// One of a holder's files.
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

/// A holder of one snapshot: all files of one kind and name.
#[derive(Debug, Clone)]
pub struct Holder<'l> {
    /// What it is.
    pub kind: HolderKind,
    /// Its API name, as the first file spells it.
    pub name: &'l str,
    /// Sorted by path; never empty.
    pub files: Vec<HolderFile<'l>>,
}

impl<'l> Holder<'l> {
    /// Whether some file could not be read: what the holder grants is then not known.
    pub fn broken(&self) -> bool {
        self.files.iter().any(|file| file.parsed.broken)
    }

    /// The gate all its grants share. Where several files disagree, doubt goes to more access.
    pub fn gate(&self) -> Gate {
        let required = |file: &HolderFile<'l>| {
            file.parsed.property("hasActivationRequired").is_some_and(|flag| flag.value == "true")
        };
        let session = self.files.iter().all(required);
        if session { Gate::Session } else { Gate::AlwaysOn }
    }

    /// The label people see in Setup.
    pub fn label(&self) -> Option<&'l str> {
        self.files.iter().find_map(|file| file.parsed.property("label")).map(|label| label.value.as_str())
    }

    /// What it grants: the union of its files, sorted by key, one grant a key.
    pub fn grants(&self) -> Vec<Grant<'l>> {
        let of_file = |file: &HolderFile<'l>| {
            let file = *file;
            file.parsed.held().map(move |entry| Grant { file, entry })
        };
        let mut grants: Vec<Grant<'l>> = self.files.iter().flat_map(of_file).collect();
        if self.files.len() > 1 {
            grants.sort_by_key(|grant| grant.entry.key);
            grants.dedup_by_key(|grant| grant.entry.key);
        }
        grants
    }
}
