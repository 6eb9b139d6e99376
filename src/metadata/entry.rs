//! The unit of metadata: one elementary statement of a permission file.

use crate::error::Problem;
use crate::metadata::{NameId, Oddity, Word};
use crate::text::Span;

/// What an entry is about: section, case-folded name and right in one number.
///
/// Two keys are equal exactly if they stand for the same grant (DESIGN, Appendix A). Their order is close to
/// that of a file as Salesforce writes it, so that its run hardly needs sorting; it rests on interned
/// numbers, so it never reaches an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u64);

impl Key {
    pub(crate) fn new(section: Word, right: Word, folded: NameId) -> Self {
        Self(u64::from(section.0) << 48 | u64::from(folded.0) << 16 | u64::from(right.0))
    }

    /// The section, as `objectPermissions`.
    pub fn section(self) -> Word {
        Word((self.0 >> 48) as u16)
    }

    /// The right, as `allowRead`; [`Word::NONE`] in sections that have just one.
    pub fn right(self) -> Word {
        Word(self.0 as u16)
    }

    /// The case-folded name, as `account`.
    pub fn folded(self) -> NameId {
        NameId((self.0 >> 16) as u32)
    }
}

/// Whether an entry's deciding element says true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// `true`.
    Yes,
    /// An explicit `false`.
    No,
    /// Neither: a problem says so. Doubt goes to more access.
    Doubtful,
}

/// One entry: 32 bytes, without an allocation of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What is granted.
    pub key: Key,
    /// The name as this file spells it.
    pub spelling: NameId,
    /// The element that decides: `<enabled>`, `<editable>`, `<allowRead>`. Offset of its `<`.
    pub decided_at: u32,
    /// The whole block, from its start tag to its end tag.
    pub block: Span,
    /// What it says.
    pub held: Held,
}

/// A scalar of a file that is compared but never a grant, as `label`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// The element's name, or `<element>/<name>/<child>` for a child of an entry.
    pub name: String,
    /// Its text, trimmed, line ends as `\n`.
    pub value: String,
    /// The element.
    pub span: Span,
    /// Whether the element can stand several times, each with a value of its own, as `permissionSets`.
    pub many: bool,
}

/// Takes what a reader finds.
pub trait Sink {
    /// An entry, in the order of the file.
    fn entry(&mut self, entry: Entry);
    /// A property, in the order of the file.
    fn property(&mut self, property: Property);
    /// Something that is read as ever, and oddly written.
    fn oddity(&mut self, oddity: Oddity);
    /// Something that could not be understood; reading goes on.
    fn problem(&mut self, problem: Problem);
}
