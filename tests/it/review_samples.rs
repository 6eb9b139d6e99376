//! Histories for the tests of reviews.

use std::collections::BTreeMap;
use std::path::Path;

use git2::Repository;

use crate::support::{FOLDER, commit, repository};

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Not `userPermissions` of a risk each, so that a diff has something to show around them.
const HARMLESS: [&str; 20] = [
    "RunReports",
    "RunFlow",
    "ActivitiesAccess",
    "AddDirectMessageMembers",
    "AllowEmailIC",
    "AllowUniversalSearch",
    "AllowViewKnowledge",
    "ChatterForSharePoint",
    "ChatterInternalUser",
    "ChatterInviteExternalUsers",
    "ContentWorkspaces",
    "CreateTopics",
    "EditEvent",
    "EditTask",
    "EmailMass",
    "EnableNotifications",
    "ListEmailSend",
    "SelectFilesFromSalesforce",
    "ShowCompanyNameAsUserBadge",
    "ViewHelpLink",
];
const RISKY: [&str; 6] =
    ["ManageUsers", "ViewAllData", "AuthorApex", "CustomizeApplication", "ModifyAllData", "ManageRoles"];

pub(crate) fn user(name: &str, granted: &str) -> String {
    format!(
        "    <userPermissions>\n        <enabled>{granted}</enabled>\n        <name>{name}</name>\n    </userPermissions>\n"
    )
}

pub(crate) fn set(inside: &str) -> String {
    format!("<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{inside}</PermissionSet>\n")
}

fn gate(value: &str) -> String {
    format!("    <hasActivationRequired>{value}</hasActivationRequired>\n")
}

fn harmless() -> String {
    HARMLESS.map(|name| user(name, "true")).concat()
}

fn name(name: &str) -> String {
    format!("{FOLDER}/{name}.permissionset-meta.xml")
}

fn group(members: &str) -> Vec<u8> {
    format!("<PermissionSetGroup xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n{members}</PermissionSetGroup>\n")
        .into()
}

/// Two commits: everything that is hard to find in a diff.
pub(crate) fn odd_history(dir: &Path) -> Repository {
    let repository = repository(dir, true);
    let (mut base, mut head) = (Files::new(), Files::new());
    let mut both = |path: String, before: String, after: String| {
        base.insert(path.clone(), before.into_bytes());
        head.insert(path, after.into_bytes());
    };
    let lead = user("RunReports", "true");
    both(name("Gate_Gone"), set(&(gate("true") + &lead + &harmless())), set(&(lead.clone() + &harmless())));
    both(name("Gate_Off"), set(&(gate("true") + &lead)), set(&(gate("false") + &lead)));
    let far =
        |granted: &str| set(&(harmless() + &user("ManageUsers", granted) + &harmless().replace(">true<", ">false<")));
    both(name("Far"), far("false"), far("true"));
    let windows = |granted: &str| set(&(lead.clone() + &user("ManageUsers", granted))).replace('\n', "\r\n");
    both(name("Windows"), windows("false"), windows("true"));
    let one_line = |granted: &str| set(&(user("ManageUsers", granted).replace(['\n', ' '], "") + "\n"));
    both(name("One_Line"), one_line("false"), one_line("true"));
    let no_end = |granted: &str| {
        let user = user("ManageUsers", granted).replacen("    ", "", 1);
        format!(
            "<PermissionSet>\n<label>N</label>\n{}\n</PermissionSet>",
            user.trim_end().replace("<userP", "\n<userP").trim()
        )
        .replace("<userPermissions>\n        <enabled>", "<userPermissions>\n\n<enabled>")
    };
    both(name("No_End"), no_end("false"), no_end("true"));
    let member = "    <permissionSets>Far</permissionSets>\n";
    let in_groups = "force-app/main/default/permissionsetgroups";
    let ours = |group: &str| format!("{in_groups}/{group}.permissionsetgroup-meta.xml");
    let far_group = String::from_utf8(group(member)).unwrap();
    both(ours("Far_Group"), far_group.clone(), far_group);
    // A muting set that is deleted, and the group that still names it.
    let muted =
        "    <mutingPermissionSets>Muted_Away</mutingPermissionSets>\n    <permissionSets>Exporter</permissionSets>\n";
    let muted = String::from_utf8(group(muted)).unwrap();
    both(ours("Muted_Group"), muted.clone(), muted);
    let exporter = set(&user("ExportReport", "true"));
    both(name("Exporter"), exporter.clone(), exporter);
    let policy = |objects: &str| format!("[sensitive]\n{objects}fields = [\"*.SSN__c\"]\n");
    both("permdelta.toml".to_owned(), policy("objects = [\"Payroll__c\"]\n"), policy(""));
    let mut only_base = |path: String, text: String| base.insert(path, text.into_bytes());
    let muting = set(&("    <label>M</label>\n".to_owned() + user("ExportReport", "true").as_str()))
        .replace("PermissionSet", "MutingPermissionSet");
    only_base("force-app/main/default/mutingpermissionsets/Muted_Away.mutingpermissionset-meta.xml".to_owned(), muting);
    let old = set(&(harmless() + &user("ViewAllData", "true") + &lead));
    only_base(name("Old_Name"), old.clone());
    head.insert(
        name("New_Name"),
        old.replace(
            "<enabled>true</enabled>\n        <name>EmailMass",
            "<enabled>true</enabled>\n        <name>AuthorApex",
        )
        .into_bytes(),
    );
    let elsewhere = |file: &str| format!("{FOLDER}/{file}/Moved.permissionset-meta.xml");
    let moved = set(&(harmless() + &user("ManageUsers", "false") + &harmless().replace(">true<", ">false<")));
    base.insert(elsewhere("a"), moved.clone().into_bytes());
    head.insert(
        elsewhere("b"),
        moved
            .replace(
                "<enabled>false</enabled>\n        <name>ManageUsers",
                "<enabled>true</enabled>\n        <name>ManageUsers",
            )
            .into_bytes(),
    );
    let exactly = set(&(user("ModifyAllData", "true") + "    <label>Exactly</label>\n"));
    base.insert(name("Exactly_Old"), exactly.clone().into_bytes());
    head.insert(name("Exactly_New"), exactly.into_bytes());
    for files in [&base, &head] {
        let parent = repository.revparse_single("main").ok().map(|head| head.id());
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
        commit(&repository, parent, &files);
    }
    repository
}

/// Numbers that are the same in every run.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }
}

/// Some sets to begin with.
pub(crate) fn oddly_changed(rng: &mut Rng) -> Files {
    (0..12).map(|number| (name(&format!("S{number}")), random_set(rng).into_bytes())).collect()
}

fn random_block(rng: &mut Rng) -> String {
    let granted = if rng.below(3) == 0 { "false" } else { "true" };
    let known = if rng.below(3) == 0 { RISKY[rng.below(RISKY.len())] } else { HARMLESS[rng.below(HARMLESS.len())] };
    user(known, granted)
}

fn random_set(rng: &mut Rng) -> String {
    let blocks: String = (0..5 + rng.below(25)).map(|_| random_block(rng)).collect();
    set(&(gate(if rng.below(4) == 0 { "true" } else { "false" }) + &blocks))
}

/// The blocks of a set, without its first and last line.
fn blocks(file: &[u8]) -> Vec<String> {
    let text = String::from_utf8(file.to_vec()).expect("UTF-8");
    let inside = text
        .split_once('\n')
        .expect("a root")
        .1
        .trim_end()
        .strip_suffix("</PermissionSet>")
        .expect("an end")
        .to_owned();
    let mut blocks: Vec<String> = Vec::new();
    for line in inside.split_inclusive('\n') {
        match blocks.last_mut().filter(|_| line.starts_with("     ") || line.starts_with("    </")) {
            Some(block) => block.push_str(line),
            None => blocks.push(line.to_owned()),
        }
    }
    blocks
}

/// The same files after a few changes.
pub(crate) fn edited(mut files: Files, rng: &mut Rng) -> Files {
    for _ in 0..6 {
        let paths: Vec<String> = files.keys().cloned().collect();
        let path = paths[rng.below(paths.len())].clone();
        let mut all = blocks(&files[&path]);
        let at = rng.below(all.len());
        match rng.below(9) {
            0 | 1 => all.insert(at, random_block(rng)),
            2 if all.len() > 2 => drop(all.remove(at)),
            3 => {
                let other = rng.below(all.len());
                all.swap(at, other);
            }
            4 | 5 => {
                let on = all[at].contains(">true<");
                let (from, to) = if on { (">true<", ">false<") } else { (">false<", ">true<") };
                all[at] = all[at].replace(from, to);
            }
            6 => {
                files.remove(&path);
                files.insert(name(&format!("R{}", rng.below(1_000))), set(&all.concat()).into_bytes());
                continue;
            }
            7 if files.len() > 6 => {
                files.remove(&path);
                continue;
            }
            _ => {
                files.insert(name(&format!("N{}", rng.below(1_000))), random_set(rng).into_bytes());
                continue;
            }
        }
        files.insert(path, set(&all.concat()).into_bytes());
    }
    files
}
