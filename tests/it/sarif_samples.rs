//! Samples for the tests of SARIF: what was compared, the log, and the files of head that it speaks of.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::support::{FOLDER, Run, commit, directory, files_below, permdelta, repository, temp};

pub(crate) const NAMESPACE: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";

pub(crate) struct Sample {
    pub(crate) what: String,
    pub(crate) log: Value,
    /// The files of head by path.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

/// The demo's pull request.
pub(crate) fn demo() -> Sample {
    let dir = temp();
    let run = permdelta(dir.path(), &["demo", "--format", "sarif"]);
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

/// One command on a history of two commits: files that are odd to point into, then risky grants in each of them.
pub(crate) fn odd(command: &[&str]) -> Sample {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let base = odd_files("<enabled>false</enabled>", "<hasActivationRequired>true</hasActivationRequired>");
    let head = odd_files("<enabled>true</enabled>", "");
    let first = commit(&repository, None, &borrowed(&base));
    commit(&repository, Some(first), &borrowed(&head));
    let run = permdelta(dir.path(), &[command, &["--format", "sarif"]].concat());
    assert!(run.status < 2, "{}", run.stderr);
    Sample { what: command.join(" "), log: parsed(&run), files: head.into_iter().collect() }
}

/// A file that is cut off beside one with a risky grant.
pub(crate) fn broken() -> Sample {
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
    let args = ["check", "--from", crate::support::arg(empty.path()), "--to", ".", "--format", "sarif"];
    let run = permdelta(dir.path(), &args);
    assert_eq!(run.status, 2, "{}", run.stderr);
    Sample { what: "broken".to_owned(), log: parsed(&run), files: files.into_iter().collect() }
}

/// This many permission sets with nine risky permissions each.
pub(crate) fn many(sets: usize) -> (Run, Value) {
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
        (0..sets).map(|at| (format!("permissionsets/S{at}.permissionset"), set.clone().into_bytes())).collect();
    let dir = temp();
    let repository = repository(dir.path(), true);
    commit(&repository, None, &borrowed(&files));
    let run = permdelta(dir.path(), &["audit", "main", "--format", "sarif"]);
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
