//! The answer of `who`: which assignable holders confer a grant. Field order is the order of the JSON document.

mod table;

pub use table::render as render_table;
pub(super) use table::{Block, place};

use serde::Serialize;

use crate::report::{Problem, Read, Source, Step, Tool, document};

/// Who confers a grant in one snapshot.
#[derive(Debug, Clone, Serialize)]
pub struct WhoReport {
    /// [`SCHEMA_VERSION`](crate::report::SCHEMA_VERSION)
    pub schema_version: u32,
    /// The program.
    pub tool: Tool,
    /// `who`
    pub command: &'static str,
    /// Whether everything was read and understood.
    pub complete: bool,
    /// The snapshot.
    pub head: Source,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// As it was asked for.
    pub grant: String,
    /// Who confers it, by kind, name, path, grant and the key it comes through.
    pub matches: Vec<WhoMatch>,
    /// Where it is muted, or perhaps muted, in the same order.
    pub muted: Vec<WhoMuted>,
    /// Who may confer it: what they grant is not known.
    pub unknown: Vec<WhoUnknown>,
    /// Counts.
    pub summary: WhoSummary,
}

/// A grant that a holder confers by one held key.
#[derive(Debug, Clone, Serialize)]
pub struct WhoMatch {
    /// `permissionSet`, `permissionSetGroup` or `profile`.
    pub kind: &'static str,
    /// API name.
    pub name: String,
    /// Label.
    pub label: Option<String>,
    /// The holder's first file.
    pub path: String,
    /// `always-on` or `session`.
    pub gate: &'static str,
    /// What is conferred: a grant key, or a pattern where one key gives many.
    pub grant: String,
    /// The held key that gives it; `None` if it is held itself.
    pub through: Option<String>,
    /// From the holder down to each entry that holds it.
    pub paths: Vec<Vec<Step>>,
}

/// A grant that a group would confer by one held key, but for muting.
#[derive(Debug, Clone, Serialize)]
pub struct WhoMuted {
    /// `permissionSetGroup`
    pub kind: &'static str,
    /// API name.
    pub name: String,
    /// Label.
    #[serde(skip)]
    pub label: Option<String>,
    /// The group's first file.
    #[serde(skip)]
    pub path: String,
    /// The group's gate.
    #[serde(skip)]
    pub gate: &'static str,
    /// What would be conferred.
    pub grant: String,
    /// The held key that would give it; `None` if it is held itself.
    pub through: Option<String>,
    /// Whether it is muted only if muting a right also mutes those that require it: it is then among the
    /// matches as well.
    pub perhaps: bool,
    /// The muted key.
    pub key: String,
    /// The entry that mutes it.
    pub by: Step,
    /// From the group down to each entry that holds it.
    pub paths: Vec<Vec<Step>>,
}

/// A holder that may confer the grant.
#[derive(Debug, Clone, Serialize)]
pub struct WhoUnknown {
    /// Kind of the holder.
    pub kind: &'static str,
    /// API name.
    pub name: String,
    /// Label.
    #[serde(skip)]
    pub label: Option<String>,
    /// The holder's gate.
    #[serde(skip)]
    pub gate: &'static str,
    /// The member that is not in the snapshot or could not be read; `None` if that is the holder itself.
    pub member: Option<String>,
    /// `permissionSet`, or `mutingPermissionSet`: what that mutes is not known.
    pub member_kind: Option<&'static str>,
    /// The group's file that names the member; or the holder's own.
    pub path: String,
    /// 1-based line of the element that names the member.
    pub line: Option<u32>,
}

/// Counts.
#[derive(Debug, Clone, Serialize)]
pub struct WhoSummary {
    /// What was read.
    pub read: Read,
}

/// The report as a document that ends with a line feed.
pub fn render_json(report: &WhoReport) -> String {
    document::json(report)
}
