//! `permdelta audit`: judge one state.

use crate::cli::args::AuditArgs;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::policy::{Chosen, Wanted};
use crate::cli::range;
use crate::cli::today::today;
use crate::delta::{Audit, Library, Plan, audit};
use crate::error::Error;
use crate::policy::{Excluded, Finding, Policy, judge_audit, judge_excluded, judge_register};
use crate::report::{self, Context};

pub(crate) fn run(args: &AuditArgs, output: &Output) -> Result<Exit, Error> {
    let snapshot = range::one(args.snapshot.as_deref())?;
    let origin = &snapshot.listing.origin;
    output.remark(&report::plain(&format!("auditing {}", origin.name)));
    output.not_followed(snapshot.listing.elsewhere.iter());
    output.nothing_there(&[&snapshot.listing]);
    let wanted = Wanted { from: args.policy_from.as_deref(), today: today(args.today) };
    let chosen = Chosen::of_snapshot(&snapshot.listing, &snapshot.store, wanted, output)?;
    let (listing, excluded) = chosen.listing(&snapshot.listing, output);
    let plan = Plan::audit(&listing);
    let mut library = Library::default();
    let progress = output.progress(&library);
    library.fill(&plan, &snapshot.store);
    progress.judging();
    let stock = audit(&plan, &listing, &library);
    let findings = judged(&chosen.policy, &stock, &excluded, &library);
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
        shown: None,
    };
    let report = report::of_audit(&context, &stock, findings);
    drop(progress);
    output.report(&report, &args.format)?;
    Ok(Exit::of(&report))
}

/// All there is to say about a state, with the waivers that cover it.
pub(crate) fn judged<'l>(
    policy: &'l Policy,
    stock: &Audit<'l>,
    excluded: &'l Excluded,
    library: &Library,
) -> Vec<Finding<'l>> {
    let mut findings = judge_audit(policy, stock, library);
    findings.extend(judge_excluded(policy, excluded, None));
    policy.waive(&mut findings);
    let register = judge_register(policy, &findings);
    findings.extend(register);
    findings
}
