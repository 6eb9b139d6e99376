//! What other systems read of this project: the action, workflows, templates, the pre-commit hook, the Dockerfile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use yaml_rust2::Yaml;

use crate::support::{FOLDER, Run, arg, commit_worktree, files_below, permdelta, repository, temp, write};
use crate::yaml::{document, files, root, text, texts};

fn keys(yaml: &Yaml) -> BTreeSet<String> {
    let map = yaml.as_hash().unwrap_or_else(|| panic!("a map: {yaml:?}"));
    map.keys().map(|key| key.as_str().expect("a text").to_owned()).collect()
}

#[test]
fn every_yaml_file_parses() {
    let files = files();
    assert!(files.len() >= 10, "{files:?}");
    for file in files {
        document(&file);
    }
}

/// In `run` an expression is shell code before a shell sees it: texts come by `env`.
#[test]
fn no_expression_stands_in_a_script() {
    for file in files() {
        for (place, text) in texts(&document(&file)) {
            let key = place.rsplit('/').find(|key| key.parse::<usize>().is_err()).unwrap_or_default();
            if matches!(key, "run" | "script") {
                assert!(!text.contains("${{") && !text.contains("$(PERMDELTA"), "{file} {place}: {text}");
            }
        }
    }
}

/// What a tag or branch names changes; a commit's full id does not. Each action is at one version everywhere.
#[test]
fn actions_are_pinned() {
    let mut pins: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files() {
        for line in text(&file).lines() {
            let Some(used) = line.trim_start().trim_start_matches("- ").strip_prefix("uses: ") else { continue };
            if used.starts_with("./") || used.starts_with("OWNER/permdelta@v") {
                continue;
            }
            let (action, version) = used.split_once('@').expect("a version");
            let (id, comment) = version.split_once(" # v").unwrap_or_else(|| panic!("{file}: {line}"));
            assert!(id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{file}: {line}");
            assert!(comment.split('.').count() == 3, "{file}: {line}");
            pins.entry(action.to_owned()).or_default().insert(version.to_owned());
        }
    }
    assert!(pins.len() >= 4, "{pins:?}");
    assert!(pins.values().all(|versions| versions.len() == 1), "{pins:#?}");
}

/// Nothing is allowed that a job does not name, and only the release may write.
#[test]
fn workflows_ask_for_what_they_need() {
    let folder = ".github/workflows";
    let workflows: Vec<_> = files().into_iter().filter(|file| file.starts_with(folder)).collect();
    let templates = ["src/cli/templates/github.yml", "src/cli/templates/github-action.yml"].map(str::to_owned);
    let mut writes = BTreeSet::new();
    for file in workflows.iter().chain(&templates) {
        let workflow = document(file);
        assert!(keys(&workflow["permissions"]).is_empty(), "{file}");
        for (name, job) in workflow["jobs"].as_hash().expect("jobs") {
            let name = name.as_str().expect("a name");
            for (what, access) in job["permissions"].as_hash().unwrap_or_else(|| panic!("{file}: {name}")) {
                if access.as_str() == Some("write") {
                    writes.insert(format!("{file} {name} {}", what.as_str().expect("a text")));
                }
            }
            for step in job["steps"].as_vec().into_iter().flatten() {
                if step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout@")) {
                    assert_eq!(step["with"]["persist-credentials"].as_bool(), Some(false), "{file}: {name}");
                }
            }
        }
    }
    let expected = [
        ".github/workflows/release.yml release contents",
        "src/cli/templates/github-action.yml permdelta pull-requests",
        "src/cli/templates/github-action.yml permdelta security-events",
        "src/cli/templates/github.yml permdelta security-events",
    ];
    assert_eq!(writes.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn the_action_uses_every_input_and_names_every_output() {
    let (action, source) = (document("action.yml"), text("action.yml"));
    for input in keys(&action["inputs"]) {
        let input_of = &action["inputs"][input.as_str()];
        assert!(input_of["description"].as_str().is_some() && input_of["default"].as_str().is_some(), "{input}");
        assert!(source.contains(&format!("inputs.{input}")), "{input} is not used");
    }
    let outputs = text(".github/action/check.sh");
    for (place, value) in texts(&action) {
        for piece in value.split("steps.check.outputs.").skip(1) {
            let name: String = piece.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '-').collect();
            assert!(outputs.contains(&format!("output {name} ")), "{place}: check.sh has no output {name}");
        }
        if let Some((_, script)) = value.split_once("$GITHUB_ACTION_PATH/") {
            assert!(root().join(script.trim_end_matches('"')).is_file(), "{place}: {script}");
        }
    }
    // What the scripts read is what the steps hand over.
    let handed: BTreeSet<String> = texts(&action)
        .into_iter()
        .filter_map(|(place, _)| place.rsplit_once("/env/").map(|(_, name)| name.to_owned()))
        .filter(|name| name.starts_with("PERMDELTA_"))
        .collect();
    let shared = text(".github/action/pull-request.sh");
    for script in ["install", "check", "pull-request", "comment", "review", "verdict"] {
        let script = text(&format!(".github/action/{script}.sh"));
        for piece in script.split("PERMDELTA_").skip(1) {
            let name: String =
                piece.chars().take_while(|letter| letter.is_ascii_uppercase() || *letter == '_').collect();
            let name = format!("PERMDELTA_{name}");
            assert!(handed.contains(&name) || shared.contains(&format!("export {name}=")), "{name}");
        }
    }
}

/// `init` prints the gate of the system a repository uses.
#[test]
fn init_prints_the_templates() {
    for (sign, template) in [
        ("README", "github.yml"),
        (".github/CODEOWNERS", "github.yml"),
        (".gitlab-ci.yml", "gitlab.yml"),
        ("azure-pipelines.yml", "azure.yml"),
        ("bitbucket-pipelines.yml", "bitbucket.yml"),
        ("Jenkinsfile", "Jenkinsfile"),
    ] {
        let dir = temp();
        write(dir.path(), sign, b"");
        let run = permdelta(dir.path(), &["init"]);
        let expected = text(&format!("src/cli/templates/{template}"));
        assert_eq!((run.status, run.stdout), (0, expected + "\n"), "{sign}");
        assert!(run.stderr.contains("PERMDELTA_REPOSITORY"), "{sign}: {}", run.stderr);
        let action = run.stderr.contains(&text("src/cli/templates/github-action.yml"));
        assert_eq!(action, template == "github.yml", "{sign}: {}", run.stderr);
    }
}

/// The only hook, as a list of arguments behind the program's name.
fn hook() -> Vec<String> {
    let hooks = document(".pre-commit-hooks.yaml");
    let [hook] = &hooks.as_vec().expect("a list")[..] else { panic!("one hook: {hooks:?}") };
    assert_eq!((hook["id"].as_str(), hook["language"].as_str()), (Some("permdelta"), Some("rust")));
    assert_eq!((hook["pass_filenames"].as_bool(), hook["always_run"].as_bool()), (Some(false), Some(true)));
    let mut words = hook["entry"].as_str().expect("an entry").split(' ').map(str::to_owned);
    assert_eq!(words.next().as_deref(), Some("permdelta"));
    words.collect()
}

fn set(permission: &str) -> Vec<u8> {
    format!(
        "<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <label>A</label>\n    <userPermissions>\n        \
         <enabled>true</enabled>\n        <name>{permission}</name>\n    </userPermissions>\n</PermissionSet>\n"
    )
    .into_bytes()
}

#[test]
fn the_hook_judges_what_is_staged() {
    let dir = temp();
    let repository = repository(dir.path(), false);
    let path = format!("{FOLDER}/A.permissionset-meta.xml");
    commit_worktree(&repository, None, &[(&path, &set("RunReports"))]);
    let hook = hook();
    let run = || permdelta(dir.path(), &hook.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(run().status, 0);
    write(dir.path(), &path, &set("ModifyAllData"));
    assert_eq!(run().status, 0, "what is not staged does not count");
    let mut index = repository.index().expect("an index");
    index.add_path(Path::new(&path)).expect("it is staged");
    index.write().expect("the index");
    write(dir.path(), &path, &set("RunReports"));
    let Run { status, stdout, stderr } = run();
    assert_eq!(status, 1, "{stderr}");
    assert!(stdout.contains("userPermissions/ModifyAllData") && stderr.contains(":index"), "{stdout}{stderr}");
}

/// `git commit -a` and `git commit PATH` make an index of their own, which hooks have to look at.
#[test]
#[cfg(unix)]
fn the_hook_stops_commits_of_every_kind() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use crate::support::scrub;

    let (dir, home) = (temp(), temp());
    let repository = repository(dir.path(), false);
    let path = format!("{FOLDER}/A.permissionset-meta.xml");
    commit_worktree(&repository, None, &[(&path, &set("RunReports"))]);
    let script = format!("#!/bin/sh\nexec '{}' {}\n", env!("CARGO_BIN_EXE_permdelta"), hook().join(" "));
    let file = dir.path().join(".git/hooks/pre-commit");
    fs::create_dir_all(file.parent().expect("a folder")).expect("hooks");
    fs::write(&file, script).expect("a hook");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it can be run");
    let git = |args: &[&str]| {
        let mut git = Command::new("git");
        scrub(&mut git, home.path());
        git.current_dir(dir.path()).args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(args);
        // What hooks print goes to stderr, all of it.
        git.output().ok().map(|output| (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
    };
    write(dir.path(), &path, &set("ModifyAllData"));
    for args in [&["commit", "-qam", "m"][..], &["commit", "-qm", "m", &path], &["commit", "-qm", "m", "-i", &path]] {
        let Some((committed, said)) = git(args) else {
            println!("the_hook_stops_commits_of_every_kind: skipped, there is no git");
            return;
        };
        assert!(!committed && said.contains("userPermissions/ModifyAllData"), "{args:?}: {said}");
    }
    write(dir.path(), &path, &set("ViewSetup"));
    assert!(git(&["commit", "-qam", "m"]).expect("git").0, "a harmless change is committed");
}

/// The folder each instruction of the Dockerfile copies from the project.
fn copied() -> BTreeSet<String> {
    let dockerfile = text("Dockerfile");
    let copies = dockerfile.lines().filter_map(|line| line.strip_prefix("COPY "));
    let mut copied = BTreeSet::new();
    for copy in copies.filter(|copy| !copy.starts_with("--from=build /build/target/release/permdelta ")) {
        let words: Vec<&str> = copy.split(' ').collect();
        copied.extend(words[..words.len() - 1].iter().map(|word| (*word).to_owned()));
    }
    copied
}

#[test]
fn the_dockerfile_copies_what_the_build_needs() {
    let copied = copied();
    assert!(copied.contains("src") && copied.iter().all(|path| root().join(path).exists()), "{copied:?}");
    let allowed: BTreeSet<String> =
        text(".dockerignore").lines().filter_map(|line| line.strip_prefix('!')).map(str::to_owned).collect();
    assert_eq!(allowed, copied, ".dockerignore lets through what is copied");
    assert!(text(".dockerignore").lines().any(|line| line == "*"));
    // What is compiled in, wherever it lies.
    for file in files_below(&root().join("src")) {
        let code = fs::read_to_string(root().join("src").join(&file)).unwrap_or_default();
        for piece in code.split("include_str!(\"").skip(1).chain(code.split("include_bytes!(\"").skip(1)) {
            let named = piece.split('"').next().expect("a path");
            let place = root().join("src").join(&file).with_file_name("").join(named);
            let place = fs::canonicalize(&place).unwrap_or_else(|error| panic!("{file}: {named}: {error}"));
            let base = fs::canonicalize(root()).expect("the root");
            let top = place.strip_prefix(base).expect("it lies below").components().next().expect("a part");
            assert!(copied.contains(arg(Path::new(&top))), "{file} needs {named}");
        }
    }
}

#[test]
fn the_image_is_pinned_and_has_no_root() {
    let dockerfile = text("Dockerfile");
    let builder = dockerfile.lines().find_map(|line| line.strip_prefix("FROM rust:")).expect("a builder");
    let minor = |version: &str| version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
    let pinned = minor(builder.split('-').next().expect("a version")).expect("a minor version");
    let cargo = text("Cargo.toml");
    let oldest = cargo.lines().find_map(|line| line.strip_prefix("rust-version = ")).expect("a version");
    assert!(pinned >= minor(oldest.trim_matches('"')).expect("a minor version"), "{builder} and {oldest}");
    for line in ["USER 65532:65532", "ENTRYPOINT [\"permdelta\"]", "WORKDIR /repo"] {
        assert!(dockerfile.lines().any(|other| other == line), "{line}");
    }
    assert!(dockerfile.contains("directory = *") && dockerfile.contains("/etc/gitconfig"));
}
