//! One entry's block: its children, collected into a reused buffer.

use std::borrow::Cow;

use crate::error::Problem;
use crate::metadata::Held;
use crate::metadata::xml::{Document, Tag, Value};
use crate::text::Span;

/// Most children read of one block; `objectPermissions` has eight.
const MOST_CHILDREN: usize = 64;

/// A child with a text.
#[derive(Debug)]
pub(crate) struct Child<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: Cow<'a, str>,
    pub(crate) span: Span,
}

/// The children of the block being read.
#[derive(Default)]
pub(crate) struct Block<'a> {
    pub(crate) element: &'a str,
    pub(crate) span: Span,
    pub(crate) children: Vec<Child<'a>>,
    /// A child that no entry has: one with elements inside, or one too many.
    pub(crate) misfit: Option<u32>,
}

impl<'a> Block<'a> {
    /// Reads the children of the element `tag`, just opened.
    pub(crate) fn read(&mut self, tag: Tag<'a>, document: &mut Document<'a>) -> Result<(), Problem> {
        self.start(tag);
        self.rest(document)
    }

    /// As [`Block::read`], for an element whose first child is open already.
    pub(crate) fn read_from(
        &mut self,
        tag: Tag<'a>,
        first: Tag<'a>,
        document: &mut Document<'a>,
    ) -> Result<(), Problem> {
        self.start(tag);
        self.child(first, document)?;
        self.rest(document)
    }

    fn rest(&mut self, document: &mut Document<'a>) -> Result<(), Problem> {
        loop {
            while let Some((tag, value)) = document.leaf() {
                self.value(tag, Cow::Borrowed(value), document.position());
            }
            let Some(child) = document.next_child()? else { break };
            self.child(child, document)?;
        }
        self.span.end = document.position();
        Ok(())
    }

    fn start(&mut self, tag: Tag<'a>) {
        self.element = tag.name;
        self.span = Span { start: tag.at, end: tag.at };
        self.children.clear();
        self.misfit = None;
    }

    fn child(&mut self, tag: Tag<'a>, document: &mut Document<'a>) -> Result<(), Problem> {
        match document.value()? {
            Value::Text(value) => self.value(tag, value, document.position()),
            Value::Element(_) => {
                self.misfit = self.misfit.or(Some(tag.at));
                // Past the grandchild, then past the child.
                document.skip()?;
                document.skip()?;
            }
        }
        Ok(())
    }

    fn value(&mut self, tag: Tag<'a>, value: Cow<'a, str>, end: u32) {
        if self.children.len() < MOST_CHILDREN {
            self.children.push(Child { name: tag.name, value, span: Span { start: tag.at, end } });
        } else {
            self.misfit = self.misfit.or(Some(tag.at));
        }
    }

    /// The first child that stands twice.
    pub(crate) fn repeated(&self) -> Option<&Child<'a>> {
        let mut rest = self.children.as_slice();
        while let Some((child, behind)) = rest.split_first() {
            if let Some(again) = behind.iter().find(|other| other.name == child.name) {
                return Some(again);
            }
            rest = behind;
        }
        None
    }
}

/// Whether an unresolved merge left its end in a text. Only texts have lines: where a name or a boolean has one
/// it is a problem already.
pub(crate) fn has_conflict_marker(text: &str) -> bool {
    text.lines().any(|line| line.starts_with(">>>>>>> "))
}

/// What a boolean element says; `None` if it is neither true nor false.
///
/// Salesforce writes lower case; `True`, `TRUE` and `true  ` are seen in repositories.
pub(crate) fn boolean(value: &str) -> Option<Held> {
    match value {
        "true" => Some(Held::Yes),
        "false" => Some(Held::No),
        _ if value.eq_ignore_ascii_case("true") => Some(Held::Yes),
        _ if value.eq_ignore_ascii_case("false") => Some(Held::No),
        _ => None,
    }
}
