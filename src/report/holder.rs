//! What there is to ask about a holder that differs.

use std::collections::HashSet;

use crate::report::{Effective, GrantLine, Holder, Report};

impl Report {
    /// The row of the old name of a renamed holder.
    pub(super) fn old_name_of(&self, holder: &Holder) -> Option<&Holder> {
        let previous = holder.previous.as_ref().filter(|_| holder.status == "renamed")?;
        let is_old = |old: &&Holder| old.status == "removed" && old.name == previous.name && old.path == previous.path;
        self.holders.iter().find(is_old)
    }

    /// What a renamed holder had under its old name.
    pub(super) fn renamed_from(&self, holder: &Holder) -> Option<&[GrantLine]> {
        Some(&self.old_name_of(holder)?.declared.as_ref()?.undeclared)
    }

    /// Whether the old name of a renamed holder stays in the org: no manifest deletes it.
    pub(super) fn stays_renamed(&self, holder: &Holder) -> bool {
        self.renamed_from(holder).is_some_and(|undeclared| !undeclared.is_empty())
    }

    /// The rows that people see: that of an old name is part of the row of the new one.
    pub(super) fn shown_holders(&self) -> Vec<&Holder> {
        let renamed = self.holders.iter().filter(|holder| holder.status == "renamed");
        let old: HashSet<(&str, &str)> = renamed
            .filter_map(|new| new.previous.as_ref())
            .map(|previous| (previous.name.as_str(), previous.path.as_str()))
            .collect();
        let is_old = |holder: &&Holder| {
            holder.status == "removed" && old.contains(&(holder.name.as_str(), holder.path.as_str()))
        };
        self.holders.iter().filter(|holder| !is_old(holder)).collect()
    }

    /// Kinds and names that have several rows: their paths tell them apart.
    pub(super) fn names_in_several_rows(&self) -> HashSet<(&'static str, &str)> {
        let mut seen = HashSet::new();
        let names = self.holders.iter().map(|holder| (holder.kind, holder.name.as_str()));
        names.filter(|name| !seen.insert(*name)).collect()
    }
}

impl Holder {
    /// Whether a grant or its gate differs, or it came or went: a label is no access.
    pub fn access_differs(&self) -> bool {
        let grants = self.declared.as_ref().is_some_and(|declared| {
            let lists = [&declared.gained, &declared.lost, &declared.undeclared, &declared.revoked, &declared.unpinned];
            lists.iter().any(|list| !list.is_empty())
        });
        let muting = self.muting.as_ref().is_some_and(|muting| !muting.added.is_empty() || !muting.removed.is_empty());
        let members = ["permissionSets", "mutingPermissionSets"];
        let members = self.properties.iter().any(|property| members.contains(&property.name.as_str()));
        let effective = self.effective.as_ref().is_some_and(Effective::differs);
        grants
            || muting
            || members
            || effective
            || !matches!(self.status, "changed" | "affected")
            || self.gate_change().is_some()
    }

    /// Whether something differs that is neither access nor a text, as the addresses users may log in from.
    pub fn settings_differ(&self) -> bool {
        self.properties.iter().any(|property| !matches!(property.name.as_str(), "label" | "description"))
    }

    /// Whether session activation is required now, if that changed.
    pub fn gate_change(&self) -> Option<bool> {
        let change = self.properties.iter().find(|property| property.name == "hasActivationRequired")?;
        Some(change.after.as_deref() == Some("true"))
    }
}
