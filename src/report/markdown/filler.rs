//! A part of the comment that takes whole rows as long as they fit.

/// Bytes kept free for what a part says of the rows it leaves out.
const STATEMENT: usize = 240;

/// One part of the comment.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Its text, ended by an empty line; empty if there is nothing to say.
    pub(super) text: String,
    /// What it leaves out, in words: `12 of 90 holders`.
    pub(super) cut: Option<String>,
}

/// Text that grows by whole rows up to a number of bytes; from the first row that does not fit on, nothing is taken.
pub(super) struct Filler {
    text: String,
    allowance: usize,
    is_full: bool,
}

impl Filler {
    /// With the bytes the part may have, and those that will be put behind the rows.
    pub(super) fn new(head: &str, allowance: usize, behind: usize) -> Self {
        Self { text: head.to_owned(), allowance: allowance.saturating_sub(behind + STATEMENT), is_full: false }
    }

    /// Takes a row, if it and those before it fit.
    pub(super) fn take(&mut self, row: &str) -> bool {
        self.is_full |= !self.fits(row.len());
        if !self.is_full {
            self.text.push_str(row);
        }
        !self.is_full
    }

    /// Whether so many more bytes would fit.
    pub(super) fn fits(&self, more: usize) -> bool {
        !self.is_full && self.text.len() + more <= self.allowance
    }

    /// Takes nothing more.
    pub(super) fn close(&mut self) {
        self.is_full = true;
    }

    /// Adds what was found to fit.
    pub(super) fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Ends the part with what it leaves out, and an empty line.
    pub(super) fn end(self, left_out: Option<String>) -> String {
        let text = self.text.trim_end();
        match left_out {
            Some(left_out) => {
                debug_assert!(left_out.len() + 8 <= STATEMENT);
                format!("{text}\n\n*{left_out}*\n\n")
            }
            None => format!("{text}\n\n"),
        }
    }
}
