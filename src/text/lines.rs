//! From byte offsets to lines and columns.

use crate::text::Span;

/// The start offsets of the lines of one file, ended by `\n` as git and the review platforms count.
pub struct Lines<'a> {
    bytes: &'a [u8],
    starts: Vec<u32>,
}

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
        Self { bytes, starts }
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
        let before = column_units(&self.bytes[line_start..start]);
        let text = String::from_utf8_lossy(&self.bytes[start..end]);
        let snippet = text.trim_end().to_owned();
        let length = snippet.encode_utf16().count() as u32;
        Place { line, start_column: before + 1, end_column: before + 1 + length, snippet }
    }
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
}
