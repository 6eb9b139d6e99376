//! A holder that several files define.

use crate::access::{Definition, Holder};
use crate::policy::lint::{Lint, LintKind};
use crate::source::FileKind;
use crate::text::clip_to;

/// Other files named before it says how many more there are.
const NAMED: usize = 3;
/// Longest path named, in characters.
const LONGEST: usize = 200;

/// Files of one kind and name, as in two package directories: an org has one such holder.
pub(super) fn several<'l>(holder: &Holder<'l>, lints: &mut Vec<Lint<'l>>) {
    let Some((first, others)) = holder.definitions.split_first().filter(|(_, others)| !others.is_empty()) else {
        return;
    };
    // A whole file beside the parts of the same set is a problem by itself.
    let is_parts = |definition: &Definition<'_>| {
        definition.files().iter().any(|file| file.file.kind == FileKind::PermissionSetPart)
    };
    if holder.definitions.iter().any(is_parts) && !holder.definitions.iter().all(is_parts) {
        return;
    }
    let main = first.main();
    let paths: Vec<_> = others.iter().take(NAMED).map(|other| clip_to(&other.main().file.path, LONGEST)).collect();
    let mut detail = paths.join(", ");
    if others.len() > NAMED {
        detail.push_str(&format!(" and {} more", others.len() - NAMED));
    }
    let about = format!("files/{}", holder.definitions.len());
    lints.push(Lint::element(LintKind::SeveralFiles, main, main.parsed.root.start, about, detail));
}
