//! The schema of a rule file, checked completely when it is loaded.

use serde::Deserialize;
use toml::Spanned;

use crate::access::{Audience, Gate, GrantPattern};
use crate::error::Error;
use crate::policy::escalation::{self, Edge};
use crate::policy::{Class, Fact, LintKind, PolicyFact, Severity, message};
use crate::source::HolderKind;

/// A rule: what it looks for, why that matters and what to do instead.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Kebab-case; equals the file name; reads as "allow `<id>`".
    pub id: String,
    /// The folder it lies in.
    pub family: String,
    /// One line.
    pub title: String,
    /// How bad a finding is.
    pub severity: Severity,
    /// What a finding is about.
    pub scope: Scope,
    /// Why a reviewer should care.
    pub why: String,
    /// What to do instead.
    pub fix: String,
    /// Where it is documented: addresses, or names of documents.
    pub references: Vec<String>,
    /// Ids of benchmark and control catalogues.
    pub tags: Vec<String>,
    /// A sentence with placeholders.
    pub message: String,
    /// What it looks for.
    pub matching: Match,
    /// What must and must not fire.
    pub examples: Vec<Example>,
    /// The file it was loaded from, for the digest of a policy.
    pub source: String,
}

/// What has to be read to judge a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The holder alone.
    Holder,
    /// All of one state: judged by `audit`.
    Snapshot,
}

/// A change a transition rule looks for. Such a rule has no finding in `audit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// `hasActivationRequired` was true and is not any more.
    GateRemoved,
    /// A group confers what was muted in it before.
    Unmuted,
    /// An assignable holder gains access, loses its gate or is new: judged on request only.
    NewAccess,
    /// A group names a member whose grants are not known, and did not before or knew them.
    UnknownAdded,
}

/// Which grants a rule is about, compiled.
#[derive(Debug, Clone)]
pub struct Match {
    /// What is looked at.
    pub on: On,
    /// Kinds of holder.
    pub holders: Vec<HolderKind>,
    /// Grants; empty for a transition rule.
    pub grants: Vec<GrantPattern>,
    /// Grants outside the modelled sections, instead of `grants`.
    pub unmodelled: bool,
    /// Grants that another entry denies, instead of `grants`.
    pub conflicting: bool,
    /// Ways to an administrator's power, instead of `grants`: those of the catalogue.
    pub escalation: Vec<Edge>,
    /// Session-based members of groups that are not, instead of `grants`.
    pub bypassed: bool,
    /// Something about files that are no holders, instead of `grants`.
    pub related: Option<Fact>,
    /// Only holders with this gate.
    pub gate: Option<Gate>,
    /// Only holders in one of these classes; empty for all holders.
    pub class: Vec<Class>,
    /// Not holders in one of these classes.
    pub none_of: Vec<Class>,
    /// Something about the configuration, instead of `grants`.
    pub policy: Option<PolicyFact>,
    /// Only profiles with one of these audiences; empty for all holders.
    pub audience: Vec<Audience>,
    /// Transitions instead of grants.
    pub change: Vec<Change>,
    /// How files are written, instead of grants. Of every kind of holder, and of the project's own files.
    pub lint: Option<LintKind>,
}

impl Match {
    /// Whether it is about holders of this kind and these classes.
    pub fn is_for(&self, kind: HolderKind, classes: &[Class]) -> bool {
        let any = |wanted: &[Class]| wanted.iter().any(|class| classes.contains(class));
        self.holders.contains(&kind) && (self.class.is_empty() || any(&self.class)) && !any(&self.none_of)
    }

    /// Whether the grants one holder has are reported together.
    pub fn aggregates(&self) -> bool {
        self.unmodelled
            || self.conflicting
            || !self.audience.is_empty()
            || self.grants.iter().any(GrantPattern::is_per_object)
    }
}

/// A before and an after, and what the rule has to say about them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// One line.
    pub title: String,
    /// Base; left out if the holder is not there yet.
    #[serde(default)]
    pub before: Files,
    /// Head.
    #[serde(default)]
    pub after: Files,
    /// The subjects at which the rule matches and is new; none for a near miss.
    pub fires: Vec<String>,
}

/// The files of one side of an example.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(untagged)]
pub enum Files {
    /// No files.
    #[default]
    None,
    /// What stands inside `<PermissionSet>` of a set named Example.
    Snippet(String),
    /// Whole files by path.
    Paths(std::collections::BTreeMap<String, String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    id: Spanned<String>,
    title: String,
    severity: Severity,
    scope: Scope,
    why: String,
    fix: String,
    references: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    message: Spanned<String>,
    #[serde(rename = "match")]
    matching: Spanned<MatchFile>,
    #[serde(default)]
    example: Vec<Example>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MatchFile {
    on: On,
    holder: Option<Vec<Kind>>,
    #[serde(default)]
    grant: Vec<Spanned<String>>,
    #[serde(default)]
    unmodelled: bool,
    #[serde(default)]
    conflicting: bool,
    #[serde(default)]
    escalation: bool,
    #[serde(default)]
    bypassed: bool,
    related: Option<Fact>,
    policy: Option<PolicyFact>,
    gate: Option<Gate>,
    #[serde(default)]
    class: Vec<Class>,
    #[serde(default)]
    none_of: NoneOf,
    #[serde(default)]
    audience: Vec<Audience>,
    #[serde(default)]
    change: Vec<Change>,
    lint: Option<LintKind>,
}

/// What a holder must not be.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoneOf {
    class: Vec<Class>,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// What a holder's own files state.
    Declared,
    /// What an assignable holder's users get: in a group, what its members hold and it does not mute.
    Effective,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    PermissionSet,
    PermissionSetGroup,
    Profile,
}

impl Rule {
    /// Whether the rule is judged only when it is asked for (`check --no-new-access`).
    pub fn is_guarantee(&self) -> bool {
        self.matching.change.contains(&Change::NewAccess)
    }

    /// Loads the rule in `text`, the content of the file at `path`, which must be `…/<family>/<id>.toml`.
    ///
    /// # Errors
    /// The first mistake, with file, line and a suggestion.
    pub fn load(path: &str, text: &str) -> Result<Self, Error> {
        let file = RuleFile::read(path, text)?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Ok(Self {
            id: file.id.into_inner(),
            family: folder.rsplit('/').next().unwrap_or_default().to_owned(),
            title: file.title,
            severity: file.severity,
            scope: file.scope,
            why: one_paragraph(&file.why),
            fix: one_paragraph(&file.fix),
            references: file.references,
            tags: file.tags,
            message: file.message.into_inner(),
            matching: file.matching.into_inner().compile(path, text)?,
            examples: file.example,
            source: text.to_owned(),
        })
    }
}

impl RuleFile {
    fn read(path: &str, text: &str) -> Result<Self, Error> {
        let file: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            mistake(path, text, at, error.message(), "`permdelta explain RULE` shows a rule that works")
        })?;
        let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".toml");
        let id = file.id.get_ref();
        if id != stem {
            let message = format!("the id is `{id}`, the file is named `{stem}`");
            return Err(mistake(path, text, file.id.span().start, &message, "make them equal"));
        }
        message::check(file.message.get_ref()).map_err(|message| {
            let at = file.message.span().start;
            mistake(path, text, at, &message, "placeholders are {holder}, {grant}, {names} and, for a lint, {detail}")
        })?;
        file.check_selectors(path, text)?;
        Ok(file)
    }

    fn check_selectors(&self, path: &str, text: &str) -> Result<(), Error> {
        let matching = self.matching.get_ref();
        let at = self.matching.span().start;
        let selectors = [
            ("grant", !matching.grant.is_empty()),
            ("unmodelled", matching.unmodelled),
            ("conflicting", matching.conflicting),
            ("bypassed", matching.bypassed),
            ("escalation", matching.escalation),
            ("related", matching.related.is_some()),
            ("policy", matching.policy.is_some()),
            ("change", !matching.change.is_empty()),
            ("lint", matching.lint.is_some()),
        ];
        let given = selectors.iter().filter(|(_, given)| *given).count();
        if given != 1 {
            let names = selectors.map(|(name, _)| format!("`{name}`")).join(", ");
            let message = format!("[match] has {given} of {names}");
            return Err(mistake(path, text, at, &message, "use exactly one of them"));
        }
        let of_class = !matching.class.is_empty() || !matching.none_of.class.is_empty();
        if of_class && (matching.related.is_some() || matching.lint.is_some() || matching.policy.is_some()) {
            let message = "a `class` is one of holders, and this is no rule about what a holder has";
            return Err(mistake(path, text, at, message, "leave `class` out"));
        }
        let narrowed = matching.holder.is_some() || matching.gate.is_some() || !matching.audience.is_empty();
        if matching.lint.is_some() && narrowed {
            let message = "a `lint` is about how files are written, whatever their `holder`, `gate` and `audience`";
            return Err(mistake(path, text, at, message, "leave these out"));
        }
        if matching.lint.is_none() && self.message.get_ref().contains("{detail}") {
            let at = self.message.span().start;
            return Err(mistake(path, text, at, "`{detail}` is what a `lint` says", "use {grant} or {names}"));
        }
        Ok(())
    }
}

impl MatchFile {
    fn compile(self, path: &str, text: &str) -> Result<Match, Error> {
        let pattern = |pattern: &Spanned<String>| {
            GrantPattern::new(pattern.get_ref()).map_err(|message| {
                mistake(path, text, pattern.span().start, &message, "a grant key is section/name or section/name/right")
            })
        };
        Ok(Match {
            grants: self.grant.iter().map(pattern).collect::<Result<_, _>>()?,
            holders: holders(self.holder),
            unmodelled: self.unmodelled,
            conflicting: self.conflicting,
            escalation: match self.escalation {
                true => escalation::edges(escalation::CATALOGUE)
                    .map_err(|message| mistake("rules/catalog/escalation.toml", "", 0, &message, ""))?,
                false => Vec::new(),
            },
            bypassed: self.bypassed,
            on: self.on,
            related: self.related,
            policy: self.policy,
            gate: self.gate,
            class: self.class,
            none_of: self.none_of.class,
            audience: self.audience,
            change: self.change,
            lint: self.lint,
        })
    }
}

pub(super) fn mistake(path: &str, text: &str, offset: usize, message: &str, hint: &str) -> Error {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = 1 + memchr::memchr_iter(b'\n', before).count() as u32;
    Error::Policy { path: path.to_owned(), line, message: message.to_owned(), hint: hint.to_owned() }
}

/// All kinds but muting sets, whose entries are never grants.
fn holders(kinds: Option<Vec<Kind>>) -> Vec<HolderKind> {
    let kinds = kinds.unwrap_or_else(|| vec![Kind::PermissionSet, Kind::PermissionSetGroup, Kind::Profile]);
    kinds
        .into_iter()
        .map(|kind| match kind {
            Kind::PermissionSet => HolderKind::PermissionSet,
            Kind::PermissionSetGroup => HolderKind::PermissionSetGroup,
            Kind::Profile => HolderKind::Profile,
        })
        .collect()
}

fn one_paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
