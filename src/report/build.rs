//! Builds the [`Report`] from what the stages found; lines are looked up here.

mod diffs;
mod effective;
mod explain;
mod members;
mod renames;
mod suggestion;
mod who;

pub use diffs::Shown;
pub use explain::of_finding;
pub use who::of_who;

use std::collections::HashMap;

use crate::access::{Grant, grant_key};
use crate::delta::{self, Audit, Comparison, FileProblem, HolderDelta, ReadCount};
use crate::error::Cause;
use crate::metadata::Names;
use crate::policy::{self, Config, Rule, Severity, State};
use crate::report::build::diffs::Diffs;
use crate::report::build::members::{Members, Taken};
use crate::report::{
    BySeverity, Declared, Finding, Gone, GrantLine, Holder, Muting, Policy, Previous, Problem, Property, Read, Report,
    RuleText, SCHEMA_VERSION, Source, Subject, Summary, Through, Tool, Waiver,
};
use crate::source::Origin;
use crate::text::{Lines, Place, Span};

/// What a report says besides the findings.
pub struct Context<'a> {
    /// The command.
    pub command: &'static str,
    /// The state before.
    pub base: Option<&'a Origin>,
    /// The state after.
    pub head: &'a Origin,
    /// What it is judged by.
    pub policy: &'a policy::Policy,
    /// Where that comes from: `built-in`, `target`, `base`, `head` or `file`.
    pub policy_from: &'static str,
    /// The commit it comes from.
    pub policy_id: Option<String>,
    /// Least severity that fails the run.
    pub fail_on: Option<Severity>,
    /// What was read.
    pub read: ReadCount,
    /// Whether nobody may gain access.
    pub guarantee: bool,
    /// Names of the run.
    pub names: &'a Names,
    /// What a review would comment on, where one is asked for.
    pub shown: Option<Shown<'a>>,
}

/// The report of `check` and `diff`; for `diff`, `findings` is `None`.
pub fn of_change<'l>(
    context: &Context<'l>,
    comparison: &Comparison<'l>,
    findings: Option<Vec<policy::Finding<'l>>>,
) -> Report {
    let mut builder = Builder::new(context.names, Some(&context.policy.config));
    let holders = comparison.holders.iter().map(|delta| builder.holder(delta)).collect();
    let judged = findings.is_some();
    let mut diffs = context.shown.as_ref().map(Diffs::new);
    let members = Members::of_change(comparison, context.names);
    let mut told = Vec::new();
    for finding in findings.unwrap_or_default() {
        let taken = members.of(&finding);
        let through = builder.through(&taken);
        let anchored = diffs.as_mut().filter(|_| finding.waiver.is_none()).map(|diffs| {
            let told = Finding { through: through.clone(), ..builder.finding(finding.clone()) };
            diffs.anchor(&finding, &taken, &told, comparison, context.names)
        });
        told.push(Finding { anchor: anchored.flatten(), through, ..builder.finding(finding) });
    }
    let problems = comparison.problems.iter().map(|problem| builder.problem(problem)).collect();
    let mut report = assemble(context, holders, told, problems, judged);
    report.compared = comparison.pairs.len();
    report.review = diffs.map(|diffs| diffs.review());
    report
}

/// The report of `audit`.
pub fn of_audit<'l>(context: &Context<'l>, audit: &Audit<'l>, findings: Vec<policy::Finding<'l>>) -> Report {
    let mut builder = Builder::new(context.names, Some(&context.policy.config));
    let members = Members::of_audit(audit, context.names);
    let mut told = Vec::new();
    for finding in findings {
        let through = builder.through(&members.of(&finding));
        told.push(Finding { through, ..builder.finding(finding) });
    }
    let problems = audit.problems.iter().map(|problem| builder.problem(problem)).collect();
    let mut report = assemble(context, Vec::new(), told, problems, true);
    report.compared = audit.holders.len();
    report
}

fn assemble(
    context: &Context<'_>,
    mut holders: Vec<Holder>,
    mut findings: Vec<Finding>,
    mut problems: Vec<Problem>,
    judged: bool,
) -> Report {
    holders.sort_by(|a, b| (a.kind, &a.name, &a.path).cmp(&(b.kind, &b.name, &b.path)));
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (
                finding.subject.kind,
                finding.subject.name.clone(),
                finding.path.clone(),
                finding.keys.clone(),
                finding.rule.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    problems.sort_by(|a, b| (a.side, &a.path, a.line, &a.message).cmp(&(b.side, &b.path, b.line, &b.message)));
    let complete = problems.iter().all(|problem| problem.state == "unchanged");
    let summary = summary(&holders, &findings, context.read);
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        command: context.command,
        complete,
        base: context.base.map(source),
        head: source(context.head),
        policy: Policy { from: context.policy_from, id: context.policy_id.clone(), digest: context.policy.digest() },
        problems,
        holders,
        findings,
        verdict: None,
        summary,
        fail_on: context.fail_on,
        rules: context.policy.rules.iter().map(rule_text).collect(),
        compared: 0,
        review: None,
        guarantee: context.guarantee,
    };
    if judged {
        report.verdict = Some(match (complete, report.failing()) {
            (false, _) => "incomplete",
            (true, 0) => "pass",
            (true, _) => "fail",
        });
    }
    report
}

fn source(origin: &Origin) -> Source {
    Source { kind: origin.kind.as_str(), name: origin.name.clone(), id: origin.id.clone() }
}

/// A rule as documents describe it.
pub fn rule_text(rule: &Rule) -> RuleText {
    RuleText {
        id: rule.id.clone(),
        family: rule.family.clone(),
        title: rule.title.clone(),
        severity: rule.severity,
        why: rule.why.clone(),
        fix: rule.fix.clone(),
        references: rule.references.clone(),
        tags: rule.tags.clone(),
        waivable: rule.not_waivable(true).is_none(),
        examples: rule.examples.iter().map(|example| (example.title.clone(), !example.fires.is_empty())).collect(),
    }
}

fn summary(holders: &[Holder], findings: &[Finding], read: ReadCount) -> Summary {
    let declared = || holders.iter().filter_map(|holder| holder.declared.as_ref());
    let mut by_severity = BySeverity::default();
    for finding in findings.iter().filter(|finding| finding.waiver.is_none()) {
        *by_severity.of(finding.severity) += 1;
    }
    Summary {
        holders: holders.len(),
        gained: declared().map(|declared| declared.gained.len()).sum(),
        lost: declared().map(|declared| declared.lost.len()).sum(),
        findings: by_severity,
        waived: findings.iter().filter(|finding| finding.waiver.is_some()).count(),
        read: Read { blobs: read.blobs, bytes: read.bytes },
    }
}

/// Looks lines up, indexing each file once.
struct Builder<'a, 'l> {
    names: &'a Names,
    /// Where waivers stand.
    config: Option<&'l Config>,
    lines: HashMap<*const u8, Lines<'l>>,
}

impl<'a, 'l> Builder<'a, 'l> {
    fn new(names: &'a Names, config: Option<&'l Config>) -> Self {
        Self { names, config, lines: HashMap::new() }
    }

    fn lines(&mut self, bytes: &'l [u8]) -> &Lines<'l> {
        self.lines.entry(bytes.as_ptr()).or_insert_with(|| Lines::new(bytes))
    }

    fn holder(&mut self, delta: &HolderDelta<'l>) -> Holder {
        let properties = delta.properties.iter().map(|change| self.property(change)).collect();
        Holder {
            kind: delta.kind.as_str(),
            name: delta.name.to_owned(),
            label: delta.label.map(str::to_owned),
            path: delta.path.to_owned(),
            status: delta.status.as_str(),
            previous: delta
                .previous
                .map(|previous| Previous { name: previous.name.to_owned(), path: previous.path.to_owned() }),
            properties,
            declared: delta.declared.as_ref().map(|declared| self.declared(declared)),
            muting: delta
                .muting
                .as_ref()
                .map(|muting| Muting { added: self.grants(&muting.added), removed: self.grants(&muting.removed) }),
            effective: delta.effective.as_ref().map(|effective| self.effective(effective)),
        }
    }

    fn declared(&mut self, declared: &delta::Declared<'l>) -> Declared {
        Declared {
            gained: self.grants(&declared.gained),
            lost: self.grants(&declared.lost),
            undeclared: self.grants(&declared.undeclared),
            revoked: self.grants(&declared.revoked),
            unpinned: self.grants(&declared.unpinned),
        }
    }

    fn property(&mut self, change: &delta::PropertyChange<'l>) -> Property {
        Property {
            name: change.name.to_owned(),
            before: change.before.map(str::to_owned),
            after: change.after.map(str::to_owned),
            path: change.file.file.path.clone(),
            line: self.lines(&change.file.parsed.bytes).line(change.span.start),
        }
    }

    fn grants(&mut self, grants: &[Grant<'l>]) -> Vec<GrantLine> {
        let mut lines: Vec<GrantLine> = grants
            .iter()
            .map(|grant| GrantLine {
                grant: grant_key(grant.entry, self.names),
                path: grant.file.file.path.clone(),
                line: self.lines(&grant.file.parsed.bytes).line(grant.entry.decided_at),
            })
            .collect();
        lines.sort_by(|a, b| (&a.grant, a.line).cmp(&(&b.grant, b.line)));
        lines
    }

    fn finding(&mut self, finding: policy::Finding<'l>) -> Finding {
        let place = self.place(finding.bytes, finding.span);
        let gone =
            finding.gone.map(|gone| Gone { path: gone.path.to_owned(), place: self.place(gone.bytes, gone.span) });
        Finding {
            rule: finding.rule.id.clone(),
            severity: finding.rule.severity,
            state: finding.state.map(|State::New| "new"),
            subject: Subject { kind: finding.subject.kind.as_str(), name: finding.subject.name.to_owned() },
            grant: (finding.keys.len() == 1).then(|| finding.keys[0].clone()),
            count: (finding.keys.len() + finding.about.len()).max(1),
            keys: finding.keys,
            path: finding.path.to_owned(),
            line: place.line,
            message: finding.message,
            fingerprint: finding.fingerprint,
            waiver: finding.waiver.map(|waiver| self.waiver(waiver)),
            also: finding.also.into_iter().map(str::to_owned).collect(),
            label: finding.subject.label.map(str::to_owned),
            place,
            gone,
            through: Vec::new(),
            anchor: None,
        }
    }

    fn through(&mut self, taken: &[Taken<'l>]) -> Vec<Through> {
        let through = |taken: &Taken<'l>| Through {
            path: taken.file.file.path.clone(),
            place: self.place(&taken.file.parsed.bytes, taken.span),
            is_cause: taken.is_cause,
        };
        taken.iter().map(through).collect()
    }

    /// Where an element stands that decides; of what has no element, the line it starts on.
    fn place(&mut self, bytes: &'l [u8], span: Span) -> Place {
        let whole = Span { end: bytes.len() as u32, ..span };
        self.lines(bytes).place(if span.start == span.end { whole } else { deciding(bytes, span) })
    }

    fn waiver(&mut self, waiver: &'l policy::Waiver) -> Waiver {
        let (path, line) = self.config.map_or(("", 1), |config| {
            (config.path.as_str(), self.lines(config.text.as_bytes()).line(waiver.span.start))
        });
        Waiver {
            reason: waiver.reason.clone(),
            owner: waiver.owner.clone(),
            ticket: waiver.ticket.clone(),
            expires: waiver.expires.to_string(),
            grant: waiver.grant.clone(),
            path: path.to_owned(),
            line,
        }
    }

    fn problem(&mut self, problem: &FileProblem<'l>) -> Problem {
        let line = problem.bytes.zip(problem.problem.at).map(|(bytes, at)| self.lines(bytes).line(at));
        Problem {
            side: problem.side.as_str(),
            path: problem.path.to_owned(),
            line,
            message: problem.problem.cause.to_string(),
            hint: problem.problem.cause.hint(),
            state: if problem.unchanged { "unchanged" } else { "new" },
            unproven: matches!(problem.problem.cause, Cause::Unproven(_)),
        }
    }
}

/// The deciding element alone: from its start tag to the end of its end tag.
fn deciding(bytes: &[u8], span: Span) -> Span {
    let element = &bytes[span.start as usize..(span.end as usize).min(bytes.len())];
    let end = memchr::memmem::find(element, b"</")
        .and_then(|close| Some(close + memchr::memchr(b'>', &element[close..])? + 1));
    Span { start: span.start, end: end.map_or(span.end, |length| span.start + length as u32) }
}
