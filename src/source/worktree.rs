//! The working tree of a git repository, and its index.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Index, IndexEntry, Repository, Status, StatusOptions};

use crate::error::{Cause, Error};
use crate::source::{BlobId, Listing, Origin, SourceKind};

const MODE_TYPE: u32 = 0o170_000;
const MODE_LINK: u32 = 0o120_000;
const MODE_SUBMODULE: u32 = 0o160_000;

/// Lists the working tree: tracked files, and untracked ones git does not ignore.
///
/// A file git knows to be unchanged since it was staged is named by its object, so that it counts as the
/// same content as in a revision and is not read again.
///
/// # Errors
/// A bare repository, or a status git cannot tell.
pub fn list(repository: &Repository) -> Result<Listing, Error> {
    let Some(root) = repository.workdir() else {
        return Err(Error::usage("this repository is bare: it has no worktree", "compare two revisions: A..B"));
    };
    let mut paths = tracked(&open_index(repository)?);
    for (path, status) in changed(repository)? {
        if status.intersects(Status::WT_DELETED) {
            paths.remove(&path);
        } else {
            paths.insert(path, Content::OnDisk);
        }
    }
    let origin = Origin { kind: SourceKind::Worktree, name: ":worktree".to_owned(), id: None };
    let mut listing = Listing::empty(origin);
    for (path, content) in paths {
        add(&mut listing, root, &path, &content);
    }
    Ok(listing.sorted())
}

/// Lists the staged files; `file` is another index than the repository's own, relative to its worktree.
///
/// # Errors
/// An index git cannot read.
pub fn list_index(repository: &Repository, file: Option<&Path>) -> Result<Listing, Error> {
    let origin = Origin { kind: SourceKind::Index, name: ":index".to_owned(), id: None };
    let mut listing = Listing::empty(origin);
    let index = match file {
        Some(file) => Index::open(&repository.workdir().unwrap_or(repository.path()).join(file)).map_err(unreadable)?,
        None => open_index(repository)?,
    };
    for (path, content) in tracked(&index) {
        add(&mut listing, Path::new(""), &path, &content);
    }
    Ok(listing.sorted())
}

enum Content {
    Staged(git2::Oid, u32),
    OnDisk,
    /// An unmerged path: several stages, none of them the content.
    Conflict,
}

fn add(listing: &mut Listing, root: &Path, path: &[u8], content: &Content) {
    let lossy = String::from_utf8_lossy(path);
    let on_disk = || BlobId::File(root.join(&*lossy).into());
    if std::str::from_utf8(path).is_err() {
        return listing.add_opaque(&lossy, Cause::PathNotUtf8, on_disk);
    }
    match *content {
        Content::Staged(id, mode) => match mode & MODE_TYPE {
            MODE_LINK => listing.add_opaque(&lossy, Cause::Symlink, || BlobId::Object(id)),
            MODE_SUBMODULE => listing.add_opaque(&lossy, Cause::Submodule, || BlobId::Object(id)),
            _ => listing.add(&lossy, || BlobId::Object(id)),
        },
        Content::Conflict => listing.add_opaque(&lossy, Cause::ConflictMarkers, on_disk),
        Content::OnDisk => match std::fs::symlink_metadata(root.join(&*lossy)) {
            Ok(metadata) if metadata.is_file() => listing.add(&lossy, on_disk),
            Ok(metadata) if metadata.is_dir() => {
                listing.add_opaque(lossy.trim_end_matches('/'), Cause::Submodule, on_disk);
            }
            Ok(_) => listing.add_opaque(&lossy, Cause::Symlink, on_disk),
            Err(error) => listing.add_opaque(&lossy, Cause::Unreadable(error.to_string()), on_disk),
        },
    }
}

fn tracked(index: &Index) -> BTreeMap<Vec<u8>, Content> {
    let stage = |entry: &IndexEntry| (entry.flags >> 12) & 3;
    let content =
        |entry: &IndexEntry| if stage(entry) == 0 { Content::Staged(entry.id, entry.mode) } else { Content::Conflict };
    index.iter().map(|entry| (entry.path.clone(), content(&entry))).collect()
}

/// Paths whose file differs from the index, or that git does not track.
fn changed(repository: &Repository) -> Result<Vec<(Vec<u8>, Status)>, Error> {
    let mut options = StatusOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true).include_ignored(false);
    options.exclude_submodules(true).renames_index_to_workdir(false).renames_head_to_index(false);
    options.show(git2::StatusShow::Workdir);
    let statuses = repository.statuses(Some(&mut options)).map_err(|error| {
        Error::source(
            format!("cannot compare the worktree with the index: {}", error.message()),
            "git status shows what is wrong",
        )
    })?;
    Ok(statuses.iter().map(|entry| (entry.path_bytes().to_vec(), entry.status())).collect())
}

fn open_index(repository: &Repository) -> Result<Index, Error> {
    repository.index().map_err(unreadable)
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn unreadable(error: git2::Error) -> Error {
    Error::source(format!("cannot read the index: {}", error.message()), "git status shows what is wrong")
}
