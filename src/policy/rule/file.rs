//! The schema of a rule file: what can be written in it.

use serde::Deserialize;
use toml::Spanned;

use crate::access::{Audience, Gate, Risk};
use crate::policy::rule::{Change, Example, On, Scope};
use crate::policy::{Class, Fact, LintKind, LoginFact, MutingFact, PolicyFact, Severity};
use crate::source::HolderKind;

/// A rule of permdelta: `<family>/<id>.toml`.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct RuleFile {
    /// Kebab-case; equals the file name; reads as "allow `<id>`".
    #[schemars(with = "String")]
    pub(super) id: Spanned<String>,
    /// One line.
    pub(super) title: String,
    /// How bad a finding is.
    pub(super) severity: Severity,
    /// What has to be read to judge it.
    pub(super) scope: Scope,
    /// Why a reviewer should care.
    pub(super) why: String,
    /// What to do instead.
    pub(super) fix: String,
    /// Where it is documented: addresses, or names of documents.
    pub(super) references: Vec<String>,
    /// Ids of benchmark and control catalogues, as `SBS-ACS-004` or `NIST-AC-6`.
    #[serde(default)]
    pub(super) tags: Vec<String>,
    /// A sentence with the placeholders {holder}, {grant}, {names} and, for a lint, {detail}.
    #[schemars(with = "String")]
    pub(super) message: Spanned<String>,
    /// What it looks for: exactly one of `grant` (or `risk`, or `any_of` with grants), `all_of`, `change` and the like.
    #[serde(rename = "match")]
    #[schemars(with = "MatchFile")]
    pub(super) matching: Spanned<MatchFile>,
    /// What must and must not fire; one of each at least.
    #[serde(default)]
    pub(super) example: Vec<Example>,
}

/// What a rule looks for.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MatchFile {
    /// What is looked at: what files state, or what users get.
    pub(super) on: On,
    /// Kinds of holder; all three if left out.
    pub(super) holder: Option<Vec<Kind>>,
    /// Holders in one of these classes of permdelta.toml.
    #[serde(default)]
    pub(super) class: Vec<Class>,
    /// Profiles with one of these audiences.
    #[serde(default)]
    pub(super) audience: Vec<Audience>,
    /// Holders with this gate.
    pub(super) gate: Option<Gate>,
    /// Profiles that come with the platform, or those that do not.
    pub(super) standard_profile: Option<bool>,
    /// Grant patterns: `section/name` or `section/name/right`; name and right can be globs.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) grant: Vec<Spanned<String>>,
    /// User permissions that the catalogue rates so.
    #[serde(default)]
    pub(super) risk: Vec<Risk>,
    /// The grants that the catalogue, or `[session]` of permdelta.toml, calls privileged.
    #[serde(default)]
    pub(super) privileged: bool,
    /// Only those of the grants whose object or field is sensitive.
    #[serde(default)]
    pub(super) sensitive: bool,
    /// A combination: of each of these the holder has some grant.
    #[serde(default)]
    #[schemars(with = "Vec<ConditionFile>")]
    pub(super) all_of: Vec<Spanned<ConditionFile>>,
    /// Of these one holds.
    #[serde(default)]
    #[schemars(with = "Vec<ConditionFile>")]
    pub(super) any_of: Vec<Spanned<ConditionFile>>,
    /// Of these none holds.
    #[serde(default)]
    #[schemars(with = "Vec<ConditionFile>")]
    pub(super) none_of: Vec<Spanned<ConditionFile>>,
    /// Whether what one holder has of it is one finding.
    #[serde(default)]
    pub(super) aggregate: bool,
    /// Grants outside the sections of the Metadata API guide.
    #[serde(default)]
    pub(super) unmodelled: bool,
    /// Grants that another entry of the file denies.
    #[serde(default)]
    pub(super) conflicting: bool,
    /// Ways to an administrator's power: those of the catalogue.
    #[serde(default)]
    pub(super) escalation: bool,
    /// Session-based members of groups that require no activation.
    #[serde(default)]
    pub(super) bypassed: bool,
    /// Something about flows, and what else decides what holders mean.
    pub(super) related: Option<Fact>,
    /// Something about permdelta.toml.
    pub(super) policy: Option<PolicyFact>,
    /// From where the users of a profile may log in.
    pub(super) login: Option<LoginFact>,
    /// What a group's muting does not do.
    pub(super) muting: Option<MutingFact>,
    /// A change from base to head.
    #[serde(default)]
    pub(super) change: Vec<Change>,
    /// How files are written.
    pub(super) lint: Option<LintKind>,
}

/// What a grant and its holder must be.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConditionFile {
    /// Kinds of holder; all three if left out.
    pub(super) holder: Option<Vec<Kind>>,
    /// Holders in one of these classes of permdelta.toml.
    #[serde(default)]
    pub(super) class: Vec<Class>,
    /// Profiles with one of these audiences.
    #[serde(default)]
    pub(super) audience: Vec<Audience>,
    /// Holders with this gate.
    pub(super) gate: Option<Gate>,
    /// Profiles that come with the platform, or those that do not.
    pub(super) standard_profile: Option<bool>,
    /// Grant patterns: `section/name` or `section/name/right`; name and right can be globs.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) grant: Vec<Spanned<String>>,
    /// User permissions that the catalogue rates so.
    #[serde(default)]
    pub(super) risk: Vec<Risk>,
    /// The grants that the catalogue, or `[session]` of permdelta.toml, calls privileged.
    #[serde(default)]
    pub(super) privileged: bool,
    /// Only those of the grants whose object or field is sensitive.
    #[serde(default)]
    pub(super) sensitive: bool,
}

/// A kind of holder that is assigned to users.
#[derive(Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    PermissionSet,
    PermissionSetGroup,
    Profile,
}

impl Kind {
    pub(super) fn holder(self) -> HolderKind {
        match self {
            Self::PermissionSet => HolderKind::PermissionSet,
            Self::PermissionSetGroup => HolderKind::PermissionSetGroup,
            Self::Profile => HolderKind::Profile,
        }
    }
}

impl MatchFile {
    /// What it asks beside the lists of conditions.
    pub(super) fn own(&self) -> ConditionFile {
        ConditionFile {
            holder: self.holder.clone(),
            class: self.class.clone(),
            audience: self.audience.clone(),
            gate: self.gate,
            standard_profile: self.standard_profile,
            grant: self.grant.clone(),
            risk: self.risk.clone(),
            privileged: self.privileged,
            sensitive: self.sensitive,
        }
    }
}

impl ConditionFile {
    pub(super) fn has_grants(&self) -> bool {
        !self.grant.is_empty() || !self.risk.is_empty() || self.privileged
    }

    /// Whether it asks nothing of the holder.
    pub(super) fn is_about_grants_only(&self) -> bool {
        self.holder.is_none()
            && self.class.is_empty()
            && self.audience.is_empty()
            && self.gate.is_none()
            && self.standard_profile.is_none()
    }
}
