//! Lints: how files are written, where that keeps a reader or a deployment from what was meant.
//!
//! A lint is about the writing, so it never hides a finding about a grant, nor is it named by one.

mod deployment;
mod elements;
mod entries;
mod files;
mod members;
mod project;
mod report;
mod requirements;

pub(crate) use report::{of_audit, of_change};

use serde::Deserialize;

use crate::access::{Definition, Holder, HolderFile};
use crate::delta::Around;
use crate::metadata::Names;
use crate::source::{HolderKind, Project};
use crate::text::Span;

/// What a lint rule looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LintKind {
    /// Several entries that say the same.
    Duplicate,
    /// Elements of another type, out of place or given twice.
    Misplaced,
    /// A right without one that the platform requires beside it.
    MissingRequirement,
    /// A user permission in another spelling than the platform's.
    Spelling,
    /// A user permission that the catalogue does not have.
    UnknownPermission,
    /// An entry of a set that grants nothing.
    Dead,
    /// An element that the project's API version does not have.
    NewerElement,
    /// A member of a group that is not among the files.
    MissingMember,
    /// Several files of one kind and name.
    SeveralFiles,
    /// `hidden` of API 22.
    LegacyHidden,
    /// A line of `.forceignore` that leaves out permission files.
    ForceIgnore,
    /// A deploy-time replacement in permission files.
    Replacement,
    /// Metadata types of the project's own: any file can be a permission file.
    Registry,
    /// Permission files that a deployment of the project does not take any more.
    NoLongerDeployed,
    /// Permission files that were there, and that a deployment of the project takes from now on.
    NewlyDeployed,
}

impl LintKind {
    /// Whether what one holder has of it is one finding.
    fn aggregates(self) -> bool {
        matches!(
            self,
            Self::Duplicate
                | Self::MissingRequirement
                | Self::Spelling
                | Self::UnknownPermission
                | Self::Dead
                | Self::LegacyHidden
        )
    }
}

/// One odd thing in one file of a holder.
#[derive(Debug, Clone)]
struct Lint<'l> {
    kind: LintKind,
    file: HolderFile<'l>,
    span: Span,
    /// What it is about, for the fingerprint: a grant key, or element and value.
    about: String,
    /// Whether that is a grant key.
    is_key: bool,
    /// The name in it.
    name: String,
    /// A clause for the message.
    detail: String,
}

impl<'l> Lint<'l> {
    /// One about the element at `at`; what follows it is cut off where it is printed.
    fn element(kind: LintKind, file: HolderFile<'l>, at: u32, about: String, detail: String) -> Self {
        let span = Span { start: at, end: file.parsed.bytes.len() as u32 };
        Self { kind, file, span, name: about.clone(), about, is_key: false, detail }
    }
}

/// What lints about one holder need besides it.
struct Surroundings<'a, 'l> {
    names: &'a Names,
    project: Option<&'l Project>,
    members: &'a members::Known<'l>,
}

/// Everything odd about one holder, in the order of its files.
fn of_holder<'l>(holder: &Holder<'l>, around: &Surroundings<'_, 'l>) -> Vec<Lint<'l>> {
    let mut lints = Vec::new();
    for file in holder.definitions.iter().flat_map(Definition::files) {
        entries::duplicates(file, around.names, &mut lints);
        entries::permissions(file, around.names, &mut lints);
        entries::dead(file, around.names, &mut lints);
        elements::oddities(file, around.names, &mut lints);
        elements::misplaced_children(file, &mut lints);
        elements::newer(file, around.project, &mut lints);
    }
    files::several(holder, &mut lints);
    match holder.kind {
        HolderKind::PermissionSetGroup => members::missing(holder, around, &mut lints),
        HolderKind::PermissionSet | HolderKind::Profile => requirements::missing(holder, around.names, &mut lints),
        // What mutes needs nothing beside it.
        HolderKind::MutingPermissionSet => {}
    }
    lints
}

/// The files that are about the whole project.
fn of_project<'l>(around: &Around<'l>) -> Vec<project::ProjectLint<'l>> {
    let mut lints = Vec::new();
    let root = around.root();
    for project in std::iter::once(root.clone()).chain(around.nested.iter().cloned()) {
        lints.extend(project::forceignore(&project));
        lints.extend(project::replacements(&project));
        lints.extend(project::registry(&project));
        lints.extend(deployment::changed(&project, &root));
    }
    lints
}

/// The project files of head by whose replacements permission files are deployed otherwise than they are written.
pub fn rewriting<'l>(around: &Around<'l>) -> Vec<&'l str> {
    let projects = std::iter::once(around.root()).chain(around.nested.iter().cloned());
    projects.filter(project::rewrites).map(|project| project.path).collect()
}

/// The files of the project by which a change deploys permission files otherwise than they are written, or not at all.
pub fn redirected<'l>(around: &Around<'l>) -> Vec<&'l str> {
    let mut paths: Vec<&'l str> = of_project(around).iter().map(|lint| lint.path).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}
