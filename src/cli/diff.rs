//! `permdelta diff`: show what access changed, without judging.

use crate::cli::args::DiffArgs;
use crate::cli::check::{Judging, compared};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::range;
use crate::error::Error;

pub(crate) fn run(args: &DiffArgs, output: &Output) -> Result<Exit, Error> {
    let sides = range::sides(&args.range)?;
    let report = compared(&sides, Judging::Diff, output)?;
    output.report(&report, &args.format)?;
    Ok(match report.complete {
        false => Exit::Incomplete,
        true if args.exit_code && report.access_differs() => Exit::Findings,
        true => Exit::Pass,
    })
}
