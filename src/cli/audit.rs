//! `permdelta audit`: judge one state.

use crate::cli::args::AuditArgs;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::range;
use crate::delta::{Library, Plan, audit};
use crate::error::Error;
use crate::policy::{builtin_rules, judge_audit};
use crate::report::{self, Context};

pub(crate) fn run(args: &AuditArgs, output: &Output) -> Result<Exit, Error> {
    let snapshot = range::one(args.snapshot.as_deref())?;
    let origin = &snapshot.listing.origin;
    output.remark(&report::plain(&format!("auditing {}", origin.name)));
    let rules = builtin_rules()?;
    let plan = Plan::audit(&snapshot.listing);
    let mut library = Library::default();
    library.fill(&plan, &snapshot.store);
    let stock = audit(&plan, &snapshot.listing, &library);
    let findings = judge_audit(&rules, &stock, &library);
    let context = Context {
        command: "audit",
        base: None,
        head: origin,
        rules: &rules,
        fail_on: args.fail_on.least(),
        read: library.read_count(),
        names: library.names(),
        guarantee: false,
    };
    let report = report::of_audit(&context, &stock, findings);
    output.report(&report, &args.format)?;
    Ok(Exit::of(&report))
}
