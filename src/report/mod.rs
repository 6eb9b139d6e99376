//! One [`Report`] feeds every renderer; one renderer a file.
//!
//! The report is the JSON contract (DESIGN section 7) plus what other renderers need besides. Lines are
//! looked up when it is built, so that no renderer needs the files.

mod anchor;
mod annotations;
mod bitbucket;
mod build;
mod codequality;
mod compared;
mod document;
mod effect;
mod effective;
mod explain;
mod holder;
mod json;
mod markdown;
mod markup;
mod problem;
mod review;
mod rules;
mod sarif;
mod sentence;
mod summary;
mod table;
mod terminal;
mod verdict;
mod who;

pub use anchor::{Anchor, Gone, Review, Side, Through};
pub use annotations::render as render_annotations;
pub use bitbucket::render as render_bitbucket;
pub use build::{Context, Shown, of_audit, of_change, of_finding, of_who, rule_text};
pub use codequality::render as render_codequality;
pub use document::Document;
pub use effective::{Effective, EffectiveGain, EffectiveLoss, EffectiveMove, Step, UnknownMember};
pub use explain::{AccountText, Explanation, MemberText, render as render_explanation};
pub use markdown::render as render_markdown;
pub use review::render as render_review;
pub use rules::rules_markdown;
pub use sarif::{Options as SarifOptions, Profile as SarifProfile, render as render_sarif};
pub use summary::{BySeverity, Read, Summary};
pub use table::{Layout, render as render_table};
pub use terminal::{plain, wrap};
pub use who::{
    WhoMatch, WhoMuted, WhoReport, WhoSummary, WhoUnknown, render_json as render_who_json, render_table as render_who,
};

pub use json::{render as render_json, schema as report_schema};

use serde::Serialize;

use crate::policy::Severity;
use crate::text::Place;

/// Version of the JSON contract.
pub const SCHEMA_VERSION: u32 = 1;

/// The rule of `check --no-new-access`: its findings fail the run whatever `--fail-on` says.
const GUARANTEE: &str = "new-access";

/// What a run found. Field order is the order of the JSON document.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Report {
    /// [`SCHEMA_VERSION`]
    pub schema_version: u32,
    /// The program.
    pub tool: Tool,
    /// `check`, `diff` or `audit`.
    pub command: &'static str,
    /// Whether everything that had to be read was read and understood.
    pub complete: bool,
    /// The state before; `None` for `audit`.
    pub base: Option<Source>,
    /// The state after.
    pub head: Source,
    /// Where the rules come from.
    pub policy: Policy,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// Holders that differ; empty for `audit`.
    pub holders: Vec<Holder>,
    /// Findings, by kind, name, path and grant; empty for `diff`.
    pub findings: Vec<Finding>,
    /// `pass`, `fail` or `incomplete`; `None` for `diff`.
    pub verdict: Option<&'static str>,
    /// Counts.
    pub summary: Summary,
    /// Least severity that fails the run; `None` if none does.
    #[serde(skip)]
    pub fail_on: Option<Severity>,
    /// All rules that were applied, by id.
    #[serde(skip)]
    pub rules: Vec<RuleText>,
    /// Whether nobody may gain access (`check --no-new-access`).
    #[serde(skip)]
    pub guarantee: bool,
    /// Permission sets that were compared because their files differ, with or without a change of access.
    #[serde(skip)]
    pub compared: usize,
    /// Where comments of a review can stand; `None` if none was asked for, or there is no diff.
    #[serde(skip)]
    pub review: Option<Review>,
}

/// The program.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Tool {
    /// `permdelta`
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// A source, as reports name it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Source {
    /// `revision`, `index`, `worktree`, `directory` or `archive`.
    pub kind: &'static str,
    /// As it was asked for.
    pub name: String,
    /// The commit, if it is one.
    pub id: Option<String>,
}

/// Where rules come from.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Policy {
    /// `target`: the configuration of the branch the change is for; `base`, `head` or `file`: of those, `head` in an
    /// audit being the snapshot; `built-in`: there is none.
    pub from: &'static str,
    /// The commit they are taken from; `None` for built-in rules.
    pub id: Option<String>,
    /// SHA-256 over the rules that are on and the configuration, in hex.
    pub digest: String,
}

/// Something that could not be read or understood.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Problem {
    /// `base` or `head`.
    pub side: &'static str,
    /// The file.
    pub path: String,
    /// 1-based; `None` if the problem concerns the whole file.
    pub line: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
    /// `new`, or `unchanged` where the change did not bring it.
    pub state: &'static str,
    /// Whether all was read, and what was asked for is just not proven.
    #[serde(skip)]
    pub unproven: bool,
}

/// A holder that differs, or one of its files where it has several.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Holder {
    /// `permissionSet`, `mutingPermissionSet`, `permissionSetGroup` or `profile`.
    pub kind: &'static str,
    /// API name.
    pub name: String,
    /// Label, head's if there is one.
    pub label: Option<String>,
    /// Path, head's if there is one.
    pub path: String,
    /// `added`, `removed`, `changed`, `renamed` or `affected`.
    pub status: &'static str,
    /// Where it was in base, if elsewhere.
    pub previous: Option<Previous>,
    /// Properties that differ.
    pub properties: Vec<Property>,
    /// Grants that differ as they are written.
    pub declared: Option<Declared>,
    /// Muted keys that differ; for muting sets only.
    pub muting: Option<Muting>,
    /// Grants that differ in effect; `None` for muting sets.
    pub effective: Option<Effective>,
}

/// Where a holder was.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Previous {
    /// API name in base.
    pub name: String,
    /// Path in base.
    pub path: String,
}

/// A property that differs.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Base's value.
    pub before: Option<String>,
    /// Head's value.
    pub after: Option<String>,
    /// The file `line` is in: head's if there is one.
    pub path: String,
    /// 1-based.
    pub line: u32,
}

/// Grants that differ, by key.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Declared {
    /// Written in head, not in base. Lines are head's.
    pub gained: Vec<GrantLine>,
    /// Written in base, not in head, and revoked by a deploy. Lines are base's.
    pub lost: Vec<GrantLine>,
    /// Written in base, no longer stated, and not revoked by a deploy.
    pub undeclared: Vec<GrantLine>,
    /// Stated as false where nothing was stated; profiles only.
    pub revoked: Vec<GrantLine>,
    /// No longer stated as false; profiles only.
    pub unpinned: Vec<GrantLine>,
}

/// Muted keys that differ, by key.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Muting {
    /// Muted in head, not in base. Lines are head's.
    pub added: Vec<GrantLine>,
    /// Muted in base, not in head. Lines are base's.
    pub removed: Vec<GrantLine>,
}

/// A grant and where it is written.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct GrantLine {
    /// Grant key.
    pub grant: String,
    /// The file.
    pub path: String,
    /// 1-based line of the element that decides it.
    pub line: u32,
}

/// One violation of one rule at one place.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Finding {
    /// Rule id.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// Against the base: `new`; `None` for `audit`.
    pub state: Option<&'static str>,
    /// The holder.
    pub subject: Subject,
    /// The grant key, if it is about exactly one.
    pub grant: Option<String>,
    /// All grant keys it is about.
    pub keys: Vec<String>,
    /// The file.
    pub path: String,
    /// 1-based line of the deciding element.
    pub line: u32,
    /// A sentence.
    pub message: String,
    /// 16 hex digits.
    pub fingerprint: String,
    /// What accepts it: it then fails no run.
    pub waiver: Option<Waiver>,
    /// Other rules that match the same grant.
    pub also: Vec<String>,
    /// How many grants or elements it is about.
    #[serde(skip)]
    pub count: usize,
    /// Label of the holder.
    #[serde(skip)]
    pub label: Option<String>,
    /// The deciding element on its line.
    #[serde(skip)]
    pub place: Place,
    /// Where base had what head has no more.
    #[serde(skip)]
    pub gone: Option<Gone>,
    /// Of a group's, the elements by which the group takes it in; what the change does comes first.
    #[serde(skip)]
    pub through: Vec<Through>,
    /// Where a comment on it can stand in the diff, where that was asked for.
    #[serde(skip)]
    pub anchor: Option<Anchor>,
}

/// A waiver that counts, as the configuration has it.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Waiver {
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it was decided.
    pub ticket: Option<String>,
    /// The last day it counts, in UTC: `2027-03-31`.
    pub expires: String,
    /// The grant key or glob it is written for.
    pub grant: Option<String>,
    /// The file it stands in.
    pub path: String,
    /// 1-based line of its first key.
    pub line: u32,
}

/// What a finding is about.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Subject {
    /// `permissionSet`, …
    pub kind: &'static str,
    /// API name.
    pub name: String,
}

/// A rule, as SARIF describes it.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub struct RuleText {
    pub id: String,
    pub family: String,
    pub title: String,
    pub severity: Severity,
    pub why: String,
    pub fix: String,
    pub references: Vec<String>,
    pub tags: Vec<String>,
    /// Whether its findings can be accepted.
    pub waivable: bool,
    /// Titles of its examples, and whether each fires.
    pub examples: Vec<(String, bool)>,
}

impl Finding {
    /// Where a mark belongs that has one line only: where the change causes what is found. Platforms show marks on
    /// the lines of a change, and a file that is as it was has none.
    pub fn mark(&self) -> (&str, &Place) {
        let cause = self.through.first().filter(|through| through.is_cause);
        cause.map_or((&self.path, &self.place), |cause| (&cause.path, &cause.place))
    }

    /// Where the grant is written, for a mark or a comment on another line.
    pub fn granted_at(&self, path: &str, line: u32) -> Option<String> {
        ((path, line) != (&self.path, self.line)).then(|| format!("{}:{}", self.path, self.line))
    }
}

impl Report {
    /// Findings that fail the run.
    pub fn failing(&self) -> usize {
        self.findings.iter().filter(|finding| self.fails(finding)).count()
    }

    /// Whether a finding fails the run.
    pub fn fails(&self, finding: &Finding) -> bool {
        let counts = self.fail_on.is_some_and(|least| finding.severity >= least) || finding.rule == GUARANTEE;
        counts && finding.waiver.is_none()
    }

    /// Whether some grant or gate differs.
    pub fn access_differs(&self) -> bool {
        self.summary.gained + self.summary.lost > 0 || self.holders.iter().any(Holder::access_differs)
    }

    /// Findings that nothing accepts, worst first, then by place.
    pub fn worst_first(&self) -> Vec<&Finding> {
        self.sorted(|finding| finding.waiver.is_none())
    }

    /// Findings that a waiver covers, worst first, then by place.
    pub fn waived(&self) -> Vec<&Finding> {
        self.sorted(|finding| finding.waiver.is_some())
    }

    /// All findings, worst first, then by place.
    pub fn all_worst_first(&self) -> Vec<&Finding> {
        self.sorted(|_| true)
    }

    fn sorted(&self, wanted: impl Fn(&Finding) -> bool) -> Vec<&Finding> {
        let mut findings: Vec<&Finding> = self.findings.iter().filter(|finding| wanted(finding)).collect();
        findings.sort_by(|a, b| {
            b.severity.cmp(&a.severity).then_with(|| (&a.path, a.line, &a.rule).cmp(&(&b.path, b.line, &b.rule)))
        });
        findings
    }
}
