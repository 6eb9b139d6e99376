//! Members of a group that are not among the files.

use std::collections::HashSet;

use crate::access::{Definition, Holder};
use crate::policy::lint::{Lint, LintKind, Surroundings};
use crate::source::{HolderKind, Listing, Project, namespaced};
use crate::text::clip;

/// The sets of one snapshot, by kind and case-folded name.
pub(super) struct Known<'l> {
    names: HashSet<(HolderKind, String)>,
    project: Option<&'l Project>,
}

impl<'l> Known<'l> {
    pub(super) fn of(listing: &Listing, project: Option<&'l Project>) -> Self {
        let sets = listing.files.iter().chain(&listing.excluded).map(|file| (file.kind.holder(), &file.name));
        let sets = sets.filter(|(kind, _)| matches!(kind, HolderKind::PermissionSet | HolderKind::MutingPermissionSet));
        Self { names: sets.map(|(kind, name)| (kind, name.to_lowercase())).collect(), project }
    }

    /// Whether a member is there: by the name an org gives it, or by the one it has in its own project.
    fn has(&self, kind: HolderKind, member: &str) -> bool {
        let local = self.project.map_or(member, |project| project.local_name(member));
        [member, local].iter().any(|name| self.names.contains(&(kind, name.to_lowercase())))
    }

    /// The managed package a member comes from; `None` for a member of this project.
    fn package<'n>(&self, member: &'n str) -> Option<&'n str> {
        let is_own = self.project.is_some_and(|project| project.local_name(member) != member);
        namespaced(member).filter(|_| !is_own).map(|(namespace, _)| namespace)
    }
}

/// Members whose files are missing.
pub(super) fn missing<'l>(group: &Holder<'l>, around: &Surroundings<'_, 'l>, lints: &mut Vec<Lint<'l>>) {
    let mut said = HashSet::new();
    for (file, property) in group.definitions.iter().flat_map(Definition::properties) {
        let kind = match property.name.as_str() {
            "permissionSets" => HolderKind::PermissionSet,
            "mutingPermissionSets" => HolderKind::MutingPermissionSet,
            _ => continue,
        };
        let member = property.value.as_str();
        let about = format!("{}/{member}", property.name);
        if around.members.has(kind, member) || !said.insert((kind, member.to_lowercase())) {
            continue;
        }
        let detail = match around.members.package(member) {
            Some(namespace) => {
                format!("{}, a {} of the managed package {}", clip(member), kind.describe(), clip(namespace))
            }
            None => format!("the {} {}", kind.describe(), clip(member)),
        };
        lints.push(Lint::element(LintKind::MissingMember, file, property.span.start, about, detail));
    }
}
