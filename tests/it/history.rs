//! A real history: deltas along its first-parent line are symmetric, add up to the head's grants, and read only what changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use git2::{Oid, Repository, Sort, Tree};
use tempfile::TempDir;

use crate::slow_reading;
use crate::support::{Report, arg, corpora, fold, permission_set_name, scrub, temp};

/// How many files of a name hold a grant: declared rows are per file, and two packages may have a set of the same name.
type Access = BTreeMap<(String, String), i64>;

/// Compares this many pairs unless PERMDELTA_FULL_HISTORY=1 asks for every one.
const SAMPLE: usize = 60;

#[test]
fn deltas_are_symmetric_and_add_up_to_the_head() {
    let Some((clone, commits)) = history("history: deltas") else { return };
    let empty = temp();
    let whole = |id: Oid| Report::of(clone.path(), &["diff", "--from", arg(empty.path()), "--to", &id.to_string()]);
    let repository = Repository::open(clone.path()).expect("the clone");
    let mut slow = SlowHistory::default();

    let line = sample(&commits);
    let first = whole(line[0]);
    assert!(!names_a_permission_set(&first), "the first commit is readable");
    let mut folded = added_up(Access::new(), &first);
    let mut from = line[0];
    let mut skipped = 0;
    let mut wrong = Vec::new();
    for to in &line[1..] {
        let range = format!("{from}..{to}");
        let forward = Report::of(clone.path(), &["diff", &range]);
        let malformed = slow.access(&repository, *to).is_none();
        assert_eq!(names_a_permission_set(&forward), malformed, "{range}: malformed, and a problem names it");
        if malformed {
            skipped += 1;
            continue;
        }
        let backward = Report::of(clone.path(), &["diff", &format!("{to}..{from}")]);
        wrong.extend(not_mirrored(&forward, &backward, &range));
        folded = added_up(folded, &forward);
        let read = slow.access(&repository, *to).expect("it is readable");
        wrong.extend(difference(&folded, &read, &range, "the sum so far, and the files"));
        folded = read;
        from = *to;
    }
    println!("{} comparisons, {skipped} skipped for a malformed permission set", line.len() - 1);
    let head = added_up(Access::new(), &whole(from));
    wrong.extend(difference(&folded, &head, "HEAD", "the sum, and the head by itself"));
    assert!(wrong.is_empty(), "{} comparisons:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_commit_does_not_differ_from_itself() {
    let Some((clone, commits)) = history("history: identity") else { return };
    for id in sample(&commits) {
        let report = Report::of(clone.path(), &["diff", &format!("{id}..{id}")]);
        assert_eq!(report.holders().len(), 0, "{id}");
        assert_eq!(report.status, 0, "{id}: {:?}", report.problems());
    }
}

#[test]
fn check_reads_only_the_blobs_of_changed_permission_sets() {
    let Some((clone, commits)) = history("history: laziness") else { return };
    let repository = Repository::open(clone.path()).expect("the clone");
    let mut pairs = Vec::new();
    for pair in commits.windows(2) {
        if let Some(blobs) = changed_permission_set_blobs(&repository, pair[0], pair[1]) {
            let around = files_around(&repository, pair[0], pair[1]);
            pairs.push((format!("{}..{}", pair[0], pair[1]), blobs, around));
        }
    }
    let (changed, untouched): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(_, blobs, _)| !blobs.is_empty());
    let pairs = [sample(&changed), untouched.into_iter().take(5).collect()].concat();
    assert!(pairs.len() > 30, "the history is not what it was");
    for (range, blobs, around) in &pairs {
        let report = Report::of(clone.path(), &["check", range]);
        assert!(report.complete(), "{range}: {:?}", report.problems());
        let read = report.json["summary"]["read"]["blobs"].as_u64();
        assert_eq!(read, Some((blobs.len() + around) as u64), "{range}: {blobs:?}");
    }
    println!("{} checks read what changed and no more", pairs.len());
}

/// Clones the recorded history; its first-parent line, oldest first.
pub(crate) fn history(test: &str) -> Option<(TempDir, Vec<Oid>)> {
    let bundle = corpora(test)?.join("crm-arbeidsgiver-base.bundle");
    let clone = temp();
    let home = temp();
    let mut git = Command::new("git");
    git.args(["clone", "--quiet", "--bare", "-b", "main", arg(&bundle), arg(clone.path())]);
    scrub(&mut git, home.path());
    let Ok(output) = git.env("GIT_CONFIG_NOSYSTEM", "1").output() else {
        println!("{test}: skipped, there is no git command");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let repository = Repository::open(clone.path()).expect("the clone");
    let mut walk = repository.revwalk().expect("a walk");
    walk.push_head().expect("a head");
    walk.simplify_first_parent().expect("the first-parent line");
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE).expect("an order");
    let commits = walk.collect::<Result<_, _>>().expect("commits");
    Some((clone, commits))
}

/// Evenly spaced elements, the first and the last among them; all of them if a full run is asked for.
fn sample<T: Clone>(all: &[T]) -> Vec<T> {
    if std::env::var_os("PERMDELTA_FULL_HISTORY").is_some_and(|value| value == "1") || all.len() <= SAMPLE {
        return all.to_vec();
    }
    (0..=SAMPLE).map(|step| all[step * (all.len() - 1) / SAMPLE].clone()).collect()
}

fn names_a_permission_set(report: &Report) -> bool {
    report.problems().iter().any(|problem| permission_set_name(&problem.path).is_some())
}

/// The rows of some lists, counted.
fn counted(report: &Report, lists: &[&str]) -> Access {
    let mut access = Access::new();
    for list in lists {
        for row in report.rows(list) {
            *access.entry((fold(&row.name), fold(&row.grant))).or_default() += 1;
        }
    }
    access
}

/// What one direction gains the other one loses or stops declaring.
fn not_mirrored(forward: &Report, backward: &Report, range: &str) -> Option<String> {
    let away = ["lost", "undeclared"];
    let (gained, taken) = (counted(forward, &["gained"]), counted(forward, &away));
    difference(&gained, &counted(backward, &away), range, "gained, and taken away on the way back").or_else(|| {
        difference(&taken, &counted(backward, &["gained"]), range, "taken away, and gained on the way back")
    })
}

/// Says what is in one of the two only, or not as often in the other; not more than a few grants.
fn difference(left: &Access, right: &Access, range: &str, what: &str) -> Option<String> {
    let differs = |here: &Access, there: &Access| -> Vec<String> {
        let odd = here.iter().filter(|(grant, count)| there.get(grant) != Some(count));
        odd.take(3).map(|((name, grant), count)| format!("{name} {grant} x{count}")).collect()
    };
    let (left, right) = (differs(left, right), differs(right, left));
    (left.len() + right.len() > 0).then(|| format!("{range}: {what}: {left:?} against {right:?}"))
}

/// The access after a change.
fn added_up(mut access: Access, change: &Report) -> Access {
    for (grant, count) in counted(change, &["gained"]) {
        *access.entry(grant).or_default() += count;
    }
    for (grant, count) in counted(change, &["lost", "undeclared"]) {
        *access.entry(grant).or_default() -= count;
    }
    access.retain(|_, count| *count != 0);
    access
}

/// The slow reading of whole commits, each blob once.
#[derive(Default)]
struct SlowHistory {
    blobs: BTreeMap<Oid, Option<BTreeSet<String>>>,
}

impl SlowHistory {
    /// What a commit's permission sets hold; `None` if one of them cannot be read.
    fn access(&mut self, repository: &Repository, commit: Oid) -> Option<Access> {
        let mut access = Access::new();
        for (path, id) in permission_set_files(&tree(repository, commit)) {
            let name = fold(&permission_set_name(&path).expect("a permission set"));
            let keys = self.blobs.entry(id).or_insert_with(|| {
                let blob = repository.find_blob(id).expect("a blob");
                let grants = slow_reading::read(blob.content()).ok()?;
                Some(grants.keys().map(|key| fold(key)).collect())
            });
            for key in keys.as_ref()? {
                *access.entry((name.clone(), key.clone())).or_default() += 1;
            }
        }
        Some(access)
    }
}

fn tree(repository: &Repository, commit: Oid) -> Tree<'_> {
    repository.find_commit(commit).and_then(|commit| commit.tree()).expect("a commit's tree")
}

fn all_files(tree: &Tree) -> Vec<(String, Oid)> {
    let mut files = Vec::new();
    tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        if entry.kind() == Some(git2::ObjectType::Blob) {
            let name = String::from_utf8_lossy(entry.name_bytes());
            files.push((format!("{folder}{name}"), entry.id()));
        }
        git2::TreeWalkResult::Ok
    })
    .expect("a tree can be walked");
    files
}

fn permission_set_files(tree: &Tree) -> Vec<(String, Oid)> {
    all_files(tree).into_iter().filter(|(path, _)| permission_set_name(path).is_some()).collect()
}

/// The blobs of the permission sets that differ between two commits; a file that only moved does not. `None` where more has to
/// be read: a group draws in its members, two files of a name are united, and other kinds of file are read too.
fn changed_permission_set_blobs(repository: &Repository, from: Oid, to: Oid) -> Option<BTreeSet<Oid>> {
    let [before, after] = [from, to].map(|id| all_files(&tree(repository, id)).into_iter().collect::<BTreeSet<_>>());
    if before.iter().chain(&after).any(|(path, _)| path.contains("permissionsetgroup")) {
        return None;
    }
    let others = [".profile", ".flow", ".customPermission"];
    if before.symmetric_difference(&after).any(|(path, _)| others.iter().any(|suffix| path.contains(suffix))) {
        return None;
    }
    let by_name = |files: BTreeSet<(String, Oid)>| {
        let mut named = BTreeMap::<String, Vec<Oid>>::new();
        for (path, id) in files {
            named.entry(permission_set_name(&path).map(|name| fold(&name)).unwrap_or_default()).or_default().push(id);
        }
        named.remove("");
        named
    };
    let (before, after) = (by_name(before), by_name(after));
    let mut blobs = BTreeSet::new();
    for name in before.keys().chain(after.keys()).filter(|name| before.get(*name) != after.get(*name)) {
        for files in [before.get(name), after.get(name)].into_iter().flatten() {
            if files.len() > 1 {
                return None;
            }
            blobs.extend(files);
        }
    }
    Some(blobs)
}

/// Elements that came later than source projects, so that their API version has to be looked at.
const LATE: [&str; 9] = [
    "<agentAccesses>",
    "<customMetadataTypeAccesses>",
    "<customSettingAccesses>",
    "<emailRoutingAddressAccesses>",
    "<externalCredentialPrincipalAccesses>",
    "<flowAccesses>",
    "<genComputingSummaryDefAccesses>",
    "<servicePresenceStatusAccesses>",
    "<viewAllFields>",
];

/// How many files around the sets have to be read: those that differ, and the project file if a set newly has an element that
/// its API version may not have.
fn files_around(repository: &Repository, from: Oid, to: Oid) -> usize {
    let [before, after] = [from, to].map(|id| tree(repository, id));
    let blob = |tree: &Tree, name| tree.get_path(Path::new(name)).ok().map(|entry| entry.id());
    let on_both = |name| (blob(&before, name), blob(&after, name));
    let differing = |name| match on_both(name) {
        (Some(old), Some(new)) if old != new => 2,
        (None, Some(_)) => 1,
        _ => 0,
    };
    let late = |tree: &Tree| -> BTreeMap<String, Vec<&str>> {
        let files = permission_set_files(tree).into_iter();
        let elements = |id| {
            let blob = repository.find_blob(id).expect("a blob");
            let text = String::from_utf8_lossy(blob.content()).into_owned();
            LATE.into_iter().filter(|element| text.contains(element)).collect()
        };
        files.map(|(path, id)| (fold(&permission_set_name(&path).expect("a set")), elements(id))).collect()
    };
    let project = match differing("sfdx-project.json") {
        0 if blob(&after, "sfdx-project.json").is_some() => {
            let old = late(&before);
            let newly = |(name, elements): (&String, &Vec<&str>)| {
                elements.iter().any(|element| !old.get(name).is_some_and(|old| old.contains(element)))
            };
            usize::from(late(&after).iter().any(newly))
        }
        files => files,
    };
    project + differing(".forceignore")
}
