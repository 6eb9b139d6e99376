//! Mistakes in a rule file are found when it is loaded: with the file, the line, and what would be right.

use permdelta::error::Error;
use permdelta::policy::Rule;

const PATH: &str = "rules/data/my-rule.toml";
const RIGHT: &str = r#"id = "my-rule"
title = "A title"
severity = "high"
scope = "holder"
why = "A reason."
fix = "A remedy."
references = ["A document"]
tags = ["NIST-AC-6"]
message = "{holder} holds {grant}"

[match]
on = "declared"
holder = ["permissionSet"]
grant = ["objectPermissions/*/modifyAllRecords"]
gate = "always-on"

[[example]]
title = "one that fires"
after = "<label>A</label>"
fires = []
"#;

/// The right rule with one mistake: what is written instead of what, the line it is on, and the words that help.
struct Mistake {
    right: &'static str,
    wrong: &'static str,
    line: u32,
    help: &'static [&'static str],
}

const fn mistake(right: &'static str, wrong: &'static str, line: u32, help: &'static [&'static str]) -> Mistake {
    Mistake { right, wrong, line, help }
}

const MISTAKES: [Mistake; 35] = [
    // Unknown keys.
    mistake("severity =", "severty =", 3, &["severty", "severity"]),
    mistake("gate =", "gates =", 15, &["gates", "gate"]),
    mistake("fires =", "fire =", 20, &["fire", "fires"]),
    mistake("[match]", "[matches]", 11, &["matches", "match"]),
    // Missing keys.
    mistake("title = \"A title\"\n", "", 1, &["title"]),
    mistake("on = \"declared\"\n", "", 11, &["on"]),
    mistake("fires = []\n", "", 17, &["fires"]),
    // The id.
    mistake("\"my-rule\"", "\"my-role\"", 1, &["my-role", "my-rule"]),
    mistake("\"my-rule\"", "\"\"", 1, &["my-rule"]),
    // Words outside their list.
    mistake("\"high\"", "\"hihg\"", 3, &["hihg", "high"]),
    mistake("\"high\"", "\"High\"", 3, &["High", "high"]),
    mistake("\"holder\"", "\"holders\"", 4, &["holders", "holder"]),
    mistake("\"declared\"", "\"declare\"", 12, &["declare", "declared"]),
    mistake("\"permissionSet\"", "\"permissionset\"", 13, &["permissionset", "permissionSet"]),
    mistake("\"permissionSet\"", "\"mutingPermissionSet\"", 13, &["mutingPermissionSet", "permissionSet"]),
    mistake("\"always-on\"", "\"always_on\"", 15, &["always_on", "always-on"]),
    // Placeholders.
    mistake("{grant}", "{grants}", 9, &["{grants}", "did you mean `grant`?", "{names}"]),
    mistake("{grant}", "{whatever}", 9, &["{whatever}", "{grant}"]),
    mistake("{grant}", "{grant", 9, &["`{`", "`}`"]),
    // Grants.
    mistake("objectPermissions/", "objectPermission/", 14, &["objectPermission", "did you mean `objectPermissions`?"]),
    mistake("modifyAllRecords", "modifyAllRecord", 14, &["modifyAllRecord", "did you mean `modifyAllRecords`?"]),
    mistake("objectPermissions/*/modifyAllRecords", "objectPermissions/*", 14, &["right", "allowRead"]),
    mistake("objectPermissions/*/modifyAllRecords", "userPermissions", 14, &["name", "userPermissions/"]),
    mistake("/*/", "/{a/", 14, &["{a"]),
    mistake("/*/", "/[a/", 14, &["[a"]),
    // Selectors.
    mistake("gate = \"always-on\"", "change = [\"gate-removed\"]", 11, &["`grant`", "`change`", "exactly one"]),
    mistake("gate = \"always-on\"", "related = \"missing-set\"", 11, &["`grant`", "`related`", "exactly one"]),
    mistake("gate = \"always-on\"", "related = \"missing-sett\"", 15, &["missing-sett", "did you mean `missing-set`?"]),
    mistake("gate = \"always-on\"", "audience = [\"guests\"]", 15, &["guests", "guest"]),
    mistake("gate = \"always-on\"", "unmodelled = true", 11, &["`grant`", "`unmodelled`", "exactly one"]),
    mistake("grant = [\"objectPermissions/*/modifyAllRecords\"]\n", "", 11, &["`grant`", "exactly one"]),
    // Lints.
    mistake("gate = \"always-on\"", "lint = \"duplicate\"", 11, &["`grant`", "`lint`", "exactly one"]),
    mistake("gate = \"always-on\"", "lint = \"duplicates\"", 15, &["duplicates", "duplicate"]),
    mistake("grant = [\"objectPermissions/*/modifyAllRecords\"]", "lint = \"duplicate\"", 11, &["`holder`", "leave"]),
    mistake("{grant}", "{detail}", 9, &["`{detail}`", "`lint`"]),
];

/// The error of a rule file, as path, line, message and hint.
fn error(text: &str) -> (String, u32, String, String) {
    match Rule::load(PATH, text) {
        Err(Error::Policy { path, line, message, hint }) => (path, line, message, hint),
        Err(other) => panic!("no policy error: {other}"),
        Ok(_) => panic!("it loads:\n{text}"),
    }
}

#[test]
fn the_rule_without_a_mistake_loads() {
    let rule = Rule::load(PATH, RIGHT).expect("a rule that loads");
    assert_eq!((rule.id.as_str(), rule.family.as_str()), ("my-rule", "data"));
}

#[test]
fn mistakes_are_named_with_their_line_and_what_would_be_right() {
    let mut complaints = Vec::new();
    for Mistake { right, wrong, line, help } in MISTAKES {
        let text = RIGHT.replacen(right, wrong, 1);
        assert_ne!(text, RIGHT, "{right} is in the rule");
        let (path, found, message, hint) = error(&text);
        let whole = format!("{message}\n{hint}");
        if (path.as_str(), found) != (PATH, line) || !help.iter().all(|word| whole.contains(word)) || hint.is_empty() {
            complaints.push(format!("{right} -> {wrong}: line {line}, {help:?}, but {path}:{found}: {whole}"));
        }
    }
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n\n"));
}

#[test]
fn what_is_no_toml_is_named_too() {
    let (path, line, message, _) = error(&RIGHT.replace("[match]", "[match"));
    assert_eq!((path.as_str(), line), (PATH, 11));
    assert!(!message.is_empty());
    let (_, line, message, _) = error(&RIGHT.replace("scope =", "title ="));
    assert_eq!(line, 4, "{message}");
    assert!(message.contains("duplicate key"), "{message}");
}

/// Two hundred stars are a denial of service in a naive matcher.
#[test]
fn a_hostile_glob_is_refused_or_harmless() {
    let glob = format!("objectPermissions/{}b/allowRead", "*a".repeat(200));
    let text = RIGHT.replace("objectPermissions/*/modifyAllRecords", &glob);
    let started = std::time::Instant::now();
    let _ = Rule::load(PATH, &text);
    assert!(started.elapsed().as_secs() < 5);
}

/// The program prints such an error as `file:line: message` and the hint below.
#[test]
fn the_error_reads_as_a_place_and_a_sentence() {
    let error = Rule::load(PATH, &RIGHT.replace("{grant}", "{grants}")).expect_err("a mistake");
    assert_eq!(error.to_string(), format!("{PATH}:9: no placeholder `{{grants}}`; did you mean `grant`?"));
    assert!(error.hint().contains("{holder}"), "{}", error.hint());
}
