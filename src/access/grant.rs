//! Grants and their keys (DESIGN, Appendix A).

use crate::access::HolderFile;
use crate::metadata::{Entry, Names, Word};

/// One grant a holder has, and the entry that gives it.
#[derive(Debug, Clone, Copy)]
pub struct Grant<'l> {
    /// The file the entry stands in.
    pub file: HolderFile<'l>,
    /// The entry.
    pub entry: &'l Entry,
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
