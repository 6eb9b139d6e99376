//! What changed between two snapshots.
//!
//! [`Plan`] says which blobs a comparison needs, [`Library`] reads and parses them, [`compare()`] merges the
//! sorted runs.

mod around;
mod audit;
mod compare;
mod confer;
mod declared;
mod derive;
mod effective;
mod effects;
mod explain;
mod exposed;
mod groups;
mod guarantee;
mod library;
mod manifests;
mod pairs;
mod plan;
mod problems;
mod properties;
mod reading;
mod related;
mod rename;
mod who;

pub use around::{Around, ProjectFiles, SideFile};
pub use audit::{Audit, audit};
pub use compare::{Comparison, HolderDelta, Previous, Status, compare, compare_declared};
pub use confer::GroupAccess;
pub use declared::{Declared, Muting};
pub use derive::{Derivation, Stopped, Way};
pub use effective::{EffectiveDelta, GainClass, Gained, LossClass, Lost, Moved, Step, Unknown};
pub use explain::{Account, Explained, MemberAccount, Question, explain};
pub use groups::{Member, Roster};
pub use guarantee::{excluded, gives_new_access, redirected, rewriting, unproven};
pub use library::Library;
pub use plan::{Plan, Request};
pub use properties::PropertyChange;
pub use reading::{ReadCount, Reading};
pub use related::{RelatedPair, RelatedRequest, RelatedView, Snapshot};
pub use who::{Assignable, Conferred, Muted, NotKnown, Unnamed, Wanted, Who, wanted, who};

use crate::error::Problem;

/// Base or head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The state before.
    Base,
    /// The state after.
    Head,
}

impl Side {
    /// The word reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Head => "head",
        }
    }
}

/// A problem and the file it is in.
#[derive(Debug, Clone)]
pub struct FileProblem<'l> {
    /// The side the file is on.
    pub side: Side,
    /// Its path.
    pub path: &'l str,
    /// Its content, where there is any to point into.
    pub bytes: Option<&'l [u8]>,
    /// What is wrong.
    pub problem: Problem,
    /// Whether the other side has the same content at the same path: the change did not bring it.
    pub unchanged: bool,
}
