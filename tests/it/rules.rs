//! The built-in rules: complete, within the limits of what they are printed in, and each firing exactly where its examples say.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use permdelta::policy::example;
use permdelta::policy::{Example, Files, Rule, What, builtin_rules};

use crate::golden::{assert_generated, assert_golden};
use crate::support::{files_below, permdelta, temp};

/// DESIGN, appendix B.
const FAMILIES: [&str; 11] = [
    "data",
    "session",
    "escalation",
    "exfiltration",
    "authentication",
    "monitoring",
    "sensitive",
    "external",
    "gate",
    "governance",
    "hygiene",
];

fn rules() -> Vec<Rule> {
    builtin_rules().expect("the built-in rules load")
}

/// `rules/` as `<family>/<id>.toml` and content.
fn directory() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let files = files_below(&root).into_iter().filter(|path| path.ends_with(".toml") && !path.starts_with("catalog/"));
    files.map(|path| (path.clone(), fs::read_to_string(root.join(&path)).expect("a rule file"))).collect()
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn the_compiled_table_equals_the_directory() {
    let compiled: BTreeSet<String> = rules().iter().map(|rule| format!("{}/{}.toml", rule.family, rule.id)).collect();
    let files: BTreeSet<String> = directory().into_iter().map(|(path, _)| path).collect();
    assert_eq!(compiled, files);
    for (path, text) in directory() {
        let loaded = Rule::load(&format!("rules/{path}"), &text).expect("a rule that loads");
        let compiled = rules().into_iter().find(|rule| rule.id == loaded.id).expect("a compiled rule");
        assert_eq!(format!("{compiled:?}"), format!("{loaded:?}"), "{path}: compiled from another text");
    }
}

#[test]
fn ids_and_families_are_as_the_contract_says() {
    let rules = rules();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids.len(), rules.len(), "an id is used once");
    assert!(rules.is_sorted_by(|a, b| a.id < b.id), "sorted by id");
    for rule in &rules {
        let kebab = rule.id.split('-').all(|word| {
            !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        });
        assert!(kebab, "{}: an id is in kebab-case", rule.id);
        assert!(FAMILIES.contains(&rule.family.as_str()), "{}: no family {}", rule.id, rule.family);
        assert!(!FAMILIES.contains(&rule.id.as_str()), "{}: configuration takes ids and families alike", rule.id);
    }
}

/// Platforms cut longer texts, or reject the whole report.
#[test]
fn texts_keep_to_the_limits_of_the_platforms() {
    let mut complaints = Vec::new();
    for rule in rules() {
        let mut expect = |right: bool, what: &str| {
            if !right {
                complaints.push(format!("{}: {what}", rule.id));
            }
        };
        let sentences = |text: &str| text.trim() == text && text.ends_with('.');
        let one_line = |text: &str| !text.is_empty() && !text.contains(['\n', '\t']) && text.trim() == text;
        expect(one_line(&rule.title) && rule.title.chars().count() <= 80, "title: one line, at most 80 characters");
        expect(!rule.title.ends_with('.'), "title: no full stop");
        expect(sentences(&rule.why) && rule.why.len() <= 1024, "why: sentences, at most 1,024 bytes");
        expect(sentences(&rule.fix) && rule.fix.len() <= 1024, "fix: sentences, at most 1,024 bytes");
        expect(one_line(&rule.message) && rule.message.len() <= 300, "message: one line, at most 300 bytes");
        expect(rule.message.starts_with("{holder} "), "message: begins with who it is about");
        expect(!rule.message.ends_with('.'), "message: no full stop, the reports put it");
        expect(!rule.references.is_empty(), "references: where is it documented?");
        expect(rule.references.iter().all(|reference| one_line(reference)), "references: one line each");
        expect(rule.tags.len() <= 8, "tags: at most 8, two more are added");
        let tags: BTreeSet<&String> = rule.tags.iter().collect();
        expect(tags.len() == rule.tags.len(), "tags: each once");
        let titles: BTreeSet<&str> = rule.examples.iter().map(|example| example.title.as_str()).collect();
        expect(titles.len() == rule.examples.len(), "examples: titles tell them apart");
        expect(rule.examples.iter().any(|example| !example.fires.is_empty()), "examples: one that fires");
        expect(rule.examples.iter().any(|example| example.fires.is_empty()), "examples: a near miss");
    }
    assert_none(&complaints);
}

/// `rule: title of the example`, for messages.
fn called(rule: &Rule, example: &Example) -> String {
    format!("{}: {}", rule.id, example.title)
}

#[test]
fn a_rule_fires_exactly_where_its_examples_say() {
    let rules = rules();
    let failures = rules
        .iter()
        .flat_map(|rule| example::failures(rule, &rules).into_iter().map(|failure| format!("{}: {failure}", rule.id)));
    assert_none(&failures.collect::<Vec<_>>());
}

#[test]
fn what_does_not_change_gives_no_finding() {
    let rules = rules();
    let mut complaints = Vec::new();
    for rule in &rules {
        for example in &rule.examples {
            for (side, files) in [("before", &example.before), ("after", &example.after)] {
                let outcome = example::run(&rules, files, files);
                if outcome != (Vec::new(), Vec::new()) {
                    complaints.push(format!("{}, {side} with itself: {outcome:?}", called(rule, example)));
                }
            }
        }
    }
    assert_none(&complaints);
}

/// What a muting set holds is muted, never granted: the same entries there trigger no rule about grants.
#[test]
fn no_muting_set_triggers_a_rule_about_grants() {
    let mut rules = rules();
    rules.retain(|rule| matches!(rule.matching.what, What::Grants | What::Combination(_) | What::Unmodelled));
    let muting = |files: &Files| {
        match files {
        Files::Snippet(inside) => Files::Paths(
            [(
                "mutingpermissionsets/Example.mutingpermissionset-meta.xml".to_owned(),
                format!("<MutingPermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">{inside}</MutingPermissionSet>"),
            )]
            .into(),
        ),
        other => other.clone(),
    }
    };
    let mut tried = 0;
    for rule in &rules {
        for example in rule.examples.iter().filter(|example| matches!(example.after, Files::Snippet(_))) {
            let outcome = example::run(&rules, &Files::None, &muting(&example.after));
            assert_eq!(outcome, (Vec::new(), Vec::new()), "{}", called(rule, example));
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}

/// All rules run on the examples of every rule, so that one that fires on the side shows up in a diff.
#[test]
fn nothing_else_fires_than_what_is_written_down() {
    let rules = rules();
    let mut text = String::new();
    for rule in &rules {
        let _ = writeln!(text, "# {}", rule.id);
        for example in &rule.examples {
            let _ = writeln!(text, "\n{}", example.title);
            let (outcomes, _) = example::run(&rules, &example.before, &example.after);
            if outcomes.is_empty() {
                text.push_str("    nothing\n");
            }
            for outcome in outcomes {
                let also = if outcome.also.is_empty() { "" } else { ", also " };
                let _ = writeln!(text, "    {}{also}{}", outcome.rule, outcome.also.join(", "));
                for subject in &outcome.subjects {
                    let _ = writeln!(text, "        {subject}");
                }
                let _ = writeln!(text, "        at {}", outcome.line);
            }
        }
        text.push('\n');
    }
    assert_golden("examples.txt", &text);
}

/// The line a finding points at is the one that decides: a pull request changes that one, not the block around it.
#[test]
fn a_finding_points_at_the_deciding_element() {
    let rules = rules();
    let opening = |line: &str| line.split(['<', '>', ' ']).nth(1).unwrap_or_default().to_owned();
    for rule in &rules {
        for example in &rule.examples {
            for outcome in example::run(&rules, &example.before, &example.after).0 {
                let subject = outcome.subjects.first().expect("a subject");
                let right = subject.rsplit('/').next().expect("a last part");
                let (section, _) = subject.split_once('/').unwrap_or((subject.as_str(), ""));
                // What is about the policy points at its setting, or at the holder by its name.
                if matches!(outcome.rule.as_str(), "class-entered" | "holder-in-several-files") {
                    assert_eq!(opening(&outcome.line), "PermissionSet", "{}", called(rule, example));
                    continue;
                }
                if outcome.rule.starts_with("waiver-") {
                    let right = ["[[waiver]]", "rule = ", "owner = ", "expires = "];
                    let day = outcome.line.starts_with("20");
                    let stanza = right.iter().any(|start| outcome.line.starts_with(start)) || outcome.line == "\" \"";
                    assert!(day || stanza, "{}: {}", called(rule, example), outcome.line);
                    continue;
                }
                if matches!(outcome.rule.as_str(), "policy-weakened" | "paths-excluded") {
                    let setting = subject.splitn(3, '/').last().expect("a setting");
                    let set = outcome.line.contains(setting) || outcome.line.is_empty() || section == "session";
                    assert!(set, "{}: {}", called(rule, example), outcome.line);
                    continue;
                }
                if subject == "loginIpRanges" {
                    assert_eq!(opening(&outcome.line), "Profile", "{}: {}", called(rule, example), outcome.line);
                    continue;
                }
                // What is about an element points at it; what is about a line of another file, at that line.
                let element = !subject.is_empty() && !subject.contains('/');
                if element || matches!(section, "permissionSets" | "mutingPermissionSets" | "loginIpRanges") {
                    assert_eq!(opening(&outcome.line), section, "{}: {}", called(rule, example), outcome.line);
                    continue;
                }
                if section == "packageDirectories" {
                    // `.forceignore` as a whole, where it no longer has the line.
                    let right = ["\"packageDirectories\"", ""].contains(&outcome.line.as_str());
                    assert!(right, "{}: {}", called(rule, example), outcome.line);
                    continue;
                }
                if outcome.rule == "excluded-path-entered" {
                    assert!(outcome.line.contains("**"), "{}: {}", called(rule, example), outcome.line);
                    continue;
                }
                if outcome.rule == "registry-customized" {
                    assert_eq!(outcome.line.trim_matches('"'), right, "{}", called(rule, example));
                    continue;
                }
                if matches!(section, "forceignore" | "replacements") {
                    let written = subject.strip_prefix(section).expect("a section").trim_start_matches('/');
                    assert_eq!(outcome.line.trim_matches('"'), written, "{}", called(rule, example));
                    continue;
                }
                let expected: &[&str] = match section {
                    "hasActivationRequired" => &["hasActivationRequired", "PermissionSet"],
                    // What is no longer muted has no line any more: the file that has it no more is named.
                    _ if outcome.rule == "muting-removed" => &["MutingPermissionSet", "PermissionSetGroup"],
                    // The gate is what is open, whatever it protects.
                    _ if outcome.rule == "open-via-other-holder" => &["hasActivationRequired"],
                    "userAccessPolicy" => &["target"],
                    "network" => &["selfRegProfile"],
                    "delegateGroup" => &["permissionSets", "DelegateGroup"],
                    "" => &["actionType"],
                    "activateSessionPermSet" | "deactivateSessionPermSet" => &["stringValue", "elementReference"],
                    "objectPermissions" | "fieldPermissions" | "dataspaceScopes" => &[right],
                    "tabSettings" => &["visibility"],
                    _ if right == "default" => &["default"],
                    "recordTypeVisibilities" | "applicationVisibilities" => &["visible"],
                    _ => &["enabled"],
                };
                let found = opening(&outcome.line);
                assert!(expected.contains(&found.as_str()), "{}: {}", called(rule, example), outcome.line);
            }
        }
    }
}

/// `rules/README.md` is what `permdelta rules --format markdown` prints.
#[test]
fn the_documentation_is_that_of_the_rule_files() {
    let dir = temp();
    let run = permdelta(dir.path(), &["rules", "--format", "markdown"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_generated("rules/README.md", &run.stdout);
}
