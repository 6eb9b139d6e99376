//! `permdelta audit`: judge one state.

use crate::cli::args::AuditArgs;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::policy::Chosen;
use crate::cli::range;
use crate::delta::{Library, Plan, audit};
use crate::error::Error;
use crate::policy::{judge_audit, judge_excluded};
use crate::report::{self, Context};

pub(crate) fn run(args: &AuditArgs, output: &Output) -> Result<Exit, Error> {
    let snapshot = range::one(args.snapshot.as_deref())?;
    let origin = &snapshot.listing.origin;
    output.remark(&report::plain(&format!("auditing {}", origin.name)));
    let chosen = Chosen::of_snapshot(&snapshot.listing, &snapshot.store, args.policy_from.as_deref(), output)?;
    let (listing, excluded) = chosen.listing(&snapshot.listing, output);
    let plan = Plan::audit(&listing);
    let mut library = Library::default();
    library.fill(&plan, &snapshot.store);
    let stock = audit(&plan, &listing, &library);
    let mut findings = judge_audit(&chosen.policy, &stock, &library);
    findings.extend(judge_excluded(&chosen.policy, &excluded, None));
    let context = Context {
        command: "audit",
        base: None,
        head: origin,
        policy: &chosen.policy,
        policy_from: chosen.from,
        policy_id: chosen.id.clone(),
        fail_on: args.fail_on.least(),
        read: library.read_count(),
        names: library.names(),
        guarantee: false,
    };
    let report = report::of_audit(&context, &stock, findings);
    output.report(&report, &args.format)?;
    Ok(Exit::of(&report))
}
