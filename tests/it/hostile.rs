//! Hostile names, labels and descriptions: visible, and harmless wherever a report is read.

use serde_json::Value;

use crate::hostile_sample::{HOSTILE, HOSTILE_FILE, hostile, policy_files, runs};
use crate::support::{Report, arg, directory, permdelta, temp, text};

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
            assert_eq!(holders.len(), 3);
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
    for format in ["json", "sarif", "markdown", "github", "gitlab", "bitbucket", "github-review"] {
        let file = out.path().join(format);
        let report = format!("{format}={}", arg(&file));
        for command in ["main~2..main~1", "main~1..main"] {
            let run = permdelta(dir.path(), &["check", command, "--format", format, "--report", &report]);
            let written = std::fs::read_to_string(&file).expect("a report file");
            assert!(run.stdout == written, "{format} of {command} differs between stdout and file");
        }
    }
}

/// The message of a result without the link to the place beside it.
pub(crate) fn without_our_link(result: &Value) -> String {
    let line = &result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"];
    let ours = format!(" The group takes the member in on [line {line} of its own file](1).");
    result["message"]["text"].as_str().expect("a message").replacen(&ours, "", 1)
}

/// A message may hold links, as `[text](target)`; a name must not make one, and ours are to places beside the finding.
#[test]
fn sarif_messages_hold_no_link() {
    let dir = hostile();
    for (what, run) in runs(dir.path(), &["--format", "sarif"]) {
        let log: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{what}: {error}"));
        let run = &log["runs"][0];
        let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
        for one in run["results"].as_array().expect("results").iter().chain(notifications) {
            let text = without_our_link(one);
            let mut before = ' ';
            for character in text.chars() {
                assert!(!(matches!(character, '[' | ']') && before != '\\'), "{what}: {text:?}");
                // An escaped backslash escapes nothing.
                before = if before == '\\' && character == '\\' { ' ' } else { character };
            }
        }
    }
}

/// A repository's own rules come with its pull requests, too.
#[test]
fn the_words_of_own_rules_are_harmless() {
    let dir = directory(&policy_files().each_ref().map(|(path, text)| (*path, text.as_bytes())));
    for args in [&["rules"][..], &["explain", "own-rule"]] {
        let run = permdelta(dir.path(), args);
        assert!(run.status == 0 && run.stdout.contains('\u{fffd}'), "{args:?}: {}{}", run.stdout, run.stderr);
        assert_harmless(&format!("{args:?}"), &run.stdout);
    }
    let dir = hostile();
    let findings = Report::of(dir.path(), &["check", "main~2..main~1"]).json["findings"].clone();
    for finding in findings.as_array().expect("findings") {
        let run = permdelta(dir.path(), &["explain", &text(finding, "fingerprint"), "main~2..main~1"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert_harmless(&text(finding, "rule"), &run.stdout);
    }
}
