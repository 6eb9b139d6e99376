//! Which set an action names: a literal, a constant of the same flow, or a record lookup by name.

use std::collections::HashMap;

use crate::metadata::tree::Node;
use crate::text::Span;

/// The set, or namespace, that an action names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetName {
    /// Written in the action.
    Literal(String),
    /// The value of a constant of the same flow.
    Constant(String),
    /// The name by which a record lookup finds the set.
    RecordLookup(String),
    /// No value at all: an empty text, or a constant without one.
    Empty,
    /// A variable, a formula, another record: known at run time only.
    NotStaticallyKnown,
}

impl SetName {
    /// The name, if it is known.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Literal(name) | Self::Constant(name) | Self::RecordLookup(name) => Some(name),
            Self::Empty | Self::NotStaticallyKnown => None,
        }
    }
}

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    Literal(String),
    Reference(String),
    Empty,
    Unknown,
}

/// The input parameter of that name, and the element with its value; `None` if there is none.
pub(super) fn input(call: &Node<'_>, name: &str) -> Option<(Input, Option<Span>)> {
    let mut given = call.all("inputParameters").filter(|input| input.text_of("name").eq_ignore_ascii_case(name));
    let first = given.next()?;
    let at = first.child("value").map(|value| value.children.first().unwrap_or(value).span);
    // Which of two values counts is not documented.
    let input = if given.next().is_some() { Input::Unknown } else { value(first) };
    Some((input, at))
}

/// The `<value>` of an input, a constant or a filter.
fn value(holder: &Node<'_>) -> Input {
    let values: Vec<&Node<'_>> = holder.all("value").collect();
    let [value] = values.as_slice() else {
        return if values.is_empty() { Input::Empty } else { Input::Unknown };
    };
    match value.children.as_slice() {
        [] if value.text.is_empty() => Input::Empty,
        [one] if one.children.is_empty() => match one.name {
            "stringValue" => text(&one.text),
            "elementReference" => Input::Reference(one.text.to_string()),
            _ => Input::Unknown,
        },
        _ => Input::Unknown,
    }
}

/// A text, which can be or hold a merge field: `{!Name}`.
fn text(text: &str) -> Input {
    let merge = text.strip_prefix("{!").and_then(|rest| rest.strip_suffix('}'));
    match merge {
        _ if text.is_empty() => Input::Empty,
        Some(name) if !name.contains(['{', '}', '!', '(', ' ']) => Input::Reference(name.to_owned()),
        _ if text.contains("{!") => Input::Unknown,
        _ => Input::Literal(text.to_owned()),
    }
}

/// The constants and record lookups of a flow. Names of elements are compared case-folded, as the platform does.
/// Of a name that several elements have nothing is known: what it refers to is unknown.
#[derive(Default)]
pub(super) struct Names {
    constants: HashMap<String, Input>,
    lookups: HashMap<String, Input>,
}

impl Names {
    pub(super) fn add_constant(&mut self, node: &Node<'_>) {
        let value = value(node);
        let known = self.constants.entry(node.text_of("name").to_lowercase());
        known.and_modify(|known| *known = Input::Unknown).or_insert(value);
    }

    /// A lookup counts only if it finds a permission set by its name alone.
    pub(super) fn add_lookup(&mut self, node: &Node<'_>) {
        let filters: Vec<&Node<'_>> = node.all("filters").collect();
        let by_name = |filter: &Node<'_>| {
            filter.text_of("field").eq_ignore_ascii_case("Name") && filter.text_of("operator") == "EqualTo"
        };
        let found = match filters.as_slice() {
            [filter] if by_name(filter) && node.text_of("object").eq_ignore_ascii_case("PermissionSet") => {
                value(filter)
            }
            _ => Input::Unknown,
        };
        let known = self.lookups.entry(node.text_of("name").to_lowercase());
        known.and_modify(|known| *known = Input::Unknown).or_insert(found);
    }

    pub(super) fn resolve(&self, input: &Input) -> SetName {
        match input {
            Input::Empty => SetName::Empty,
            Input::Unknown => SetName::NotStaticallyKnown,
            Input::Literal(name) => SetName::Literal(name.clone()),
            Input::Reference(reference) => self.reference(&reference.to_lowercase()),
        }
    }

    fn reference(&self, folded: &str) -> SetName {
        if folded == "$globalconstant.emptystring" {
            return SetName::Empty;
        }
        if let Some(lookup) = folded.strip_suffix(".name") {
            return match self.lookups.get(lookup).map(|input| self.text_or_constant(input)) {
                Some(SetName::Literal(name) | SetName::Constant(name)) => SetName::RecordLookup(name),
                _ => SetName::NotStaticallyKnown,
            };
        }
        match self.constants.get(folded) {
            Some(Input::Literal(name)) => SetName::Constant(name.clone()),
            Some(Input::Empty) => SetName::Empty,
            _ => SetName::NotStaticallyKnown,
        }
    }

    /// A filter's value: never another lookup, so that no chain of references is followed.
    fn text_or_constant(&self, input: &Input) -> SetName {
        match input {
            Input::Literal(name) => SetName::Literal(name.clone()),
            Input::Reference(name) => match self.constants.get(&name.to_lowercase()) {
                Some(Input::Literal(name)) => SetName::Constant(name.clone()),
                _ => SetName::NotStaticallyKnown,
            },
            _ => SetName::NotStaticallyKnown,
        }
    }
}
