//! Hostile names, labels and descriptions: visible, and harmless wherever a report is read.

use std::path::Path;

use git2::Repository;
use serde_json::Value;

use crate::support::{FOLDER, Run, arg, commit, permdelta, repository, temp};

/// A label no one should write and XML allows: 8-bit controls, bidirectional overrides, line ends, a link, commands of CI systems, and
/// text that other sinks take for markup.
const HOSTILE: &str = "::error::Pwned \u{7f}\u{9b}31m \u{202e}esrever\u{2066} a|b `c` @org/team #1 \
                       [x](http://evil) <img src=x onerror=1> --> =cmd|'/C calc'!A0 %0A%1b \u{feff}\u{200b}\n/approve\r\n\
                       ::add-mask::secret\n##[error]x\n##vso[task.setvariable variable=x]y";
/// As far as a file name can, escape sequences among it; some percent-encoded, as Salesforce's tools do.
const HOSTILE_FILE: &str = "::error::a\u{1b}[2J\u{202e}b%0A::error::c%1b[31m[x](http%3A%2F%2Fevil) <img>%252F%0d";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A set whose texts are hostile; `granted` decides its risky grants.
fn set(text: &str, granted: &str) -> Vec<u8> {
    let text = escaped(text);
    let object = "[x](http://evil) ::error::o";
    format!(
        "<PermissionSet>\n<description>{text} {granted}</description>\n<label>{text}</label>\n\
         <objectPermissions>\n<modifyAllRecords>{granted}</modifyAllRecords>\n<object>{object}</object>\n</objectPermissions>\n\
         <userPermissions><enabled>{granted}</enabled>\n<name>ModifyAllData</name></userPermissions>\n</PermissionSet>\n"
    )
    .into_bytes()
}

/// Two commits that grant what `HOSTILE` texts stand around.
fn history(dir: &Path) -> Repository {
    let repository = repository(dir, true);
    let hostile = format!("{FOLDER}/{HOSTILE_FILE}.permissionset-meta.xml");
    let plain = format!("{FOLDER}/Plain.permissionset-meta.xml");
    let [before, after] = ["false", "true"].map(|granted| set(HOSTILE, granted));
    let base = commit(&repository, None, &[(&hostile, &before), (&plain, &before)]);
    commit(&repository, Some(base), &[(&hostile, &after), (&plain, &after)]);
    repository
}

/// A third commit whose problems quote hostile text: a name, a value, an element, a root, a path.
fn with_problems(repository: &Repository) {
    let bad = [
        ("name", "<userPermissions><enabled>true</enabled><name>HOSTILE</name></userPermissions>".to_owned()),
        ("escape", "<label>\u{1b}]8;;http://evil\u{7}HOSTILE\u{1b}[2J</label>".to_owned()),
        ("value", "<userPermissions><enabled>HOSTILE</enabled><name>A</name></userPermissions>".to_owned()),
        ("element", "<a\u{202e}b\u{9b}><b>HOSTILE</b></a\u{202e}b\u{9b}>".to_owned()),
        ("text", "HOSTILE".to_owned()),
        (HOSTILE_FILE, "&\u{1b}[2Jevil;".to_owned()),
        ("entity", "<label>&HOSTILE;</label>".to_owned()),
    ];
    let files: Vec<(String, Vec<u8>)> = bad
        .into_iter()
        .map(|(name, body)| {
            let body = body.replace("HOSTILE", &escaped(HOSTILE));
            (format!("{FOLDER}/{name}.permissionset-meta.xml"), format!("<PermissionSet>{body}</PermissionSet>").into())
        })
        .collect();
    let head = repository.revparse_single("main").expect("the head").id();
    commit(
        repository,
        Some(head),
        &files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect::<Vec<_>>(),
    );
}

/// Every command that prints metadata, with these arguments besides.
fn runs(dir: &Path, more: &[&str]) -> Vec<(String, Run)> {
    let commands = [
        &["check", "main~2..main~1"][..],
        &["check", "main~1..main~2"],
        &["check", "main~1..main"],
        &["diff", "main~2..main~1"],
        &["diff", "main~1..main"],
        &["audit", "main~1"],
        &["audit", "main"],
    ];
    let run = |command: &[&str]| (command.join(" "), permdelta(dir, &[command, more].concat()));
    commands.into_iter().map(run).collect()
}

/// The history with its problems.
fn hostile() -> tempfile::TempDir {
    let dir = temp();
    with_problems(&history(dir.path()));
    dir
}

fn is_hostile(character: char) -> bool {
    let bidirectional =
        matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (character.is_control() && character != '\n') || bidirectional
}

fn assert_harmless(what: &str, text: &str) {
    for line in text.lines() {
        assert!(!line.contains(is_hostile), "{what}: {line:?}");
        let start = line.trim_start();
        assert!(!start.starts_with("::") && !start.starts_with("/approve"), "{what}: a CI system runs this: {line:?}");
    }
}

#[test]
fn no_control_character_reaches_a_terminal_or_a_log() {
    let dir = hostile();
    for more in [&[][..], &["-v"]] {
        for (what, run) in runs(dir.path(), more) {
            assert!(run.stdout.contains('\u{fffd}'), "{what}: what was taken out stays visible");
            assert_harmless(&format!("{what} {more:?}, stdout"), &run.stdout);
            assert_harmless(&format!("{what} {more:?}, stderr"), &run.stderr);
        }
    }
}

/// With colour the only escape sequences are the program's own.
#[test]
fn only_the_programs_own_colours_are_printed() {
    let dir = hostile();
    for (what, run) in runs(dir.path(), &["-v", "--color", "always"]) {
        let mut pieces = run.stdout.split('\u{1b}');
        let mut plain = pieces.next().expect("a first piece").to_owned();
        for piece in pieces {
            let (numbers, rest) = piece.strip_prefix('[').and_then(|piece| piece.split_once('m')).expect("a colour");
            assert!(numbers.chars().all(|digit| digit.is_ascii_digit() || digit == ';'), "{what}: {piece:?}");
            plain.push_str(rest);
        }
        assert_harmless(&what, &plain);
        assert_eq!(plain, permdelta(dir.path(), &[&what.split(' ').collect::<Vec<_>>()[..], &["-v"]].concat()).stdout);
    }
}

#[test]
fn json_holds_the_text_as_it_is() {
    let dir = hostile();
    for (what, run) in runs(dir.path(), &["--format", "json"]) {
        let json: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{what}: {error}"));
        if what == "diff main~2..main~1" {
            let label = HOSTILE.replace("\r\n", "\n");
            let holders = json["holders"].as_array().expect("holders");
            assert_eq!(holders.len(), 2);
            for holder in holders {
                assert_eq!(holder["label"], label.as_str(), "{what}");
                assert_eq!(holder["properties"][0]["after"], format!("{label} true"), "{what}: the description");
            }
            assert!(holders.iter().any(|holder| holder["path"].as_str().expect("a path").contains(HOSTILE_FILE)));
        }
    }
}

/// What stdout shows is what a file gets: no stream takes characters out of a document.
#[test]
fn documents_are_the_same_on_stdout_and_in_files() {
    let (dir, out) = (hostile(), temp());
    for format in ["json", "sarif"] {
        let file = out.path().join(format);
        let report = format!("{format}={}", arg(&file));
        for command in ["main~2..main~1", "main~1..main"] {
            let run = permdelta(dir.path(), &["check", command, "--format", format, "--report", &report]);
            let written = std::fs::read_to_string(&file).expect("a report file");
            assert!(run.stdout == written, "{format} of {command} differs between stdout and file");
        }
    }
}

/// A message may hold links, as `[text](target)`; a name must not make one.
#[test]
fn sarif_messages_hold_no_link() {
    let dir = hostile();
    for (what, run) in runs(dir.path(), &["--format", "sarif"]) {
        let log: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{what}: {error}"));
        let run = &log["runs"][0];
        let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
        for one in run["results"].as_array().expect("results").iter().chain(notifications) {
            let text = one["message"]["text"].as_str().expect("a message");
            let mut before = ' ';
            for character in text.chars() {
                assert!(!(matches!(character, '[' | ']') && before != '\\'), "{what}: {text:?}");
                // An escaped backslash escapes nothing.
                before = if before == '\\' && character == '\\' { ' ' } else { character };
            }
        }
    }
}
