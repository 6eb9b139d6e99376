//! `permdelta check`: judge a change.

use crate::cli::args::{CheckArgs, FormatArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::range::{self, Sides};
use crate::delta::{Library, Plan, compare};
use crate::error::Error;
use crate::policy::{Severity, builtin_rules, judge_change};
use crate::report::{self, Context, Report};

pub(crate) fn run(args: &CheckArgs, output: &Output) -> Result<Exit, Error> {
    let sides = range::sides(&args.range)?;
    check(&sides, args.fail_on.least(), &args.format, output)
}

/// Judges what is new in head, prints it, and says how the run ends.
pub(crate) fn check(
    sides: &Sides,
    fail_on: Option<Severity>,
    format: &FormatArgs,
    output: &Output,
) -> Result<Exit, Error> {
    let report = compared(sides, "check", fail_on, output)?;
    output.report(&report, format)?;
    Ok(Exit::of(&report))
}

/// The whole pipeline for two sides. `diff` is the same without a judgement.
pub(crate) fn compared(
    sides: &Sides,
    command: &'static str,
    fail_on: Option<Severity>,
    output: &Output,
) -> Result<Report, Error> {
    output.remark(&report::plain(&sides.chosen));
    if sides.is_empty_range() {
        output.remark("base and head are the same commit: there is nothing to compare");
    }
    let rules = builtin_rules()?;
    if sides.base.has_policy || sides.head.has_policy {
        output.remark("permdelta.toml is not read by this version: the built-in rules apply");
    }
    let plan = Plan::comparison(&sides.base, &sides.head);
    let mut library = Library::default();
    library.fill(&plan, &sides.store);
    let comparison = compare(&plan, &sides.base, &sides.head, &library);
    let findings = (command == "check").then(|| judge_change(&rules, &comparison, &library));
    let context = Context {
        command,
        base: Some(&sides.base.origin),
        head: &sides.head.origin,
        rules: &rules,
        fail_on,
        read: library.read_count(),
        names: library.names(),
    };
    Ok(report::of_change(&context, &comparison, findings))
}
