//! Rules as data, and the loop that applies them.

mod activation;
mod applied;
mod builtin;
mod classes;
mod combination;
mod condition;
mod config;
pub mod example;
mod fingerprint;
mod flows;
mod gate;
mod gone;
mod groups;
mod guarantee;
mod holding;
mod judge;
mod lint;
mod login;
mod matcher;
mod message;
mod muted;
mod open;
mod privileged;
mod related;
mod rule;
mod schema;
mod sensitive;
mod stanza;
mod subject;
mod toml_error;
mod transition;
mod waivers;

pub use applied::{Excluded, Policy};
pub use builtin::{builtin_rules, with_own_rules};
pub use classes::Class;
pub use combination::Combination;
pub use condition::{Condition, Facts};
pub use config::{Config, FAMILIES, OWN, Unresolved, Waiver};
pub use fingerprint::fingerprint;
pub use gate::{PolicyFact, Proposal, Weakening, judge_excluded, judge_weakened, weakenings};
pub use gone::Gone;
pub use guarantee::{breaks_guarantee, judge_guarantee};
pub use judge::{Finding, State, judge_audit, judge_change, judge_snapshots};
pub use lint::{LintKind, redirected, rewriting};
pub use login::LoginFact;
pub use muted::MutingFact;
pub use related::Fact;
pub use rule::{Change, Example, Files, Match, On, Rule, Scope, What};
pub use schema::{config_schema, rule_schema};
pub use stanza::{Stanza, writable_stanzas};
pub use subject::{Subject, SubjectKind};
pub use waivers::{judge_register, judge_requested, judge_touched, judge_unused, requested};

use serde::{Deserialize, Serialize};

/// How bad a finding is. Ordered: `Note` is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// A weakness on its own.
    Low,
    /// Should be justified.
    Medium,
    /// Must be justified.
    High,
    /// Should not be merged.
    Critical,
}

impl Severity {
    /// All severities, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Note];

    /// The severity of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }

    /// The word reports and options use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}
