//! Differential, byte by byte: a damaged file of any kind states what the slow reading finds in it, unless a problem names it.
//!
//! `mutations.rs` damages permission sets by whole words and asks for more: that what can be read is read.

use std::ops::Range;

use crate::generator::Dice;
use crate::holder_files::{HolderFile, Reading, difference, generated_files, readable_below, sample_files};
use crate::mutations::hides_no_grant;
use crate::slow_reading::stated;
use crate::support::{corpora, temp, write};

/// How many damaged files, unless PERMDELTA_DAMAGE asks for more.
const SAMPLE: usize = 2000;
/// Damaged files in one directory.
const BATCH: usize = 2000;
/// Real files over this size are left out: the slow reading is slow.
const LARGEST: usize = 40_000;
/// What a byte is replaced by, besides itself with one bit flipped.
const SIGNS: &[u8] = b"<>/&;=\"'!-[]?:# \t\r\nxX0\0\x01\x7f\xc2\xff";

#[test]
fn a_file_with_damaged_bytes_says_no_other_grants() {
    let mut files = sample_files();
    files.extend(generated_files(200));
    if let Some(corpora) = corpora("damage to real files") {
        files.extend(readable_below(&corpora).into_iter().filter(|file| file.bytes.len() < LARGEST));
    }
    let count = std::env::var("PERMDELTA_DAMAGE").map_or(SAMPLE, |count| count.parse().expect("a number"));
    let mut tally = Tally::default();
    for start in (0..count).step_by(BATCH) {
        compare(&files, start..count.min(start + BATCH), &mut tally);
    }
    println!("{tally:?}");
    let examples: Vec<&str> = tally.wrong.iter().take(3).map(String::as_str).collect();
    assert!(examples.is_empty(), "{} of {count}, the first three:\n{}", tally.wrong.len(), examples.join("\n"));
    assert!(
        tally.same > count / 10 && tally.problems > count / 10,
        "damage is too small or too great to show anything"
    );
}

#[derive(Debug, Default)]
struct Tally {
    /// Both readings find the same.
    same: usize,
    /// Of these, what the file states is not what it stated before it was damaged.
    changed: usize,
    /// A problem names the file.
    problems: usize,
    /// Of these, the slow reading understands the file.
    too_careful: usize,
    /// An XML parser refuses the file, for a reason that hides no grant.
    harmless: usize,
    wrong: Vec<String>,
}

/// One damaged file for each number, all of them in one directory.
fn compare(files: &[HolderFile], numbers: Range<usize>, tally: &mut Tally) {
    let dir = temp();
    let damaged: Vec<(String, &HolderFile, Vec<u8>)> = numbers
        .map(|number| {
            let mut dice = Dice::new(number as u64 + 1);
            let file = &files[dice.throw(files.len())];
            (file.path(number), file, damaged(file.bytes.clone(), &mut dice))
        })
        .collect();
    for (path, _, bytes) in &damaged {
        write(dir.path(), path, bytes);
    }
    let reading = Reading::of(dir.path());
    for (path, file, bytes) in &damaged {
        let slow = stated(path, bytes);
        if reading.problems.contains_key(path) {
            tally.problems += 1;
            tally.too_careful += usize::from(slow.is_ok());
            continue;
        }
        let text = || format!("{path}, once {}:\n{}", file.origin, String::from_utf8_lossy(bytes));
        match slow {
            Err(error) if hides_no_grant(&error) => tally.harmless += 1,
            Err(error) => tally.wrong.push(format!("no problem, but {error}: {}", text())),
            Ok(slow) => match difference(&reading.of_file(path), &slow) {
                Some(difference) => tally.wrong.push(format!("{difference}: {}", text())),
                None => {
                    tally.same += 1;
                    tally.changed += usize::from(slow != file.stated);
                }
            },
        }
    }
}

/// Once or twice some bytes are flipped, replaced, deleted, written twice or moved: anywhere, inside a text, or whole lines.
fn damaged(mut bytes: Vec<u8>, dice: &mut Dice) -> Vec<u8> {
    for _ in 0..1 + dice.throw(4) / 3 {
        let range = match dice.throw(3) {
            0 => anywhere(&bytes, dice),
            1 => inside_a_text(&bytes, dice),
            _ => lines(&bytes, dice),
        };
        match dice.throw(5) {
            0 => bytes[range.start] ^= 1 << dice.throw(8),
            1 => bytes[range.start] = SIGNS[dice.throw(SIGNS.len())],
            2 => drop(bytes.drain(range)),
            3 => {
                let copy = bytes[range.clone()].to_vec();
                bytes.splice(range.start..range.start, copy);
            }
            _ => {
                let moved: Vec<u8> = bytes.drain(range).collect();
                let to = line_start(&bytes, dice.throw(bytes.len() + 1));
                bytes.splice(to..to, moved);
            }
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes
}

fn anywhere(bytes: &[u8], dice: &mut Dice) -> Range<usize> {
    let at = dice.throw(bytes.len());
    let longest = [1, 8, 120][dice.throw(3)];
    at..bytes.len().min(at + 1 + dice.throw(longest))
}

/// A piece of what stands between two tags.
fn inside_a_text(bytes: &[u8], dice: &mut Dice) -> Range<usize> {
    let from = dice.throw(bytes.len());
    let Some(start) = bytes[from..].windows(2).position(|two| two[0] == b'>' && two[1] != b'<') else {
        return anywhere(bytes, dice);
    };
    let start = from + start + 1;
    let length = bytes[start..].iter().position(|byte| *byte == b'<').unwrap_or(1).max(1);
    let at = start + dice.throw(length);
    at..(at + 1 + dice.throw(6)).min(start + length)
}

/// One to six whole lines.
fn lines(bytes: &[u8], dice: &mut Dice) -> Range<usize> {
    let start = line_start(bytes, dice.throw(bytes.len()));
    let ends = bytes[start..].iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| start + at + 1);
    start..ends.take(1 + dice.throw(6)).last().unwrap_or(bytes.len())
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1)
}
