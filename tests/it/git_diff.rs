//! The lines that `git diff` shows, read from what the git command prints: the second opinion about hunks.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::support::{scrub, temp};

/// A line that a review can comment on: path, side, number.
pub(crate) type Line = (String, &'static str, u64);

/// The lines of `git diff -U3 range`: added ones and those around them on the right, removed ones on the left. `None`
/// without the git command.
pub(crate) fn lines_shown(dir: &Path, range: &str) -> Option<BTreeSet<Line>> {
    let home = temp();
    let mut git = Command::new("git");
    git.current_dir(dir).args(["-c", "core.quotePath=false", "diff", "-U3", "--no-color", "--no-ext-diff", range]);
    scrub(&mut git, home.path());
    let Ok(output) = git.env("GIT_CONFIG_NOSYSTEM", "1").output() else {
        println!("git diff: skipped, there is no git command");
        return None;
    };
    assert!(output.status.success(), "{range}: {}", String::from_utf8_lossy(&output.stderr));
    Some(parsed(&String::from_utf8_lossy(&output.stdout)))
}

/// A path behind `--- a/` or `+++ b/`; git ends one with spaces by a tab.
fn path(line: &str) -> Option<String> {
    let name = line.get(4..)?.trim_end_matches('\t');
    assert!(!name.starts_with('"'), "a name that git quotes: {name}");
    (name != "/dev/null").then(|| name[2..].to_owned())
}

/// `-12,3` as start and length.
fn range(text: &str) -> (u64, u64) {
    let mut numbers = text[1..].split(',').map(|number| number.parse().expect("a number"));
    (numbers.next().expect("a start"), numbers.next().unwrap_or(1))
}

fn parsed(diff: &str) -> BTreeSet<Line> {
    let mut shown = BTreeSet::new();
    let (mut file, mut before) = (String::new(), None);
    let mut lines = diff.split('\n');
    while let Some(line) = lines.next() {
        if line.starts_with("--- ") {
            before = path(line);
        } else if line.starts_with("+++ ") {
            file = path(line).or_else(|| before.take()).expect("one of both sides has a file");
        } else if let Some(hunk) = line.strip_prefix("@@ ") {
            let mut ranges = hunk.split(' ');
            let (mut old, old_lines) = range(ranges.next().expect("the range before"));
            let (mut new, new_lines) = range(ranges.next().expect("the range after"));
            let (old_end, new_end) = (old + old_lines, new + new_lines);
            while old < old_end || new < new_end {
                match lines.next().expect("the lines of a hunk").chars().next() {
                    Some('-') => {
                        shown.insert((file.clone(), "LEFT", old));
                        old += 1;
                    }
                    Some('\\') => {}
                    sign => {
                        shown.insert((file.clone(), "RIGHT", new));
                        new += 1;
                        old += u64::from(sign != Some('+'));
                    }
                }
            }
        }
    }
    shown
}

#[test]
fn a_diff_is_read_line_by_line() {
    let diff = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -2,3 +2,3 @@ f\n a\n--- b\n+++ c\n d\n\\ No newline at end of file\n\
                diff --git a/y z b/y z\ndeleted file mode 100644\n--- a/y z\t\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n";
    let line = |path: &str, side, number| (path.to_owned(), side, number);
    let expected = [
        line("x", "LEFT", 3),
        line("x", "RIGHT", 2),
        line("x", "RIGHT", 3),
        line("x", "RIGHT", 4),
        line("y z", "LEFT", 1),
    ];
    assert_eq!(parsed(diff), BTreeSet::from(expected));
}
