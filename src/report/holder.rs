//! What there is to ask about a holder that differs.

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

    /// The row of the old name is part of the row of the new one.
    pub(super) fn is_renamed_away(&self, holder: &Holder) -> bool {
        let is_new = |new: &Holder| {
            let previous = new.previous.as_ref().filter(|_| new.status == "renamed");
            previous.is_some_and(|previous| previous.name == holder.name && previous.path == holder.path)
        };
        holder.status == "removed" && self.holders.iter().any(is_new)
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
