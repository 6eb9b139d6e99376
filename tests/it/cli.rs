//! The command line: exit codes whatever the format, mistakes with a hint on stderr, help that names its parts, and well-behaved streams.

use std::path::Path;
use std::process::{Command, Stdio};

use git2::{Oid, Repository};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{FOLDER, Run, arg, commit, permdelta, repository, scrub, temp, write};

const FORMATS: [&str; 3] = ["table", "json", "sarif"];

/// Runs the program with variables set.
fn with_variables(dir: &Path, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let home = temp();
    let mut command = Command::new(env!("CARGO_BIN_EXE_permdelta"));
    scrub(&mut command, home.path());
    let output = command.current_dir(dir).args(args).envs(variables.iter().copied()).output().expect("it starts");
    Run {
        status: output.status.code().expect("the program ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("stderr is UTF-8"),
    }
}

/// A set that is plain, has a finding of medium or critical severity, is cut off, or both of the latter at once.
fn set(state: &str) -> Vec<(String, Vec<u8>)> {
    let path = |name: &str| format!("{FOLDER}/{name}.permissionset-meta.xml");
    let whole = |inside: &str| format!("<PermissionSet>{inside}\n</PermissionSet>\n").into_bytes();
    let critical = "<userPermissions><enabled>true</enabled><name>ModifyAllData</name></userPermissions>";
    let medium = "<objectPermissions><object>Lead</object><viewAllRecords>true</viewAllRecords></objectPermissions>";
    let cut = (path("Cut"), b"<PermissionSet><userPermissions>".to_vec());
    match state {
        "medium" => vec![(path("A"), whole(medium))],
        "critical" => vec![(path("A"), whole(critical))],
        "cut" => vec![(path("A"), whole("")), cut],
        "cut+critical" => vec![(path("A"), whole(critical)), cut],
        _ => vec![(path("A"), whole(""))],
    }
}

/// A bare repository with one branch for each state, all on top of `plain`.
fn states() -> TempDir {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let commit = |parent: Option<Oid>, state: &str| {
        let files = set(state);
        let id = commit(
            &repository,
            parent,
            &files.iter().map(|(path, set)| (path.as_str(), set.as_slice())).collect::<Vec<_>>(),
        );
        let branch = format!("refs/heads/{}", state.replace('+', "-"));
        repository.reference(&branch, id, true, "a state").expect("a branch");
        id
    };
    let plain = commit(None, "plain");
    for state in ["medium", "critical", "cut", "cut+critical"] {
        commit(Some(plain), state);
    }
    dir
}

/// Each case: the arguments, the exit code, the verdict that JSON states.
const ENDINGS: [(&str, i32, Option<&str>); 24] = [
    ("check plain..plain", 0, Some("pass")),
    ("check plain..medium", 0, Some("pass")),
    ("check plain..medium --fail-on medium", 1, Some("fail")),
    ("check plain..medium --fail-on low", 1, Some("fail")),
    ("check plain..medium --fail-on note", 1, Some("fail")),
    ("check plain..critical", 1, Some("fail")),
    ("check plain..critical --fail-on high", 1, Some("fail")),
    ("check plain..critical --fail-on critical", 1, Some("fail")),
    ("check plain..critical --fail-on none", 0, Some("pass")),
    ("check critical..plain", 0, Some("pass")),
    ("check plain..cut", 2, Some("incomplete")),
    ("check plain..cut --fail-on none", 2, Some("incomplete")),
    ("check plain..cut-critical", 2, Some("incomplete")),
    ("check cut..cut-critical", 1, Some("fail")),
    ("diff plain..plain --exit-code", 0, None),
    ("diff plain..critical", 0, None),
    ("diff plain..critical --exit-code", 1, None),
    ("diff critical..plain --exit-code", 1, None),
    ("diff plain..cut", 2, None),
    ("diff plain..cut-critical --exit-code", 2, None),
    ("audit critical", 0, Some("pass")),
    ("audit critical --fail-on high", 1, Some("fail")),
    ("audit medium --fail-on high", 0, Some("pass")),
    ("audit cut-critical --fail-on high", 2, Some("incomplete")),
];

#[test]
fn exit_codes_do_not_depend_on_the_format() {
    let dir = states();
    for (line, status, verdict) in ENDINGS {
        for format in FORMATS {
            let args: Vec<&str> = line.split(' ').chain(["--format", format]).collect();
            let run = permdelta(dir.path(), &args);
            assert_eq!(run.status, status, "{line} {format}: {}", run.stderr);
            assert!(run.stdout.ends_with('\n'), "{line} {format}: a whole document");
            if format == "table" {
                let word = verdict.map(str::to_uppercase).unwrap_or_default();
                assert!(run.stdout.contains(&word), "{line}: {}", run.stdout);
                continue;
            }
            let json: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{line}: {error}"));
            if format == "json" {
                assert_eq!(json["verdict"].as_str(), verdict, "{line}");
                assert_eq!(json["complete"], status != 2, "{line}");
            } else {
                assert_eq!(json["runs"][0]["invocations"][0]["executionSuccessful"], status != 2, "{line}");
            }
        }
    }
}

#[test]
fn without_a_report_the_exit_code_is_3_in_every_format() {
    let dir = states();
    for format in FORMATS {
        for line in ["check plain..nowhere", "check plain..plain --fail-on worst", "audit nowhere", "frobnicate"] {
            let run = permdelta(dir.path(), &line.split(' ').chain(["--format", format]).collect::<Vec<_>>());
            assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{line} {format}");
            assert!(!run.stderr.is_empty(), "{line} {format}");
        }
    }
}

/// Each mistake: where it is made (a repository or none), the arguments, and words that stderr must have: what is wrong, what helps.
const MISTAKES: [(bool, &str, &[&str]); 25] = [
    (true, "check --fail-onn high", &["--fail-onn", "--fail-on"]),
    (true, "chekc", &["chekc", "check"]),
    (true, "check plain..medium --format xml", &["xml", "table", "json", "sarif"]),
    (true, "check plain..medium --report json", &["FORMAT=FILE", "sarif=permdelta.sarif"]),
    (true, "check plain..medium --report json=", &["file is missing"]),
    (true, "check plain..medium --report json=no/such/folder/x", &["no/such/folder/x", "directory exists"]),
    (true, "check plain..medium --report json=-", &["--format json prints it"]),
    (
        true,
        "check plain..medium --report xml=a",
        &["no format `xml`: table, json, sarif, markdown, github, github-review"],
    ),
    (true, "check plain..medium --report json=a --report table=./a", &["two reports are to be written to ./a"]),
    (true, "check --from plain", &["--to"]),
    (true, "check --to plain", &["--from"]),
    (true, "check plain..medium --from plain --to medium", &["cannot be used with"]),
    (true, "explain modify-al-data", &["no rule \"modify-al-data\"", "did you mean `modify-all-data`?"]),
    (true, "explain sharing", &["no rule \"sharing\"", "permdelta rules"]),
    (true, "check plain..meduim", &["no revision \"meduim\"", "did you mean \"medium\"?"]),
    (true, "check plain", &["bare", "A..B"]),
    (true, "audit", &["bare", "permdelta audit HEAD"]),
    (true, "who ModifyAllData", &["bare", "permdelta audit HEAD"]),
    (true, "audit plain..medium", &["is a range, and one state is asked for", "permdelta check plain..medium"]),
    (true, "check", &["no remote default branch", "main...HEAD"]),
    (false, "check main..HEAD", &["not in a git repository", "--from OLD --to NEW", "-C"]),
    (false, "audit", &["not in a git repository", "permdelta audit DIR"]),
    (false, "who ModifyAllData", &["not in a git repository", "permdelta audit DIR"]),
    (false, "audit main", &["no directory or .zip archive \"main\""]),
    (false, "-C no/such/folder audit", &["no/such/folder", "-C takes an existing directory"]),
];

#[test]
fn mistakes_are_named_on_stderr_with_a_hint() {
    let (bare, empty) = (states(), temp());
    for (in_repository, line, words) in MISTAKES {
        let dir = if in_repository { bare.path() } else { empty.path() };
        let args: Vec<&str> = line.split(' ').collect();
        for quiet in [&[][..], &["-q"]] {
            let run = permdelta(dir, &[&args, quiet].concat());
            assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{line}");
            for word in words {
                assert!(run.stderr.contains(word), "{line}: {word:?} is not in\n{}", run.stderr);
            }
        }
    }
}

#[test]
fn reports_that_keep_apart_are_written() {
    let dir = states();
    let line = "check plain..medium --report json=a --report table=b --report json=/dev/null --report table=/dev/null";
    let run = permdelta(dir.path(), &line.split(' ').collect::<Vec<_>>());
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(dir.path().join("a").exists() && dir.path().join("b").exists());
    // Seen as one file when it is there, too.
    std::fs::create_dir(dir.path().join("d")).expect("a folder");
    let run = permdelta(dir.path(), &["check", "plain..medium", "--report", "json=a", "--report", "table=d/../a"]);
    assert!(run.status == 3 && run.stderr.contains("a file of its own for each"), "{}", run.stderr);
}

#[test]
fn a_repository_without_commits_says_so() {
    let dir = temp();
    repository(dir.path(), false);
    for line in ["check", "check HEAD", "audit HEAD"] {
        let run = permdelta(dir.path(), &line.split(' ').collect::<Vec<_>>());
        assert!(run.status == 3 && run.stderr.contains("it has no commits yet"), "{line}: {}", run.stderr);
    }
}

/// A result about nothing is likely one about the wrong place.
#[test]
fn where_there_are_no_permission_files_it_is_said() {
    let (dir, full) = (temp(), temp());
    write(dir.path(), "src/readme.md", b"");
    write(full.path(), &format!("{FOLDER}/A.permissionset-meta.xml"), &set("plain")[0].1);
    let said = |line: &str| {
        let run = permdelta(dir.path(), &line.split(' ').collect::<Vec<_>>());
        assert_eq!(run.status, 0, "{line}: {}", run.stderr);
        run.stderr.contains("there are no permission files in ")
    };
    let waive = "waive --all --expires 2999-12-31 src";
    for line in
        ["audit .", "audit src", "who ModifyAllData .", "check --from . --to src", "diff --from . --to src", waive]
    {
        assert!(said(line), "{line}");
    }
    let full = arg(full.path());
    for line in ["audit", "who ModifyAllData", "diff --from . --to", "diff --to . --from"] {
        assert!(!said(&format!("{line} {full}")), "{line}");
    }
    assert!(!said("audit src -q"));
}

#[test]
fn a_name_that_is_a_directory_and_a_branch_is_refused() {
    let dir = states();
    write(dir.path(), "medium/X.permissionset", b"<PermissionSet/>");
    for line in ["check --from medium --to plain", "diff --from plain --to medium", "audit medium"] {
        let run = permdelta(dir.path(), &line.split(' ').collect::<Vec<_>>());
        assert_eq!(run.status, 3, "{line}");
        for word in ["both a revision and a directory", "./medium", "refs/heads/medium"] {
            assert!(run.stderr.contains(word), "{line}: {}", run.stderr);
        }
    }
    for name in ["./medium", "refs/heads/medium"] {
        assert_eq!(permdelta(dir.path(), &["audit", name]).status, 0, "{name}: as the hint says");
    }
}

/// A short id that several objects begin with.
#[test]
fn a_short_id_of_several_objects_is_refused() {
    let dir = states();
    let repository = Repository::open(dir.path()).expect("the repository");
    let mut ids: Vec<String> =
        (0..1000_u32).map(|number| repository.blob(&number.to_le_bytes()).expect("a blob").to_string()).collect();
    ids.sort();
    let twins = ids.windows(2).find(|pair| pair[0][..4] == pair[1][..4]).expect("two ids that begin alike");
    let run = permdelta(dir.path(), &["check", &format!("{}..plain", &twins[0][..4])]);
    assert_eq!(run.status, 3);
    assert!(run.stderr.contains("names more than one object"), "{}", run.stderr);
}

#[test]
fn help_names_every_command_and_every_part() {
    let dir = temp();
    let parts: [(&[&str], &[&str]); 8] = [
        (&[], &["check", "diff", "audit", "who", "explain", "rules", "demo", "-C", "Exit codes", "permdelta demo"]),
        (
            &["check"],
            &[
                "RANGE",
                "A..B",
                "A...B",
                "merge base",
                "--from",
                "--to",
                ":index",
                ":worktree",
                "--format",
                "--report",
                "--fail-on",
                "critical",
                "none",
            ],
        ),
        (&["diff"], &["RANGE", "--from", "--to", "--format", "--report", "--exit-code"]),
        (&["audit"], &["SNAPSHOT", ":worktree", "HEAD", "--format", "--report", "--fail-on"]),
        (
            &["who"],
            &["GRANT", "SNAPSHOT", ":worktree", "HEAD", "objectPermissions/Account/modifyAllRecords", "--format"],
        ),
        (&["explain"], &["RULE", "FINGERPRINT", "RANGE", "SNAPSHOT", "permdelta rules"]),
        (&["rules"], &["--format", "table", "json"]),
        (&["demo"], &["--keep", "DIR", "--format", "--report"]),
    ];
    for (command, words) in parts {
        let run = permdelta(dir.path(), &[command, &["--help"]].concat());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{command:?}");
        for word in words.iter().chain(&["--color", "--quiet", "--verbose", "--help"]) {
            assert!(run.stdout.contains(word), "{command:?}: {word} is not in\n{}", run.stdout);
        }
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{command:?}: lines of a readable width");
        assert_eq!(permdelta(dir.path(), &[command, &["-h"]].concat()).status, 0, "{command:?} -h");
    }
    let version = permdelta(dir.path(), &["--version"]);
    assert_eq!((version.status, version.stdout), (0, format!("permdelta {}\n", env!("CARGO_PKG_VERSION"))));
    assert_eq!(permdelta(dir.path(), &[]).status, 3, "nothing asked for");
}

#[test]
fn a_closed_pipe_is_success() {
    let dir = states();
    for line in [
        "rules --format json",
        "explain modify-all-data",
        "who ModifyAllData critical",
        "diff plain..critical -v",
        "audit critical",
        "--help",
    ] {
        let home = temp();
        let mut command = Command::new(env!("CARGO_BIN_EXE_permdelta"));
        scrub(&mut command, home.path());
        command.current_dir(dir.path()).args(line.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("it ends");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{line}: {stderr}");
        assert!(!stderr.contains("error") && !stderr.contains("panicked"), "{line}: {stderr}");
    }
}

#[test]
fn quiet_keeps_the_result_and_drops_the_remarks() {
    let dir = states();
    for line in
        ["check plain..critical", "diff plain..plain", "audit critical", "who ModifyAllData critical", "rules", "demo"]
    {
        let args: Vec<&str> = line.split(' ').collect();
        let (loud, quiet) = (permdelta(dir.path(), &args), permdelta(dir.path(), &[&args[..], &["-q"]].concat()));
        assert_eq!((quiet.status, &quiet.stdout), (loud.status, &loud.stdout), "{line}");
        assert_eq!(quiet.stderr, "", "{line}");
        assert_ne!(loud.stderr, "", "{line}: it says what it did");
    }
}

#[test]
fn a_pipe_gets_colour_only_if_asked_for() {
    let dir = states();
    let coloured = |more: &[&str], variables: &[(&str, &str)]| {
        let run = with_variables(dir.path(), &[&["check", "plain..critical"], more].concat(), variables);
        assert_eq!(run.status, 1);
        run.stdout.contains('\u{1b}')
    };
    assert!(!coloured(&[], &[]));
    assert!(!coloured(&["--color", "auto"], &[("TERM", "xterm-256color")]));
    assert!(!coloured(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(coloured(&["--color", "always"], &[]));
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]), "what is asked for outdoes the environment");
    assert!(coloured(&["--color=always", "--report", &format!("table={}", arg(&dir.path().join("t")))], &[]));
    let file = std::fs::read_to_string(dir.path().join("t")).expect("the report");
    assert!(!file.contains('\u{1b}'), "a file is no terminal");
}

/// In CI the worktree is the checkout: what is audited is what was committed.
#[test]
fn audit_reads_head_in_ci() {
    let dir = temp();
    commit(&repository(dir.path(), false), None, &[("A.permissionset", b"<PermissionSet/>")]);
    let head = |variables: &[(&str, &str)]| {
        let run = with_variables(dir.path(), &["audit", "--format", "json"], variables);
        let json: Value = serde_json::from_str(&run.stdout).expect("JSON");
        json["head"]["name"].as_str().expect("a name").to_owned()
    };
    assert_eq!((head(&[]), head(&[("CI", "true")])), (":worktree".to_owned(), "HEAD".to_owned()));
}
