//! The scripts of the GitHub action, with stand-ins for the programs they call.

#![cfg(unix)]

use serde_json::Value;

use crate::stubs::{Stage, has, knows};
use crate::support::{Run, arg};
use crate::yaml::root;

/// The variables of GitHub and of `action.yml`, as an unconfigured use sets them.
const USUAL: [(&str, &str); 14] = [
    ("GITHUB_EVENT_NAME", "pull_request"),
    ("GITHUB_REPOSITORY", "acme/org"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("PERMDELTA_RANGE", "main...pull-request"),
    ("PERMDELTA_FAIL_ON", "high"),
    ("PERMDELTA_ARGS", ""),
    ("PERMDELTA_COMMENT", "true"),
    ("PERMDELTA_SARIF", "true"),
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
  esac
done
[ "$1" != audit ] || { echo '{"of": "audit"}'; exit 0; }
exit "$(cat "$RUNNER_TEMP/../code")"
"#;

/// Runs one of the action's scripts as a step of a job does.
fn step(stage: &Stage, script: &str, more: &[(&str, &str)]) -> Run {
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
        "STAGE/checkout: permdelta\n  check\n  --fail-on\n  high\n  --format\n  github\n  --no-new-access\n  \
         --policy-from=head\n  --report\n  json=STAGE/temp/{folder}/permdelta.json\n  --report\n  \
         markdown=STAGE/temp/{folder}/permdelta.markdown\n  --report\n  sarif=STAGE/temp/{folder}/permdelta.sarif\n  \
         --comment-id\n  crm\n  --\n  main...pull-request\n"
    );
    assert_eq!(calls, expected);
    assert_eq!(output(&stage, "exit-code").as_deref(), Some("1"));
    assert_eq!(output(&stage, "category").as_deref(), Some("permdelta-crm"));
    assert_eq!(output(&stage, "noteworthy").as_deref(), Some("true"));
    assert!(output(&stage, "root").expect("a root").ends_with("/checkout"));
    assert_eq!(stage.read("summary"), "<!-- permdelta -->\n**FAIL** of the stand-in\n");
    let sarif = std::fs::read_to_string(output(&stage, "sarif").expect("a file")).expect("SARIF");
    assert!(sarif.contains("check"), "{sarif}");
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
        ("PERMDELTA_ID", "a b"),
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

/// The whole check with permdelta itself, once it has the formats.
#[test]
fn the_check_of_the_sample() {
    if !knows("github") || !knows("markdown") {
        println!("the_check_of_the_sample: skipped, permdelta has not got the formats");
        return;
    }
    let stage = installed(0, CLEAN);
    stage.program("temp/permdelta/bin/permdelta", &format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_permdelta")));
    let run = step(&stage, "check", &[("PERMDELTA_ID", "crm")]);
    assert_eq!((run.status, output(&stage, "exit-code").as_deref()), (0, Some("1")), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.lines().any(|line| line.starts_with("::error ")), "{}", run.stdout);
    assert!(stage.read("summary").starts_with("<!-- permdelta: crm -->\n"), "{}", stage.read("summary"));
    let sarif = std::fs::read_to_string(output(&stage, "sarif").expect("a file")).expect("SARIF");
    let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
    assert!(sarif["runs"][0]["results"].as_array().is_some_and(|results| !results.is_empty()));
    assert_eq!(output(&stage, "noteworthy").as_deref(), Some("true"));
}

/// A gh that answers with `comments.json`, filtered as it is asked to, and refuses what `denied` names.
const GH: &str = r#"
grep -qs -e "$2" -e "${4:-}" "$RUNNER_TEMP/../denied" && { echo "gh: Resource not accessible by integration (HTTP 403)" >&2; exit 1; }
while [ $# -gt 0 ]; do
  [ "$1" != --jq ] || exec jq -r "$2" "$RUNNER_TEMP/../comments.json"
  shift
done
"#;

/// What the comment script asks for, its query and filter left out.
fn comment(comments: &str, noteworthy: &str, denied: &str) -> Option<(Run, String)> {
    if !has("jq") {
        println!("comment: skipped, there is no jq");
        return None;
    }
    let stage = Stage::new();
    let nodes =
        format!(r#"{{"data": {{"repository": {{"pullRequest": {{"comments": {{"nodes": [{comments}]}}}}}}}}}}"#);
    std::fs::write(stage.path("comments.json"), nodes).expect("comments");
    if !denied.is_empty() {
        std::fs::write(stage.path("denied"), denied).expect("a list");
    }
    std::fs::write(stage.path("report.md"), "<!-- permdelta: crm -->\n**FAIL** $(touch pwned)\n").expect("a report");
    stage.program("gh", GH);
    let report = stage.path("report.md");
    let run = step(
        &stage,
        "comment",
        &[
            ("GH_TOKEN", "token"),
            ("PERMDELTA_MARKDOWN", arg(&report)),
            ("PERMDELTA_NOTEWORTHY", noteworthy),
            ("PERMDELTA_PULL_REQUEST", "7"),
        ],
    );
    let calls = stage.calls();
    assert!(calls.starts_with("STAGE/temp: gh\n  api\n  graphql\n"), "not in the checkout, first a look: {calls}");
    assert!(!stage.path("temp/pwned").exists());
    let after = calls.match_indices("STAGE/temp: gh\n").nth(1).map_or(String::new(), |(at, _)| calls[at..].to_owned());
    Some((run, after))
}

const MINE: &str = r#"{"databaseId": 42, "viewerDidAuthor": true, "body": "<!-- permdelta: crm -->\r\nold"}"#;
/// The same text by somebody else, another use's comment, and one that only quotes the marker.
const OTHERS: &str = r#"{"databaseId": 1, "viewerDidAuthor": false, "body": "<!-- permdelta: crm -->\nforged"},
    {"databaseId": 2, "viewerDidAuthor": true, "body": "<!-- permdelta -->\nanother"},
    {"databaseId": 3, "viewerDidAuthor": true, "body": "see <!-- permdelta: crm -->\n"}"#;

#[test]
fn one_comment_is_kept_up_to_date() {
    let edit = "STAGE/temp: gh\n  api\n  --silent\n  --method\n  PATCH\n  repos/acme/org/issues/comments/42\n  -F\n  body=@STAGE/report.md\n";
    let new = "STAGE/temp: gh\n  api\n  --silent\n  --method\n  POST\n  repos/acme/org/issues/7/comments\n  -F\n  body=@STAGE/report.md\n";
    for (comments, noteworthy, call) in [
        (format!("{OTHERS}, {MINE}"), "true", edit),
        (format!("{OTHERS}, {MINE}"), "false", edit),
        (OTHERS.to_owned(), "true", new),
        (String::new(), "true", new),
        (OTHERS.to_owned(), "false", ""),
    ] {
        let Some((run, calls)) = comment(&comments, noteworthy, "") else { return };
        assert_eq!((run.status, calls.as_str()), (0, call), "{comments} {noteworthy}: {}{}", run.stdout, run.stderr);
    }
}

/// A pull request from a fork has a token that may read only: the gate works, and the log says why there is no comment.
#[test]
fn without_permission_the_log_says_so() {
    for (comments, denied) in [(MINE, "PATCH"), ("", "POST"), ("", "graphql")] {
        let Some((run, _)) = comment(comments, "true", denied) else { return };
        assert_eq!(run.status, 0, "{denied}: {}", run.stderr);
        assert!(run.stdout.starts_with("::notice title=permdelta::"), "{denied}: {}", run.stdout);
        assert!(
            run.stdout.contains("pull-requests: write") && run.stdout.contains("forks"),
            "{denied}: {}",
            run.stdout
        );
    }
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
