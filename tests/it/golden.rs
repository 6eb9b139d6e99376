//! Golden files: expected output as data below `tests/golden`, accepted with `SNAPSHOTS=overwrite`.

use std::fs;
use std::path::Path;

/// Compares `text` with `tests/golden/<name>`; with `SNAPSHOTS=overwrite` in the environment writes it there instead.
///
/// A difference is a change that users see: look at it with `git diff` before accepting it.
pub(crate) fn assert_golden(name: &str, text: &str) {
    assert_generated(&format!("tests/golden/{name}"), text);
}

/// The same for any file of the project, named from its root.
pub(crate) fn assert_generated(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of golden files");
        fs::write(&path, text).expect("a golden file can be written");
        return;
    }
    let golden = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}; SNAPSHOTS=overwrite"));
    if let Some(difference) = difference(&golden, text) {
        panic!("{name} differs; if it is meant, accept it with SNAPSHOTS=overwrite\n{difference}");
    }
}

/// The first line that differs, with its number; `None` if the texts are equal.
fn difference(golden: &str, text: &str) -> Option<String> {
    if golden == text {
        return None;
    }
    let (mut before, mut after) = (golden.split('\n'), text.split('\n'));
    let mut number = 1;
    loop {
        match (before.next(), after.next()) {
            (Some(one), Some(other)) if one == other => number += 1,
            (one, other) => {
                let shown = |line: Option<&str>| line.map_or("(the end)".to_owned(), |line| format!("{line:?}"));
                return Some(format!("line {number}\n  golden: {}\n  now:    {}", shown(one), shown(other)));
            }
        }
    }
}

#[test]
fn the_first_difference_is_shown() {
    assert_eq!(difference("a\nb\n", "a\nb\n"), None);
    assert_eq!(difference("a\nb\n", "a\nc\n").unwrap(), "line 2\n  golden: \"b\"\n  now:    \"c\"");
    assert_eq!(difference("a", "a\nc").unwrap(), "line 2\n  golden: (the end)\n  now:    \"c\"");
}
