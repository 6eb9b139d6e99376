//! The closure: what a held key effectively gives besides itself.
//!
//! The table is that of `rules/catalog/access-closure.csv`, which has the sources, and complete. It says what a key *gives*; what it *requires* for deployment is another
//! relation ([`Requirements`](crate::access::Requirements)), and the two are never mixed.

use crate::metadata::{Key, NameId, Names, Word};

/// One elementary permission, or one of the few that stand for many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// A single key.
    Key(Key),
    /// `objectPermissions/*/<right>`: the right on every object.
    EveryObject(Word),
    /// `fieldPermissions/<object>.*/readable`: every field of one object, by its case-folded name.
    FieldsOf(NameId),
    /// `fieldPermissions/*.*/readable`: every field of every object.
    EveryField,
}

/// Rights on one object that a right on the same object gives. Modify All does not give Create.
const GIVEN_ON_OBJECT: [(Word, &[Word]); 2] = [
    (Word::MODIFY_ALL_RECORDS, &[Word::ALLOW_READ, Word::ALLOW_EDIT, Word::ALLOW_DELETE, Word::VIEW_ALL_RECORDS]),
    (Word::VIEW_ALL_RECORDS, &[Word::ALLOW_READ]),
];

/// Rights on every object that a user permission gives, by its case-folded name.
const GIVEN_ON_EVERY_OBJECT: [(&str, &[Word]); 3] = [
    (
        "modifyalldata",
        &[
            Word::ALLOW_CREATE,
            Word::ALLOW_READ,
            Word::ALLOW_EDIT,
            Word::ALLOW_DELETE,
            Word::VIEW_ALL_RECORDS,
            Word::MODIFY_ALL_RECORDS,
        ],
    ),
    ("viewalldata", &[Word::ALLOW_READ, Word::VIEW_ALL_RECORDS]),
    // Of medium confidence: by its label in the Field Reference.
    ("viewallfieldsglobal", &[Word::VIEW_ALL_FIELDS]),
];

/// The closure's table in the numbers of one run.
#[derive(Debug)]
pub struct Closure {
    broad: Vec<(Key, &'static [Word])>,
}

impl Closure {
    /// The table for these names. A user permission that no file names gives nothing to anybody.
    pub fn new(names: &Names) -> Self {
        let key = |name: &str| names.find(name).map(|folded| Key::new(Word::USER_PERMISSIONS, Word::NONE, folded));
        let broad = GIVEN_ON_EVERY_OBJECT.iter().filter_map(|(name, rights)| Some((key(name)?, *rights))).collect();
        Self { broad }
    }

    /// The single keys that give `access`, without itself and without those that need a second key.
    pub fn givers(&self, access: Access) -> impl Iterator<Item = Key> + '_ {
        let right = match access {
            Access::Key(key) if key.section() == Word::OBJECT_PERMISSIONS => Some(key.right()),
            Access::EveryObject(right) => Some(right),
            _ => None,
        };
        let object = match access {
            Access::Key(key) => Some(key.folded()),
            _ => None,
        };
        let gives = move |rights: &&[Word]| right.is_some_and(|right| rights.contains(&right));
        let on_object = GIVEN_ON_OBJECT.iter().filter(move |(_, rights)| gives(rights));
        let on_object =
            on_object.filter_map(move |(giver, _)| Some(Key::new(Word::OBJECT_PERMISSIONS, *giver, object?)));
        on_object.chain(self.broad.iter().filter(move |(_, rights)| gives(rights)).map(|(key, _)| *key))
    }

    /// Appends what a key gives besides itself, fields left out.
    pub fn given(&self, key: Key, all: &mut Vec<Access>) {
        if key.section() == Word::OBJECT_PERMISSIONS {
            let rights = GIVEN_ON_OBJECT.iter().find(|(giver, _)| *giver == key.right());
            let rights = rights.map(|(_, rights)| *rights).unwrap_or_default();
            all.extend(
                rights.iter().map(|right| Access::Key(Key::new(Word::OBJECT_PERMISSIONS, *right, key.folded()))),
            );
        } else if key.section() == Word::USER_PERMISSIONS
            && let Some((_, rights)) = self.broad.iter().find(|(broad, _)| *broad == key)
        {
            all.extend(rights.iter().map(|right| Access::EveryObject(*right)));
        }
    }
}

/// Keys whose union with another gives all fields of an object: View All Fields and Read.
pub(super) fn both_for_fields(object: NameId) -> [Key; 2] {
    [Word::VIEW_ALL_FIELDS, Word::ALLOW_READ].map(|right| Key::new(Word::OBJECT_PERMISSIONS, right, object))
}

/// The object a field permission is about; `None` for a name without one, or one no file writes by itself.
pub fn object_of(field: Key, names: &Names) -> Option<NameId> {
    let (object, _) = names.name(field.folded()).split_once('.')?;
    names.find(object)
}

/// Whether a key decides only what is shown: tabs, applications and record types.
pub fn is_visibility(key: Key) -> bool {
    const VISIBILITY: [Word; 3] = [Word::TAB_SETTINGS, Word::APPLICATION_VISIBILITIES, Word::RECORD_TYPE_VISIBILITIES];
    VISIBILITY.contains(&key.section())
}

/// `access` as a grant key, with `name` in place of what it is about.
pub fn access_key(access: Access, name: &str, names: &Names) -> String {
    match access {
        Access::Key(key) if key.right() == Word::NONE => format!("{}/{name}", names.word(key.section())),
        Access::Key(key) => format!("{}/{name}/{}", names.word(key.section()), names.word(key.right())),
        Access::EveryObject(right) => format!("objectPermissions/*/{}", names.word(right)),
        Access::FieldsOf(_) => format!("fieldPermissions/{name}.*/readable"),
        Access::EveryField => "fieldPermissions/*.*/readable".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metadata::known_word;
    use crate::text::records;

    /// The rows of the catalogue, with one right each, as the tables above say them.
    #[test]
    fn the_tables_are_those_of_the_catalogue() {
        let mut expected = Vec::new();
        for record in records(include_str!("../../rules/catalog/access-closure.csv")).skip(1) {
            let (to, rights) = record[1].rsplit_once('/').unwrap();
            for right in rights.split('|') {
                assert!(known_word(right).is_some(), "{right}");
                expected.push(format!("{} gives {to}/{right}", record[0]).to_lowercase());
            }
        }
        let word = |word: &Word| crate::metadata::Names::default().word(*word).to_owned();
        let on_object = GIVEN_ON_OBJECT.iter().flat_map(|(giver, rights)| {
            rights.iter().map(move |right| (format!("objectPermissions/<O>/{}", word(giver)), "<O>", word(right)))
        });
        let everywhere = GIVEN_ON_EVERY_OBJECT.iter().flat_map(|(giver, rights)| {
            rights.iter().map(move |right| (format!("userPermissions/{giver}"), "*", word(right)))
        });
        let mut tables: Vec<String> = on_object
            .chain(everywhere)
            .map(|(giver, object, right)| format!("{giver} gives objectPermissions/{object}/{right}").to_lowercase())
            .collect();
        // What takes a second key is `both_for_fields`.
        tables.push("objectpermissions/<o>/viewallfields gives fieldpermissions/<o>.*/readable".to_owned());
        tables.sort();
        expected.sort();
        assert_eq!(tables, expected);
    }
}
