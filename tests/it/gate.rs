//! A gate to try: a branch that a change is for, and the change.

use git2::Oid;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Report, commit, repository, temp};

/// Path and content.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

pub(crate) fn file(path: &str, text: impl Into<Vec<u8>>) -> (String, Vec<u8>) {
    (path.to_owned(), text.into())
}

/// `main` has `target` on top of `base`, `topic` has `head`.
pub(crate) fn history(base: &Files, target: &Files, head: &Files) -> TempDir {
    let dir = temp();
    let repository = repository(dir.path(), false);
    let make = |parent: Option<Oid>, files: &Files| {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        commit(&repository, parent, &files)
    };
    let base = make(None, base);
    let head = make(Some(base), head);
    repository.reference("refs/heads/topic", head, true, "a branch").expect("a branch");
    make(Some(base), target);
    dir
}

pub(crate) fn of_rule<'r>(report: &'r Report, rule: &str) -> Vec<&'r Value> {
    let findings = report.json["findings"].as_array().expect("findings").iter();
    findings.filter(|finding| finding["rule"] == rule).collect()
}
