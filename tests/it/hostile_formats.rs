//! The hostile fixture through every format: what each sink would act on must not be there.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::annotations::{Command, assert_limits, commands};
use crate::bitbucket::annotations;
use crate::codequality::entries;
use crate::gfm::{Piece, html, pieces, tables};
use crate::hostile::without_our_link;
use crate::hostile_sample::{HOSTILE, HOSTILE_BRANCH, HOSTILE_FILE, HOSTILE_NAME, hostile, runs};
use crate::support::{permdelta, temp};

/// One format and what must hold of its output. A line here puts a new format to the test.
struct Format {
    name: &'static str,
    assert: fn(&str, &str),
}

const FORMATS: [Format; 8] = [
    Format { name: "table", assert: table },
    Format { name: "json", assert: json },
    Format { name: "sarif", assert: sarif },
    Format { name: "markdown", assert: markdown },
    Format { name: "github", assert: github },
    Format { name: "gitlab", assert: gitlab },
    Format { name: "bitbucket", assert: bitbucket },
    Format { name: "github-review", assert: review },
];

/// Controls, and what changes how other characters are shown.
fn is_hidden(character: char) -> bool {
    let shown_otherwise = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    );
    (character.is_control() && character != '\n') || shown_otherwise
}

/// What a CI system's log or GitLab takes for a command, wherever output is printed.
fn assert_no_command(what: &str, text: &str) {
    for line in text.lines() {
        let start = line.trim_start();
        assert!(!start.starts_with("::"), "{what}: a workflow command: {line:?}");
        assert!(!start.starts_with('/'), "{what}: a quick action: {line:?}");
        assert!(!line.contains("##vso[") && !line.contains("##["), "{what}: a logging command: {line:?}");
    }
}

fn table(what: &str, text: &str) {
    assert!(!text.contains(is_hidden), "{what}: {text:?}");
    assert!(text.contains('\u{fffd}'), "{what}: what was taken out stays visible");
    assert_no_command(what, text);
}

fn json(what: &str, text: &str) {
    assert_no_command(what, text);
    let json: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(json["schema_version"] == 1, "{what}");
    assert!(
        !text.contains(|character: char| character.is_control() && character != '\n' && character < '\u{7f}'),
        "{what}"
    );
}

/// Addresses are addresses, and messages hold no link.
fn sarif(what: &str, text: &str) {
    assert_no_command(what, text);
    let log: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}"));
    let run = &log["runs"][0];
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().expect("notifications");
    for one in run["results"].as_array().expect("results").iter().chain(notifications) {
        let message = without_our_link(one);
        let mut before = ' ';
        for character in message.chars() {
            assert!(!(matches!(character, '[' | ']') && before != '\\'), "{what}: a link in {message:?}");
            // An escaped backslash escapes nothing.
            before = if before == '\\' && character == '\\' { ' ' } else { character };
        }
        let places = ["locations", "relatedLocations"].map(|key| one[key].as_array().into_iter().flatten());
        for location in places.into_iter().flatten() {
            let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("an address");
            let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "-._~%!$&'()*+,;=@/".contains(letter);
            assert!(uri.chars().all(is_allowed), "{what}: {uri:?}");
        }
    }
}

/// Tags that the comment itself has.
const TAGS: [&str; 22] = [
    "h2", "h3", "h4", "p", "strong", "em", "code", "pre", "br", "wbr", "ul", "li", "table", "thead", "tbody", "tr",
    "th", "td", "details", "summary", "sub", "tr",
];

fn markdown(what: &str, text: &str) {
    assert!(text.starts_with("<!-- permdelta -->\n"), "{what}");
    assert!(!text.contains(|character: char| is_hidden(character) && character != '\u{200b}'), "{what}: {text:?}");
    assert!(text.len() <= 60_000, "{what}: {} bytes", text.len());
    assert_no_command(what, text);
    for table in tables(text) {
        assert!(table.iter().all(|row| row.len() == table[0].len()), "{what}: {table:#?}");
    }
    let mut comments = 0;
    for piece in pieces(&html(text)) {
        match piece {
            Piece::Comment(comment) => {
                comments += 1;
                assert_eq!(comment, " permdelta ", "{what}");
            }
            Piece::Tag { name, rest } => {
                let known = TAGS.contains(&name.trim_start_matches('/').trim_end_matches('/'));
                assert!(known && (rest.is_empty() || rest == "class=\"language-sh\""), "{what}: <{name} {rest}>");
            }
            Piece::Text { text, in_code } => assert_refers_to_nothing(what, &text, in_code),
        }
    }
    assert_eq!(comments, 1, "{what}: the marker, and no other comment");
}

/// What the platforms look for in finished text: everywhere a mention, outside of code references and addresses, too.
fn assert_refers_to_nothing(what: &str, text: &str, in_code: bool) {
    let characters: Vec<char> = text.chars().collect();
    for (at, character) in characters.iter().enumerate() {
        let next = characters.get(at + 1).copied().unwrap_or(' ');
        let found = match character {
            '@' => next.is_alphanumeric(),
            '#' | '!' | '$' | '~' | '%' | '^' | '&' => next.is_alphanumeric() && !in_code,
            ':' => next == '/' && !in_code,
            _ => false,
        };
        assert!(!found, "{what}: {character}{next} in {text:?}");
    }
    if !in_code {
        let small = text.to_lowercase();
        for address in ["://", "www.", "gh-7", ":smile:", "[^1]"] {
            assert!(!small.contains(address), "{what}: {address} in {text:?}");
        }
        let digits = |word: &str| word.len() >= 7 && word.chars().all(|digit| digit.is_ascii_hexdigit());
        let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
        assert!(!words.any(digits), "{what}: a commit in {text:?}");
    }
}

/// Every command is one of ours, and nothing else is a command.
fn github(what: &str, text: &str) {
    assert!(!text.contains(is_hidden), "{what}: {text:?}");
    let all: Vec<Command> = commands(text);
    assert_limits(what, &all);
    let rest: String = text.lines().filter(|line| !line.starts_with("::")).map(|line| format!("{line}\n")).collect();
    assert_no_command(what, &rest);
    assert!(!text.contains("##[") && !text.contains("##vso["), "{what}: a logging command");
    for command in all {
        let allowed = ["file", "line", "col", "endColumn", "title"];
        assert!(command.properties.iter().all(|(name, _)| allowed.contains(&name.as_str())), "{what}: {command:?}");
        assert!(!command.message.contains('\r'), "{what}: {command:?}");
    }
}

/// Texts for widgets are one line of visible characters; paths are as they are, or the platform would not find the file.
fn assert_plain(what: &str, entry: &Value, texts: &[&str]) {
    for key in texts {
        let Some(text) = entry[key].as_str() else { continue };
        assert!(!text.contains(|character: char| is_hidden(character) || character == '\n'), "{what}: {key} {text:?}");
    }
}

fn gitlab(what: &str, text: &str) {
    assert_no_command(what, text);
    let report: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}"));
    for entry in entries(what, &report) {
        assert_plain(what, &entry, &["check_name", "description", "fingerprint"]);
    }
}

fn bitbucket(what: &str, text: &str) {
    assert_no_command(what, text);
    let document: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_plain(what, &document["report"], &["title", "details", "reporter"]);
    for annotation in annotations(what, &document) {
        assert_plain(what, &annotation, &["summary", "details", "external_id"]);
    }
}

/// What GitHub makes of each text.
fn review(what: &str, text: &str) {
    assert_no_command(what, text);
    let document: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}"));
    let body = document["body"].as_str().and_then(|body| body.strip_prefix("<!-- permdelta review -->\n"));
    let comments = document["comments"].as_array().expect("comments").iter().map(|comment| comment["body"].as_str());
    for body in [body].into_iter().chain(comments).map(|body| body.expect("a text")) {
        assert!(!body.contains(|character: char| is_hidden(character) && character != '\u{200b}'), "{what}: {body:?}");
        for piece in pieces(&html(body)) {
            match piece {
                Piece::Comment(comment) => panic!("{what}: a comment: {comment}"),
                Piece::Tag { name, rest } => {
                    let known = ["p", "strong", "code", "pre", "sub", "ul", "li", "br", "hr"];
                    let known = known.contains(&name.trim_matches('/'));
                    let plain = rest.is_empty() || rest == "class=\"language-suggestion\"";
                    assert!(known && plain, "{what}: <{name} {rest}>");
                }
                Piece::Text { text, in_code } => assert_refers_to_nothing(what, &text, in_code),
            }
        }
    }
}

#[test]
fn no_format_lets_hostile_text_act() {
    let dir = hostile();
    for Format { name, assert } in FORMATS {
        for (what, run) in runs(dir.path(), &["--format", name]) {
            assert!(run.status < 3, "{what} --format {name}: {}", run.stderr);
            assert(&format!("{what} --format {name}"), &run.stdout);
        }
    }
}

/// The fixture reaches what it is for: all of it stands in what is reported.
#[test]
fn the_fixture_is_in_every_report() {
    let dir = hostile();
    let run = |command: &[&str]| {
        let run = permdelta(dir.path(), &[command, &["--format", "json"]].concat());
        serde_json::from_str::<Value>(&run.stdout).expect("JSON")
    };
    let check = run(&["check", "main~2..main~1"]);
    let waived: Vec<&Value> =
        check["findings"].as_array().expect("findings").iter().filter(|finding| !finding["waiver"].is_null()).collect();
    let label = HOSTILE.replace("\r\n", "\n");
    assert!(waived.iter().any(|finding| finding["waiver"]["reason"] == HOSTILE), "a waiver's words");
    let text = check.to_string();
    for part in [&label, HOSTILE_NAME, HOSTILE_FILE] {
        assert!(text.contains(Value::from(part).to_string().trim_matches('"')), "{part}");
    }
    let rules: BTreeSet<&str> =
        check["findings"].as_array().expect("findings").iter().filter_map(|finding| finding["rule"].as_str()).collect();
    for rule in
        ["own-rule", "modify-all-records", "view-all-records", "unknown-access-added", "privileged-access-always-on"]
    {
        assert!(rules.contains(rule), "{rule} is not in {rules:?}");
    }
    assert_eq!(run(&["check", &format!("main~2..{HOSTILE_BRANCH}")])["head"]["name"], HOSTILE_BRANCH);
    assert!(run(&["audit", "main"])["problems"].as_array().expect("problems").len() >= 6);
}

/// Every format that the program knows is put to the test.
#[test]
fn no_format_is_left_out() {
    let dir = temp();
    let refused = permdelta(dir.path(), &["check", "--format", "no-such-format"]);
    let known = refused.stderr.split_once("[possible values: ").expect("a list of formats").1;
    let known: BTreeSet<&str> = known.split_once(']').expect("its end").0.split(", ").collect();
    assert_eq!(known, FORMATS.iter().map(|format| format.name).collect::<BTreeSet<_>>());
}
