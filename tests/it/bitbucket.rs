//! Bitbucket Code Insights: within what the API takes, field by field.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sarif_samples::{Sample, broken, demo, many, odd, samples, waived};
use crate::support::{Report, permdelta, temp, text};

const BITBUCKET: &[&str] = &["--format", "bitbucket"];

/// Checks the form and gives back the annotations of all calls.
pub(crate) fn annotations(what: &str, document: &Value) -> Vec<Value> {
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<BTreeSet<String>>();
    let has = |value: &Value, allowed: &[&str]| keys(value).iter().all(|key| allowed.contains(&key.as_str()));
    assert!(has(document, &["annotations", "report"]), "{what}");
    let report = &document["report"];
    assert!(has(report, &["data", "details", "report_type", "reporter", "result", "title"]), "{what}");
    let at_most = |value: &Value, key: &str, most: usize| {
        let text = value[key].as_str().unwrap_or_else(|| panic!("{what}: {key} of {value:#}"));
        assert!(!text.is_empty() && text.chars().count() <= most && !text.contains(['\n', '\r']), "{what}: {key}");
    };
    at_most(report, "title", 450);
    at_most(report, "details", 2_000);
    at_most(report, "reporter", 450);
    assert_eq!(report["report_type"], "SECURITY", "{what}");
    assert!(["PASSED", "FAILED"].contains(&text(report, "result").as_str()), "{what}");
    let data = report["data"].as_array().expect("data");
    assert!(data.len() <= 10, "{what}");
    for datum in data {
        assert!(has(datum, &["title", "type", "value"]) && datum["type"] == "NUMBER" && datum["value"].is_u64());
    }
    let calls = document["annotations"].as_array().expect("calls");
    let mut all = Vec::new();
    for call in calls {
        let call = call.as_array().expect("a call");
        assert!((1..=100).contains(&call.len()), "{what}: {} in one call", call.len());
        all.extend(call.iter().cloned());
    }
    assert!(all.len() <= 1_000, "{what}");
    let fields = ["annotation_type", "details", "external_id", "line", "path", "result", "severity", "summary"];
    let mut ids = BTreeSet::new();
    for annotation in &all {
        assert!(has(annotation, &fields), "{what}: {annotation:#}");
        at_most(annotation, "summary", 450);
        at_most(annotation, "external_id", 450);
        if annotation.get("details").is_some() {
            at_most(annotation, "details", 2_000);
        }
        assert!(ids.insert(text(annotation, "external_id")), "{what}: {annotation:#}");
        let one_of = |key: &str, words: &[&str]| words.contains(&text(annotation, key).as_str());
        assert!(one_of("annotation_type", &["VULNERABILITY", "CODE_SMELL", "BUG"]), "{what}");
        assert!(one_of("severity", &["CRITICAL", "HIGH", "MEDIUM", "LOW"]), "{what}");
        assert!(annotation.get("result").is_none() || one_of("result", &["PASSED", "FAILED", "IGNORED", "SKIPPED"]));
        assert!(annotation.get("line").is_none_or(|line| line.as_u64().is_some_and(|line| line >= 1)), "{what}");
        assert!(!text(annotation, "path").starts_with(['/', '.']), "{what}");
    }
    all
}

#[test]
fn every_sample_is_a_document_that_bitbucket_takes() {
    for Sample { what, log, files } in samples(BITBUCKET) {
        for annotation in annotations(&what, &log) {
            let path = text(&annotation, "path");
            assert!(files.contains_key(&path), "{what}: {path} is no file of head");
        }
    }
}

#[test]
fn the_annotations_are_the_findings_of_the_report() {
    let dir = temp();
    let report = Report::of(dir.path(), &["demo"]).json;
    let document = demo(BITBUCKET).log;
    let annotations = annotations("demo", &document);
    let findings = report["findings"].as_array().expect("findings");
    assert_eq!(annotations.len(), findings.len());
    for finding in findings {
        let of = |one: &&Value| one["external_id"] == finding["fingerprint"];
        let annotation = annotations.iter().find(of).expect("an annotation");
        assert_eq!((&annotation["path"], &annotation["line"]), (&finding["path"], &finding["line"]));
        assert_eq!(text(annotation, "severity"), text(finding, "severity").to_uppercase(), "{finding:#}");
        let fails = ["critical", "high"].contains(&text(finding, "severity").as_str());
        assert_eq!(annotation.get("result").is_some_and(|result| result == "FAILED"), fails, "{finding:#}");
        assert!(text(annotation, "summary").starts_with(&format!("{}: ", text(finding, "rule"))));
    }
    let details = text(&document["report"], "details");
    for part in ["FAIL", "12 new findings: 2 critical", "pull-request (5c87c5ca41", "(15bcd22e08"] {
        assert!(details.contains(part), "{details}");
    }
}

#[test]
fn the_result_follows_the_verdict() {
    let result = |sample: &Sample| text(&sample.log["report"], "result");
    assert_eq!(result(&demo(BITBUCKET)), "FAILED");
    assert_eq!(result(&broken(BITBUCKET)), "FAILED");
    assert_eq!(result(&odd(&["check", "main..main"], BITBUCKET)), "PASSED");
    assert_eq!(result(&odd(&["audit", "main"], BITBUCKET)), "PASSED", "an audit fails for nothing unless told to");
    let open = waived(&["check", "main~1..main"], BITBUCKET);
    assert_eq!(result(&open), "FAILED");
    assert!(text(&open.log["report"], "details").contains("2 waived"), "{:#}", open.log["report"]);
    let off = waived(&["check", "main~1..main", "--fail-on", "none"], BITBUCKET);
    assert_eq!(result(&off), "PASSED");
    assert!(annotations("off", &off.log).iter().all(|annotation| annotation.get("result").is_none()));
}

#[test]
fn problems_come_first_and_are_counted() {
    let broken = broken(BITBUCKET).log;
    let annotations = annotations("broken", &broken);
    assert_eq!((&annotations[0]["annotation_type"], &annotations[0]["result"]), (&"BUG".into(), &"FAILED".into()));
    assert!(text(&annotations[0], "details").contains("cut off"), "{annotations:#?}");
    let details = text(&broken["report"], "details");
    assert!(details.contains("INCOMPLETE") && details.contains("1 problem"), "{details}");
}

#[test]
fn what_is_cut_is_said() {
    let (run, document) = many(200, "", BITBUCKET);
    let annotations = annotations("many", &document);
    assert_eq!(annotations.len(), 1_000);
    assert_eq!(document["annotations"].as_array().expect("calls").len(), 10);
    let details = text(&document["report"], "details");
    assert!(details.contains("lists 1000 of "), "{details}");
    assert!(run.stderr.contains("lists 1000 of "), "{}", run.stderr);
    assert!(annotations.iter().all(|annotation| annotation["severity"] != "LOW"), "the worst are kept");
}

#[test]
fn without_findings_there_is_no_call() {
    let dir = temp();
    let run = permdelta(dir.path(), &["check", "--from", ".", "--to", ".", "--format", "bitbucket"]);
    let document: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(document["annotations"], Value::Array(vec![]));
    assert!(text(&document["report"], "details").contains("no access change"), "{document:#}");
}
