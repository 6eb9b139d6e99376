//! `permdelta demo`: the sample repository, built and checked.

use std::path::Path;

use git2::build::CheckoutBuilder;
use git2::{Commit, Index, IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature, Time};

use crate::cli::args::{DemoArgs, FormatArgs, RangeArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::sample::{BASE, Files, PULL_REQUEST};
use crate::cli::{check, range};
use crate::error::Error;
use crate::policy::Severity;

/// 2026-01-05 09:00 UTC, so that object ids are the same everywhere.
const BASE_TIME: i64 = 1_767_603_600;
const PULL_REQUEST_TIME: i64 = BASE_TIME + 86_400;

pub(crate) fn run(args: &DemoArgs, output: &Output) -> Result<Exit, Error> {
    // Files to write are named from where the user stands.
    let (sarif, reports, comment_id) = (args.format.sarif.clone(), Vec::new(), args.format.comment_id.clone());
    let mut format = FormatArgs { format: args.format.format, reports, comment_id, sarif };
    for (kind, path) in &args.format.reports {
        let path = std::path::absolute(path).map_err(|error| Error::Write { path: path.clone(), error })?;
        format.reports.push((*kind, path));
    }
    let temporary;
    let root = match &args.keep {
        Some(directory) => {
            let root =
                std::path::absolute(directory).map_err(|error| Error::Write { path: directory.clone(), error })?;
            must_be_empty(&root)?;
            root
        }
        None => {
            temporary = tempfile::tempdir().map_err(|error| Error::Write { path: std::env::temp_dir(), error })?;
            temporary.path().to_owned()
        }
    };
    build(&root).map_err(|error| {
        Error::source(
            format!("cannot build the sample repository in {}: {}", root.display(), error.message()),
            "name another place with --keep DIR",
        )
    })?;
    let sides = in_directory(&root, || {
        range::sides(&RangeArgs { range: Some("main...pull-request".to_owned()), from: None, to: None })
    })?;
    let exit = check::check(&sides, Some(Severity::High), &format, output)?;
    output.remark(&farewell(args.keep.as_deref()));
    Ok(exit)
}

fn farewell(kept: Option<&Path>) -> String {
    let place = match kept {
        Some(directory) => {
            format!("The repository is in {}: look at it with git log -p main..pull-request.", directory.display())
        }
        None => "The repository was temporary; permdelta demo --keep DIR leaves one to look at.".to_owned(),
    };
    format!(
        "\n{place}\nNext:\n  permdelta demo -v                                    every grant, and why each finding matters\n  \
         permdelta explain privileged-access-always-on        one rule: why, and what to do\n  \
         permdelta check main...HEAD                          your own repository: what your branch changes"
    )
}

fn must_be_empty(root: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(root).map_err(|error| Error::Write { path: root.to_owned(), error })?;
    let mut entries = std::fs::read_dir(root).map_err(|error| Error::Write { path: root.to_owned(), error })?;
    if entries.next().is_some() {
        return Err(Error::usage(
            format!("{} is not empty", root.display()),
            "--keep takes a directory that is empty or does not exist",
        ));
    }
    Ok(())
}

/// Runs `work` in another directory and comes back.
fn in_directory<T>(root: &Path, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let cannot = |error: std::io::Error| Error::source(format!("cannot change the directory: {error}"), "");
    let here = std::env::current_dir().map_err(cannot)?;
    std::env::set_current_dir(root).map_err(cannot)?;
    let result = work();
    std::env::set_current_dir(here).map_err(cannot)?;
    result
}

/// One commit on `main`, one on `pull-request`, which is checked out.
fn build(root: &Path) -> Result<(), git2::Error> {
    let mut options = RepositoryInitOptions::new();
    options.initial_head("main").external_template(false);
    let repository = Repository::init_opts(root, &options)?;
    // Nothing of the user's own settings may change a byte.
    repository.config()?.set_bool("core.autocrlf", false)?;
    let mut index = Index::new()?;
    let base = commit(&repository, &mut index, BASE, BASE_TIME, "Permission sets of the sample org", None)?;
    let base = repository.find_commit(base)?;
    repository.branch("main", &base, true)?;
    let message = "Contract clean-up and data migration";
    let head = commit(&repository, &mut index, PULL_REQUEST, PULL_REQUEST_TIME, message, Some(&base))?;
    repository.branch("pull-request", &repository.find_commit(head)?, true)?;
    repository.set_head("refs/heads/pull-request")?;
    repository.checkout_head(Some(CheckoutBuilder::new().force()))
}

fn commit(
    repository: &Repository,
    index: &mut Index,
    files: Files,
    time: i64,
    message: &str,
    parent: Option<&Commit<'_>>,
) -> Result<Oid, git2::Error> {
    for (path, content) in files {
        index.add(&entry(path, repository.blob(content.as_bytes())?))?;
    }
    let tree = repository.find_tree(index.write_tree_to(repository)?)?;
    let author = Signature::new("Sample Org", "sample@example.com", &Time::new(time, 0))?;
    let parents: Vec<&Commit<'_>> = parent.into_iter().collect();
    repository.commit(None, &author, &author, message, &tree, &parents)
}

fn entry(path: &str, id: Oid) -> IndexEntry {
    let zero = IndexTime::new(0, 0);
    IndexEntry {
        ctime: zero,
        mtime: zero,
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}
