//! Holder files of every kind: where tests get them from, and what the program reads from a directory full of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::generator::{Dice, sets};
use crate::slow_reading::{Stated, stated};
use crate::support::{Report, files_below, fold, temp, text};

/// Endings of the names of whole holders, without the `-meta.xml` of source format.
const WHOLE: [&str; 4] = ["permissionset", "mutingpermissionset", "permissionsetgroup", "profile"];

/// One readable file, where it comes from, and what it states.
pub(crate) struct HolderFile {
    pub(crate) origin: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) stated: Stated,
}

impl HolderFile {
    /// A path for the file under which it is a holder of its own, whatever holders of its name there are besides. A part of a
    /// decomposed set keeps its folder, because that says what it is.
    pub(crate) fn path(&self, number: usize) -> String {
        let (folders, file) = self.origin.rsplit_once('/').unwrap_or(("", &self.origin));
        match ending(&self.origin) {
            Some(ending) => format!("{ending}s/Holder_{number}.{ending}-meta.xml"),
            None => match folders.rsplit('/').next() {
                Some(section) if section.ends_with('s') => {
                    format!("permissionsets/Holder_{number}/{section}/{file}")
                }
                _ => format!("permissionsets/Holder_{number}/{file}"),
            },
        }
    }

    /// The ending of its name, as `profile`; `None` for a part of a decomposed set.
    pub(crate) fn ending(&self) -> Option<&'static str> {
        ending(&self.origin)
    }
}

fn ending(path: &str) -> Option<&'static str> {
    let stem = path.strip_suffix("-meta.xml").unwrap_or(path);
    WHOLE.into_iter().find(|ending| stem.ends_with(&format!(".{ending}")))
}

/// Whether a file states access: a whole holder, or a part in the folder of a decomposed set.
pub(crate) fn is_holder_file(path: &str) -> bool {
    let mut folders = path.split('/').rev().skip(1);
    let in_a_set = folders.any(|folder| folder == "permissionsets") && !path.ends_with(".json");
    ending(path).is_some() || (in_a_set && path.ends_with("-meta.xml"))
}

/// The holder files below `folder`. All of them can be read.
pub(crate) fn readable_below(folder: &Path) -> Vec<HolderFile> {
    let files = files_below(folder).into_iter().filter(|path| is_holder_file(path));
    files
        .map(|path| {
            let bytes = fs::read(folder.join(&path)).expect("a readable file");
            let stated = stated(&path, &bytes).unwrap_or_else(|error| panic!("{}: {path}: {error}", folder.display()));
            HolderFile { origin: path, bytes, stated }
        })
        .collect()
}

/// The sample organisation that comes with the program.
pub(crate) fn sample_files() -> Vec<HolderFile> {
    readable_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-repo"))
}

/// Generated files, the kinds taking turns, in dresses that mean the same.
pub(crate) fn generated_files(count: usize) -> Vec<HolderFile> {
    let mut runner = TestRunner::deterministic();
    let mut generate = |number: usize| {
        let set = sets().new_tree(&mut runner).expect("a permission set").current();
        let dress = if number.is_multiple_of(8) { 0 } else { number as u64 };
        let set = String::from_utf8(set.file(dress)).expect("a file is UTF-8");
        let ending = WHOLE[number % WHOLE.len()];
        let text = match ending {
            "mutingpermissionset" => set.replace("PermissionSet", "MutingPermissionSet"),
            "profile" => as_profile(&set),
            "permissionsetgroup" => group(number as u64),
            _ => set,
        };
        let origin = format!("generated/{number}.{ending}");
        let stated = stated(&origin, text.as_bytes()).unwrap_or_else(|error| panic!("{origin}: {error}:\n{text}"));
        HolderFile { origin, bytes: text.into_bytes(), stated }
    };
    (0..count).map(&mut generate).collect()
}

/// The same entries in the words of a profile.
fn as_profile(set: &str) -> String {
    let words = [
        ("PermissionSet", "Profile"),
        ("tabSettings", "tabVisibilities"),
        ("Available", "DefaultOff"),
        ("Visible", "DefaultOn"),
        ("None", "Hidden"),
    ];
    words.into_iter().fold(set.to_owned(), |text, (word, other)| text.replace(word, other))
}

fn group(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let member = |name: usize| format!("    <permissionSets>Member_{name}</permissionSets>\n");
    let members: String = (0..dice.throw(9)).map(member).collect();
    let gate = ["true", "false", "True"][dice.throw(3)];
    let muting = ["", "    <mutingPermissionSets>Desk_Muting</mutingPermissionSets>\n"][dice.throw(2)];
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PermissionSetGroup xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
         <description>Desk &amp; hall</description>\n    <hasActivationRequired>{gate}</hasActivationRequired>\n    <label>Desk</label>\n\
         {muting}{members}    <status>Updated</status>\n</PermissionSetGroup>\n"
    )
}

/// What the program reads from a directory, by path.
pub(crate) struct Reading {
    pub(crate) stated: BTreeMap<String, Stated>,
    /// The first problem of each file that has one.
    pub(crate) problems: BTreeMap<String, String>,
    /// The files that define a holder, with its name.
    pub(crate) holders: BTreeMap<String, String>,
}

impl Reading {
    /// Everything below `dir`: what it has that an empty directory has not.
    pub(crate) fn of(dir: &Path) -> Reading {
        let empty = temp();
        let report = Report::of_diff(empty.path(), dir);
        let mut reading = Reading { stated: BTreeMap::new(), problems: BTreeMap::new(), holders: BTreeMap::new() };
        for problem in report.problems() {
            reading.problems.entry(problem.path).or_insert(format!("line {}: {}", problem.line, problem.message));
        }
        for holder in report.holders().iter().filter(|holder| holder["status"] != "affected") {
            reading.holders.insert(text(holder, "path"), text(holder, "name"));
            let lists = [&holder["declared"]["gained"], &holder["muting"]["added"], &holder["declared"]["revoked"]];
            for (list, held) in lists.into_iter().zip([true, true, false]) {
                for row in list.as_array().into_iter().flatten() {
                    let stated = reading.stated.entry(text(row, "path")).or_default();
                    let keys = if held { &mut stated.held } else { &mut stated.denied };
                    let grant = text(row, "grant");
                    assert!(keys.insert(fold(&grant)), "{grant} is reported twice");
                }
            }
            for property in holder["properties"].as_array().into_iter().flatten() {
                let name = text(property, "name");
                if matches!(name.as_str(), "permissionSets" | "mutingPermissionSets") {
                    let member = format!("{name}/{}", fold(&text(property, "after")));
                    reading.stated.entry(text(property, "path")).or_default().held.insert(member);
                }
            }
        }
        reading
    }

    /// What a file states; nothing, if the program reports nothing of it.
    pub(crate) fn of_file(&self, path: &str) -> Stated {
        self.stated.get(path).cloned().unwrap_or_default()
    }
}

/// What one side has and the other has not, for a message.
pub(crate) fn difference(found: &Stated, expected: &Stated) -> Option<String> {
    if found == expected {
        return None;
    }
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).take(5).cloned().collect::<Vec<_>>();
    Some(format!(
        "too many held {:?}, missing {:?}; too many denied {:?}, missing {:?}",
        only(&found.held, &expected.held),
        only(&expected.held, &found.held),
        only(&found.denied, &expected.denied),
        only(&expected.denied, &found.denied)
    ))
}
