//! Generated orgs: what each file states is known by construction, and so is the line it stands on.

use std::collections::BTreeSet;
use std::fmt;

use crate::generator::Dice;
use crate::support::fold;

/// Section, name, and rights of one block, each held or denied.
type Subject<'e> = (&'e str, &'e str, Vec<(&'e str, bool)>);

/// A kind of metadata file that decides access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Set,
    Muting,
    Group,
    Profile,
}

impl Kind {
    /// As JSON reports say it; the name of the root element but for its capital.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Set => "permissionSet",
            Kind::Muting => "mutingPermissionSet",
            Kind::Group => "permissionSetGroup",
            Kind::Profile => "profile",
        }
    }

    pub(crate) fn root(self) -> String {
        let (first, rest) = self.word().split_at(1);
        first.to_uppercase() + rest
    }
}

/// One metadata file.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// The package directory it lies in.
    pub(crate) package: &'static str,
    pub(crate) gate: Option<bool>,
    /// A group's members.
    pub(crate) sets: Vec<String>,
    pub(crate) mutings: Vec<String>,
    /// Grant keys and whether they are stated as held.
    pub(crate) entries: Vec<(String, bool)>,
}

/// The lines of an entry, each with what it states.
type Block = Vec<(String, Option<String>)>;

/// What a line states: `userPermissions/x=true`, `permissionSet/<member>`, all case-folded.
pub(crate) type Mark = (String, u64);

/// An org: its files, and what its destructive changes manifests name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Org {
    pub(crate) files: Vec<File>,
    pub(crate) deleted: BTreeSet<(Kind, String)>,
}

/// On one line, as a failing test shows it.
impl fmt::Debug for File {
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        let File { sets, mutings, entries, gate, .. } = self;
        let stated: Vec<String> = entries.iter().map(|(key, held)| format!("{key}={held}")).collect();
        write!(to, "{} gate {gate:?} {sets:?} {mutings:?} {}", self.path(), stated.join(" "))
    }
}

impl File {
    pub(crate) fn new(kind: Kind, name: &str) -> File {
        let name = name.to_owned();
        File { kind, name, package: "one", gate: None, sets: vec![], mutings: vec![], entries: vec![] }
    }

    pub(crate) fn holding(mut self, keys: &[&str]) -> File {
        self.entries.extend(keys.iter().map(|key| ((*key).to_owned(), true)));
        self
    }

    pub(crate) fn naming(mut self, sets: &[&str], mutings: &[&str]) -> File {
        self.sets.extend(sets.iter().map(|name| (*name).to_owned()));
        self.mutings.extend(mutings.iter().map(|name| (*name).to_owned()));
        self
    }

    pub(crate) fn path(&self) -> String {
        let word = self.kind.word();
        format!("{}/{}s/{}.{}-meta.xml", self.package, fold(word), self.name, fold(word))
    }

    /// The file's text and what its lines state; seed 0 keeps the order.
    pub(crate) fn written(&self, seed: u64) -> (String, Vec<Mark>) {
        let mut dice = Dice::new(seed);
        let mut blocks: Vec<Block> = self.entry_blocks(&mut dice);
        let lists = [
            ("permissionSets", "permissionSet", &self.sets),
            ("mutingPermissionSets", "mutingPermissionSet", &self.mutings),
        ];
        for (element, mark, names) in lists {
            let line = |name: &String| (leaf(element, name), Some(format!("{mark}/{}", fold(name))));
            blocks.extend(names.iter().map(|name| vec![line(name)]));
        }
        if let Some(gate) = self.gate {
            blocks.push(vec![(leaf("hasActivationRequired", &gate.to_string()), None)]);
        }
        if seed != 0 {
            dice.shuffle(&mut blocks);
        }
        let root = self.kind.root();
        let (mut text, mut marks) = (format!("<{root}>\n"), vec![]);
        for (at, (line, mark)) in blocks.into_iter().flatten().enumerate() {
            text += &line;
            marks.extend(mark.map(|mark| (mark, at as u64 + 2)));
        }
        (text + &format!("</{root}>\n"), marks)
    }

    /// One block for each element; several rights of one object or field share it.
    fn entry_blocks(&self, dice: &mut Dice) -> Vec<Block> {
        let mut subjects: Vec<Subject> = Vec::new();
        for (key, held) in &self.entries {
            let mut parts = key.split('/');
            let (section, name) = (parts.next().expect("a section"), parts.next().expect("a name"));
            let right = parts.next().unwrap_or_default();
            let fits = |subject: &&mut Subject| {
                subject.0 == section && subject.1 == name && subject.2.iter().all(|(other, _)| *other != right)
            };
            match subjects.iter_mut().find(fits).filter(|_| section != "tabSettings") {
                Some(subject) => subject.2.push((right, *held)),
                None => subjects.push((section, name, vec![(right, *held)])),
            }
        }
        subjects.iter().map(|(section, name, rights)| block(self.kind, section, name, rights, dice)).collect()
    }
}

fn leaf(element: &str, text: &str) -> String {
    format!("<{element}>{text}</{element}>\n")
}

/// One entry, each element on a line of its own.
fn block(kind: Kind, section: &str, name: &str, rights: &[(&str, bool)], dice: &mut Dice) -> Block {
    let element = if (section, kind) == ("tabSettings", Kind::Profile) { "tabVisibilities" } else { section };
    let name_child = match section {
        "objectPermissions" => "object",
        "fieldPermissions" => "field",
        "classAccesses" => "apexClass",
        "tabSettings" => "tab",
        "applicationVisibilities" => "application",
        "recordTypeVisibilities" => "recordType",
        _ => "name",
    };
    let mut lines = vec![(leaf(name_child, name), None)];
    for (right, held) in rights {
        let (child, word) = match section {
            "objectPermissions" | "fieldPermissions" => (*right, held.to_string()),
            "applicationVisibilities" | "recordTypeVisibilities" => ("visible", held.to_string()),
            "tabSettings" => ("visibility", if *held { (*right).to_owned() } else { "None".to_owned() }),
            _ => ("enabled", held.to_string()),
        };
        let key = if right.is_empty() { format!("{section}/{name}") } else { format!("{section}/{name}/{right}") };
        lines.push((leaf(child, &word), Some(format!("{}={held}", fold(&key)))));
    }
    if dice.throw(2) == 1 {
        lines.reverse();
    }
    lines.insert(0, (format!("<{element}>\n"), None));
    lines.push((format!("</{element}>\n"), None));
    lines
}
