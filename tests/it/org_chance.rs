//! Orgs by chance: a base, and a head that some edits away.

use crate::generator::Dice;
use crate::naive_requirements::Requirements;
use crate::orgs::{File, Kind, Org};

/// Draws orgs; all names of one org begin with its prefix, so that many fit into one run.
pub(crate) struct Chance {
    dice: Dice,
    prefix: String,
    /// Keys that entries are drawn from.
    keys: Vec<String>,
}

const SET_NAMES: [&str; 5] = ["Sales", "Service", "Audit", "Data", "Nightly"];
const RIGHTS: [&str; 7] =
    ["allowCreate", "allowRead", "allowEdit", "allowDelete", "viewAllRecords", "modifyAllRecords", "viewAllFields"];

impl Chance {
    /// Chance for the org of that number.
    pub(crate) fn new(seed: u64, number: usize, requirements: &Requirements) -> Chance {
        let mut dice = Dice::new(seed ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let prefix = format!("O{number}_");
        let object = format!("{prefix}Thing__c");
        let mut keys: Vec<String> = Vec::new();
        for object in ["Account", &object, &object] {
            keys.extend(RIGHTS.iter().map(|right| format!("objectPermissions/{object}/{right}")));
        }
        for field in ["Account.Rating".to_owned(), format!("{object}.A__c"), format!("{prefix}Lone__c.B__c")] {
            keys.extend(["readable", "editable"].map(|right| format!("fieldPermissions/{field}/{right}")));
        }
        keys.extend(
            ["ModifyAllData", "ViewAllData", "ViewAllFieldsGlobal"].map(|user| format!("userPermissions/{user}")),
        );
        keys.push(format!("classAccesses/{prefix}Class"));
        keys.push(format!("tabSettings/{prefix}Tab/Available"));
        keys.push("applicationVisibilities/Desk".to_owned());
        // A few of these only, and rows of requirements with both their ends: so that edits meet.
        dice.shuffle(&mut keys);
        keys.truncate(5 + dice.throw(8));
        let rows: Vec<(&str, &str)> = requirements.concrete().collect();
        for _ in 0..dice.throw(3) {
            let (held, required) = rows[dice.throw(rows.len())];
            keys.extend([unfolded(held), unfolded(required)]);
        }
        Chance { dice, prefix, keys }
    }

    /// One org at two points of its history.
    pub(crate) fn pair(&mut self) -> (Org, Org) {
        let base = self.org();
        let mut head = base.clone();
        for _ in 0..=self.dice.throw(6) {
            self.edit(&mut head);
        }
        (base, head)
    }

    pub(crate) fn org(&mut self) -> Org {
        let mut org = Org::default();
        for name in &SET_NAMES[..2 + self.dice.throw(4)] {
            let file = self.file(Kind::Set, name);
            org.files.push(file);
        }
        for number in 0..1 + self.dice.throw(2) {
            let file = self.file(Kind::Muting, &format!("Muting_{number}"));
            org.files.push(file);
        }
        for number in 0..1 + self.dice.throw(2) {
            let file = self.file(Kind::Group, &format!("Group_{number}"));
            org.files.push(file);
        }
        if self.one_in(2) {
            let file = self.file(Kind::Profile, "Agent");
            org.files.push(file);
        }
        if self.one_in(6) {
            self.second_file(&mut org);
        }
        org
    }

    pub(crate) fn one_in(&mut self, sides: usize) -> bool {
        self.dice.throw(sides) == 0
    }

    pub(crate) fn key(&mut self) -> String {
        let key = self.keys[self.dice.throw(self.keys.len())].clone();
        // What gives very much hides the rest.
        let broad = ["userPermissions/ModifyAllData", "userPermissions/ViewAllData"].contains(&key.as_str());
        if broad && !self.one_in(3) { self.keys[self.dice.throw(self.keys.len())].clone() } else { key }
    }

    fn file(&mut self, kind: Kind, name: &str) -> File {
        let mut file = File::new(kind, &format!("{}{name}", self.prefix));
        if matches!(kind, Kind::Set | Kind::Group) && self.one_in(2) {
            file.gate = Some(self.one_in(2));
        }
        if kind == Kind::Group {
            for _ in 0..1 + self.dice.throw(3) {
                self.seat(&mut file, Kind::Set);
            }
            for _ in 0..self.dice.throw(3) {
                self.seat(&mut file, Kind::Muting);
            }
        } else {
            let most = if kind == Kind::Muting { 3 } else { 5 };
            for _ in 0..self.dice.throw(most + 1) {
                self.entry(&mut file);
            }
        }
        file
    }

    /// A second file of a holder, in another package directory.
    fn second_file(&mut self, org: &mut Org) {
        let at = self.dice.throw(org.files.len());
        let first = org.files[at].clone();
        let short = first.name.trim_start_matches(&self.prefix).to_owned();
        let mut second = self.file(first.kind, &short);
        second.package = "two";
        let is_new = |file: &File| file.path() != second.path();
        if org.files.iter().all(is_new) {
            org.files.push(second);
        }
    }

    /// A new entry; now and then it denies, contradicts another, or spells its name in another way.
    fn entry(&mut self, file: &mut File) {
        let mut key = self.key();
        if self.one_in(12) {
            key = shouted(&key);
        }
        let holds = if file.kind == Kind::Profile { !self.one_in(3) } else { !self.one_in(10) };
        let again = file.entries.iter().any(|(other, held)| other.eq_ignore_ascii_case(&key) && *held == holds);
        if !again {
            file.entries.push((key, holds));
        }
    }

    /// A new member; some are not in the snapshot, some are spelled in another way.
    fn seat(&mut self, file: &mut File, kind: Kind) {
        let name = match (kind, self.one_in(12)) {
            (_, true) => "Missing".to_owned(),
            (Kind::Muting, _) => format!("Muting_{}", self.dice.throw(2)),
            _ => SET_NAMES[self.dice.throw(SET_NAMES.len())].to_owned(),
        };
        let name = if self.one_in(8) { name.to_uppercase() } else { name };
        let name = format!("{}{name}", self.prefix);
        let list = if kind == Kind::Muting { &mut file.mutings } else { &mut file.sets };
        if list.iter().all(|other| !other.eq_ignore_ascii_case(&name)) {
            list.push(name);
        }
    }

    /// One edit of a pull request.
    pub(crate) fn edit(&mut self, org: &mut Org) {
        if org.files.is_empty() {
            return;
        }
        let at = self.dice.throw(org.files.len());
        match self.dice.throw(12) {
            0 => self.remove_file(org, at),
            1 => self.add_file(org),
            2 => self.move_entry(org, at),
            3 => self.second_file(org),
            _ => self.edit_file(&mut org.files[at]),
        }
    }

    fn edit_file(&mut self, file: &mut File) {
        let kind = if self.one_in(2) { Kind::Muting } else { Kind::Set };
        match (file.kind, self.dice.throw(7)) {
            (Kind::Set | Kind::Group, 0) => file.gate = Some(file.gate != Some(true)),
            (Kind::Group, 1..4) => self.seat(file, kind),
            (Kind::Group, _) => {
                let list = if kind == Kind::Muting { &mut file.mutings } else { &mut file.sets };
                if !list.is_empty() {
                    list.remove(self.dice.throw(list.len()));
                }
            }
            (_, 1..4) => self.entry(file),
            (_, 4) if !file.entries.is_empty() => {
                let at = self.dice.throw(file.entries.len());
                file.entries[at].1 ^= true;
            }
            _ if !file.entries.is_empty() => {
                file.entries.remove(self.dice.throw(file.entries.len()));
            }
            _ => {}
        }
    }

    fn remove_file(&mut self, org: &mut Org, at: usize) {
        let file = org.files.remove(at);
        if self.one_in(2) {
            org.deleted.insert((file.kind, file.name));
        }
    }

    fn add_file(&mut self, org: &mut Org) {
        let (kind, name) =
            [(Kind::Set, "Nightly"), (Kind::Muting, "Muting_1"), (Kind::Group, "Group_2"), (Kind::Profile, "Guest")]
                [self.dice.throw(4)];
        let file = self.file(kind, name);
        if org.files.iter().all(|other| other.path() != file.path()) {
            org.files.push(file);
        }
    }

    /// A grant moves to another file, as when sets are cut anew.
    fn move_entry(&mut self, org: &mut Org, from: usize) {
        let to = self.dice.throw(org.files.len());
        if let Some(entry) = org.files[from].entries.pop()
            && org.files[to].kind != Kind::Group
        {
            org.files[to].entries.push(entry);
        }
    }
}

/// A key whose name is in capitals; the element and the right are not ours to spell.
fn shouted(key: &str) -> String {
    match key.split('/').collect::<Vec<_>>()[..] {
        [section, name, right] => format!("{section}/{}/{right}", name.to_uppercase()),
        [section, name] => format!("{section}/{}", name.to_uppercase()),
        _ => key.to_owned(),
    }
}

/// A folded key with its element and right as files spell them.
fn unfolded(key: &str) -> String {
    let spelled = |key: String, word: &str| key.replace(&word.to_lowercase(), word);
    RIGHTS.into_iter().chain(["objectPermissions", "userPermissions"]).fold(key.to_owned(), spelled)
}
