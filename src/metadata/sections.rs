//! `PermissionSet`, `MutingPermissionSet`, `Profile` and the parts of a decomposed set: every element of
//! the Metadata API guide's tables, and the generic rule for the rest.
//!
//! The table is DESIGN's Appendix A: which child names an entry, which children decide it, and which
//! grant keys it stands for.

use crate::error::{Cause, Problem};
use crate::metadata::LocalNames;
use crate::metadata::block::{Block, Child, boolean, has_conflict_marker};
use crate::metadata::names::Interned;
use crate::metadata::oddity::{Root, Watch};
use crate::metadata::parts;
use crate::metadata::xml::{Document, Tag, Value};
use crate::metadata::{Entry, Held, Key, Oddity, Property, Sink, Word};
use crate::text::Span;

/// How an element of the root is read.
#[derive(Clone, Copy)]
enum Shape {
    /// One name and one deciding boolean; other listed children are properties.
    Flag { section: Word, key: &'static str, decides: &'static str, properties: &'static [&'static str] },
    /// `objectPermissions`: each boolean child is a right of its own.
    Object,
    /// `fieldPermissions`: `readable` and `editable`.
    Field,
    /// `tabSettings`, or a profile's `tabVisibilities`.
    Tab,
    /// A scalar that is compared but grants nothing.
    Property,
    /// A block that is compared as a whole but grants nothing, as `loginIpRanges`.
    List,
    /// Known to say nothing about access.
    Ignored,
}

const fn enabled(section: Word, key: &'static str) -> Shape {
    Shape::Flag { section, key, decides: "enabled", properties: &[] }
}

fn shape(element: &str) -> Option<Shape> {
    Some(match element {
        // `fieldLevelSecurities` is a profile's form up to API 22.
        "fieldPermissions" | "fieldLevelSecurities" => Shape::Field,
        "objectPermissions" => Shape::Object,
        "classAccesses" => enabled(Word::CLASS_ACCESSES, "apexClass"),
        "userPermissions" => enabled(Word::USER_PERMISSIONS, "name"),
        "agentAccesses" => enabled(Word::AGENT_ACCESSES, "agentName"),
        "customMetadataTypeAccesses" => enabled(Word::CUSTOM_METADATA_TYPE_ACCESSES, "name"),
        "customPermissions" => enabled(Word::CUSTOM_PERMISSIONS, "name"),
        "customSettingAccesses" => enabled(Word::CUSTOM_SETTING_ACCESSES, "name"),
        "emailRoutingAddressAccesses" => enabled(Word::EMAIL_ROUTING_ADDRESS_ACCESSES, "name"),
        "externalCredentialPrincipalAccesses" => {
            enabled(Word::EXTERNAL_CREDENTIAL_PRINCIPAL_ACCESSES, "externalCredentialPrincipal")
        }
        "externalDataSourceAccesses" => enabled(Word::EXTERNAL_DATA_SOURCE_ACCESSES, "externalDataSource"),
        "flowAccesses" => enabled(Word::FLOW_ACCESSES, "flow"),
        "genComputingSummaryDefAccesses" => enabled(Word::GEN_COMPUTING_SUMMARY_DEF_ACCESSES, "configName"),
        "pageAccesses" => enabled(Word::PAGE_ACCESSES, "apexPage"),
        "servicePresenceStatusAccesses" => enabled(Word::SERVICE_PRESENCE_STATUS_ACCESSES, "servicePresenceStatus"),
        "applicationVisibilities" => Shape::Flag {
            section: Word::APPLICATION_VISIBILITIES,
            key: "application",
            decides: "visible",
            properties: &["default"],
        },
        "recordTypeVisibilities" => Shape::Flag {
            section: Word::RECORD_TYPE_VISIBILITIES,
            key: "recordType",
            decides: "visible",
            properties: &["default", "personAccountDefault"],
        },
        "tabSettings" | "tabVisibilities" => Shape::Tab,
        "label" | "description" | "license" | "userLicense" | "hasActivationRequired" | "custom" => Shape::Property,
        "loginIpRanges" | "loginHours" | "loginFlows" | "categoryGroupVisibilities" => Shape::List,
        "fullName" | "status" | "enrichments" | "layoutAssignments" | "profileActionOverrides" => Shape::Ignored,
        _ => return None,
    })
}

/// Reads one file, whose root must be `root`, and returns the span of the root's start tag.
///
/// # Errors
/// The problem that ended reading; the entries pushed before it are not the whole file.
pub(crate) fn read(
    root: &'static str,
    kind: Root,
    bytes: &[u8],
    names: &mut LocalNames<'_>,
    sink: &mut impl Sink,
) -> Result<Span, Problem> {
    let (mut document, span) = Document::open(bytes, root)?;
    read_sections(kind, &mut document, names, sink)?;
    Ok(span)
}

/// Reads a part of a decomposed set: either sections below `<PermissionSet>`, or one entry that is the root.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_part(bytes: &[u8], names: &mut LocalNames<'_>, sink: &mut impl Sink) -> Result<Span, Problem> {
    let (mut document, root, span) = Document::open_any(bytes)?;
    if root.name == "PermissionSet" {
        read_sections(Root::Part, &mut document, names, sink)?;
        return Ok(span);
    }
    let section = parts::section(root.name);
    let Some((section, shape)) = section.and_then(|section| Some((section, shape(section)?))) else {
        let cause = Cause::WrongRoot { found: root.name.to_owned(), expected: "PermissionSet" };
        return Err(Problem { at: Some(root.at), cause });
    };
    let mut block = Block::default();
    block.read(Tag { name: section, at: root.at }, &mut document)?;
    document.finish()?;
    Entries { names, sink }.known(shape, &block);
    Ok(span)
}

fn read_sections(
    root: Root,
    document: &mut Document<'_>,
    names: &mut LocalNames<'_>,
    sink: &mut impl Sink,
) -> Result<(), Problem> {
    let mut block = Block::default();
    let mut watch = Watch::new(root);
    while let Some(tag) = document.next_child()? {
        if let Some(oddity) = watch.child(tag) {
            sink.oddity(oddity);
        }
        let mut entries = Entries { names: &mut *names, sink: &mut *sink };
        match shape(tag.name) {
            Some(Shape::Property) => entries.scalar(tag, document)?,
            Some(Shape::Ignored) => document.skip()?,
            Some(shape) => {
                block.read(tag, document)?;
                entries.known(shape, &block);
            }
            None => match document.value()? {
                Value::Text(_) => entries.unknown(tag.name, tag.at),
                Value::Element(first) => {
                    block.read_from(tag, first, document)?;
                    entries.generic(&block);
                }
            },
        }
    }
    document.finish()
}

/// Turns blocks into entries.
struct Entries<'r, 's, S> {
    names: &'r mut LocalNames<'s>,
    sink: &'r mut S,
}

impl<S: Sink> Entries<'_, '_, S> {
    fn scalar<'a>(&mut self, tag: Tag<'a>, document: &mut Document<'a>) -> Result<(), Problem> {
        match document.value()? {
            Value::Text(value) => {
                let span = Span { start: tag.at, end: document.position() };
                if has_conflict_marker(&value) {
                    return Err(Problem { at: Some(tag.at), cause: Cause::ConflictMarkers });
                }
                match (tag.name, boolean(&value)) {
                    ("custom", Some(Held::No)) => {}
                    ("hasActivationRequired", Some(Held::Yes)) => self.property(tag.name.to_owned(), "true", span),
                    ("hasActivationRequired", held) => {
                        if held.is_none() {
                            self.not_boolean(tag.name, &value, tag.at);
                        }
                        // A doubtful gate is none.
                        self.property(tag.name.to_owned(), "false", span);
                    }
                    _ => self.property(tag.name.to_owned(), &value, span),
                }
            }
            Value::Element(_) => {
                self.unknown(tag.name, tag.at);
                document.skip()?;
                document.skip()?;
            }
        }
        Ok(())
    }

    fn known(&mut self, shape: Shape, block: &Block<'_>) {
        match shape {
            Shape::Object => self.object(block),
            Shape::Field => self.field(block),
            Shape::Tab => self.tab(block),
            Shape::List => return self.list(block),
            Shape::Flag { section, key, decides, properties } => self.flag(block, section, key, decides, properties),
            Shape::Property | Shape::Ignored => {}
        }
        self.misfits(block);
    }

    fn object(&mut self, block: &Block<'_>) {
        let rights = |child: &Child<'_>| child.name != "object";
        if let Some(name) = self.named(block, "object", rights) {
            for child in block.children.iter().filter(|child| rights(child)) {
                let right = match child.name {
                    "allowCreate" => Word::ALLOW_CREATE,
                    "allowRead" => Word::ALLOW_READ,
                    "allowEdit" => Word::ALLOW_EDIT,
                    "allowDelete" => Word::ALLOW_DELETE,
                    "viewAllRecords" => Word::VIEW_ALL_RECORDS,
                    "modifyAllRecords" => Word::MODIFY_ALL_RECORDS,
                    "viewAllFields" => Word::VIEW_ALL_FIELDS,
                    other => match self.word(other, child.span.start) {
                        Some(word) => word,
                        None => continue,
                    },
                };
                self.entry(Word::OBJECT_PERMISSIONS, right, name, child, block.span);
            }
        }
    }

    fn field(&mut self, block: &Block<'_>) {
        let rights = |child: &Child<'_>| matches!(child.name, "readable" | "editable");
        let named = self.named(block, "field", rights);
        if let Some(name) = named {
            for child in block.children.iter().filter(|child| rights(child)) {
                let right = if child.name == "readable" { Word::READABLE } else { Word::EDITABLE };
                self.entry(Word::FIELD_PERMISSIONS, right, name, child, block.span);
            }
        }
        if let Some(hidden) = block.children.iter().find(|child| child.name == "hidden")
            && let Some(name) = named
        {
            // The legacy form of API 22 and earlier; it can only take away.
            self.sink.oddity(Oddity::Hidden { field: name.spelling, at: hidden.span.start });
        }
        self.only(block, |name| matches!(name, "field" | "readable" | "editable" | "hidden"));
    }

    fn tab(&mut self, block: &Block<'_>) {
        let decides = |child: &Child<'_>| child.name == "visibility";
        if let Some(name) = self.named(block, "tab", decides) {
            for child in block.children.iter().filter(|child| decides(child)) {
                let (right, held) = match &*child.value {
                    "None" | "Hidden" => (Word::AVAILABLE, Held::No),
                    "Available" | "DefaultOff" => (Word::AVAILABLE, Held::Yes),
                    "Visible" | "DefaultOn" => (Word::VISIBLE, Held::Yes),
                    other => {
                        let cause = Cause::NotVisibility(other.to_owned());
                        self.sink.problem(Problem { at: Some(child.span.start), cause });
                        (Word::VISIBLE, Held::Doubtful)
                    }
                };
                self.push(Key::new(Word::TAB_SETTINGS, right, name.folded), name, held, child.span.start, block.span);
            }
        }
        self.only(block, |name| matches!(name, "tab" | "visibility"));
    }

    fn flag(&mut self, block: &Block<'_>, section: Word, key: &'static str, decides: &str, properties: &[&str]) {
        if let Some(name) = self.named(block, key, |child| child.name == decides) {
            for child in &block.children {
                if child.name == decides {
                    self.entry(section, Word::NONE, name, child, block.span);
                }
            }
        }
        for child in block.children.iter().filter(|child| properties.contains(&child.name)) {
            if let Some(of) = block.children.iter().find(|child| child.name == key) {
                self.property(format!("{}/{}/{}", block.element, of.value, child.name), &child.value, child.span);
            }
        }
        self.only(block, |name| name == key || name == decides || properties.contains(&name));
    }

    /// A block without a grant: its children in the order of the file, one text.
    fn list(&mut self, block: &Block<'_>) {
        let value = |name: &str| block.children.iter().find(|child| child.name == name).map(|child| &*child.value);
        let text = match (value("startAddress"), value("endAddress")) {
            (Some(start), Some(end)) => format!("{start}-{end}"),
            _ => {
                let pairs = block.children.iter().map(|child| format!("{}={}", child.name, child.value));
                pairs.collect::<Vec<_>>().join(", ")
            }
        };
        self.sink.property(Property { name: block.element.to_owned(), value: text, span: block.span, many: true });
        if let Some(at) = block.misfit {
            self.unknown(block.element, at);
        }
        if let Some(child) = block.children.iter().find(|child| has_conflict_marker(&child.value)) {
            self.sink.problem(Problem { at: Some(child.span.start), cause: Cause::ConflictMarkers });
        }
    }

    /// An element outside the table: one name-like child and boolean children, or a problem.
    fn generic(&mut self, block: &Block<'_>) {
        let is_boolean = |child: &&Child<'_>| boolean(&child.value).is_some();
        let mut names = block.children.iter().filter(|child| !is_boolean(child));
        let (Some(name), None) = (names.next(), names.next()) else {
            return self.unknown(block.element, block.span.start);
        };
        if block.children.len() < 2 || name.value.is_empty() || block.misfit.is_some() {
            return self.unknown(block.element, block.span.start);
        }
        let Some(section) = self.word(block.element, block.span.start) else { return };
        let interned = self.name(&name.value, name.span.start);
        for child in block.children.iter().filter(is_boolean) {
            if let Some(right) = self.word(child.name, child.span.start) {
                self.entry(section, right, interned, child, block.span);
            }
        }
        self.misfits(block);
    }

    /// The name a block gives. An entry without a name is a problem if it grants something.
    fn named(
        &mut self,
        block: &Block<'_>,
        key: &'static str,
        decides: impl Fn(&Child<'_>) -> bool,
    ) -> Option<Interned> {
        if let Some(child) = block.children.iter().find(|child| child.name == key && !child.value.is_empty()) {
            return Some(self.name(&child.value, child.span.start));
        }
        let nothing = |value: &str| boolean(value) == Some(Held::No) || matches!(value, "None" | "Hidden");
        if block.children.iter().any(|child| decides(child) && !nothing(&child.value)) {
            let cause = Cause::NoName { element: block.element.to_owned(), key };
            self.sink.problem(Problem { at: Some(block.span.start), cause });
        }
        None
    }

    fn entry(&mut self, section: Word, right: Word, name: Interned, decides: &Child<'_>, block: Span) {
        let held = boolean(&decides.value).unwrap_or_else(|| {
            self.not_boolean(decides.name, &decides.value, decides.span.start);
            Held::Doubtful
        });
        self.push(Key::new(section, right, name.folded), name, held, decides.span.start, block);
    }

    fn push(&mut self, key: Key, name: Interned, held: Held, decided_at: u32, block: Span) {
        self.sink.entry(Entry { key, spelling: name.spelling, decided_at, block, held });
    }

    fn property(&mut self, name: String, value: &str, span: Span) {
        self.sink.property(Property { name, value: value.replace("\r\n", "\n"), span, many: false });
    }

    fn name(&mut self, spelling: &str, at: u32) -> Interned {
        let interned = self.names.intern(spelling);
        if !interned.plain {
            self.sink.problem(Problem { at: Some(at), cause: Cause::NotPlain(spelling.to_owned()) });
        }
        interned
    }

    fn word(&mut self, text: &str, at: u32) -> Option<Word> {
        let word = self.names.word(text);
        if word.is_none() {
            self.sink.problem(Problem { at: Some(at), cause: Cause::TooManyElements });
        }
        word
    }

    /// Reports children the entry should not have.
    fn only(&mut self, block: &Block<'_>, known: impl Fn(&str) -> bool) {
        for child in block.children.iter().filter(|child| !known(child.name)) {
            self.unknown(child.name, child.span.start);
        }
    }

    fn misfits(&mut self, block: &Block<'_>) {
        if let Some(at) = block.misfit {
            self.unknown(block.element, at);
        }
        if let Some(again) = block.repeated() {
            let cause = Cause::Repeated { element: block.element.to_owned(), child: again.name.to_owned() };
            self.sink.problem(Problem { at: Some(again.span.start), cause });
        }
    }

    fn unknown(&mut self, element: &str, at: u32) {
        self.sink.problem(Problem { at: Some(at), cause: Cause::UnknownElement(element.to_owned()) });
    }

    fn not_boolean(&mut self, element: &str, value: &str, at: u32) {
        let cause = Cause::NotBoolean { element: element.to_owned(), value: value.to_owned() };
        self.sink.problem(Problem { at: Some(at), cause });
    }
}
