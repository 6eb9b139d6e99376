//! What the README says of formats, inputs, options and places is what the program, the action and the sources have.

use std::collections::{BTreeMap, BTreeSet};

use crate::readme::blocks;
use crate::support::{permdelta, temp};
use crate::yaml::{document, text};

/// The text of a section, up to the next heading of its level or above.
fn section(heading: &str) -> String {
    let readme = text("README.md");
    let start = readme.find(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    let level = heading.split(' ').next().map_or(0, str::len);
    let inside: Vec<&str> = readme[start + 1..].lines().skip(1).collect();
    let ends = |line: &&str| line.starts_with('#') && line.split(' ').next().map_or(0, str::len) <= level;
    let mut fenced = false;
    let own = inside.iter().take_while(|line| {
        fenced ^= line.starts_with("```");
        fenced || !ends(line)
    });
    own.map(|line| format!("{line}\n")).collect()
}

/// The rows of the tables of a section, each a list of cells; the first is in code and its marks are taken off.
fn rows(section: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        let inner = line.strip_prefix("| ").and_then(|line| line.strip_suffix('|')).unwrap_or_default();
        inner.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let coded = section.lines().filter(|line| line.starts_with("| `"));
    coded
        .map(|line| {
            let mut cells = cells(line);
            cells[0] = cells[0].trim_matches('`').to_owned();
            cells
        })
        .collect()
}

/// The number a constant of the sources has.
fn constant(file: &str, name: &str) -> String {
    let source = text(&format!("src/report/{file}"));
    let line = source.lines().find_map(|line| line.strip_prefix(&format!("const {name}: usize = ")));
    line.unwrap_or_else(|| panic!("{file} has no {name}")).trim_end_matches(';').replace('_', ",")
}

/// Every format stands in the list once, in the order of the help, with the limits that the renderers keep.
#[test]
fn formats_and_their_limits_are_listed() {
    let refused = permdelta(temp().path(), &["check", "--format", "no-such-format"]);
    let known = refused.stderr.split_once("[possible values: ").expect("a list of formats").1;
    let known: Vec<&str> = known.split_once(']').expect("its end").0.split(", ").collect();
    let rows = rows(&section("### Formats"));
    assert_eq!(rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), known);
    let megabytes = constant("sarif.rs", "MOST_BYTES").replace(",000,000", " MB");
    let limits = BTreeMap::from([
        ("sarif", vec![constant("sarif.rs", "MOST_RESULTS"), constant("sarif.rs", "MOST_PROBLEMS"), megabytes]),
        ("markdown", vec![constant("markdown.rs", "MOST_BYTES")]),
        ("github", vec![constant("annotations.rs", "SHOWN"); 3]),
        ("github-review", vec![constant("review.rs", "MOST_COMMENTS"), constant("review.rs", "MOST_BYTES")]),
        ("bitbucket", vec![constant("bitbucket.rs", "MOST"), constant("bitbucket.rs", "A_CALL")]),
    ]);
    for row in &rows {
        let numbers: Vec<String> = row[2]
            .split([' ', ';'])
            .map(|word| word.trim_end_matches(','))
            .filter(|word| word.starts_with(|first: char| first.is_ascii_digit()))
            .map(str::to_owned)
            .collect();
        let expected: Vec<String> = limits.get(row[0].as_str()).into_iter().flatten().cloned().collect();
        let bare = |number: &String| number.trim_end_matches(" MB").to_owned();
        assert_eq!(numbers, expected.iter().map(bare).collect::<Vec<_>>(), "{row:?}");
        assert_eq!(row[2].contains(" MB"), expected.iter().any(|number| number.ends_with(" MB")), "{row:?}");
    }
}

/// Each input of the action with its default and the permissions it needs, as `action.yml` has them.
#[test]
fn inputs_of_the_action_are_listed() {
    let action = document("action.yml");
    let inputs = action["inputs"].as_hash().expect("inputs");
    let rows = rows(&section("### GitHub Actions"));
    let listed: BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let known: BTreeSet<&str> = inputs.keys().map(|key| key.as_str().expect("a name")).collect();
    assert_eq!((listed, rows.len()), (known, inputs.len()));
    let template = document("src/cli/templates/github-action.yml");
    let granted = &template["jobs"]["permdelta"]["permissions"];
    for row in &rows {
        let input = &action["inputs"][row[0].as_str()];
        let default = input["default"].as_str().expect("a default");
        if !default.starts_with("${{") {
            assert_eq!(row[2].trim_matches('`'), default, "{row:?}");
        }
        let description = input["description"].as_str().expect("a description");
        for permission in row.get(3).into_iter().flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
            assert!(description.contains(permission), "{row:?}: {description}");
            let (scope, access) = permission.split_once(": ").expect("scope and access");
            assert_eq!(granted[scope].as_str(), Some(access), "the template grants {permission}");
        }
    }
}

/// An option that the README names is one of some command.
#[test]
fn options_are_known() {
    let dir = temp();
    let commands = ["check", "diff", "audit", "who", "explain", "rules", "waive", "init", "schema", "demo"];
    let help: String = commands.iter().map(|command| permdelta(dir.path(), &[command, "--help"]).stdout).collect();
    let readme = text("README.md");
    let prose: Vec<&str> = readme.split("\n```").step_by(2).collect();
    let mut seen = 0;
    let code = prose.iter().flat_map(|text| text.split("`").skip(1).step_by(2));
    for code in code.filter(|code| !code.starts_with("cargo ")) {
        for option in
            code.split([' ', '=']).filter(|word| word.starts_with("--") && word[2..].starts_with(char::is_alphabetic))
        {
            seen += 1;
            assert!(help.contains(option), "{option} in `{code}`");
        }
    }
    assert!(seen > 20, "{seen} options are named");
}

/// A link inside the README leads to one of its headings.
#[test]
fn links_lead_somewhere() {
    let readme = text("README.md");
    let anchor = |heading: &str| {
        let letters = heading.to_lowercase();
        let letters = letters.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-'));
        letters.collect::<String>().replace(' ', "-")
    };
    let headings: Vec<String> = readme
        .lines()
        .filter(|line| line.starts_with('#') && line.contains("# "))
        .map(|line| anchor(line.trim_start_matches('#').trim()))
        .collect();
    let links: Vec<&str> = readme.split("](#").skip(1).filter_map(|link| link.split(')').next()).collect();
    assert!(links.len() > 8, "{links:?}");
    for link in links {
        assert_eq!(headings.iter().filter(|heading| *heading == link).count(), 1, "#{link}");
    }
}

/// Lines that call gh are run as they stand: what gh is handed is what permdelta wrote.
#[test]
#[cfg(unix)]
fn the_lines_for_gh_work() {
    use crate::stubs::Stage;
    use crate::support::arg;

    let blocks = blocks();
    let with_gh: Vec<&String> = blocks
        .iter()
        .filter(|(language, content)| language == "sh" && content.contains("\ngh "))
        .map(|(_, content)| content)
        .collect();
    assert_eq!(with_gh.len(), 1);
    let stage = Stage::new();
    stage.program("permdelta", &format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_permdelta")));
    stage.program("gh", &format!("while [ $# -gt 1 ]; do shift; done; cp \"$1\" '{}'", arg(&stage.path("sent"))));
    let run = stage.bash(&["-c", with_gh[0]], &[]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let sent: serde_json::Value = serde_json::from_str(&stage.read("sent")).expect("JSON");
    assert!(sent["comments"].as_array().is_some_and(|comments| comments.len() == 8), "{sent:#}");
    assert!(stage.calls().contains("gh\n  api\n  --method\n  POST\n  repos/"), "{}", stage.calls());
}

/// As many rules and user permissions as there are.
#[test]
fn rules_and_catalogue_are_counted() {
    let rules = permdelta(temp().path(), &["rules", "--format", "json"]);
    let rules: serde_json::Value = serde_json::from_str(&rules.stdout).expect("JSON");
    let rules = rules.as_array().or_else(|| rules["rules"].as_array()).map_or(0, Vec::len);
    let catalogue = text("rules/catalog/user-permissions.csv").lines().count() - 1;
    for said in [
        format!("describes all {rules} rules"),
        format!("{},{:03} user permissions with", catalogue / 1000, catalogue % 1000),
    ] {
        assert!(text("README.md").contains(&said), "{said}");
    }
}
