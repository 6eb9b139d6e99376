//! On a terminal: colour, a table that fits its width, and no rule id or grant key broken across lines. Needs `script`, which lends one.

#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use unicode_width::UnicodeWidthStr;

use crate::support::{permdelta, scrub, temp};

/// The demo's output on a terminal of that width; `None` without the program `script`.
fn on_a_terminal(columns: usize, args: &str, variables: &[(&str, &str)]) -> Option<String> {
    let (home, dir) = (temp(), temp());
    let program = env!("CARGO_BIN_EXE_permdelta");
    let mut command = Command::new("script");
    scrub(&mut command, home.path());
    command.current_dir(dir.path()).env("TERM", "xterm-256color").envs(variables.iter().copied());
    let line = format!("stty rows 50 cols {columns} && '{program}' demo -q {args}");
    command.args(["-qec", &line, "/dev/null"]).stdin(Stdio::null());
    let Ok(output) = command.output() else {
        println!("terminal: skipped, there is no program `script`");
        return None;
    };
    let text = String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n");
    assert!(text.contains("Contract_Manager"), "{text}");
    Some(text)
}

/// Without the colours.
fn plain(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap_or_default().to_owned();
    first + &pieces.map(|piece| piece.split_once('m').expect("a colour").1).collect::<String>()
}

#[test]
fn colour_follows_the_terminal_and_the_user() {
    for (args, variables, coloured) in [
        ("", &[][..], true),
        ("", &[("NO_COLOR", "1")][..], false),
        ("--color never", &[], false),
        ("--color always", &[("NO_COLOR", "1")], true),
        ("--format json", &[], false),
    ] {
        let Some(text) = on_a_terminal(200, args, variables) else { return };
        assert_eq!(text.contains('\u{1b}'), coloured, "{args:?} {variables:?}");
    }
}

/// Words of the pipe's output that must come out whole: rule ids, grant keys, paths, fingerprints.
fn unbreakable(report: &str) -> Vec<String> {
    let words = report.split_whitespace().filter(|word| word.contains('/') || word.matches('-').count() > 1);
    words.map(|word| word.trim_end_matches(['.', ':', ',', ';']).to_owned()).collect()
}

/// Where there is no room for a key it is left out or stands on its own, but never in two pieces.
fn is_broken(word: &str, text: &str) -> bool {
    let most: String = word.chars().take(word.chars().count() * 3 / 4).collect();
    !text.contains(word) && text.contains(&most)
}

#[test]
fn tables_fit_and_keys_stay_whole() {
    let dir = temp();
    for args in ["", "-v"] {
        let pipe = permdelta(dir.path(), &["demo -q", args].join(" ").split_whitespace().collect::<Vec<_>>()).stdout;
        let words = unbreakable(&pipe);
        assert!(words.len() > 15 && words.iter().any(|word| word == "view-all-data"), "{words:?}");
        for columns in [60, 80, 100, 132, 200] {
            let Some(text) = on_a_terminal(columns, args, &[]) else { return };
            let text = plain(&text);
            for word in &words {
                assert!(!is_broken(word, &text), "{columns} columns {args}: {word} is broken in\n{text}");
            }
            let table = text.lines().take_while(|line| !line.is_empty());
            let prose =
                |line: &&str| ["  Why: ", "  Fix: ", "  Permission set "].iter().any(|start| line.starts_with(start));
            for line in table.chain(text.lines().filter(prose)) {
                assert!(line.width() <= columns, "{columns} columns {args}: {line:?}");
            }
        }
    }
}

/// The width takes words away from the table, never findings, places or the verdict.
#[test]
fn a_narrow_terminal_shows_every_finding() {
    let Some(text) = on_a_terminal(60, "", &[]) else { return };
    let text = plain(&text);
    for word in
        ["Data_Migration.permissionset-meta.xml:10", "Contract_Manager.permissionset-meta.xml:48", "FAIL", "2 critical"]
    {
        assert!(text.contains(word), "{word} is not in\n{text}");
    }
}
