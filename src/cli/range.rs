//! Which states are read: from the words of the command line to listings.

use std::path::{Path, PathBuf};

use git2::{Commit, Oid, Repository};

use crate::cli::args::RangeArgs;
use crate::cli::ci;
use crate::error::{Cause, Error};
use crate::report::Shown;
use crate::source::{BlobId, Listing, Origin, SourceKind, Store, archive, directory, git, worktree};

/// Base and head, listed; nothing is read yet.
pub(crate) struct Sides {
    pub(crate) base: Listing,
    pub(crate) head: Listing,
    pub(crate) store: Store,
    /// What was chosen, for stderr.
    pub(crate) chosen: String,
    /// The tip of the branch the change is for: policy is taken from there.
    pub(crate) target: Option<Target>,
    /// The request's own head, where head is the merge commit that the platform made of it.
    pub(crate) request: Option<Oid>,
}

/// The tip of the branch a change is for.
pub(crate) struct Target {
    pub(crate) id: Oid,
    /// Its configuration.
    pub(crate) policy: Option<Result<BlobId, Cause>>,
}

/// One state, listed.
pub(crate) struct One {
    pub(crate) listing: Listing,
    pub(crate) store: Store,
}

/// A state as it was asked for.
enum Snapshot {
    Commit { id: Oid, name: String },
    Index,
    Worktree,
    Directory(PathBuf, String),
    Archive(PathBuf, String),
}

/// What can be compared without a repository.
const TWO: &str = "compare directories: --from OLD --to NEW";
/// What can be looked at without one.
const ONE: &str = "name a directory or a .zip archive, as in permdelta audit DIR";

/// The two states a comparison is about.
pub(crate) fn sides(args: &RangeArgs) -> Result<Sides, Error> {
    asked(args).map_err(|error| ci::with_line_to_add(error, &ci::environment))
}

fn asked(args: &RangeArgs) -> Result<Sides, Error> {
    if let (Some(from), Some(to)) = (&args.from, &args.to) {
        let repository = repository_for(&[from, to])?;
        let (base, head) = (snapshot(from, repository.as_ref())?, snapshot(to, repository.as_ref())?);
        return list_both(repository.as_ref(), &base, &head, "");
    }
    let repository = git::open(Path::new("."), TWO)?;
    match args.range.as_deref() {
        Some(range) => of_range(&repository, range),
        None => match ci::choose(&repository, &ci::environment)? {
            Some(choice) => of_choice(&repository, &choice),
            None => default(&repository),
        },
    }
}

fn of_choice(repository: &Repository, choice: &ci::Choice<'_>) -> Result<Sides, Error> {
    let (base, head) = (commit(&choice.base, &choice.base_name), commit(&choice.head, "HEAD"));
    let sides = list_both(Some(repository), &base, &head, &choice.how)?.for_target(repository, choice.target)?;
    Ok(Sides { request: choice.request, ..sides })
}

/// The repository at hand. One that git refuses to use ends the run only where a state is taken from it.
fn repository_for(snapshots: &[&str]) -> Result<Option<Repository>, Error> {
    let is_place = |name: &&str| Path::new(name).is_dir() || is_archive(Path::new(name));
    match git::find(Path::new(".")) {
        Err(_) if snapshots.iter().all(is_place) => Ok(None),
        found => found,
    }
}

/// The state that `audit` judges.
pub(crate) fn one(wanted: Option<&str>) -> Result<One, Error> {
    asked_one(wanted).map_err(|error| ci::with_line_to_add(error, &ci::environment))
}

fn asked_one(wanted: Option<&str>) -> Result<One, Error> {
    let name = match wanted {
        Some(name) => name,
        None if std::env::var_os("CI").is_some() => "HEAD",
        None => ":worktree",
    };
    let repository = match wanted {
        Some(name) => repository_for(&[name])?,
        None => Some(git::open(Path::new("."), ONE)?),
    };
    if name == ":worktree" && repository.as_ref().is_some_and(Repository::is_bare) {
        let message = "this repository is bare: it has no worktree";
        return Err(Error::usage(message, "name a revision, as HEAD in permdelta audit HEAD"));
    }
    let listing = list(repository.as_ref(), &snapshot(name, repository.as_ref())?)?;
    Ok(One { listing, store: store(repository.as_ref()) })
}

/// What is at hand: the worktree, a bare repository's `HEAD`, or the directory where there is no repository.
pub(crate) fn here() -> Result<One, Error> {
    let Some(repository) = git::find(Path::new("."))? else {
        return Ok(One { listing: directory::list(Path::new("."), ".")?, store: store(None) });
    };
    let name = if repository.is_bare() { "HEAD" } else { ":worktree" };
    let listing = list(Some(&repository), &snapshot(name, Some(&repository))?)?;
    Ok(One { listing, store: store(Some(&repository)) })
}

fn of_range(repository: &Repository, range: &str) -> Result<Sides, Error> {
    let end = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
    if let Some((from, to)) = range.split_once("...") {
        let (from, to) = (end(from), end(to));
        let (target, head) = (git::commit(repository, &from)?, git::commit(repository, &to)?);
        let (base, name, how) = git::merge_base(repository, &target, &head)?.said(&from, &to);
        let (base, head) = (commit(&base, &name), commit(&head, &to));
        return list_both(Some(repository), &base, &head, &how)?.for_target(repository, target.id());
    }
    if let Some((from, to)) = range.split_once("..") {
        let (from, to) = (end(from), end(to));
        let (base, head) = (git::commit(repository, &from)?, git::commit(repository, &to)?);
        let sides = list_both(Some(repository), &commit(&base, &from), &commit(&head, &to), "")?;
        return sides.for_target(repository, base.id());
    }
    let base = git::commit(repository, range)?;
    list_both(Some(repository), &commit(&base, range), &Snapshot::Worktree, "")?.for_target(repository, base.id())
}

/// The worktree, compared from where it left the remote default branch.
fn default(repository: &Repository) -> Result<Sides, Error> {
    let head = git::commit(repository, "HEAD")?;
    for name in ["origin/HEAD", "origin/main", "origin/master"] {
        // In full: a tag or local branch can have the short name, too.
        let Ok(target) = git::commit(repository, &format!("refs/remotes/{name}")) else { continue };
        let (base, base_name, how) = git::merge_base(repository, &target, &head)?.said(name, "HEAD");
        let base = commit(&base, &base_name);
        return list_both(Some(repository), &base, &Snapshot::Worktree, &how)?.for_target(repository, target.id());
    }
    Err(Error::usage(
        "there is no remote default branch to compare with",
        "name the range: permdelta check main...HEAD, or permdelta check HEAD for what is not committed yet",
    ))
}

fn commit(commit: &Commit<'_>, name: &str) -> Snapshot {
    Snapshot::Commit { id: commit.id(), name: name.to_owned() }
}

/// A name is a directory, an archive or a revision; one that could be both is refused.
fn snapshot(name: &str, repository: Option<&Repository>) -> Result<Snapshot, Error> {
    match name {
        ":worktree" => return Ok(Snapshot::Worktree),
        ":index" => return Ok(Snapshot::Index),
        _ => {}
    }
    let path = Path::new(name);
    let explicit = name.starts_with(['.', '/', '\\']) || path.is_absolute();
    let revision = repository.filter(|_| !explicit).map(|repository| git::commit(repository, name));
    let place = match path {
        _ if path.is_dir() => Some(("directory", Snapshot::Directory(path.to_owned(), name.to_owned()))),
        _ if is_archive(path) => Some(("archive", Snapshot::Archive(path.to_owned(), name.to_owned()))),
        _ => None,
    };
    match (place, revision) {
        (Some((what, _)), Some(Ok(_))) => Err(Error::usage(
            format!("\"{name}\" is both a revision and {} {what}", if what == "archive" { "an" } else { "a" }),
            format!("write ./{name} for the {what}, refs/heads/{name} for the branch"),
        )),
        (Some((_, place)), _) => Ok(place),
        (None, Some(Err(_))) if name.contains("..") => Err(Error::usage(
            format!("\"{name}\" is a range, and one state is asked for"),
            format!("name one of the two, or compare them: permdelta check {name}"),
        )),
        (None, Some(found)) => found.map(|found| commit(&found, name)),
        (None, None) => Err(Error::usage(
            format!("no directory or .zip archive \"{name}\""),
            "give a directory or a .zip archive, or run inside a git repository to name a revision",
        )),
    }
}

fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) && path.is_file()
}

fn list(repository: Option<&Repository>, snapshot: &Snapshot) -> Result<Listing, Error> {
    let needed = || match repository {
        Some(repository) => Ok(repository),
        None => git::open(Path::new("."), ONE).and(Err(Error::source("not in a git repository", ""))),
    };
    match snapshot {
        Snapshot::Commit { id, name } => {
            let repository = needed()?;
            let commit = git::commit(repository, &id.to_string())?;
            git::list(repository, &commit, name)
        }
        Snapshot::Index => worktree::list_index(needed()?, index_file().as_deref()),
        Snapshot::Worktree => worktree::list(needed()?),
        Snapshot::Directory(path, name) => directory::list(path, name),
        Snapshot::Archive(path, name) => archive::list(path, name),
    }
}

/// The index a commit is made of: `git commit -a` and `git commit PATH` make one of their own, and name it to hooks.
fn index_file() -> Option<PathBuf> {
    std::env::var_os("GIT_INDEX_FILE").filter(|name| !name.is_empty()).map(PathBuf::from)
}

fn list_both(repository: Option<&Repository>, base: &Snapshot, head: &Snapshot, how: &str) -> Result<Sides, Error> {
    let (base, head) = (list(repository, base)?, list(repository, head)?);
    let mut chosen = format!("comparing {} with {}", described(&base), described(&head));
    if !how.is_empty() {
        chosen = format!("{chosen} (base is {how})");
    }
    Ok(Sides { base, head, store: store(repository), chosen, target: None, request: None })
}

fn store(repository: Option<&Repository>) -> Store {
    repository.map_or_else(Store::files, Store::with_repository)
}

fn described(listing: &Listing) -> String {
    let origin = &listing.origin;
    match &origin.id {
        Some(id) if origin.name == *id => id[..10.min(id.len())].to_owned(),
        Some(id) => format!("{} {}", origin.name, &id[..10.min(id.len())]),
        None => origin.name.clone(),
    }
}

impl Sides {
    fn for_target(self, repository: &Repository, id: Oid) -> Result<Self, Error> {
        let policy = git::policy(repository, id)?;
        Ok(Self { target: Some(Target { id, policy }), ..self })
    }

    /// What a review would be of. Of a request's head that is not in this clone there are no lines.
    pub(crate) fn shown(&self) -> Shown<'_> {
        let listed = |id: Oid| {
            let repository = git::open(Path::new("."), "")?;
            git::list(&repository, &git::commit(&repository, &id.to_string())?, "")
        };
        let unknown = |id: Oid| {
            Listing::empty(Origin { kind: SourceKind::Revision, name: String::new(), id: Some(id.to_string()) })
        };
        let request = self.request.map(|id| listed(id).unwrap_or_else(|_| unknown(id)));
        let (base, head) = (&self.base.origin, &self.head.origin);
        let is_of_repository = head.kind != SourceKind::Index || index_file().is_none();
        let one_sided = is_of_repository.then(|| self.store.one_sided(base, head)).flatten();
        Shown { base: &self.base, head: &self.head, request, one_sided, blobs: &self.store }
    }

    /// Whether both sides are one commit: there is nothing to compare.
    pub(crate) fn is_empty_range(&self) -> bool {
        self.base.origin.id.is_some() && self.base.origin.id == self.head.origin.id
    }
}
