//! The scripts of the GitHub action that write to a pull request: what is there is kept up to date, and a token that may
//! only read harms nothing.

#![cfg(unix)]

use serde_json::{Value, json};

use crate::action::step;
use crate::stubs::{Stage, has};
use crate::support::{Run, arg};

/// A gh that answers a query with the file named for the list it asks for, filtered as it is asked to, keeps what it is
/// handed, and refuses what `denied` names.
const GH: &str = r#"
stage=$RUNNER_TEMP/..
grep -qs -e "$2" -e "${4:-}" "$stage/denied" && { echo "gh: Resource not accessible by integration (HTTP 403)" >&2; exit 1; }
for word in "$@"; do
  case $word in query=*' comments(first'*) list=comments ;; esac
  case $word in query=*' reviews(first'*) list=reviews ;; esac
  case $word in query=*' reviewThreads(first'*) list=reviewThreads ;; esac
done
while [ $# -gt 0 ]; do
  [ "$1" != --input ] || cat "$2" >>"$stage/sent"
  [ "$1" != --jq ] || exec jq -r "$2" "$stage/$list.json"
  shift
done
"#;

/// A page of one list of the pull request.
fn page(list: &str, nodes: &str) -> String {
    format!(r#"{{"data": {{"repository": {{"pullRequest": {{"{list}": {{"nodes": [{nodes}]}}}}}}}}}}"#)
}

/// What the comment script asks for, its query and filter left out.
fn comment(comments: &str, noteworthy: &str, denied: &str) -> Option<(Run, String)> {
    if !has("jq") {
        println!("comment: skipped, there is no jq");
        return None;
    }
    let stage = Stage::new();
    std::fs::write(stage.path("comments.json"), page("comments", comments)).expect("comments");
    if !denied.is_empty() {
        std::fs::write(stage.path("denied"), denied).expect("a list");
    }
    std::fs::write(stage.path("report.md"), "<!-- permdelta: crm -->\n**FAIL** $(touch pwned)\n").expect("a report");
    stage.program("gh", GH);
    let report = stage.path("report.md");
    let run = step(
        &stage,
        "comment",
        &[
            ("GH_TOKEN", "token"),
            ("PERMDELTA_MARKDOWN", arg(&report)),
            ("PERMDELTA_NOTEWORTHY", noteworthy),
            ("PERMDELTA_PULL_REQUEST", "7"),
        ],
    );
    let calls = stage.calls();
    assert!(calls.starts_with("STAGE/temp: gh\n  api\n  graphql\n"), "not in the checkout, first a look: {calls}");
    assert!(!stage.path("temp/pwned").exists());
    let after = calls.match_indices("STAGE/temp: gh\n").nth(1).map_or(String::new(), |(at, _)| calls[at..].to_owned());
    Some((run, after))
}

const MINE: &str = r#"{"databaseId": 42, "viewerDidAuthor": true, "body": "<!-- permdelta: crm -->\r\nold"}"#;
/// The same text by somebody else, another use's comment, and one that only quotes the marker.
const OTHERS: &str = r#"{"databaseId": 1, "viewerDidAuthor": false, "body": "<!-- permdelta: crm -->\nforged"},
    {"databaseId": 2, "viewerDidAuthor": true, "body": "<!-- permdelta -->\nanother"},
    {"databaseId": 3, "viewerDidAuthor": true, "body": "see <!-- permdelta: crm -->\n"}"#;

#[test]
fn one_comment_is_kept_up_to_date() {
    let edit = "STAGE/temp: gh\n  api\n  --silent\n  --method\n  PATCH\n  repos/acme/org/issues/comments/42\n  -F\n  body=@STAGE/report.md\n";
    let new = "STAGE/temp: gh\n  api\n  --silent\n  --method\n  POST\n  repos/acme/org/issues/7/comments\n  -F\n  body=@STAGE/report.md\n";
    for (comments, noteworthy, call) in [
        (format!("{OTHERS}, {MINE}"), "true", edit),
        (format!("{OTHERS}, {MINE}"), "false", edit),
        (OTHERS.to_owned(), "true", new),
        (String::new(), "true", new),
        (OTHERS.to_owned(), "false", ""),
    ] {
        let Some((run, calls)) = comment(&comments, noteworthy, "") else { return };
        assert_eq!((run.status, calls.as_str()), (0, call), "{comments} {noteworthy}: {}{}", run.stdout, run.stderr);
    }
}

/// A pull request from a fork has a token that may read only: the gate works, and the log says why there is no comment.
#[test]
fn without_permission_the_log_says_so() {
    for (comments, denied) in [(MINE, "PATCH"), ("", "POST"), ("", "graphql")] {
        let Some((run, _)) = comment(comments, "true", denied) else { return };
        assert_eq!(run.status, 0, "{denied}: {}", run.stderr);
        assert!(run.stdout.starts_with("::notice title=permdelta::"), "{denied}: {}", run.stdout);
        assert!(
            run.stdout.contains("pull-requests: write") && run.stdout.contains("forks"),
            "{denied}: {}",
            run.stdout
        );
    }
}

/// A comment of a review as GitHub tells of its thread.
fn thread(id: u64, line: Option<u64>, body: &str) -> Value {
    let comment = json!({ "databaseId": id, "viewerDidAuthor": true, "body": body,
        "pullRequestReview": { "body": "<!-- permdelta review: crm -->\r\nold" } });
    json!({ "isOutdated": line.is_none(), "path": "a.permissionset", "line": line, "diffSide": "RIGHT",
        "comments": { "totalCount": 1, "nodes": [comment] } })
}

fn comment_on(line: u64, body: &str) -> Value {
    json!({ "path": "a.permissionset", "line": line, "side": "RIGHT", "body": body })
}

fn own_review(id: u64, text: &str) -> Value {
    json!({ "databaseId": id, "viewerDidAuthor": true, "body": format!("<!-- permdelta review: crm -->\n{text}") })
}

/// What the review script asks for after it has looked, a line each, and the documents it sends.
fn review(
    comments: &[Value],
    reviews: &[Value],
    threads: &[Value],
    denied: &str,
) -> Option<(Run, Vec<String>, Vec<Value>)> {
    if !has("jq") {
        println!("review: skipped, there is no jq");
        return None;
    }
    let stage = Stage::new();
    let list = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join(",");
    std::fs::write(stage.path("reviews.json"), page("reviews", &list(reviews))).expect("reviews");
    std::fs::write(stage.path("reviewThreads.json"), page("reviewThreads", &list(threads))).expect("threads");
    if !denied.is_empty() {
        std::fs::write(stage.path("denied"), denied).expect("a list");
    }
    let payload = json!({ "commit_id": "0123", "event": "COMMENT", "comments": comments,
        "body": "<!-- permdelta review: crm -->\n**FAIL** $(touch pwned)" });
    std::fs::write(stage.path("review.json"), payload.to_string()).expect("a review");
    stage.program("gh", GH);
    let payload = stage.path("review.json");
    let variables = [("GH_TOKEN", "token"), ("PERMDELTA_PAYLOAD", arg(&payload)), ("PERMDELTA_PULL_REQUEST", "7")];
    let run = step(&stage, "review", &variables);
    assert!(!stage.path("temp/pwned").exists());
    let calls = stage.calls();
    let calls = calls.split("STAGE/temp: gh\n  api\n  --silent\n  --method\n").skip(1);
    let calls = calls.map(|call| call.lines().take(2).map(str::trim).collect::<Vec<_>>().join(" ")).collect();
    let sent = stage.read("sent");
    let sent = serde_json::Deserializer::from_str(&sent).into_iter().map(|one| one.expect("JSON")).collect();
    Some((run, calls, sent))
}

const REVIEWS: &str = "repos/acme/org/pulls/7/reviews";

/// The first review is posted as it is.
#[test]
fn a_review_is_posted() {
    let comments = [comment_on(3, "one"), comment_on(9, "two")];
    // Somebody else's, another use's, and one that only quotes the marker.
    let mut forged = thread(1, Some(3), "one");
    forged["comments"]["nodes"][0]["viewerDidAuthor"] = false.into();
    let mut other = thread(2, Some(9), "two");
    other["comments"]["nodes"][0]["pullRequestReview"]["body"] = "<!-- permdelta review -->\n".into();
    let mut plain = thread(3, Some(9), "<!-- permdelta review: crm -->\ntwo");
    plain["comments"]["nodes"][0]["pullRequestReview"]["body"] = "".into();
    let Some((run, calls, sent)) = review(&comments, &[], &[forged, other, plain], "") else { return };
    assert_eq!((run.status, calls), (0, vec![format!("POST {REVIEWS}")]), "{}{}", run.stdout, run.stderr);
    assert_eq!((&sent[0]["comments"], &sent[0]["event"]), (&json!(comments), &json!("COMMENT")));
    assert_eq!(sent[0]["commit_id"], "0123");
}

/// What stands on its line stays; what is new is posted; what is no longer true goes, unless somebody answered.
#[test]
fn a_review_is_kept_up_to_date() {
    let mut answered = thread(14, Some(30), "no longer true");
    answered["comments"]["totalCount"] = 2.into();
    let threads = [
        thread(11, Some(3), "one\r\nline"),
        thread(12, Some(9), "two, as it was"),
        thread(13, None, "three"),
        answered,
    ];
    let comments = [comment_on(3, "one\nline"), comment_on(9, "two"), comment_on(20, "three")];
    let reviews = [own_review(5, "old"), own_review(6, "Replaced by a later review."), own_review(7, "old")];
    let Some((run, calls, sent)) = review(&comments, &reviews, &threads, "") else { return };
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    let comment = |id: u64| format!("DELETE repos/acme/org/pulls/comments/{id}");
    let expected =
        [format!("POST {REVIEWS}"), format!("PUT {REVIEWS}/5"), format!("PUT {REVIEWS}/7"), comment(12), comment(13)];
    assert_eq!(calls, expected);
    assert_eq!(sent[0]["comments"], json!([comments[1], comments[2]]), "what is there is not said twice");
    assert_eq!(sent[1], json!({ "body": "<!-- permdelta review: crm -->\nReplaced by a later review." }));
}

/// A run that finds nothing new adds nothing: the last review is edited.
#[test]
fn a_second_run_posts_nothing() {
    let (comments, threads) = ([comment_on(3, "one")], [thread(11, Some(3), "one")]);
    let Some((_, calls, sent)) = review(&comments, &[own_review(5, "old"), own_review(6, "old")], &threads, "") else {
        return;
    };
    assert_eq!(calls, [format!("PUT {REVIEWS}/6")]);
    assert_eq!(sent, [json!({ "body": "<!-- permdelta review: crm -->\n**FAIL** $(touch pwned)" })]);
    let Some((_, calls, _)) = review(&[], &[own_review(5, "old")], &threads, "") else { return };
    assert_eq!(calls, [format!("PUT {REVIEWS}/5"), "DELETE repos/acme/org/pulls/comments/11".to_owned()]);
    let Some((run, calls, _)) = review(&[], &[], &[], "") else { return };
    assert!(calls.is_empty() && run.stdout.starts_with("no review: "), "{}", run.stdout);
}

#[test]
fn a_review_that_may_not_be_written_fails_nothing() {
    let (reviews, threads) = ([own_review(5, "old")], [thread(11, Some(3), "gone")]);
    for (comments, denied) in [
        (vec![comment_on(4, "new")], "POST"),
        (vec![comment_on(4, "new")], "PUT"),
        (vec![], "PUT"),
        (vec![], "DELETE"),
        (vec![], "graphql"),
    ] {
        let Some((run, calls, _)) = review(&comments, &reviews, &threads, denied) else { return };
        assert_eq!(run.status, 0, "{denied}: {}", run.stderr);
        let said = ["::notice title=permdelta::", "pull-requests: write", "forks"];
        assert!(said.iter().all(|said| run.stdout.contains(said)), "{denied}: {}", run.stdout);
        assert!(denied != "POST" || calls.len() == 1, "{calls:?}");
    }
}
