//! Cost follows the change: what is read is the change, all groups, and what the groups it can affect name.

use crate::support::{Report, commit, repository, temp};

const DEFAULT: &str = "force-app/main/default";
const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// Path and content of one file of a project.
type File = (String, Vec<u8>);

fn file(folder: &str, name: &str, root: &str, inside: &str) -> File {
    let suffix = root.to_lowercase();
    let path = format!("{DEFAULT}/{folder}/{name}.{suffix}-meta.xml");
    (path, format!("<{root} xmlns=\"{NAMESPACE}\">\n{inside}\n</{root}>\n").into_bytes())
}

/// A user permission, one line.
fn user(name: &str) -> String {
    format!("    <userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>")
}

fn set(name: &str, permission: &str) -> File {
    file("permissionsets", name, "PermissionSet", &format!("    <label>{name}</label>\n{}", user(permission)))
}

fn muting(name: &str, permission: &str) -> File {
    file(
        "mutingpermissionsets",
        name,
        "MutingPermissionSet",
        &format!("    <label>{name}</label>\n{}", user(permission)),
    )
}

fn group(name: &str, muting: &[&str], members: &[&str]) -> File {
    let named = |element: &str, names: &[&str]| -> String {
        names.iter().map(|name| format!("    <{element}>{name}</{element}>\n")).collect()
    };
    let inside = format!(
        "    <label>{name}</label>\n{}{}",
        named("mutingPermissionSets", muting),
        named("permissionSets", members).trim_end()
    );
    file("permissionsetgroups", name, "PermissionSetGroup", &inside)
}

/// Twelve sets, two muting sets and three groups; no two files are the same.
fn project() -> Vec<File> {
    let mut files: Vec<File> =
        (0..12).map(|number| set(&format!("Set_{number}"), &format!("Permission{number}"))).collect();
    files.push(muting("Desk_Muting", "Permission0"));
    files.push(muting("Field_Muting", "Permission5"));
    files.push(group("Desk", &["Desk_Muting"], &["Set_0", "Set_1", "Set_2"]));
    files.push(group("Field", &["Field_Muting"], &["Set_5", "Set_6"]));
    files.push(group("Office", &[], &["Set_2", "Set_7", "managed__Set"]));
    files
}

/// The report of the change that replaces these files of the project.
fn changed(before: &[File], replaced: &[File]) -> Report {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let mut after = before.to_vec();
    for file in replaced {
        after.retain(|(path, _)| *path != file.0);
        after.push(file.clone());
    }
    let base = commit(&repository, None, &slices(before));
    let head = commit(&repository, Some(base), &slices(&after));
    Report::of(dir.path(), &["diff", &format!("{base}..{head}")])
}

fn slices(files: &[File]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
}

fn blobs(report: &Report) -> u64 {
    report.json["summary"]["read"]["blobs"].as_u64().expect("a number")
}

#[test]
fn a_muting_set_calls_for_all_groups_and_the_members_of_those_that_name_it() {
    let report = changed(&project(), &[muting("Desk_Muting", "Permission1")]);
    assert_eq!((report.status, report.complete()), (0, true));
    // The muting set on both sides, three groups, three members of the one group it acts in.
    assert_eq!(blobs(&report), 2 + 3 + 3);
    let names: Vec<&str> = report.holders().iter().filter_map(|holder| holder["name"].as_str()).collect();
    assert_eq!(names, ["Desk_Muting", "Desk"]);
}

#[test]
fn a_set_calls_for_the_other_members_of_its_groups_and_their_muting_sets() {
    let report = changed(&project(), &[set("Set_2", "ViewSetup")]);
    // Both sides, three groups, Set_0, Set_1 and Desk_Muting for the one group, Set_7 for the other.
    assert_eq!(blobs(&report), 2 + 3 + 3 + 1);
    let report = changed(&project(), &[set("Set_9", "ViewSetup")]);
    assert_eq!(blobs(&report), 2 + 3, "no group has it");
}

#[test]
fn a_text_of_a_group_calls_for_no_member() {
    let (path, bytes) = group("Desk", &["Desk_Muting"], &["Set_0", "Set_1", "Set_2"]);
    let text = String::from_utf8(bytes).expect("UTF-8").replace("<label>Desk<", "<label>Front desk<");
    let report = changed(&project(), &[(path, text.into_bytes())]);
    assert_eq!(blobs(&report), 2 + 2, "the group on both sides, and the two others");
}

#[test]
fn one_of_ten_thousand_sets_costs_what_one_of_ten_costs() {
    let cost = |sets: usize| {
        let mut files = project();
        // The content of the many is the same: that is cheaper to write, and reads the same if it is read.
        files.extend((0..sets).map(|number| {
            let (path, _) = set(&format!("Other_{number:05}"), "");
            (path, set("Other", "RunReports").1)
        }));
        blobs(&changed(&files, &[set("Other_00003", "ViewSetup")]))
    };
    assert_eq!(cost(10), 5, "the set on both sides, and three groups");
    assert_eq!(cost(10_000), 5);
}
