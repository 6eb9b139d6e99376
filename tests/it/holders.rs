//! Profiles are three-valued overlays, muting sets mute, groups have members, a decomposed set is one set.

use serde_json::Value;

use crate::support::{Report, corpora, directory, temp, text};

const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// A metadata file with this root and content.
fn file(root: &str, inside: &str) -> Vec<u8> {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">\n{inside}\n</{root}>\n")
        .into_bytes()
}

/// A user permission entry, one line.
fn user(name: &str, enabled: bool) -> String {
    format!("    <userPermissions><enabled>{enabled}</enabled><name>{name}</name></userPermissions>\n")
}

/// The one row of a comparison of two files at `path`.
fn row(path: &str, before: &[u8], after: &[u8]) -> (Report, Value) {
    let (from, to) = (directory(&[(path, before)]), directory(&[(path, after)]));
    let report = Report::of_diff(from.path(), to.path());
    assert_eq!(report.holders().len(), 1, "{}", report.json);
    let row = report.holders()[0].clone();
    (report, row)
}

/// `grant:line` of each entry of a list.
fn list(list: &Value) -> Vec<String> {
    let entries = list.as_array().expect("a list");
    entries.iter().map(|entry| format!("{}:{}", text(entry, "grant"), entry["line"])).collect()
}

#[test]
fn a_profile_holds_denies_or_says_nothing() {
    let profile = |states: [Option<bool>; 6]| {
        let names = ["A", "B", "C", "D", "E", "F"];
        let entries: String = names.iter().zip(states).filter_map(|(name, state)| Some(user(name, state?))).collect();
        file("Profile", entries.trim_end())
    };
    let before = profile([Some(true), Some(true), None, Some(false), None, Some(false)]);
    let after = profile([Some(false), None, Some(false), None, Some(true), Some(true)]);
    let (report, row) = row("profiles/Sales User.profile-meta.xml", &before, &after);
    assert_eq!((report.status, report.complete()), (0, true));
    assert_eq!((text(&row, "kind"), text(&row, "name")), ("profile".to_owned(), "Sales User".to_owned()));
    let declared = &row["declared"];
    assert_eq!(list(&declared["lost"]), ["userPermissions/A:3"], "true to false");
    assert_eq!(list(&declared["undeclared"]), ["userPermissions/B:4"], "true to absent");
    assert_eq!(list(&declared["revoked"]), ["userPermissions/C:4"], "absent to false");
    assert_eq!(list(&declared["unpinned"]), ["userPermissions/D:5"], "false to absent");
    assert_eq!(list(&declared["gained"]), ["userPermissions/E:5", "userPermissions/F:6"]);
    assert_eq!(row["muting"], Value::Null);
    let lost: Vec<[String; 2]> = row["effective"]["lost"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|lost| ["grant", "class"].map(|key| text(lost, key)))
        .collect();
    let expected = [["userPermissions/A", "removed"], ["userPermissions/B", "undeclared"]];
    assert_eq!(lost, expected.map(|lost| lost.map(str::to_owned)), "what is denied is gone, what is not said may stay");
}

#[test]
fn a_profiles_own_elements_are_read() {
    let before = file("Profile", "    <custom>true</custom>\n    <userLicense>Salesforce</userLicense>");
    let after = file(
        "Profile",
        "    <applicationVisibilities>
        <application>Sales</application>
        <default>true</default>
        <visible>true</visible>
    </applicationVisibilities>
    <custom>true</custom>
    <layoutAssignments>
        <layout>Account-Account Layout</layout>
    </layoutAssignments>
    <loginIpRanges>
        <description>office</description>
        <endAddress>10.0.0.255</endAddress>
        <startAddress>10.0.0.0</startAddress>
    </loginIpRanges>
    <objectPermissions>
        <allowRead>true</allowRead>
        <object>Account</object>
    </objectPermissions>
    <tabVisibilities>
        <tab>standard-Account</tab>
        <visibility>DefaultOn</visibility>
    </tabVisibilities>
    <tabVisibilities>
        <tab>standard-Contact</tab>
        <visibility>Hidden</visibility>
    </tabVisibilities>
    <userLicense>Salesforce</userLicense>",
    );
    let (report, row) = row("Sales.profile", &before, &after);
    assert_eq!((report.status, report.problems().len()), (0, 0), "{}", report.json);
    let gained = list(&row["declared"]["gained"]);
    assert_eq!(
        gained,
        [
            "applicationVisibilities/Sales:6",
            "objectPermissions/Account/allowRead:18",
            "tabSettings/standard-Account/Visible:23"
        ]
    );
    assert_eq!(list(&row["declared"]["revoked"]), ["tabSettings/standard-Contact/Available:27"]);
    let properties: Vec<(String, String)> = row["properties"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|property| (text(property, "name"), text(property, "after")))
        .collect();
    let expected = [("applicationVisibilities/Sales/default", "true"), ("loginIpRanges", "10.0.0.0-10.0.0.255")];
    assert_eq!(properties, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_muting_set_mutes_and_never_grants() {
    let path = "mutingpermissionsets/Desk_Muting.mutingpermissionset-meta.xml";
    let before = file("MutingPermissionSet", &format!("{}    <label>Desk</label>", user("ExportReport", true)));
    let after = file("MutingPermissionSet", &format!("{}    <label>Desk</label>", user("ModifyAllData", true)));
    let (report, row) = row(path, &before, &after);
    assert_eq!((&row["declared"], &row["effective"]), (&Value::Null, &Value::Null));
    assert_eq!(list(&row["muting"]["added"]), ["userPermissions/ModifyAllData:3"]);
    assert_eq!(list(&row["muting"]["removed"]), ["userPermissions/ExportReport:3"]);
    assert_eq!((report.status, report.complete(), report.holders().len()), (0, true, 1), "no group uses it");
}

#[test]
fn a_doubtful_muting_entry_does_not_mute() {
    let path = "Desk.mutingpermissionset";
    let before = file("MutingPermissionSet", &user("ExportReport", true));
    let twice = format!("{}{}", user("ExportReport", true), user("ExportReport", false));
    let (_, row) = row(path, &before, &file("MutingPermissionSet", &twice));
    assert_eq!(list(&row["muting"]["removed"]), ["userPermissions/ExportReport:3"]);
}

#[test]
fn a_groups_members_are_compared_by_name() {
    let path = "permissionsetgroups/Desk.permissionsetgroup-meta.xml";
    let group = |members: &[&str], gate: bool| {
        let members: String =
            members.iter().map(|member| format!("    <permissionSets>{member}</permissionSets>\n")).collect();
        let inside = format!(
            "    <hasActivationRequired>{gate}</hasActivationRequired>\n    <label>Desk</label>\n{members}    <status>Updated</status>"
        );
        file("PermissionSetGroup", &inside)
    };
    let (report, changed) = row(path, &group(&["Base", "Contracts"], true), &group(&["Reports", "BASE"], false));
    assert_eq!((&changed["declared"], &changed["muting"]), (&Value::Null, &Value::Null));
    let properties: Vec<[String; 3]> = changed["properties"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|property| ["name", "before", "after"].map(|key| text(property, key)))
        .collect();
    let expected = [
        ["hasActivationRequired", "true", "false"],
        ["permissionSets", "Contracts", ""],
        ["permissionSets", "", "Reports"],
    ];
    assert_eq!(properties, expected.map(|change| change.map(str::to_owned)), "Base and BASE are one name");
    assert_eq!((report.status, report.complete()), (0, true));
    let unknown: Vec<[String; 2]> = changed["effective"]["unknown"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|member| ["name", "state"].map(|key| text(member, key)))
        .collect();
    assert_eq!(unknown, [["BASE", "unchanged"], ["Reports", "new"]].map(|member| member.map(str::to_owned)));

    let relabelled = String::from_utf8(group(&["Base"], true)).expect("UTF-8").replace("Desk", "Front desk");
    let (report, _) = row(path, &group(&["Base"], true), relabelled.as_bytes());
    assert_eq!((report.status, report.complete()), (0, true), "a label is no access");
}

#[test]
fn a_decomposed_set_is_the_set() {
    let whole = file(
        "PermissionSet",
        "    <classAccesses>
        <apexClass>Invoices</apexClass>
        <enabled>true</enabled>
    </classAccesses>
    <fieldPermissions>
        <editable>true</editable>
        <field>Account.Rating</field>
        <readable>true</readable>
    </fieldPermissions>
    <hasActivationRequired>true</hasActivationRequired>
    <label>Invoices</label>",
    );
    let parent =
        file("PermissionSet", "    <hasActivationRequired>true</hasActivationRequired>\n    <label>Invoices</label>");
    let class = file("ClassAccess", "    <apexClass>Invoices</apexClass>\n    <enabled>true</enabled>");
    let field = file(
        "FieldPermission",
        "    <editable>true</editable>\n    <field>Account.Rating</field>\n    <readable>true</readable>",
    );
    let set = "force-app/main/default/permissionsets/Invoices";
    let whole_path = "force-app/main/default/permissionsets/Invoices.permissionset-meta.xml";
    let paths = [
        format!("{set}/Invoices.permissionset-meta.xml"),
        format!("{set}/classAccesses/Invoices.classAccess-meta.xml"),
        format!("{set}/fieldPermissions/Account.Rating.fieldPermission-meta.xml"),
    ];
    let parts = directory(&[(&paths[0], &parent), (&paths[1], &class), (&paths[2], &field)]);
    let one = directory(&[(whole_path, &whole)]);
    Report::of_diff(one.path(), parts.path()).assert_no_change("into parts");
    Report::of_diff(parts.path(), one.path()).assert_no_change("back into one file");

    // Each entry is located in the file it is really in; a missing parent is tolerated, as by the platform.
    let without_parent = directory(&[(&paths[1], &class), (&paths[2], &field)]);
    let report = Report::of_diff(temp().path(), without_parent.path());
    let places: Vec<(String, String, u64)> =
        report.rows("gained").into_iter().map(|row| (row.grant, row.path, row.line)).collect();
    let expected = [
        ("classAccesses/Invoices", &paths[1], 4),
        ("fieldPermissions/Account.Rating/editable", &paths[2], 3),
        ("fieldPermissions/Account.Rating/readable", &paths[2], 5),
    ];
    assert_eq!(places, expected.map(|(grant, path, line)| (grant.to_owned(), path.clone(), line)));
    assert_eq!(report.status, 0);

    // Both at once: which one the platform takes is not known.
    let both = directory(&[(whole_path, &whole), (&paths[1], &class)]);
    let report = Report::of_diff(temp().path(), both.path());
    assert_eq!((report.status, report.problems().len()), (2, 1));
    assert_eq!(report.problems()[0].path, whole_path);
}

#[test]
fn a_custom_permission_outside_a_decomposed_set_is_not_a_part() {
    let permission = file("CustomPermission", "    <isLicensed>false</isLicensed>\n    <label>Approve</label>");
    let to = directory(&[("force-app/main/default/customPermissions/Approve.customPermission-meta.xml", &permission)]);
    Report::of_diff(temp().path(), to.path()).assert_no_change("a custom permission");
}

#[test]
fn real_decomposed_sets_equal_their_originals() {
    let Some(corpora) = corpora("decomposed sets") else { return };
    for layout in ["decomposePermissionSetBeta", "decomposePermissionSetBeta2"] {
        let folder = corpora.join("decomposed").join(layout);
        let (source, original) = (folder.join("source"), folder.join("mdapi"));
        Report::of_diff(&source, &original).assert_no_change(layout);
        Report::of_diff(&original, &source).assert_no_change(layout);
    }
}
