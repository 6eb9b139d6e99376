//! The review for GitHub: comments inside the hunks of the diff as git shows it, everything else in the body.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::git_diff::lines_shown;
use crate::history;
use crate::review_samples::{Rng, edited, odd_history, oddly_changed, set, user};
use crate::support::{FOLDER, Report, arg, commit, permdelta, repository, temp, text};

/// What GitHub takes of a body, as far as is known.
const MOST_BYTES: usize = 60_000;

pub(crate) fn review(dir: &Path, args: &[&str]) -> Value {
    let run = permdelta(dir, &[args, &["--format", "github-review"]].concat());
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{args:?}: {error}; {}", run.stderr))
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// Path, side and line of each comment.
pub(crate) fn places(review: &Value) -> Vec<(String, String, u64)> {
    let comments = review["comments"].as_array().expect("comments");
    comments
        .iter()
        .map(|comment| (text(comment, "path"), text(comment, "side"), comment["line"].as_u64().expect("a line")))
        .collect()
}

/// Of one range: the form GitHub takes, every comment on a line that git shows, every finding said once. The number of
/// comments and of findings that have none.
pub(crate) fn assert_review(dir: &Path, range: &str) -> (usize, usize) {
    let payload = review(dir, &["check", range]);
    let mut expected = vec!["body", "comments", "event"];
    expected.extend(payload.get("commit_id").map(|_| "commit_id"));
    expected.sort_unstable();
    assert_eq!(keys(&payload), expected, "{range}");
    assert_eq!(payload["event"], "COMMENT", "{range}: it neither approves nor blocks");
    let body = text(&payload, "body");
    assert!(body.starts_with("<!-- permdelta review -->\n") && body.len() <= MOST_BYTES, "{range}");
    let comments = payload["comments"].as_array().expect("comments");
    assert!(comments.len() <= 30, "{range}");
    for comment in comments {
        assert_eq!(keys(comment), ["body", "line", "path", "side"], "{range}: a line of its own has no start_line");
        assert!((1..=MOST_BYTES).contains(&text(comment, "body").len()), "{range}");
    }
    let places = places(&payload);
    let different: BTreeSet<_> = places.iter().collect();
    assert_eq!(different.len(), places.len(), "{range}: two comments on one line");
    if let Some(shown) = lines_shown(dir, range) {
        for (path, side, line) in &places {
            let side = if side == "LEFT" { "LEFT" } else { "RIGHT" };
            assert!(shown.contains(&(path.clone(), side, *line)), "{range}: {path}:{line} {side} is in no hunk");
        }
    }
    let report = Report::of(dir, &["check", range]);
    let mut elsewhere = 0;
    for finding in report.json["findings"].as_array().expect("findings") {
        let fingerprint = text(finding, "fingerprint");
        let said = comments.iter().filter(|comment| text(comment, "body").contains(&fingerprint)).count();
        let in_body = usize::from(body.contains(&fingerprint));
        assert_eq!(said + in_body, 1, "{range}: {finding:#} is said once\n{body}");
        elsewhere += in_body;
    }
    (comments.len(), elsewhere)
}

#[test]
fn the_demo_is_commented_on_where_it_changes() {
    let dir = temp();
    let place = dir.path().join("demo");
    permdelta(dir.path(), &["demo", "-q", "--keep", arg(&place)]);
    assert_eq!(assert_review(&place, "main...pull-request"), (8, 1));
    let head = git2::Repository::open(&place).unwrap().revparse_single("pull-request").unwrap().id();
    let payload = review(&place, &["check", "main...pull-request"]);
    assert_eq!(payload["commit_id"], head.to_string());
    let muting = "force-app/main/default/mutingpermissionsets/Contract_Desk_Muting.mutingpermissionset-meta.xml";
    assert!(places(&payload).contains(&(muting.to_owned(), "LEFT".to_owned(), 7)), "what is gone is shown on the left");
    let body = text(&payload, "body");
    assert!(
        body.contains("**❌ permdelta: FAIL**<br>12 new findings") && body.contains("flow-activates-ungated-set"),
        "{body}"
    );
    // What is not committed has no commit.
    assert!(review(&place, &["check", "main"]).get("commit_id").is_none());
}

/// What is found again is the first line, and several reviews of one pull request have an id each.
#[test]
fn the_marker_is_the_first_line() {
    let dir = temp();
    for (args, marker) in [
        (&["demo"][..], "<!-- permdelta review -->"),
        (&["demo", "--comment-id", "crm"], "<!-- permdelta review: crm -->"),
    ] {
        let payload = review(dir.path(), args);
        assert_eq!(text(&payload, "body").lines().next(), Some(marker));
        let comments = payload["comments"].as_array().expect("comments");
        assert!(!comments.iter().any(|comment| text(comment, "body").contains("<!--")));
    }
}

/// Files that end oddly, are renamed, moved or deleted, elements that are gone: each on the line that git shows, or in the body.
#[test]
fn every_comment_is_inside_a_hunk() {
    let dir = temp();
    let repository = odd_history(dir.path());
    let (comments, elsewhere) = assert_review(dir.path(), "main~1..main");
    assert!(comments >= 10 && elsewhere >= 3, "{comments} comments, {elsewhere} findings in the body");
    let payload = review(dir.path(), &["check", "main~1..main"]);
    let places = places(&payload);
    let on = |file: &str, side: &str| {
        places
            .iter()
            .filter(|(path, own, _)| path.contains(file) && own == side)
            .map(|(.., line)| *line)
            .collect::<Vec<_>>()
    };
    assert_eq!(on("Gate_Gone", "LEFT"), [2], "the flag that is gone");
    assert_eq!(on("Muted_Away", "LEFT"), [4], "in a file that is gone");
    assert_eq!(on("permdelta.toml", "LEFT"), [2], "a setting that is gone");
    for (file, line) in [("Gate_Off", 2), ("Far", 83), ("Windows", 7), ("One_Line", 2), ("No_End", 5)] {
        assert_eq!(on(file, "RIGHT"), [line], "{file}");
    }
    // What a renamed file had before is not in its diff.
    assert_eq!((on("New_Name", "RIGHT").len(), on("Moved", "RIGHT").len()), (1, 1), "{places:?}");
    assert!(on("Old_Name", "LEFT").is_empty() && on("Exactly", "RIGHT").is_empty(), "{places:?}");
    drop(repository);
}

/// The gate is what changes; the power it guarded stands as far below as a file's number says.
#[test]
fn three_lines_around_a_change_are_commented_on_and_no_more() {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let side = |gate: &str| -> Vec<(String, Vec<u8>)> {
        let of = |below: usize| {
            let gate = format!("    <hasActivationRequired>{gate}</hasActivationRequired>\n{}", "\n".repeat(below));
            let power = "<userPermissions><enabled>true</enabled><name>ModifyAllData</name></userPermissions>\n";
            (format!("{FOLDER}/D{below}.permissionset-meta.xml"), set(&(gate + power)).into_bytes())
        };
        (0..8).map(of).collect()
    };
    for side in [side("true"), side("false")] {
        let parent = repository.revparse_single("main").ok().map(|head| head.id());
        let side: Vec<(&str, &[u8])> = side.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        commit(&repository, parent, &side);
    }
    assert_review(dir.path(), "main~1..main");
    let payload = review(dir.path(), &["check", "main~1..main"]);
    let on_power = places(&payload).into_iter().filter(|(.., line)| *line > 2).map(|(path, ..)| path);
    let expected = (0..3).map(|below| format!("{FOLDER}/D{below}.permissionset-meta.xml"));
    assert_eq!(on_power.collect::<BTreeSet<_>>(), expected.collect::<BTreeSet<_>>());
}

/// Blocks that come, go and move, files that are renamed: whatever the diff makes of it.
#[test]
fn every_comment_is_inside_a_hunk_whatever_changes() {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let mut rng = Rng::new(20_261_126);
    let mut files = oddly_changed(&mut rng);
    let borrowed = |files: &std::collections::BTreeMap<String, Vec<u8>>| -> Vec<(String, Vec<u8>)> {
        files.iter().map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    };
    let mut last = None;
    let (mut comments, mut elsewhere) = (0, 0);
    for step in 0..40 {
        let all = borrowed(&files);
        let all: Vec<(&str, &[u8])> = all.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        last = Some(commit(&repository, last, &all));
        if step > 0 {
            let found = assert_review(dir.path(), "main~1..main");
            (comments, elsewhere) = (comments + found.0, elsewhere + found.1);
        }
        files = edited(files, &mut rng);
    }
    println!("{comments} comments inside hunks, {elsewhere} findings in bodies");
    assert!(comments > 100 && elsewhere > 20, "{comments} comments, {elsewhere} in bodies");
}

#[test]
fn every_comment_is_inside_a_hunk_of_a_real_history() {
    let Some((clone, commits)) = history::history("review") else { return };
    let (mut comments, mut elsewhere) = (0, 0);
    for pair in commits.windows(2).step_by(8) {
        let found = assert_review(clone.path(), &format!("{}..{}", pair[0], pair[1]));
        (comments, elsewhere) = (comments + found.0, elsewhere + found.1);
    }
    let whole = assert_review(clone.path(), &format!("{}..{}", commits[0], commits[commits.len() - 1]));
    println!("{comments} comments inside hunks, {elsewhere} findings in bodies; in one step {whole:?}");
    assert!(whole.0 > 0);
}

/// More than a review holds: the worst are comments, the rest is in the body, and what that has no room for is counted.
#[test]
fn what_is_too_much_is_said() {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let all = |granted: &str| -> Vec<(String, Vec<u8>)> {
        let of = |number: usize| {
            let permission = if number == 150 { "ModifyAllData" } else { "ManageUsers" };
            (format!("{FOLDER}/S{number}.permissionset-meta.xml"), set(&user(permission, granted)).into_bytes())
        };
        (0..400).map(of).collect()
    };
    let (before, after) = (all("false"), all("true"));
    let files = |all: &'_ [(String, Vec<u8>)]| -> Vec<(String, Vec<u8>)> { all.to_vec() };
    for side in [files(&before), files(&after)] {
        let parent = repository.revparse_single("main").ok().map(|head| head.id());
        let side: Vec<(&str, &[u8])> = side.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        commit(&repository, parent, &side);
    }
    let run = permdelta(dir.path(), &["check", "main~1..main", "--format", "github-review"]);
    let payload: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let (places, body) = (places(&payload), text(&payload, "body"));
    assert_eq!(places.len(), 30);
    assert!(places[0].0.contains("S150."), "the worst first");
    assert!(body.len() <= MOST_BYTES && body.len() > MOST_BYTES - 2_000, "{}", body.len());
    assert!(body.contains("beyond the 30 comments of a review (370 lines)"), "{}", &body[..600]);
    let report = Report::of(dir.path(), &["check", "main~1..main"]);
    let commented =
        |finding: &&Value| run.stdout.contains(&format!("permdelta explain {}", text(finding, "fingerprint")));
    let findings = report.json["findings"].as_array().expect("findings");
    let left = findings.len() - findings.iter().filter(commented).count() - body.matches("\n- ").count();
    assert!(body.ends_with("`permdelta check` lists all."), "{}", &body[body.len() - 200..]);
    assert!(left > 100 && body.contains(&format!("{left} more are left out here")), "{left}");
    assert!(run.stderr.contains(&format!("leaves out {left} ")), "{}", run.stderr);
}

/// Problems are never hidden, and what a run without a diff finds is listed.
#[test]
fn problems_and_audits_stand_in_the_body() {
    let dir = temp();
    let path = format!("{FOLDER}/Cut.permissionset-meta.xml");
    let cut = set(&user("ViewAllData", "true")).replace("</PermissionSet>", "");
    crate::support::write(dir.path(), &format!("new/{path}"), cut.as_bytes());
    crate::support::write(
        dir.path(),
        &format!("new/{FOLDER}/A.permissionset"),
        set(&user("ViewAllData", "true")).as_bytes(),
    );
    crate::support::write(dir.path(), "old/none.txt", b"");
    let payload = review(dir.path(), &["check", "--from", "old", "--to", "new"]);
    let body = text(&payload, "body");
    assert!(
        body.contains("**❌ permdelta: INCOMPLETE**") && body.contains("Cut.permissionset") && body.contains("cut off"),
        "{body}"
    );
    assert!(
        places(&payload).is_empty() && body.contains("A.permissionset"),
        "what is new may be shown as renamed: {body}"
    );
    let audit = review(dir.path(), &["audit", "new"]);
    assert!(audit["comments"].as_array().expect("comments").is_empty());
    let body = text(&audit, "body");
    assert!(body.contains("**Findings**") && body.contains("privileged-access-always-on"), "{body}");
}
