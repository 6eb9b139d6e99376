//! Which two states are compared: every form of a range, from wherever it is asked.

use git2::{Oid, Repository};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{FOLDER, Report, arg, commit, permdelta, repository, temp, text, write};

/// A permission set with one user permission.
pub(crate) fn set(permission: &str) -> Vec<u8> {
    let grant = format!("<userPermissions><enabled>true</enabled><name>{permission}</name></userPermissions>");
    format!("<PermissionSet>\n{grant}\n</PermissionSet>\n").into_bytes()
}

pub(crate) fn path(name: &str) -> String {
    format!("{FOLDER}/{name}.permissionset-meta.xml")
}

/// `main` moved on after `topic` left it; `topic` is checked out, clean.
///
/// ```text
/// start ── main
///    └──── step ── topic
/// ```
pub(crate) struct History {
    pub(crate) dir: TempDir,
    pub(crate) repository: Repository,
    pub(crate) start: Oid,
    pub(crate) main: Oid,
    pub(crate) step: Oid,
    pub(crate) topic: Oid,
}

pub(crate) fn history() -> History {
    let dir = temp();
    let repository = repository(dir.path(), false);
    let [a, b, c] = ["A", "B", "C"].map(path);
    let [api, reports, setup] = ["ApiEnabled", "RunReports", "ViewSetup"].map(set);
    let start = commit(&repository, None, &[(&a, &api)]);
    let step = commit(&repository, Some(start), &[(&a, &api), (&b, &reports)]);
    let topic = commit(&repository, Some(step), &[(&a, &api), (&b, &setup)]);
    let main = commit(&repository, Some(start), &[(&a, &api), (&c, &reports)]);
    branch(&repository, "refs/heads/topic", topic);
    repository.set_head("refs/heads/topic").expect("the head");
    repository.checkout_head(Some(git2::build::CheckoutBuilder::new().force())).expect("a checkout");
    History { dir, repository, start, main, step, topic }
}

fn branch(repository: &Repository, name: &str, id: Oid) {
    repository.reference(name, id, true, "a branch").expect("a branch");
}

impl History {
    pub(crate) fn diff(&self, args: &[&str]) -> Report {
        let report = Report::of(self.dir.path(), &[&["diff"], args].concat());
        assert!(report.complete() && report.status == 0, "{args:?}");
        report
    }
}

/// A side as kind and commit.
pub(crate) fn side(report: &Report, which: &str) -> (String, Option<String>) {
    let side = &report.json[which];
    (text(side, "kind"), side["id"].as_str().map(str::to_owned))
}

pub(crate) fn revision(id: Oid) -> (String, Option<String>) {
    ("revision".to_owned(), Some(id.to_string()))
}

pub(crate) fn unnamed(kind: &str) -> (String, Option<String>) {
    (kind.to_owned(), None)
}

/// `+ name/permission` and `- name/permission` for everything that differs.
pub(crate) fn changes(report: &Report) -> Vec<String> {
    let mut changes = Vec::new();
    for (list, sign) in [("gained", '+'), ("lost", '-'), ("undeclared", '-')] {
        let rows = report.rows(list).into_iter();
        changes.extend(
            rows.map(|row| format!("{sign} {}/{}", row.name, row.grant.trim_start_matches("userPermissions/"))),
        );
    }
    changes
}

#[test]
fn two_dots_compare_as_they_are_three_from_the_merge_base() {
    let history = history();
    let History { start, main, step, topic, .. } = history;
    for (range, base, head) in [
        ("main..topic", main, topic),
        ("main...topic", start, topic),
        ("topic...main", start, main),
        ("topic~1..topic", step, topic),
        ("main..", main, topic),
        ("..main", topic, main),
        ("main...", start, topic),
        ("...main", start, main),
        ("main...topic~1", start, step),
        ("refs/heads/main..HEAD", main, topic),
    ] {
        let report = history.diff(&[range]);
        assert_eq!((side(&report, "base"), side(&report, "head")), (revision(base), revision(head)), "{range}");
    }
    assert_eq!(changes(&history.diff(&["main..topic"])), ["+ B/ViewSetup", "- C/RunReports"]);
    assert_eq!(changes(&history.diff(&["main...topic"])), ["+ B/ViewSetup"]);
}

#[test]
fn one_revision_is_compared_with_the_worktree() {
    let history = history();
    write(history.dir.path(), &path("B"), &set("ViewRoles"));
    for (range, base) in [("HEAD", history.topic), ("HEAD~1", history.step), ("main", history.main)] {
        let report = history.diff(&[range]);
        assert_eq!((side(&report, "base"), side(&report, "head")), (revision(base), unnamed("worktree")), "{range}");
    }
    assert_eq!(changes(&history.diff(&["HEAD"])), ["+ B/ViewRoles", "- B/ViewSetup"]);
}

/// Without a range: from where the worktree's branch left the remote default branch. `origin/HEAD` names it; without, `main` or `master` is.
#[test]
fn no_range_starts_at_the_remote_default_branch() {
    let history = history();
    let repository = &history.repository;
    let base = || side(&history.diff(&[]), "base");
    assert_eq!(permdelta(history.dir.path(), &["diff"]).status, 3, "there is no remote");

    branch(repository, "refs/remotes/origin/master", history.step);
    assert_eq!(base(), revision(history.step));
    branch(repository, "refs/remotes/origin/main", history.main);
    assert_eq!(base(), revision(history.start), "origin/main before origin/master; the merge base, not the tip");
    branch(repository, "refs/remotes/origin/develop", history.topic);
    repository
        .reference_symbolic("refs/remotes/origin/HEAD", "refs/remotes/origin/develop", true, "the default branch")
        .expect("a symbolic reference");
    let report = history.diff(&[]);
    assert_eq!((side(&report, "base"), side(&report, "head")), (revision(history.topic), unnamed("worktree")));
    write(history.dir.path(), &path("New"), &set("ViewRoles"));
    assert_eq!(changes(&history.diff(&[])), ["+ New/ViewRoles"], "what is not committed yet counts");
}

/// Whoever may push a tag could otherwise choose what the change is compared with.
#[test]
fn a_tag_does_not_stand_for_the_remote_default_branch() {
    let history = history();
    branch(&history.repository, "refs/remotes/origin/main", history.main);
    branch(&history.repository, "refs/tags/origin/main", history.topic);
    branch(&history.repository, "refs/heads/origin/main", history.topic);
    assert_eq!(side(&history.diff(&[]), "base"), revision(history.start));
}

#[test]
fn what_was_chosen_is_said_and_stands_in_the_report() {
    let history = history();
    branch(&history.repository, "refs/remotes/origin/main", history.main);
    let dir = history.dir.path();
    let start = &history.start.to_string()[..10];
    for (args, words) in [
        (&["check"][..], &["origin/main", start, "merge base", ":worktree"][..]),
        (&["check", "main...topic"], &["main", "topic", start, "merge base"]),
        (&["check", "HEAD~1"], &["HEAD~1", ":worktree"]),
        (&["check", "--from", ":index", "--to", ":worktree"], &[":index", ":worktree"]),
        (&["audit", "main"], &["main"]),
    ] {
        let run = permdelta(dir, args);
        for word in words {
            assert!(run.stderr.contains(word), "{args:?}: {word} is not in {}", run.stderr);
        }
    }
    let report = history.diff(&["main...topic"]);
    assert!(text(&report.json["base"], "name").contains("main") && text(&report.json["head"], "name") == "topic");
}

#[test]
fn an_empty_range_is_said() {
    let history = history();
    for range in ["topic..topic", "topic..HEAD", "topic...topic~1", "main...main"] {
        for command in ["check", "diff"] {
            let run = permdelta(history.dir.path(), &[command, range]);
            assert_eq!(run.status, 0, "{range}");
            assert!(run.stderr.contains("nothing to compare"), "{command} {range}: {}", run.stderr);
        }
    }
    assert!(!permdelta(history.dir.path(), &["diff", "main..topic"]).stderr.contains("nothing to compare"));
}

#[test]
fn a_sub_directory_and_c_mean_the_whole_repository() {
    let history = history();
    let (dir, elsewhere) = (history.dir.path(), temp());
    write(dir, &path("B"), &set("ViewRoles"));
    write(dir, "Root.permissionset", &set("ViewRoles"));
    let below = dir.join(FOLDER);
    let expected = history.diff(&["HEAD"]).json;
    let paths: Vec<Value> =
        expected["holders"].as_array().expect("rows").iter().map(|row| row["path"].clone()).collect();
    assert_eq!(paths, [path("B"), "Root.permissionset".to_owned()], "from the root of the repository");
    assert_eq!(Report::of(&below, &["diff", "HEAD"]).json, expected);
    assert_eq!(Report::of(elsewhere.path(), &["-C", arg(dir), "diff", "HEAD"]).json, expected);
    assert_eq!(Report::of(dir, &["-C", FOLDER, "diff", "HEAD"]).json, expected);
    assert_eq!(Report::of(dir, &["diff", "HEAD", "-C", FOLDER]).json, expected, "behind the command too");
}

/// Paths are relative to the directory that was given, wherever that is.
#[test]
fn directories_need_no_repository() {
    let dir = temp();
    write(dir.path(), "old/permissionsets/A.permissionset", &set("ApiEnabled"));
    write(dir.path(), "new/permissionsets/A.permissionset", &set("ViewRoles"));
    let report = Report::of(dir.path(), &["diff", "--from", "old", "--to", "new"]);
    assert_eq!(changes(&report), ["+ A/ViewRoles", "- A/ApiEnabled"]);
    assert_eq!(report.rows("gained")[0].path, "permissionsets/A.permissionset");
    assert_eq!((side(&report, "base"), side(&report, "head")), (unnamed("directory"), unnamed("directory")));
    let wrong = permdelta(dir.path(), &["diff", "--from", "old", "--to", ":worktree"]);
    assert!(wrong.status == 3 && wrong.stderr.contains("not in a git repository"), "{}", wrong.stderr);
}

#[test]
fn unrelated_histories_have_no_merge_base() {
    let history = history();
    let other = commit(&history.repository, None, &[("X.permissionset", &set("ApiEnabled"))]);
    branch(&history.repository, "refs/heads/other", other);
    let run = permdelta(history.dir.path(), &["check", "other...topic"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.contains("no common ancestor") && run.stderr.contains("A..B"), "{}", run.stderr);
    assert_eq!(permdelta(history.dir.path(), &["diff", "other..topic"]).status, 0, "as the hint says");
}

/// git would take the tag: whoever may push one would choose what a gate compares with.
#[test]
fn a_name_that_is_a_tag_and_a_branch_is_refused() {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let base = commit(&repository, None, &[("a.permissionset", b"<PermissionSet/>")]);
    let head = commit(&repository, Some(base), &[("b.permissionset", b"<PermissionSet/>")]);
    let at = |id| repository.find_commit(id).expect("a commit");
    repository.branch("release", &at(base), true).expect("a branch");
    repository.reference("refs/tags/release", head, true, "a tag").expect("a tag");
    let run = permdelta(dir.path(), &["check", "release..refs/tags/release"]);
    assert_eq!(run.status, 3, "{}", run.stdout);
    assert!(
        run.stderr.contains("both a tag and a branch") && run.stderr.contains("refs/heads/release"),
        "{}",
        run.stderr
    );
    assert_eq!(permdelta(dir.path(), &["check", "refs/heads/release..refs/tags/release"]).status, 0);
}
