//! `permdelta waive`: accept findings in `permdelta.toml`.

mod register;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::cli::args::WaiveArgs;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::policy::{Chosen, Wanted};
use crate::cli::today::today;
use crate::cli::waive::register::{Accepting, Register};
use crate::cli::{audit, range, search};
use crate::delta::{self, Library, Plan};
use crate::error::Error;
use crate::policy::{Finding, Severity, Stanza, SubjectKind, stanzas};
use crate::report;
use crate::source::{POLICY, git};
use crate::text::count;

/// What `--all` says where it is not told otherwise: true of each, and to be replaced when somebody has looked.
const REASON: &str = "there before permdelta was adopted, not reviewed yet";
const OWNER: &str = "to be assigned";

pub(crate) fn run(args: &WaiveArgs, output: &Output) -> Result<Exit, Error> {
    let today = today(args.today);
    if args.expires < today {
        return Err(Error::usage(
            format!("{} is over: such a waiver would not count", args.expires),
            "--expires takes the last day it is to count",
        ));
    }
    let path = file()?;
    let mut register = Register::open(&path)?;
    let written = match &args.fingerprint {
        Some(fingerprint) if !args.all => one(args, fingerprint, today, &mut register, output)?,
        place => {
            // With --all the first word is the snapshot.
            let place = args.place.as_deref().or(place.as_deref());
            all(args, place, today, &mut register, output)?
        }
    };
    if written.is_empty() {
        output.text("nothing to accept: no such finding is open\n")?;
        return Ok(Exit::Pass);
    }
    register.save()?;
    let mut text = String::new();
    for stanza in &written {
        let grant = stanza.grant.as_deref().unwrap_or("as a whole");
        let line = format!("{}  {}  {grant}", stanza.rule, stanza.holder);
        text.push_str(&format!("waived until {}  {}\n", args.expires, report::plain(&line)));
    }
    output.text(&text)?;
    output.remark(&format!("{} in {}", count(written.len(), "waiver"), report::plain(&path.display().to_string())));
    output.remark("check takes waivers from the target branch: it counts once it is merged there");
    Ok(Exit::Pass)
}

/// The configuration of the worktree, or of the directory where there is none.
fn file() -> Result<PathBuf, Error> {
    let Ok(repository) = git::open(Path::new(".")) else { return Ok(PathBuf::from(POLICY)) };
    let root = repository.workdir().ok_or_else(|| {
        Error::usage("this repository is bare: it has no worktree to write in", "run in a clone with a worktree")
    })?;
    Ok(root.join(POLICY))
}

fn one(
    args: &WaiveArgs,
    fingerprint: &str,
    today: Date,
    register: &mut Register,
    output: &Output,
) -> Result<BTreeSet<Stanza>, Error> {
    if !search::is_fingerprint(fingerprint) {
        return Err(Error::usage(
            format!("\"{fingerprint}\" is no fingerprint"),
            "check and audit print them: 16 digits and letters a to f, of which the first 4 are enough",
        ));
    }
    let accepting = Accepting {
        reason: args.reason.as_deref().unwrap_or_default(),
        owner: args.owner.as_deref().unwrap_or_default(),
        ticket: args.ticket.as_deref(),
        expires: args.expires,
    };
    let mut written = BTreeSet::new();
    search::find(fingerprint, args.place.as_deref(), today, output, &mut |found| {
        let parts = || found.findings.iter().flat_map(Finding::parts);
        for finding in parts() {
            let wanted = stanzas(finding);
            can_be_waived(finding)?;
            register.write(&wanted, &accepting);
            written.extend(wanted);
        }
        register.check(parts(), today)
    })?;
    Ok(written)
}

fn all(
    args: &WaiveArgs,
    place: Option<&str>,
    today: Date,
    register: &mut Register,
    output: &Output,
) -> Result<BTreeSet<Stanza>, Error> {
    let one = range::one(place)?;
    output.remark(&report::plain(&format!("auditing {}", one.listing.origin.name)));
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
    let mut open: Vec<&Finding<'_>> = findings
        .iter()
        .flat_map(Finding::parts)
        .filter(|finding| finding.waiver.is_none() && finding.rule.severity >= args.severity)
        .filter(|finding| finding.subject.kind != SubjectKind::Policy && can_be_waived(finding).is_ok())
        .collect();
    open.sort_by(|a, b| {
        let key = |finding: &&Finding<'_>| (finding.rule.id.clone(), finding.subject.name.to_lowercase());
        b.rule.severity.cmp(&a.rule.severity).then_with(|| key(a).cmp(&key(b)))
    });
    let accepting = Accepting {
        reason: args.reason.as_deref().unwrap_or(REASON),
        owner: args.owner.as_deref().unwrap_or(OWNER),
        ticket: args.ticket.as_deref(),
        expires: args.expires,
    };
    let mut written = BTreeSet::new();
    for (severity, findings) in by_severity(&open) {
        register.headline(&format!(
            "{}: {} there on {today}, accepted until {}",
            severity.as_str(),
            count(findings.len(), "finding"),
            args.expires
        ));
        for finding in findings {
            let wanted: Vec<Stanza> = stanzas(finding).into_iter().filter(|one| !written.contains(one)).collect();
            register.write(&wanted, &accepting);
            written.extend(wanted);
        }
    }
    register.check(open.iter().copied(), today)?;
    Ok(written)
}

fn by_severity<'f, 'l>(findings: &'f [&'f Finding<'l>]) -> Vec<(Severity, &'f [&'f Finding<'l>])> {
    findings.chunk_by(|a, b| a.rule.severity == b.rule.severity).map(|same| (same[0].rule.severity, same)).collect()
}

fn can_be_waived(finding: &Finding<'_>) -> Result<(), Error> {
    if finding.rule.is_guarantee() {
        return Err(Error::usage(
            format!("{} cannot be waived: --no-new-access is a proof", finding.rule.id),
            "leave the option out where access may grow",
        ));
    }
    if finding.rule.id.starts_with("waiver-") {
        return Err(Error::usage(
            format!("{} is about a waiver: correct or remove it", finding.rule.id),
            format!("it stands in {POLICY}, line {}", crate::text::Lines::new(finding.bytes).line(finding.span.start)),
        ));
    }
    Ok(())
}
