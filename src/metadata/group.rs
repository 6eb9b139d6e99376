//! `PermissionSetGroup`: which permission sets it unites and which muting set subtracts from it.

use crate::error::{Cause, Problem};
use crate::metadata::block::{boolean, has_conflict_marker};
use crate::metadata::names::is_plain;
use crate::metadata::oddity::{Root, Watch};
use crate::metadata::xml::{Document, Tag, Value};
use crate::metadata::{Held, Property, Sink};
use crate::text::Span;

/// Reads one file and returns the span of its root's start tag. Members become properties.
///
/// # Errors
/// The problem that ended reading.
pub(crate) fn read(bytes: &[u8], sink: &mut impl Sink) -> Result<Span, Problem> {
    let (mut document, root) = Document::open(bytes, "PermissionSetGroup")?;
    let mut watch = Watch::new(Root::Group);
    while let Some(tag) = document.next_child()? {
        if let Some(oddity) = watch.child(tag) {
            sink.oddity(oddity);
        }
        match tag.name {
            "label" | "description" | "hasActivationRequired" => scalar(tag, false, &mut document, sink)?,
            "permissionSets" | "mutingPermissionSets" => scalar(tag, true, &mut document, sink)?,
            "status" | "enrichments" | "fullName" => document.skip()?,
            unknown => {
                sink.problem(Problem { at: Some(tag.at), cause: Cause::UnknownElement(unknown.to_owned()) });
                document.skip()?;
            }
        }
    }
    document.finish()?;
    Ok(root)
}

fn scalar<'a>(tag: Tag<'a>, many: bool, document: &mut Document<'a>, sink: &mut impl Sink) -> Result<(), Problem> {
    let Value::Text(value) = document.value()? else {
        sink.problem(Problem { at: Some(tag.at), cause: Cause::UnknownElement(tag.name.to_owned()) });
        document.skip()?;
        return document.skip();
    };
    let span = Span { start: tag.at, end: document.position() };
    if has_conflict_marker(&value) {
        return Err(Problem { at: Some(tag.at), cause: Cause::ConflictMarkers });
    }
    let mut text = value.replace("\r\n", "\n");
    if tag.name == "hasActivationRequired" {
        let held = boolean(&value);
        if held.is_none() {
            let cause = Cause::NotBoolean { element: tag.name.to_owned(), value: text };
            sink.problem(Problem { at: Some(tag.at), cause });
        }
        // A doubtful gate is none.
        text = if held == Some(Held::Yes) { "true" } else { "false" }.to_owned();
    }
    if many && text.is_empty() {
        sink.problem(Problem { at: Some(tag.at), cause: Cause::NoMember(tag.name.to_owned()) });
        return Ok(());
    }
    if many && !is_plain(&text) {
        sink.problem(Problem { at: Some(tag.at), cause: Cause::NotPlain(text.clone()) });
    }
    sink.property(Property { name: tag.name.to_owned(), value: text, span, many });
    Ok(())
}
