//! The README: its files are the ones `init` prints, its commands run on the sample repository, and print what it shows.

use std::path::Path;

use yaml_rust2::YamlLoader;

use crate::support::{Run, arg, directory, permdelta, temp};
use crate::yaml::text;

/// Commands that need something the sample repository has not.
const NOT_RUN: [(&str, &str); 1] = [("permdelta explain RULE", "RULE stands for a rule's id")];

/// The fenced blocks: language and content.
pub(crate) fn blocks() -> Vec<(String, String)> {
    let readme = text("README.md");
    let mut found = Vec::new();
    let mut pieces = readme.split("\n```");
    pieces.next();
    while let (Some(block), Some(_)) = (pieces.next(), pieces.next()) {
        let (language, content) = block.split_once('\n').expect("a line for the language");
        found.push((language.to_owned(), format!("{content}\n")));
    }
    assert!(found.len() > 10 && found.iter().all(|(language, _)| !language.is_empty()), "{found:?}");
    found
}

#[test]
fn its_files_are_the_templates() {
    let blocks = blocks();
    let templates = ["github-action.yml", "github.yml", "gitlab.yml", "azure.yml", "bitbucket.yml", "Jenkinsfile"];
    for template in templates {
        let wanted = text(&format!("src/cli/templates/{template}"));
        let shown = blocks.iter().filter(|(_, content)| *content == wanted).count();
        assert_eq!(shown, 1, "{template} stands once in the README, as init prints it");
    }
    let mut others = Vec::new();
    for (language, content) in blocks.iter().filter(|(language, _)| language == "yaml") {
        YamlLoader::load_from_str(content).unwrap_or_else(|error| panic!("{language}: {error}\n{content}"));
        let is_template = |name: &&str| text(&format!("src/cli/templates/{name}")) == *content;
        if !templates.iter().any(is_template) {
            others.push(content.lines().next().expect("a line"));
        }
    }
    assert_eq!(others, ["# .pre-commit-config.yaml"], "files that no template is");
}

/// The configuration it shows loads, and the rule it shows does what its examples say.
#[test]
fn its_configuration_and_rule_are_read() {
    let known = permdelta::policy::builtin_rules().expect("rules");
    let (mut configurations, mut rules) = (0, 0);
    for (_, content) in blocks().iter().filter(|(language, _)| language == "toml") {
        let Some(path) = content.lines().next().and_then(|line| line.strip_prefix("# security/rules/")) else {
            let read = permdelta::policy::Config::read("permdelta.toml", content.as_bytes(), &known);
            assert!(read.is_ok(), "{content}: {:?}", read.err());
            configurations += 1;
            continue;
        };
        let dir = directory(&[(&format!("security/rules/{path}"), content.as_bytes())]);
        let run = permdelta(dir.path(), &["rules", "test", "security/rules"]);
        assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
        rules += 1;
    }
    assert_eq!((configurations, rules), (1, 1));
}

/// The words of a shell line: quotes taken off, without a comment or where it writes to; `None` if it does not call permdelta.
fn words(line: &str) -> Option<Vec<String>> {
    let line = line.strip_prefix("permdelta ")?;
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for character in line.chars().chain([' ']) {
        match (quote, character) {
            (None, '#' | '>' | '|') => break,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if character == open => quote = None,
            (None, ' ') => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            _ => word.push(character),
        }
    }
    Some(words)
}

/// The sample repository, cloned as a developer has it: `origin/main` is there, and `pull-request` is checked out.
fn sample(dir: &Path) {
    assert_eq!(permdelta(dir, &["demo", "-q", "--keep", "."]).status, 1);
    let repository = git2::Repository::open(dir).expect("a repository");
    let main = repository.refname_to_id("refs/heads/main").expect("main");
    repository.reference("refs/remotes/origin/main", main, false, "a clone").expect("a reference");
}

fn run(dir: &Path, line: &str) -> Run {
    let words = words(line).unwrap_or_else(|| panic!("{line}"));
    let home = dir.join(".home");
    let words: Vec<String> = words.iter().map(|word| word.replacen('~', arg(&home), 1)).collect();
    let run = permdelta(dir, &words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(run.status < 3, "`{line}` ends with {}: {}", run.status, run.stderr);
    run
}

#[test]
fn its_commands_run() {
    let dir = temp();
    sample(dir.path());
    let blocks = blocks();
    let shell = blocks.iter().filter(|(language, _)| language == "sh");
    let lines = shell.flat_map(|(_, content)| content.lines());
    let (mut ran, mut left) = (0, Vec::new());
    for line in lines.filter(|line| words(line).is_some()) {
        let command = line.split(" #").next().expect("a command").trim();
        if NOT_RUN.iter().any(|(other, _)| *other == command) {
            left.push(command);
        } else {
            run(dir.path(), line);
            ran += 1;
        }
    }
    assert!(ran >= 12, "{ran} commands ran");
    assert_eq!(left, NOT_RUN.map(|(command, _)| command), "every exception is needed");
}

/// A console block shows a command and what it prints, stderr first; `...` stands for lines left out.
#[test]
fn its_output_is_what_is_printed() {
    let dir = temp();
    sample(dir.path());
    let mut shown = 0;
    for (_, content) in blocks().iter().filter(|(language, _)| language == "console") {
        for session in content.split("$ permdelta ").skip(1) {
            let (command, expected) = session.split_once('\n').expect("output");
            let run = run(dir.path(), &format!("permdelta {command}"));
            let printed = format!("{}{}", run.stderr, run.stdout);
            let mut rest = printed.as_str();
            for (index, piece) in expected.split("...\n").enumerate() {
                let at = rest.find(piece).unwrap_or_else(|| panic!("`{command}` does not print\n{piece}\nbut\n{rest}"));
                assert!(at == 0 || index > 0, "`{command}` prints something before\n{piece}\nnamely\n{}", &rest[..at]);
                rest = &rest[at + piece.len()..];
            }
            assert!(rest.is_empty() || expected.ends_with("...\n"), "`{command}` also prints\n{rest}");
            shown += 1;
        }
    }
    assert!(shown >= 2, "{shown} commands are shown");
}
