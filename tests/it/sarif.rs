//! SARIF: valid by the schema, and everything code scanning platforms ask for that no validator checks.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::review_samples::{set, user};
use crate::sarif_samples::{self, FULL, SARIF, Sample, broken, demo, many, odd};
use crate::support::{FOLDER, Run, commit, permdelta, repository, temp, text};

/// Platforms keep this many results of a run.
const MOST_RESULTS: usize = 5_000;

fn strings<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("a string at {pointer} of {value:#}"))
}

fn number(value: &Value, key: &str) -> usize {
    value[key].as_u64().unwrap_or_else(|| panic!("a number at {key} of {value:#}")) as usize
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v Vec<Value> {
    value.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("an array at {pointer}"))
}

fn samples() -> Vec<Sample> {
    sarif_samples::samples(SARIF)
}

/// The rules by index, as id and GitHub's severity.
fn rules(run: &Value) -> Vec<(&str, f64)> {
    let severity = |rule| strings(rule, "/properties/security-severity").parse().expect("a number in a string");
    list(run, "/tool/driver/rules").iter().map(|rule| (strings(rule, "/id"), severity(rule))).collect()
}

#[test]
fn it_is_valid_by_the_schema() {
    let Some(schema) = std::env::var_os("PERMDELTA_SARIF_SCHEMA") else {
        println!("SARIF schema: skipped, PERMDELTA_SARIF_SCHEMA names no file");
        return;
    };
    let schema = std::fs::read_to_string(schema).expect("the schema can be read");
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    for sample in samples().into_iter().chain(sarif_samples::samples(FULL)) {
        let errors: Vec<String> = validator.iter_errors(&sample.log).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0], "{}", sample.what);
    }
    let mut wrong = demo(SARIF).log;
    wrong["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] = 0.into();
    assert!(!validator.is_valid(&wrong), "the schema tells right from wrong");
}

#[test]
fn the_log_says_what_it_is() {
    for Sample { what, log, .. } in samples() {
        assert!(strings(&log, "/$schema").ends_with("/sarif-schema-2.1.0.json"), "{what}");
        assert_eq!(strings(&log, "/version"), "2.1.0", "{what}");
        let [run] = list(&log, "/runs").as_slice() else { panic!("{what}: one run") };
        assert_eq!(strings(run, "/tool/driver/name"), "permdelta", "{what}");
        assert_eq!(strings(run, "/tool/driver/semanticVersion"), env!("CARGO_PKG_VERSION"), "{what}");
        assert_eq!(strings(run, "/columnKind"), "utf16CodeUnits", "{what}");
        assert!(run.get("automationDetails").is_none(), "{what}: it overrides the user's category");
        assert!(!strings(run, "/originalUriBaseIds/%SRCROOT%/description/text").is_empty(), "{what}");
        assert!(run["originalUriBaseIds"]["%SRCROOT%"].get("uri").is_none(), "{what}: the machine's own path");
    }
}

#[test]
fn every_rule_is_described_for_the_platforms() {
    for Sample { what, log, .. } in samples() {
        for rule in list(&log, "/runs/0/tool/driver/rules") {
            let what = format!("{what}: {}", strings(rule, "/id"));
            for (pointer, most) in [
                ("/id", 255),
                ("/name", 255),
                ("/shortDescription/text", 1024),
                ("/fullDescription/text", 1024),
                ("/help/text", usize::MAX),
                ("/help/markdown", usize::MAX),
            ] {
                let text = strings(rule, pointer);
                assert!(!text.is_empty() && text.chars().count() <= most, "{what}: {pointer}");
            }
            let tags: Vec<&str> = list(rule, "/properties/tags").iter().map(|tag| tag.as_str().unwrap()).collect();
            let different: BTreeSet<&str> = tags.iter().copied().collect();
            assert!(tags.contains(&"security") && tags.len() <= 10, "{what}: {tags:?}");
            assert_eq!(different.len(), tags.len(), "{what}: {tags:?}");
            let severity: f64 = strings(rule, "/properties/security-severity").parse().expect("a number");
            assert!((0.1..=10.0).contains(&severity), "{what}: {severity}");
            assert!(["very-high", "high", "medium", "low"].contains(&strings(rule, "/properties/precision")), "{what}");
            assert!(["error", "warning", "note"].contains(&strings(rule, "/defaultConfiguration/level")), "{what}");
        }
    }
}

/// GitHub's bands: over 9.0 is critical (9.0 itself is ambiguous), 7.0 to 8.9 high, 4.0 to 6.9 medium, below low.
#[test]
fn severities_fall_into_the_platforms_bands() {
    let dir = temp();
    let Run { stdout, .. } = permdelta(dir.path(), &["rules", "--format", "json"]);
    let listed: Vec<Value> = serde_json::from_str(&stdout).expect("a list of rules");
    let log = demo(SARIF).log;
    let rules = rules(&log["runs"][0]);
    assert_eq!(listed.len(), rules.len());
    for (id, severity) in rules {
        let rule = listed.iter().find(|rule| rule["id"] == id).expect("the rule is listed");
        let band = match text(rule, "severity").as_str() {
            "critical" => 9.1..=10.0,
            "high" => 7.0..=8.9,
            "medium" => 4.0..=6.9,
            _ => 0.1..=3.9,
        };
        assert!(band.contains(&severity), "{id}: {severity}");
    }
}

/// The list of rules is the catalogue: all of them, sorted, whatever was found. GitHub closes the alerts of a rule that goes.
#[test]
fn all_rules_are_listed_sorted_and_the_same_in_every_run() {
    let rules_of = |sample: &Sample| sample.log.pointer("/runs/0/tool/driver/rules").expect("rules").clone();
    let samples = samples();
    let first = rules_of(&samples[0]);
    for sample in &samples {
        assert_eq!(rules_of(sample), first, "{}", sample.what);
    }
    let ids: Vec<&str> = first.as_array().expect("an array").iter().map(|rule| strings(rule, "/id")).collect();
    assert!(ids.is_sorted() && ids.len() >= 10, "{ids:?}");
}

#[test]
fn every_result_is_an_open_failure_with_a_rule_a_message_and_a_place() {
    for Sample { what, log, .. } in samples() {
        let run = &log["runs"][0];
        let rules = rules(run);
        for result in list(run, "/results") {
            let id = strings(result, "/ruleId");
            assert_eq!(rules[number(result, "ruleIndex")].0, id, "{what}");
            let message = strings(result, "/message/text");
            let length = message.chars().count();
            assert!(message.starts_with(&format!("{id}: ")) && length <= 2_048, "{what}: {message}");
            assert!(!message.contains(['\n', '\r']) && message.ends_with('.'), "{what}: {message}");
            for key in ["kind", "suppressions", "baselineState", "fixes", "codeFlows"] {
                assert!(
                    result.get(key).is_none(),
                    "{what}: {key}: platforms show such a result as open, or not at all"
                );
            }
            assert_eq!(list(result, "/locations").len(), 1, "{what}");
            let hash = strings(result, "/partialFingerprints/primaryLocationLineHash");
            let digits = hash.strip_suffix(":1").expect("the first of its kind");
            assert!(digits.len() == 16 && digits.chars().all(|digit| digit.is_ascii_hexdigit()), "{what}: {hash}");
        }
    }
}

/// The text at the region, counted in UTF-16 units as `columnKind` says, is the snippet.
#[test]
fn the_region_is_where_the_snippet_stands() {
    let mut seen = 0;
    for Sample { what, log, files } in samples() {
        for result in list(&log, "/runs/0/results") {
            let place = &result["locations"][0]["physicalLocation"];
            let path = decoded(strings(place, "/artifactLocation/uri"));
            let file = files.get(&path).unwrap_or_else(|| panic!("{what}: {path} is no file of head"));
            let text = std::str::from_utf8(file).expect("UTF-8").trim_start_matches('\u{feff}');
            let region = &place["region"];
            let [first, last] = ["startLine", "endLine"].map(|key| number(region, key));
            let [start, end] = ["startColumn", "endColumn"].map(|key| number(region, key));
            assert!(first >= 1 && first == last && start >= 1 && start < end, "{what}: {region}");
            let line: Vec<u16> = text.split('\n').nth(first - 1).expect("the line").encode_utf16().collect();
            let found = String::from_utf16(&line[start - 1..end - 1]).expect("no half characters");
            assert_eq!(found, strings(region, "/snippet/text"), "{what}: {path}");
            let is_element = found.starts_with('<') || !path.ends_with(".xml");
            assert!(is_element && !found.is_empty() && found == found.trim(), "{what}: {found:?} is an element");
            seen += 1;
        }
    }
    assert!(seen >= 15, "the samples have findings: {seen}");
}

/// Percent-decoded.
fn decoded(uri: &str) -> String {
    percent_encoding::percent_decode_str(uri).decode_utf8().expect("UTF-8").into_owned()
}

#[test]
fn addresses_are_relative_encoded_and_name_a_file_of_the_source() {
    for Sample { what, log, files } in samples() {
        let notified = list(&log, "/runs/0/invocations/0/toolExecutionNotifications");
        for place in list(&log, "/runs/0/results").iter().chain(notified) {
            let artifact = &place["locations"][0]["physicalLocation"]["artifactLocation"];
            let uri = strings(artifact, "/uri");
            let what = format!("{what}: {uri}");
            assert!(
                uri.chars().all(|letter| letter.is_ascii_alphanumeric() || "-._~!$&'()*+,;=@%/".contains(letter)),
                "{what}"
            );
            assert!(!["/", "./", "../", "file"].iter().any(|start| uri.starts_with(start)), "{what}");
            assert!(!uri.contains("//") && !uri.contains("/../"), "{what}");
            assert!(files.contains_key(&decoded(uri)), "{what} is no file of head");
            assert_eq!(strings(artifact, "/uriBaseId"), "%SRCROOT%", "{what}");
        }
    }
}

/// Two results of one rule and file with the same hash are one alert: one of them would be lost.
#[test]
fn no_two_results_are_one_alert() {
    for Sample { what, log, .. } in samples() {
        let mut seen = BTreeSet::new();
        for result in list(&log, "/runs/0/results") {
            let identity = (
                strings(result, "/locations/0/physicalLocation/artifactLocation/uri"),
                strings(result, "/ruleId"),
                strings(result, "/partialFingerprints/primaryLocationLineHash"),
            );
            assert!(seen.insert(identity), "{what}: {identity:?}");
        }
    }
}

/// One finding is one result, whatever stands on its line: an alert is closed and dismissed by its fingerprint.
#[test]
fn every_open_finding_is_a_result_of_its_own() {
    let mut shared = 0;
    for (command, sample) in [
        (&["demo"][..], demo(SARIF)),
        (&["check", "main~1..main"], odd(&["check", "main~1..main"], SARIF)),
        (&["audit", "main"], odd(&["audit", "main"], SARIF)),
    ] {
        let json = sarif_samples::reported(command);
        let mut expected: Vec<(String, String)> = list(&json, "/findings")
            .iter()
            .map(|finding| (text(finding, "rule"), text(finding, "fingerprint") + ":1"))
            .collect();
        let results = list(&sample.log, "/runs/0/results");
        let hash = |result| strings(result, "/partialFingerprints/primaryLocationLineHash").to_owned();
        let mut found: Vec<(String, String)> =
            results.iter().map(|result| (strings(result, "/ruleId").to_owned(), hash(result))).collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{command:?}");
        let mut places = BTreeSet::new();
        let mut messages = BTreeSet::new();
        for result in results {
            let place = &result["locations"][0]["physicalLocation"];
            let line = number(&place["region"], "startLine");
            let (uri, rule) = (strings(place, "/artifactLocation/uri"), strings(result, "/ruleId"));
            shared += usize::from(!places.insert((uri, rule, line)));
            assert!(messages.insert((uri, strings(result, "/message/text"))), "{command:?}: {result:#}");
        }
    }
    assert!(shared >= 2, "a set and the groups that hold it share rule and line: {shared}");
}

/// A pull request that brings a risky set into a group: its alert is there after the merge, beside the set's own.
#[test]
fn what_a_pull_request_uploads_is_in_the_next_state() {
    let dir = temp();
    let repository = repository(dir.path(), true);
    let risky = set(&user("ModifyAllData", "true"));
    let group = |members: &str| format!("<PermissionSetGroup>\n<label>Desk</label>\n{members}</PermissionSetGroup>\n");
    let (in_set, in_group) =
        (format!("{FOLDER}/Risky.permissionset-meta.xml"), "groups/Desk.permissionsetgroup-meta.xml");
    let before = group("");
    let after = group("<permissionSets>Risky</permissionSets>\n");
    let first = commit(&repository, None, &[(&in_set, risky.as_bytes()), (in_group, before.as_bytes())]);
    commit(&repository, Some(first), &[(&in_set, risky.as_bytes()), (in_group, after.as_bytes())]);
    let alerts = |command: &[&str]| -> BTreeSet<(String, String)> {
        let run = permdelta(dir.path(), &[command, SARIF].concat());
        let log: Value = serde_json::from_str(&run.stdout).expect("JSON");
        let hash = |result| strings(result, "/partialFingerprints/primaryLocationLineHash").to_owned();
        list(&log, "/runs/0/results")
            .iter()
            .map(|result| (hash(result), strings(result, "/message/text").to_owned()))
            .collect()
    };
    let (request, base, merged) =
        (alerts(&["check", "main~1..main"]), alerts(&["audit", "main~1"]), alerts(&["audit", "main"]));
    assert!(request.iter().any(|(_, message)| message.contains("Permission set group Desk")), "{request:?}");
    assert!(base.iter().any(|(_, message)| message.contains("Permission set Risky")), "{base:?}");
    assert!(request.is_subset(&merged) && base.is_subset(&merged) && request.is_disjoint(&base), "{merged:#?}");
}

/// Shown only where the message links to them, so none is written that it does not.
#[test]
fn what_is_gone_is_linked_where_head_still_has_the_file() {
    let gone = sarif_samples::gone(SARIF);
    let mut linked = BTreeSet::new();
    for Sample { what, log, files } in samples() {
        for result in list(&log, "/runs/0/results") {
            let related = result["relatedLocations"].as_array().cloned().unwrap_or_default();
            let message = strings(result, "/message/text");
            assert_eq!(message.contains("](1)"), !related.is_empty(), "{what}: {message}");
            for place in &related {
                assert_eq!(number(place, "id"), 1, "{what}: {place:#}");
                let uri = decoded(strings(place, "/physicalLocation/artifactLocation/uri"));
                assert!(files.contains_key(&uri), "{what}: {uri} is no file of head");
                assert!(!strings(place, "/physicalLocation/region/snippet/text").is_empty(), "{what}");
                linked.insert((strings(result, "/ruleId").to_owned(), uri));
            }
        }
    }
    let of = |rule: &str, file: &str| linked.iter().any(|(own, path)| own == rule && path.contains(file));
    assert!(
        of("session-activation-removed", "Gate_Gone") && of("muting-removed", "Contract_Desk_Muting"),
        "{linked:?}"
    );
    assert!(of("policy-weakened", "permdelta.toml"), "{linked:?}");
    let muting = "Muted_Away.mutingpermissionset-meta.xml:4 before the change";
    let named = |result: &Value| strings(result, "/message/text").contains(muting);
    assert!(list(&gone.log, "/runs/0/results").iter().any(named), "a file that is gone is named without a link");
}

#[test]
fn the_worst_comes_first_then_the_order_of_the_files() {
    for Sample { what, log, .. } in samples() {
        let rules = rules(&log["runs"][0]);
        let keys: Vec<_> = list(&log, "/runs/0/results")
            .iter()
            .map(|result| {
                let place = &result["locations"][0]["physicalLocation"];
                let severity = (rules[number(result, "ruleIndex")].1 * 10.0) as i64;
                (-severity, decoded(strings(place, "/artifactLocation/uri")), number(&place["region"], "startLine"))
            })
            .collect();
        assert!(keys.is_sorted(), "{what}: {keys:#?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_notified_and_the_run_is_no_success() {
    let notifications = "/runs/0/invocations/0/toolExecutionNotifications";
    let successful = |sample: &Sample| sample.log["runs"][0]["invocations"][0]["executionSuccessful"].clone();
    for sample in [demo(SARIF), odd(&["check", "main~1..main"], SARIF)] {
        assert_eq!(successful(&sample), true, "{}", sample.what);
        assert!(list(&sample.log, notifications).is_empty(), "{}", sample.what);
    }
    let broken = broken(SARIF);
    assert_eq!(successful(&broken), false);
    let [one] = list(&broken.log, notifications).as_slice() else { panic!("one notification") };
    assert_eq!(strings(one, "/level"), "error");
    assert!(strings(one, "/message/text").contains("cut off"), "{one:#}");
    let place = &one["locations"][0]["physicalLocation"];
    assert!(strings(place, "/artifactLocation/uri").ends_with("Cut.permissionset-meta.xml"), "{one:#}");
    assert_eq!(number(&place["region"], "startLine"), 3);
    assert!(!list(&broken.log, "/runs/0/results").is_empty(), "what was read is reported all the same");
}

/// More than platforms read: the worst are kept, and both the document and stderr say so.
#[test]
fn what_is_cut_is_said() {
    let (run, log) = many(MOST_RESULTS / 8, "", SARIF);
    let results = list(&log, "/runs/0/results");
    assert_eq!(results.len(), MOST_RESULTS);
    let notifications = list(&log, "/runs/0/invocations/0/toolExecutionNotifications");
    let said = notifications.iter().any(|one| strings(one, "/message/text").contains("5000 of "));
    assert!(said, "{notifications:?}");
    let rules = rules(&log["runs"][0]);
    assert!(results.iter().all(|result| rules[number(result, "ruleIndex")].1 > 6.9), "the worst are kept");
    assert!(run.stderr.contains("5000 of "), "stderr says nothing of it: {}", run.stderr);
}
