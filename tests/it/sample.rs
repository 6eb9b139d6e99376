//! The sample repository: what `demo` builds is `sample-repo/`, to the byte and to the object id, and tells the story of its README.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use git2::{ObjectType, Repository, TreeWalkMode, TreeWalkResult};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Report, arg, files_below, permdelta, scrub, temp, text, write};

/// Files of one revision: path and content.
type Files = BTreeMap<String, Vec<u8>>;

const MAIN: &str = "15bcd22e08";
const PULL_REQUEST: &str = "5c87c5ca41";

const MAIN_DEFAULT: &str = "force-app/main/default";
const INTEGRATIONS: &str = "integrations/main/default";

/// What the pull request's check must say: rule, holder, file, line, and what stands on that line.
const STORY: [(&str, &str, &str, u64, &str); 12] = [
    ("api-bulk-extraction", "Data_Migration", "permissionsets/Data_Migration", 6, "<enabled>true</enabled>"),
    (
        "flow-activates-ungated-set",
        "Activate_Employment_Contracts",
        "flows/Activate_Employment_Contracts",
        20,
        "<stringValue>Employment_Contracts</stringValue>",
    ),
    (
        "modify-all-records",
        "Contract_Desk",
        "permissionsets/Contract_Manager",
        45,
        "<modifyAllRecords>true</modifyAllRecords>",
    ),
    (
        "modify-all-records",
        "Contract_Manager",
        "permissionsets/Contract_Manager",
        45,
        "<modifyAllRecords>true</modifyAllRecords>",
    ),
    (
        "muting-removed",
        "Contract_Desk",
        "mutingpermissionsets/Contract_Desk_Muting",
        2,
        "<MutingPermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">",
    ),
    ("missing-required-right", "Data_Migration", "permissionsets/Data_Migration", 10, "<enabled>true</enabled>"),
    ("privileged-access-always-on", "Data_Migration", "permissionsets/Data_Migration", 10, "<enabled>true</enabled>"),
    ("privileged-access-always-on", "Data_Migration", "permissionsets/Data_Migration", 14, "<enabled>true</enabled>"),
    (
        "session-activation-removed",
        "Employment_Contracts",
        "permissionsets/Employment_Contracts",
        34,
        "<hasActivationRequired>false</hasActivationRequired>",
    ),
    (
        "session-bypassed-by-group",
        "Field_Team",
        "permissionsetgroups/Field_Team",
        6,
        "<permissionSets>Conference_Room_Mobile</permissionSets>",
    ),
    (
        "view-all-records",
        "Contract_Desk",
        "permissionsets/Contract_Manager",
        48,
        "<viewAllRecords>true</viewAllRecords>",
    ),
    (
        "view-all-records",
        "Contract_Manager",
        "permissionsets/Contract_Manager",
        48,
        "<viewAllRecords>true</viewAllRecords>",
    ),
];

/// The whole path of a file of the story: `permissionsets/X` for `…/permissionsets/X.permissionset-meta.xml`.
fn path_of(file: &str) -> String {
    let (folder, name) = file.split_once('/').expect("a folder");
    let package = if name == "Data_Migration" { INTEGRATIONS } else { MAIN_DEFAULT };
    format!("{package}/{folder}/{name}.{}-meta.xml", folder.trim_end_matches('s'))
}

fn sample_repo(revision: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-repo").join(revision)
}

/// The files of one revision as they lie in `sample-repo/`.
fn stored(revision: &str) -> Files {
    let root = sample_repo(revision);
    let files = files_below(&root).into_iter();
    files.map(|path| (path.clone(), fs::read(root.join(&path)).expect("a sample file"))).collect()
}

/// The files of one branch of a repository.
fn committed(repository: &Repository, branch: &str) -> Files {
    let tree = repository.revparse_single(branch).expect("the branch").peel_to_tree().expect("its tree");
    let mut files = Files::new();
    let walked = tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
        if entry.kind() == Some(ObjectType::Blob) {
            let blob = repository.find_blob(entry.id()).expect("a blob");
            let name = entry.name().expect("a name in UTF-8");
            files.insert(format!("{folder}{name}"), blob.content().to_vec());
        }
        TreeWalkResult::Ok
    });
    walked.expect("the whole tree");
    files
}

/// `demo --keep` in a new directory.
fn kept() -> (TempDir, Repository) {
    let dir = temp();
    let run = permdelta(dir.path(), &["demo", "--keep", "sample", "-q"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let repository = Repository::open(dir.path().join("sample")).expect("the kept repository");
    (dir, repository)
}

#[test]
fn the_table_in_the_program_equals_the_directory() {
    let (_dir, repository) = kept();
    let base = stored("base");
    assert_eq!(committed(&repository, "main"), base);
    let mut head = base;
    head.extend(stored("pull-request"));
    assert_eq!(committed(&repository, "pull-request"), head);
    let worktree = repository.workdir().expect("a worktree");
    for (path, content) in &head {
        assert_eq!(&fs::read(worktree.join(path)).expect("a file that was checked out"), content, "{path}");
    }
    assert!(repository.statuses(None).expect("a status").is_empty(), "nothing differs from the commit");
}

#[test]
fn object_ids_are_the_same_everywhere() {
    let (_dir, repository) = kept();
    let id = |branch: &str| {
        let commit = repository.revparse_single(branch).expect("the branch").peel_to_commit().expect("a commit");
        commit.id().to_string()
    };
    assert!(id("main").starts_with(MAIN), "{}", id("main"));
    assert!(id("pull-request").starts_with(PULL_REQUEST), "{}", id("pull-request"));
    assert_eq!(id("pull-request~1"), id("main"));
    assert_eq!(id("HEAD"), id("pull-request"));
}

#[test]
fn the_check_tells_the_story() {
    let dir = temp();
    let report = Report::of(dir.path(), &["demo"]);
    assert_eq!((report.status, report.json["verdict"].as_str()), (1, Some("fail")));
    assert!(report.complete());
    let findings = report.json["findings"].as_array().expect("findings");
    let found: Vec<_> = findings
        .iter()
        .map(|finding| {
            let line = finding["line"].as_u64().expect("a line");
            (text(finding, "rule"), text(&finding["subject"], "name"), text(finding, "path"), line)
        })
        .collect();
    let mut expected: Vec<_> = STORY
        .into_iter()
        .map(|(rule, holder, file, line, _)| (rule.to_owned(), holder.to_owned(), path_of(file), line))
        .collect();
    expected.sort();
    let mut sorted = found.clone();
    sorted.sort();
    assert_eq!(sorted, expected);
    for (_, holder, file, line, what) in STORY {
        // A file that the pull request leaves as it is lies in the base.
        let changed = sample_repo("pull-request").join(path_of(file));
        let file = if changed.exists() { changed } else { sample_repo("base").join(path_of(file)) };
        let file = fs::read_to_string(file).expect("a sample file");
        assert_eq!(file.lines().nth(line as usize - 1).map(str::trim), Some(what), "{holder}:{line}");
    }
}

/// The row of a holder, `None` if nothing about it differs.
fn row<'r>(report: &'r Report, name: &str) -> Option<&'r Value> {
    report.holders().iter().find(|holder| holder["name"] == name)
}

fn grants(holder: &Value, list: &str) -> Vec<String> {
    holder["declared"][list].as_array().expect("a list").iter().map(|grant| text(grant, "grant")).collect()
}

#[test]
fn order_layout_comments_and_texts_are_no_access_change() {
    let dir = temp();
    let report = Report::of(dir.path(), &["demo"]);
    assert!(row(&report, "Field_Service_Mobile").is_none(), "order, layout and comments only");
    let viewer = row(&report, "Meeting_Room_Viewer").expect("its label changed");
    assert_eq!(viewer["status"], "changed");
    for list in ["gained", "lost", "undeclared", "revoked", "unpinned"] {
        assert_eq!(grants(viewer, list), [""; 0], "{list}");
    }
    let properties = viewer["properties"].as_array().expect("properties");
    let names: Vec<String> = properties.iter().map(|property| text(property, "name")).collect();
    assert_eq!(names, ["description", "label"]);
    assert!(report.json["findings"].as_array().expect("findings").iter().all(|finding| {
        !["Field_Service_Mobile", "Meeting_Room_Viewer"].contains(&text(&finding["subject"], "name").as_str())
    }));
}

#[test]
fn every_other_permission_set_changes_as_the_readme_says() {
    let dir = temp();
    let report = Report::of(dir.path(), &["demo"]);
    let of = |name: &str, list: &str| grants(row(&report, name).expect("a row"), list);
    assert_eq!(report.holders().len(), 12, "eight permission sets, a muting set and three groups");
    let contract = |right: &str| format!("objectPermissions/Contract/{right}");
    assert_eq!(
        of("Contract_Manager", "gained"),
        ["allowDelete", "modifyAllRecords", "viewAllRecords"].map(contract),
        "a broad grant"
    );
    assert_eq!(of("Employment_Contracts", "gained"), [""; 0], "only the gate goes");
    let migration = row(&report, "Data_Migration").expect("a row");
    assert_eq!(migration["status"], "added");
    let user = |permission: &str| format!("userPermissions/{permission}");
    assert_eq!(grants(migration, "gained"), ["ApiEnabled", "ModifyAllData", "ViewAllData"].map(user));
    assert_eq!(of("HR_Recruiter", "gained").len(), 3, "a class and a field, readable and editable");
    assert_eq!(
        of("Support_Agent", "lost"),
        ["objectPermissions/Case/viewAllRecords", "userPermissions/ApiEnabled"],
        "access removed"
    );
    assert_eq!(of("Support_Agent", "gained"), [""; 0]);
}

/// The effective lists of a holder, each entry as `grant class`.
fn effective(report: &Report, name: &str, list: &str) -> Vec<String> {
    let entries = row(report, name).expect("a row")["effective"][list].as_array().expect("a list").clone();
    entries.iter().map(|entry| format!("{} {}", text(entry, "grant"), text(entry, "class"))).collect()
}

#[test]
fn what_users_get_is_told_as_the_readme_says() {
    let dir = temp();
    let report = Report::of(dir.path(), &["demo"]);
    let of = |name: &str, list: &str| effective(&report, name, list);
    assert_eq!(of("Reporting_Analyst", "gained"), ["fieldPermissions/Opportunity.Amount/readable implied"]);
    let gates: Vec<String> = of("Employment_Contracts", "gained");
    assert!(gates.len() == 15 && gates.iter().all(|gained| gained.ends_with(" gate-removed")), "{gates:?}");
    let desk = of("Contract_Desk", "gained");
    assert!(desk.contains(&"userPermissions/ExportReport unmuted".to_owned()), "{desk:?}");
    assert!(desk.contains(&"objectPermissions/Contract/modifyAllRecords new".to_owned()), "{desk:?}");
    assert_eq!(of("Recruiting", "moved"), ["classAccesses/InterviewScheduler "]);
    assert_eq!((of("Recruiting", "lost"), of("HR_Recruiter", "lost").len()), (vec![], 1));
    for affected in ["Contract_Desk", "Recruiting"] {
        assert_eq!(row(&report, affected).expect("a row")["status"], "affected");
    }
    let team = row(&report, "Field_Team").expect("a row");
    let path = team.pointer("/effective/gained/0/paths/0").expect("a derivation");
    let steps: Vec<String> = path.as_array().expect("steps").iter().map(|step| text(step, "name")).collect();
    assert_eq!(steps, ["Field_Team", "Conference_Room_Mobile"]);
}

/// It needs nothing but the binary, and leaves nothing behind: no git, no home, no variables.
#[test]
fn it_needs_nothing_and_leaves_nothing() {
    let (dir, temporary, home) = (temp(), temp(), temp());
    let mut command = Command::new(env!("CARGO_BIN_EXE_permdelta"));
    scrub(&mut command, home.path());
    command.env_remove("PATH").env_remove("HOME").env_remove("USERPROFILE").current_dir(dir.path()).arg("demo");
    for variable in ["TMPDIR", "TEMP", "TMP"] {
        command.env(variable, temporary.path());
    }
    let output = command.output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    for place in [dir.path(), temporary.path(), home.path()] {
        assert_eq!(fs::read_dir(place).expect("a folder").count(), 0, "{}", place.display());
    }
}

#[test]
fn keep_takes_an_empty_place_only() {
    let dir = temp();
    write(dir.path(), "full/note.txt", b"mine");
    let run = permdelta(dir.path(), &["demo", "--keep", "full"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""));
    assert!(run.stderr.contains("is not empty") && run.stderr.contains("does not exist"), "{}", run.stderr);
    assert_eq!(files_below(&dir.path().join("full")).len(), 1, "nothing was put there");
    fs::create_dir(dir.path().join("empty")).expect("a folder");
    for place in ["empty", "not/yet/there"] {
        let run = permdelta(dir.path(), &["demo", "--keep", place]);
        assert_eq!(run.status, 1, "{}", run.stderr);
        assert!(dir.path().join(place).join(".git").exists(), "{place}");
        assert!(run.stderr.contains(place), "it says where the repository is: {}", run.stderr);
    }
}

/// What is kept is a repository like any other: the command the demo stands for gives the same report.
#[test]
fn the_kept_repository_gives_the_same_report() {
    let (dir, _) = kept();
    let sample = dir.path().join("sample");
    for format in ["table", "json", "sarif"] {
        let demo = permdelta(dir.path(), &["demo", "--format", format]);
        let check = permdelta(dir.path(), &["-C", arg(&sample), "check", "main...pull-request", "--format", format]);
        assert_eq!((demo.status, demo.stdout), (check.status, check.stdout), "{format}");
    }
}
