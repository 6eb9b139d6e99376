//! `who`: every assignable holder that confers a grant, by which paths, and where it is muted; nothing else.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Report, directory, permdelta, text, write};

const READ: &str = "objectPermissions/Account/allowRead";

/// A right on an object, on one line.
fn object(object: &str, right: &str) -> String {
    format!("<objectPermissions><{right}>true</{right}><object>{object}</object></objectPermissions>")
}

fn user(name: &str) -> String {
    format!("<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>")
}

fn field(name: &str, right: &str) -> String {
    format!("<fieldPermissions><{right}>true</{right}><field>{name}</field></fieldPermissions>")
}

fn class(name: &str) -> String {
    format!("<classAccesses><apexClass>{name}</apexClass><enabled>true</enabled></classAccesses>")
}

/// Writes a file: its root on line 1, then a line for each of `lines`.
fn file(dir: &Path, path: &str, lines: &[&str]) {
    let root = match path.rsplit('.').next().expect("a suffix") {
        "permissionset" => "PermissionSet",
        "permissionsetgroup" => "PermissionSetGroup",
        "mutingpermissionset" => "MutingPermissionSet",
        _ => "Profile",
    };
    write(dir, path, format!("<{root}>\n{}\n</{root}>\n", lines.join("\n")).as_bytes());
}

const GATE: &str = "<hasActivationRequired>true</hasActivationRequired>";

/// Sets of which one is session-based, a group without a gate that mutes, one with a gate and a member from elsewhere, and a profile.
pub(crate) fn org() -> TempDir {
    let dir = directory(&[]);
    let put = |path: &str, lines: &[&str]| file(dir.path(), path, lines);
    put("Reader.permissionset", &["<label>Read Accounts</label>", &object("Account", "allowRead"), &class("Invoices")]);
    put("Admin.permissionset", &[&user("ViewAllData")]);
    put("Night.permissionset", &[GATE, &object("Account", "modifyAllRecords")]);
    put("Guest.profile", &[&object("ACCOUNT", "allowRead"), &field("Account.SSN__c", "editable")]);
    put("Desk_Muting.mutingpermissionset", &[&object("Account", "allowRead"), &user("ViewAllData")]);
    put(
        "Desk.permissionsetgroup",
        &[
            "<mutingPermissionSets>Desk_Muting</mutingPermissionSets>",
            "<permissionSets>Reader</permissionSets>",
            "<permissionSets>Night</permissionSets>",
        ],
    );
    put(
        "Vault.permissionsetgroup",
        &[GATE, "<permissionSets>Admin</permissionSets>", "<permissionSets>managed__Extra</permissionSets>"],
    );
    dir
}

pub(crate) fn paths(row: &Value) -> String {
    let step = |step: &Value| format!("{}:{}", text(step, "path"), step["line"]);
    let path = |path: &Value| path.as_array().expect("a path").iter().map(step).collect::<Vec<_>>().join(" > ");
    row["paths"].as_array().expect("paths").iter().map(path).collect::<Vec<_>>().join(" | ")
}

/// A line for each match: holder, gate, grant, the key it comes through, paths.
fn matches(report: &Report) -> Vec<String> {
    let rows = report.json["matches"].as_array().expect("matches").iter();
    rows.map(|row| {
        let through = row["through"].as_str().map(|key| format!(" through {key}")).unwrap_or_default();
        format!("{} {} {}{through}: {}", text(row, "name"), text(row, "gate"), text(row, "grant"), paths(row))
    })
    .collect()
}

pub(crate) fn asked(dir: &Path, grant: &str) -> Report {
    Report::of(dir, &["who", grant, "."])
}

/// Holder and grant of each match, with `<` before the key it comes through.
fn brief(dir: &Path, grant: &str) -> Vec<String> {
    let report = asked(dir, grant);
    assert_eq!(report.status, 0, "{grant}");
    let rows = report.json["matches"].as_array().expect("matches").iter();
    rows.map(|row| {
        let through = row["through"].as_str().map(|key| format!(" < {key}")).unwrap_or_default();
        format!("{} {}{through}", text(row, "name"), text(row, "grant"))
    })
    .collect()
}

#[test]
fn every_holder_that_confers_a_right_is_named_with_its_paths() {
    let dir = org();
    let report = asked(dir.path(), READ);
    assert_eq!(
        matches(&report),
        [
            "Admin always-on objectPermissions/Account/allowRead through userPermissions/ViewAllData: Admin.permissionset:2",
            "Night session objectPermissions/Account/allowRead through objectPermissions/Account/modifyAllRecords: \
             Night.permissionset:3",
            "Reader always-on objectPermissions/Account/allowRead: Reader.permissionset:3",
            // Night needs no activation there: the group has no gate.
            "Desk always-on objectPermissions/Account/allowRead through objectPermissions/Account/modifyAllRecords: \
             Desk.permissionsetgroup:4 > Night.permissionset:3",
            "Vault session objectPermissions/Account/allowRead through userPermissions/ViewAllData: \
             Vault.permissionsetgroup:3 > Admin.permissionset:2",
            "Guest always-on objectPermissions/Account/allowRead: Guest.profile:2",
        ]
    );
    assert_eq!(report.status, 0);
}

/// What muting takes for certain is no match; what it may take is one, and says so.
#[test]
fn muted_grants_are_listed_with_the_line_that_mutes_them() {
    let dir = org();
    let report = asked(dir.path(), READ);
    let muted = report.json["muted"].as_array().expect("muted");
    let rows: Vec<_> = muted
        .iter()
        .map(|row| {
            assert_eq!((text(row, "kind"), text(row, "name")), ("permissionSetGroup".into(), "Desk".into()));
            let by = format!("{} {}:{}", text(&row["by"], "name"), text(&row["by"], "path"), row["by"]["line"]);
            (row["perhaps"].as_bool().expect("perhaps"), text(row, "through"), by, paths(row))
        })
        .collect();
    let by = || "Desk_Muting Desk_Muting.mutingpermissionset:2".to_owned();
    assert_eq!(
        rows,
        [
            (false, String::new(), by(), "Desk.permissionsetgroup:3 > Reader.permissionset:3".to_owned()),
            (
                true,
                "objectPermissions/Account/modifyAllRecords".to_owned(),
                by(),
                "Desk.permissionsetgroup:4 > Night.permissionset:3".to_owned()
            ),
        ]
    );
    // Muting a right of others takes nothing from a group whose members do not hold it.
    assert_eq!(asked(dir.path(), "ViewAllData").json["muted"], Value::Array(vec![]));
}

/// View All Fields shows fields to whom may read the object: muting Read takes them, too.
#[test]
fn fields_come_and_go_with_view_all_fields_and_read() {
    let dir = directory(&[]);
    let put = |path: &str, lines: &[&str]| file(dir.path(), path, lines);
    let (all, read) = (object("Account", "viewAllFields"), object("Account", "allowRead"));
    put("All.permissionset", &[&all, &read]);
    put("Blind.permissionset", &[&all]);
    put("Global.permissionset", &[&user("ViewAllFieldsGlobal"), &user("ViewAllData")]);
    put("Own.permissionset", &[&field("Account.SSN__c", "readable")]);
    put("M.mutingpermissionset", &[&read]);
    put(
        "G.permissionsetgroup",
        &["<mutingPermissionSets>M</mutingPermissionSets>", "<permissionSets>All</permissionSets>"],
    );
    let readable = "fieldPermissions/Account.SSN__c/readable";
    assert_eq!(
        brief(dir.path(), "account.ssn__C"),
        [
            format!("All {readable} < objectPermissions/Account/viewAllFields"),
            format!("Global {readable} < userPermissions/ViewAllFieldsGlobal"),
            format!("Own {readable}"),
        ]
    );
    let muted = asked(dir.path(), readable).json["muted"].clone();
    assert_eq!((text(&muted[0], "name"), text(&muted[0], "key")), ("G".into(), READ.into()), "{muted}");
    assert_eq!((muted[0]["perhaps"].as_bool(), muted[1].is_null()), (Some(false), true), "{muted}");
    // A field that no file names: who sees all fields of its object.
    let unnamed = brief(dir.path(), "Account.Secret__c");
    assert_eq!(unnamed.len(), 2, "{unnamed:?}");
    assert!(unnamed[0].starts_with("All fieldPermissions/Account.Secret__c/readable <"), "{unnamed:?}");
    // A pattern is not spelt out field by field.
    assert_eq!(
        brief(dir.path(), "fieldPermissions/Account.*/readable"),
        [
            "All fieldPermissions/Account.*/readable < objectPermissions/Account/viewAllFields".to_owned(),
            "Global fieldPermissions/*.*/readable < userPermissions/ViewAllFieldsGlobal".to_owned(),
            format!("Own {readable}"),
        ]
    );
}

#[test]
fn a_grant_is_asked_for_by_key_glob_name_or_label() {
    let dir = org();
    let of = |grant: &str| brief(dir.path(), grant);
    let view_all = ["Admin userPermissions/ViewAllData", "Vault userPermissions/ViewAllData"];
    for grant in ["userPermissions/ViewAllData", "viewalldata", "View All Data", " view  all DATA "] {
        assert_eq!(of(grant), view_all, "{grant}");
    }
    for grant in ["Invoices", "INVOICES", "classAccesses/invoices", "classAccesses/Inv*"] {
        assert_eq!(of(grant), ["Reader classAccesses/Invoices", "Desk classAccesses/Invoices"], "{grant}");
    }
    assert_eq!(of("Account.SSN__c"), ["Guest fieldPermissions/Account.SSN__c/editable"]);
    assert_eq!(of("fieldPermissions/*.SSN__c/*"), ["Guest fieldPermissions/Account.SSN__c/editable"]);
    // Every right on the object, given ones too; and each spelling is the same object.
    let rights = of("Account");
    assert_eq!(rights, of("objectPermissions/account/*"));
    assert!(rights.contains(&"Guest objectPermissions/Account/allowRead".into()), "{rights:?}");
    assert_eq!(rights.iter().filter(|row| row.starts_with("Night ")).count(), 5, "{rights:?}");
    // One line for all objects, not one an object.
    assert_eq!(
        of("objectPermissions/*/viewAllRecords"),
        [
            "Admin objectPermissions/*/viewAllRecords < userPermissions/ViewAllData",
            "Night objectPermissions/Account/viewAllRecords < objectPermissions/Account/modifyAllRecords",
            "Desk objectPermissions/Account/viewAllRecords < objectPermissions/Account/modifyAllRecords",
            "Vault objectPermissions/*/viewAllRecords < userPermissions/ViewAllData",
        ]
    );
    // A right on an object that no file names is conferred by what covers every object.
    assert_eq!(of("objectPermissions/Lead/allowRead").len(), 2);
}

/// That nobody confers a grant is an answer; a slip of the pen is said.
#[test]
fn a_name_that_nothing_has_is_said_and_answered() {
    let dir = org();
    for (grant, said) in [
        ("Invoicse", "no file names Invoicse; did you mean Invoices?"),
        ("ModifyAllDta", "did you mean ModifyAllData?"),
        ("Zebra__c", "no file names Zebra__c\n"),
        ("classAccesses/Invoice", "did you mean Invoices?"),
    ] {
        let run = permdelta(dir.path(), &["who", grant, "."]);
        assert_eq!(run.status, 0, "{grant}");
        assert!(run.stderr.contains(said), "{grant}: {}", run.stderr);
        assert!(run.stdout.contains(&format!("nobody confers {grant}")), "{grant}: {}", run.stdout);
    }
    let run = permdelta(dir.path(), &["who", "ModifyAllData", "."]);
    assert!(run.stdout.contains("nobody confers ModifyAllData") && !run.stderr.contains("no file"), "{}", run.stderr);
}

#[test]
fn a_mistake_in_a_key_is_a_usage_error() {
    let dir = org();
    for (grant, said) in [
        ("objectPermission/Account/allowRead", "did you mean `objectPermissions`?"),
        ("objectPermissions/Account/allowReed", "did you mean `allowRead`?"),
        ("objectPermissions/Account", "a right belongs"),
        ("fieldPermissions/{a/readable", "{a"),
        ("*SSN*", "behind its section"),
        ("userPermissions", "a name"),
        ("Account.*", "as fieldPermissions/Account.*/*"),
        ("Acc*", "as objectPermissions/Acc*/*"),
        ("[x", "as objectPermissions/*/modifyAllRecords"),
        ("Modify All Records", "ask for objectPermissions/*/modifyAllRecords, or with a name"),
        ("view all", "ask for objectPermissions/*/viewAllRecords"),
        ("modifyAllRecords", "objectPermissions/*/modifyAllRecords"),
        ("View All Fields", "objectPermissions/*/viewAllFields"),
        ("Editable", "fieldPermissions/*/editable"),
        ("", "behind its section"),
    ] {
        let run = permdelta(dir.path(), &["who", grant, "."]);
        assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{grant}");
        assert!(run.stderr.contains(said), "{grant}: {}", run.stderr);
    }
}

#[test]
fn what_is_not_known_is_said_once_a_group() {
    let dir = org();
    let unknown = asked(dir.path(), "Invoices").json["unknown"].clone();
    assert_eq!(unknown.as_array().map(Vec::len), Some(1), "{unknown}");
    assert_eq!((text(&unknown[0], "name"), text(&unknown[0], "member")), ("Vault".into(), "managed__Extra".into()));
    assert_eq!((text(&unknown[0], "path"), unknown[0]["line"].as_u64()), ("Vault.permissionsetgroup".into(), Some(4)));
    let table = permdelta(dir.path(), &["who", "Invoices", "."]).stdout;
    assert!(table.contains("may confer it: what managed__Extra grants is not known"), "{table}");
    assert!(table.ends_with("2 holders confer Invoices, always-on; of 1 holder it is not known\n"), "{table}");
    // A muting set that is not there can only take away: it matters where something is conferred.
    file(
        dir.path(),
        "Open.permissionsetgroup",
        &["<mutingPermissionSets>Gone</mutingPermissionSets>", "<permissionSets>Reader</permissionSets>"],
    );
    let of = |grant: &str| asked(dir.path(), grant).json["unknown"].as_array().expect("unknown").len();
    assert_eq!((of("Invoices"), of("ViewAllData")), (2, 1));
}

#[test]
fn what_could_not_be_read_is_a_problem_and_a_doubt() {
    let dir = org();
    write(dir.path(), "Cut.permissionset", b"<PermissionSet><userPermissions>");
    let report = asked(dir.path(), "Invoices");
    assert_eq!((report.status, report.complete()), (2, false));
    assert_eq!(report.problems().len(), 1);
    let doubts = report.json["unknown"].as_array().expect("unknown");
    assert_eq!((text(&doubts[0], "name"), doubts[0]["member"].is_null()), ("Cut".into(), true));
    let run = permdelta(dir.path(), &["who", "Invoices", "."]);
    assert_eq!(run.status, 2);
    assert!(run.stdout.starts_with("Incomplete: 1 file"), "{}", run.stdout);
}

/// Every key of the document is there whatever was found.
#[test]
fn the_document_is_whole() {
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
        keys.sort();
        keys
    };
    let dir = org();
    for (grant, quiet) in [(READ, false), ("Zebra__c", true)] {
        let json = asked(dir.path(), grant).json;
        let expected = "command complete grant head matches muted problems schema_version summary tool unknown";
        assert_eq!(keys(&json).join(" "), expected);
        assert_eq!((text(&json, "command"), text(&json, "grant")), ("who".into(), grant.into()));
        assert_eq!(json["matches"].as_array().map(Vec::is_empty), Some(quiet));
        assert!(json["summary"]["read"]["blobs"].as_u64() > Some(5));
    }
    let json = asked(dir.path(), READ).json;
    assert_eq!(keys(&json["matches"][0]).join(" "), "gate grant kind label name path paths through");
    assert_eq!(keys(&json["muted"][0]).join(" "), "by grant key kind name paths perhaps through");
    assert_eq!(keys(&json["unknown"][0]).join(" "), "kind line member member_kind name path");
    assert_eq!(keys(&json["muted"][0]["by"]).join(" "), "kind line name path");
}

/// Names and labels come from files: none may reach a terminal as a command.
#[test]
fn hostile_texts_are_made_visible() {
    let dir = directory(&[]);
    let evil = "Evil&#27;[2J\u{202e}";
    let label = format!("<label>{evil} ::error::x</label>");
    file(dir.path(), "Bad.permissionset", &[&label, &object("Account", "allowRead"), &class(&format!("A{evil}"))]);
    file(
        dir.path(),
        "G.permissionsetgroup",
        &[&label, "<permissionSets>Bad</permissionSets>", &format!("<permissionSets>{evil}</permissionSets>")],
    );
    for grant in ["Account", "classAccesses/*", "A\u{1b}[2J"] {
        let run = permdelta(dir.path(), &["who", grant, "."]);
        for stream in [&run.stdout, &run.stderr] {
            let hostile = |character: char| (character.is_control() && character != '\n') || character == '\u{202e}';
            assert!(!stream.contains(hostile) && !stream.contains("::"), "{grant}: {stream:?}");
        }
    }
    // A class whose name looks like a key of another section does not stand in for it.
    file(dir.path(), "Decoy.permissionset", &[&class("userPermissions/ModifyAllData")]);
    assert_eq!(asked(dir.path(), "userPermissions/ModifyAllData").json["matches"], Value::Array(vec![]));
}

/// A table that would be endless says what it leaves out.
#[test]
fn many_grants_are_counted() {
    let dir = directory(&[]);
    let grants: Vec<String> = (0..30).map(|number| class(&format!("C{number:02}"))).collect();
    file(dir.path(), "Many.permissionset", &grants.iter().map(String::as_str).collect::<Vec<_>>());
    let table = |more: &[&str]| permdelta(dir.path(), &[&["who", "classAccesses/*", "."], more].concat()).stdout;
    assert!(table(&[]).contains("  and 18 more grants, listed with -v\n"), "{}", table(&[]));
    assert!(table(&["-v"]).contains("classAccesses/C29") && !table(&["-v"]).contains("more grants"));
}
