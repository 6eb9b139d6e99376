//! `permdelta check`: judge a change.

use crate::cli::args::{CheckArgs, FormatArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::range::{self, Sides};
use crate::delta::{Library, Plan, audit, compare, gives_new_access, unproven};
use crate::error::Error;
use crate::policy::{Severity, builtin_rules, judge_change, judge_guarantee, judge_snapshots};
use crate::report::{self, Context, Report};

pub(crate) fn run(args: &CheckArgs, output: &Output) -> Result<Exit, Error> {
    let sides = range::sides(&args.range)?;
    let report = compared(
        &sides,
        Judging::Check { fail_on: args.fail_on.least(), guarantee: args.no_new_access, full: args.full },
        output,
    )?;
    output.report(&report, &args.format)?;
    Ok(Exit::of(&report))
}

/// What a comparison is for.
#[derive(Clone, Copy)]
pub(crate) enum Judging {
    /// To see what differs.
    Diff,
    /// To judge it.
    Check {
        /// Least severity that fails the run.
        fail_on: Option<Severity>,
        /// Whether nobody may gain access.
        guarantee: bool,
        /// Whether rules about whole snapshots are judged, too.
        full: bool,
    },
}

/// Judges what is new in head, prints it, and says how the run ends.
pub(crate) fn check(
    sides: &Sides,
    fail_on: Option<Severity>,
    format: &FormatArgs,
    output: &Output,
) -> Result<Exit, Error> {
    let report = compared(sides, Judging::Check { fail_on, guarantee: false, full: false }, output)?;
    output.report(&report, format)?;
    Ok(Exit::of(&report))
}

/// The whole pipeline for two sides. `diff` is the same without a judgement.
pub(crate) fn compared(sides: &Sides, judging: Judging, output: &Output) -> Result<Report, Error> {
    output.remark(&report::plain(&sides.chosen));
    if sides.is_empty_range() {
        output.remark("base and head are the same commit: there is nothing to compare");
    }
    let (command, fail_on, guarantee, full) = match judging {
        Judging::Diff => ("diff", None, false, false),
        Judging::Check { fail_on, guarantee, full } => ("check", fail_on, guarantee, full),
    };
    let rules = builtin_rules()?;
    if sides.base.has_policy || sides.head.has_policy {
        output.remark("permdelta.toml is not read by this version: the built-in rules apply");
    }
    let plan = Plan::comparison(&sides.base, &sides.head);
    let mut library = Library::default();
    library.fill(&plan, &sides.store);
    let whole = full.then(|| [Plan::audit(&sides.base), Plan::audit(&sides.head)]);
    for plan in whole.iter().flatten() {
        library.fill(plan, &sides.store);
    }
    let mut comparison = compare(&plan, &sides.base, &sides.head, &library);
    if guarantee && !comparison.holders.iter().any(gives_new_access) {
        let reasons = unproven(&comparison);
        comparison.problems.extend(reasons);
    }
    let mut findings = (command == "check").then(|| judge_change(&rules, &comparison, &library));
    if let Some(findings) = findings.as_mut().filter(|_| guarantee) {
        findings.extend(judge_guarantee(&rules, &comparison, &library));
    }
    if let (Some(findings), Some([base, head])) = (findings.as_mut(), &whole) {
        let (base, head) = (audit(base, &sides.base, &library), audit(head, &sides.head, &library));
        comparison.add_problems_of(&base, &head);
        findings.extend(judge_snapshots(&rules, &base, &head, &library));
    }
    let context = Context {
        command,
        base: Some(&sides.base.origin),
        head: &sides.head.origin,
        rules: &rules,
        fail_on,
        read: library.read_count(),
        names: library.names(),
        guarantee,
    };
    Ok(report::of_change(&context, &comparison, findings))
}
