//! The reports of the demo as golden files, and what every report has in common: same input, same bytes, wherever it is run.

use std::collections::BTreeSet;
use std::path::Path;

use crate::golden::assert_golden;
use crate::support::{FOLDER, Run, arg, commit_worktree, permdelta, repository, temp, write};

/// Every format there is, with what else can be asked of it: one line each.
const FORMATS: &[(&str, &[&str])] = &[
    ("table", &[]),
    ("json", &[]),
    ("sarif", &[]),
    ("sarif", &["--sarif-profile", "full", "--sarif-category", "permdelta"]),
    ("markdown", &[]),
    ("markdown", &["--comment-id", "nightly"]),
    ("github", &[]),
    ("gitlab", &[]),
    ("bitbucket", &[]),
    ("github-review", &[]),
];

/// Those that programs read.
fn documents() -> impl Iterator<Item = &'static (&'static str, &'static [&'static str])> {
    FORMATS.iter().filter(|(format, _)| *format != "table")
}

#[test]
fn every_format_is_tested_here() {
    let dir = temp();
    let help = permdelta(dir.path(), &["check", "--help"]).stdout;
    let (_, formats) = help.split_once("--format <FORMAT>").expect("the option");
    let (formats, _) = formats.split_once("[default").expect("its default");
    let listed = formats.lines().filter_map(|line| line.trim().strip_prefix("- ")?.split_once(':'));
    let listed: Vec<&str> = listed.map(|(format, _)| format).collect();
    assert!(listed.len() > 3, "{help}");
    for format in listed {
        assert!(FORMATS.iter().any(|(own, _)| *own == format), "{format} needs a line in FORMATS");
    }
}

/// A finding in a file whose name needs escaping, then a label and an untracked set besides.
fn sample(dir: &Path) {
    let set = |label: &str, permission: &str| {
        format!(
            "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <label>{label}</label>\n    \
             <userPermissions>\n        <enabled>true</enabled>\n        <name>{permission}</name>\n    \
             </userPermissions>\n</PermissionSet>\n"
        )
    };
    let (path, other) =
        (format!("{FOLDER}/A set.permissionset-meta.xml"), format!("{FOLDER}/B.permissionset-meta.xml"));
    let repository = repository(dir, false);
    let plain = [(path.as_str(), set("A", "RunReports").into_bytes()), (other.as_str(), set("B", "RunReports").into())];
    let base = commit_worktree(&repository, None, &plain.each_ref().map(|(path, bytes)| (*path, bytes.as_slice())));
    let head = set("A", "ViewAllData");
    commit_worktree(&repository, Some(base), &[(&path, head.as_bytes()), (&other, &plain[1].1)]);
    write(dir, &format!("{FOLDER}/C.permissionset-meta.xml"), set("C", "ManageUsers").as_bytes());
}

#[test]
fn the_demo_in_every_format() {
    let dir = temp();
    for (args, name) in [
        (&["demo"][..], "demo.txt"),
        (&["demo", "-v"], "demo-verbose.txt"),
        (&["demo", "--format", "json"], "demo.json"),
        (&["demo", "--format", "sarif"], "demo.sarif"),
        (&["demo", "--format", "markdown"], "demo.md"),
        (&["demo", "--format", "github"], "demo.github.txt"),
        (&["demo", "--format", "gitlab"], "demo.codequality.json"),
        (&["demo", "--format", "bitbucket"], "demo.bitbucket.json"),
        (&["demo", "--format", "github-review"], "demo.review.json"),
    ] {
        let run = permdelta(dir.path(), args);
        assert_eq!(run.status, 1, "{}", run.stderr);
        assert_golden(name, &run.stdout);
    }
}

/// `-v` is for people: what programs read does not depend on it.
#[test]
fn documents_do_not_depend_on_verbosity_or_colour() {
    let dir = temp();
    for (format, options) in documents() {
        let demo = [&["demo", "--format", format], *options].concat();
        let plain = permdelta(dir.path(), &demo).stdout;
        for more in [&["-v"][..], &["-q"], &["--color", "always"], &["--color", "never"]] {
            let other = permdelta(dir.path(), &[&demo, more].concat()).stdout;
            assert_eq!(other, plain, "{format} {more:?}");
        }
    }
}

/// One run of each command on the sample, from one place.
fn from(place: &Path, root: Option<&Path>) -> Vec<(String, Run)> {
    let mut runs = Vec::new();
    for command in [&["check", "HEAD~1..HEAD"][..], &["check", "HEAD~1"], &["diff", "HEAD~1"], &["audit"]] {
        for (format, options) in FORMATS {
            let mut args = root.map_or(Vec::new(), |root| vec!["-C", arg(root)]);
            args.extend(command);
            args.extend(["--format", format]);
            args.extend(*options);
            runs.push((format!("{command:?} {format}"), permdelta(place, &args)));
        }
    }
    runs
}

#[test]
fn the_bytes_do_not_depend_on_where_it_is_run() {
    let (dir, elsewhere, link) = (temp(), temp(), temp());
    sample(dir.path());
    let below = dir.path().join(FOLDER);
    let expected = from(dir.path(), None);
    assert!(expected.iter().any(|(_, run)| run.status == 1) && expected.iter().all(|(_, run)| run.status != 3));
    let places = [
        ("again", from(dir.path(), None)),
        ("a sub-directory", from(&below, None)),
        ("-C from elsewhere", from(elsewhere.path(), Some(dir.path()))),
        ("-C into a sub-directory", from(link.path(), Some(&below))),
    ];
    for (place, runs) in places {
        for ((what, here), (_, there)) in expected.iter().zip(&runs) {
            assert_eq!((here.status, &here.stdout), (there.status, &there.stdout), "{what}: {place}");
            assert_eq!(here.stderr, there.stderr, "{what}: {place}");
        }
    }
}

/// Files are read by several threads; in which order they finish must not show.
#[test]
fn the_bytes_do_not_depend_on_chance() {
    let dir = temp();
    for number in 0..300 {
        let grants: String = (0..5)
            .map(|n| {
                format!(
                    "<userPermissions><enabled>true</enabled><name>P{}</name></userPermissions>\n",
                    (number * 7 + n * 13) % 40
                )
            })
            .collect();
        let objects = format!(
            "<objectPermissions><object>O{number}__c</object><viewAllRecords>true</viewAllRecords></objectPermissions>"
        );
        let set = format!("<PermissionSet>\n{grants}{objects}\n{}\n</PermissionSet>", objects.replace("O", "A"));
        write(dir.path(), &format!("new/S{number}.permissionset"), set.replace("P3<", "ViewAllData<").as_bytes());
    }
    write(dir.path(), "old/none.txt", b"");
    for (format, options) in FORMATS {
        let args = [&["check", "--from", "old", "--to", "new", "--format", format], *options].concat();
        let run = || permdelta(dir.path(), &args).stdout;
        let first = run();
        assert!(first.contains("privileged-access-always-on") && first.contains("ViewAllData"), "{format}");
        assert!((0..4).all(|_| run() == first), "{format}");
    }
}

/// A report that names its machine or its moment cannot be compared with yesterday's.
#[test]
fn no_report_names_the_machine_or_the_moment() {
    let dir = temp();
    sample(dir.path());
    let root = std::fs::canonicalize(dir.path()).expect("the directory");
    for (what, run) in from(dir.path(), None) {
        for place in [arg(dir.path()), arg(&root)] {
            assert!(!run.stdout.contains(place), "{what} names {place}");
        }
        let digits: String =
            run.stdout.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
        assert!(!digits.contains("0000-00-00") && !digits.contains("00:00:00"), "{what} names a time");
    }
}

/// Each report file is the document that stdout would have been.
#[test]
fn report_files_equal_stdout() {
    let (dir, out) = (temp(), temp());
    sample(dir.path());
    let formats: BTreeSet<&str> = FORMATS.iter().map(|(format, _)| *format).collect();
    let files: Vec<String> =
        formats.iter().map(|format| format!("{format}={}", arg(&out.path().join(format)))).collect();
    for command in [&["check", "HEAD~1..HEAD"][..], &["diff", "HEAD~1"], &["audit", ":worktree"]] {
        let all = files.iter().flat_map(|file| ["--report", file]);
        let run = permdelta(dir.path(), &command.iter().copied().chain(all).collect::<Vec<_>>());
        assert_eq!(run.stdout, permdelta(dir.path(), command).stdout, "{command:?}: stdout stays the table");
        for format in &formats {
            let written = std::fs::read_to_string(out.path().join(format)).expect("a report file");
            let printed = permdelta(dir.path(), &[command, &["--format", format]].concat()).stdout;
            assert_eq!(written, printed, "{command:?} {format}");
        }
    }
}
