//! Values that mean harm, or nothing at all.

use super::*;

const NAMES: [&str; 22] = [
    "--x",
    "-",
    "a..b",
    "a...b",
    "HEAD~3",
    "HEAD^1",
    "main^{/x}",
    ":/x",
    "@{-1}",
    "@",
    "main@{1}",
    "../heads/main",
    "/main",
    "main/",
    "main.lock",
    "refs/heads/main",
    "a b",
    "a\nb",
    "a\u{0}b",
    "\u{1b}[2J",
    "\u{202e}niam",
    "$(id)",
];

#[test]
fn a_branch_name_is_never_a_revision_expression() {
    let forked = forked();
    let long = "x".repeat(10_000);
    for name in NAMES.into_iter().chain([long.as_str()]) {
        for (system, variable) in [
            ("GITHUB_ACTIONS", "GITHUB_BASE_REF"),
            ("GITLAB_CI", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"),
            ("BITBUCKET_BUILD_NUMBER", "BITBUCKET_PR_DESTINATION_BRANCH"),
        ] {
            let (message, hint) = forked.place.refused(&[(system, "true"), (variable, name)]);
            assert!(message.starts_with("the target branch \""), "{message}");
            assert!(message.len() < 500, "{message}");
            assert_eq!(hint, "fetch the branches first: git fetch origin '+refs/heads/*:refs/remotes/origin/*'");
            assert!(!plain(&message).contains(char::is_control), "{message}");
        }
    }
}

#[test]
fn a_branch_that_looks_like_one_is_found_by_its_name() {
    let forked = forked();
    for name in ["--x", "@{", "HEAD-3", "$(id)", "-"] {
        if !git2::Reference::is_valid_name(&format!("refs/remotes/origin/{name}")) {
            continue;
        }
        forked.place.branch(name, forked.target);
        let chosen = forked.place.chosen(&[("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", name)]);
        assert_eq!((chosen.base, chosen.target), (forked.fork, forked.target));
        assert_eq!(chosen.base_name, format!("merge-base(origin/{name}, HEAD)"));
    }
}

#[test]
fn a_tag_or_a_commit_of_the_targets_name_is_not_the_target() {
    let forked = forked();
    forked.place.branch("refs/tags/release", forked.source);
    let commit = id(forked.source);
    for name in ["release", &commit, &commit[..10]] {
        forked.place.refused(&[("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", name)]);
    }
}

/// What each system is known by, and what else is read of it.
const VARIABLES: [(&str, &[&str]); 5] = [
    (
        "GITHUB_ACTIONS",
        &["GITHUB_BASE_REF", "GITHUB_REF", "GITHUB_SHA", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_REPOSITORY"],
    ),
    (
        "GITLAB_CI",
        &[
            "CI_COMMIT_SHA",
            "CI_COMMIT_BRANCH",
            "CI_COMMIT_TAG",
            "CI_COMMIT_BEFORE_SHA",
            "CI_DEFAULT_BRANCH",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
            "CI_MERGE_REQUEST_EVENT_TYPE",
            "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME",
            "CI_PIPELINE_SOURCE",
        ],
    ),
    (
        "TF_BUILD",
        &[
            "SYSTEM_PULLREQUEST_TARGETBRANCH",
            "SYSTEM_PULLREQUEST_SOURCECOMMITID",
            "BUILD_SOURCEBRANCH",
            "BUILD_SOURCEVERSION",
        ],
    ),
    ("BITBUCKET_BUILD_NUMBER", &["BITBUCKET_COMMIT", "BITBUCKET_PR_DESTINATION_BRANCH"]),
    (
        "JENKINS_URL",
        &[
            "CHANGE_TARGET",
            "BRANCH_NAME",
            "BRANCH_IS_PRIMARY",
            "TAG_NAME",
            "GIT_PREVIOUS_COMMIT",
            "GIT_PREVIOUS_SUCCESSFUL_COMMIT",
        ],
    ),
];

#[test]
fn every_variable_may_be_odd() {
    let forked = forked();
    let merge = id(forked.merge(forked.target, forked.source));
    for (system, variables) in VARIABLES {
        for one in variables {
            for other in variables {
                for value in ["", "main", "refs/heads/main", "HEAD~1", "push", ZERO, &merge, "\u{fffd}\n"] {
                    // No panic, and whatever is chosen has HEAD as its head.
                    if let Ok(chosen) = forked.place.choose(&[(system, "true"), (one, "main"), (other, value)]) {
                        assert_eq!(id(chosen.unwrap().head), merge);
                    }
                }
            }
        }
    }
}
