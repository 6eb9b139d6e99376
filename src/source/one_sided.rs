//! Files that come or go between two states of a git repository, whatever they hold.
//!
//! A diff can show one that comes as one that goes, renamed; what the name of the other was does not matter.

use std::path::Path;

use git2::{Delta, Diff, DiffFile, DiffOptions, FileMode, Oid, Repository};

use crate::source::{BlobId, Origin, SourceKind};

/// The content of files that one of two states has and the other has not. Links and submodules are none.
#[derive(Debug, Clone, Default)]
pub struct OneSided {
    /// Of the state before.
    pub gone: Vec<BlobId>,
    /// Of the state after.
    pub come: Vec<BlobId>,
}

impl OneSided {
    /// Between a commit and another one, the index or the worktree of a repository; `None` for other sources, and
    /// where git cannot tell.
    pub(super) fn between(repository: &Repository, base: &Origin, head: &Origin) -> Option<Self> {
        let tree = |origin: &Origin| {
            let id = Oid::from_str(origin.id.as_deref()?).ok()?;
            repository.find_commit(id).and_then(|commit| commit.tree()).ok()
        };
        let mut options = DiffOptions::new();
        options.include_typechange(true).ignore_submodules(true).skip_binary_check(true);
        options.include_untracked(true).recurse_untracked_dirs(true);
        let (before, options) = (tree(base)?, Some(&mut options));
        let diff = match head.kind {
            SourceKind::Revision => repository.diff_tree_to_tree(Some(&before), Some(&tree(head)?), options),
            SourceKind::Index => repository.diff_tree_to_index(Some(&before), None, options),
            SourceKind::Worktree => repository.diff_tree_to_workdir_with_index(Some(&before), options),
            SourceKind::Directory | SourceKind::Archive => return None,
        };
        let root = repository.workdir().filter(|_| head.kind == SourceKind::Worktree);
        Self::of(&diff.ok()?, root)
    }

    /// Those of a diff; `root` is where the files after lie, if they are on disk.
    fn of(diff: &Diff<'_>, root: Option<&Path>) -> Option<Self> {
        let is_file = |file: &DiffFile<'_>| {
            matches!(file.mode(), FileMode::Blob | FileMode::BlobExecutable | FileMode::BlobGroupWritable)
        };
        let mut files = Self::default();
        for delta in diff.deltas() {
            let (old, new) = (delta.old_file(), delta.new_file());
            match delta.status() {
                Delta::Deleted if is_file(&old) => files.gone.push(BlobId::Object(old.id())),
                Delta::Added | Delta::Untracked if is_file(&new) => files.come.push(match root {
                    Some(root) => BlobId::File(root.join(new.path()?).into()),
                    None => BlobId::Object(new.id()),
                }),
                _ => {}
            }
        }
        Some(files)
    }
}
