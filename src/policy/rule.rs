//! Rules: what they look for, why, and what to do instead.

mod file;
mod load;

pub(super) use file::RuleFile;
pub(super) use load::{known_permission, mistake};

use serde::Deserialize;

use crate::access::GrantPattern;
use crate::error::Error;
use crate::policy::{Class, Combination, Condition, Fact, LintKind, LoginFact, MutingFact, PolicyFact, Severity};
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
    /// The file it was loaded from, as errors name it.
    pub path: String,
    /// The content of that file, for the digest of a policy.
    pub source: String,
}

/// What has to be read to judge a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// The holder alone.
    Holder,
    /// A group and what it names.
    Group,
    /// All of one state: judged by `audit`, and by `check --full`.
    Snapshot,
}

/// A change a transition rule looks for. Such a rule has no finding in `audit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
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

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum On {
    /// What a holder's own files state.
    Declared,
    /// What an assignable holder's users get: in a group, what its members hold and it does not mute.
    Effective,
}

/// What a rule looks for.
#[derive(Debug, Clone)]
pub enum What {
    /// Grants: those of its conditions.
    Grants,
    /// Several grants of one holder.
    Combination(Vec<Combination>),
    /// Grants outside the modelled sections.
    Unmodelled,
    /// Grants that another entry denies.
    Conflicting,
    /// Session-based members of groups that are not.
    Bypassed,
    /// Something about files that are no holders.
    Related(Fact),
    /// Something about the configuration.
    Policy(PolicyFact),
    /// Transitions.
    Change(Vec<Change>),
    /// How files are written: of every kind of holder, and of the project's own files.
    Lint(LintKind),
    /// From where the users of a profile may log in.
    Login(LoginFact),
    /// What a group's muting does not do.
    Muting(MutingFact),
}

/// What a rule is about, compiled.
#[derive(Debug, Clone)]
pub struct Match {
    /// What is looked at.
    pub on: On,
    /// What it looks for.
    pub what: What,
    /// What always holds.
    pub condition: Condition,
    /// Of these one holds; empty if nothing more is asked.
    pub any_of: Vec<Condition>,
    /// Of these none holds.
    pub none_of: Vec<Condition>,
    /// Whether what one holder has of it is one finding.
    pub aggregate: bool,
}

impl Match {
    /// Whether it is about holders of this kind and these classes.
    pub fn is_for(&self, kind: HolderKind, classes: &[Class]) -> bool {
        let excluded = |condition: &Condition| {
            !condition.is_about_grants()
                && condition.gate.is_none()
                && condition.audience.is_empty()
                && condition.standard.is_none()
                && condition.is_for(kind, classes)
        };
        self.condition.is_for(kind, classes) && !self.none_of.iter().any(excluded)
    }

    /// Whether it is about several grants together.
    pub(super) fn is_combination(&self) -> bool {
        matches!(self.what, What::Combination(_))
    }

    /// Whether the grants one holder has are reported together.
    pub fn aggregates(&self) -> bool {
        let per_object =
            |condition: &Condition| !condition.sensitive && condition.grants.iter().any(GrantPattern::is_per_object);
        self.aggregate
            || matches!(self.what, What::Unmodelled | What::Conflicting)
            || self.asks_for_audience()
            || self.asked().any(per_object)
    }

    /// The conditions of which a grant fulfils some.
    pub(super) fn asked(&self) -> impl Iterator<Item = &Condition> {
        [&self.condition].into_iter().chain(&self.any_of)
    }

    /// Whether it depends on who uses a profile.
    pub(super) fn asks_for_audience(&self) -> bool {
        self.asked().any(|condition| !condition.audience.is_empty())
    }

    /// Whether holders of a class are judged in another way than others.
    pub(super) fn asks_for(&self, class: Class) -> bool {
        self.asked().chain(&self.none_of).any(|condition| condition.class.contains(&class))
    }
}

/// A before and an after, and what the rule has to say about them.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
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
#[derive(Debug, Clone, Default, Deserialize, schemars::JsonSchema)]
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

impl Rule {
    /// Whether the rule is judged only when it is asked for (`check --no-new-access`).
    pub fn is_guarantee(&self) -> bool {
        matches!(&self.matching.what, What::Change(changes) if changes.contains(&Change::NewAccess))
    }

    /// Why its findings cannot be accepted, if so, and what to do instead: two ends of a sentence.
    pub fn not_waivable(&self, names_grant: bool) -> Option<(&'static str, &'static str)> {
        let What::Policy(fact) = self.matching.what else {
            let why = ": --no-new-access is a proof";
            return self.is_guarantee().then_some((why, "leave the option out where access may grow"));
        };
        match fact {
            PolicyFact::ClassEntered => None,
            PolicyFact::ExcludedPathEntered if names_grant => None,
            PolicyFact::ExcludedPathEntered => Some((" for all paths", "name one in `grant`, as paths/exclude/<path>")),
            PolicyFact::Weakened | PolicyFact::PathsExcluded => {
                Some((": it guards the gate itself", "give it another severity in [rules]"))
            }
            _ => Some((
                ": it is about a waiver",
                "correct or remove the waiver, or give the rule another severity in [rules]",
            )),
        }
    }

    /// Whether it looks for a change.
    pub(super) fn is_about(&self, change: Change) -> bool {
        matches!(&self.matching.what, What::Change(changes) if changes.contains(&change))
    }

    /// Loads the rule in `text`, the content of the file at `path`, which must be `…/<family>/<id>.toml`.
    ///
    /// # Errors
    /// The first mistake, with file, line and a suggestion.
    pub fn load(path: &str, text: &str) -> Result<Self, Error> {
        load::load(path, text)
    }
}
