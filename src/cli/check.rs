//! `permdelta check`: judge a change.

use crate::cli::args::{CheckArgs, Format, FormatArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::policy::{Chosen, Wanted};
use crate::cli::range::{self, Sides};
use crate::cli::today::today;
use crate::delta::{self, Comparison, Library, Plan, audit, compare, unproven};
use crate::error::Error;
use crate::policy::{Excluded, Finding, Severity, State, breaks_guarantee, judge_change, judge_excluded};
use crate::policy::{judge_guarantee, judge_snapshots, judge_touched, redirected, rewriting};
use crate::report::{self, Context, Report};

pub(crate) fn run(args: &CheckArgs, output: &Output) -> Result<Exit, Error> {
    let sides = range::sides(&args.range)?;
    let report = compared(
        &sides,
        Judging::Check {
            fail_on: args.fail_on.least(),
            guarantee: args.no_new_access,
            full: args.full,
            policy: Wanted { from: args.policy_from.as_deref(), today: today(args.today) },
            review: args.format.wants(Format::GithubReview),
        },
        output,
    )?;
    output.report(&report, &args.format)?;
    Ok(Exit::of(&report))
}

/// What a comparison is for.
#[derive(Clone, Copy)]
pub(crate) enum Judging<'a> {
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
        /// Whose policy counts, and on which day.
        policy: Wanted<'a>,
        /// Whether findings are looked for in the diff.
        review: bool,
    },
}

/// Judges what is new in head, prints it, and says how the run ends.
pub(crate) fn check(
    sides: &Sides,
    fail_on: Option<Severity>,
    format: &FormatArgs,
    output: &Output,
) -> Result<Exit, Error> {
    let policy = Wanted { from: None, today: today(None) };
    let review = format.wants(Format::GithubReview);
    let report = compared(sides, Judging::Check { fail_on, guarantee: false, full: false, policy, review }, output)?;
    output.report(&report, format)?;
    Ok(Exit::of(&report))
}

/// The whole pipeline for two sides. `diff` is the same without a judgement.
pub(crate) fn compared(sides: &Sides, judging: Judging<'_>, output: &Output) -> Result<Report, Error> {
    output.remark(&report::plain(&sides.chosen));
    if sides.is_empty_range() {
        output.remark("base and head are the same commit: there is nothing to compare");
    }
    output.nothing_there(&[&sides.base, &sides.head]);
    output.not_followed(sides.head.elsewhere.iter().filter(|opaque| !sides.base.has_opaque(opaque)));
    let (command, fail_on, guarantee, full, review, chosen) = match judging {
        Judging::Diff => ("diff", None, false, false, false, Chosen::unconfigured()?),
        Judging::Check { fail_on, guarantee, full, policy, review } => {
            ("check", fail_on, guarantee, full, review, Chosen::of_change(sides, policy, output)?)
        }
    };
    let policy = &chosen.policy;
    let (base, head, excluded) = chosen.listings(sides, output);
    let plan = if guarantee { Plan::proof(&base, &head) } else { Plan::comparison(&base, &head) };
    let mut library = Library::default();
    let progress = output.progress(&library);
    library.fill(&plan, &sides.store);
    let whole = full.then(|| [Plan::audit(&base), Plan::audit(&head)]);
    for plan in whole.iter().flatten() {
        library.fill(plan, &sides.store);
    }
    progress.judging();
    let mut comparison = compare(&plan, &base, &head, &library);
    if guarantee && !comparison.holders.iter().any(|row| breaks_guarantee(policy, row)) {
        let reasons = unproven(&comparison, &|kind, name| policy.is_component(kind, name));
        comparison.problems.extend(reasons);
        comparison.problems.extend(excluded.differing.iter().map(|path| delta::excluded(path)));
        let redirected = redirected(&comparison.around);
        let rewriting = rewriting(&comparison.around).into_iter().filter(|path| !redirected.contains(path));
        comparison.problems.extend(rewriting.map(delta::rewriting));
        comparison.problems.extend(redirected.iter().copied().map(delta::redirected));
    }
    let mut findings = (command == "check").then(|| judged(&chosen, &comparison, &excluded, guarantee, &library));
    if let (Some(findings), Some([base_plan, head_plan])) = (findings.as_mut(), &whole) {
        let (base, head) = (audit(base_plan, &base, &library), audit(head_plan, &head, &library));
        comparison.add_problems_of(&base, &head);
        findings.extend(judge_snapshots(policy, &base, &head, &library));
    }
    let context = Context {
        command,
        base: Some(&sides.base.origin),
        head: &sides.head.origin,
        policy,
        policy_from: chosen.from,
        policy_id: chosen.id.clone(),
        fail_on,
        read: library.read_count(),
        names: library.names(),
        guarantee,
        shown: review.then(|| sides.shown()),
    };
    Ok(report::of_change(&context, &comparison, findings))
}

/// What is new in head, with the waivers that cover it.
pub(crate) fn judged<'l>(
    chosen: &'l Chosen,
    comparison: &Comparison<'l>,
    excluded: &'l Excluded,
    guarantee: bool,
    library: &Library,
) -> Vec<Finding<'l>> {
    let policy = &chosen.policy;
    let mut findings = judge_change(policy, comparison, library);
    findings.extend(chosen.weakened());
    findings.extend(judge_excluded(policy, excluded, Some(State::New)));
    if guarantee {
        findings.extend(judge_guarantee(policy, comparison, library));
    }
    policy.waive(&mut findings);
    let touched = judge_touched(policy, comparison, &findings);
    findings.extend(touched);
    findings
}
