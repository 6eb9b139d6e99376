//! From what the variables say to two commits of the repository.

use git2::{Commit, Oid, Repository};

use super::variables::names;
use super::{Choice, Event, Merged, Run};
use crate::error::Error;
use crate::source::git::{self, Parting};
use crate::text::clip;

const FETCH_BRANCHES: &str = "fetch the branches first: git fetch origin '+refs/heads/*:refs/remotes/origin/*'";

/// The tip of a branch.
struct Tip<'r> {
    commit: Commit<'r>,
    /// `origin/main` or `main`.
    name: String,
}

/// Base, head and target of a run.
pub(super) fn find<'r>(repository: &'r Repository, head: Commit<'r>, run: &Run) -> Result<Choice<'r>, Error> {
    match &run.event {
        Event::Request { target, merged } => request(repository, head, run, target, merged.as_ref()),
        Event::After { commit, target } => after(repository, head, run, commit, target.as_deref()),
        Event::Branch { pushed } => branch(repository, head, run, *pushed, ""),
        Event::Latest => latest(repository, head, run),
    }
}

fn said(run: &Run, what: &str) -> String {
    format!("{what}; {}: {}", run.platform.name(), run.decided)
}

/// A pull or merge request.
///
/// Where the platform checked out a merge commit M of the target T and the request's own head S, two
/// comparisons look right, merge-base(T, S) with S, and T with M, and a wrong one lies between them:
/// merge-base(T, S) with M shows what landed on the target meanwhile as if the request did it.
///
/// T with M is the exact one, and what is done here:
/// - It is what merging will change, and nothing else. What landed on the target is in T and in M, so it
///   cancels out; S is a state that nobody will ever have.
/// - It sees what only the two together give. The request adds a set to a group, and meanwhile the target
///   gave that set a right: the group gains the right in M, and in neither of merge-base(T, S) and S.
/// - It does not depend on a choice. With merges back and forth there are several merge bases; compared
///   with the wrong one, a right that the target had taken away and the request brings back shows nowhere.
/// - M is checked out, and M is what GitHub shows annotations on: paths and lines are right.
/// - It asks the clone for no more than two commits.
///
/// Only a commit that the platform made, by its variables, is taken apart like this: it was started for just
/// that merge commit, or it was started for a commit of which `HEAD` is a child. Anybody can push a merge
/// commit, and with a first parent of their own making, what they want to hide would be in the base.
///
/// Everything else is compared from the merge base of the target branch and `HEAD`. If `HEAD` is a merge
/// with the target after all, that merge base is the target's parent, so this is the same comparison.
fn request<'r>(
    repository: &'r Repository,
    head: Commit<'r>,
    run: &Run,
    target: &str,
    merged: Option<&Merged>,
) -> Result<Choice<'r>, Error> {
    let foreign = is_foreign(repository, run.repository.as_deref());
    if let Some((base, parent)) = merged.and_then(|merged| target_side(&head, merged)) {
        // Policy comes from the newest state of the target that is known. A clone that is used again can
        // have a remote-tracking branch older than the merge. A local branch is no evidence: it could be
        // the request's own, of the same name.
        let newest = match remote_tip(repository, target).filter(|_| !foreign) {
            Some(tip) if !is_ancestor(repository, tip.commit.id(), base.id()) => tip.commit.id(),
            _ => base.id(),
        };
        let side = format!("the side of {} in HEAD, the merge commit made for the request", clip(target));
        let base_name = format!("HEAD^{parent}");
        let request = head.parent_id(2 - parent).ok();
        return Ok(Choice { base, base_name, head, target: newest, request, how: said(run, &side) });
    }
    if foreign {
        return Err(Error::usage(
            "origin is another repository than the one this pull request is for: its branches are not the target's",
            "check out the repository of the target, and in it the request's head; or name the range",
        ));
    }
    let tip = tip(repository, target).ok_or_else(|| no_branch(repository, run, "target", target))?;
    let base = git::merge_base(repository, &tip.commit, &head)?;
    if base.commit.id() == head.id() {
        return Err(Error::usage(
            format!("HEAD is part of {} already: it is not the head of a request to compare", tip.name),
            "check out the request's head (pull_request_target and similar events do not); or name the range",
        ));
    }
    Ok(from_merge_base(base, head, &tip, run, ""))
}

/// The parent of `head` that is the target's, and which one it is, counted from 1.
fn target_side<'r>(head: &Commit<'r>, merged: &Merged) -> Option<(Commit<'r>, usize)> {
    if head.parent_count() != 2 {
        return None;
    }
    let index = match &merged.source {
        None => 0,
        Some(source) => 1 - head.parent_ids().position(|parent| names(source, parent))?,
    };
    Some((head.parent(index).ok()?, index + 1))
}

/// A push, or a build after another one.
fn after<'r>(
    repository: &'r Repository,
    head: Commit<'r>,
    run: &Run,
    commit: &str,
    target: Option<&str>,
) -> Result<Choice<'r>, Error> {
    let Ok(base) = Oid::from_str(commit).and_then(|id| repository.find_commit(id)) else {
        return gone(repository, head, run, commit);
    };
    let tip = target.and_then(|target| tip(repository, target));
    let target = tip.map_or(base.id(), |tip| tip.commit.id());
    let how = said(run, "what was there before");
    Ok(Choice { base_name: base.id().to_string(), base, head, target, request: None, how })
}

/// The commit before is not here: history was rewritten, or the clone is shallow.
fn gone<'r>(repository: &'r Repository, head: Commit<'r>, run: &Run, commit: &str) -> Result<Choice<'r>, Error> {
    let message = format!("{} is not in this clone ({})", &commit[..10.min(commit.len())], run.decided);
    if repository.is_shallow() {
        return Err(Error::source(message, run.platform.whole_history()));
    }
    if run.branch.is_some() && run.branch != default_branch(repository, run).map(|(name, _)| name) {
        return branch(repository, head, run, false, " (what was there before the push is gone)");
    }
    Err(Error::source(message, format!("fetch it first: git fetch origin {commit}; or name the range")))
}

/// A branch that is new, or of which nothing is known: compared from where it left the default branch.
fn branch<'r>(
    repository: &'r Repository,
    head: Commit<'r>,
    run: &Run,
    pushed: bool,
    why: &str,
) -> Result<Choice<'r>, Error> {
    let Some((default, tip)) = default_branch(repository, run) else {
        let name = run.default.as_deref().unwrap_or("main");
        return Err(no_branch(repository, run, "default", name));
    };
    if run.branch.as_deref() != Some(default.as_str()) {
        let base = git::merge_base(repository, &tip.commit, &head)?;
        return Ok(from_merge_base(base, head, &tip, run, why));
    }
    if pushed {
        return Err(Error::usage(
            "this is the first push of the default branch: there is nothing before it to compare with",
            "judge what it holds: permdelta audit HEAD",
        ));
    }
    latest(repository, head, run)
}

/// The last commit, compared with its first parent.
fn latest<'r>(repository: &'r Repository, head: Commit<'r>, run: &Run) -> Result<Choice<'r>, Error> {
    let Ok(base) = head.parent(0) else {
        return Err(if repository.is_shallow() {
            Error::source("the parent of HEAD is not in this clone", run.platform.whole_history())
        } else {
            Error::usage(
                "HEAD is the first commit: there is nothing before it to compare with",
                "judge what it holds: permdelta audit HEAD",
            )
        });
    };
    let how = said(run, "the first parent of HEAD");
    Ok(Choice { target: base.id(), base, base_name: "HEAD^1".to_owned(), head, request: None, how })
}

fn from_merge_base<'r>(base: Parting<'r>, head: Commit<'r>, tip: &Tip<'r>, run: &Run, why: &str) -> Choice<'r> {
    let (base, base_name, how) = base.said(&tip.name, "HEAD");
    Choice { base, base_name, head, target: tip.commit.id(), request: None, how: said(run, &format!("{how}{why}")) }
}

/// The tip of a branch by its exact name, as the remote has it, else as it is here.
///
/// A name from a variable is only ever looked up below `refs/remotes/origin/` and `refs/heads/`: as `HEAD~3`,
/// `a..b`, `@{-1}`, `--x` or `../x` it is no name git gives a ref, or names just the branch called so.
fn tip<'r>(repository: &'r Repository, branch: &str) -> Option<Tip<'r>> {
    remote_tip(repository, branch).or_else(|| tip_below(repository, "refs/heads/", "", branch))
}

fn remote_tip<'r>(repository: &'r Repository, branch: &str) -> Option<Tip<'r>> {
    tip_below(repository, "refs/remotes/origin/", "origin/", branch)
}

fn tip_below<'r>(repository: &'r Repository, folder: &str, shown: &str, branch: &str) -> Option<Tip<'r>> {
    let name = format!("{folder}{branch}");
    // libgit2 takes `a//b` for `a/b`.
    let found = repository.find_reference(&name).ok().filter(|found| found.name_bytes() == name.as_bytes())?;
    Some(Tip { commit: found.peel_to_commit().ok()?, name: format!("{shown}{branch}") })
}

/// The default branch: as the platform names it, else what the remote's HEAD is, else by custom.
fn default_branch<'r>(repository: &'r Repository, run: &Run) -> Option<(String, Tip<'r>)> {
    let found = |name: &str| tip(repository, name).map(|tip| (name.to_owned(), tip));
    if let Some(name) = &run.default {
        return found(name);
    }
    let remote = repository.find_reference("refs/remotes/origin/HEAD").ok();
    let remote = remote.as_ref().and_then(|head| head.symbolic_target().ok().flatten());
    let remote = remote.and_then(|name| name.strip_prefix("refs/remotes/origin/"));
    remote.into_iter().chain(["main", "master"]).find_map(found)
}

fn no_branch(repository: &Repository, run: &Run, which: &str, name: &str) -> Error {
    let message = format!("the {which} branch \"{}\" is not in this clone ({})", clip(name), run.decided);
    let hint = if repository.is_shallow() { run.platform.whole_history() } else { FETCH_BRANCHES };
    Error::source(message, hint)
}

/// Whether `origin` is another repository than `expected`, `owner/name`.
///
/// A workflow that clones the fork a pull request comes from has, as `origin/main`, a branch its author can
/// move anywhere: onto the change itself, so that nothing is left to compare.
fn is_foreign(repository: &Repository, expected: Option<&str>) -> bool {
    let (Some(expected), Ok(origin)) = (expected, repository.find_remote("origin")) else { return false };
    let Ok(url) = origin.url() else { return true };
    let url = url.trim_end_matches('/').to_lowercase();
    let path = url.strip_suffix(".git").unwrap_or(&url);
    let rest = path.strip_suffix(&expected.to_lowercase());
    !rest.is_some_and(|rest| rest.ends_with(['/', ':']))
}

/// Whether `one` comes before `other` in its history.
fn is_ancestor(repository: &Repository, one: Oid, other: Oid) -> bool {
    repository.graph_descendant_of(other, one).unwrap_or(false)
}
