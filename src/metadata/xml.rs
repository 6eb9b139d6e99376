//! XML events with spans, and the checks quick-xml does not make.
//!
//! quick-xml accepts cut-off files, two roots, unknown entities, a DOCTYPE and endless nesting, and it
//! does not count a byte order mark. A cut-off file would read as *fewer grants*, so all of it is
//! checked here (`tests/it/malformed.rs` has a file for each).

use std::borrow::Cow;
use std::io::BufRead;

use quick_xml::escape::unescape;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::{Error as XmlError, Reader};

use crate::error::{Cause, Problem};
use crate::metadata::characters::{decode, is_declaration, is_name, no_control_characters};
use crate::metadata::leaf::leaf;
use crate::text::Span;

/// Salesforce's metadata namespace. A root without a namespace is taken for it: third-party tools
/// that split files leave it out.
pub const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// Deepest nesting read. Flows nest the most, about a dozen levels.
const DEEPEST: usize = 64;
/// Most attributes on one element. Salesforce writes one or two, on roots only.
const MOST_ATTRIBUTES: usize = 32;
const BOM: &str = "\u{feff}";

type Result<T> = std::result::Result<T, Problem>;

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub struct Tag<'a> {
    /// Its name, without the prefix of the metadata namespace.
    pub name: &'a str,
    /// Offset of its `<` in the file.
    pub at: u32,
}

/// What stands between a start tag and its end tag.
#[derive(Debug)]
pub enum Value<'a> {
    /// Text, trimmed, with entities and CDATA joined. The element is closed.
    Text(Cow<'a, str>),
    /// The first child element, opened.
    Element(Tag<'a>),
}

/// One file's events, read strictly forward.
pub struct Document<'a> {
    reader: Reader<&'a [u8]>,
    /// The file without its byte order mark.
    text: &'a str,
    /// Bytes of the byte order mark.
    shift: u32,
    /// `prefix:` of the metadata namespace, or empty.
    prefix: &'a str,
    /// The elements that are open.
    open: Vec<&'a str>,
}

impl<'a> Document<'a> {
    /// Opens a file and reads up to its root, which must be `root`. The span is that of the root's start tag.
    pub fn open(bytes: &'a [u8], root: &'static str) -> Result<(Self, Span)> {
        let (document, tag, span) = Self::open_any(bytes)?;
        if tag.name != root {
            let found = tag.name.to_owned();
            return Err(Problem { at: Some(tag.at), cause: Cause::WrongRoot { found, expected: root } });
        }
        Ok((document, span))
    }

    /// As [`Document::open`], whatever the root is.
    pub fn open_any(bytes: &'a [u8]) -> Result<(Self, Tag<'a>, Span)> {
        let whole = decode(bytes)?;
        no_control_characters(bytes)?;
        let text = whole.strip_prefix(BOM).unwrap_or(whole);
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().trim_text(true);
        // A comment opened inside a comment swallows what stands between.
        reader.config_mut().check_comments = true;
        let shift = (whole.len() - text.len()) as u32;
        let mut document = Self { reader, text, shift, prefix: "", open: Vec::with_capacity(8) };
        let tag = document.prolog()?;
        let span = Span { start: tag.at, end: document.position() };
        Ok((document, tag, span))
    }

    /// The offset behind the last event.
    pub fn position(&self) -> u32 {
        self.reader.buffer_position() as u32 + self.shift
    }

    /// The next child of the open element, or `None` when that element closes.
    #[inline]
    pub fn next_child(&mut self) -> Result<Option<Tag<'a>>> {
        loop {
            match self.event()? {
                Event::Start(start) => return self.start(&start).map(Some),
                Event::End(_) => {
                    self.open.pop();
                    return Ok(None);
                }
                Event::Text(text) => self.no_text(&text)?,
                Event::CData(text) => self.no_text(&text)?,
                Event::GeneralRef(reference) => self.no_text(&reference)?,
                other => self.only_comments(&other)?,
            }
        }
    }

    /// The next child and its text, if they are written in the plainest way; `None` says nothing about what comes.
    ///
    /// To be called where a child can start: behind a start tag, an end tag or another such child.
    pub fn leaf(&mut self) -> Option<(Tag<'a>, &'a str)> {
        let (before, rest) = self.text.split_at_checked(self.reader.buffer_position() as usize)?;
        // Behind a self-closing tag the reader still owes the end of that element.
        if !before.ends_with('>') || before.ends_with("/>") || !self.prefix.is_empty() || self.open.len() >= DEEPEST {
            return None;
        }
        let leaf = leaf(rest)?;
        self.reader.stream().consume(leaf.end);
        Some((Tag { name: leaf.name, at: (before.len() + leaf.start) as u32 + self.shift }, leaf.value))
    }

    /// The content of the element just opened.
    #[inline]
    pub fn value(&mut self) -> Result<Value<'a>> {
        let content = self.reader.buffer_position() as usize;
        let mut whole: Option<&'a str> = None;
        let (mut pieces, mut stray) = (false, false);
        loop {
            match self.event()? {
                Event::Text(text) => {
                    pieces |= whole.is_some();
                    stray = true;
                    whole = Some(self.slice(&text)?);
                }
                Event::End(end) => {
                    self.open.pop();
                    if !pieces {
                        return Ok(Value::Text(Cow::Borrowed(whole.unwrap_or_default().trim())));
                    }
                    // An expanded empty element has no end tag and no pieces, so this is a real one.
                    let until = self.offset(&end) - 2;
                    return self.join(content, until).map(|text| Value::Text(Cow::Owned(text)));
                }
                Event::Start(start) => {
                    let tag = self.start(&start)?;
                    if stray {
                        return Err(Problem { at: Some(tag.at), cause: Cause::ElementInValue(tag.name.to_owned()) });
                    }
                    return Ok(Value::Element(tag));
                }
                Event::CData(_) | Event::GeneralRef(_) => (pieces, stray) = (true, true),
                other => {
                    self.only_comments(&other)?;
                    pieces = true;
                }
            }
        }
    }

    /// Reads past the end of the element just opened.
    pub fn skip(&mut self) -> Result<()> {
        let depth = self.open.len();
        while self.open.len() >= depth {
            match self.event()? {
                Event::Start(start) => {
                    self.start(&start)?;
                }
                Event::End(_) => {
                    self.open.pop();
                }
                Event::GeneralRef(reference) => {
                    self.resolve(&reference)?;
                }
                Event::Text(_) | Event::CData(_) => {}
                other => self.only_comments(&other)?,
            }
        }
        Ok(())
    }

    /// Reads what follows the closed root: only comments may.
    pub fn finish(&mut self) -> Result<()> {
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Start(start) => {
                    let at = Some(self.offset(&start) as u32 - 1 + self.shift);
                    return Err(Problem { at, cause: Cause::SecondRoot(start.name().as_ref().to_owned()) });
                }
                Event::Text(text) => self.no_text(&text)?,
                Event::CData(text) => self.no_text(&text)?,
                Event::GeneralRef(reference) => self.no_text(&reference)?,
                other => self.only_comments(&other)?,
            }
        }
    }

    #[inline]
    fn event(&mut self) -> Result<Event<'a>> {
        let depth = self.open.len();
        match self.reader.read_event() {
            Ok(Event::Eof) if depth > 0 => Err(self.truncated()),
            Ok(event) => Ok(event),
            Err(XmlError::Syntax(_)) if depth > 0 => Err(self.truncated()),
            Err(error) => {
                let at = Some(self.reader.error_position() as u32 + self.shift);
                Err(Problem { at, cause: Cause::NotWellFormed(error.to_string()) })
            }
        }
    }

    /// quick-xml's syntax errors all mean that the file ends inside some markup.
    fn truncated(&self) -> Problem {
        let last = self.text.trim_end().len().saturating_sub(1) as u32 + self.shift;
        Problem { at: Some(last), cause: Cause::Truncated(self.open.last().copied().unwrap_or_default().to_owned()) }
    }

    fn prolog(&mut self) -> Result<Tag<'a>> {
        if self.text.trim().is_empty() {
            return Err(Problem { at: Some(0), cause: Cause::Empty });
        }
        let mut first = true;
        loop {
            match self.event()? {
                Event::Start(start) => {
                    self.prefix = self.namespace_prefix(&start)?;
                    return self.start(&start);
                }
                Event::Decl(declaration) if first => self.declaration(&declaration)?,
                other @ (Event::Comment(_) | Event::PI(_) | Event::DocType(_) | Event::Decl(_)) => {
                    self.only_comments(&other)?;
                }
                _ => return Err(Problem { at: Some(self.shift), cause: Cause::NotXml }),
            }
            first = false;
        }
    }

    fn declaration(&self, declaration: &BytesDecl<'a>) -> Result<()> {
        let at = Some(self.shift);
        let wrong = || Problem { at, cause: Cause::NotWellFormed("a malformed XML declaration".to_owned()) };
        let first = self.offset(declaration) == "<?".len();
        declaration.version().ok().filter(|_| first && is_declaration(declaration)).ok_or_else(wrong)?;
        let encoding = declaration.encoding().transpose().map_err(|_| wrong())?;
        match encoding {
            Some(other) if !["utf-8", "utf8", "us-ascii"].contains(&other.to_ascii_lowercase().as_str()) => {
                Err(Problem { at, cause: Cause::Encoding(other.into_owned()) })
            }
            _ => Ok(()),
        }
    }

    /// The root decides the prefix; every element inside must carry it.
    fn namespace_prefix(&self, start: &BytesStart<'a>) -> Result<&'a str> {
        let name = self.slice(start.name().as_ref())?;
        let (prefix, declaration) = match name.split_once(':') {
            Some((prefix, _)) => (&name[..=prefix.len()], format!("xmlns:{prefix}")),
            None => ("", "xmlns".to_owned()),
        };
        let found = self.attribute(start, &declaration)?;
        match found.as_deref() {
            Some(NAMESPACE) => Ok(prefix),
            None if prefix.is_empty() => Ok(prefix),
            _ => Err(Problem { at: Some(self.tag_offset(start)), cause: Cause::Namespace(name.to_owned()) }),
        }
    }

    /// Reads all attributes, so that malformed ones are found, and returns the value of one.
    fn attribute(&self, start: &BytesStart<'a>, wanted: &str) -> Result<Option<String>> {
        let at = Some(self.tag_offset(start));
        let mut found = None;
        for (index, attribute) in start.attributes().enumerate() {
            if index >= MOST_ATTRIBUTES {
                return Err(Problem { at, cause: Cause::TooManyAttributes(MOST_ATTRIBUTES) });
            }
            let wrong = |what: String| Problem { at, cause: Cause::NotWellFormed(what) };
            let attribute = attribute.map_err(|error| wrong(error.to_string()))?;
            let name = attribute.key.as_ref();
            if !name.split(':').all(is_name) || attribute.value.contains('<') {
                return Err(wrong("a malformed attribute".to_owned()));
            }
            let value = unescape(&attribute.value).map_err(|error| wrong(error.to_string()))?;
            if name == wanted {
                found = Some(value.into_owned());
            }
        }
        Ok(found)
    }

    #[inline]
    fn start(&mut self, start: &BytesStart<'a>) -> Result<Tag<'a>> {
        let at = self.tag_offset(start);
        let qualified = self.slice(start.name().as_ref())?;
        let Some(name) = qualified.strip_prefix(self.prefix).filter(|name| is_name(name)) else {
            let cause = if qualified.contains(':') || is_name(qualified) {
                Cause::Namespace(qualified.to_owned())
            } else {
                Cause::NotWellFormed("an element name that is none".to_owned())
            };
            return Err(Problem { at: Some(at), cause });
        };
        if start.len() > qualified.len() && !self.open.is_empty() {
            self.no_other_namespace(start, qualified)?;
        }
        if self.open.len() >= DEEPEST {
            return Err(Problem { at: Some(at), cause: Cause::TooDeep(DEEPEST) });
        }
        self.open.push(name);
        Ok(Tag { name, at })
    }

    /// An element inside the root may repeat the namespace, not change it.
    fn no_other_namespace(&self, start: &BytesStart<'a>, qualified: &str) -> Result<()> {
        let own = format!("xmlns:{}", self.prefix.trim_end_matches(':'));
        let declaration = if self.prefix.is_empty() { "xmlns" } else { own.as_str() };
        match self.attribute(start, declaration)?.as_deref() {
            None | Some(NAMESPACE) => Ok(()),
            Some(_) => Err(Problem { at: Some(self.tag_offset(start)), cause: Cause::Namespace(qualified.to_owned()) }),
        }
    }

    fn only_comments(&self, event: &Event<'a>) -> Result<()> {
        match event {
            Event::Comment(_) => Ok(()),
            Event::PI(instruction) if is_name(instruction.target()) => Ok(()),
            Event::DocType(_) => Err(self.here(Cause::Doctype)),
            _ => Err(self.here(Cause::NotWellFormed("a declaration or instruction that cannot stand here".to_owned()))),
        }
    }

    fn no_text(&self, text: &str) -> Result<()> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let at = Some(self.offset(text) as u32 + self.shift);
        Err(Problem { at, cause: Cause::StrayText(text.trim().to_owned()) })
    }

    /// Joins the pieces of a value: text, CDATA and references, without the comments between them.
    fn join(&self, from: usize, until: usize) -> Result<String> {
        let raw = self.text.get(from..until).unwrap_or_default();
        // The reader takes a byte order mark off what it believes to be a file.
        let mark = if raw.starts_with(BOM) { BOM } else { "" };
        let mut pieces = Reader::from_str(raw);
        let mut joined = mark.to_owned();
        loop {
            match pieces.read_event() {
                Ok(Event::Text(text)) => joined.push_str(&text),
                Ok(Event::CData(text)) => joined.push_str(&text),
                Ok(Event::GeneralRef(reference)) => joined.push(self.resolve(&reference)?),
                Ok(Event::Eof) => return Ok(joined.trim().to_owned()),
                Ok(_) => {}
                Err(error) => return Err(self.here(Cause::NotWellFormed(error.to_string()))),
            }
        }
    }

    fn resolve(&self, reference: &BytesRef<'a>) -> Result<char> {
        let at = Some(self.offset(reference) as u32 - 1 + self.shift);
        let unknown = || Problem { at, cause: Cause::Entity(reference.to_string()) };
        match &**reference {
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "amp" => Ok('&'),
            "apos" => Ok('\''),
            "quot" => Ok('"'),
            _ => reference.resolve_char_ref().ok().flatten().ok_or_else(unknown),
        }
    }

    fn here(&self, cause: Cause) -> Problem {
        Problem { at: Some(self.position().saturating_sub(1)), cause }
    }

    #[inline]
    fn tag_offset(&self, start: &BytesStart<'a>) -> u32 {
        self.offset(start) as u32 - 1 + self.shift
    }

    /// Where a borrowed piece of the text lies. The slice reader lends all its events from the text.
    #[inline]
    fn offset(&self, piece: &str) -> usize {
        (piece.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize)
    }

    #[inline]
    fn slice(&self, piece: &str) -> Result<&'a str> {
        let start = self.offset(piece);
        self.text
            .get(start..start.wrapping_add(piece.len()))
            .ok_or_else(|| self.here(Cause::NotWellFormed("an event outside the text".to_owned())))
    }
}
