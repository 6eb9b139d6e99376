//! On a terminal: colour, a table that fits its width, no rule id or grant key broken across lines, and a word where it takes long.
//! Needs `script`, which lends one.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use unicode_width::UnicodeWidthStr;

use crate::support::{directory, permdelta, scrub, temp, write};

const PROGRAM: &str = env!("CARGO_BIN_EXE_permdelta");

/// What a terminal of that width shows of a shell's line, run in `dir`; `None` without the program `script`.
fn terminal(dir: &Path, columns: usize, line: &str, variables: &[(&str, &str)]) -> Option<String> {
    let home = temp();
    let mut command = Command::new("script");
    scrub(&mut command, home.path());
    command.current_dir(dir).env("TERM", "xterm-256color").envs(variables.iter().copied());
    let line = format!("stty rows 50 cols {columns} && {line}");
    command.args(["-qec", &line, "/dev/null"]).stdin(Stdio::null());
    let Ok(output) = command.output() else {
        println!("terminal: skipped, there is no program `script`");
        return None;
    };
    Some(String::from_utf8(output.stdout).expect("UTF-8").replace("\r\n", "\n"))
}

/// The demo's output on a terminal of that width.
fn on_a_terminal(columns: usize, args: &str, variables: &[(&str, &str)]) -> Option<String> {
    let text = terminal(temp().path(), columns, &format!("'{PROGRAM}' demo -q {args}"), variables)?;
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
        ("", &[("CLICOLOR", "0")], false),
        ("", &[("CLICOLOR", "0"), ("CLICOLOR_FORCE", "1")], true),
        ("", &[("TERM", "dumb")], false),
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

/// Where there is no room for names they are counted: as many as a wider table names.
#[test]
fn a_narrow_table_counts_what_a_wide_one_names() {
    let table = |columns: usize| -> Option<Vec<String>> {
        let text = plain(&on_a_terminal(columns, "", &[])?);
        let table: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
        Some(table.join(" ").split_whitespace().map(str::to_owned).collect())
    };
    let (Some(narrow), Some(wide)) = (table(80), table(140)) else { return };
    for severity in ["critical", "high", "medium", "low"] {
        let pairs = narrow.windows(2).filter(|pair| pair[1] == severity);
        let counted: usize = pairs.map(|pair| pair[0].parse::<usize>().expect("a number")).sum();
        assert_eq!(counted, wide.iter().filter(|word| *word == severity).count(), "{severity}");
    }
    assert!(wide.iter().any(|word| word == "critical"));
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

/// What is gained and lost stands below the change before names are cut to pieces.
#[test]
fn names_keep_their_room_on_a_narrow_terminal() {
    for (columns, whole) in [(40, "Contract_Man"), (48, "Contract_Manager"), (56, "Contract_Desk_Muting")] {
        let Some(text) = on_a_terminal(columns, "", &[]) else { return };
        let text = plain(&text);
        let table: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).collect();
        assert!(table.iter().all(|line| line.width() <= columns), "{columns} columns:\n{text}");
        assert!(table[0].split_whitespace().eq(["Holder", "Change", "At", "risk"]), "{columns} columns:\n{text}");
        assert!(table.iter().any(|line| line.trim_start().starts_with(whole)), "{columns} columns:\n{text}");
        assert!(table.iter().any(|line| line.ends_with("+3 -1")), "{columns} columns:\n{text}");
    }
}

/// In a pipe nothing is coloured, unless it is asked for; NO_COLOR is stronger than CLICOLOR_FORCE, and `--color` than both.
#[test]
fn a_pipe_has_colour_only_where_it_is_forced() {
    let (home, dir) = (temp(), temp());
    for (args, variables, coloured) in [
        (&["demo"][..], &[][..], false),
        (&["demo"], &[("CLICOLOR_FORCE", "1")], true),
        (&["demo"], &[("CLICOLOR", "1")], false),
        (&["demo"], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
        (&["demo", "--color", "never"], &[("CLICOLOR_FORCE", "1")], false),
        (&["demo", "--color", "always"], &[("NO_COLOR", "1")], true),
        (&["demo", "--format", "json"], &[("CLICOLOR_FORCE", "1")], false),
        (&["demo", "--format", "sarif", "--color", "always"], &[], false),
    ] {
        let mut command = Command::new(PROGRAM);
        scrub(&mut command, home.path());
        let output = command.current_dir(dir.path()).args(args).envs(variables.iter().copied()).output();
        let text = String::from_utf8(output.expect("it starts").stdout).expect("UTF-8");
        assert_eq!(text.contains('\u{1b}'), coloured, "{args:?} {variables:?}");
        let bare = permdelta(dir.path(), args).stdout;
        assert_eq!(plain(&text), plain(&bare), "{args:?} {variables:?}: nothing else depends on it");
    }
}

/// Characters of two cells, of none, and of several code points.
const WIDE: [&str; 4] = ["\u{55b6}\u{696d}\u{90e8}", "Cafe\u{301} cre\u{300}me", "Team \u{1f680}", "\u{ff21}\u{ff22}"];

#[test]
fn wide_characters_keep_the_columns() {
    let dir = temp();
    for (number, name) in WIDE.iter().enumerate() {
        let set = format!(
            "<PermissionSet><label>{name}</label><objectPermissions><object>A__c</object>\
             <modifyAllRecords>true</modifyAllRecords></objectPermissions></PermissionSet>"
        );
        write(dir.path(), &format!("new/permissionsets/S{number}.permissionset"), set.as_bytes());
        let profile = "<Profile><custom>true</custom><userPermissions><enabled>true</enabled>\
                       <name>ViewAllData</name></userPermissions></Profile>";
        write(dir.path(), &format!("new/profiles/{name}.profile"), profile.as_bytes());
    }
    write(dir.path(), "old/none.txt", b"");
    let check = "check --from old --to new -q";
    let pipe = permdelta(dir.path(), &check.split(' ').collect::<Vec<_>>()).stdout;
    let mut tables = vec![("a pipe".to_owned(), pipe)];
    for columns in [60, 80, 140] {
        let Some(text) = terminal(dir.path(), columns, &format!("'{PROGRAM}' {check}"), &[]) else { return };
        let text = plain(&text);
        let table = text.lines().take_while(|line| !line.is_empty());
        assert!(table.map(UnicodeWidthStr::width).max() <= Some(columns), "{columns} columns:\n{text}");
        tables.push((format!("{columns} columns"), text));
    }
    for (place, text) in tables {
        let (header, rows) = text.split_once('\n').expect("a header");
        let column = header.find(" Change").expect("a column");
        let rows: Vec<&str> = rows.lines().take_while(|line| !line.is_empty()).collect();
        for row in rows.iter().filter(|row| row.contains(" new ")) {
            let before = &row[..row.find(" new ").expect("it is new")];
            assert_eq!(before.width(), column, "{place}: {row}\n{text}");
        }
        for name in WIDE {
            assert_eq!(rows.iter().filter(|row| row.contains(name)).count(), 2, "{place}: {name}\n{text}");
        }
    }
}

/// So much to read that it takes the debug build longer than the half second it may stay silent.
fn large(dir: &Path) {
    let block = |number: usize| {
        format!(
            "    <fieldPermissions>\n        <editable>true</editable>\n        <field>A{}__c.F{number}__c</field>\n        \
             <readable>true</readable>\n    </fieldPermissions>\n",
            number / 200
        )
    };
    let set = format!("<PermissionSet>\n{}</PermissionSet>\n", (0..1500).map(block).collect::<String>());
    for number in 0..120 {
        write(dir, &format!("permissionsets/S{number}.permissionset"), set.as_bytes());
    }
}

#[test]
fn long_work_says_how_far_it_is() {
    let dir = directory(&[]);
    large(dir.path());
    let audit = format!("'{PROGRAM}' audit . >report.txt");
    let start = Instant::now();
    let Some(text) = terminal(dir.path(), 100, &audit, &[]) else { return };
    let took = start.elapsed();
    if took < Duration::from_millis(1000) {
        println!("long_work_says_how_far_it_is: skipped, it took {took:?}");
        return;
    }
    let lines: Vec<&str> = text.lines().collect();
    let [chosen, line] = lines[..] else { panic!("one remark, and one line that is overwritten: {text:?}") };
    assert_eq!(chosen, "auditing .");
    let shown: Vec<String> = line.split('\r').map(|text| plain(text).trim_end().to_owned()).collect();
    let mut shown: Vec<&str> = shown.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    assert!(line.ends_with(" \r") && line.contains("\u{1b}[2m"), "it is removed at the end: {line:?}");
    shown.dedup();
    assert!(!shown.is_empty(), "{line:?}");
    for text in shown {
        let counted = text.starts_with("reading: ") && text.ends_with(" MB") && text.contains(" of 120 files, ");
        assert!(counted || text == "judging", "{text:?} in {line:?}");
    }
    for (audit, variables) in [
        (format!("'{PROGRAM}' audit . -q >report.txt"), &[][..]),
        (format!("'{PROGRAM}' audit . >report.txt 2>remarks.txt"), &[]),
        (format!("{audit} || :"), &[("TERM", "dumb")]),
    ] {
        let text = terminal(dir.path(), 100, &audit, variables).expect("a terminal");
        assert!(
            !text.contains("reading: ") && !text.contains("judging") && !text.contains('\u{1b}'),
            "{audit}: {text:?}"
        );
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("remarks.txt")).expect("remarks"), "auditing .\n");
    let plain = terminal(dir.path(), 100, &audit, &[("NO_COLOR", "1")]).expect("a terminal");
    assert!(plain.contains("judging") && !plain.contains('\u{1b}'), "a line, and no style: {plain:?}");
}
