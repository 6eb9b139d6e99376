//! What users gain and lose, as reports say it.

use serde::Serialize;

/// Grants that differ in effect, by key.
#[derive(Debug, Clone, Default, Serialize, schemars::JsonSchema)]
pub struct Effective {
    /// Conferred in head, not in base.
    pub gained: Vec<EffectiveGain>,
    /// Conferred in base, not in head.
    pub lost: Vec<EffectiveLoss>,
    /// Conferred on both sides, by other paths inside the same holder.
    pub moved: Vec<EffectiveMove>,
    /// Members of head whose grants are not known.
    pub unknown: Vec<UnknownMember>,
}

/// A grant conferred in head.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct EffectiveGain {
    /// Grant key, or pattern.
    pub grant: String,
    /// `always-on` or `session`.
    pub gate: &'static str,
    /// `new`, `implied`, `unmuted`, `gate-removed` or `new-holder`.
    pub class: &'static str,
    /// Its derivations in head.
    pub paths: Vec<Vec<Step>>,
    /// Whether the holder was without it in base.
    #[serde(skip)]
    pub is_gain: bool,
    /// Whether it is access, and not just what is shown.
    #[serde(skip)]
    pub is_access: bool,
}

/// A grant no longer conferred.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct EffectiveLoss {
    /// Grant key, or pattern.
    pub grant: String,
    /// The gate it had.
    pub gate: &'static str,
    /// `removed`, `muted`, `gate-added` or `undeclared`.
    pub class: &'static str,
    /// Whether it was access, and not just what is shown.
    #[serde(skip)]
    pub is_access: bool,
}

/// A grant conferred by other paths.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct EffectiveMove {
    /// Grant key, or pattern.
    pub grant: String,
    /// Its gate.
    pub gate: &'static str,
    /// Its derivations in head.
    pub paths: Vec<Vec<Step>>,
}

/// One place of a derivation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Step {
    /// Kind of the holder it is about.
    pub kind: &'static str,
    /// Its API name.
    pub name: String,
    /// The file.
    pub path: String,
    /// 1-based line of the element.
    pub line: u32,
}

/// A member of a group that is not in the snapshot, or could not be read.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct UnknownMember {
    /// `permissionSet` or `mutingPermissionSet`.
    pub kind: &'static str,
    /// Its name, as the group writes it.
    pub name: String,
    /// The group's file.
    pub path: String,
    /// 1-based line of the element that names it.
    pub line: u32,
    /// `unchanged` if it was unknown in base, too; else `new`.
    pub state: &'static str,
}

impl Effective {
    /// Whether users can do more or less than before; where a key comes from is no difference.
    pub fn differs(&self) -> bool {
        !self.lost.is_empty()
            || self.gained.iter().any(|gained| gained.is_gain)
            || self.unknown.iter().any(|unknown| unknown.state == "new")
    }
}
