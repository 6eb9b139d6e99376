//! The variables of each platform.

use std::fs::File;
use std::io::Read;

use git2::Oid;
use serde_json::Value;

use super::{Event, Merged, Platform, Run, Variables};
use crate::error::Error;
use crate::text::clip;

/// Largest event payload read. GitHub sends no larger one: <https://docs.github.com/webhooks/webhook-events-and-payloads>.
const MOST_PAYLOAD: u64 = 25 << 20;

/// What the variables say. `head` is the commit that is checked out: what they say of the commit a run was
/// started for is only true of `HEAD` where the two are the same.
pub(super) fn read(platform: Platform, variables: Variables<'_>, head: Oid) -> Result<Run, Error> {
    // Platforms set what does not apply to the empty string.
    let get = |name: &str| variables(name).filter(|value| !value.is_empty());
    match platform {
        Platform::GitHub => github(&get, head),
        Platform::GitLab => gitlab(&get, head),
        Platform::Azure => Ok(azure(&get, head)),
        Platform::Bitbucket => Ok(bitbucket(&get)),
        Platform::Jenkins => jenkins(&get, head),
    }
}

fn run(platform: Platform, event: Event, decided: &'static str) -> Run {
    Run { platform, event, decided, branch: None, default: None, repository: None }
}

/// GitHub Actions.
///
/// - `GITHUB_BASE_REF`, `GITHUB_REF`, `GITHUB_SHA`, `GITHUB_REPOSITORY`, `GITHUB_EVENT_NAME` and
///   `GITHUB_EVENT_PATH`: <https://docs.github.com/actions/reference/workflows-and-actions/variables>
/// - for `pull_request`, `GITHUB_SHA` is the last merge commit of `refs/pull/N/merge`:
///   <https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request>
/// - `before` of a push, `merge_group.base_sha` of a merge queue:
///   <https://docs.github.com/webhooks/webhook-events-and-payloads>
fn github(get: Variables<'_>, head: Oid) -> Result<Run, Error> {
    let payload = payload(get);
    let said = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let git_ref = get("GITHUB_REF").unwrap_or_default();
    let as_started = get("GITHUB_SHA").is_some_and(|id| names(&id, head));
    let whole = |event, decided| Run {
        branch: git_ref.strip_prefix("refs/heads/").filter(|_| as_started).map(str::to_owned),
        default: said("/repository/default_branch"),
        repository: get("GITHUB_REPOSITORY"),
        ..run(Platform::GitHub, event, decided)
    };
    if let Some(target) = get("GITHUB_BASE_REF").or_else(|| said("/pull_request/base/ref")) {
        let made = as_started && is_merge_ref(&git_ref);
        let merged = made.then(|| Merged { source: said("/pull_request/head/sha") });
        let decided = if made { "GITHUB_BASE_REF, GITHUB_REF, GITHUB_SHA" } else { "GITHUB_BASE_REF" };
        return Ok(whole(Event::Request { target, merged }, decided));
    }
    match get("GITHUB_EVENT_NAME").as_deref() {
        Some("merge_group") => {
            let commit = said("/merge_group/base_sha").ok_or_else(|| no_commit("merge_group.base_sha"))?;
            let target = said("/merge_group/base_ref").map(|name| branch_of(&name).to_owned());
            let event = Event::After { commit: id(&commit, "merge_group.base_sha")?, target };
            Ok(whole(event, "merge_group.base_sha in GITHUB_EVENT_PATH"))
        }
        _ if git_ref.starts_with("refs/tags/") && as_started => Ok(whole(Event::Latest, "GITHUB_REF")),
        Some("push") => {
            let before = said("/before").ok_or_else(|| no_commit("before"))?;
            Ok(whole(pushed(&before, "github.event.before")?, "before in GITHUB_EVENT_PATH"))
        }
        _ => Ok(whole(Event::Branch { pushed: false }, "GITHUB_REF")),
    }
}

fn no_commit(key: &str) -> Error {
    Error::usage(
        format!("the event that started this workflow has no \"{key}\", or its payload cannot be read"),
        "GITHUB_EVENT_PATH must lead to the payload also inside a container; or name the range: permdelta check BEFORE..HEAD",
    )
}

/// The event's payload; null where it is missing, too large or not JSON.
fn payload(get: Variables<'_>) -> Value {
    let read = |path: String| {
        let mut text = Vec::new();
        File::open(path).ok()?.take(MOST_PAYLOAD).read_to_end(&mut text).ok()?;
        serde_json::from_slice(&text).ok()
    };
    get("GITHUB_EVENT_PATH").and_then(read).unwrap_or(Value::Null)
}

/// GitLab CI.
///
/// - variables: <https://docs.gitlab.com/ci/variables/predefined_variables/>
/// - `CI_COMMIT_BEFORE_SHA` is all zeroes for a new branch, and for a pipeline that somebody started
/// - a merge request pipeline has the source branch checked out, unless it is one for merged results or of
///   a merge train: <https://docs.gitlab.com/ci/pipelines/merged_results_pipelines/>
fn gitlab(get: Variables<'_>, head: Oid) -> Result<Run, Error> {
    let as_started = get("CI_COMMIT_SHA").is_some_and(|id| names(&id, head));
    let whole = |event, decided| Run {
        branch: get("CI_COMMIT_BRANCH").filter(|_| as_started),
        default: get("CI_DEFAULT_BRANCH"),
        ..run(Platform::GitLab, event, decided)
    };
    if let Some(target) = get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") {
        let kind = get("CI_MERGE_REQUEST_EVENT_TYPE");
        let made = as_started && matches!(kind.as_deref(), Some("merged_result" | "merge_train"));
        // Its second parent is not the source branch where commits are squashed.
        let merged = made.then_some(Merged { source: None });
        let decided = if made {
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME, CI_MERGE_REQUEST_EVENT_TYPE, CI_COMMIT_SHA"
        } else {
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"
        };
        return Ok(whole(Event::Request { target, merged }, decided));
    }
    if let Some(target) = get("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME") {
        return Ok(whole(Event::Request { target, merged: None }, "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"));
    }
    if get("CI_COMMIT_TAG").is_some() {
        return Ok(whole(Event::Latest, "CI_COMMIT_TAG"));
    }
    let event = match get("CI_COMMIT_BEFORE_SHA") {
        None => Event::Branch { pushed: false },
        Some(before) => match pushed(&before, "CI_COMMIT_BEFORE_SHA")? {
            Event::Branch { .. } => Event::Branch { pushed: get("CI_PIPELINE_SOURCE").as_deref() == Some("push") },
            after => after,
        },
    };
    Ok(whole(event, "CI_COMMIT_BEFORE_SHA"))
}

/// Azure Pipelines.
///
/// - variables: <https://learn.microsoft.com/azure/devops/pipelines/build/variables>; in the environment
///   they are in upper case, with `_` for `.`
/// - `System.PullRequest.TargetBranch` is `refs/heads/main` for Azure Repos and `main` for GitHub
/// - `Build.SourceBranch` of a pull request is `refs/pull/1/merge`, `Build.SourceVersion` that merge commit
/// - nothing names the commit before a push
fn azure(get: Variables<'_>, head: Oid) -> Run {
    let Some(target) = get("SYSTEM_PULLREQUEST_TARGETBRANCH") else {
        return run(Platform::Azure, Event::Latest, "no variable names what was before a push");
    };
    let as_started = get("BUILD_SOURCEVERSION").is_some_and(|id| names(&id, head));
    let made = as_started && get("BUILD_SOURCEBRANCH").is_some_and(|name| is_merge_ref(&name));
    let merged = made.then(|| Merged { source: get("SYSTEM_PULLREQUEST_SOURCECOMMITID") });
    let decided = if made {
        "SYSTEM_PULLREQUEST_TARGETBRANCH, BUILD_SOURCEBRANCH, BUILD_SOURCEVERSION"
    } else {
        "SYSTEM_PULLREQUEST_TARGETBRANCH"
    };
    run(Platform::Azure, Event::Request { target: branch_of(&target).to_owned(), merged }, decided)
}

/// Bitbucket Pipelines.
///
/// - variables: <https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/>
/// - in a pull request `BITBUCKET_COMMIT`, the source branch, is checked out and the destination merged
///   *into* it, so the second parent is the target's:
///   <https://support.atlassian.com/bitbucket-cloud/kb/clone-depth-not-applying-for-pull-request-pipelines/>
/// - nothing names the commit before a push
fn bitbucket(get: Variables<'_>) -> Run {
    let Some(target) = get("BITBUCKET_PR_DESTINATION_BRANCH") else {
        return run(Platform::Bitbucket, Event::Latest, "no variable names what was before a push");
    };
    let merged = get("BITBUCKET_COMMIT").map(|source| Merged { source: Some(source) });
    run(Platform::Bitbucket, Event::Request { target, merged }, "BITBUCKET_PR_DESTINATION_BRANCH, BITBUCKET_COMMIT")
}

/// Jenkins.
///
/// - `GIT_PREVIOUS_SUCCESSFUL_COMMIT`, `GIT_PREVIOUS_COMMIT`: <https://plugins.jenkins.io/git/#plugin-content-environment-variables>
/// - `CHANGE_TARGET`, `BRANCH_NAME`, `BRANCH_IS_PRIMARY`, `TAG_NAME` of multibranch projects:
///   <https://plugins.jenkins.io/branch-api/>, and `/env-vars.html` of every Jenkins
///
/// The last *successful* build comes first: what made a build fail is to be found by the next one, too.
/// With a pull request Jenkins can merge the target into its head; no variable tells, and none is needed,
/// as the target branch, which it fetched for that, tells where the merge commit meets it.
fn jenkins(get: Variables<'_>, head: Oid) -> Result<Run, Error> {
    if let Some(target) = get("CHANGE_TARGET") {
        return Ok(run(Platform::Jenkins, Event::Request { target, merged: None }, "CHANGE_TARGET"));
    }
    let branch = get("BRANCH_NAME");
    for name in ["GIT_PREVIOUS_SUCCESSFUL_COMMIT", "GIT_PREVIOUS_COMMIT"] {
        let Some(previous) = get(name) else { continue };
        let commit = id(&previous, name)?;
        // A build that failed, started again, must not pass because nothing came after it.
        if name == "GIT_PREVIOUS_COMMIT" && names(&commit, head) {
            continue;
        }
        let event = Event::After { commit, target: None };
        return Ok(Run { branch, ..run(Platform::Jenkins, event, name) });
    }
    let primary = get("BRANCH_IS_PRIMARY").as_deref() == Some("true");
    Ok(match branch {
        Some(_) if !primary && get("TAG_NAME").is_none() => {
            Run { branch, ..run(Platform::Jenkins, Event::Branch { pushed: false }, "BRANCH_NAME") }
        }
        _ => run(Platform::Jenkins, Event::Latest, "no variable names a previous build"),
    })
}

/// The event of a push, by the commit before it.
fn pushed(before: &str, variable: &str) -> Result<Event, Error> {
    if matches!(before.len(), 40 | 64) && before.bytes().all(|byte| byte == b'0') {
        return Ok(Event::Branch { pushed: true });
    }
    Ok(Event::After { commit: id(before, variable)?, target: None })
}

/// A whole object id, and nothing that could be read as another way to name a revision.
fn id(value: &str, variable: &str) -> Result<String, Error> {
    if matches!(value.len(), 40 | 64) && value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(value.to_ascii_lowercase());
    }
    Err(Error::usage(
        format!("{variable} is not the id of a commit: \"{}\"", clip(value)),
        "name the range: permdelta check BEFORE..HEAD",
    ))
}

/// Whether `value` is the id of `commit`. Bitbucket shortens ids to twelve digits in places.
pub(super) fn names(value: &str, commit: Oid) -> bool {
    value.len() >= 12 && commit.to_string().starts_with(&value.to_ascii_lowercase())
}

/// `refs/pull/7/merge`
fn is_merge_ref(name: &str) -> bool {
    let number = name.strip_prefix("refs/pull/").and_then(|rest| rest.strip_suffix("/merge"));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn branch_of(name: &str) -> &str {
    name.strip_prefix("refs/heads/").unwrap_or(name)
}
