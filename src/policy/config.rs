//! `permdelta.toml`: what a repository says about the rules, checked completely when it is read.

mod breadth;
mod file;
mod read;
mod waiver;

pub use waiver::Waiver;
pub(super) use waiver::wrong_holder;

use globset::GlobMatcher;
use serde::Deserialize;

pub(super) use file::File;
pub(super) use read::LONGEST_GRANT;
pub use read::Unresolved;

use crate::access::GrantPattern;
use crate::error::Error;
use crate::policy::classes::HolderPattern;
use crate::policy::{Class, Rule, Severity};
use crate::source::HolderKind;
use crate::text::Span;

/// The families of rules (DESIGN, appendix B).
pub const FAMILIES: [&str; 11] = [
    "data",
    "session",
    "escalation",
    "exfiltration",
    "authentication",
    "monitoring",
    "sensitive",
    "external",
    "gate",
    "governance",
    "hygiene",
];

/// The family of a repository's own rules, but for those in a folder that is named after a family.
pub const OWN: &str = "own";

/// What a rule is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Off,
    Note,
    Low,
    Medium,
    High,
    Critical,
}

impl Level {
    /// `None` for a rule that is off.
    pub(crate) fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Note => Some(Severity::Note),
            Self::Low => Some(Severity::Low),
            Self::Medium => Some(Severity::Medium),
            Self::High => Some(Severity::High),
            Self::Critical => Some(Severity::Critical),
        }
    }
}

/// Something as it is written, and where.
#[derive(Debug, Clone)]
pub(crate) struct Written<T> {
    pub(crate) text: String,
    pub(crate) span: Span,
    pub(crate) value: T,
}

/// What a configuration says; without a file, nothing.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The file, as errors and reports name it.
    pub path: String,
    /// Its content.
    pub text: String,
    /// By rule id or family name.
    pub(crate) levels: Vec<Written<Level>>,
    pub(crate) classes: Vec<(Class, Written<HolderPattern>)>,
    /// What replaces the built-in list of privileged grants.
    pub(crate) privileged: Option<Vec<Written<GrantPattern>>>,
    /// Where that list stands.
    pub(crate) privileged_at: Span,
    /// Holders that something outside the repository activates.
    pub(crate) activators: Vec<Written<HolderPattern>>,
    pub(crate) exclude: Vec<Written<GlobMatcher>>,
    /// Folders with rules of the repository's own.
    pub(crate) rule_folders: Vec<Written<()>>,
    /// Objects that count as sensitive besides those of the catalogue; matched case-folded.
    pub(crate) sensitive_objects: Vec<Written<GlobMatcher>>,
    /// Fields likewise, as `Object.Field`.
    pub(crate) sensitive_fields: Vec<Written<GlobMatcher>>,
    /// Findings that are accepted.
    pub(crate) waivers: Vec<Waiver>,
}

impl Config {
    /// Reads the content of the file at `path`; `known` are all rules there are.
    ///
    /// # Errors
    /// The first mistake, with file, line and a suggestion.
    pub fn read(path: &str, bytes: &[u8], known: &[Rule]) -> Result<Self, Error> {
        Unresolved::parse(path, bytes)?.resolve(known)
    }

    /// The level of a rule: its own, else its family's, else the one of its file.
    pub(crate) fn severity(&self, rule: &Rule) -> Option<Severity> {
        self.level(rule).map_or(Some(rule.severity), |level| level.value.severity())
    }

    /// What sets the level of a rule.
    pub(crate) fn level(&self, rule: &Rule) -> Option<&Written<Level>> {
        let named = |name: &str| self.levels.iter().find(|level| level.text == name);
        named(&rule.id).or_else(|| named(&rule.family))
    }

    /// The classes of a holder, each once.
    pub(crate) fn classes(&self, kind: HolderKind, name: &str) -> Vec<Class> {
        let matching = self.classes.iter().filter(|(_, pattern)| pattern.value.matches(kind, name));
        let mut classes: Vec<Class> = matching.map(|(class, _)| *class).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
    }

    /// Whether something outside the repository activates a holder.
    pub(crate) fn is_activated(&self, kind: HolderKind, name: &str) -> bool {
        self.activators.iter().any(|activator| activator.value.matches(kind, name))
    }

    /// Whether a path is excluded.
    pub(crate) fn excludes(&self, path: &str) -> bool {
        self.exclude.iter().any(|glob| glob.value.is_match(path))
    }
}
