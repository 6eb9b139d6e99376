//! What a text of the command line asks for: a key, a glob, an API name or a label.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Access, Definition, GrantPattern, access_key, grant_key, user_permission, user_permissions};
use crate::delta::Audit;
use crate::metadata::{Entry, Key, NameId, Names, Word, known_rights, known_sections, known_word};
use crate::text::suggest;

/// What is asked for, in the numbers of one run.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub(super) targets: Vec<Target>,
    /// The name that no file and no catalogue has, if it is one.
    pub unnamed: Option<Unnamed>,
}

#[derive(Debug, Clone)]
pub(super) enum Target {
    /// One grant, and how it is written.
    Grant { access: Access, key: String },
    /// Whatever a pattern stands for.
    Pattern(GrantPattern),
}

/// A name that nothing has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unnamed {
    /// As it was asked for.
    pub name: String,
    /// A known name that is near.
    pub near: Option<String>,
}

/// What `text` asks for.
///
/// # Errors
/// What is wrong with it: an unknown section or right, a malformed glob.
pub fn wanted(text: &str, audit: &Audit<'_>, names: &Names) -> Result<Wanted, String> {
    let known = Known { audit, names };
    let text = text.trim();
    let section = text.split_once('/').map_or(text, |(section, _)| section);
    if known_sections().contains(&section) {
        return known.key(text);
    }
    let wanted = known.name(text);
    let is_pattern = text.is_empty() || text.contains(['*', '?', '[', '{']);
    if wanted.unnamed.is_none() || !(wanted.targets.is_empty() || is_pattern) {
        return Ok(wanted);
    }
    // Sections that only files have, and names and labels with a slash.
    if let Some(key) = known.as_written(text) {
        return Ok(Wanted { targets: vec![known.grant(key)], unnamed: None });
    }
    if text.contains('/') {
        return Err(GrantPattern::new(text).err().unwrap_or_default());
    }
    if is_pattern {
        let section = if text.contains('.') { "fieldPermissions" } else { "objectPermissions" };
        let behind = format!("{section}/{text}/*");
        let example = if GrantPattern::new(&behind).is_ok() { &behind } else { "objectPermissions/*/modifyAllRecords" };
        return Err(format!("`{text}`: a pattern belongs behind its section, as {example}"));
    }
    match right_called(text) {
        Some((section, right)) => {
            Err(format!("`{text}` is a right and no name: ask for {section}/*/{right}, or with a name in place of `*`"))
        }
        None => Ok(wanted),
    }
}

/// The right on an object, a field or a tab that Setup or a file calls so.
fn right_called(text: &str) -> Option<(&'static str, &'static str)> {
    let folded = text.split_whitespace().collect::<String>().to_lowercase();
    let is_it = |right: &str| {
        let right = right.to_lowercase();
        let in_setup = right.strip_prefix("allow").or_else(|| right.strip_suffix("records"));
        folded == right || in_setup == Some(folded.as_str())
    };
    let sections = ["objectPermissions", "fieldPermissions", "tabSettings"];
    let mut rights = sections.iter().flat_map(|section| known_rights(section).iter().map(|right| (*section, *right)));
    rights.find(|(_, right)| is_it(right))
}

/// What a snapshot and the catalogue know.
struct Known<'a, 'l> {
    audit: &'a Audit<'l>,
    names: &'a Names,
}

impl<'a, 'l> Known<'a, 'l> {
    /// Every entry of the snapshot, whatever it says.
    fn entries(&self) -> impl Iterator<Item = &'l Entry> + use<'a, 'l> {
        let definitions = self.audit.holders.iter().flat_map(|holder| &holder.definitions);
        definitions.flat_map(Definition::files).flat_map(|file| &file.parsed.entries)
    }

    /// A key or glob key of a known section.
    fn key(&self, text: &str) -> Result<Wanted, String> {
        let pattern = GrantPattern::new(text)?;
        let Some(folded) = pattern.literal() else {
            return Ok(Wanted { targets: vec![Target::Pattern(pattern)], unnamed: None });
        };
        let section = pattern.section();
        let (_, rest) = text.split_once('/').unwrap_or_default();
        let rights = pattern.rights();
        let asked = if rights.is_empty() { rest } else { rest.rsplit_once('/').map_or(rest, |(name, _)| name) };
        let mut wanted = Wanted::default();
        let rights = if rights.is_empty() { vec![Word::NONE] } else { rights };
        self.rights_on(section, folded, asked, &rights, &mut wanted);
        // Rights that only files have.
        let is_other = |key: &Key| pattern.matches(*key, self.names) && !rights.contains(&key.right());
        let others: BTreeSet<Key> = self.entries().map(|entry| entry.key).filter(is_other).collect();
        wanted.targets.extend(others.into_iter().map(|key| self.grant(key)));
        let is_named = |entry: &&Entry| entry.key.section() == section && self.names.name(entry.key.folded()) == folded;
        let is_named = self.entries().any(|entry| is_named(&entry))
            || (section == Word::OBJECT_PERMISSIONS && self.is_object(folded))
            || (section == Word::USER_PERMISSIONS && user_permission(folded).is_some());
        if !is_named {
            wanted.unnamed = Some(self.unnamed(asked, Some(section)));
        }
        Ok(wanted)
    }

    /// An API name or a label.
    fn name(&self, text: &str) -> Wanted {
        let folded = text.to_lowercase();
        let mut wanted = Wanted::default();
        let mut keys: BTreeSet<Key> = BTreeSet::new();
        let id = self.names.find(&folded);
        keys.extend(self.entries().map(|entry| entry.key).filter(|key| Some(key.folded()) == id));
        let permissions = labels(text);
        let user = |folded: &str| Some(Key::new(Word::USER_PERMISSIONS, Word::NONE, self.names.find(folded)?));
        keys.extend(permissions.iter().filter_map(|name| user(&name.to_lowercase())));
        let has = |section: Word| keys.iter().any(|key| key.section() == section);
        let is_object = has(Word::OBJECT_PERMISSIONS) || self.is_object(&folded);
        let is_field = has(Word::FIELD_PERMISSIONS)
            || (keys.is_empty() && folded.split_once('.').is_some_and(|(object, _)| self.is_object(object)));
        for (section, is_one) in [(Word::OBJECT_PERMISSIONS, is_object), (Word::FIELD_PERMISSIONS, is_field)] {
            if is_one {
                let rights = known_rights(self.names.word(section)).iter().filter_map(|right| known_word(right));
                let rights: Vec<Word> = rights.collect();
                self.rights_on(section, &folded, text, &rights, &mut wanted);
                keys.retain(|key| key.section() != section || !rights.contains(&key.right()));
            }
        }
        let is_known = !wanted.targets.is_empty() || !keys.is_empty() || !permissions.is_empty();
        wanted.targets.extend(keys.into_iter().map(|key| self.grant(key)));
        if !is_known || (is_field && id.is_none()) {
            wanted.unnamed = Some(self.unnamed(text, None));
        }
        wanted
    }

    /// Rights on one name. Of a name that no file has, what covers everything covers it as well.
    fn rights_on(&self, section: Word, folded: &str, asked: &str, rights: &[Word], wanted: &mut Wanted) {
        let id = self.names.find(folded);
        let object = || folded.split_once('.').and_then(|(object, _)| self.names.find(object));
        let name = self.spelling(folded).unwrap_or_else(|| asked.to_owned());
        for right in rights {
            let access = match (id, section, *right) {
                (Some(id), ..) => Access::Key(Key::new(section, *right, id)),
                (None, Word::OBJECT_PERMISSIONS, right) => Access::EveryObject(right),
                (None, Word::FIELD_PERMISSIONS, Word::READABLE) => {
                    object().map_or(Access::EveryField, Access::FieldsOf)
                }
                (None, ..) => continue,
            };
            let section = self.names.word(section);
            let key = match *right {
                Word::NONE => format!("{section}/{name}"),
                right => format!("{section}/{name}/{}", self.names.word(right)),
            };
            wanted.targets.push(Target::Grant { access, key });
        }
    }

    fn grant(&self, key: Key) -> Target {
        let folded = self.names.name(key.folded());
        let name = self.spelling(folded).unwrap_or_else(|| folded.to_owned());
        Target::Grant { access: Access::Key(key), key: access_key(Access::Key(key), &name, self.names) }
    }

    /// The key of an entry that is written just so.
    fn as_written(&self, text: &str) -> Option<Key> {
        let text = text.to_lowercase();
        self.entries().find(|entry| grant_key(entry, self.names).to_lowercase() == text).map(|entry| entry.key)
    }

    /// The spelling most entries have; of several the first by text.
    fn spelling(&self, folded: &str) -> Option<String> {
        let id: NameId = self.names.find(folded)?;
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in self.entries().filter(|entry| entry.key.folded() == id) {
            *counts.entry(self.names.name(entry.spelling)).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(name, count)| (*count, Reverse(*name)));
        most.map(|(name, _)| name.to_owned())
    }

    /// Whether files name an object, or a field of it.
    fn is_object(&self, folded: &str) -> bool {
        self.entries().any(|entry| {
            let name = self.names.name(entry.key.folded());
            match entry.key.section() {
                Word::OBJECT_PERMISSIONS => name == folded,
                Word::FIELD_PERMISSIONS => name.split_once('.').is_some_and(|(object, _)| object == folded),
                _ => false,
            }
        })
    }

    /// Says that nothing has a name, with the nearest there is: in one section, or anywhere.
    fn unnamed(&self, name: &str, section: Option<Word>) -> Unnamed {
        let mut known: BTreeMap<String, &str> = BTreeMap::new();
        let mut add = |name: &'a str| {
            known.entry(name.to_lowercase()).and_modify(|other| *other = name.min(other)).or_insert(name);
        };
        let spellings: BTreeSet<NameId> = self
            .entries()
            .filter(|entry| section.is_none_or(|section| entry.key.section() == section))
            .map(|entry| entry.spelling)
            .collect();
        spellings.into_iter().for_each(|spelling| add(self.names.name(spelling)));
        if section.is_none_or(|section| section == Word::USER_PERMISSIONS) {
            for permission in user_permissions() {
                add(&permission.name);
                if section.is_none() {
                    add(&permission.label);
                }
            }
        }
        let folded = name.to_lowercase();
        // Names much longer or shorter are no slips, and comparing is slow.
        let alike =
            |other: &&str| other.len().abs_diff(folded.len()) < 4 && other.contains('.') == folded.contains('.');
        let near = known.keys().map(String::as_str).filter(alike);
        let near = suggest(&folded, &near.collect::<Vec<_>>()).and_then(|near| known.get(near));
        Unnamed { name: name.to_owned(), near: near.map(|near| (*near).to_owned()) }
    }
}

/// The user permissions that have this name or label, whatever its case and spacing.
fn labels(text: &str) -> Vec<&'static str> {
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let text = folded(text);
    let is_it = |name: &str, label: &str| name.to_lowercase() == text || (!label.is_empty() && folded(label) == text);
    let all = user_permissions().iter().filter(|one| is_it(&one.name, &one.label));
    all.map(|one| one.name.as_str()).collect()
}
