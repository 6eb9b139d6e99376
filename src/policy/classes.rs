//! Classes of holders, and the patterns that name holders in a configuration.

use globset::GlobMatcher;
use serde::Deserialize;

use crate::source::HolderKind;
use crate::text::{self, Reach, did_you_mean};

/// What a configuration says a holder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// For administrators.
    Admin,
    /// For programs that log in.
    Integration,
    /// A set that is only ever assigned as a member of groups.
    ComponentOnly,
}

impl Class {
    /// The word of configuration and rules.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Integration => "integration",
            Self::ComponentOnly => "component-only",
        }
    }
}

const KINDS: [HolderKind; 3] = [HolderKind::Profile, HolderKind::PermissionSet, HolderKind::PermissionSetGroup];

/// `permissionSet:Int_*`: an exact name or a glob, of one kind of holder or any, whatever its case.
#[derive(Debug, Clone)]
pub(crate) struct HolderPattern {
    kind: Option<HolderKind>,
    /// Folded.
    name: String,
    glob: Option<Box<GlobMatcher>>,
}

impl HolderPattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What is wrong with it, with a suggestion.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let (kind, name) = match text.split_once(':') {
            None => (None, text),
            Some((kind, name)) => (Some(kind_of(kind)?), name),
        };
        if name.trim().is_empty() || name.trim() != name {
            return Err(format!("`{text}` names no holder"));
        }
        let name = name.to_lowercase();
        let glob = match name.contains(['*', '?', '[', '{']) {
            true => Some(Box::new(glob(&name)?)),
            false => None,
        };
        Ok(Self { kind, name, glob })
    }

    /// Whether a holder is one of those it names.
    pub(crate) fn matches(&self, kind: HolderKind, name: &str) -> bool {
        let folded = name.to_lowercase();
        kind.is_assignable()
            && self.kind.is_none_or(|own| own == kind)
            && match &self.glob {
                Some(glob) => glob.is_match(&folded),
                None => self.name == folded,
            }
    }

    /// Whether it names every holder that `other` names, as far as that can be told.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let kinds = self.kind.is_none() || self.kind == other.kind;
        let names = match (&self.glob, &other.glob) {
            (Some(glob), None) => glob.is_match(&other.name),
            _ => self.name == other.name,
        };
        // `Int_*` also names whatever a glob does that begins with `Int_`.
        let prefix = self.name.strip_suffix('*').filter(|prefix| is_literal(prefix));
        kinds && (names || prefix.is_some_and(|prefix| other.name.starts_with(prefix)))
    }

    /// The kind of holder it is limited to.
    pub(crate) fn kind(&self) -> Option<HolderKind> {
        self.kind
    }
}

fn kind_of(text: &str) -> Result<HolderKind, String> {
    if text == HolderKind::MutingPermissionSet.as_str() {
        return Err("a muting permission set grants nothing and is assigned to nobody".to_owned());
    }
    let words = KINDS.map(HolderKind::as_str);
    KINDS.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
        let near = did_you_mean(text, &words);
        let near = if near.is_empty() { format!("one of `{}`", words.join("`, `")) } else { near };
        format!("no kind of holder `{text}`; {near}")
    })
}

/// Whether a text stands for itself as a glob, too.
pub(crate) fn is_literal(text: &str) -> bool {
    !text.contains(['*', '?', '[', ']', '{', '}', '\\'])
}

/// A glob in which `*` also stands for `/`.
pub(crate) fn glob(text: &str) -> Result<GlobMatcher, String> {
    text::glob(text, Reach::Everything).map(|glob| text::matcher(&glob))
}
