//! What a finding is about, where head has no line for it any more.

use crate::access::{Definition, Holder, HolderFile};
use crate::text::Span;

/// An element of base that head has no more. The finding itself anchors on the nearest element that head has.
#[derive(Debug, Clone, Copy)]
pub struct Gone<'l> {
    /// The file of base.
    pub path: &'l str,
    /// Its content.
    pub bytes: &'l [u8],
    /// The element.
    pub span: Span,
}

impl<'l> Gone<'l> {
    /// An element of a holder's file.
    pub(super) fn of(file: HolderFile<'l>, span: Span) -> Self {
        Self { path: &file.file.path, bytes: &file.parsed.bytes, span }
    }

    /// The definition of base that one of head was: that at the same path, else the only one.
    pub(super) fn twin<'b>(head: &Definition<'l>, base: &'b Holder<'l>) -> Option<&'b Definition<'l>> {
        let same = |other: &&Definition<'l>| other.main().file.path == head.main().file.path;
        base.definitions.iter().find(same).or(match base.definitions.as_slice() {
            [only] => Some(only),
            _ => None,
        })
    }
}
