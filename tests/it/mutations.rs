//! Differential: damaged files of every section are either read with the grants of the slow reading, or named as a problem.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::generator::{Dice, sets};
use crate::slow_reading;
use crate::support::{FOLDER, Report, fold, temp, write};

/// What is put into a file at some place.
const TOKENS: [&str; 32] = [
    "<!-- x -->",
    "<!--",
    "-->",
    "<![CDATA[x]]>",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&lt;",
    "&#84;",
    "&#x74;",
    "&bogus;",
    "&",
    "<",
    ">",
    "</",
    "/>",
    "\"",
    "<a>",
    "</a>",
    "<a/>",
    "<?x y?>",
    "<!DOCTYPE x>",
    "\r\n",
    "\n",
    " ",
    "\t",
    "\u{1}",
    "\u{feff}",
    "true",
    "false",
    "True",
    "x",
];

/// Words that are exchanged for one another.
const WORDS: [(&str, &str); 18] = [
    ("true", "TRUE"),
    ("true", " true\n"),
    ("true", "yes"),
    ("true", ""),
    ("<enabled>", "<enabled a=\"b\">"),
    ("<enabled>", "<enabled a='>'>"),
    ("<name>", "<name x=y>"),
    ("<name>", "<name x=\"<\">"),
    ("<name>", "<name a=\"1\" a=\"2\">"),
    ("<name>", "<nam>"),
    ("</name>", "</name\n>"),
    ("</field>", "</ field>"),
    ("<field>", "< field>"),
    ("objectPermissions", "ObjectPermissions"),
    ("userPermissions", "userpermissions"),
    ("PermissionSet", "Permissionset"),
    ("Visible", "visible"),
    ("<readable>", "<hidden>"),
];

#[test]
fn a_damaged_file_is_read_the_same_or_not_at_all() {
    let mut runner = TestRunner::deterministic();
    let count = std::env::var("PERMDELTA_MUTATIONS").map_or(1500, |count| count.parse().expect("a number"));
    let files: Vec<String> = (1..=count).map(|seed| damaged(&mut runner, seed)).collect();
    let (empty, dir) = (temp(), temp());
    let path = |at: usize| format!("{FOLDER}/Set_{at}.permissionset-meta.xml");
    for (at, file) in files.iter().enumerate() {
        write(dir.path(), &path(at), file.as_bytes());
    }
    let report = Report::of_diff(empty.path(), dir.path());
    let problems: BTreeSet<String> = report.problems().into_iter().map(|problem| problem.path).collect();
    let mut read: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in report.rows("gained") {
        read.entry(row.path).or_default().insert(fold(&row.grant));
    }
    let mut wrong = Vec::new();
    let mut readable = 0;
    for (at, file) in files.iter().enumerate() {
        let path = path(at);
        let grants = read.remove(&path).unwrap_or_default();
        match slow_reading::read(file.as_bytes()) {
            Err(error) if hides_no_grant(&error) => {}
            Err(error) if !problems.contains(&path) => wrong.push(format!("no problem, but {error}:\n{file}")),
            Err(_) => {}
            Ok(_) if problems.contains(&path) => wrong.push(format!("a problem, but it can be read:\n{file}")),
            Ok(slow) => {
                readable += 1;
                let slow: BTreeSet<String> = slow.keys().map(|key| fold(key)).collect();
                if slow != grants {
                    let odd: Vec<_> = slow.symmetric_difference(&grants).collect();
                    wrong.push(format!("{odd:?} on one side only:\n{file}"));
                }
            }
        }
    }
    println!("{readable} of {} damaged files could be read", files.len());
    let examples: Vec<&str> = wrong.iter().take(3).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} of {}, the first three:\n{}", wrong.len(), files.len(), examples.join("\n"));
}

/// What no XML parser should accept, yet none reads otherwise: a hyphen too many in a comment, an end of CDATA in text, a
/// less-than sign in an attribute, a control character in a comment. Each is a case among the malformed files.
pub(crate) fn hides_no_grant(error: &str) -> bool {
    let harmless = ["contains '--'", "']]>'", "not '<' at", "non-XML character", "unknown namespace prefix"];
    harmless.iter().any(|part| error.contains(part))
}

/// A generated file with one to three pieces of damage.
fn damaged(runner: &mut TestRunner, seed: u64) -> String {
    let set = sets().new_tree(runner).expect("a permission set").current();
    let mut dice = Dice::new(seed);
    let dress = if dice.throw(2) == 0 { 0 } else { seed };
    let mut file = String::from_utf8(set.file(dress)).expect("a file is UTF-8");
    for _ in 0..=dice.throw(3) {
        damage(&mut file, &mut dice);
    }
    file
}

fn damage(file: &mut String, dice: &mut Dice) {
    let start = place(file, dice);
    let end = place(file, dice).clamp(start, file.len());
    match dice.throw(6) {
        0 => file.insert_str(start, TOKENS[dice.throw(TOKENS.len())]),
        1 => {
            let (word, other) = WORDS[dice.throw(WORDS.len())];
            if let Some(at) = file[start..].find(word) {
                file.replace_range(start + at..start + at + word.len(), other);
            }
        }
        2 => {
            let short = (start..=(start + 12).min(end)).rev().find(|at| file.is_char_boundary(*at)).unwrap_or(start);
            file.replace_range(start..short, "");
        }
        3 => {
            let line = lines(file, start);
            file.replace_range(line, "");
        }
        4 => {
            let line = lines(file, start);
            let copy = file[line].to_owned();
            let at = lines(file, end.min(file.len().saturating_sub(1))).start;
            file.insert_str(at, &copy);
        }
        _ => {
            let token = TOKENS[dice.throw(TOKENS.len())];
            let at = file[start..].find(">").map_or(start, |at| start + at + 1);
            file.insert_str(at, token);
        }
    }
}

/// A random place between two characters, after the XML declaration.
fn place(file: &str, dice: &mut Dice) -> usize {
    let first = file.find("?>").map_or(0, |end| end + 2);
    let at = first + dice.throw(file.len() + 1 - first);
    (0..=at).rev().find(|at| file.is_char_boundary(*at)).unwrap_or(0)
}

/// The line around a place.
fn lines(file: &str, at: usize) -> std::ops::Range<usize> {
    let start = file[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = file[at..].find('\n').map_or(file.len(), |newline| at + newline + 1);
    start..end
}
