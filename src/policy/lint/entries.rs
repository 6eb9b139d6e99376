//! Lints about entries: said twice, or in another spelling than the platform's.

use std::collections::HashSet;

use crate::access::{HolderFile, grant_key, user_permission};
use crate::metadata::{Entry, Held, Names, Word};
use crate::policy::lint::{Lint, LintKind};
use crate::source::HolderKind;
use crate::text::{Span, clip};

fn about_entry<'l>(kind: LintKind, file: &HolderFile<'l>, entry: &Entry, names: &Names, detail: String) -> Lint<'l> {
    Lint {
        kind,
        file: *file,
        span: Span { start: entry.decided_at, end: entry.block.end },
        about: grant_key(entry, names),
        is_key: true,
        name: names.name(entry.spelling).to_owned(),
        detail,
    }
}

/// Keys that are stated twice alike, at the second place; a group's members likewise.
pub(super) fn duplicates<'l>(file: &HolderFile<'l>, names: &Names, lints: &mut Vec<Lint<'l>>) {
    for key in &file.parsed.repeated {
        let first = file.parsed.entries.partition_point(|entry| entry.key < *key);
        let mut again = file.parsed.entries[first + 1..].iter().take_while(|entry| entry.key == *key);
        lints.extend(again.next().map(|entry| about_entry(LintKind::Duplicate, file, entry, names, String::new())));
    }
    let mut seen = HashSet::new();
    for property in file.parsed.properties.iter().filter(|property| property.many) {
        if !seen.insert((property.name.as_str(), property.value.to_lowercase())) {
            let about = format!("{}/{}", property.name, property.value);
            lints.push(Lint::element(LintKind::Duplicate, *file, property.span.start, about, String::new()));
        }
    }
}

/// User permissions that the catalogue spells otherwise, or does not have.
pub(super) fn permissions<'l>(file: &HolderFile<'l>, names: &Names, lints: &mut Vec<Lint<'l>>) {
    let entries = &file.parsed.entries;
    let from = entries.partition_point(|entry| entry.key.section() < Word::USER_PERMISSIONS);
    let of_users = entries[from..].iter().take_while(|entry| entry.key.section() == Word::USER_PERMISSIONS);
    for entry in of_users {
        let spelled = names.name(entry.spelling);
        match user_permission(names.name(entry.key.folded())) {
            None => lints.push(about_entry(LintKind::UnknownPermission, file, entry, names, String::new())),
            Some(known) if known.name != spelled => {
                let detail = format!("{} for {}", clip(spelled), known.name);
                lints.push(about_entry(LintKind::Spelling, file, entry, names, detail));
            }
            Some(_) => {}
        }
    }
}

/// Entries of a set that grant nothing, or mute nothing. In a profile a false is a statement.
pub(super) fn dead<'l>(file: &HolderFile<'l>, names: &Names, lints: &mut Vec<Lint<'l>>) {
    if file.file.kind.holder() == HolderKind::Profile {
        return;
    }
    let same = |a: &Entry, b: &Entry| {
        (a.key.section(), a.key.folded(), a.block.start) == (b.key.section(), b.key.folded(), b.block.start)
    };
    for block in file.parsed.entries.chunk_by(same) {
        if block.iter().all(|entry| entry.held == Held::No) {
            lints.push(about_entry(LintKind::Dead, file, &block[0], names, String::new()));
        }
    }
}
