//! What the index and the worktree are: what is staged, what git would take from the disk, and what only looks changed.

use std::fs;
use std::path::Path;

use crate::ranges::{changes, history, path, revision, set, side, unnamed};
use crate::support::{Report, temp, text, write};

/// `from`, `to` and what differs; each state is one further step away from the last commit.
#[test]
fn the_index_and_the_worktree_are_states_of_their_own() {
    let history = history();
    let dir = history.dir.path();
    write(dir, &path("A"), &set("ViewRoles"));
    let mut index = history.repository.index().expect("the index");
    index.add_path(Path::new(&path("A"))).expect("it is staged");
    index.write().expect("the index is written");
    write(dir, &path("A"), &set("EditTask"));

    for (from, to, expected) in [
        ("HEAD", ":index", &["+ A/ViewRoles", "- A/ApiEnabled"][..]),
        (":index", ":worktree", &["+ A/EditTask", "- A/ViewRoles"]),
        ("HEAD", ":worktree", &["+ A/EditTask", "- A/ApiEnabled"]),
        (":worktree", "HEAD", &["+ A/ApiEnabled", "- A/EditTask"]),
        (":index", ":index", &[]),
        (":worktree", ":worktree", &[]),
        ("main", "topic", &["+ B/ViewSetup", "- C/RunReports"]),
        (".", ":worktree", &[]),
    ] {
        assert_eq!(changes(&history.diff(&["--from", from, "--to", to])), expected, "{from} to {to}");
    }
    let index = Report::of(dir, &["audit", ":index"]);
    assert_eq!(side(&index, "head"), unnamed("index"));
}

#[test]
fn the_worktree_is_what_git_would_take() {
    let history = history();
    let dir = history.dir.path();
    write(dir, ".gitignore", b"scratch/\n*.local.permissionset\n");
    write(dir, &path("Untracked"), &set("ViewRoles"));
    write(dir, "deep/new/folder/Deep.permissionset", &set("ViewRoles"));
    write(dir, "scratch/Ignored.permissionset", &set("ModifyAllData"));
    write(dir, "My.local.permissionset", &set("ModifyAllData"));
    write(dir, &path("A"), &set("EditTask"));
    fs::remove_file(dir.join(path("B"))).expect("a tracked file");

    let report = history.diff(&["HEAD"]);
    let expected = ["+ A/EditTask", "+ Deep/ViewRoles", "+ Untracked/ViewRoles", "- A/ApiEnabled", "- B/ViewSetup"];
    assert_eq!(changes(&report), expected);
    let status = |name: &str| {
        let holder = report.holders().iter().find(|holder| holder["name"] == name).expect("a row");
        text(holder, "status")
    };
    assert_eq!(["A", "B", "Deep"].map(status), ["changed", "removed", "added"]);
    assert_eq!(report.rows("undeclared").len(), 1, "deploying a source tree deletes nothing");
}

/// A file that is touched, or written again as it was, or moved, changes no access.
#[test]
fn what_only_looks_changed_is_not() {
    let history = history();
    let dir = history.dir.path();
    fs::remove_file(dir.join(path("A"))).expect("a tracked file");
    write(dir, &path("A"), &set("ApiEnabled"));
    write(dir, &path("B"), &[b"\xef\xbb\xbf", set("ViewSetup").as_slice()].concat());
    history.diff(&["HEAD"]).assert_no_change("written again");
    fs::remove_file(dir.join(path("A"))).expect("a tracked file");
    write(dir, "moved/A.permissionset", &set("ApiEnabled"));
    history.diff(&["HEAD"]).assert_no_change("moved");
}

/// `git worktree add`: a directory of its own, the objects and branches of the repository.
#[test]
fn a_linked_worktree_is_a_worktree() {
    let (history, elsewhere) = (history(), temp());
    let linked = elsewhere.path().join("linked");
    let main = history.repository.find_reference("refs/heads/main").expect("the branch");
    let mut options = git2::WorktreeAddOptions::new();
    history.repository.worktree("linked", &linked, Some(options.reference(Some(&main)))).expect("a linked worktree");
    write(&linked, &path("C"), &set("ViewRoles"));
    let report = Report::of(&linked, &["diff", "topic...HEAD"]);
    assert_eq!((side(&report, "base"), side(&report, "head")), (revision(history.start), revision(history.main)));
    assert_eq!(changes(&Report::of(&linked, &["diff", "HEAD"])), ["+ C/ViewRoles", "- C/RunReports"]);
    history.diff(&["HEAD"]).assert_no_change("the first worktree is another one");
}
