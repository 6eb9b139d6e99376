//! `permdelta waive`: accept findings in `permdelta.toml`.

mod all;
mod register;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::cli::args::WaiveArgs;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::search;
use crate::cli::today::today;
use crate::cli::waive::register::{Accepting, Register};
use crate::error::Error;
use crate::policy::{Finding, Stanza, writable_stanzas};
use crate::report;
use crate::source::{POLICY, git};
use crate::text::{clip, count};

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
        Some(_) if args.all && args.place.is_some() => {
            let message = "--all accepts every finding of one snapshot: beside it stands a snapshot, no fingerprint";
            return Err(Error::usage(message.to_owned(), "leave the fingerprint out, or --all"));
        }
        Some(fingerprint) if !args.all => one(args, fingerprint, today, &mut register, output)?,
        place => {
            // With --all the only word is the snapshot.
            all::run(args, place.as_deref(), today, &mut register, output)?
        }
    };
    if written.is_empty() {
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
    let verb = if written.len() == 1 { "it counts once it is" } else { "they count once they are" };
    output.remark(&format!("check takes waivers from the target branch: {verb} merged there"));
    Ok(Exit::Pass)
}

/// The configuration of the worktree, or of the directory where there is none.
fn file() -> Result<PathBuf, Error> {
    let Some(repository) = git::find(Path::new("."))? else { return Ok(PathBuf::from(POLICY)) };
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
            can_be_waived(finding)?;
            let wanted = writable_stanzas(finding).map_err(|why| {
                let message = format!("no waiver can be written for {} on {}: {why}", finding.rule.id, named(finding));
                Error::usage(message, "nothing was written")
            })?;
            register.write(&wanted, &accepting);
            written.extend(wanted);
        }
        register.check(parts(), today)
    })?;
    Ok(written)
}

fn can_be_waived(finding: &Finding<'_>) -> Result<(), Error> {
    let names_grant = !(finding.keys.is_empty() && finding.about.is_empty());
    match finding.rule.not_waivable(names_grant) {
        Some((why, hint)) => Err(Error::usage(format!("{} cannot be waived{why}", finding.rule.id), hint)),
        None => Ok(()),
    }
}

/// The subject of a finding, for a message.
fn named(finding: &Finding<'_>) -> String {
    format!("{}:{}", finding.subject.kind.as_str(), clip(finding.subject.name))
}
