//! The scripts of the GitHub action, with stand-ins for the programs they call.

#![cfg(unix)]

use serde_json::Value;

use crate::stubs::{Stage, has};
use crate::support::{Run, arg};
use crate::yaml::{document, root};

/// The variables of GitHub and of `action.yml`, as an unconfigured use sets them.
const USUAL: [(&str, &str); 16] = [
    ("GITHUB_EVENT_NAME", "pull_request"),
    ("GITHUB_REPOSITORY", "acme/org"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("PERMDELTA_RANGE", "main...pull-request"),
    ("PERMDELTA_FAIL_ON", "high"),
    ("PERMDELTA_ARGS", ""),
    ("PERMDELTA_SARIF", "true"),
    ("PERMDELTA_ANNOTATIONS", "auto"),
    ("PERMDELTA_COMMENT", "true"),
    ("PERMDELTA_REVIEW", "false"),
    ("PERMDELTA_ID", ""),
    ("PERMDELTA_DIRECTORY", "."),
    ("PERMDELTA_VERSION", ""),
    ("PERMDELTA_ACTION_REPOSITORY", "acme/permdelta"),
    ("RUNNER_OS", "Linux"),
    ("RUNNER_ARCH", "X64"),
];

/// A permdelta that writes the reports it is asked for, with what stands in `report.json`, and ends with the code in `code`.
const STAND_IN: &str = r#"
for word in "$@"; do
  case "$word" in
    json=*) cp "$RUNNER_TEMP/../report.json" "${word#json=}" ;;
    markdown=*) printf '<!-- permdelta -->\n**FAIL** of the stand-in\n' >"${word#markdown=}" ;;
    sarif=*) echo '{"of": "check"}' >"${word#sarif=}" ;;
    github*=*) echo "${word%%=*}" >"${word#*=}" ;;
  esac
done
[ "$1" != audit ] || { echo '{"of": "audit"}'; exit 0; }
exit "$(cat "$RUNNER_TEMP/../code")"
"#;

/// Runs one of the action's scripts as a step of a job does.
pub(crate) fn step(stage: &Stage, script: &str, more: &[(&str, &str)]) -> Run {
    let (temp, checkout) = (stage.path("temp"), stage.path("checkout"));
    let (output, summary, path) = (stage.path("output"), stage.path("summary"), stage.path("path"));
    let mut variables = USUAL.to_vec();
    variables.extend([
        ("GITHUB_ACTION_PATH", arg(root())),
        ("GITHUB_WORKSPACE", arg(&checkout)),
        ("RUNNER_TEMP", arg(&temp)),
        ("GITHUB_OUTPUT", arg(&output)),
        ("GITHUB_STEP_SUMMARY", arg(&summary)),
        ("GITHUB_PATH", arg(&path)),
    ]);
    variables.extend(more);
    let script = root().join(format!(".github/action/{script}.sh"));
    stage.bash(&["--noprofile", "--norc", "-eo", "pipefail", arg(&script)], &variables)
}

/// A stage where permdelta is installed: a stand-in that ends with `code`.
fn installed(code: i32, json: &str) -> Stage {
    let stage = Stage::new();
    std::fs::write(stage.path("report.json"), json).expect("a report");
    std::fs::write(stage.path("code"), code.to_string()).expect("a code");
    stage.program("temp/permdelta/bin/permdelta", STAND_IN);
    stage
}

const CLEAN: &str = r#"{"verdict": "pass", "holders": [], "findings": [], "problems": []}"#;
const TALKS: &str = r#"{"verdict": "pass", "holders": [{}], "findings": [], "problems": []}"#;

/// The outputs of the check.
fn output(stage: &Stage, name: &str) -> Option<String> {
    let text = stage.read("output");
    text.lines().find_map(|line| line.strip_prefix(&format!("{name}=")).map(str::to_owned))
}

#[test]
fn a_check_leaves_its_reports_and_its_code() {
    let stage = installed(1, TALKS);
    let run =
        step(&stage, "check", &[("PERMDELTA_ARGS", " --no-new-access\n--policy-from=head "), ("PERMDELTA_ID", "crm")]);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    let calls = stage.calls();
    let reports = output(&stage, "json").expect("a report").replace("/permdelta.json", "");
    let folder = reports.rsplit('/').next().expect("a folder").to_owned();
    let expected = format!(
        "STAGE/checkout: permdelta\n  check\n  --fail-on\n  high\n  --no-new-access\n  --policy-from=head\n  \
         --report\n  json=STAGE/temp/{folder}/permdelta.json\n  --report\n  \
         markdown=STAGE/temp/{folder}/permdelta.markdown\n  --report\n  sarif=STAGE/temp/{folder}/permdelta.sarif\n  \
         --report\n  github=STAGE/temp/{folder}/permdelta.github\n  --comment-id\n  crm\n  --\n  main...pull-request\n"
    );
    assert_eq!(calls, expected);
    assert_eq!(output(&stage, "exit-code").as_deref(), Some("1"));
    assert_eq!(output(&stage, "category").as_deref(), Some("permdelta-crm"));
    assert_eq!(output(&stage, "noteworthy").as_deref(), Some("true"));
    assert!(output(&stage, "root").expect("a root").ends_with("/checkout"));
    assert_eq!(stage.read("summary"), "<!-- permdelta -->\n**FAIL** of the stand-in\n");
    let sarif = std::fs::read_to_string(output(&stage, "sarif").expect("a file")).expect("SARIF");
    assert!(sarif.contains("check"), "{sarif}");
    assert!(output(&stage, "annotations").expect("a file").ends_with("/permdelta.github"));
    assert_eq!(output(&stage, "review"), None, "nobody asked for one");
}

/// What is not asked for is not handed to the steps that would write it.
#[test]
fn every_place_is_an_input() {
    let stage = installed(1, TALKS);
    let inputs = [("PERMDELTA_ANNOTATIONS", "false"), ("PERMDELTA_SARIF", "false"), ("PERMDELTA_REVIEW", "true")];
    assert_eq!(step(&stage, "check", &inputs).status, 0);
    assert_eq!((output(&stage, "annotations"), output(&stage, "sarif")), (None, None));
    let review = output(&stage, "review").expect("a file");
    assert_eq!(std::fs::read_to_string(review).expect("a review"), "github-review\n");
    assert!(output(&stage, "markdown").is_some(), "it is the job's summary, too");
}

/// The lines of `action.yml` that are no script of their own.
#[test]
fn annotations_are_printed_as_they_are() {
    let action = document("action.yml");
    let steps = action["runs"]["steps"].as_vec().expect("steps");
    let own: Vec<&str> =
        steps.iter().filter_map(|step| step["run"].as_str()).filter(|run| !run.contains(".sh")).collect();
    assert_eq!(own, ["cat \"$PERMDELTA_COMMANDS\""]);
    let stage = Stage::new();
    std::fs::write(stage.path("a file"), "::error file=a b::$(touch pwned)\n").expect("a file");
    let file = stage.path("a file");
    let run = stage.bash(&["-ec", own[0]], &[("PERMDELTA_COMMANDS", arg(&file))]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "::error file=a b::$(touch pwned)\n"));
}

/// Alerts that a branch's upload lacks are closed: a branch uploads its whole state.
#[test]
fn a_push_uploads_the_whole_state() {
    let stage = installed(0, CLEAN);
    assert_eq!(step(&stage, "check", &[("GITHUB_EVENT_NAME", "push"), ("PERMDELTA_RANGE", "")]).status, 0);
    let sarif = std::fs::read_to_string(output(&stage, "sarif").expect("a file")).expect("SARIF");
    assert!(sarif.contains("audit"), "{sarif}");
    let calls = stage.calls();
    assert!(calls.ends_with("permdelta\n  audit\n  --quiet\n  --format\n  sarif\n  HEAD\n"), "{calls}");
    assert!(!calls.contains("  --\n"), "without a range none is named: {calls}");
    let quiet = if has("jq") { "false" } else { "true" };
    assert_eq!(output(&stage, "noteworthy").as_deref(), Some(quiet));
}

#[test]
fn without_reports_nothing_is_uploaded() {
    let stage = installed(3, CLEAN);
    stage.program("temp/permdelta/bin/permdelta", "exit 3");
    assert_eq!(step(&stage, "check", &[]).status, 0);
    assert_eq!(stage.read("output"), "exit-code=3\n");
    assert!(stage.read("summary").contains("could not compare"));
    let stage = installed(2, TALKS);
    assert_eq!(step(&stage, "check", &[("PERMDELTA_SARIF", "false")]).status, 0);
    assert_eq!((output(&stage, "exit-code").as_deref(), output(&stage, "sarif")), (Some("2"), None));
}

/// What is no value of an input is refused before anything runs, and never taken for shell code.
#[test]
fn inputs_are_values() {
    for (name, value) in [
        ("PERMDELTA_FAIL_ON", "High"),
        ("PERMDELTA_FAIL_ON", "high; touch pwned"),
        ("PERMDELTA_COMMENT", "yes"),
        ("PERMDELTA_SARIF", ""),
        ("PERMDELTA_SARIF", "auto"),
        ("PERMDELTA_ANNOTATIONS", "yes"),
        ("PERMDELTA_REVIEW", "TRUE"),
        ("PERMDELTA_ID", "a b"),
        ("PERMDELTA_ID", "a2345678901234567890123456789012345678901"),
        ("PERMDELTA_ID", "-->"),
        ("PERMDELTA_RANGE", "--policy-from=head"),
        ("PERMDELTA_RANGE", "a\nb"),
        ("PERMDELTA_DIRECTORY", "nowhere"),
        ("PERMDELTA_DIRECTORY", ".\n::error::x"),
        ("PERMDELTA_ARGS", "HEAD~1"),
        ("PERMDELTA_ARGS", "--no-new-access head"),
        ("PERMDELTA_ARGS", "-C /"),
        ("PERMDELTA_ARGS", "$(touch pwned)"),
    ] {
        let stage = installed(0, CLEAN);
        let run = step(&stage, "check", &[(name, value)]);
        assert_eq!(run.status, 3, "{name} {value:?}: {}", run.stderr);
        assert!(run.stdout.starts_with("::error title=permdelta::the input"), "{name} {value:?}: {}", run.stdout);
        assert_eq!((stage.calls().as_str(), run.stdout.lines().count()), ("", 1), "{name} {value:?}");
    }
    for range in ["$(touch pwned)", "`touch pwned`", "a'; touch pwned; '...HEAD", "* ${IFS}"] {
        let stage = installed(0, CLEAN);
        assert_eq!(step(&stage, "check", &[("PERMDELTA_RANGE", range)]).status, 0, "{range}");
        assert!(stage.calls().contains(&format!("  --\n  {range}\n")), "{range}: {}", stage.calls());
        assert!(!stage.path("checkout/pwned").exists(), "{range}");
    }
}

/// The whole check with permdelta itself.
#[test]
fn the_check_of_the_sample() {
    let stage = installed(0, CLEAN);
    stage.program("temp/permdelta/bin/permdelta", &format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_permdelta")));
    let run = step(&stage, "check", &[("PERMDELTA_ID", "crm"), ("PERMDELTA_REVIEW", "true")]);
    assert_eq!((run.status, output(&stage, "exit-code").as_deref()), (0, Some("1")), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("\nFAIL  12 new findings"), "people read the log: {}", run.stdout);
    let read = |name: &str| std::fs::read_to_string(output(&stage, name).expect("a file")).expect("a report");
    assert!(read("annotations").lines().any(|line| line.starts_with("::error ")), "{}", read("annotations"));
    let review: Value = serde_json::from_str(&read("review")).expect("JSON");
    assert!(review["body"].as_str().is_some_and(|body| body.starts_with("<!-- permdelta review: crm -->\n")));
    assert!(stage.read("summary").starts_with("<!-- permdelta: crm -->\n"), "{}", stage.read("summary"));
    let sarif: Value = serde_json::from_str(&read("sarif")).expect("JSON");
    assert!(sarif["runs"][0]["results"].as_array().is_some_and(|results| !results.is_empty()));
    assert_eq!(output(&stage, "noteworthy").as_deref(), Some("true"));
}

#[test]
fn the_job_ends_as_the_check_did() {
    let stage = Stage::new();
    for (code, upload, status) in [
        ("0", "success", 0),
        ("1", "success", 1),
        ("2", "failure", 2),
        ("3", "", 3),
        ("", "skipped", 3),
        ("139", "", 3),
    ] {
        let run = step(&stage, "verdict", &[("PERMDELTA_EXIT_CODE", code), ("PERMDELTA_UPLOAD", upload)]);
        assert_eq!(run.status, status, "{code}: {}", run.stderr);
        assert_eq!(run.stdout.contains("upload to code scanning failed"), upload == "failure", "{}", run.stdout);
    }
}

/// Cargo's settings in the checkout belong to the change that is judged: nothing is compiled there.
#[test]
fn the_source_is_compiled_outside_the_checkout() {
    let stage = Stage::new();
    stage.program("cargo", "printf '#!/bin/sh\\necho permdelta 0\\n' >\"$RUNNER_TEMP/permdelta/bin/permdelta\"\nchmod +x \"$RUNNER_TEMP/permdelta/bin/permdelta\"");
    for _ in 0..2 {
        let run = step(&stage, "install", &[]);
        assert_eq!(run.status, 0, "{}", run.stderr);
    }
    let calls = stage.calls();
    let expected = format!(
        "{}: cargo\n  install\n  --locked\n  --force\n  --path\n  .\n  --root\n  STAGE/temp/permdelta\n",
        arg(&std::fs::canonicalize(root()).expect("the root"))
    );
    assert_eq!(calls, expected, "once");
    assert!(stage.read("path").ends_with("/temp/permdelta/bin\n"), "{}", stage.read("path"));
}

/// A server that has `archives`.
const CURL: &str = "while [ $# -gt 1 ]; do [ \"$1\" != --output ] || out=$2; shift; done\ncp \"$RUNNER_TEMP/../archives/${1##*/}\" \"$out\"";

/// A release is packed, downloaded and held against its checksum.
#[test]
#[cfg(target_os = "linux")]
fn a_release_is_installed_if_its_checksum_is_right() {
    if !has("zip") || cfg!(not(target_arch = "x86_64")) {
        println!("a_release_is_installed_if_its_checksum_is_right: skipped, there is no zip, or another machine");
        return;
    }
    let stage = Stage::new();
    let real = format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_permdelta"));
    stage.program("binaries/x86_64-unknown-linux-musl/permdelta", &real);
    stage.program("binaries/aarch64-apple-darwin/permdelta", "exit 1");
    stage.program("binaries/x86_64-pc-windows-msvc/permdelta.exe", "exit 1");
    let package = root().join(".ci/package.sh");
    let version = env!("CARGO_PKG_VERSION");
    let pack = |tag: &str, into: &str| {
        let (binaries, into) = (stage.path("binaries"), stage.path(into));
        stage.bash(&[arg(&package), tag, arg(&binaries), arg(&into)], &[])
    };
    assert_eq!(pack("v9.9.9", "wrong").status, 1, "the tag is the program's version");
    let (run, again) = (pack(&format!("v{version}"), "archives"), pack(&format!("v{version}"), "again"));
    assert_eq!((run.status, again.status), (0, 0), "{}", run.stderr);
    assert_eq!(run.stdout, again.stdout, "same input, same bytes");
    assert_eq!(run.stdout.lines().count(), 3, "{}", run.stdout);
    let name = format!("permdelta-{version}-x86_64-unknown-linux-musl");
    let list = stage.bash(&["-c", &format!("tar -tzf ../archives/{name}.tar.gz")], &[]).stdout;
    for file in ["permdelta", "README.md", "LICENSE-MIT", "completions/permdelta.bash", "man/permdelta-check.1"] {
        assert!(list.lines().any(|line| line == format!("{name}/{file}")), "{file}: {list}");
    }

    stage.program("curl", CURL);
    let run = step(&stage, "install", &[("PERMDELTA_VERSION", version)]);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, format!("permdelta {version}\n"));
    let calls = stage.calls();
    assert!(calls.contains(&format!("  https://github.com/acme/permdelta/releases/download/v{version}/SHA256SUMS\n")));
    assert!(
        calls.contains(&format!("/v{version}/{name}.tar.gz\n")) && calls.contains("  --proto\n  =https\n"),
        "{calls}"
    );

    std::fs::remove_file(stage.path("temp/permdelta/installed")).expect("it was installed");
    let (archive, sums) = (stage.path(&format!("archives/{name}.tar.gz")), stage.path("archives/SHA256SUMS"));
    let mut bytes = std::fs::read(&archive).expect("an archive");
    bytes.push(0);
    std::fs::write(&archive, bytes).expect("it is changed");
    let run = step(&stage, "install", &[("PERMDELTA_VERSION", version)]);
    assert!(run.status == 3 && run.stdout.contains("SHA-256 differs"), "{}{}", run.stdout, run.stderr);
    std::fs::write(&sums, "").expect("no sums");
    let run = step(&stage, "install", &[("PERMDELTA_VERSION", version)]);
    assert!(run.status == 3 && run.stdout.contains("no checksum"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_version_is_a_version() {
    for (version, repository, os) in [
        ("v1.2.3", "acme/permdelta", "Linux"),
        ("1.2.3/../../x", "acme/permdelta", "Linux"),
        ("latest", "acme/permdelta", "Linux"),
        ("1.2.3", "", "Linux"),
        ("1.2.3", "acme/permdelta/x", "Linux"),
        ("1.2.3", "acme/permdelta", "Plan9"),
    ] {
        let stage = Stage::new();
        stage.program("curl", "exit 1");
        let variables =
            [("PERMDELTA_VERSION", version), ("PERMDELTA_ACTION_REPOSITORY", repository), ("RUNNER_OS", os)];
        let run = step(&stage, "install", &variables);
        assert!(run.status == 3 && run.stdout.starts_with("::error "), "{version} {repository}: {}", run.stdout);
        assert_eq!(stage.calls(), "", "{version} {repository}: nothing is fetched");
    }
}
