//! What a key requires for deployment: the platform refuses a set that holds the one without the other.
//!
//! This is no access (that is [`Closure`](crate::access::Closure)). It decides two things: what muting a key
//! may take along, and whether a newly written key is only what another one called for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use crate::metadata::{Key, Names, Word, known_word};
use crate::text::records;

/// What a key requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// Another key.
    Key(Key),
    /// A right on every object.
    EveryObject(Word),
}

/// A requirement and whether it is well documented (confidence high).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// What is required.
    pub required: Required,
    /// Whether it is documented or seen in the platform's own message.
    pub certain: bool,
}

/// A row of `rules/catalog/requirements.csv`, which has the source of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequirementRow {
    /// A grant key; `<O>` and `<F>` stand for any object and field.
    pub(crate) held: &'static str,
    /// A grant key, likewise; `*` for all objects.
    pub(crate) required: &'static str,
    /// Well documented, and true of every org. On any other row rests only doubt about muting.
    pub(crate) certain: bool,
}

/// The table, read once.
pub(crate) fn requirement_rows() -> &'static [RequirementRow] {
    static ROWS: LazyLock<Vec<RequirementRow>> = LazyLock::new(|| {
        let records = records(include_str!("../../rules/catalog/requirements.csv")).skip(1);
        let row = |record: Vec<Cow<'static, str>>| match record.as_slice() {
            [Cow::Borrowed(held), Cow::Borrowed(required), confidence, when, _] => {
                Some(RequirementRow { held, required, certain: confidence == "high" && when.is_empty() })
            }
            _ => None,
        };
        records.filter_map(row).collect()
    });
    &ROWS
}

/// Rights on an object and the rights on the same object they require; Object Reference ObjectPermissions.
const ON_OBJECT: [(Word, &[Word]); 5] = [
    (Word::ALLOW_CREATE, &[Word::ALLOW_READ]),
    (Word::ALLOW_EDIT, &[Word::ALLOW_READ]),
    (Word::ALLOW_DELETE, &[Word::ALLOW_READ, Word::ALLOW_EDIT]),
    (Word::VIEW_ALL_RECORDS, &[Word::ALLOW_READ]),
    (Word::MODIFY_ALL_RECORDS, &[Word::ALLOW_READ, Word::ALLOW_EDIT, Word::ALLOW_DELETE, Word::VIEW_ALL_RECORDS]),
];

/// The requirements in the numbers of one run.
#[derive(Debug, Default)]
pub struct Requirements {
    by_key: HashMap<Key, Vec<Requirement>>,
    /// For each required key, those that require it.
    certain_requirers: HashMap<Key, Vec<Key>>,
    /// Keys that require rights on every object.
    of_every_object: Vec<(Key, Word)>,
}

impl Requirements {
    /// The table for these names: rows about names no file has are left out.
    pub fn new(names: &Names) -> Self {
        let mut requirements = Self::default();
        for row in requirement_rows() {
            // Rows about every object or field are the table above.
            if let Some(held) = key(row.held, names) {
                requirements.add(held, row.required, row.certain, names);
            }
        }
        requirements
    }

    fn add(&mut self, held: Key, text: &str, certain: bool, names: &Names) {
        let required = match text.strip_prefix("objectPermissions/*/") {
            Some(right) => known_word(right).map(Required::EveryObject),
            None => key(text, names).map(Required::Key),
        };
        let Some(required) = required else { return };
        self.by_key.entry(held).or_default().push(Requirement { required, certain });
        match required {
            Required::Key(required) if certain => self.certain_requirers.entry(required).or_default().push(held),
            Required::EveryObject(right) => self.of_every_object.push((held, right)),
            Required::Key(_) => {}
        }
    }

    /// What a key requires by itself; what that requires in turn is not followed.
    pub fn of(&self, key: Key) -> impl Iterator<Item = Requirement> + '_ {
        let same_object = move |right: &Word| Requirement {
            required: Required::Key(Key::new(key.section(), *right, key.folded())),
            certain: true,
        };
        on_same_name(key).iter().map(same_object).chain(self.by_key.get(&key).into_iter().flatten().copied())
    }

    /// The keys that certainly require `key`.
    pub fn requirers(&self, key: Key) -> impl Iterator<Item = Key> + '_ {
        let on_object = ON_OBJECT
            .iter()
            .filter(move |(_, rights)| key.section() == Word::OBJECT_PERMISSIONS && rights.contains(&key.right()));
        let on_object = on_object.map(move |(right, _)| Key::new(key.section(), *right, key.folded()));
        let field = (key.section(), key.right()) == (Word::FIELD_PERMISSIONS, Word::READABLE);
        let field = field.then(|| Key::new(Word::FIELD_PERMISSIONS, Word::EDITABLE, key.folded()));
        let object = key.section() == Word::OBJECT_PERMISSIONS;
        let every = self.of_every_object.iter().filter(move |(_, right)| object && *right == key.right());
        let listed = self.certain_requirers.get(&key).into_iter().flatten().copied();
        on_object.chain(field).chain(every.map(|(key, _)| *key)).chain(listed)
    }
}

/// The rights on the same object or field that a key requires.
fn on_same_name(key: Key) -> &'static [Word] {
    match (key.section(), key.right()) {
        (Word::FIELD_PERMISSIONS, Word::EDITABLE) => &[Word::READABLE],
        (Word::OBJECT_PERMISSIONS, right) => {
            ON_OBJECT.iter().find(|(held, _)| *held == right).map(|(_, required)| *required).unwrap_or_default()
        }
        _ => &[],
    }
}

/// A grant key in the numbers of this run; `None` if no file has its name.
fn key(text: &str, names: &Names) -> Option<Key> {
    let mut parts = text.split('/');
    let (section, name, right) = (parts.next()?, parts.next()?, parts.next());
    let right = right.map_or(Some(Word::NONE), known_word)?;
    Some(Key::new(known_word(section)?, right, names.find(&name.to_lowercase())?))
}
