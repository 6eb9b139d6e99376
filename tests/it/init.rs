//! `permdelta init`: a configuration that changes nothing until it is wanted, and the gate to paste.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::ranges::{path, set};
use crate::support::{Report, commit_worktree, directory, permdelta, repository, temp, text, write};

const POLICY: &str = "permdelta.toml";

fn init(dir: &Path) -> (String, String) {
    let run = permdelta(dir, &["init"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    (fs::read_to_string(dir.join(POLICY)).expect("a configuration"), run.stdout)
}

/// The text with its settings in force: comments that are prose stay.
fn in_force(text: &str) -> String {
    let is_setting = |line: &str| {
        let inside = line.strip_prefix("# ").unwrap_or_default();
        let key = inside.split(['=', ' ']).next().unwrap_or_default();
        inside.starts_with(['[', ' ', ']'])
            || (inside.contains(" = ") && key.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'))
    };
    text.lines().map(|line| if is_setting(line) { format!("{}\n", &line[2..]) } else { format!("{line}\n") }).collect()
}

#[test]
fn it_changes_nothing_and_every_line_of_it_loads() {
    let dir = temp();
    assert_eq!(permdelta(dir.path(), &["demo", "--keep", "sample", "-q"]).status, 1);
    let sample = dir.path().join("sample");
    let before = Report::of(&sample, &["audit"]).json["findings"].clone();
    let (text, _) = init(&sample);
    assert_eq!(Report::of(&sample, &["audit"]).json["findings"], before);
    for word in
        ["profile:Admin", "permissionSet:Integration_ERP_Sync", "\"Contract\"", "Conference_Room_Mobile", "[[waiver]]"]
    {
        assert!(text.contains(word), "{word}: {text}");
    }
    let all = in_force(&text);
    assert!(all.contains("\n[rules]\n") && all.contains("\nexpires = 2027-03-31\n"), "{all}");
    // There are no own rules in the sample.
    fs::write(sample.join(POLICY), all.replace("rules = [\"security/rules\"]", "")).expect("written");
    let run = permdelta(&sample, &["audit"]);
    assert_eq!(run.status, 0, "{}\n{all}", run.stderr);
}

/// An exclude takes files out of sight: a user decides that.
#[test]
fn no_folder_of_the_repository_is_suggested_to_be_excluded() {
    let project = br#"{ "packageDirectories": [{ "path": "force-app" }] }"#;
    let outside = "unpackaged/permissionsets/B.permissionset-meta.xml";
    let dir =
        directory(&[("sfdx-project.json", project), (&path("A"), &set("RunReports")), (outside, &set("ViewSetup"))]);
    let (text, _) = init(dir.path());
    assert!(text.contains("\n# exclude = [\"archive/**\"]\n") && !text.contains("unpackaged"), "{text}");
}

/// What `init` says of the pull request that adds the file is so.
#[test]
fn the_change_that_brings_it_passes_as_it_is_said() {
    let a = path("A");
    let dir = temp();
    let git = repository(dir.path(), false);
    let bare = commit_worktree(&git, None, &[(&a, &set("ModifyAllData"))]);
    let run = permdelta(dir.path(), &["init"]);
    for word in ["waiver-requested, medium", "policy-weakened, high", "counts once it is merged"] {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
    let found = || {
        let report = Report::of(dir.path(), &["check", &bare.to_string()]);
        let findings = report.json["findings"].as_array().expect("findings").iter();
        let findings = findings.map(|finding| format!("{} {}", text(finding, "severity"), text(finding, "rule")));
        (report.status, findings.collect::<BTreeSet<_>>())
    };
    assert_eq!(found(), (0, BTreeSet::new()));
    assert_eq!(permdelta(dir.path(), &["waive", "--all", "--expires", "2999-12-31"]).status, 0);
    assert_eq!(found(), (0, BTreeSet::from(["medium waiver-requested".to_owned()])));
    write(dir.path(), POLICY, b"[rules]\nhygiene = \"off\"\n");
    assert_eq!(found(), (1, BTreeSet::from(["high policy-weakened".to_owned()])));
}

#[test]
fn what_is_there_is_never_written_over() {
    let dir = directory(&[(POLICY, b"[rules]\n")]);
    let run = permdelta(dir.path(), &["init"]);
    assert!(run.status == 3 && run.stderr.contains("is there already"), "{}", run.stderr);
    assert_eq!(fs::read(dir.path().join(POLICY)).expect("the file"), b"[rules]\n");
}

#[test]
fn the_gate_is_that_of_the_ci_system_in_use() {
    let cases = [
        (".github/workflows/test.yml", "# .github/workflows/permissions.yml"),
        (".gitlab-ci.yml", "# .gitlab-ci.yml"),
        ("azure-pipelines.yml", "# azure-pipelines.yml"),
        ("bitbucket-pipelines.yml", "# bitbucket-pipelines.yml"),
        ("Jenkinsfile", "// Jenkinsfile"),
    ];
    for (sign, first) in cases {
        let dir = directory(&[(sign, b""), (&path("A"), &set("RunReports"))]);
        let (_, stdout) = init(dir.path());
        assert!(stdout.starts_with(first), "{sign}: {stdout}");
        assert!(stdout.contains("permdelta check"), "{sign}: {stdout}");
    }
    let both = directory(&[(".gitlab-ci.yml", b""), ("Jenkinsfile", b"")]);
    let (_, stdout) = init(both.path());
    assert!(stdout.contains("# .gitlab-ci.yml") && stdout.contains("// Jenkinsfile"), "{stdout}");
}

/// A repository without a CI file: the gate is that of its remote's host, and said to be a guess.
#[test]
fn without_a_ci_file_the_host_of_the_remote_decides() {
    type Remotes<'a> = &'a [(&'a str, &'a str)];
    let cases: [(Remotes<'_>, &str, &str); 7] = [
        (
            &[("origin", "git@gitlab.com:org/a.git")],
            "# .gitlab-ci.yml",
            "for GitLab CI, as the remote origin is on gitlab.com",
        ),
        (&[("origin", "https://u:secret@dev.azure.com/o/p/_git/a")], "# azure-pipelines.yml", "is on dev.azure.com"),
        (&[("up", "ssh://git@bitbucket.org/org/a")], "# bitbucket-pipelines.yml", "the remote up is on bitbucket.org"),
        (&[("origin", "https://github.com/o/a"), ("b", "git@gitlab.com:a")], "# .github/", "is on github.com"),
        (
            &[("origin", "git@code.example.com:a")],
            "# .github/",
            "what runs at code.example.com, where the remote origin is",
        ),
        (&[("a", "git@gitlab.com:a"), ("b", "git@gitlab.com:a")], "# .github/", "no remote host to go by"),
        (&[], "# .github/", "no remote host to go by"),
    ];
    for (remotes, first, said) in cases {
        let dir = temp();
        let git = repository(dir.path(), false);
        remotes.iter().for_each(|(name, url)| drop(git.remote(name, url).expect("a remote")));
        let run = permdelta(dir.path(), &["init"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stdout.starts_with(first), "{remotes:?}: {}", run.stdout);
        let last = run.stderr.lines().find(|line| line.starts_with("No CI file is here")).expect("a guess");
        assert!(last.contains(said) && last.contains("section As a gate") && !last.contains("secret"), "{last}");
    }
    let known = directory(&[(".gitlab-ci.yml", b"")]);
    assert!(!permdelta(known.path(), &["init"]).stderr.contains("No CI file"));
}

/// git refuses to use a repository of another user: nothing in it is trusted, and no file is written beside it.
#[cfg(unix)]
#[test]
fn a_repository_that_git_refuses_is_none_to_write_into() {
    let dir = temp();
    let git = repository(dir.path(), false);
    commit_worktree(&git, None, &[(&path("A"), &set("ModifyAllData"))]);
    for owned in [dir.path().to_owned(), dir.path().join(".git")] {
        if std::os::unix::fs::chown(&owned, Some(4_242), None).is_err() {
            println!("a_repository_that_git_refuses_is_none_to_write_into: skipped, only root can give files away");
            return;
        }
    }
    let below = dir.path().join("force-app");
    let refused: [&[&str]; 6] = [
        &["init"],
        &["audit"],
        &["audit", "HEAD"],
        &["rules"],
        &["waive", "--all", "--expires", "2999-12-31"],
        &["check", "--from", "HEAD", "--to", "."],
    ];
    for args in refused {
        let run = permdelta(&below, args);
        assert_eq!(run.status, 3, "{args:?}: {}", run.stdout);
        assert!(run.stderr.contains("safe.directory"), "{args:?}: {}", run.stderr);
    }
    assert!(!below.join(POLICY).exists() && !dir.path().join(POLICY).exists());
    assert_eq!(permdelta(&below, &["audit", "."]).status, 0);
}

/// Names come from the repository, and end up in a file that people read and change.
#[test]
fn hostile_names_stay_inside_their_quotes() {
    let name = "Int_\"]\n[rules]\nhygiene = \"off\"";
    let dir =
        directory(&[("permissionsets/Int_%22%5D.permissionset", b"<PermissionSet><label>A</label></PermissionSet>")]);
    let (text, _) = init(dir.path());
    assert!(!text.lines().any(|line| !line.is_empty() && !line.starts_with('#')), "{text}");
    let dir = directory(&[(
        &format!("permissionsets/{}.permissionset", name.replace('/', "")),
        b"<PermissionSet><label>A</label></PermissionSet>",
    )]);
    let (text, _) = init(dir.path());
    assert!(!text.lines().any(|line| !line.is_empty() && !line.starts_with('#')), "{text}");
}
