//! Grants and their keys (DESIGN, Appendix A).

use crate::access::HolderFile;
use crate::metadata::{Entry, Held, Names, Word};

/// One entry that decides a grant key, and the file it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'l> {
    /// The file the entry stands in.
    pub file: HolderFile<'l>,
    /// The entry.
    pub entry: &'l Entry,
}

impl Grant<'_> {
    /// Whether it is held; if not, the file denies it explicitly.
    pub fn is_held(&self) -> bool {
        self.entry.held != Held::No
    }
}

/// The grant key of an entry, in the spelling of its file: `objectPermissions/Account/allowRead`.
pub fn grant_key(entry: &Entry, names: &Names) -> String {
    let section = names.word(entry.key.section());
    let name = names.name(entry.spelling);
    match entry.key.right() {
        Word::NONE => format!("{section}/{name}"),
        right => format!("{section}/{name}/{}", names.word(right)),
    }
}
