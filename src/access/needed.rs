//! What surely has to be written beside a right, whether or not any file has it, in the platform's words.
//!
//! [`Requirements`](crate::access::Requirements) are the same table between keys that files have.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::access::requirements::requirement_rows;
use crate::metadata::{Key, Names, Word, known_word};

/// A right that another one requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needed {
    section: Word,
    right: Word,
    /// `None` for the object or field that the requiring right is about.
    name: Option<Named>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    spelling: String,
    folded: String,
}

impl Needed {
    /// Its key, where `held` requires it; `None` if no file of the run has such a name: then nobody holds it.
    pub fn key(&self, held: Key, names: &Names) -> Option<Key> {
        let folded = match &self.name {
            None => held.folded(),
            Some(named) => names.find(&named.folded)?,
        };
        Some(Key::new(self.section, self.right, folded))
    }

    /// The right as the platform's messages name it: `Edit Account`, `ViewSetup`. `held` is the name of what
    /// the requiring right is about.
    pub fn words(&self, held: &str) -> String {
        in_words(self.right, self.name.as_ref().map_or(held, |named| &named.spelling))
    }
}

/// A right as the platform's messages name it.
pub(crate) fn in_words(right: Word, name: &str) -> String {
    let verb = match right {
        Word::ALLOW_CREATE => "Create",
        Word::ALLOW_READ | Word::READABLE => "Read",
        Word::ALLOW_EDIT | Word::EDITABLE => "Edit",
        Word::ALLOW_DELETE => "Delete",
        Word::VIEW_ALL_RECORDS => "Read All",
        Word::MODIFY_ALL_RECORDS => "Modify All",
        _ => return name.to_owned(),
    };
    format!("{verb} {name}")
}

#[derive(Default)]
struct Table {
    /// Of every object or field, by section and right of what requires.
    of_every: HashMap<(Word, Word), Vec<Needed>>,
    /// Of user permissions, by case-folded name.
    of_user_permission: HashMap<String, Vec<Needed>>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for row in requirement_rows().iter().filter(|row| row.certain) {
        let (Some((section, name, right)), Some(needed)) = (parts(row.held), parts(row.required)) else { continue };
        let needed = Needed { section: needed.0, right: needed.2, name: needed.1 };
        match name {
            None => table.of_every.entry((section, right)).or_default().push(needed),
            Some(name) => table.of_user_permission.entry(name.folded).or_default().push(needed),
        }
    }
    table
});

/// A grant key of the table; `<O>` and `<F>` stand for any object and field.
fn parts(key: &str) -> Option<(Word, Option<Named>, Word)> {
    let mut parts = key.split('/');
    let (section, name) = (known_word(parts.next()?)?, parts.next()?);
    // What all objects of an org need cannot be told from files.
    if name == "*" {
        return None;
    }
    let right = parts.next().map_or(Some(Word::NONE), known_word)?;
    let named = (!name.starts_with('<')).then(|| Named { spelling: name.to_owned(), folded: name.to_lowercase() });
    Some((section, named, right))
}

/// What a right requires directly; the table is not followed further.
pub fn required_by(held: Key, names: &Names) -> &'static [Needed] {
    let found = match held.section() {
        Word::OBJECT_PERMISSIONS | Word::FIELD_PERMISSIONS => TABLE.of_every.get(&(held.section(), held.right())),
        Word::USER_PERMISSIONS => TABLE.of_user_permission.get(names.name(held.folded())),
        _ => None,
    };
    found.map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::user_permission;
    use crate::metadata::SharedNames;

    #[test]
    fn every_row_is_understood() {
        let certain: Vec<_> = requirement_rows().iter().filter(|row| row.certain).collect();
        let of_all_objects = certain.iter().filter(|row| row.required.contains("/*/")).count();
        let read: usize = TABLE.of_every.values().chain(TABLE.of_user_permission.values()).map(Vec::len).sum();
        assert_eq!((certain.len(), of_all_objects, read), (53, 6, 47));
        for row in requirement_rows() {
            for key in [row.held, row.required] {
                let name = key.strip_prefix("userPermissions/");
                assert!(name.is_none_or(|name| user_permission(&name.to_lowercase()).is_some()), "{key}");
                assert!(key.contains("/*/") || parts(key).is_some(), "{key}");
            }
        }
    }

    #[test]
    fn rights_require_others_of_the_same_object() {
        let shared = SharedNames::default();
        let (account, user) = {
            let mut local = shared.local();
            (local.intern("Account"), local.intern("editcasecomments"))
        };
        let names = shared.into_names();
        let held = Key::new(Word::OBJECT_PERMISSIONS, Word::ALLOW_DELETE, account.folded);
        let words: Vec<String> = required_by(held, &names).iter().map(|needed| needed.words("Account")).collect();
        assert_eq!(words, ["Read Account", "Edit Account"]);
        let keys: Vec<_> = required_by(held, &names).iter().filter_map(|needed| needed.key(held, &names)).collect();
        let key = |right| Key::new(Word::OBJECT_PERMISSIONS, right, account.folded);
        assert_eq!(keys, [key(Word::ALLOW_READ), key(Word::ALLOW_EDIT)]);
        let held = Key::new(Word::USER_PERMISSIONS, Word::NONE, user.folded);
        let [needed] = required_by(held, &names) else { panic!("one") };
        assert_eq!((needed.words(""), needed.key(held, &names)), ("Edit Case".to_owned(), None));
    }
}
