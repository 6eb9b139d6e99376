//! Bitbucket Pipelines.

use super::*;

fn pull_request(commit: &str) -> Vec<(&str, &str)> {
    vec![
        ("CI", "true"),
        ("BITBUCKET_BUILD_NUMBER", "12"),
        ("BITBUCKET_BRANCH", "feature"),
        ("BITBUCKET_COMMIT", commit),
        ("BITBUCKET_PR_ID", "7"),
        ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
    ]
}

#[test]
fn the_destination_is_the_second_parent_where_it_was_merged_in() {
    let forked = forked();
    forked.merge(forked.source, forked.target);
    let source = id(forked.source);
    for commit in [source.as_str(), &source[..12]] {
        let chosen = forked.place.chosen(&pull_request(commit));
        assert_eq!((chosen.base, chosen.base_name.as_str()), (forked.target, "HEAD^2"));
        assert_eq!(forked.place.changed(&chosen), request());
    }
}

#[test]
fn nothing_to_merge_leaves_the_source() {
    let forked = forked();
    let chosen = forked.place.chosen(&pull_request(&id(forked.source)));
    assert_eq!((chosen.base, chosen.target), (forked.fork, forked.target));
}

#[test]
fn a_push_is_compared_with_the_first_parent() {
    let forked = forked();
    let chosen = forked.place.chosen(&[("BITBUCKET_BUILD_NUMBER", "12"), ("BITBUCKET_BRANCH", "feature")]);
    assert_eq!(forked.place.changed(&chosen), files(["two"]));
}
