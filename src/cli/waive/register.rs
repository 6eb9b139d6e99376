//! The configuration as a text to be added to: comments, order and line ends stay as they are.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use toml_edit::{DocumentMut, Item, Table, Value, value};

use crate::cli::policy::known_beside;
use crate::error::Error;
use crate::policy::{Config, Finding, Policy, Stanza};
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
    text: String,
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
        Ok(Self { path: path.to_owned(), text, headline: None })
    }

    /// A comment above the next waiver.
    pub(super) fn headline(&mut self, text: &str) {
        self.headline = Some(text.to_owned());
    }

    /// Adds waivers, or renews those that are there.
    pub(super) fn write(&mut self, stanzas: &[Stanza], accepting: &Accepting<'_>) -> Result<(), Error> {
        for stanza in stanzas {
            self.write_one(stanza, accepting)?;
        }
        Ok(())
    }

    fn write_one(&mut self, stanza: &Stanza, accepting: &Accepting<'_>) -> Result<(), Error> {
        let mut document: DocumentMut = self.text.parse().map_err(|error: toml_edit::TomlError| {
            let at = error.span().map_or(0, |span| span.start);
            let line = 1 + self.text[..at].matches('\n').count() as u32;
            let hint = "correct the file first".to_owned();
            Error::Policy { path: POLICY.to_owned(), line, message: error.message().to_owned(), hint }
        })?;
        let changed = match document.get_mut("waiver") {
            Some(Item::ArrayOfTables(tables)) => {
                let same = tables.iter_mut().find(|table| is_same(table, stanza));
                same.map(|table| renew(table, accepting)).is_some()
            }
            Some(Item::Value(Value::Array(array))) => {
                array.push(Value::InlineTable(table(stanza, accepting).into_inline_table()));
                true
            }
            _ => false,
        };
        if changed {
            self.text = document.to_string();
            return Ok(());
        }
        // At the end a new table disturbs nothing that is there.
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut added = String::new();
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            added.push('\n');
        }
        if !self.text.is_empty() {
            added.push('\n');
        }
        if let Some(headline) = self.headline.take() {
            let _ = writeln!(added, "# {headline}");
        }
        let _ = write!(added, "[[waiver]]\n{}", table(stanza, accepting));
        self.text.push_str(&added.replace('\n', newline));
        Ok(())
    }

    /// Makes sure that what would be written covers the findings it is for.
    pub(super) fn check(&self, findings: &[Finding<'_>], today: Date) -> Result<(), Error> {
        let known = known_beside(&self.path, &self.text)?;
        let config = Config::read(POLICY, self.text.as_bytes(), &known)?;
        let policy = Policy::new(&known, config, today);
        match findings.iter().find(|finding| !policy.covers(finding)) {
            None => Ok(()),
            Some(finding) => Err(Error::usage(
                format!("no waiver can be written for {} on {}", finding.rule.id, finding.subject.name),
                "its name or grant is not one a waiver can hold; nothing was written",
            )),
        }
    }

    /// Writes the file.
    pub(super) fn save(&self) -> Result<(), Error> {
        std::fs::write(&self.path, &self.text).map_err(|error| Error::Write { path: self.path.clone(), error })
    }
}

fn is_same(table: &Table, stanza: &Stanza) -> bool {
    let text = |key: &str| table.get(key).and_then(Item::as_str);
    text("rule") == Some(&stanza.rule)
        && text("holder").is_some_and(|holder| holder.to_lowercase() == stanza.holder.to_lowercase())
        && text("grant").map(str::to_lowercase) == stanza.grant.as_deref().map(str::to_lowercase)
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
