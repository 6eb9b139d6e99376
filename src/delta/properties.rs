//! Properties: compared, never grants.

use std::collections::BTreeMap;

use crate::access::{Definition, HolderFile};
use crate::metadata::Property;
use crate::text::Span;

/// A property that differs. Of one that has several values each is a change of its own.
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
    /// The element, or the root's tag where head has it no more.
    pub span: Span,
}

type Located<'l> = (HolderFile<'l>, &'l Property);
/// By name and, where the element can stand several times, by case-folded value.
type ByIdentity<'l> = BTreeMap<(&'l str, String), Located<'l>>;

/// The properties in which two definitions of a holder differ, by name and value.
pub(crate) fn compare<'l>(base: Option<&Definition<'l>>, head: Option<&Definition<'l>>) -> Vec<PropertyChange<'l>> {
    let Some(anchor) = head.or(base).map(Definition::main) else { return Vec::new() };
    let (old, new) = (by_identity(base), by_identity(head));
    let mut all: Vec<&(&'l str, String)> = old.keys().chain(new.keys()).collect();
    all.sort_unstable();
    all.dedup();
    let differing = all.into_iter().filter_map(|identity| {
        let (before, after) = (old.get(identity), new.get(identity));
        if before.and_then(meaning) == after.and_then(meaning) || many_on_both(before, after) {
            return None;
        }
        let here = if head.is_some() { after } else { before };
        let (file, span) = here.map_or((anchor, anchor.parsed.root), |(file, property)| (*file, property.span));
        let value = |located: Option<&Located<'l>>| located.map(|(_, property)| property.value.as_str());
        Some(PropertyChange { name: identity.0, before: value(before), after: value(after), file, span })
    });
    differing.collect()
}

fn by_identity<'l>(definition: Option<&Definition<'l>>) -> ByIdentity<'l> {
    let mut properties = BTreeMap::new();
    for (file, property) in definition.into_iter().flat_map(Definition::properties) {
        let value = if property.many { property.value.to_lowercase() } else { String::new() };
        properties.entry((property.name.as_str(), value)).or_insert((file, property));
    }
    properties
}

/// Values of a list are names: they are the same whatever their case.
fn many_on_both(before: Option<&Located<'_>>, after: Option<&Located<'_>>) -> bool {
    before.zip(after).is_some_and(|((_, before), (_, after))| before.many && after.many)
}

/// `false` equals absent, and so does an empty text.
fn meaning<'l>((_, property): &Located<'l>) -> Option<&'l str> {
    Some(property.value.as_str()).filter(|value| !matches!(*value, "false" | ""))
}
