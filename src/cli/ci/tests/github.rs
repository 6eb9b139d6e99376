//! GitHub Actions.

use super::*;

fn pull_request(sha: &str) -> Vec<(&str, &str)> {
    vec![
        ("CI", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_BASE_REF", "main"),
        ("GITHUB_HEAD_REF", "feature"),
        ("GITHUB_REF", "refs/pull/7/merge"),
        ("GITHUB_SHA", sha),
    ]
}

fn push<'a>(sha: &'a str, git_ref: &'a str, payload: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_BASE_REF", ""),
        ("GITHUB_HEAD_REF", ""),
        ("GITHUB_REF", git_ref),
        ("GITHUB_SHA", sha),
        ("GITHUB_EVENT_PATH", payload),
    ]
}

#[test]
fn a_merge_ref_is_compared_with_the_targets_side() {
    let forked = forked();
    let merge = forked.merge(forked.target, forked.source);
    let chosen = forked.place.chosen(&pull_request(&id(merge)));
    assert_eq!((chosen.base, chosen.head, chosen.target), (forked.target, merge, forked.target));
    assert_eq!(chosen.base_name, "HEAD^1");
    assert_eq!(chosen.request, Some(forked.source), "a review is of the request's own head");
    assert_eq!(
        chosen.how,
        "the side of main in HEAD, the merge commit made for the request; \
         GitHub Actions: GITHUB_BASE_REF, GITHUB_REF, GITHUB_SHA"
    );
    // What landed on the target after the fork is not the request's doing.
    assert_eq!(forked.place.changed(&chosen), request());
}

#[test]
fn what_lands_after_the_merge_ref_was_made_does_not_count_and_gives_the_policy() {
    let forked = forked();
    let merge = forked.merge(forked.target, forked.source);
    let later = forked.place.commit("later", &[forked.target]);
    forked.place.branch("main", later);
    let chosen = forked.place.chosen(&pull_request(&id(merge)));
    assert_eq!((chosen.base, chosen.target), (forked.target, later));
    assert_eq!(forked.place.changed(&chosen), request());
}

#[test]
fn a_stale_or_missing_tracking_branch_changes_nothing() {
    let forked = forked();
    let merge = forked.merge(forked.target, forked.source);
    forked.place.branch("main", forked.fork);
    let chosen = forked.place.chosen(&pull_request(&id(merge)));
    assert_eq!((chosen.base, chosen.target), (forked.target, forked.target));
    assert_eq!(forked.place.changed(&chosen), request());

    forked.place.repository.borrow().find_reference("refs/remotes/origin/main").unwrap().delete().unwrap();
    // A local branch of the target's name can be the request's own.
    forked.place.branch("refs/heads/main", forked.source);
    let chosen = forked.place.chosen(&pull_request(&id(merge)));
    assert_eq!((chosen.base, chosen.target), (forked.target, forked.target));
}

#[test]
fn the_payload_confirms_which_parent_is_the_targets() {
    let forked = forked();
    let merge = forked.merge(forked.target, forked.source);
    let payload = format!(r#"{{"pull_request":{{"head":{{"sha":"{}"}}}}}}"#, forked.source);
    let payload = forked.place.file("event.json", &payload);
    let sha = id(merge);
    let mut variables = pull_request(&sha);
    variables.push(("GITHUB_EVENT_PATH", &payload));
    assert_eq!(forked.place.chosen(&variables).base_name, "HEAD^1");

    // A payload of another commit: no longer sure to be the platform's merge, so the target decides.
    forked.place.file("event.json", &format!(r#"{{"pull_request":{{"head":{{"sha":"{}"}}}}}}"#, forked.fork));
    let chosen = forked.place.chosen(&variables);
    assert_eq!((chosen.base, chosen.base_name.as_str()), (forked.target, "merge-base(origin/main, HEAD)"));
}

#[test]
fn the_requests_own_head_is_compared_from_where_it_left_the_target() {
    let forked = forked();
    let chosen = forked.place.chosen(&pull_request(ZERO));
    assert_eq!((chosen.base, chosen.head, chosen.target), (forked.fork, forked.source, forked.target));
    assert_eq!((chosen.base_name.as_str(), chosen.request), ("merge-base(origin/main, HEAD)", None));
    assert_eq!(chosen.how, "the merge base of origin/main and HEAD; GitHub Actions: GITHUB_BASE_REF");
    assert_eq!(forked.place.changed(&chosen), files(["one", "two"]));
}

#[test]
fn a_merge_commit_of_the_author_is_not_taken_apart() {
    // The first parent would hide both commits of the request.
    let forked = forked();
    let merge = forked.merge(forked.source, forked.target);
    let chosen = forked.place.chosen(&pull_request(ZERO));
    assert_eq!((chosen.base, chosen.head), (forked.target, merge));
    assert_eq!(forked.place.changed(&chosen), request());

    // Nor when the workflow was started for it, but not through a merge ref.
    let sha = id(merge);
    let mut variables = pull_request(&sha);
    for odd in ["refs/pull/7/head", "refs/pull//merge", "refs/pull/7/x/merge", "refs/heads/refs/pull/7/merge"] {
        variables.push(("GITHUB_REF", odd));
        assert_eq!(forked.place.chosen(&variables).base, forked.target, "{odd}");
    }
}

#[test]
fn the_local_branch_serves_where_there_is_no_tracking_branch() {
    let forked = forked();
    forked.place.repository.borrow().find_reference("refs/remotes/origin/main").unwrap().delete().unwrap();
    forked.place.branch("refs/heads/main", forked.target);
    let chosen = forked.place.chosen(&pull_request(ZERO));
    assert_eq!((chosen.base, chosen.base_name.as_str()), (forked.fork, "merge-base(main, HEAD)"));
}

#[test]
fn the_target_itself_checked_out_is_refused() {
    // What pull_request_target does unless told otherwise: everything would pass.
    let forked = forked();
    for head in [forked.target, forked.fork] {
        forked.place.checkout(head);
        let sha = id(head);
        let mut variables = pull_request(&sha);
        variables.extend([("GITHUB_EVENT_NAME", "pull_request_target"), ("GITHUB_REF", "refs/heads/main")]);
        let (message, hint) = forked.place.refused(&variables);
        assert!(message.starts_with("HEAD is part of origin/main already"), "{message}");
        assert!(hint.contains("pull_request_target"), "{hint}");
    }
}

#[test]
fn branches_of_another_repository_are_not_the_targets() {
    let forked = forked();
    let mut variables = pull_request(ZERO);
    variables.push(("GITHUB_REPOSITORY", "Acme/Org"));
    for url in ["https://github.com/acme/org", "git@github.com:Acme/Org.git", "https://ghe.acme.com/Acme/Org/"] {
        let _ = forked.place.repository.borrow().remote_delete("origin");
        forked.place.repository.borrow().remote("origin", url).unwrap();
        forked.place.branch("main", forked.target);
        assert_eq!(forked.place.chosen(&variables).base, forked.fork, "{url}");
    }
    for url in ["https://github.com/mallory/org", "https://github.com/xAcme/Org", "https://github.com/acme/org/x"] {
        let _ = forked.place.repository.borrow().remote_delete("origin");
        forked.place.repository.borrow().remote("origin", url).unwrap();
        forked.place.branch("main", forked.source);
        let (message, _) = forked.place.refused(&variables);
        assert!(message.starts_with("origin is another repository"), "{message}");
    }
    // A merge commit by GitHub needs no branch; its policy does not come from such a one.
    let merge = id(forked.merge(forked.target, forked.source));
    let mut variables = pull_request(&merge);
    variables.push(("GITHUB_REPOSITORY", "Acme/Org"));
    assert_eq!(forked.place.chosen(&variables).target, forked.target);
}

#[test]
fn a_review_event_has_its_target_in_the_payload() {
    let forked = forked();
    let merge = id(forked.merge(forked.target, forked.source));
    let payload = forked.place.file("event.json", r#"{"pull_request":{"base":{"ref":"main"}}}"#);
    let mut variables = push(&merge, "refs/pull/7/merge", &payload);
    variables.push(("GITHUB_EVENT_NAME", "pull_request_review"));
    assert_eq!(forked.place.chosen(&variables).base, forked.target);
}

#[test]
fn a_push_is_compared_with_the_commit_before_it() {
    let forked = forked();
    let payload = format!(r#"{{"before":"{}","after":"{}","forced":false}}"#, forked.fork, forked.source);
    let payload = forked.place.file("event.json", &payload);
    let chosen = forked.place.chosen(&push(&id(forked.source), "refs/heads/feature", &payload));
    assert_eq!((chosen.base, chosen.head, chosen.target), (forked.fork, forked.source, forked.fork));
    assert_eq!(chosen.base_name, id(forked.fork));
    assert_eq!(chosen.how, "what was there before; GitHub Actions: before in GITHUB_EVENT_PATH");
}

#[test]
fn a_new_branch_is_compared_from_where_it_left_the_default_branch() {
    let forked = forked();
    let payload = format!(r#"{{"before":"{ZERO}","repository":{{"default_branch":"main"}}}}"#);
    let payload = forked.place.file("event.json", &payload);
    let chosen = forked.place.chosen(&push(&id(forked.source), "refs/heads/feature", &payload));
    assert_eq!((chosen.base, chosen.target), (forked.fork, forked.target));
    assert_eq!(chosen.base_name, "merge-base(origin/main, HEAD)");
}

#[test]
fn the_first_push_of_the_default_branch_is_no_change_to_judge() {
    let forked = forked();
    forked.place.checkout(forked.target);
    let payload = format!(r#"{{"before":"{ZERO}","repository":{{"default_branch":"main"}}}}"#);
    let payload = forked.place.file("event.json", &payload);
    let (_, hint) = forked.place.refused(&push(&id(forked.target), "refs/heads/main", &payload));
    assert!(hint.contains("permdelta audit"), "{hint}");
}

#[test]
fn a_rewritten_branch_is_compared_from_where_it_left_the_default_branch() {
    let forked = forked();
    let gone = "1234567890123456789012345678901234567890";
    let payload = format!(r#"{{"before":"{gone}","repository":{{"default_branch":"main"}}}}"#);
    let payload = forked.place.file("event.json", &payload);
    let chosen = forked.place.chosen(&push(&id(forked.source), "refs/heads/feature", &payload));
    assert_eq!(chosen.base, forked.fork);
    assert!(chosen.how.contains("(what was there before the push is gone)"), "{}", chosen.how);

    // The default branch cannot be compared with itself.
    forked.place.checkout(forked.target);
    let (message, hint) = forked.place.refused(&push(&id(forked.target), "refs/heads/main", &payload));
    assert!(message.starts_with("1234567890 is not in this clone"), "{message}");
    assert!(hint.contains(&format!("git fetch origin {gone}")), "{hint}");
}

#[test]
fn a_merge_queue_is_compared_with_what_it_builds_on() {
    let forked = forked();
    let merge = id(forked.merge(forked.target, forked.source));
    let payload = format!(r#"{{"merge_group":{{"base_sha":"{}","base_ref":"refs/heads/main"}}}}"#, forked.target);
    let payload = forked.place.file("event.json", &payload);
    let mut variables = push(&merge, "refs/heads/gh-readonly-queue/main/pr-7-abc", &payload);
    variables.push(("GITHUB_EVENT_NAME", "merge_group"));
    let later = forked.place.commit("later", &[forked.target]);
    forked.place.branch("main", later);
    let chosen = forked.place.chosen(&variables);
    assert_eq!((chosen.base, chosen.target), (forked.target, later));
    forked.place.file("event.json", "{}");
    assert!(forked.place.refused(&variables).0.contains("merge_group.base_sha"));
}

#[test]
fn a_tag_or_a_run_by_hand_is_compared_with_the_commit_before_or_the_default_branch() {
    let forked = forked();
    let payload = forked.place.file("event.json", r#"{"repository":{"default_branch":"main"}}"#);
    let source = id(forked.source);
    let chosen = forked.place.chosen(&push(&source, "refs/tags/v1", &payload));
    assert_eq!(chosen.base_name, "HEAD^1");

    let mut by_hand = push(&source, "refs/heads/feature", &payload);
    by_hand.push(("GITHUB_EVENT_NAME", "workflow_dispatch"));
    assert_eq!(forked.place.chosen(&by_hand).base, forked.fork);
    // Something else than the default branch, for which the run was started, is checked out.
    let target = id(forked.target);
    let mut comment = push(&target, "refs/heads/main", &payload);
    comment.push(("GITHUB_EVENT_NAME", "issue_comment"));
    assert_eq!(forked.place.chosen(&comment).base, forked.fork);
    forked.place.checkout(forked.target);
    assert_eq!(forked.place.chosen(&comment).base, forked.fork);
    assert_eq!(forked.place.chosen(&comment).base_name, "HEAD^1");
}

#[test]
fn odd_payloads_are_refused() {
    let forked = forked();
    let source = id(forked.source);
    let deep = "[".repeat(100_000);
    let odd = [
        "",
        "null",
        "[]",
        "7",
        "\"before\"",
        "{",
        "{}",
        r#"{"before":null}"#,
        r#"{"before":7}"#,
        r#"{"before":["a"]}"#,
        r#"{"before":{"before":"x"}}"#,
        "\u{feff}{}",
        &deep,
    ];
    for text in odd {
        let payload = forked.place.file("event.json", text);
        let (message, hint) = forked.place.refused(&push(&source, "refs/heads/feature", &payload));
        assert!(message.contains("has no \"before\""), "{message}");
        assert!(hint.contains("name the range"), "{hint}");
    }
    let missing = forked.place.dir.path().join("nothing");
    forked.place.refused(&push(&source, "refs/heads/feature", missing.to_str().unwrap()));
    forked.place.refused(&push(&source, "refs/heads/feature", forked.place.dir.path().to_str().unwrap()));
    for text in ["HEAD~1", "HEAD", "", "0", "main", "--help", "1234567", "g234567890123456789012345678901234567890"] {
        let payload = forked.place.file("event.json", &format!(r#"{{"before":"{text}"}}"#));
        let (message, _) = forked.place.refused(&push(&source, "refs/heads/feature", &payload));
        assert!(message.contains("is not the id of a commit"), "{message}");
    }
}
