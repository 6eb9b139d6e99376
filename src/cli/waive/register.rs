//! The configuration as a text to be added to: comments, order and line ends stay as they are.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use toml_edit::{DocumentMut, Item, Table, Value, value};

use crate::cli::policy::known_beside;
use crate::error::Error;
use crate::policy::{Config, Finding, Policy, Rule, Stanza};
use crate::source::POLICY;

/// What a waiver says besides what the finding decides.
pub(super) struct Accepting<'a> {
    pub(super) reason: &'a str,
    pub(super) owner: &'a str,
    pub(super) ticket: Option<&'a str>,
    pub(super) expires: Date,
}

/// The configuration that is written to.
pub(super) struct Register {
    path: PathBuf,
    /// As it is on disk.
    text: String,
    /// The same, parsed once: waivers are renewed in it.
    document: DocumentMut,
    /// All rules it can speak of.
    known: Vec<Rule>,
    /// The waivers there are, with their number in the document; `None` for those that are to be added.
    waivers: HashMap<Stanza, Option<usize>>,
    /// Whether the document differs from the text.
    renewed: bool,
    /// What follows the document.
    added: String,
    /// The line to put before the next waiver.
    headline: Option<String>,
}

impl Register {
    /// Reads the file; one that is not there is empty.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                return Err(Error::usage(format!("cannot read {}: {error}", path.display()), "save it as UTF-8"));
            }
        };
        let known = known_beside(path, &text)?;
        Config::read(POLICY, text.as_bytes(), &known)?;
        let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
            let at = error.span().map_or(0, |span| span.start);
            let line = 1 + text[..at].matches('\n').count() as u32;
            let hint = "correct the file first".to_owned();
            Error::Policy { path: POLICY.to_owned(), line, message: error.message().to_owned(), hint }
        })?;
        let mut waivers = HashMap::new();
        for (at, stanza) in stanzas(&document).into_iter().enumerate() {
            // Of two that say the same, the first is the one that counts.
            waivers.entry(stanza).or_insert(Some(at));
        }
        let (added, headline) = (String::new(), None);
        Ok(Self { path: path.to_owned(), text, document, known, waivers, renewed: false, added, headline })
    }

    /// A comment above the next waiver.
    pub(super) fn headline(&mut self, text: &str) {
        self.headline = Some(text.to_owned());
    }

    /// Adds waivers, or renews those that are there.
    pub(super) fn write(&mut self, stanzas: &[Stanza], accepting: &Accepting<'_>) {
        for stanza in stanzas {
            match self.waivers.insert(identity(stanza), None) {
                Some(Some(at)) => self.renew(at, accepting),
                // It was written already, for another finding.
                Some(None) => {}
                None => self.add(stanza, accepting),
            }
        }
    }

    fn renew(&mut self, at: usize, accepting: &Accepting<'_>) {
        if let Some(Item::ArrayOfTables(tables)) = self.document.get_mut("waiver")
            && let Some(table) = tables.get_mut(at)
        {
            renew(table, accepting);
            self.renewed = true;
        }
    }

    fn add(&mut self, stanza: &Stanza, accepting: &Accepting<'_>) {
        if let Some(Item::Value(Value::Array(array))) = self.document.get_mut("waiver") {
            array.push(Value::InlineTable(table(stanza, accepting).into_inline_table()));
            self.renewed = true;
            return;
        }
        // At the end a new table disturbs nothing that is there.
        let is_first = self.text.is_empty() && self.added.is_empty();
        let mut added = String::from(if is_first { "" } else { "\n" });
        if self.added.is_empty() && !self.text.is_empty() && !self.text.ends_with('\n') {
            added.push('\n');
        }
        if let Some(headline) = self.headline.take() {
            let _ = writeln!(added, "# {headline}");
        }
        let _ = write!(added, "[[waiver]]\n{}", table(stanza, accepting));
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        self.added.push_str(&added.replace('\n', newline));
    }

    /// The text as it would be written.
    fn text(&self) -> String {
        let mut text = if self.renewed { self.document.to_string() } else { self.text.clone() };
        text.push_str(&self.added);
        text
    }

    /// Makes sure that what would be written is a configuration, and covers the findings it is for.
    pub(super) fn check<'f, 'l: 'f>(
        &self,
        mut findings: impl Iterator<Item = &'f Finding<'l>>,
        today: Date,
    ) -> Result<(), Error> {
        let text = self.text();
        let config = Config::read(POLICY, text.as_bytes(), &self.known).map_err(|error| match error {
            // The file itself was read before: it is too much in all, and no line of it is to blame.
            Error::Policy { message, .. } => Error::usage(
                format!("with these waivers {POLICY} would not load: {message}"),
                "nothing was written; accept fewer, as with --all --severity critical",
            ),
            other => other,
        })?;
        let policy = Policy::new(&self.known, config, today);
        match findings.find(|finding| !policy.covers(finding)) {
            None => Ok(()),
            Some(finding) => Err(Error::usage(
                format!("no waiver can be written for {} on {}", finding.rule.id, finding.subject.name),
                "its name or grant is not one a waiver can hold; nothing was written",
            )),
        }
    }

    /// Writes the file.
    pub(super) fn save(&self) -> Result<(), Error> {
        std::fs::write(&self.path, self.text()).map_err(|error| Error::Write { path: self.path.clone(), error })
    }
}

/// The waivers of a document, in its order.
fn stanzas(document: &DocumentMut) -> Vec<Stanza> {
    let of = |table: &Table| {
        let text = |key: &str| table.get(key).and_then(Item::as_str).map(str::to_owned);
        let (rule, holder) = (text("rule").unwrap_or_default(), text("holder").unwrap_or_default());
        identity(&Stanza { rule, holder, grant: text("grant") })
    };
    document.get("waiver").and_then(Item::as_array_of_tables).into_iter().flatten().map(of).collect()
}

/// What makes two waivers the same.
fn identity(stanza: &Stanza) -> Stanza {
    Stanza {
        rule: stanza.rule.clone(),
        holder: stanza.holder.to_lowercase(),
        grant: stanza.grant.as_deref().map(str::to_lowercase),
    }
}

fn renew(table: &mut Table, accepting: &Accepting<'_>) {
    let mut set = |key: &str, new: Value| match table.get_mut(key).and_then(Item::as_value_mut) {
        // What stands around the value, as a comment behind it, stays.
        Some(old) => {
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => {
            table.insert(key, Item::Value(new));
        }
    };
    set("reason", accepting.reason.into());
    set("owner", accepting.owner.into());
    if let Some(ticket) = accepting.ticket {
        set("ticket", ticket.into());
    }
    set("expires", Value::from(day(accepting.expires)));
}

fn table(stanza: &Stanza, accepting: &Accepting<'_>) -> Table {
    let mut table = Table::new();
    table.insert("rule", value(&stanza.rule));
    table.insert("holder", value(&stanza.holder));
    if let Some(grant) = &stanza.grant {
        table.insert("grant", value(grant));
    }
    table.insert("reason", value(accepting.reason));
    table.insert("owner", value(accepting.owner));
    if let Some(ticket) = accepting.ticket {
        table.insert("ticket", value(ticket));
    }
    table.insert("expires", value(day(accepting.expires)));
    table
}

fn day(date: Date) -> toml_edit::Datetime {
    let date = toml_edit::Date { year: date.year() as u16, month: date.month() as u8, day: date.day() as u8 };
    toml_edit::Datetime { date: Some(date), time: None, offset: None }
}
