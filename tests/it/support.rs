//! Shared by all tests: the program run in a clean environment, its JSON report, temporary directories and throw-away repositories.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use git2::{Commit, IndexEntry, IndexTime, Oid, Repository, RepositoryInitOptions, Signature, Time};
use serde_json::Value;
use tempfile::TempDir;

/// Where source format keeps permission sets.
pub(crate) const FOLDER: &str = "force-app/main/default/permissionsets";

/// What one run of the program left behind.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program in `dir` with nothing of the caller's environment but the search path.
pub(crate) fn permdelta(dir: &Path, args: &[&str]) -> Run {
    let home = temp();
    let mut command = Command::new(env!("CARGO_BIN_EXE_permdelta"));
    command.current_dir(dir).args(args);
    scrub(&mut command, home.path());
    let output = command.output().expect("the program starts");
    let run = Run {
        status: output.status.code().expect("the program ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    };
    assert!(!run.stderr.contains("panicked"), "{args:?}: {}", run.stderr);
    run
}

/// Removes every variable a developer's shell or a CI system could have set, and points HOME at an empty directory.
pub(crate) fn scrub(command: &mut Command, home: &Path) {
    command.env_clear().env("HOME", home).env("USERPROFILE", home);
    for name in ["PATH", "SystemRoot"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
}

/// An elementary permission as one of the lists below `declared` of a permission set shows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) grant: String,
    pub(crate) path: String,
    pub(crate) line: u64,
}

/// An input that could not be understood, as the report names it.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) side: String,
    pub(crate) path: String,
    pub(crate) line: u64,
    pub(crate) message: String,
    pub(crate) hint: String,
    pub(crate) state: String,
}

/// The JSON report of a run.
pub(crate) struct Report {
    pub(crate) status: i32,
    pub(crate) json: Value,
}

impl Report {
    /// Runs the program with `--format json` and parses the whole of stdout.
    pub(crate) fn of(dir: &Path, args: &[&str]) -> Report {
        let run = permdelta(dir, &[args, &["--format", "json"]].concat());
        let json = serde_json::from_str(&run.stdout).unwrap_or_else(|error| {
            panic!("{args:?}: exit {}, stdout is not JSON ({error}); stderr: {}", run.status, run.stderr)
        });
        Report { status: run.status, json }
    }

    /// What access `to` has that `from` has not, both directories.
    pub(crate) fn of_diff(from: &Path, to: &Path) -> Report {
        Report::of(to, &["diff", "--from", arg(from), "--to", arg(to)])
    }

    pub(crate) fn complete(&self) -> bool {
        self.json["complete"].as_bool().expect("complete is a boolean")
    }

    pub(crate) fn holders(&self) -> &[Value] {
        self.json["holders"].as_array().expect("holders is an array")
    }

    pub(crate) fn permission_sets(&self) -> impl Iterator<Item = &Value> {
        self.holders().iter().filter(|holder| holder["kind"] == "permissionSet")
    }

    /// One list (`gained`, `lost`, `undeclared`) of the declared access of all permission sets.
    pub(crate) fn rows(&self, list: &str) -> Vec<Row> {
        let mut rows = Vec::new();
        for holder in self.permission_sets() {
            for row in holder["declared"][list].as_array().expect("a declared list is an array") {
                rows.push(Row {
                    name: text(holder, "name"),
                    grant: text(row, "grant"),
                    path: text(row, "path"),
                    line: row["line"].as_u64().expect("a line is a number"),
                });
            }
        }
        rows
    }

    pub(crate) fn problems(&self) -> Vec<Problem> {
        let problems = self.json["problems"].as_array().expect("problems is an array");
        problems
            .iter()
            .map(|problem| Problem {
                side: text(problem, "side"),
                path: text(problem, "path"),
                line: problem["line"].as_u64().unwrap_or(0),
                message: text(problem, "message"),
                hint: text(problem, "hint"),
                state: text(problem, "state"),
            })
            .collect()
    }

    /// Asserts what "no access change" means to another tool: nothing differs, all was read, success.
    pub(crate) fn assert_no_change(&self, what: &str) {
        assert_eq!(self.json["problems"], Value::Array(vec![]), "{what}");
        assert_eq!(self.json["holders"], Value::Array(vec![]), "{what}");
        assert!(self.complete(), "{what}");
        assert_eq!(self.status, 0, "{what}");
    }
}

/// The string below `key`, empty where the report has `null`.
pub(crate) fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

/// A path as a command line argument.
pub(crate) fn arg(path: &Path) -> &str {
    path.to_str().expect("a temporary path is UTF-8")
}

/// Names and keys are compared case-folded.
pub(crate) fn fold(name: &str) -> String {
    name.to_lowercase()
}

pub(crate) fn temp() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// A temporary directory with these files.
pub(crate) fn directory(files: &[(&str, &[u8])]) -> TempDir {
    let dir = temp();
    for (path, bytes) in files {
        write(dir.path(), path, bytes);
    }
    dir
}

/// Writes one file and the folders above it.
pub(crate) fn write(dir: &Path, path: &str, bytes: &[u8]) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
    fs::write(path, bytes).expect("a file can be written");
}

/// All files below `dir`, relative, `/`-separated, sorted.
pub(crate) fn files_below(dir: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let below = path.strip_prefix(dir).expect("it lies below");
                found.insert(arg(below).replace('\\', "/"));
            }
        }
    }
    found
}

/// The API name a file name stands for: the part before the suffix, percent-decoded; `None` if it is no permission set.
pub(crate) fn permission_set_name(path: &str) -> Option<String> {
    let file = path.rsplit('/').next().expect("a path has a last part");
    let stem = file.strip_suffix(".permissionset-meta.xml").or_else(|| file.strip_suffix(".permissionset"))?;
    let mut bytes = Vec::new();
    let mut rest = stem.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    Some(String::from_utf8(bytes).expect("a decoded name is UTF-8"))
}

/// The folder of real metadata; without it the caller says that it was skipped.
pub(crate) fn corpora(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PERMDELTA_CORPORA").map(PathBuf::from);
    if folder.is_none() {
        println!("{test}: skipped, PERMDELTA_CORPORA names no folder");
    }
    folder
}

/// An empty repository whose head is `main`, deaf to the user's line-ending settings.
pub(crate) fn repository(dir: &Path, bare: bool) -> Repository {
    let mut options = RepositoryInitOptions::new();
    options.bare(bare).initial_head("main").external_template(false);
    let repository = Repository::init_opts(dir, &options).expect("a new repository");
    let mut config = repository.config().expect("its configuration");
    config.set_bool("core.autocrlf", false).expect("a setting");
    repository
}

/// Commits exactly these files on top of `parent` and moves `main` there; touches no worktree.
pub(crate) fn commit(repository: &Repository, parent: Option<Oid>, files: &[(&str, &[u8])]) -> Oid {
    let mut index = git2::Index::new().expect("an index in memory");
    for (path, bytes) in files {
        let id = repository.blob(bytes).expect("a blob");
        index.add(&blob_entry(path, id)).expect("an index entry");
    }
    let tree = index.write_tree_to(repository).expect("a tree");
    let tree = repository.find_tree(tree).expect("the tree");
    let parents: Vec<Commit> = parent.iter().map(|id| repository.find_commit(*id).expect("the parent")).collect();
    let when = parents.first().map_or(1_750_000_000, |parent| parent.time().seconds() + 60);
    let author = Signature::new("Sample Author", "author@example.com", &Time::new(when, 0)).expect("an author");
    let parents: Vec<&Commit> = parents.iter().collect();
    let id = repository.commit(None, &author, &author, "a step", &tree, &parents).expect("a commit");
    repository.reference("refs/heads/main", id, true, "a step").expect("the branch moves");
    id
}

/// Commits exactly these files and checks them out.
pub(crate) fn commit_worktree(repository: &Repository, parent: Option<Oid>, files: &[(&str, &[u8])]) -> Oid {
    let id = commit(repository, parent, files);
    let mut force = git2::build::CheckoutBuilder::new();
    repository.checkout_head(Some(force.force())).expect("a checkout");
    id
}

/// A regular file of an index.
pub(crate) fn blob_entry(path: &str, id: Oid) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode: 0o100_644,
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    }
}
