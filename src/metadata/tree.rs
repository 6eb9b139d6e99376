//! One element with all that is inside, for files that are rare or small: flows that activate sets, policies,
//! sites. Permission files are read without it.

use std::borrow::Cow;

use crate::error::{Cause, Problem};
use crate::metadata::xml::{Document, Tag, Value};
use crate::text::Span;

/// Most elements kept of one child of the root. The largest flow elements have some hundred.
const MOST_ELEMENTS: usize = 100_000;

/// An element, read to its end.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub(crate) name: &'a str,
    pub(crate) span: Span,
    /// Its text, trimmed; empty where it has children.
    pub(crate) text: Cow<'a, str>,
    pub(crate) children: Vec<Node<'a>>,
}

impl<'a> Node<'a> {
    /// Reads the element `tag`, just opened, to its end.
    pub(crate) fn read(tag: Tag<'a>, document: &mut Document<'a>) -> Result<Self, Problem> {
        Self::read_some(tag, document, &mut 0)
    }

    /// The document bounds the depth.
    fn read_some(tag: Tag<'a>, document: &mut Document<'a>, read: &mut usize) -> Result<Self, Problem> {
        *read += 1;
        if *read > MOST_ELEMENTS {
            return Err(Problem { at: Some(tag.at), cause: Cause::TooManyChildren(MOST_ELEMENTS) });
        }
        let (mut text, mut children) = (Cow::Borrowed(""), Vec::new());
        match document.value()? {
            Value::Text(value) => text = value,
            Value::Element(first) => {
                children.push(Self::read_some(first, document, read)?);
                while let Some(child) = document.next_child()? {
                    children.push(Self::read_some(child, document, read)?);
                }
            }
        }
        let span = Span { start: tag.at, end: document.position() };
        Ok(Self { name: tag.name, span, text, children })
    }

    /// The children of that name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of that name; empty if there is none.
    pub(crate) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| &child.text)
    }

    /// Itself and everything inside, in the order of the file.
    pub(crate) fn walk(&self) -> Vec<&Self> {
        let (mut found, mut open) = (Vec::new(), vec![self]);
        while let Some(node) = open.pop() {
            found.push(node);
            open.extend(node.children.iter().rev());
        }
        found
    }

    /// All it says, as one text: two elements with the same meaning have the same, however they are written.
    pub(crate) fn meaning(&self) -> String {
        if self.children.is_empty() {
            // Quoted, so that no text can look like elements.
            return format!("{}={:?}", self.name, self.text.replace("\r\n", "\n"));
        }
        let children: Vec<String> = self.children.iter().map(Self::meaning).collect();
        format!("{}{{{}}}", self.name, children.join(","))
    }
}

/// Reads a whole file with this root, one child of the root after the other, and returns the root's start tag.
///
/// # Errors
/// The problem that ended reading, or that `each` found.
pub(crate) fn children<'a>(
    bytes: &'a [u8],
    root: &'static str,
    mut each: impl FnMut(Node<'a>) -> Result<(), Problem>,
) -> Result<Span, Problem> {
    let (mut document, span) = Document::open(bytes, root)?;
    while let Some(tag) = document.next_child()? {
        each(Node::read(tag, &mut document)?)?;
    }
    document.finish()?;
    Ok(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(xml: &str) -> Result<Vec<String>, Cause> {
        let mut found = Vec::new();
        let keep = |node: Node<'_>| {
            found.push(node.meaning());
            Ok(())
        };
        children(xml.as_bytes(), "R", keep).map_err(|problem| problem.cause)?;
        Ok(found)
    }

    #[test]
    fn an_element_says_the_same_however_it_is_written() {
        let plain = read("<R><a><b>x &amp; y</b><c>1</c></a></R>").unwrap();
        let odd = read("<R>\r\n <!-- a -->\n <a> <b>x <![CDATA[&]]> y</b>\n<c>&#49;</c> </a></R>").unwrap();
        assert_eq!(plain, odd);
        assert_eq!(plain, ["a{b=\"x & y\",c=\"1\"}"]);
    }

    #[test]
    fn what_is_not_whole_is_a_problem() {
        assert!(matches!(read("<R><a><b>"), Err(Cause::Truncated(_))));
        assert!(matches!(read("<R><a>x<b/></a></R>"), Err(Cause::ElementInValue(_))));
        let deep = "<a>".repeat(70);
        assert!(matches!(read(&format!("<R>{deep}")), Err(Cause::TooDeep(_))));
        let many = "<b/>".repeat(MOST_ELEMENTS);
        assert_eq!(read(&format!("<R><a>{many}</a></R>")), Err(Cause::TooManyChildren(MOST_ELEMENTS)));
        assert!(read(&format!("<R>{many}</R>")).is_ok());
    }
}
