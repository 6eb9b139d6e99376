//! Holders: what a permission set, group or profile of one snapshot declares.

use crate::access::{Definition, Grant, is_standard_profile, standard_label};
use crate::source::HolderKind;

/// When a holder's grants work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// As soon as it is assigned.
    AlwaysOn,
    /// Only while it is activated in the user's session (`hasActivationRequired`).
    Session,
}

impl Gate {
    /// The word reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AlwaysOn => "always-on",
            Self::Session => "session",
        }
    }
}

/// A holder of one snapshot: all files of one kind and name.
#[derive(Debug, Clone)]
pub struct Holder<'l> {
    /// What it is.
    pub kind: HolderKind,
    /// Its API name, as the first file spells it.
    pub name: &'l str,
    /// Sorted by path; never empty. Several where package directories define the same name.
    pub definitions: Vec<Definition<'l>>,
}

impl<'l> Holder<'l> {
    /// The definitions that count for what it grants; one does.
    pub fn counted(&self) -> impl Iterator<Item = &Definition<'l>> {
        self.definitions.iter().filter(|definition| definition.counts())
    }

    /// Whether some file could not be read: what the holder grants is then not known.
    pub fn broken(&self) -> bool {
        self.counted().any(Definition::broken)
    }

    /// The gate all its grants share. Where several definitions disagree, doubt goes to more access.
    pub fn gate(&self) -> Gate {
        if self.counted().all(Definition::requires_activation) { Gate::Session } else { Gate::AlwaysOn }
    }

    /// The label people see in Setup.
    pub fn label(&self) -> Option<&'l str> {
        let standard = || standard_label(self.name).filter(|_| is_standard_profile(self));
        self.definitions.iter().find_map(Definition::label).or_else(standard)
    }

    /// What it grants: the union of its definitions, sorted by key, one grant a key.
    pub fn grants(&self) -> Vec<Grant<'l>> {
        let mut grants: Vec<Grant<'l>> = self.counted().flat_map(Definition::grants).collect();
        if self.definitions.len() > 1 {
            grants.sort_by_key(|grant| grant.entry.key);
            grants.dedup_by_key(|grant| grant.entry.key);
        }
        grants
    }
}
