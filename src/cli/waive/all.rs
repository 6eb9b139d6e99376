//! `permdelta waive --all`: to begin with what is new.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::cli::args::WaiveArgs;
use crate::cli::output::Output;
use crate::cli::policy::{Chosen, Wanted};
use crate::cli::waive::register::{Accepting, Register};
use crate::cli::waive::{can_be_waived, named};
use crate::cli::{audit, range};
use crate::delta::{self, Library, Plan};
use crate::error::Error;
use crate::policy::{Finding, Severity, Stanza, SubjectKind, writable_stanzas};
use crate::report;
use crate::text::count;

/// What it says where it is not told otherwise: true of each, and to be replaced when somebody has looked.
const REASON: &str = "there before permdelta was adopted, not reviewed yet";
const OWNER: &str = "to be assigned";

/// Findings named that no waiver can be written for.
const NAMED: usize = 5;

/// Accepts the findings of an audit that nothing accepts yet.
pub(super) fn run(
    args: &WaiveArgs,
    place: Option<&str>,
    today: Date,
    register: &mut Register,
    output: &Output,
) -> Result<BTreeSet<Stanza>, Error> {
    let one = range::one(place)?;
    output.remark(&report::plain(&format!("auditing {}", one.listing.origin.name)));
    output.nothing_there(&[&one.listing]);
    let chosen = Chosen::of_snapshot(&one.listing, &one.store, Wanted { from: None, today }, output)?;
    let (listing, excluded) = chosen.listing(&one.listing, output);
    let plan = Plan::audit(&listing);
    let mut library = Library::default();
    let progress = output.progress(&library);
    library.fill(&plan, &one.store);
    progress.judging();
    let stock = delta::audit(&plan, &listing, &library);
    drop(progress);
    if !stock.problems.is_empty() {
        let what = count(stock.problems.len(), "problem");
        output.remark(&format!("not everything could be read or understood: {what}; audit lists them"));
    }
    let findings = audit::judged(&chosen.policy, &stock, &excluded, &library);
    let open = open(&findings, args.severity);
    if open.is_empty() {
        output.text("nothing to accept: no such finding is open\n")?;
    }
    let accepting = Accepting {
        reason: args.reason.as_deref().unwrap_or(REASON),
        owner: args.owner.as_deref().unwrap_or(OWNER),
        ticket: args.ticket.as_deref(),
        expires: args.expires,
    };
    let (mut wanted, mut left) = (Vec::new(), Vec::new());
    for finding in open {
        match writable_stanzas(finding) {
            Ok(stanzas) => wanted.push((finding, stanzas)),
            Err(why) => left.push(format!("  {} on {}: {why}", finding.rule.id, named(finding))),
        }
    }
    for same in wanted.chunk_by(|(a, _), (b, _)| a.rule.severity == b.rule.severity) {
        register.headline(&format!(
            "{}: {} there on {today}, accepted until {}",
            same[0].0.rule.severity.as_str(),
            count(same.len(), "finding"),
            args.expires
        ));
        same.iter().for_each(|(_, stanzas)| register.write(stanzas, &accepting));
    }
    register.check(wanted.iter().map(|(finding, _)| *finding), today)?;
    said(&left, output);
    Ok(wanted.into_iter().flat_map(|(_, stanzas)| stanzas).collect())
}

/// The findings that can be accepted, worst first.
fn open<'f, 'l>(findings: &'f [Finding<'l>], least: Severity) -> Vec<&'f Finding<'l>> {
    let mut open: Vec<&Finding<'_>> = findings
        .iter()
        .flat_map(Finding::parts)
        .filter(|finding| finding.waiver.is_none() && finding.rule.severity >= least)
        .filter(|finding| finding.subject.kind != SubjectKind::Policy && can_be_waived(finding).is_ok())
        .collect();
    open.sort_by(|a, b| {
        let key = |finding: &&Finding<'_>| (finding.rule.id.clone(), finding.subject.name.to_lowercase());
        b.rule.severity.cmp(&a.rule.severity).then_with(|| key(a).cmp(&key(b)))
    });
    open
}

/// What stays open, because no waiver can be written for it.
fn said(left: &[String], output: &Output) {
    if left.is_empty() {
        return;
    }
    let verb = if left.len() == 1 { "stays" } else { "stay" };
    output.remark(&format!("{} {verb} open, as no waiver can be written:", count(left.len(), "finding")));
    for line in left.iter().take(NAMED) {
        output.remark(&report::plain(line));
    }
    if left.len() > NAMED {
        output.remark(&format!("  and {} more", left.len() - NAMED));
    }
}
