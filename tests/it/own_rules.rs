//! Rules of a repository's own: same schema, same examples, taken from where the policy is taken.

use std::fs;

use crate::gate::{Files, file, history, of_rule};
use crate::ranges::{path, set};
use crate::support::{Report, directory, permdelta};

const POLICY: &str = "permdelta.toml";
const FOLDER: (&str, &str) = (POLICY, "[paths]\nrules = [\"security/rules\"]\n");
const RULE: &str = r#"id = "no-exports"
title = "Reports may be exported"
severity = "high"
scope = "holder"
why = "Exports leave the company."
fix = "Take it out."
references = ["Our handbook, chapter 3"]
message = "{holder} holds {grant}"

[match]
on = "effective"
any_of = [
    { grant = ["userPermissions/ExportReport"] },
    { grant = ["objectPermissions/Payroll__c/*"], gate = "always-on" },
]
none_of = [{ class = ["admin"] }]

[[example]]
title = "a set may export"
after = "<label>A</label><userPermissions><enabled>true</enabled><name>ExportReport</name></userPermissions>"
fires = ["userPermissions/ExportReport"]

[[example]]
title = "a set may run reports"
after = "<label>A</label><userPermissions><enabled>true</enabled><name>RunReports</name></userPermissions>"
fires = []
"#;

fn rule_file(text: &str) -> (String, Vec<u8>) {
    file("security/rules/exfiltration/no-exports.toml", text)
}

fn base() -> Files {
    vec![file(FOLDER.0, FOLDER.1), rule_file(RULE), file(&path("A"), set("RunReports"))]
}

fn head(permission: &str) -> Files {
    let mut files = base();
    files[2].1 = set(permission);
    files
}

#[test]
fn an_own_rule_judges_like_any_other() {
    let dir = history(&base(), &base(), &head("ExportReport"));
    let report = Report::of(dir.path(), &["check", "main...topic"]);
    assert_eq!((report.status, of_rule(&report, "no-exports").len()), (1, 1));
    let with_class = format!("{}[classes]\nadmin = [\"A\"]\n", FOLDER.1);
    let target: Files = vec![file(POLICY, with_class), rule_file(RULE), file(&path("A"), set("RunReports"))];
    let report = Report::of(history(&base(), &target, &head("ExportReport")).path(), &["check", "main...topic"]);
    assert_eq!(of_rule(&report, "no-exports").len(), 0, "what the target branch excepts");
    let dir =
        directory(&[(FOLDER.0, FOLDER.1.as_bytes()), ("security/rules/exfiltration/no-exports.toml", RULE.as_bytes())]);
    let listed = permdelta(dir.path(), &["rules"]).stdout;
    assert!(listed.contains("exfiltration") && listed.contains("no-exports"), "{listed}");
    let explained = permdelta(dir.path(), &["explain", "no-exports"]).stdout;
    assert!(explained.contains("Exports leave the company."), "{explained}");
}

#[test]
fn a_change_to_it_counts_when_it_is_merged() {
    let blunt = RULE.replace("ExportReport\"", "RunFlow\"");
    let other = file("security/rules/other.toml", RULE.replace("no-exports", "other"));
    let heads: Vec<Files> = vec![
        vec![file(FOLDER.0, FOLDER.1), rule_file(&blunt), file(&path("A"), set("ExportReport"))],
        vec![
            file(FOLDER.0, FOLDER.1),
            rule_file(&RULE.replace("\"high\"", "\"low\"")),
            file(&path("A"), set("ExportReport")),
        ],
        vec![file(FOLDER.0, FOLDER.1), other, file(&path("A"), set("ExportReport"))],
        vec![file(POLICY, ""), file(&path("A"), set("ExportReport"))],
    ];
    for head in heads {
        let report = Report::of(history(&base(), &base(), &head).path(), &["check", "main...topic"]);
        assert_eq!(report.status, 1);
        assert_eq!(of_rule(&report, "no-exports").len(), 1, "{}", report.json["findings"]);
        assert_eq!(of_rule(&report, "policy-weakened").len(), 1, "{}", report.json["findings"]);
    }
    let stricter =
        vec![file(FOLDER.0, FOLDER.1), rule_file(&RULE.replace("\"high\"", "\"critical\"")), base()[2].clone()];
    let dir = history(&base(), &base(), &stricter);
    assert_eq!(of_rule(&Report::of(dir.path(), &["check", "main...topic"]), "policy-weakened").len(), 0);
    let new = [base(), vec![file("security/rules/new-rule.toml", RULE.replace("no-exports", "new-rule"))]].concat();
    let run = permdelta(history(&base(), &base(), &new).path(), &["check", "main...topic"]);
    assert!(run.stderr.contains("after merge: new-rule is a rule"), "{}", run.stderr);
}

#[test]
fn mistakes_are_named_with_their_file() {
    let of = |policy: &str, path: &str, text: &str| {
        let dir = directory(&[(POLICY, policy.as_bytes()), (path, text.as_bytes())]);
        let run = permdelta(dir.path(), &["audit", "."]);
        assert_eq!(run.status, 3, "{policy} {path}: {}", run.stdout);
        run.stderr
    };
    let path = "security/rules/no-exports.toml";
    let cases = [
        (
            of(FOLDER.1, path, &RULE.replace("severity", "severty")),
            vec!["security/rules/no-exports.toml:3", "did you mean `severity`?"],
        ),
        (
            of(FOLDER.1, path, &RULE.replace("ExportReport\"]", "ExportReprot\"]")),
            vec!["no-exports.toml:13", "did you mean `ExportReport`?"],
        ),
        (
            of(FOLDER.1, path, &RULE.replace("any_of = [", "all_off = [")),
            vec!["no-exports.toml:12: unknown key `all_off`\n", "did you mean `all_of`?\n", "permdelta schema rule"],
        ),
        (of(FOLDER.1, path, &RULE.replace("\"admin\"", "\"admins\"")), vec!["no-exports.toml:16", "admins", "admin"]),
        (of(FOLDER.1, path, &RULE.replace("{grant}", "{grants}")), vec!["no-exports.toml:8", "did you mean `grant`?"]),
        (
            of(FOLDER.1, "security/rules/modify-all-data.toml", &RULE.replace("no-exports", "modify-all-data")),
            vec!["modify-all-data.toml:1", "rules/data/modify-all-data.toml"],
        ),
        (
            of(FOLDER.1, "security/rules/hygiene.toml", &RULE.replace("no-exports", "hygiene")),
            vec!["hygiene.toml:1", "family"],
        ),
        (of(FOLDER.1, "docs/no-exports.toml", RULE), vec!["permdelta.toml:2", "no rule file below `security/rules`"]),
        (of("[paths]\nrules = [\"../rules\"]\n", path, RULE), vec!["permdelta.toml:2", "../rules"]),
        (of("[paths]\nrules = [\"sec*/rules\"]\n", path, RULE), vec!["permdelta.toml:2", "glob"]),
    ];
    for (stderr, words) in cases {
        assert!(words.iter().all(|word| stderr.contains(word)), "{words:?}: {stderr}");
    }
}

#[test]
fn there_is_an_end_to_what_is_read() {
    let of = |count: usize, text: &str| {
        let rules: Vec<(String, String)> = (0..count)
            .map(|at| (format!("security/rules/r-{at}.toml"), RULE.replace("no-exports", &format!("r-{at}")) + text))
            .collect();
        let mut files: Vec<(&str, &[u8])> = rules.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
        files.push((POLICY, FOLDER.1.as_bytes()));
        let run = permdelta(directory(&files).path(), &["audit", "."]);
        (run.status, run.stderr)
    };
    assert!(of(20, "").0 < 2);
    let (status, said) = of(1_001, "");
    assert!(status == 3 && said.contains("1001 rule files, at most 1000"), "{said}");
    let (status, said) = of(20, &format!("\n# {}\n", "x".repeat(250 << 10)));
    assert!(status == 3 && said.contains("4194304 bytes together"), "{said}");
}

#[test]
fn its_examples_are_run_through_the_whole_pipeline() {
    let run = |text: &str| {
        let dir = directory(&[("security/rules/no-exports.toml", text.as_bytes())]);
        let run = permdelta(dir.path(), &["rules", "test", "security/rules"]);
        (run.status, format!("{}{}", run.stdout, run.stderr))
    };
    assert_eq!(run(RULE), (0, "PASS  1 rule with 2 examples: each fires where its examples say\n".to_owned()));
    let cases = [
        (
            RULE.replace("fires = []", "fires = [\"userPermissions/RunReports\"]"),
            1,
            "it should fire at userPermissions/RunReports",
        ),
        (RULE.replace("fires = [\"userPermissions/ExportReport\"]", "fires = []"), 1, "no example fires"),
        (RULE[..RULE.rfind("[[example]]").expect("an example")].to_owned(), 1, "no example is a near miss"),
        (
            RULE.replace("<name>RunReports</name>", "<name>RunReports"),
            1,
            "  after, permissionsets/Example.permissionset-meta.xml:3: not well-formed XML",
        ),
        (RULE.replace("fires =", "fire ="), 3, "fires"),
    ];
    for (text, status, word) in cases {
        let (found, said) = run(&text);
        assert!(found == status && said.contains(word), "{word}: {found} {said}");
    }
    // What is wrong comes before the title it is wrong in, and once.
    let (_, said) = run(&RULE.replace("fires = [\"userPermissions/ExportReport\"]", "fires = [\"userPermissions/X\"]"));
    let wrong = "  it should fire at userPermissions/X, and does at userPermissions/ExportReport (example \"a set may export\")\n";
    assert!(said.contains(wrong) && said.matches("it should fire").count() == 1, "{said}");
    let dir = directory(&[(FOLDER.0, FOLDER.1.as_bytes()), ("security/rules/no-exports.toml", RULE.as_bytes())]);
    let all = permdelta(dir.path(), &["rules", "test"]);
    assert!(all.status == 0 && all.stdout.starts_with("PASS  "), "{}", all.stdout);
    assert_eq!(permdelta(dir.path(), &["rules", "test", "docs"]).status, 3);
}

#[test]
fn a_link_in_place_of_a_rule_or_the_configuration_is_refused() {
    let dir = directory(&[(FOLDER.0, FOLDER.1.as_bytes()), ("security/rules/no-exports.toml", RULE.as_bytes())]);
    fs::rename(dir.path().join("security/rules/no-exports.toml"), dir.path().join("elsewhere.toml")).expect("moved");
    #[cfg(unix)]
    {
        let link = dir.path().join("security/rules/no-exports.toml");
        std::os::unix::fs::symlink(dir.path().join("elsewhere.toml"), link).expect("a link");
        let run = permdelta(dir.path(), &["audit", "."]);
        let words = ["no-exports.toml:1: it is a symbolic link", "replace the link"];
        assert!(run.status == 3 && words.iter().all(|word| run.stderr.contains(word)), "{}", run.stderr);
        fs::rename(dir.path().join(POLICY), dir.path().join("ours.toml")).expect("moved");
        std::os::unix::fs::symlink("ours.toml", dir.path().join(POLICY)).expect("a link");
        for args in [&["audit", "."][..], &["rules"], &["explain", "modify-all-data"]] {
            let run = permdelta(dir.path(), args);
            let words = ["permdelta.toml:1: it is a symbolic link", "replace the link"];
            assert!(run.status == 3 && words.iter().all(|word| run.stderr.contains(word)), "{args:?}: {}", run.stderr);
        }
    }
}

/// A family that permdelta's rules are of is set without them, and theirs has a name, too.
#[test]
fn own_rules_are_a_family_of_their_own() {
    for (policy, folder, found) in [
        ("governance = \"off\"", "", 1),
        ("own = \"off\"", "", 0),
        ("own = \"off\"", "exfiltration/", 1),
        ("exfiltration = \"off\"", "exfiltration/", 0),
    ] {
        let policy = format!("{}[rules]\n{policy}\n", FOLDER.1);
        let rule = format!("security/rules/{folder}no-exports.toml");
        let a = path("A");
        let files = [(FOLDER.0, policy.as_bytes()), (rule.as_str(), RULE.as_bytes()), (&a, &set("ExportReport"))];
        let report = Report::of(directory(&files).path(), &["audit", "."]);
        assert_eq!(of_rule(&report, "no-exports").len(), found, "{policy} {rule}");
    }
}
