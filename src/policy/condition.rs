//! What a rule asks of a grant and of the holder that has it.

use crate::access::{Audience, Gate, GrantPattern};
use crate::policy::Class;
use crate::source::HolderKind;

/// What a grant, and the holder that has it, must be: all that is given holds. What is left out asks nothing.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    /// Kinds of holder.
    pub holders: Vec<HolderKind>,
    /// Holders in one of these classes.
    pub class: Vec<Class>,
    /// Profiles with one of these audiences.
    pub audience: Vec<Audience>,
    /// Holders with this gate.
    pub gate: Option<Gate>,
    /// Profiles that come with the platform, or those that do not.
    pub standard: Option<bool>,
    /// Grants that one of these patterns stands for.
    pub grants: Vec<GrantPattern>,
    /// Whether the grants are those that the catalogue, or the configuration, calls privileged.
    pub privileged: bool,
    /// Whether only those of the `grants` count whose object or field is sensitive.
    pub sensitive: bool,
}

/// What rules know of a holder.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What it is.
    pub kind: HolderKind,
    /// Whether it comes with the platform; profiles only.
    pub standard: bool,
    /// What the configuration says it is for.
    pub classes: &'a [Class],
    /// Who uses it; profiles only.
    pub audience: Option<Audience>,
    /// When its grants work.
    pub gate: Gate,
}

impl Condition {
    /// Whether it is about grants, and not only about who has them.
    pub fn is_about_grants(&self) -> bool {
        !self.grants.is_empty() || self.privileged || self.sensitive
    }

    /// Whether it is about holders of this kind and these classes.
    pub fn is_for(&self, kind: HolderKind, classes: &[Class]) -> bool {
        (self.holders.is_empty() || self.holders.contains(&kind))
            && (self.class.is_empty() || self.class.iter().any(|class| classes.contains(class)))
    }

    /// Whether a holder is as it asks.
    pub fn admits(&self, facts: &Facts<'_>) -> bool {
        self.is_for(facts.kind, facts.classes)
            && self.gate.is_none_or(|wanted| wanted == facts.gate)
            && (self.audience.is_empty() || facts.audience.is_some_and(|audience| self.audience.contains(&audience)))
            && self.standard.is_none_or(|wanted| facts.kind == HolderKind::Profile && wanted == facts.standard)
    }
}
