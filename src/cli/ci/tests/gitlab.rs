//! GitLab CI.

use super::*;

fn merge_request<'a>(sha: &'a str, kind: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("CI", "true"),
        ("GITLAB_CI", "true"),
        ("CI_PIPELINE_SOURCE", "merge_request_event"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ("CI_MERGE_REQUEST_EVENT_TYPE", kind),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""),
        ("CI_COMMIT_BEFORE_SHA", ZERO),
        ("CI_COMMIT_SHA", sha),
        ("CI_DEFAULT_BRANCH", "main"),
    ]
}

fn push<'a>(sha: &'a str, branch: &'a str, before: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("GITLAB_CI", "true"),
        ("CI_PIPELINE_SOURCE", "push"),
        ("CI_COMMIT_BRANCH", branch),
        ("CI_COMMIT_BEFORE_SHA", before),
        ("CI_COMMIT_SHA", sha),
        ("CI_DEFAULT_BRANCH", "main"),
    ]
}

#[test]
fn a_merge_request_is_compared_from_where_it_left_the_target() {
    let forked = forked();
    let chosen = forked.place.chosen(&merge_request(&id(forked.source), "detached"));
    assert_eq!((chosen.base, chosen.head, chosen.target), (forked.fork, forked.source, forked.target));
    assert_eq!(chosen.how, "the merge base of origin/main and HEAD; GitLab CI: CI_MERGE_REQUEST_TARGET_BRANCH_NAME");
}

#[test]
fn merged_results_are_compared_with_the_targets_side() {
    let forked = forked();
    let merge = forked.merge(forked.target, forked.source);
    forked.place.branch("main", forked.fork);
    for kind in ["merged_result", "merge_train"] {
        let chosen = forked.place.chosen(&merge_request(&id(merge), kind));
        assert_eq!((chosen.base, chosen.target), (forked.target, forked.target));
        assert_eq!(forked.place.changed(&chosen), request());
    }
    // The author's merge commit in a pipeline of the source branch.
    let chosen = forked.place.chosen(&merge_request(&id(merge), "detached"));
    assert_eq!(chosen.base, forked.fork);
    let chosen = forked.place.chosen(&merge_request(ZERO, "merged_result"));
    assert_eq!(chosen.base, forked.fork);
}

#[test]
fn a_pull_request_elsewhere_names_its_target() {
    let forked = forked();
    let variables = [("GITLAB_CI", "true"), ("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", "main")];
    assert_eq!(forked.place.chosen(&variables).base, forked.fork);
}

#[test]
fn a_push_is_compared_with_the_commit_before_it() {
    let forked = forked();
    let source = id(forked.source);
    let chosen = forked.place.chosen(&push(&source, "feature", &id(forked.fork)));
    assert_eq!((chosen.base, chosen.head), (forked.fork, forked.source));
    assert_eq!(chosen.how, "what was there before; GitLab CI: CI_COMMIT_BEFORE_SHA");
    for odd in ["HEAD~1", "main", "--all", "123"] {
        assert!(forked.place.refused(&push(&source, "feature", odd)).0.contains("CI_COMMIT_BEFORE_SHA"));
    }
}

#[test]
fn zeroes_are_a_new_branch_or_a_pipeline_started_by_hand() {
    let forked = forked();
    let chosen = forked.place.chosen(&push(&id(forked.source), "feature", ZERO));
    assert_eq!((chosen.base, chosen.target), (forked.fork, forked.target));

    forked.place.checkout(forked.target);
    let target = id(forked.target);
    assert!(forked.place.refused(&push(&target, "main", ZERO)).1.contains("permdelta audit"));
    let mut by_hand = push(&target, "main", ZERO);
    by_hand.push(("CI_PIPELINE_SOURCE", "web"));
    assert_eq!(forked.place.chosen(&by_hand).base_name, "HEAD^1");
    let mut tag = push(&target, "", ZERO);
    tag.push(("CI_COMMIT_TAG", "v1"));
    assert_eq!(forked.place.chosen(&tag).base_name, "HEAD^1");
}
