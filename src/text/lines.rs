//! From byte offsets to lines and columns.

use std::cell::OnceCell;

use crate::text::Span;

/// The start offsets of the lines of one file, ended by `\n` as git and the review platforms count.
pub struct Lines<'a> {
    bytes: &'a [u8],
    starts: Vec<u32>,
    /// UTF-16 units before each [`STEP`] bytes, once a column of a long line was asked for: a file can be one line.
    steps: OnceCell<Vec<u32>>,
}

/// Bytes of a line that are counted anew for each column.
const STEP: usize = 4_096;

/// One place in a file, as reports print it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// 1-based line.
    pub line: u32,
    /// 1-based first column, in UTF-16 code units (what SARIF counts).
    pub start_column: u32,
    /// 1-based column behind the last unit; never on another line.
    pub end_column: u32,
    /// The text between the two columns.
    pub snippet: String,
}

impl<'a> Lines<'a> {
    /// Indexes the lines of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at as u32 + 1));
        Self { bytes, starts, steps: OnceCell::new() }
    }

    /// The 1-based line that holds the byte at `offset`; an offset behind the end is on the last line.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|start| *start <= offset) as u32
    }

    /// The part of `span` that lies on its first line, without the white space around it.
    pub fn place(&self, span: Span) -> Place {
        let line = self.line(span.start);
        let line_start = self.starts[line as usize - 1] as usize;
        let line_end = self.starts.get(line as usize).map_or(self.bytes.len(), |next| *next as usize - 1);
        let start = (span.start as usize).clamp(line_start, line_end);
        let end = (span.end as usize).clamp(start, line_end);
        let before = self.units_between(line_start, start);
        let text = String::from_utf8_lossy(&self.bytes[start..end]);
        let snippet = text.trim_end().to_owned();
        let length = snippet.encode_utf16().count() as u32;
        Place { line, start_column: before + 1, end_column: before + 1 + length, snippet }
    }

    /// UTF-16 units of a part of one line.
    fn units_between(&self, start: usize, end: usize) -> u32 {
        if end - start <= 2 * STEP {
            return column_units(&self.bytes[start..end]);
        }
        let steps = self.steps.get_or_init(|| {
            let mut units = 0;
            let step = |part: &[u8]| {
                let before = units;
                units += units_of(part);
                before
            };
            // The last, empty one is for an offset at the end.
            self.bytes.chunks(STEP).chain([[].as_slice()]).map(step).collect()
        });
        let before = |at: usize| steps[at / STEP] + units_of(&self.bytes[at - at % STEP..at]);
        let mark = u32::from(self.bytes[start..].starts_with("\u{feff}".as_bytes()));
        before(end) - before(start) - mark
    }
}

/// UTF-16 units of a part of UTF-8: one a character, two for those of four bytes.
fn units_of(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(byte & 0xC0 != 0x80) + u32::from(*byte >= 0xF0)).sum()
}

fn column_units(bytes: &[u8]) -> u32 {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    String::from_utf8_lossy(bytes).encode_utf16().count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_one_based_and_end_at_line_feeds() {
        let lines = Lines::new(b"a\nbb\r\n\nc");
        assert_eq!([0, 1, 2, 5, 6, 7, 99].map(|at| lines.line(at)), [1, 1, 2, 2, 3, 4, 4]);
    }

    #[test]
    fn columns_count_utf16_units_and_stay_on_one_line() {
        let text = "<a>😀<b>x\ny</b>";
        let start = text.find("<b>").unwrap() as u32;
        let place = Lines::new(text.as_bytes()).place(Span { start, end: text.len() as u32 });
        assert_eq!(place, Place { line: 1, start_column: 6, end_column: 10, snippet: "<b>x".into() });
    }

    #[test]
    fn columns_of_long_lines_are_the_same() {
        for lead in ["", "\u{feff}", "first\n", "first\n\u{feff}"] {
            let text = format!("{lead}{}", "<a>😀é</a>".repeat(2_000));
            let lines = Lines::new(text.as_bytes());
            let start = lead.rfind('\n').map_or(0, |at| at + 1);
            let ends = (0..=text.len()).filter(|end| *end >= start && text.is_char_boundary(*end));
            let all = ends.step_by(97).chain([text.len()]);
            let columns = |end: usize| lines.units_between(start, end) == column_units(&text.as_bytes()[start..end]);
            assert!(all.into_iter().all(columns), "{lead:?}");
        }
        let full = vec![b'x'; 4 * STEP];
        assert_eq!(Lines::new(&full).units_between(0, full.len()), full.len() as u32);
    }
}
