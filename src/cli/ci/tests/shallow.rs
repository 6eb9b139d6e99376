//! Clones that lack a part of history.

use super::*;

const LINES: [(&str, &str); 5] = [
    ("GITHUB_ACTIONS", "fetch-depth: 0"),
    ("GITLAB_CI", "GIT_DEPTH: 0"),
    ("TF_BUILD", "fetchDepth: 0"),
    ("BITBUCKET_BUILD_NUMBER", "clone: { depth: full }"),
    ("JENKINS_URL", "git fetch --unshallow"),
];

fn target_of(system: &str) -> &'static str {
    match system {
        "GITHUB_ACTIONS" => "GITHUB_BASE_REF",
        "GITLAB_CI" => "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        "TF_BUILD" => "SYSTEM_PULLREQUEST_TARGETBRANCH",
        "BITBUCKET_BUILD_NUMBER" => "BITBUCKET_PR_DESTINATION_BRANCH",
        _ => "CHANGE_TARGET",
    }
}

#[test]
fn every_system_gets_its_own_line() {
    // The fork is cut off, from both sides.
    let forked = forked();
    let one = forked.place.repository.borrow().find_commit(forked.source).unwrap().parent_id(0).unwrap();
    forked.place.cut(&[forked.source, forked.target], &[one, forked.fork]);
    for (system, line) in LINES {
        let target = target_of(system);
        let (message, hint) = forked.place.refused(&[(system, "true"), (target, "main")]);
        assert!(message.contains("no common ancestor"), "{message}");
        assert!(hint.contains("shallow") && hint.contains(line), "{hint}");
        let (message, hint) = forked.place.refused(&[(system, "true"), (target, "release")]);
        assert!(message.contains("\"release\" is not in this clone"), "{message}");
        assert!(hint.contains(line), "{hint}");
    }
    for (system, line) in &LINES[2..4] {
        let (message, hint) = forked.place.refused(&[(system, "true")]);
        assert!(message.contains("the parent of HEAD"), "{message}");
        assert!(hint.contains(line), "{hint}");
    }
}

#[test]
fn a_push_whose_commit_before_is_cut_off() {
    let forked = forked();
    let one = forked.place.repository.borrow().find_commit(forked.source).unwrap().parent_id(0).unwrap();
    forked.place.cut(&[forked.source], &[one]);
    let (one, source) = (id(one), id(forked.source));
    let gitlab =
        [("GITLAB_CI", "true"), ("CI_COMMIT_BRANCH", "x"), ("CI_COMMIT_SHA", &source), ("CI_COMMIT_BEFORE_SHA", &one)];
    let (message, hint) = forked.place.refused(&gitlab);
    assert!(message.contains("is not in this clone (CI_COMMIT_BEFORE_SHA)"), "{message}");
    assert!(hint.contains("GIT_DEPTH: 0"), "{hint}");
    let (_, hint) = forked.place.refused(&[("JENKINS_URL", "x"), ("GIT_PREVIOUS_COMMIT", &one)]);
    assert!(hint.contains("git fetch --unshallow"), "{hint}");
}

#[test]
fn a_merge_ref_needs_two_commits_and_no_more() {
    let forked = forked();
    let merge = forked.merge(forked.target, forked.source);
    let one = forked.place.repository.borrow().find_commit(forked.source).unwrap().parent_id(0).unwrap();
    forked.place.cut(&[forked.source, forked.target], &[one, forked.fork]);
    let merge = id(merge);
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_BASE_REF", "main"),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_SHA", &merge),
    ];
    let chosen = forked.place.chosen(&variables);
    assert_eq!((chosen.base, chosen.target), (forked.target, forked.target));
    assert_eq!(forked.place.changed(&chosen), request());
    // With one commit it is said what to add.
    forked.place.cut(&[Oid::from_str(&merge).unwrap()], &[forked.source]);
    let (_, hint) = forked.place.refused(&variables);
    assert!(hint.contains("fetch-depth: 0"), "{hint}");
}

#[test]
fn a_merge_base_that_may_not_be_the_best_is_refused() {
    // root - fork - better - target; the request left at `better` and merged `fork` later. Where its way
    // to `better` is cut off, `fork` looks like the best common ancestor.
    let place = Place::new();
    let root = place.commit("root", &[]);
    let fork = place.commit("fork", &[root]);
    let better = place.commit("better", &[fork]);
    let target = place.commit("target", &[better]);
    let cut = place.commit("cut", &[better]);
    let source = place.commit("source", &[cut, fork]);
    place.branch("main", target);
    place.checkout(source);
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", "main")];
    assert_eq!(place.chosen(&variables).base, better);
    place.cut(&[cut], &[]);
    let (message, hint) = place.refused(&variables);
    assert!(message.contains("may be cut off"), "{message}");
    assert!(hint.contains("fetch-depth: 0"), "{hint}");
}

#[test]
fn a_boundary_at_the_merge_base_is_deep_enough() {
    let forked = forked();
    let root = forked.place.repository.borrow().find_commit(forked.fork).unwrap().parent_id(0).unwrap();
    forked.place.cut(&[forked.fork], &[root]);
    let chosen = forked.place.chosen(&[("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", "main")]);
    assert_eq!(chosen.base, forked.fork);
}
