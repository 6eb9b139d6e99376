//! Git revisions, read straight from the object database: nothing is checked out.

use std::collections::HashSet;
use std::path::Path;

use git2::{Commit, ErrorClass, ErrorCode, ObjectType, Oid, Repository, Tree};

use crate::error::{Cause, Error};
use crate::source::{BlobId, Listing, Origin, POLICY, RuleFile, SourceKind};

/// Most tree entries walked for one revision. A tree can name the same subtree many times over, so a
/// repository of a few kilobytes can list without end.
const MOST_ENTRIES: usize = 5_000_000;

/// The hint where history is missing because the clone is shallow.
pub const SHALLOW: &str =
    "this clone is shallow: git fetch --unshallow (in CI: fetch the whole history, as fetch-depth: 0)";

const MODE_LINK: i32 = 0o120_000;

/// The repository that holds `path`, looking upwards as git does; `None` where there is none.
///
/// # Errors
/// One git refuses to use.
pub fn find(path: &Path) -> Result<Option<Repository>, Error> {
    let place = path.display();
    match Repository::discover(path) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) if error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Repository => Ok(None),
        Err(error) if error.code() == ErrorCode::Owner => Err(Error::source(
            format!("{place} belongs to another user, so git does not trust it"),
            format!("git config --global --add safe.directory '{}'", absolute(path)),
        )),
        Err(error) => Err(Error::source(format!("cannot open the repository at {place}: {}", error.message()), "")),
    }
}

/// Opens the repository that holds `path`; `instead` says what can be done without one.
///
/// # Errors
/// No repository there, or one git refuses to use.
pub fn open(path: &Path, instead: &str) -> Result<Repository, Error> {
    let hint = || format!("run inside a repository, give one with -C, or {instead}");
    find(path)?.ok_or_else(|| Error::source(format!("{} is not in a git repository", path.display()), hint()))
}

fn absolute(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// The commit a revision names.
///
/// # Errors
/// A revision that does not name a commit.
pub fn commit<'r>(repository: &'r Repository, revision: &str) -> Result<Commit<'r>, Error> {
    let of = |folder: &str| {
        let name = format!("refs/{folder}{revision}");
        let found = repository.find_reference(&name).and_then(|found| found.peel_to_commit()).ok()?;
        Some((name, found.id()))
    };
    let named: Vec<(String, Oid)> = ["tags/", "heads/", "remotes/", ""].into_iter().filter_map(of).collect();
    if let [(one, first), .., (other, last)] = named.as_slice()
        && (first != last || named.iter().any(|(_, id)| id != first))
    {
        // git takes the tag: whoever may push a tag would choose what a gate compares with.
        return Err(Error::usage(
            format!("\"{revision}\" is both a tag and a branch"),
            format!("write {other} or {one}"),
        ));
    }
    let found = repository.revparse_single(revision).and_then(|object| object.peel_to_commit());
    found.map_err(|error| {
        let message = match error.code() {
            ErrorCode::NotFound => format!("no revision \"{revision}\" in this repository"),
            ErrorCode::Ambiguous => format!("\"{revision}\" names more than one object"),
            _ => format!("\"{revision}\" does not name a commit: {}", error.message()),
        };
        Error::usage(message, missing_hint(repository, revision))
    })
}

fn missing_hint(repository: &Repository, revision: &str) -> String {
    if repository.is_shallow() {
        return SHALLOW.to_owned();
    }
    let near = branches(repository);
    if near.is_empty() && repository.head().is_err_and(|error| error.code() == ErrorCode::UnbornBranch) {
        return "it has no commits yet; permdelta audit judges the files that are there".to_owned();
    }
    let near: Vec<&str> = near.iter().map(String::as_str).collect();
    match crate::text::suggest(revision, &near) {
        Some(name) => format!("did you mean \"{name}\"?"),
        None => "git branch --all lists the branches; fetch the one that is missing".to_owned(),
    }
}

fn branches(repository: &Repository) -> Vec<String> {
    let branches = repository.branches(None).into_iter().flatten().flatten();
    branches.filter_map(|(branch, _)| branch.name().ok().flatten().map(str::to_owned)).collect()
}

/// What a change to a target is compared with.
pub struct Parting<'r> {
    /// The best common ancestor; the target's tip, if there are several.
    pub commit: Commit<'r>,
    /// Whether there are several best common ancestors, as after merges in both directions.
    pub several: bool,
}

/// Where a change left its target.
///
/// Of several best common ancestors each hides something: what one side took away after it can come back with the
/// other. So the change is then compared with the target's tip, which hides nothing of what it would bring.
///
/// # Errors
/// There is no common ancestor, or the clone is too shallow to tell.
pub fn merge_base<'r>(repository: &'r Repository, one: &Commit<'r>, other: &Commit<'r>) -> Result<Parting<'r>, Error> {
    let bases = repository.merge_bases(one.id(), other.id());
    if bases.as_ref().is_ok_and(|bases| bases.len() > 1) {
        return Ok(Parting { commit: one.clone(), several: true });
    }
    let base = bases.and_then(|bases| match bases.first() {
        Some(id) => repository.find_commit(*id),
        None => Err(git2::Error::from_str("no common ancestor")),
    });
    let base = base.map_err(|_| {
        let hint = if repository.is_shallow() { SHALLOW } else { "compare the two as they are: A..B" };
        Error::source(format!("{} and {} have no common ancestor here", short(one.id()), short(other.id())), hint)
    })?;
    if repository.is_shallow() && !is_certain(repository, base.id(), [one.id(), other.id()]) {
        let (one, other) = (short(one.id()), short(other.id()));
        return Err(Error::source(format!("where {one} and {other} parted may be cut off from this clone"), SHALLOW));
    }
    Ok(Parting { commit: base, several: false })
}

impl<'r> Parting<'r> {
    /// The commit, how it is named in a report, and why it was chosen; `target` and `head` as they were named.
    pub fn said(self, target: &str, head: &str) -> (Commit<'r>, String, String) {
        match self.several {
            true => {
                let how = format!("the tip of {target}, which has several merge bases with {head}");
                (self.commit, target.to_owned(), how)
            }
            false => {
                let how = format!("the merge base of {target} and {head}");
                (self.commit, format!("merge-base({target}, {head})"), how)
            }
        }
    }
}

/// Whether a common ancestor that a shallow clone shows is the best one.
///
/// Where history is cut off between it and the two, a better one can be missing, and an older base hides what
/// was taken away after it and is brought back. So nothing between may lack its parents.
fn is_certain(repository: &Repository, base: Oid, tips: [Oid; 2]) -> bool {
    let Ok(boundary) = std::fs::read_to_string(repository.commondir().join("shallow")) else { return false };
    let boundary: HashSet<&str> = boundary.lines().map(str::trim).collect();
    let between = || {
        let mut walk = repository.revwalk()?;
        tips.into_iter().try_for_each(|tip| walk.push(tip))?;
        walk.hide(base)?;
        walk.collect::<Result<Vec<Oid>, git2::Error>>()
    };
    between().is_ok_and(|between| !between.iter().any(|id| boundary.contains(id.to_string().as_str())))
}

/// The first ten hex digits of an object id.
pub fn short(id: Oid) -> String {
    id.to_string().chars().take(10).collect()
}

/// The configuration at the root of a commit, if there is any: nothing else of the tree is read.
///
/// # Errors
/// A commit or tree that cannot be read.
pub fn policy(repository: &Repository, id: Oid) -> Result<Option<Result<BlobId, Cause>>, Error> {
    let tree = repository.find_commit(id).and_then(|commit| commit.tree());
    let tree = tree.map_err(|error| unreadable(&short(id), &error))?;
    let Some(entry) = tree.get_name(POLICY) else { return Ok(None) };
    Ok(match entry.kind() {
        Some(ObjectType::Tree) => None,
        Some(ObjectType::Commit) => Some(Err(Cause::Submodule)),
        _ if entry.filemode() == MODE_LINK => Some(Err(Cause::Symlink)),
        _ => Some(Ok(BlobId::Object(entry.id()))),
    })
}

/// Lists the permission files of a commit. `name` is how it was asked for.
///
/// # Errors
/// A tree that cannot be read ends the run: what is in it could matter.
pub fn list(repository: &Repository, commit: &Commit<'_>, name: &str) -> Result<Listing, Error> {
    let id = Some(commit.id().to_string());
    let origin = Origin { kind: SourceKind::Revision, name: name.to_owned(), id };
    let mut listing = Listing::empty(origin);
    let tree = commit.tree().map_err(|error| unreadable(name, &error))?;
    list_below(repository, tree, String::new(), name, &mut listing)?;
    Ok(listing.sorted())
}

/// The files that may hold rules below a folder of a commit; none if there is no such folder.
///
/// # Errors
/// A tree that cannot be read.
pub fn rules_below(repository: &Repository, id: Oid, folder: &str) -> Result<Vec<RuleFile>, Error> {
    let name = short(id);
    let unreadable = |error: git2::Error| unreadable(&name, &error);
    let root = repository.find_commit(id).and_then(|commit| commit.tree()).map_err(unreadable)?;
    let Ok(entry) = root.get_path(Path::new(folder)) else { return Ok(Vec::new()) };
    if entry.kind() != Some(ObjectType::Tree) {
        return Ok(Vec::new());
    }
    let tree = repository.find_tree(entry.id()).map_err(unreadable)?;
    let mut listing = Listing::empty(Origin { kind: SourceKind::Revision, name: name.clone(), id: None });
    list_below(repository, tree, format!("{folder}/"), &name, &mut listing)?;
    Ok(listing.sorted().rules)
}

fn unreadable(name: &str, error: &git2::Error) -> Error {
    Error::source(
        format!("cannot read the tree of {name}: {}", error.message()),
        "fetch the missing objects: a full clone, not a partial one",
    )
}

/// Takes in all files below a tree.
fn list_below<'r>(
    repository: &'r Repository,
    tree: Tree<'r>,
    prefix: String,
    name: &str,
    listing: &mut Listing,
) -> Result<(), Error> {
    let mut trees = vec![(tree, prefix)];
    let mut entries = 0;
    while let Some((tree, prefix)) = trees.pop() {
        entries += tree.len();
        if entries > MOST_ENTRIES {
            return Err(Error::source(format!("the tree of {name} has more than {MOST_ENTRIES} entries"), ""));
        }
        for (id, path) in list_tree(&tree, &prefix, listing) {
            trees.push((repository.find_tree(id).map_err(|error| unreadable(name, &error))?, path));
        }
    }
    Ok(())
}

/// Takes in the files of one tree and returns its subtrees.
fn list_tree(tree: &Tree<'_>, prefix: &str, listing: &mut Listing) -> Vec<(Oid, String)> {
    let mut subtrees = Vec::new();
    for entry in tree {
        let name = String::from_utf8_lossy(entry.name_bytes());
        let path = format!("{prefix}{name}");
        let blob = || BlobId::Object(entry.id());
        match entry.kind() {
            Some(ObjectType::Tree) => subtrees.push((entry.id(), format!("{path}/"))),
            Some(ObjectType::Commit) => listing.add_opaque(&path, Cause::Submodule, blob),
            _ if entry.filemode() == MODE_LINK => listing.add_opaque(&path, Cause::Symlink, blob),
            _ if std::str::from_utf8(entry.name_bytes()).is_err() => {
                listing.add_opaque(&path, Cause::PathNotUtf8, blob);
            }
            _ => listing.add(&path, blob),
        }
    }
    subtrees
}
