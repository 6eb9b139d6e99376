//! What a comparison without RANGE is about in CI: head is `HEAD`, and the platform's variables name the
//! base.
//!
//! `variables` knows the platforms and turns their variables into a [`Run`]; `base` finds in the repository
//! what a `Run` speaks of. Both are functions of an environment lookup and a repository. Values come from
//! whoever opened the pull request: a branch is looked up as the ref of exactly that name, a commit by its
//! whole id, and nothing is ever read as a revision expression.

mod base;
mod variables;

use git2::{Commit, Oid, Repository};

use crate::error::Error;
use crate::source::git;

/// A lookup in the environment.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The environment of this process. What is not UTF-8 is kept as a name that nothing can have.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// The two commits a run in CI compares.
pub(crate) struct Choice<'r> {
    pub(crate) base: Commit<'r>,
    /// What reports call the base.
    pub(crate) base_name: String,
    pub(crate) head: Commit<'r>,
    /// The tip of the branch that the change is for; where there is none, what the change is compared with.
    pub(crate) target: Oid,
    /// The request's own head, where `head` is the merge commit that the platform made of it.
    pub(crate) request: Option<Oid>,
    /// What the base is, and which variables decided, for people.
    pub(crate) how: String,
}

/// Base and head of this CI run; `None` outside the systems that are known.
///
/// # Errors
/// The variables name something that this clone does not have, or nothing that can be compared.
pub(crate) fn choose<'r>(repository: &'r Repository, variables: Variables<'_>) -> Result<Option<Choice<'r>>, Error> {
    let Some(platform) = Platform::of(variables) else { return Ok(None) };
    let head = git::commit(repository, "HEAD")?;
    let run = variables::read(platform, variables, head.id())?;
    base::find(repository, head, &run).map(Some)
}

/// Where history is missing because the clone is shallow, the hint becomes the line that this CI system needs.
pub(crate) fn with_line_to_add(error: Error, variables: Variables<'_>) -> Error {
    let Some(platform) = Platform::of(variables) else { return error };
    let line = || platform.whole_history().to_owned();
    match error {
        Error::Usage { message, hint } if hint == git::SHALLOW => Error::Usage { message, hint: line() },
        Error::Source { message, hint } if hint == git::SHALLOW => Error::Source { message, hint: line() },
        other => other,
    }
}

/// A CI system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Platform {
    GitHub,
    GitLab,
    Azure,
    Bitbucket,
    Jenkins,
}

impl Platform {
    /// The system this process runs in, by the variable each documents for the purpose: `GITHUB_ACTIONS`,
    /// `GITLAB_CI`, `TF_BUILD`, `BITBUCKET_BUILD_NUMBER`; Jenkins has `JENKINS_URL` where an administrator
    /// has set it, and `BUILD_TAG` (`jenkins-JOB-NUMBER`) always.
    fn of(variables: Variables<'_>) -> Option<Self> {
        let is_true = |name| variables(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let is_set = |name| variables(name).is_some_and(|value| !value.is_empty());
        if is_true("GITHUB_ACTIONS") {
            Some(Self::GitHub)
        } else if is_true("GITLAB_CI") {
            Some(Self::GitLab)
        } else if is_true("TF_BUILD") {
            Some(Self::Azure)
        } else if is_set("BITBUCKET_BUILD_NUMBER") {
            Some(Self::Bitbucket)
        } else if is_set("JENKINS_URL") || variables("BUILD_TAG").is_some_and(|tag| tag.starts_with("jenkins-")) {
            Some(Self::Jenkins)
        } else {
            None
        }
    }

    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub Actions",
            Self::GitLab => "GitLab CI",
            Self::Azure => "Azure Pipelines",
            Self::Bitbucket => "Bitbucket Pipelines",
            Self::Jenkins => "Jenkins",
        }
    }

    /// How a job of this system gets the whole history.
    ///
    /// - GitHub: `fetch-depth` of <https://github.com/actions/checkout>, 1 unless set
    /// - GitLab: <https://docs.gitlab.com/ci/runners/configure_runners/#shallow-cloning>, 20 unless set;
    ///   0 also fetches the other branches, the target of a merge request among them
    /// - Azure: <https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/steps-checkout>
    /// - Bitbucket: <https://support.atlassian.com/bitbucket-cloud/docs/git-clone-behavior/>, 50 unless set
    /// - Jenkins: <https://plugins.jenkins.io/git/>, "Advanced clone behaviours"
    fn whole_history(self) -> &'static str {
        match self {
            Self::GitHub => "this clone is shallow: add to the actions/checkout step, below with:  fetch-depth: 0",
            Self::GitLab => "this clone is shallow: add to the job in .gitlab-ci.yml, below variables:  GIT_DEPTH: 0",
            Self::Azure => "this clone is shallow: add to the step \"- checkout: self\"  fetchDepth: 0",
            Self::Bitbucket => {
                "this clone is shallow: add to the step in bitbucket-pipelines.yml  clone: { depth: full }"
            }
            Self::Jenkins => {
                "this clone is shallow: clear \"Shallow clone\" in the job's advanced clone behaviours, \
                 or run first  git fetch --unshallow"
            }
        }
    }
}

/// What a platform's variables say about this run. All text is as the variables have it.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    platform: Platform,
    event: Event,
    /// The variables that decided, for people.
    decided: &'static str,
    /// The branch that `HEAD` is the tip of, if there is one.
    branch: Option<String>,
    /// The default branch, if the platform names it.
    default: Option<String>,
    /// The repository the run belongs to, `owner/name`, where `origin` could be another one.
    repository: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Event {
    /// A pull or merge request into the branch `target`.
    Request { target: String, merged: Option<Merged> },
    /// The variables name the commit to compare with: what a branch held before a push, or what the
    /// previous build judged. `target` is the branch the change is for, if that is another one.
    After { commit: String, target: Option<String> },
    /// A branch, and nothing tells what it held before. `pushed`: because it is new.
    Branch { pushed: bool },
    /// One commit.
    Latest,
}

/// `HEAD` is a merge commit that the platform made, of the target branch and the request's own head.
#[derive(Debug, PartialEq, Eq)]
struct Merged {
    /// The request's own head, if the platform names it: the other parent is the target's. Else the
    /// target's is the first.
    source: Option<String>,
}

#[cfg(test)]
mod tests;
