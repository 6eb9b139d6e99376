//! Globs deeper than anybody writes are a mistake wherever they stand, with its line, and never the end of the program.

use crate::gate::{Files, file, history};
use crate::ranges::{path, set};
use crate::support::{Report, permdelta};

fn nested(depth: usize) -> String {
    format!("{}b{}", "{a,".repeat(depth), "}".repeat(depth))
}

/// Files of the configuration with a glob in each place that takes one.
fn places(glob: &str) -> Vec<(&'static str, Files)> {
    let policy = |text: String| vec![file("permdelta.toml", text)];
    let rule = format!(
        "id = \"own-rule\"\ntitle = \"T\"\nseverity = \"high\"\nscope = \"holder\"\nwhy = \"W.\"\nfix = \"F.\"\nreferences = [\"R\"]\n\
         message = \"{{holder}} holds {{grant}}\"\n[match]\non = \"effective\"\ngrant = [\"classAccesses/{glob}\"]\n"
    );
    vec![
        ("a class", policy(format!("[classes]\nadmin = [\"{glob}\"]\n"))),
        ("an object", policy(format!("[sensitive]\nobjects = [\"{glob}\"]\n"))),
        ("a field", policy(format!("[sensitive]\nfields = [\"Account.{glob}\"]\n"))),
        ("a path", policy(format!("[paths]\nexclude = [\"x/{glob}\"]\n"))),
        ("a privilege", policy(format!("[session]\nprivileged = [\"classAccesses/{glob}\"]\n"))),
        (
            "a waiver",
            policy(format!(
                "[[waiver]]\nrule = \"privileged-access-always-on\"\nholder = \"permissionSet:A\"\ngrant = \"userPermissions/{glob}\"\n\
                 reason = \"r\"\nowner = \"o\"\nexpires = 2999-12-31\n"
            )),
        ),
        ("a rule", vec![file("permdelta.toml", "[paths]\nrules = [\"own\"]\n"), file("own/own-rule.toml", rule)]),
    ]
}

#[test]
fn a_glob_of_the_configuration_is_bounded() {
    let old = vec![(path("A"), set("RunReports"))];
    let new = vec![(path("A"), set("ModifyAllData"))];
    for depth in [125, 11] {
        for (name, files) in places(&nested(depth)) {
            let with = |own: &Files| [own.clone(), files.clone()].concat();
            let dir = history(&with(&old), &with(&old), &with(&new));
            let run = permdelta(dir.path(), &["check", "main...topic"]);
            assert_eq!(run.status, 3, "{name}, {depth} deep: {}", run.stderr);
            // Most places take no pattern as long as that.
            let why = run.stderr.contains("deep") || (depth > 11 && run.stderr.contains("bytes"));
            assert!(run.stderr.contains(".toml:") && why, "{name}: {}", run.stderr);
        }
    }
    for (name, files) in places(&nested(3)) {
        let with = |own: &Files| [own.clone(), files.clone()].concat();
        let run = permdelta(history(&with(&old), &with(&old), &with(&new)).path(), &["check", "main...topic"]);
        assert_eq!(run.status, 1, "{name}: {}", run.stderr);
    }
}

/// What one change writes does not end the run of the next.
#[test]
fn a_glob_that_is_proposed_is_a_finding() {
    let old = vec![(path("A"), set("RunReports"))];
    for (name, files) in places(&nested(125)) {
        let head = [old.clone(), files].concat();
        let report = Report::of(history(&old, &old, &head).path(), &["check", "main...topic"]);
        let found = report.json["findings"].as_array().expect("findings");
        assert!(found.iter().any(|one| one["rule"] == "policy-weakened"), "{name}: {found:?}");
    }
}

#[test]
fn a_glob_of_the_command_line_and_of_ignored_files_is_bounded() {
    let files = vec![(path("A"), set("RunReports")), file(".forceignore", format!("{}\n", nested(125)))];
    let dir = history(&files, &files, &[files.clone(), vec![(path("B"), set("RunReports"))]].concat());
    let run = permdelta(dir.path(), &["who", &format!("userPermissions/{}", nested(125)), "main"]);
    assert!(run.status == 3 && run.stderr.contains("deep"), "{}", run.stderr);
    assert_eq!(permdelta(dir.path(), &["audit", "main"]).status, 0);
}
