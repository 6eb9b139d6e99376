//! What is seen in real repositories (and what is legal though not seen yet): each oddity with a file of its own and a deliberate answer.
//!
//! | oddity | its case |
//! |---|---|
//! | percent-encoded and non-ASCII file names | [`NAMES`], [`an_encoded_name_is_the_name`] |
//! | one name in two package directories | `same_name.rs` |
//! | sets outside a `permissionsets` folder, folders and endings in another case | [`NAMES`] |
//! | holders of megabytes | [`a_holder_of_three_megabytes_is_read_whole`] |
//! | byte order mark | `odd_files.rs`; of every kind: `round_trip.rs` |
//! | CRLF inside descriptions of LF files | `odd_files.rs`, [`line_ends_in_a_description_are_no_change`] |
//! | entities in labels | [`entities_in_a_label_are_read`] |
//! | comments between elements, commented-out grants, self-closing elements | `odd_files.rs`; of every kind: `round_trip.rs` |
//! | a root without namespace | `odd_files.rs`; of every kind: [`contents`] |
//! | booleans in any case, with white space, left out | `odd_files.rs`; of a gate: [`a_gate_in_any_case_is_the_gate`] |
//! | `fieldPermissions` without `field` | `bad_files.rs` where it grants something; [`contents`] where it does not |
//! | identical duplicates, conflicting duplicates | `odd_files.rs`, `holders.rs` (muting); of a profile: [`contents`] |
//! | a whole set written twice inside one root | [`contents`] |
//! | not well-formed, conflict markers, empty, not XML, UTF-16, DOCTYPE, LFS pointer | `bad_files.rs`; of every kind: [`no_kind_of_broken_document_passes`] |
//! | groups with no members | [`contents`] |
//! | `dataspaceScopes`; `viewSetup`, `customizeSetup`, `deleteSetup` | `odd_files.rs`; of every kind: [`contents`] |
//! | CDATA, namespace prefixes | `odd_files.rs`; CDATA in every kind: `round_trip.rs` |
//! | symbolic links | [`a_link_where_permissions_can_be_is_a_problem`] |

use std::collections::BTreeSet;

use git2::Repository;

use crate::bad_files::broken_documents;
use crate::holder_files::Reading;
use crate::support::{Report, arg, directory, permdelta, repository, temp, text, write};

/// The file of a holder, and the holder's name.
const NAMES: [(&str, &str); 10] = [
    ("main/profiles/Custom%3A Sales Profile.profile-meta.xml", "Custom: Sales Profile"),
    ("src/profiles/Custom %E2%80%93 Support.profile", "Custom – Support"),
    ("main/permissionsets/営業マネージャー.permissionset-meta.xml", "営業マネージャー"),
    ("main/permissionsets/%E7%B5%8C%E7%90%86.permissionset-meta.xml", "経理"),
    ("main/profiles/Left_In_Profiles.permissionset-meta.xml", "Left_In_Profiles"),
    ("main/staticresources/Demo/data/In_A_Resource.permissionset", "In_A_Resource"),
    ("main/permissionSets/Camel_Case.permissionset-meta.xml", "Camel_Case"),
    ("main/PermissionSetGroups/Capital.permissionSetGroup-meta.xml", "Capital"),
    ("main/mutingpermissionsets/deep/er/Nested.mutingpermissionset-meta.xml", "Nested"),
    ("At_The_Root.permissionset", "At_The_Root"),
];

const NAMESPACE: &str = " xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
const API: &str =
    "    <userPermissions>\n        <enabled>true</enabled>\n        <name>ApiEnabled</name>\n    </userPermissions>\n";
const API_KEY: &str = "userpermissions/apienabled";

/// The four kinds: root, and ending of the file name.
const KINDS: [(&str, &str); 4] = [
    ("PermissionSet", "permissionset"),
    ("MutingPermissionSet", "mutingpermissionset"),
    ("Profile", "profile"),
    ("PermissionSetGroup", "permissionsetgroup"),
];

fn file(root: &str, namespace: &str, inside: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}{namespace}>\n{inside}</{root}>\n")
}

#[test]
fn a_holder_is_found_in_any_folder_and_named_by_its_file() {
    let dir = temp();
    for (path, _) in NAMES {
        let ending = path.trim_end_matches("-meta.xml").rsplit('.').next().expect("an ending").to_lowercase();
        let (root, _) = KINDS.iter().find(|kind| kind.1 == ending).expect("a kind");
        write(dir.path(), path, file(root, NAMESPACE, "    <label>Somebody</label>\n").as_bytes());
    }
    let reading = Reading::of(dir.path());
    for (path, name) in NAMES {
        assert_eq!(reading.holders.get(path).map(String::as_str), Some(name), "{path}");
    }
    assert_eq!((reading.holders.len(), reading.problems.len()), (NAMES.len(), 0));
}

#[test]
fn an_encoded_name_is_the_name() {
    let sales = file("Profile", NAMESPACE, API);
    let encoded = directory(&[("profiles/Sales %26 %E5%96%B6%E6%A5%AD.profile-meta.xml", sales.as_bytes())]);
    let spelt = directory(&[("profiles/Sales & 営業.profile-meta.xml", sales.as_bytes())]);
    Report::of_diff(encoded.path(), spelt.path()).assert_no_change("decoded");
    Report::of_diff(spelt.path(), encoded.path()).assert_no_change("encoded");
}

/// What a file of some kind holds. A key with `-` in front is denied, as a profile can.
struct Content {
    what: &'static str,
    root: &'static str,
    namespace: &'static str,
    inside: String,
    states: &'static [&'static str],
}

fn contents() -> Vec<Content> {
    let case = |what, root, inside: &str, states| Content {
        what,
        root,
        namespace: NAMESPACE,
        inside: inside.to_owned(),
        states,
    };
    let field = |editable: bool| {
        format!(
            "    <fieldPermissions>\n        <editable>{editable}</editable>\n        <field>Case.Origin</field>\n        \
             <readable>true</readable>\n    </fieldPermissions>\n"
        )
    };
    let unnamed = "    <fieldPermissions>\n        <editable>false</editable>\n        <readable>false</readable>\n    </fieldPermissions>\n";
    let label = "    <label>Sales</label>\n    <hasActivationRequired>false</hasActivationRequired>\n";
    let setup = "    <objectPermissions>\n        <allowRead>true</allowRead>\n        <customizeSetup>true</customizeSetup>\n        \
                 <deleteSetup>false</deleteSetup>\n        <object>Ledger__c</object>\n        <viewSetup>True</viewSetup>\n    </objectPermissions>\n";
    let scope = "    <dataspaceScopes>\n        <dataspaceScope>default</dataspaceScope>\n        <enabled>true</enabled>\n    </dataspaceScopes>\n";
    let member = "    <permissionSets>Sales</permissionSets>\n";
    let twice = format!("{label}{API}{}{label}{API}{}", field(true), field(true));
    let conflicting = format!("{}{}", field(true), field(false));
    let mut all = vec![
        case("a set written twice in one root", "PermissionSet", &twice, BOTH_AND_API),
        case("a muting set written twice in one root", "MutingPermissionSet", &twice, BOTH_AND_API),
        case("a field that grants nothing and has no name", "PermissionSet", &format!("{unnamed}{API}"), &[API_KEY]),
        case("a profile's field that says nothing and has no name", "Profile", &format!("{unnamed}{API}"), &[API_KEY]),
        case("a profile's duplicates that conflict", "Profile", &conflicting, BOTH),
        case("a muting set's duplicates that conflict", "MutingPermissionSet", &conflicting, &[READ]),
        case("setup rights of a profile", "Profile", setup, SETUP_DENIED),
        case("setup rights of a muting set", "MutingPermissionSet", setup, SETUP),
        case("a data space of a profile", "Profile", scope, &["dataspacescopes/default/enabled"]),
        case("a data space of a muting set", "MutingPermissionSet", scope, &["dataspacescopes/default/enabled"]),
        case("a group without members", "PermissionSetGroup", label, &[]),
        case("a group with a member twice", "PermissionSetGroup", &format!("{member}{label}{member}"), &[MEMBER]),
    ];
    let alone = |root, inside: &str, states| Content { namespace: "", ..case("no namespace", root, inside, states) };
    all.push(alone("MutingPermissionSet", API, &[API_KEY]));
    all.push(alone("Profile", API, &[API_KEY]));
    all.push(alone("PermissionSetGroup", member, &[MEMBER]));
    all
}

const READ: &str = "fieldpermissions/case.origin/readable";
const EDIT: &str = "fieldpermissions/case.origin/editable";
const MEMBER: &str = "permissionSets/sales";
const BOTH: &[&str] = &[EDIT, READ];
const BOTH_AND_API: &[&str] = &[EDIT, READ, API_KEY];
const SETUP: &[&str] = &[
    "objectpermissions/ledger__c/allowread",
    "objectpermissions/ledger__c/customizesetup",
    "objectpermissions/ledger__c/viewsetup",
];
const SETUP_DENIED: &[&str] = &[
    "-objectpermissions/ledger__c/deletesetup",
    "objectpermissions/ledger__c/allowread",
    "objectpermissions/ledger__c/customizesetup",
    "objectpermissions/ledger__c/viewsetup",
];

#[test]
fn odd_contents_of_every_kind_are_read() {
    let dir = temp();
    let cases = contents();
    let path = |at: usize| {
        let (_, ending) = KINDS.iter().find(|kind| kind.0 == cases[at].root).expect("a kind");
        format!("main/Case_{at}.{ending}-meta.xml")
    };
    for (at, case) in cases.iter().enumerate() {
        write(dir.path(), &path(at), file(case.root, case.namespace, &case.inside).as_bytes());
    }
    let reading = Reading::of(dir.path());
    assert!(reading.problems.is_empty(), "{:#?}", reading.problems);
    for (at, case) in cases.iter().enumerate() {
        let stated = reading.of_file(&path(at));
        let denied = stated.denied.iter().map(|key| format!("-{key}"));
        let found: BTreeSet<String> = stated.held.iter().cloned().chain(denied).collect();
        let expected: BTreeSet<String> = case.states.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(found, expected, "{}", case.what);
        assert!(reading.holders.contains_key(&path(at)), "{}: a holder all the same", case.what);
    }
}

#[test]
fn line_ends_in_a_description_are_no_change() {
    for (root, ending) in KINDS {
        let described = |newline: &str| {
            let inside = format!("    <description>Sells.{newline}{newline}And reports.</description>\n");
            directory(&[(&format!("Sales.{ending}"), file(root, NAMESPACE, &inside).as_bytes())])
        };
        let (unix, windows, other) = (described("\n"), described("\r\n"), described(" "));
        Report::of_diff(unix.path(), windows.path()).assert_no_change(root);
        Report::of_diff(windows.path(), unix.path()).assert_no_change(root);
        assert_eq!(Report::of_diff(unix.path(), other.path()).holders().len(), 1, "{root}: another description");
    }
}

#[test]
fn entities_in_a_label_are_read() {
    let inside = "    <label>R&amp;D &quot;West&quot; &lt;3&gt; &#xD8;st &apos;x&apos;</label>\n";
    for (root, ending) in KINDS.into_iter().filter(|kind| kind.0 != "Profile") {
        let dir = directory(&[(&format!("Sales.{ending}"), file(root, NAMESPACE, inside).as_bytes())]);
        let report = Report::of_diff(temp().path(), dir.path());
        assert_eq!(text(&report.holders()[0], "label"), "R&D \"West\" <3> Øst 'x'", "{root}");
    }
}

#[test]
fn a_gate_in_any_case_is_the_gate() {
    for (root, ending) in [KINDS[0], KINDS[3]] {
        let gated = |word: &str| {
            let inside =
                format!("    <hasActivationRequired>{word}</hasActivationRequired>\n    <label>Sales</label>\n");
            directory(&[(&format!("Sales.{ending}"), file(root, NAMESPACE, &inside).as_bytes())])
        };
        let plain = gated("true");
        for word in ["True", "TRUE", "true  ", "\n        true\n    "] {
            Report::of_diff(plain.path(), gated(word).path()).assert_no_change(&format!("{root}: {word:?}"));
        }
        let report = Report::of_diff(plain.path(), gated("False ").path());
        assert_eq!(report.holders()[0]["properties"][0]["after"], "false", "{root}: the gate is gone");
    }
}

#[test]
fn a_holder_of_three_megabytes_is_read_whole() {
    let entry = |number: usize| {
        format!(
            "    <fieldPermissions>\n        <editable>false</editable>\n        <field>Ledger__c.Posting_Line_{number}__c</field>\n        \
             <readable>true</readable>\n    </fieldPermissions>\n"
        )
    };
    let fields: String = (0..20_000).map(entry).collect();
    let dir = directory(&[("Auditor.profile", file("Profile", NAMESPACE, &fields).as_bytes())]);
    assert!(fields.len() > 3_000_000);
    let stated = Reading::of(dir.path()).of_file("Auditor.profile");
    assert_eq!((stated.held.len(), stated.denied.len()), (20_000, 20_000));
}

/// The broken permission sets of `bad_files.rs`, as holders of the other kinds.
#[test]
fn no_kind_of_broken_document_passes() {
    for (root, ending) in &KINDS[1..] {
        let dir = temp();
        let mut cases = Vec::new();
        for bad in broken_documents() {
            // With another root this one is as it should be.
            if *root == "Profile" && bad.what == "the root of another kind" {
                continue;
            }
            let path = format!("Bad_{}.{ending}", cases.len());
            write(dir.path(), &path, &as_kind(root, &bad.bytes));
            cases.push((path, bad.what));
        }
        let good = as_kind(root, crate::bad_files::GOOD.as_bytes());
        write(dir.path(), &format!("Good.{ending}"), &good);
        let reading = Reading::of(dir.path());
        for (path, what) in &cases {
            assert!(reading.problems.contains_key(path), "{root}: {what}");
        }
        assert_eq!(reading.problems.len(), cases.len(), "{root}: {:?}", reading.problems);
        let expected = if *root == "PermissionSetGroup" { MEMBER } else { API_KEY };
        let held: Vec<String> = reading.of_file(&format!("Good.{ending}")).held.into_iter().collect();
        assert_eq!(held, [expected], "{root}: the neighbour is read");
    }
}

/// Where a profile has texts besides grants, a merge can leave its markers too.
#[test]
fn a_conflict_marker_in_a_profiles_list_is_a_problem() {
    let range = "    <loginIpRanges>\n        <description>office\n>>>>>>> feature\n</description>\n        \
                 <endAddress>10.0.0.255</endAddress>\n        <startAddress>10.0.0.0</startAddress>\n    </loginIpRanges>\n";
    let dir = directory(&[("Sales.profile", file("Profile", NAMESPACE, range).as_bytes())]);
    let problems = Reading::of(dir.path()).problems;
    assert!(problems["Sales.profile"].contains("merge conflict"), "{problems:?}");
}

/// The same bytes for a holder of another kind; a group has a member where others have a grant.
fn as_kind(root: &str, file: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(file) else { return file.to_vec() };
    let text = text.replace("PermissionSet", root);
    let text = if root == "PermissionSetGroup" {
        text.replace(API, "    <permissionSets>Sales</permissionSets>\n")
    } else {
        text
    };
    text.into_bytes()
}

/// A link is not followed: what it names may lie outside of what was asked about.
#[test]
fn a_link_where_permissions_can_be_is_a_problem() {
    let target = "../elsewhere/Sales.permissionset-meta.xml";
    let links = [
        ("main/permissionsets/Sales.permissionset-meta.xml", true),
        ("main/profiles", true),
        ("Sales.mutingpermissionset", true),
        ("main/lwc/shared", false),
        ("README.md", false),
    ];
    let dir = temp();
    let repository = repository(dir.path(), true);
    let tip = commit_of_links(&repository, &links.map(|(path, _)| path), target);
    let empty = temp();
    let report = Report::of(dir.path(), &["diff", "--from", arg(empty.path()), "--to", &tip]);
    let problems: BTreeSet<String> = report.problems().into_iter().map(|problem| problem.path).collect();
    let expected = links.iter().filter(|(_, problem)| *problem).map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(problems, expected);
    assert!(report.problems().iter().all(|problem| problem.message.contains("symbolic link")));
    assert_eq!((report.status, report.complete()), (2, false));
    // Links elsewhere are a note, where they are new.
    let noted = |args: &[&str]| permdelta(dir.path(), args).stderr.contains("not followed: 2, as README.md");
    assert!(noted(&["diff", "--from", arg(empty.path()), "--to", &tip]) && noted(&["audit", &tip]));
    assert!(!noted(&["diff", &format!("{tip}..{tip}")]));
}

/// What a link leads to is not read, so that it may differ: nothing is proven.
#[test]
fn a_link_that_stands_as_it_did_proves_nothing() {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let links = ["main/permissionsets/Sales.permissionset-meta.xml", "docs/notes.txt"];
    let [base, head] = [&links[..1], &links].map(|links| commit_of_links(&repository, links, "../shared/Sales.txt"));
    let status = |more: &[&str]| {
        let args = [&["check", "--from", &base, "--to", &head], more].concat();
        permdelta(dir.path(), &args).status
    };
    assert_eq!((status(&[]), status(&["--no-new-access"])), (0, 2));
}

/// A commit in which each path is a symbolic link to `target`.
fn commit_of_links(repository: &Repository, paths: &[&str], target: &str) -> String {
    let mut index = git2::Index::new().expect("an index in memory");
    let id = repository.blob(target.as_bytes()).expect("a blob");
    for path in paths {
        let mut entry = crate::support::blob_entry(path, id);
        entry.mode = 0o120_000;
        index.add(&entry).expect("an index entry");
    }
    let tree = index.write_tree_to(repository).expect("a tree");
    let tree = repository.find_tree(tree).expect("the tree");
    let author = git2::Signature::now("Sample Author", "author@example.com").expect("an author");
    repository.commit(None, &author, &author, "links", &tree, &[]).expect("a commit").to_string()
}

#[cfg(unix)]
#[test]
fn a_link_in_a_directory_is_a_problem_too() {
    let sales = file("PermissionSet", NAMESPACE, API);
    let dir = directory(&[("elsewhere/Sales.permissionset.txt", sales.as_bytes()), ("permissionsets/notes.txt", b"")]);
    let link = dir.path().join("permissionsets/Sales.permissionset-meta.xml");
    std::os::unix::fs::symlink("../elsewhere/Sales.permissionset.txt", link).expect("a link");
    let reading = Reading::of(dir.path());
    assert_eq!(reading.problems.into_keys().collect::<Vec<_>>(), ["permissionsets/Sales.permissionset-meta.xml"]);
    assert!(reading.stated.is_empty(), "it is not followed");
}
