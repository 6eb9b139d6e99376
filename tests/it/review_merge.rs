//! On GitHub Actions, where what is checked out is a merge commit and what is reviewed is the request's own head.

use std::path::Path;
use std::process::Command;

use git2::{Oid, Repository, Signature, Time};
use serde_json::Value;

use crate::git_diff::lines_shown;
use crate::review::places;
use crate::review_samples::{set, user};
use crate::support::{FOLDER, commit, repository, scrub, temp, text};

/// `check` as a workflow for pull requests runs it.
fn reviewed(dir: &Path, sha: &str) -> Value {
    let home = temp();
    let mut command = Command::new(env!("CARGO_BIN_EXE_permdelta"));
    command.current_dir(dir).args(["check", "--format", "github-review"]);
    scrub(&mut command, home.path());
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", "pull_request").env("GITHUB_BASE_REF", "main");
    command.env("GITHUB_REF", "refs/pull/7/merge").env("GITHUB_SHA", sha);
    let output = command.output().expect("it starts");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn merge(repository: &Repository, tree: Oid, parents: [Oid; 2]) -> Oid {
    let author = Signature::new("A", "a@example.com", &Time::new(1_760_000_000, 0)).unwrap();
    let parents = parents.map(|id| repository.find_commit(id).unwrap());
    let tree = repository.find_commit(tree).unwrap().tree().unwrap();
    repository.commit(None, &author, &author, "merge", &tree, &[&parents[0], &parents[1]]).unwrap()
}

#[test]
fn the_lines_are_those_of_the_requests_own_head() {
    let dir = temp();
    let repository = repository(dir.path(), false);
    let path = |name: &str| format!("{FOLDER}/{name}.permissionset-meta.xml");
    let (x, y) = (path("Both_Sides"), path("Own"));
    let tail = user("RunReports", "true").repeat(8);
    let file = |first: &str, last: &str| set(&(first.to_owned() + &tail + last)).into_bytes();
    let (risky, other) = (user("ViewAllData", "true"), user("RunFlow", "true"));
    let fork = commit(&repository, None, &[(&x, &file("", "")), (&y, &file("", ""))]);
    // A tree first, then the commits: `commit` moves main, which in the end is the target's.
    let both = commit(&repository, Some(fork), &[(&x, &file(&other, &risky)), (&y, &file("", &risky))]);
    let own = commit(&repository, Some(fork), &[(&x, &file("", &risky)), (&y, &file("", &risky))]);
    let target = commit(&repository, Some(fork), &[(&x, &file(&other, "")), (&y, &file("", ""))]);
    repository.reference("refs/remotes/origin/main", target, true, "fetched").unwrap();
    let merged = merge(&repository, both, [target, own]);
    repository.set_head_detached(merged).unwrap();

    let payload = reviewed(dir.path(), &merged.to_string());
    assert_eq!(payload["commit_id"], own.to_string(), "GitHub knows the request's head, not the merge commit");
    let places = places(&payload);
    assert_eq!(places.len(), 1, "{payload:#}");
    assert_eq!(places[0].0, y, "in the other file lines are not those of the request's head");
    assert!(text(&payload, "body").contains("Both_Sides"), "{payload:#}");
    if let Some(shown) = lines_shown(dir.path(), &format!("{fork}..{own}")) {
        assert!(shown.contains(&(y, "RIGHT", places[0].2)));
    }
}
