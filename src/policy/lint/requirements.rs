//! Rights without one that the platform requires beside them: the deployment would fail.

use crate::access::{Definition, Grant, Holder, Needed, grant_key, in_words, required_by};
use crate::metadata::{Key, Names, Word};
use crate::policy::lint::{Lint, LintKind};
use crate::source::HolderKind;
use crate::text::Span;

/// What a holder states, sorted by key.
struct Stated<'l> {
    grants: Vec<Grant<'l>>,
    /// What Modify All Data and View All Data give of every object.
    every: &'static [Word],
    is_profile: bool,
}

impl<'l> Stated<'l> {
    fn of(holder: &Holder<'l>, names: &Names) -> Self {
        let mut grants: Vec<Grant<'l>> = holder.counted().flat_map(Definition::stated).collect();
        if holder.definitions.len() > 1 {
            grants.sort_by_key(|grant| (grant.entry.key, !grant.is_held()));
            grants.dedup_by_key(|grant| grant.entry.key);
        }
        let mut stated = Self { grants, every: &[], is_profile: holder.kind == HolderKind::Profile };
        let holds = |name: &str| {
            let key = names.find(name).map(|folded| Key::new(Word::USER_PERMISSIONS, Word::NONE, folded));
            key.and_then(|key| stated.get(key)).is_some_and(Grant::is_held)
        };
        stated.every = if holds("modifyalldata") {
            &[Word::ALLOW_READ, Word::ALLOW_CREATE, Word::ALLOW_EDIT, Word::ALLOW_DELETE, Word::VIEW_ALL_RECORDS]
        } else if holds("viewalldata") {
            &[Word::ALLOW_READ, Word::VIEW_ALL_RECORDS]
        } else {
            &[]
        };
        stated
    }

    fn get(&self, key: Key) -> Option<&Grant<'l>> {
        self.grants.binary_search_by_key(&key, |grant| grant.entry.key).ok().map(|index| &self.grants[index])
    }

    /// Whether `held` lacks what it needs, as far as the files tell: a profile is laid over what the org has,
    /// so only what it denies is surely missing; and what a broader right gives may do.
    fn lacks(&self, held: &Grant<'l>, needed: &Needed, names: &Names) -> bool {
        let Some(key) = needed.key(held.entry.key, names) else { return !self.is_profile };
        match self.get(key) {
            Some(stated) => !stated.is_held() && !self.is_given(key, names),
            None => !self.is_profile && !self.is_given(key, names),
        }
    }

    fn is_given(&self, key: Key, names: &Names) -> bool {
        match key.section() {
            Word::OBJECT_PERMISSIONS => self.every.contains(&key.right()),
            Word::FIELD_PERMISSIONS if key.right() == Word::READABLE => {
                // View All Fields reads every field of the object.
                let object = names.name(key.folded()).split_once('.').and_then(|(object, _)| names.find(object));
                let all = object.map(|object| Key::new(Word::OBJECT_PERMISSIONS, Word::VIEW_ALL_FIELDS, object));
                all.and_then(|all| self.get(all)).is_some_and(Grant::is_held)
            }
            _ => false,
        }
    }
}

/// Grants whose requirements are not met, by the printed key.
pub(super) fn missing<'l>(holder: &Holder<'l>, names: &Names, lints: &mut Vec<Lint<'l>>) {
    // What a broken file states is not known.
    if holder.broken() {
        return;
    }
    let stated = Stated::of(holder, names);
    for grant in stated.grants.iter().filter(|grant| grant.is_held()) {
        let key = grant.entry.key;
        let needed = required_by(key, names).iter().filter(|needed| stated.lacks(grant, needed, names));
        let name = names.name(grant.entry.spelling);
        let words: Vec<String> = needed.map(|needed| needed.words(&crate::text::clip(name))).collect();
        if words.is_empty() {
            continue;
        }
        let right = in_words(key.right(), &crate::text::clip(name));
        lints.push(Lint {
            kind: LintKind::MissingRequirement,
            file: grant.file,
            span: Span { start: grant.entry.decided_at, end: grant.entry.block.end },
            about: grant_key(grant.entry, names),
            is_key: true,
            name: name.to_owned(),
            detail: format!("Permission {right} depends on permission(s): {}", listed(&words)),
        });
    }
}

/// The first ones, and how many more: Modify All Data requires twenty.
fn listed(words: &[String]) -> String {
    const LISTED: usize = 5;
    match words.get(LISTED..) {
        Some(more @ [_, ..]) => format!("{} and {} more", words[..LISTED].join(", "), more.len()),
        _ => words.join(", "),
    }
}
