//! `permdelta init`: a commented configuration, written from what the repository holds, and the gate to paste.

mod gate;
mod starter;

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::ToSpan;

use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::range;
use crate::cli::today::today;
use crate::delta::{Library, Plan, audit};
use crate::error::Error;
use crate::report;
use crate::source::{POLICY, git};

pub(crate) fn run(output: &Output) -> Result<Exit, Error> {
    let repository = git::find(Path::new("."))?;
    let root = match &repository {
        Some(repository) => repository.workdir().map(Path::to_owned).ok_or_else(|| {
            Error::usage("this repository is bare: it has no worktree to write in", "run in a clone with a worktree")
        })?,
        None => PathBuf::from("."),
    };
    let path = root.join(POLICY);
    let here = range::here()?;
    let plan = Plan::audit(&here.listing);
    let mut library = Library::default();
    let progress = output.progress(&library);
    library.fill(&plan, &here.store);
    let stock = audit(&plan, &here.listing, &library);
    drop(progress);
    write_new(&path, &starter::text(&stock, &library)?)?;
    output.remark(&report::plain(&format!("{} is written: everything in it is a comment so far", path.display())));
    if stock.holders.is_empty() {
        output.remark("there are no permission files here yet");
    }
    let (gates, guessed) = gate::found(&root, repository.as_ref());
    for gate in gates {
        output.text(&format!("{}\n", gate.text()))?;
        output.remark(gate.advice());
    }
    if let Some(guessed) = guessed {
        output.remark(&format!("\n{}", report::plain(&guessed)));
    }
    // Half a year is time to look at what is accepted unseen.
    let expires = today(None).saturating_add(6.months());
    output.remark(&format!(
        "\nNext:\n  permdelta audit                              what there is now\n  \
         permdelta waive --all --expires {expires}   accept it for now, to begin with what is new\n  \
         permdelta check main...HEAD                  what your branch changes"
    ));
    output.remark(FIRST_CHANGE);
    Ok(Exit::Pass)
}

/// How the change that brings the configuration passes the gate it is for.
const FIRST_CHANGE: &str = "
permdelta.toml counts once it is merged: the pull request that adds it is judged without it.
Each waiver in it is a finding (waiver-requested, medium) and passes. A setting that lets more through is one, too
(policy-weakened, high), and fails: whoever answers for the gate merges that past it, best by itself.";

/// Never writes over what is there.
fn write_new(path: &Path, text: &str) -> Result<(), Error> {
    let file = std::fs::File::options().write(true).create_new(true).open(path);
    let mut file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::usage(
            format!("{} is there already", path.display()),
            "`permdelta schema config` describes every key it can have",
        ),
        _ => Error::Write { path: path.to_owned(), error },
    })?;
    file.write_all(text.as_bytes()).map_err(|error| Error::Write { path: path.to_owned(), error })
}
