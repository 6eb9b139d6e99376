//! SARIF for other tools than the platforms (`--sarif-profile full`), and what names a document.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::golden::assert_golden;
use crate::sarif_samples::{FULL, SARIF, Sample, broken, demo, samples, waived};
use crate::support::{Report, permdelta, temp, text};

fn results(sample: &Sample) -> &Vec<Value> {
    sample.log["runs"][0]["results"].as_array().expect("results")
}

fn fingerprint(result: &Value) -> String {
    text(&result["partialFingerprints"], "primaryLocationLineHash")
}

#[test]
fn every_finding_is_a_result_of_its_own() {
    let dir = temp();
    let report = Report::of(dir.path(), &["demo"]);
    let demo = demo(FULL);
    let findings = report.json["findings"].as_array().expect("findings");
    assert_eq!(results(&demo).len(), findings.len());
    for finding in findings {
        let hash = format!("{}:1", text(finding, "fingerprint"));
        assert!(results(&demo).iter().any(|result| fingerprint(result) == hash), "{finding:#}");
    }
    for Sample { what, log, .. } in samples(FULL) {
        let results = log["runs"][0]["results"].as_array().expect("results");
        let mut seen = BTreeMap::new();
        for result in results {
            *seen.entry(fingerprint(result)).or_insert(0) += 1;
        }
        assert!(seen.values().all(|times| *times == 1), "{what}: {seen:?}");
    }
}

/// All results of a run have a list of suppressions, or none has (SARIF 3.27.23).
#[test]
fn what_is_waived_is_a_suppressed_result() {
    for sample in samples(FULL) {
        assert!(results(&sample).iter().all(|result| result["suppressions"].is_array()), "{}", sample.what);
    }
    for command in [&["check", "main~1..main"][..], &["audit", "main"]] {
        let (full, upload) = (waived(command, FULL), waived(command, SARIF));
        let suppressed = |result: &&Value| !result["suppressions"].as_array().expect("a list").is_empty();
        let waived: Vec<&Value> = results(&full).iter().filter(suppressed).collect();
        assert_eq!(waived.len(), 2, "{command:?}");
        for result in waived {
            let [one] = result["suppressions"].as_array().expect("a list").as_slice() else {
                panic!("one: {result:#}")
            };
            assert_eq!((text(one, "kind"), text(one, "status")), ("external".to_owned(), "accepted".to_owned()));
            let justification = "the night's batch (owner finance-platform, ticket SEC-481, expires 2027-03-31)";
            assert_eq!(text(one, "justification"), justification);
            let place = &one["location"]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "permdelta.toml");
            assert!([1, 9].contains(&place["region"]["startLine"].as_u64().expect("a line")), "{one:#}");
            let hash = fingerprint(result);
            assert!(results(&upload).iter().all(|open| fingerprint(open) != hash), "{command:?}: {hash} is not open");
        }
    }
}

#[test]
fn states_are_those_of_the_report() {
    for sample in samples(FULL) {
        let audit = sample.what.contains("audit");
        for result in results(&sample) {
            let expected = if audit { Value::Null } else { "new".into() };
            assert_eq!(result["baselineState"], expected, "{}", sample.what);
        }
    }
}

/// Each derivation of a gained grant: from the group by its members to the line.
#[test]
fn code_flows_are_the_derivations_of_the_report() {
    let dir = temp();
    let report = Report::of(dir.path(), &["demo"]);
    let demo = demo(FULL);
    let mut flows = 0;
    for result in results(&demo) {
        let hash = fingerprint(result);
        let findings = report.json["findings"].as_array().expect("findings");
        let finding = findings.iter().find(|finding| hash.starts_with(&text(finding, "fingerprint"))).expect("it");
        let mut expected: Vec<Vec<(String, u64)>> = Vec::new();
        for holder in report.holders() {
            if holder["name"] != finding["subject"]["name"] || holder["kind"] != finding["subject"]["kind"] {
                continue;
            }
            for gained in holder["effective"]["gained"].as_array().into_iter().flatten() {
                if finding["keys"].as_array().expect("keys").contains(&gained["grant"]) {
                    expected.extend(gained["paths"].as_array().expect("paths").iter().map(|path| {
                        let steps = path.as_array().expect("steps").iter();
                        steps.map(|step| (text(step, "path"), step["line"].as_u64().expect("a line"))).collect()
                    }));
                }
            }
        }
        let written = result["codeFlows"].as_array().cloned().unwrap_or_default();
        let written: Vec<Vec<(String, u64)>> = written
            .iter()
            .map(|flow| {
                let [thread] = flow["threadFlows"].as_array().expect("flows").as_slice() else { panic!("one thread") };
                let step = |step: &Value| {
                    let place = &step["location"]["physicalLocation"];
                    assert!(!text(&step["location"]["message"], "text").is_empty());
                    (text(&place["artifactLocation"], "uri"), place["region"]["startLine"].as_u64().expect("a line"))
                };
                thread["locations"].as_array().expect("steps").iter().map(step).collect()
            })
            .collect();
        assert_eq!(written, expected, "{finding:#}");
        flows += written.len();
    }
    assert!(flows >= 10, "{flows}");
}

#[test]
fn problems_are_notifications_in_both_profiles() {
    for format in [SARIF, FULL] {
        let invocation = &broken(format).log["runs"][0]["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        assert_eq!(invocation["toolExecutionNotifications"].as_array().expect("notifications").len(), 1);
    }
}

#[test]
fn the_demo_in_full() {
    let dir = temp();
    let run = permdelta(dir.path(), &[&["demo"], FULL].concat());
    assert_golden("demo.full.sarif", &run.stdout);
}

/// GitHub takes what stands before the last `/` for the category.
#[test]
fn a_category_is_written_only_if_it_is_given() {
    let dir = temp();
    for (given, written) in
        [("perms", "perms/"), ("perms/", "perms/"), ("a/b", "a/b/"), ("täglich \"x\"", "täglich \"x\"/")]
    {
        let run = permdelta(dir.path(), &["demo", "--format", "sarif", "--sarif-category", given]);
        let log: Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!(log["runs"][0]["automationDetails"]["id"], written, "{given}");
    }
    for empty in ["", "/", " "] {
        let run = permdelta(dir.path(), &["demo", "--format", "sarif", "--sarif-category", empty]);
        assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{empty:?}");
    }
    for command in [&["check", "--help"][..], &["audit", "--help"], &["demo", "--help"]] {
        let help = permdelta(dir.path(), command).stdout;
        assert!(help.contains("--sarif-profile") && help.contains("--sarif-category"), "{command:?}: {help}");
    }
    let full = demo(&["--format", "sarif", "--sarif-category", "x", "--sarif-profile", "full"]);
    assert_eq!(full.log["runs"][0]["automationDetails"]["id"], "x/");
}

/// A report says what it compared and by what it was judged.
#[test]
fn the_commits_stand_in_the_document() {
    let dir = temp();
    let report = Report::of(dir.path(), &["demo"]).json;
    for format in [SARIF, FULL] {
        let properties = &demo(format).log["runs"][0]["properties"];
        for key in ["command", "base", "head", "policy", "verdict"] {
            assert_eq!(properties[key], report[key], "{key}");
        }
    }
}
