//! A file that was cut off is a problem, or states what the whole file states: never fewer grants without a word.

use crate::holder_files::{HolderFile, Reading, difference, generated_files, readable_below, sample_files};
use crate::support::{corpora, temp, write};

/// A file is cut at every so many bytes.
const STEP: usize = 97;
/// At most so many cuts of one file are tried, unless PERMDELTA_TRUNCATIONS=all asks for every one.
const SAMPLE: usize = 12;
/// So many bytes go into one directory.
const BATCH: usize = 64 << 20;

/// One file, cut.
struct Cut<'f> {
    file: &'f HolderFile,
    length: usize,
}

#[test]
fn a_file_that_is_cut_off_is_a_problem_or_says_the_same() {
    let mut files = sample_files();
    files.extend(generated_files(40));
    if let Some(corpora) = corpora("truncation of real files") {
        files.extend(readable_below(&corpora));
    }
    let all = std::env::var("PERMDELTA_TRUNCATIONS").is_ok_and(|count| count == "all");
    let mut cuts: Vec<Cut> = files.iter().flat_map(|file| cuts(file, if all { usize::MAX } else { SAMPLE })).collect();
    let (total, mut named, mut wrong) = (cuts.len(), 0, Vec::new());
    while !cuts.is_empty() {
        let mut bytes = 0;
        let mut fits = |cut: &Cut| {
            bytes += cut.length;
            bytes < BATCH
        };
        let count = cuts.iter().take_while(|cut| fits(cut)).count().max(1);
        let (problems, mistakes) = read(&cuts.drain(..count).collect::<Vec<_>>());
        named += problems;
        wrong.extend(mistakes);
    }
    println!("{} files cut at {total} places, {named} of them problems", files.len());
    assert!(wrong.is_empty(), "{} of {total}, the first: {}", wrong.len(), wrong[0]);
    assert!(named > total / 2 && total > 10 * files.len() / 2, "what was cut off is missed");
}

/// Cuts of one file, evenly spread, the last possible one among them.
fn cuts(file: &HolderFile, most: usize) -> Vec<Cut<'_>> {
    let places: Vec<usize> = (STEP..file.bytes.len()).step_by(STEP).collect();
    let stride = places.len().div_ceil(most).max(1);
    places.into_iter().rev().step_by(stride).map(|length| Cut { file, length }).collect()
}

/// How many of these are problems, and what is wrong with the others.
fn read(cuts: &[Cut]) -> (usize, Vec<String>) {
    let dir = temp();
    for (number, cut) in cuts.iter().enumerate() {
        write(dir.path(), &cut.file.path(number), &cut.file.bytes[..cut.length]);
    }
    let reading = Reading::of(dir.path());
    let (mut problems, mut wrong) = (0, Vec::new());
    for (number, Cut { file, length }) in cuts.iter().enumerate() {
        let path = file.path(number);
        if reading.problems.contains_key(&path) {
            problems += 1;
        } else if let Some(difference) = difference(&reading.of_file(&path), &file.stated) {
            wrong.push(format!("{} cut at byte {length}: no problem, but {difference}", file.origin));
        }
    }
    (problems, wrong)
}
