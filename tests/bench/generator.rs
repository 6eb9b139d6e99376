//! Made-up orgs: permission sets written exactly as Salesforce writes them, the same bytes on every machine.

use crate::chance::Chance;
use crate::names::{Names, Object};

/// Paths and contents.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// How big an org is.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    /// Permission sets of 60 objects.
    pub(crate) usual: usize,
    /// Permission sets of 160 objects, as a system administrator's.
    pub(crate) large: usize,
    /// Permission sets of 25 objects.
    pub(crate) small: usize,
    /// Profiles of 60 objects.
    pub(crate) profiles: usize,
    /// Groups of ten permission sets and one muting set each.
    pub(crate) groups: usize,
}

impl Scale {
    /// An org of permission sets only.
    pub(crate) const fn of_sets(usual: usize, large: usize) -> Self {
        Self { usual, large, small: 0, profiles: 0, groups: 0 }
    }
}

/// Most fields a permission set lists of one object.
const FIELDS: usize = 30;

/// Which state of the org is written.
#[derive(Clone, Copy)]
pub(crate) enum State {
    /// As it was.
    Base,
    /// One entry in a hundred is gone or says the opposite.
    Head,
}

/// The files of an org.
pub(crate) fn org(scale: Scale, state: State) -> Files {
    let names = Names::new();
    let sizes = [(scale.usual, 60), (scale.large, 160), (scale.small, 25)];
    let objects = sizes.into_iter().flat_map(|(count, objects)| std::iter::repeat_n(objects, count));
    let mut files: Files = objects
        .enumerate()
        .map(|(index, objects)| {
            let name = set_name(&names, index);
            let path = format!("force-app/main/default/permissionsets/{name}.permissionset-meta.xml");
            (path, permission_set(&names, &name, index as u64, objects, state))
        })
        .collect();
    let sets = files.len();
    for index in 0..scale.profiles {
        let path = format!("force-app/main/default/profiles/Profile {index:02}.profile-meta.xml");
        let text = permission_set(&names, "Profile", (sets + index) as u64, 60, state);
        files.push((path, as_profile(&text)));
    }
    for index in 0..scale.groups {
        files.extend(group(&names, index, sets));
    }
    files
}

fn set_name(names: &Names, index: usize) -> String {
    format!("{}_{index:03}", names.custom_permissions[index % names.custom_permissions.len()])
}

/// The same grants in a profile's words.
fn as_profile(permission_set: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(permission_set);
    let words = [
        ("PermissionSet", "Profile"),
        ("tabSettings", "tabVisibilities"),
        ("<visibility>Visible", "<visibility>DefaultOn"),
        ("<visibility>None", "<visibility>Hidden"),
        ("    <hasActivationRequired>true</hasActivationRequired>\n", ""),
        ("    <hasActivationRequired>false</hasActivationRequired>\n", ""),
        ("    <label>Profile</label>\n    <license>Salesforce</license>\n", ""),
    ];
    words.into_iter().fold(text.into_owned(), |text, (from, to)| text.replace(from, to)).into_bytes()
}

/// A group of ten of the sets, and a muting set that takes some of their rights.
fn group(names: &Names, index: usize, sets: usize) -> [(String, Vec<u8>); 2] {
    let mut chance = Chance::new(index as u64 ^ 0x6772_6f75);
    let mut file = File { text: String::new(), edits: None };
    file.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    file.text.push_str("<PermissionSetGroup xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n");
    file.scalar("label", &format!("Group {index:03}"));
    file.scalar("mutingPermissionSets", &format!("Muting_{index:03}"));
    for _ in 0..10 {
        file.scalar("permissionSets", &set_name(names, chance.below(sets)));
    }
    file.text.push_str("</PermissionSetGroup>\n");
    let mut muting = File { text: String::new(), edits: None };
    muting.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    muting.text.push_str("<MutingPermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n");
    muting.scalar("label", &format!("Muting {index:03}"));
    rights(&mut muting, &chance.some(&names.objects, 3), &mut chance);
    muting.text.push_str("</MutingPermissionSet>\n");
    let folder = "force-app/main/default";
    [
        (format!("{folder}/permissionsetgroups/Group_{index:03}.permissionsetgroup-meta.xml"), file.text.into_bytes()),
        (
            format!("{folder}/mutingpermissionsets/Muting_{index:03}.mutingpermissionset-meta.xml"),
            muting.text.into_bytes(),
        ),
    ]
}

/// One permission set: sections and names in alphabetical order, four spaces a level.
fn permission_set(names: &Names, name: &str, seed: u64, objects: usize, state: State) -> Vec<u8> {
    let mut chance = Chance::new(seed ^ 0x7065_726d);
    let objects: Vec<&Object> = chance.some(&names.objects, objects);
    let edits = match state {
        State::Base => None,
        State::Head => Some(Chance::new(!seed)),
    };
    let mut file = File { text: String::new(), edits };
    file.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    file.text.push_str("<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n");
    file.flags("applicationVisibilities", "application", "visible", &chance.some(&names.applications, 3));
    file.flags("classAccesses", "apexClass", "enabled", &chance.some(&names.classes, 150));
    file.flags("customPermissions", "name", "enabled", &chance.some(&names.custom_permissions, 12));
    file.scalar("description", &format!("What the team of {} needs &amp; nothing else.", name.replace('_', " ")));
    fields(&mut file, &objects, &mut chance);
    file.flags("flowAccesses", "flow", "enabled", &chance.some(&names.flows, 15));
    file.scalar("hasActivationRequired", yes(chance.percent(10)));
    file.scalar("label", &name.replace('_', " "));
    file.scalar("license", "Salesforce");
    rights(&mut file, &objects, &mut chance);
    file.flags("pageAccesses", "apexPage", "enabled", &chance.some(&names.pages, 20));
    for object in &objects {
        file.flags("recordTypeVisibilities", "recordType", "visible", &object.record_types);
    }
    for object in &objects {
        file.block("tabSettings", &[("tab", &object.tab), ("visibility", "Visible")]);
    }
    file.flags("userPermissions", "name", "enabled", &chance.some(&names.user_permissions, 8));
    file.text.push_str("</PermissionSet>\n");
    file.text.into_bytes()
}

fn fields(file: &mut File, objects: &[&Object], chance: &mut Chance) {
    for object in objects {
        for field in chance.some(&object.fields, FIELDS) {
            let editable = yes(chance.percent(60));
            file.block("fieldPermissions", &[("editable", editable), ("field", field), ("readable", "true")]);
        }
    }
}

fn rights(file: &mut File, objects: &[&Object], chance: &mut Chance) {
    for object in objects {
        let (edit, all) = (chance.percent(60), chance.percent(5));
        file.block(
            "objectPermissions",
            &[
                ("allowCreate", yes(edit)),
                ("allowDelete", yes(edit && chance.percent(30))),
                ("allowEdit", yes(edit)),
                ("allowRead", "true"),
                ("modifyAllRecords", yes(edit && all)),
                ("object", &object.name),
                ("viewAllFields", "false"),
                ("viewAllRecords", yes(all)),
            ],
        );
    }
}

fn yes(held: bool) -> &'static str {
    if held { "true" } else { "false" }
}

/// A file being written.
struct File {
    text: String,
    edits: Option<Chance>,
}

impl File {
    fn scalar(&mut self, element: &str, value: &str) {
        self.leaf("    ", element, value);
    }

    /// Entries of a section whose boolean stands before or behind the name, as the alphabet has it.
    fn flags(&mut self, section: &str, key: &str, decides: &str, names: &[impl AsRef<str>]) {
        for name in names {
            let mut children = [(key, name.as_ref()), (decides, "true")];
            children.sort_unstable();
            self.block(section, &children);
        }
    }

    fn block(&mut self, section: &str, children: &[(&str, &str)]) {
        let edited = self.edits.as_mut().is_some_and(|edits| edits.percent(1));
        let gone = edited && self.edits.as_mut().is_some_and(|edits| edits.percent(30));
        if gone {
            return;
        }
        self.line(&["    <", section, ">\n"]);
        let first = children.iter().position(|(_, value)| opposite(value).is_some());
        for (index, (child, value)) in children.iter().enumerate() {
            let other = opposite(value).filter(|_| edited && first == Some(index));
            self.leaf("        ", child, other.unwrap_or(value));
        }
        self.line(&["    </", section, ">\n"]);
    }

    fn leaf(&mut self, indent: &str, element: &str, value: &str) {
        self.line(&[indent, "<", element, ">", value, "</", element, ">\n"]);
    }

    fn line(&mut self, pieces: &[&str]) {
        self.text.extend(pieces.iter().copied());
    }
}

fn opposite(value: &str) -> Option<&'static str> {
    match value {
        "true" => Some("false"),
        "false" => Some("true"),
        "Visible" => Some("None"),
        _ => None,
    }
}
