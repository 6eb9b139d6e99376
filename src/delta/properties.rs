//! Properties: compared, never grants.

use crate::access::HolderFile;
use crate::delta::Side;
use crate::text::Span;

/// A property that differs.
#[derive(Debug, Clone)]
pub struct PropertyChange<'l> {
    /// Its name, as `label`.
    pub name: &'l str,
    /// Base's value; `None` if it has none.
    pub before: Option<&'l str>,
    /// Head's value; `None` if it has none.
    pub after: Option<&'l str>,
    /// The file to point at: head's if there is one.
    pub file: HolderFile<'l>,
    /// The side of that file.
    pub side: Side,
    /// The element, or the root's tag where head has it no more.
    pub span: Span,
}

/// The properties in which two files of a holder differ, by name.
pub(crate) fn compare<'l>(base: Option<HolderFile<'l>>, head: Option<HolderFile<'l>>) -> Vec<PropertyChange<'l>> {
    let Some((side, file)) = head.map(|file| (Side::Head, file)).or(base.map(|file| (Side::Base, file))) else {
        return Vec::new();
    };
    let names = |file: Option<HolderFile<'l>>| {
        file.into_iter().flat_map(|file| &file.parsed.properties).map(|property| property.name.as_str())
    };
    let mut all: Vec<&'l str> = names(base).chain(names(head)).collect();
    all.sort_unstable();
    all.dedup();
    let value = |file: Option<HolderFile<'l>>, name: &str| Some(file?.parsed.property(name)?.value.as_str());
    all.into_iter()
        .filter_map(|name| {
            let (before, after) = (value(base, name), value(head, name));
            let span = file.parsed.property(name).map_or(file.parsed.root, |property| property.span);
            (meaning(before) != meaning(after)).then_some(PropertyChange { name, before, after, file, side, span })
        })
        .collect()
}

/// `false` equals absent, and so does an empty text.
fn meaning(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !matches!(*value, "false" | ""))
}
