//! The shell lines of the templates that `init` prints, run as their systems run them, with stand-ins for what they call.

#![cfg(unix)]

use std::fs;

use serde_json::Value;
use yaml_rust2::Yaml;

use crate::stubs::{Stage, has};
use crate::support::{Run, arg};
use crate::yaml::{document, text};

/// A shell line, and the folder of the stage that its system runs it in.
type Line = (String, &'static str);

fn lines(steps: &Yaml, key: &str, folder: &str) -> Vec<Line> {
    let steps = steps.as_vec().expect("steps");
    let of_step = |step: &Yaml| {
        let elsewhere = step[folder].as_str().is_some();
        step[key].as_str().map(|line| (line.to_owned(), if elsewhere { "temp" } else { "checkout" }))
    };
    steps.iter().filter_map(of_step).collect()
}

fn script(list: &Yaml) -> Vec<Line> {
    let lines: Vec<&str> = list.as_vec().expect("lines").iter().map(|line| line.as_str().expect("a line")).collect();
    vec![(lines.join("\n"), "checkout")]
}

/// The shell lines of each template; those of GitLab and Bitbucket share one shell.
fn templates() -> Vec<(&'static str, Vec<Line>)> {
    let of = |name: &str| document(&format!("src/cli/templates/{name}.yml"));
    let jenkins = text("src/cli/templates/Jenkinsfile");
    let jenkins = jenkins.lines().filter_map(|line| line.trim().strip_prefix("sh '")?.strip_suffix('\''));
    vec![
        ("github", lines(&of("github")["jobs"]["permdelta"]["steps"], "run", "working-directory")),
        ("gitlab", script(&of("gitlab")["permissions"]["script"])),
        ("azure", lines(&of("azure")["steps"], "script", "workingDirectory")),
        ("bitbucket", script(&of("bitbucket")["pipelines"]["pull-requests"]["**"][0]["step"]["script"])),
        ("Jenkinsfile", jenkins.map(|line| (line.to_owned(), "checkout")).collect()),
    ]
}

const REPORT: &str = r#"{"report": {"title": "permdelta", "result": "FAILED"}, "annotations": [
    [{"external_id": "1", "summary": "$(touch pwned) `touch pwned` '; touch pwned; '"}], [{"external_id": "2"}]]}"#;

/// A stage with a permdelta that ends with `code`; below 3 it writes the reports that it is asked for.
fn stage(code: i32) -> Stage {
    let stage = Stage::new();
    fs::write(stage.path("report.json"), REPORT).expect("a report");
    let report = stage.path("report.json");
    let body = format!(
        "[ {code} -eq 3 ] || for word in \"$@\"; do case \"$word\" in *=*) cp '{}' \"${{word#*=}}\" ;; esac; done\nexit {code}",
        arg(&report)
    );
    stage.program("permdelta", &body);
    stage.program("cargo", "");
    stage.program("apt-get", "");
    stage.program("curl", &format!("cat >>'{}'", arg(&stage.path("bodies"))));
    stage
}

/// Runs a template's lines; the first that fails ends it, but for those that run whatever came before.
fn run(stage: &Stage, lines: &[Line], more: &[(&str, &str)]) -> Run {
    let temp = stage.path("temp");
    let summary = stage.path("summary");
    let mut variables = vec![
        ("PERMDELTA_REPOSITORY", "https://git.example.com/$(touch pwned) x"),
        ("RUNNER_TEMP", arg(&temp)),
        ("AGENT_TEMPDIRECTORY", arg(&temp)),
        ("BUILD_ARTIFACTSTAGINGDIRECTORY", arg(&temp)),
        ("GITHUB_STEP_SUMMARY", arg(&summary)),
        ("BITBUCKET_REPO_FULL_NAME", "acme/org"),
        ("BITBUCKET_COMMIT", "0123abcd"),
    ];
    variables.extend(more);
    let mut whole = Run { status: 0, stdout: String::new(), stderr: String::new() };
    for (line, folder) in lines {
        let line = line.replace("/tmp/", &format!("{}/", arg(&temp)));
        let line = format!("set -eo pipefail\ncd '{}'\n{line}", arg(&stage.path(folder)));
        let run = stage.bash(&["-c", &line], &variables);
        whole.stdout += &run.stdout;
        whole.stderr += &run.stderr;
        if whole.status == 0 {
            whole.status = run.status;
        }
    }
    assert!(!stage.path("checkout/pwned").exists() && !stage.path("temp/pwned").exists());
    whole
}

/// Each template installs permdelta where the change's own settings of cargo are not read, runs it in the checkout,
/// and ends as it did.
#[test]
fn every_template_is_a_gate() {
    for (name, lines) in templates() {
        if name == "bitbucket" && !has("jq") {
            println!("every_template_is_a_gate: bitbucket skipped, there is no jq");
            continue;
        }
        for code in [0, 1, 2, 3] {
            let stage = stage(code);
            let run = run(&stage, &lines, &[("CI_MERGE_REQUEST_IID", "7")]);
            assert_eq!(run.status, code, "{name}: {}{}", run.stdout, run.stderr);
            let calls = stage.calls();
            let install = "  install\n  --locked\n  --git\n  https://git.example.com/$(touch pwned) x\n";
            let place = calls.split(": cargo\n").next().and_then(|before| before.lines().last()).expect("a place");
            assert!(["/", "STAGE/temp"].contains(&place), "{name}: {place}");
            assert!(calls.contains(install), "{name}: {calls}");
            assert!(calls.contains("STAGE/checkout: permdelta\n  check\n  --"), "{name}: {calls}");
        }
    }
}

/// Where nothing says what to install, as in pull requests from forks, nothing is installed, and that is said.
#[test]
fn without_an_address_the_gate_is_shut_and_says_why() {
    for (name, lines) in templates() {
        let stage = stage(0);
        let run = run(&stage, &lines[..1], &[("PERMDELTA_REPOSITORY", "")]);
        assert_ne!(run.status, 0, "{name}");
        assert!(run.stderr.contains("PERMDELTA_REPOSITORY: not set; forks do not get it"), "{}", run.stderr);
        assert!(!stage.calls().contains(": cargo") && !stage.calls().contains(": permdelta"), "{name}");
    }
}

/// GitLab compares with the default branch's report: an empty one, as `check` reports what is new.
#[test]
fn gitlab_gets_a_report_on_both_branches() {
    let (_, lines) = templates().remove(1);
    for (request, range) in [(&[("CI_MERGE_REQUEST_IID", "7")][..], ""), (&[], "  HEAD..HEAD\n")] {
        let stage = stage(0);
        assert_eq!(run(&stage, &lines, request).status, 0);
        let call = format!("permdelta\n  check\n{range}  --report\n  gitlab=gl-code-quality-report.json\n");
        assert!(stage.calls().ends_with(&call), "{}", stage.calls());
        assert!(stage.path("checkout/gl-code-quality-report.json").is_file());
    }
    let job = &document("src/cli/templates/gitlab.yml")["permissions"];
    assert_eq!(job["artifacts"]["reports"]["codequality"].as_str(), Some("gl-code-quality-report.json"));
    assert_eq!((job["artifacts"]["when"].as_str(), job["allow_failure"].as_bool()), (Some("always"), Some(false)));
}

#[test]
fn bitbucket_gets_the_report_and_every_batch() {
    let (_, lines) = templates().remove(3);
    if !has("jq") {
        println!("bitbucket_gets_the_report_and_every_batch: skipped, there is no jq");
        return;
    }
    let stage = stage(1);
    assert_eq!(run(&stage, &lines, &[]).status, 1);
    let calls = stage.calls();
    let sent: Vec<(&str, &str)> = calls
        .split(": curl\n")
        .skip(1)
        .map(|call| {
            let words: Vec<&str> = call.lines().filter_map(|line| line.strip_prefix("  ")).collect();
            assert!(words.windows(2).any(|pair| pair == ["--proxy", "http://localhost:29418"]), "{words:?}");
            let verb = words.iter().position(|word| *word == "--request").expect("a verb");
            (words[verb + 1], *words.last().expect("an address"))
        })
        .collect();
    let report = "http://api.bitbucket.org/2.0/repositories/acme/org/commit/0123abcd/reports/permdelta";
    let annotations = format!("{report}/annotations");
    let expected = [("DELETE", report), ("PUT", report), ("POST", &annotations), ("POST", &annotations)];
    assert_eq!(sent, expected, "what an earlier run left is gone before anything is sent");
    let bodies = stage.read("bodies");
    let bodies: Vec<Value> =
        serde_json::Deserializer::from_str(&bodies).into_iter().map(|body| body.expect("JSON")).collect();
    let whole: Value = serde_json::from_str(REPORT).expect("JSON");
    assert_eq!(bodies, [&whole["report"], &whole["annotations"][0], &whole["annotations"][1]].map(Clone::clone));

    let refused = self::stage(1);
    refused.program("curl", "cat >/dev/null; exit 22");
    let run = run(&refused, &lines, &[]);
    assert_eq!((run.status, run.stdout.as_str()), (1, "the report is not in Code Insights\n"), "{}", run.stderr);
    assert_eq!(refused.calls().matches(": curl\n").count(), 2, "nothing follows a report that was refused");
}

/// The templates with permdelta itself.
#[test]
fn templates_run_with_permdelta() {
    for (name, lines) in templates() {
        if name == "bitbucket" && !has("jq") {
            println!("templates_run_with_permdelta: bitbucket skipped, there is no jq");
            continue;
        }
        let stage = stage(0);
        stage.program("permdelta", &format!("exec '{}' \"$@\"", env!("CARGO_BIN_EXE_permdelta")));
        let head = stage.bash(&["-c", "git rev-parse HEAD"], &[]).stdout;
        let variables: &[(&str, &str)] = match name {
            "github" => &[("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", "main")],
            "gitlab" => {
                &[("GITLAB_CI", "true"), ("CI_MERGE_REQUEST_IID", "7"), ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")]
            }
            "azure" => &[("TF_BUILD", "True"), ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main")],
            "bitbucket" => &[
                ("BITBUCKET_BUILD_NUMBER", "1"),
                ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
                ("BITBUCKET_COMMIT", head.trim()),
            ],
            _ => &[("JENKINS_URL", "https://ci.example.com/"), ("CHANGE_TARGET", "main")],
        };
        let run = run(&stage, &lines, variables);
        assert_eq!(run.status, 1, "{name}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains("merge-base("), "{name}: {}", run.stderr);
        let file = match name {
            "gitlab" => "checkout/gl-code-quality-report.json",
            "bitbucket" => "temp/permdelta.json",
            "Jenkinsfile" => "checkout/permdelta.sarif",
            _ => "temp/permdelta.sarif",
        };
        assert!(serde_json::from_str::<Value>(&stage.read(file)).is_ok(), "{name}: {file}");
        if name == "github" {
            assert!(run.stdout.contains("\n::error file="), "{}", run.stdout);
            assert!(stage.read("summary").starts_with("<!-- permdelta -->\n## ❌"), "{}", stage.read("summary"));
        }
        if name == "azure" {
            assert!(run.stdout.contains("##vso[task.uploadsummary]"), "{}", run.stdout);
        }
    }
}
