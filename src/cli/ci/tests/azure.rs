//! Azure Pipelines.

use super::*;

fn pull_request<'a>(sha: &'a str, source: &'a str, target: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("TF_BUILD", "True"),
        ("BUILD_REASON", "PullRequest"),
        ("BUILD_SOURCEBRANCH", "refs/pull/7/merge"),
        ("BUILD_SOURCEVERSION", sha),
        ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "refs/heads/feature"),
        ("SYSTEM_PULLREQUEST_SOURCECOMMITID", source),
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", target),
    ]
}

#[test]
fn a_pull_request_is_compared_with_the_targets_side_of_its_merge_commit() {
    let forked = forked();
    let merge = forked.merge(forked.target, forked.source);
    for target in ["refs/heads/main", "main"] {
        let chosen = forked.place.chosen(&pull_request(&id(merge), &id(forked.source), target));
        assert_eq!((chosen.base, chosen.target), (forked.target, forked.target));
        assert_eq!(forked.place.changed(&chosen), request());
        assert!(chosen.how.contains("Azure Pipelines: SYSTEM_PULLREQUEST_TARGETBRANCH"), "{}", chosen.how);
    }
    assert_eq!(forked.place.chosen(&pull_request(&id(merge), "", "main")).base_name, "HEAD^1");
    let other = forked.merge(forked.source, forked.target);
    assert_eq!(forked.place.chosen(&pull_request(&id(other), &id(forked.source), "main")).base_name, "HEAD^2");
}

#[test]
fn a_source_checked_out_instead_is_compared_from_where_it_left_the_target() {
    let forked = forked();
    let chosen = forked.place.chosen(&pull_request(ZERO, &id(forked.source), "refs/heads/main"));
    assert_eq!((chosen.base, chosen.target), (forked.fork, forked.target));
}

#[test]
fn a_push_is_compared_with_the_first_parent() {
    let forked = forked();
    let merge = forked.merge(forked.target, forked.source);
    let variables = [("TF_BUILD", "True"), ("BUILD_REASON", "IndividualCI"), ("BUILD_SOURCEBRANCH", "refs/heads/main")];
    let chosen = forked.place.chosen(&variables);
    assert_eq!((chosen.base, chosen.head, chosen.target), (forked.target, merge, forked.target));
    assert!(chosen.how.starts_with("the first parent of HEAD; Azure Pipelines"), "{}", chosen.how);
}

#[test]
fn the_first_commit_has_nothing_before_it() {
    let place = Place::new();
    place.checkout(place.commit("root", &[]));
    assert!(place.refused(&[("TF_BUILD", "True")]).1.contains("permdelta audit"));
}
