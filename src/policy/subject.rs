//! What a finding is about.

use crate::source::HolderKind;

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'l> {
    /// What it is.
    pub kind: SubjectKind,
    /// Its API name.
    pub name: &'l str,
    /// Its label.
    pub label: Option<&'l str>,
}

/// The kinds of things findings are about: every kind of holder, and what decides what holders mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubjectKind {
    /// A permission set, group, muting set or profile.
    Holder(HolderKind),
    /// A `Flow`.
    Flow,
    /// A `CustomPermission`.
    CustomPermission,
    /// permdelta's own policy.
    Policy,
    /// What belongs to no single component, as `sfdx-project.json`.
    Project,
}

impl SubjectKind {
    /// The word of the JSON contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holder(kind) => kind.as_str(),
            Self::Flow => "flow",
            Self::CustomPermission => "customPermission",
            Self::Policy => "policy",
            Self::Project => "project",
        }
    }

    /// As a reader would say it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Holder(kind) => kind.describe(),
            Self::Flow => "flow",
            Self::CustomPermission => "custom permission",
            Self::Policy => "policy",
            Self::Project => "project",
        }
    }
}
