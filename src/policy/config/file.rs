//! The schema of the file: what can be written in it.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::policy::config::Level;

/// `permdelta.toml`, at the root of the repository. Every key is optional.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::policy) struct File {
    /// By rule id or family name: off, note, low, medium, high, critical.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Level>")]
    pub(super) rules: BTreeMap<Spanned<String>, Spanned<Level>>,
    /// What holders are for.
    #[serde(default)]
    pub(super) classes: Classes,
    /// Objects and fields that count as sensitive besides those of the catalogue.
    pub(super) sensitive: Option<Sensitive>,
    /// Session activation.
    #[serde(default)]
    pub(super) session: Session,
    /// Paths below the root of the repository.
    #[serde(default)]
    pub(super) paths: Paths,
    /// Findings that are accepted.
    #[serde(default)]
    #[schemars(with = "Vec<WaiverFile>")]
    pub(super) waiver: Vec<Spanned<WaiverFile>>,
}

#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Classes {
    /// Holders for administrators: names or globs, with `profile:`, `permissionSet:` or `permissionSetGroup:` before them for one kind only.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) admin: Vec<Spanned<String>>,
    /// Holders for programs that log in.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) integration: Vec<Spanned<String>>,
    /// Sets that are only ever assigned as members of groups.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) component_only: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Sensitive {
    /// API names of objects, or globs.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) objects: Vec<Spanned<String>>,
    /// `Object.Field`, API names or globs.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) fields: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    /// Grants that count as privileged, instead of the built-in list.
    #[schemars(with = "Option<Vec<String>>")]
    pub(super) privileged: Option<Spanned<Vec<Spanned<String>>>>,
    /// Holders that something outside this repository activates.
    #[serde(default)]
    pub(super) activators: Vec<Activator>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "a table, as { holder = \"Break_Glass\", by = \"connected app Vault\", ticket = \"SEC-12\" }"
)]
pub(super) struct Activator {
    /// The session-based permission sets or groups: a name or a glob, with the kind before it, as `permissionSet:`, or
    /// without, for every kind.
    #[schemars(with = "String")]
    pub(super) holder: Spanned<String>,
    /// What activates it.
    #[schemars(with = "String")]
    pub(super) by: Spanned<String>,
    /// Where that was decided.
    #[schemars(with = "String")]
    pub(super) ticket: Spanned<String>,
}

#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Paths {
    /// Globs of permission files that are not judged; always reported.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) exclude: Vec<Spanned<String>>,
    /// Folders with rules of the repository's own.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) rules: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WaiverFile {
    /// The id of the rule.
    #[schemars(with = "String")]
    pub(super) rule: Spanned<String>,
    /// Exactly one holder, with its kind: `permissionSet:Nightly_Sync`.
    #[schemars(with = "String")]
    pub(super) holder: Spanned<String>,
    /// The grant key that is accepted, or a glob of some.
    #[schemars(with = "Option<String>")]
    pub(super) grant: Option<Spanned<String>>,
    /// Why it is accepted.
    #[schemars(with = "String")]
    pub(super) reason: Spanned<String>,
    /// Who answers for it.
    #[schemars(with = "String")]
    pub(super) owner: Spanned<String>,
    /// Where that was decided.
    #[schemars(with = "Option<String>")]
    pub(super) ticket: Option<Spanned<String>>,
    /// The last day it counts, in UTC.
    #[schemars(with = "String", extend("format" = "date"))]
    pub(super) expires: Spanned<Day>,
}

/// A day.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "`expires` is no day, as 2027-03-31 is")]
pub(super) enum Day {
    Date(Datetime),
    Text(String),
}
