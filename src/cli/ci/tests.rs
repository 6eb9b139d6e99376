//! What each system sets, against repositories in temporary directories.

mod azure;
mod bitbucket;
mod github;
mod gitlab;
mod hostile;
mod jenkins;
mod outside;
mod shallow;

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::PathBuf;

use git2::{Oid, Repository, RepositoryInitOptions, Signature, Time};
use tempfile::TempDir;

use super::{Choice, Error, choose, with_line_to_add};
use crate::report::plain;
use crate::source::git;

const ZERO: &str = "0000000000000000000000000000000000000000";

/// A repository whose commits add files, so that what differs between two of them is known by name.
struct Place {
    dir: TempDir,
    repository: RefCell<Repository>,
}

/// What a run chose, as ids.
#[derive(Debug)]
struct Chosen {
    base: Oid,
    base_name: String,
    head: Oid,
    target: Oid,
    request: Option<Oid>,
    how: String,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = RepositoryInitOptions::new();
        options.initial_head("work").external_template(false);
        let repository = RefCell::new(Repository::init_opts(dir.path(), &options).unwrap());
        Self { dir, repository }
    }

    /// A commit with the files of its parents and one more.
    fn commit(&self, name: &str, parents: &[Oid]) -> Oid {
        let repository = self.repository.borrow();
        let parents: Vec<_> = parents.iter().map(|id| repository.find_commit(*id).unwrap()).collect();
        let blob = repository.blob(name.as_bytes()).unwrap();
        let mut tree = repository.treebuilder(None).unwrap();
        for parent in &parents {
            for entry in &parent.tree().unwrap() {
                tree.insert(entry.name_bytes(), entry.id(), entry.filemode()).unwrap();
            }
        }
        tree.insert(name, blob, 0o100_644).unwrap();
        let tree = repository.find_tree(tree.write().unwrap()).unwrap();
        let author = Signature::new("A", "a@example.com", &Time::new(1_767_603_600, 0)).unwrap();
        let parents: Vec<_> = parents.iter().collect();
        repository.commit(None, &author, &author, name, &tree, &parents).unwrap()
    }

    fn branch(&self, name: &str, id: Oid) {
        let name = if name.starts_with("refs/") { name.to_owned() } else { format!("refs/remotes/origin/{name}") };
        self.repository.borrow().reference(&name, id, true, "").unwrap();
    }

    fn checkout(&self, id: Oid) {
        self.repository.borrow().set_head_detached(id).unwrap();
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.dir.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Cuts history off below `boundary`: the commits before are gone, as in a shallow clone.
    fn cut(&self, boundary: &[Oid], gone: &[Oid]) {
        let mut list = String::new();
        for id in boundary {
            list.push_str(&format!("{id}\n"));
        }
        self.file(".git/shallow", &list);
        for id in gone {
            let id = id.to_string();
            let path: PathBuf = [".git", "objects", &id[..2], &id[2..]].iter().collect();
            fs::remove_file(self.dir.path().join(path)).unwrap();
        }
        self.repository.replace(Repository::open(self.dir.path()).unwrap());
    }

    fn choose(&self, variables: &[(&str, &str)]) -> Result<Option<Chosen>, Error> {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        let lookup = |name: &str| variables.get(name).map(|value| (*value).to_owned());
        let repository = self.repository.borrow();
        let choice = choose(&repository, &lookup).map_err(|error| with_line_to_add(error, &lookup))?;
        Ok(choice.map(|Choice { base, base_name, head, target, request, how }| Chosen {
            base: base.id(),
            base_name,
            head: head.id(),
            target,
            request,
            how,
        }))
    }

    #[track_caller]
    fn chosen(&self, variables: &[(&str, &str)]) -> Chosen {
        let chosen = self.choose(variables).unwrap().unwrap();
        // What was said can be pasted into a terminal.
        assert_eq!(plain(&chosen.how), chosen.how);
        chosen
    }

    #[track_caller]
    fn refused(&self, variables: &[(&str, &str)]) -> (String, String) {
        let error = self.choose(variables).unwrap_err();
        assert!(!error.hint().is_empty(), "{error}");
        (error.to_string(), error.hint().to_owned())
    }

    /// The files that differ.
    fn changed(&self, chosen: &Chosen) -> BTreeSet<String> {
        let repository = self.repository.borrow();
        let tree = |id| repository.find_commit(id).unwrap().tree().unwrap();
        let diff = repository.diff_tree_to_tree(Some(&tree(chosen.base)), Some(&tree(chosen.head)), None).unwrap();
        diff.deltas().map(|delta| delta.new_file().path().unwrap().to_str().unwrap().to_owned()).collect()
    }
}

fn files<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

/// A target branch that moved on after the fork, and a request with two commits.
struct Forked {
    place: Place,
    fork: Oid,
    target: Oid,
    source: Oid,
}

/// ```text
/// root - fork ------ target     origin/main
///          \- one - source
/// ```
fn forked() -> Forked {
    let place = Place::new();
    let root = place.commit("root", &[]);
    let fork = place.commit("fork", &[root]);
    let target = place.commit("landed", &[fork]);
    let one = place.commit("one", &[fork]);
    let source = place.commit("two", &[one]);
    place.branch("main", target);
    place.checkout(source);
    Forked { place, fork, target, source }
}

impl Forked {
    /// The target with the request merged, checked out.
    fn merge(&self, first: Oid, second: Oid) -> Oid {
        let merge = self.place.commit("merge", &[first, second]);
        self.place.checkout(merge);
        merge
    }
}

/// The files a request of [`forked`] brings; `merge` is what the merge commit itself adds.
fn request() -> BTreeSet<String> {
    files(["merge", "one", "two"])
}

fn id(oid: Oid) -> String {
    oid.to_string()
}
