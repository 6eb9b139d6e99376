//! Samples for the tests of documents for platforms: what was compared, the document, and the files of head that it speaks of.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::review_samples::odd_history;
use crate::support::{FOLDER, Run, commit, directory, files_below, permdelta, repository, temp};

pub(crate) const NAMESPACE: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";

pub(crate) struct Sample {
    pub(crate) what: String,
    pub(crate) log: Value,
    /// The files of head by path.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// How SARIF is asked for.
pub(crate) const SARIF: &[&str] = &["--format", "sarif"];
/// SARIF with all that is known.
pub(crate) const FULL: &[&str] = &["--format", "sarif", "--sarif-profile", "full"];

/// Every sample in one format: a change and a state, clean, with findings, with problems, with waivers.
pub(crate) fn samples(format: &[&str]) -> Vec<Sample> {
    let odd = |command: &[&str]| odd(command, format);
    vec![
        demo(format),
        odd(&["check", "main~1..main"]),
        odd(&["audit", "main"]),
        odd(&["check", "main..main"]),
        broken(format),
        gone(format),
        waived(&["check", "main~1..main"], format),
        waived(&["audit", "main"], format),
    ]
}

/// The demo's pull request.
pub(crate) fn demo(format: &[&str]) -> Sample {
    let dir = temp();
    let run = permdelta(dir.path(), &[&["demo"], format].concat());
    assert_eq!(run.status, 1, "{}", run.stderr);
    let mut files = BTreeMap::new();
    for revision in ["base", "pull-request"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-repo").join(revision);
        files.extend(files_below(&root).into_iter().map(|path| {
            let content = std::fs::read(root.join(&path)).expect("a sample file");
            (path, content)
        }));
    }
    Sample { what: "demo".to_owned(), log: parsed(&run), files }
}

/// The JSON report of the demo, or of a command on the history of [`odd`].
pub(crate) fn reported(command: &[&str]) -> Value {
    let format = ["--format", "json"];
    if command == ["demo"] {
        let dir = temp();
        return parsed(&permdelta(dir.path(), &[command, &format].concat()));
    }
    odd(command, &format).log
}

/// One command on a history of two commits: files that are odd to point into, then risky grants in each of them.
pub(crate) fn odd(command: &[&str], format: &[&str]) -> Sample {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let base = odd_files("<enabled>false</enabled>", "<hasActivationRequired>true</hasActivationRequired>");
    let head = odd_files("<enabled>true</enabled>", "");
    let first = commit(&repository, None, &borrowed(&base));
    commit(&repository, Some(first), &borrowed(&head));
    let run = permdelta(dir.path(), &[command, format].concat());
    assert!(run.status < 2, "{}", run.stderr);
    Sample { what: command.join(" "), log: parsed(&run), files: head.into_iter().collect() }
}

/// A file that is cut off beside one with a risky grant.
pub(crate) fn broken(format: &[&str]) -> Sample {
    let name = |name: &str| format!("{FOLDER}/{name}.permissionset-meta.xml");
    let set = format!(
        "<PermissionSet {NAMESPACE}>\n    <userPermissions>\n        <enabled>true</enabled>\n        \
         <name>ViewAllData</name>\n    </userPermissions>\n</PermissionSet>\n"
    );
    let files = vec![
        (name("Cut"), set.as_bytes()[..set.find("<name>").expect("a name")].to_vec()),
        (name("Whole"), set.into_bytes()),
    ];
    let (empty, dir) = (temp(), directory(&borrowed(&files)));
    let args = ["check", "--from", crate::support::arg(empty.path()), "--to", "."];
    let run = permdelta(dir.path(), &[&args, format].concat());
    assert_eq!(run.status, 2, "{}", run.stderr);
    Sample { what: "broken".to_owned(), log: parsed(&run), files: files.into_iter().collect() }
}

/// Two commits after which elements are gone that findings are about: of the history of reviews.
pub(crate) fn gone(format: &[&str]) -> Sample {
    let dir = temp();
    let repository = odd_history(dir.path());
    let run = permdelta(dir.path(), &[&["check", "main~1..main"], format].concat());
    assert!(run.status < 2, "{}", run.stderr);
    let tree = repository.revparse_single("main").expect("the head").peel_to_tree().expect("a tree");
    let mut files = BTreeMap::new();
    tree.walk(git2::TreeWalkMode::PreOrder, |folder, entry| {
        if let Ok(blob) = repository.find_blob(entry.id()) {
            files.insert(format!("{folder}{}", entry.name().expect("a name")), blob.content().to_vec());
        }
        git2::TreeWalkResult::Ok
    })
    .expect("a walk");
    Sample { what: "gone".to_owned(), log: parsed(&run), files }
}

/// One command on a history whose risky grants are waived, but for one.
pub(crate) fn waived(command: &[&str], format: &[&str]) -> Sample {
    let user = |name: &str, granted: &str| {
        format!(
            "    <userPermissions>\n        <enabled>{granted}</enabled>\n        <name>{name}</name>\n    </userPermissions>\n"
        )
    };
    let names = ["AuthorApex", "ModifyAllData", "ViewAllData"];
    let set = |granted: &str| {
        let users = names.map(|name| user(name, granted)).concat();
        format!("<PermissionSet {NAMESPACE}>\n{users}</PermissionSet>\n").into_bytes()
    };
    let waiver = |name: &str| {
        format!(
            "[[waiver]]\nrule = \"privileged-access-always-on\"\nholder = \"permissionSet:Batch\"\n\
             grant = \"userPermissions/{name}\"\nreason = \"the night's batch\"\nowner = \"finance-platform\"\n\
             ticket = \"SEC-481\"\nexpires = 2027-03-31\n"
        )
    };
    let policy = (waiver("ModifyAllData") + &waiver("ViewAllData")).into_bytes();
    let path = format!("{FOLDER}/Batch.permissionset-meta.xml");
    let dir = temp();
    let repository = repository(dir.path(), true);
    let first = commit(&repository, None, &[(&path, &set("false")), ("permdelta.toml", &policy)]);
    let head = [(path, set("true")), ("permdelta.toml".to_owned(), policy)];
    commit(&repository, Some(first), &borrowed(&head));
    let run = permdelta(dir.path(), &[command, &["--today", "2026-12-01"], format].concat());
    assert!(run.status < 2, "{}", run.stderr);
    Sample { what: format!("waived, {}", command.join(" ")), log: parsed(&run), files: head.into_iter().collect() }
}

/// This many permission sets below a folder, with nine risky permissions each.
pub(crate) fn many(sets: usize, folder: &str, format: &[&str]) -> (Run, Value) {
    const RISKY: [&str; 9] = [
        "AssignPermissionSets",
        "AuthorApex",
        "CustomizeApplication",
        "ManageProfilesPermissionsets",
        "ManageSessionPermissionSets",
        "ManageUsers",
        "ModifyAllData",
        "ViewAllData",
        "EditReports",
    ];
    let grants: String = RISKY
        .iter()
        .map(|name| format!("<userPermissions>\n<enabled>true</enabled>\n<name>{name}</name>\n</userPermissions>\n"))
        .collect();
    // Two objects are one finding of medium severity, so that there is something to cut.
    let object =
        "<objectPermissions>\n<object>Lead</object>\n<viewAllRecords>true</viewAllRecords>\n</objectPermissions>\n";
    let set = format!("<PermissionSet {NAMESPACE}>\n{grants}{object}</PermissionSet>\n");
    let files: Vec<(String, Vec<u8>)> =
        (0..sets).map(|at| (format!("{folder}permissionsets/S{at}.permissionset"), set.clone().into_bytes())).collect();
    let dir = temp();
    let repository = repository(dir.path(), true);
    commit(&repository, None, &borrowed(&files));
    let run = permdelta(dir.path(), &[&["audit", "main"], format].concat());
    let log = parsed(&run);
    (run, log)
}

fn parsed(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {}", run.stderr))
}

fn borrowed(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
}

/// Files with what makes columns, lines and addresses hard; `enabled` decides a grant in each.
fn odd_files(enabled: &str, gate: &str) -> Vec<(String, Vec<u8>)> {
    let permission = |name: &str| format!("<userPermissions>{enabled}<name>{name}</name></userPermissions>");
    let lines = |indent: &str, end: &str| {
        let set = format!(
            "<PermissionSet {NAMESPACE}>\n\t{gate}\n\t<userPermissions>\n\t\t{enabled}\n\t\t<name>ManageUsers</name>\n\t\
             </userPermissions>\n</PermissionSet>\n"
        );
        set.replace('\t', indent).replace('\n', end)
    };
    let apart = enabled.replace("true", "\n        true\n    ").replace("false", "\n        false\n    ");
    let sets = [
        ("Plain", lines("    ", "\n")),
        ("Tabs and Windows", lines("\t", "\r\n")),
        ("Größe 営業 😀", lines("  ", "\n")),
        ("50% off #1 [x] a&b=c?", lines("  ", "\n")),
        ("100%25 ^`{|}~", lines("  ", "\n")),
        ("::error::", lines("  ", "\n")),
        ("One_Line", {
            let (one, two) = (permission("ViewAllData"), permission("AuthorApex"));
            format!(
                "\u{feff}<PermissionSet {NAMESPACE}>{gate}<label>😀 Größe</label>{one}<!-- 😀 -->{two}</PermissionSet>"
            )
        }),
        (
            "Astral",
            format!("<PermissionSet {NAMESPACE}>\n{gate}<!-- 😀𝄞é -->{}</PermissionSet>", permission("ManageUsers")),
        ),
        ("Pieces", {
            let pieces =
                permission("ManageUsers").replace("true", "t<!-- 😀 -->rue").replace("false", "f<!-- 😀 -->alse");
            format!("<PermissionSet {NAMESPACE}>{gate}\n    {pieces}\n</PermissionSet>")
        }),
        ("Apart", {
            let apart = permission("ManageUsers").replace(enabled, &apart);
            format!("<PermissionSet\n    {NAMESPACE}\n>\n{gate}😀\n{apart}\n</PermissionSet>")
                .replace("😀", "<!--😀-->")
        }),
    ];
    sets.into_iter().map(|(name, set)| (format!("{FOLDER}/{name}.permissionset-meta.xml"), set.into_bytes())).collect()
}
