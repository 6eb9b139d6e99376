//! What git's own diff shows of a changed file, and whether it takes one file for another one renamed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use git2::{DiffOptions, Patch};

/// Lines around a change that a diff shows.
const CONTEXT: u32 = 3;
/// Longest piece that the likeness of two files is measured by, in bytes, as in git's `diffcore-delta.c`.
const PIECE: usize = 64;

/// A part of a diff: the lines of both files that it shows, 1-based.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Lines of the file before.
    pub old: Range<u32>,
    /// Lines of the file after.
    pub new: Range<u32>,
    /// Those of the file before that are removed, sorted.
    pub removed: Vec<u32>,
}

/// What a diff shows of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileDiff {
    /// In the order of the file; none for a file that is the same, or binary.
    pub hunks: Vec<Hunk>,
    /// Lines of the diff.
    pub lines: usize,
    /// Bytes of the diff.
    pub bytes: usize,
}

/// The diff of two contents, by the engine git has, with what git does unless told otherwise.
pub fn diff(before: &[u8], after: &[u8]) -> FileDiff {
    let mut options = DiffOptions::new();
    options.context_lines(CONTEXT).interhunk_lines(0).indent_heuristic(true);
    // Two buffers and no repository: nothing that could fail but memory.
    Patch::from_buffers(before, None, after, None, Some(&mut options))
        .and_then(|patch| shown(&patch))
        .unwrap_or_default()
}

fn shown(patch: &Patch<'_>) -> Result<FileDiff, git2::Error> {
    let mut diff = FileDiff { bytes: patch.size(true, true, false), ..FileDiff::default() };
    for at in 0..patch.num_hunks() {
        let (hunk, lines) = patch.hunk(at)?;
        let range = |start: u32, lines: u32| start..start + lines;
        let mut removed = Vec::new();
        for line in 0..lines {
            let line = patch.line_in_hunk(at, line)?;
            removed.extend(line.old_lineno().filter(|_| line.origin() == '-'));
        }
        diff.lines += lines + 1;
        diff.hunks.push(Hunk {
            old: range(hunk.old_start(), hunk.old_lines()),
            new: range(hunk.new_start(), hunk.new_lines()),
            removed,
        });
    }
    Ok(diff)
}

/// How much of the larger of two contents the other one has, too: git takes one for the other renamed from a half. As
/// to git, line ends are one whether Windows' or not.
pub fn likeness(one: &[u8], other: &[u8]) -> f64 {
    let (one, other) = (unix(one), unix(other));
    let larger = one.len().max(other.len());
    if larger == 0 {
        return 0.0;
    }
    let mut known: HashMap<&[u8], usize> = HashMap::new();
    for piece in pieces(&one) {
        *known.entry(piece).or_default() += 1;
    }
    let mut copied = 0;
    for piece in pieces(&other) {
        if let Some(left) = known.get_mut(piece).filter(|left| **left > 0) {
            *left -= 1;
            copied += piece.len();
        }
    }
    copied as f64 / larger as f64
}

/// Without the carriage returns before line feeds.
fn unix(content: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\r', content).is_none() {
        return Cow::Borrowed(content);
    }
    let is_kept = |at: &usize| content[*at] != b'\r' || content.get(at + 1) != Some(&b'\n');
    Cow::Owned((0..content.len()).filter(is_kept).map(|at| content[at]).collect())
}

/// Lines, those that are longer in pieces.
fn pieces(mut content: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let most = &content[..content.len().min(PIECE)];
        let end = memchr::memchr(b'\n', most).map_or(most.len(), |at| at + 1);
        let (piece, rest) = content.split_at(end);
        content = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(lines: Range<u32>) -> String {
        lines.map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn hunks_are_the_change_and_three_lines_around_it() {
        let before = numbered(1..31);
        let after = before.replace("\n10\n", "\nten\n").replace("\n25\n26\n", "\n");
        let diff = diff(before.as_bytes(), after.as_bytes());
        let hunks = [
            Hunk { old: 7..14, new: 7..14, removed: vec![10] },
            Hunk { old: 22..30, new: 22..28, removed: vec![25, 26] },
        ];
        assert_eq!(diff.hunks, hunks);
        assert_eq!(diff.lines, 8 + 1 + 8 + 1);
    }

    #[test]
    fn a_new_file_is_one_hunk_and_a_binary_one_is_none() {
        assert_eq!(diff(b"", b"a\nb").hunks, [Hunk { old: 0..0, new: 1..3, removed: vec![] }]);
        assert_eq!(diff(b"a\n", b"").hunks, [Hunk { old: 1..2, new: 0..0, removed: vec![1] }]);
        assert!(diff(b"a\n", b"a\n").hunks.is_empty() && diff(b"a\0", b"b\0").hunks.is_empty());
    }

    #[test]
    fn likeness_counts_what_both_have() {
        let (one, other) = (numbered(10..20), numbered(10..15) + &numbered(50..55));
        assert!((likeness(one.as_bytes(), other.as_bytes()) - 0.5).abs() < 1e-9);
        assert!((likeness(one.as_bytes(), one.as_bytes()) - 1.0).abs() < 1e-9);
        let windows = one.replace('\n', "\r\n");
        assert!((likeness(windows.as_bytes(), one.as_bytes()) - 1.0).abs() < 1e-9);
        assert!(likeness(b"", b"") < 1e-9 && likeness(b"a", &[b'a'; 200]) < 0.01);
    }
}
