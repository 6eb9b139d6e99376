//! The JSON Schemas that `permdelta schema` prints: they take what the program takes, and refuse what it refuses.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use crate::support::{Report, files_below, permdelta, temp};

fn schema(of: &str) -> Validator {
    let run = permdelta(temp().path(), &["schema", of]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let schema: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert!(schema["$schema"].as_str().is_some_and(|draft| draft.contains("2020-12")), "{schema}");
    jsonschema::validator_for(&schema).expect("a schema")
}

fn errors(schema: &Validator, instance: &Value) -> Vec<String> {
    schema.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// TOML as JSON; days as texts.
fn json(toml: &str) -> Value {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(flag) => flag.into(),
            toml::Value::Datetime(day) => day.to_string().into(),
            toml::Value::Array(list) => list.into_iter().map(convert).collect(),
            toml::Value::Table(table) => {
                Value::Object(table.into_iter().map(|(key, value)| (key, convert(value))).collect())
            }
        }
    }
    convert(toml::Value::Table(toml.parse().expect("TOML")))
}

#[test]
fn every_rule_is_valid_and_a_mistake_is_not() {
    let schema = schema("rule");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let files = files_below(&root).into_iter().filter(|path| path.ends_with(".toml") && !path.starts_with("catalog/"));
    let mut checked = 0;
    for path in files {
        let text = fs::read_to_string(root.join(&path)).expect("a rule");
        assert_eq!(errors(&schema, &json(&text)), [""; 0], "{path}");
        checked += 1;
        let wrong = text.replacen("severity = ", "severty = ", 1);
        assert!(!errors(&schema, &json(&wrong)).is_empty(), "{path}");
    }
    assert!(checked > 80);
}

#[test]
fn a_configuration_is_valid_and_a_mistake_is_not() {
    let schema = schema("config");
    let right = r#"
[rules]
view-all-fields = "low"
hygiene = "off"
[classes]
admin = ["profile:Admin", "Sys_Admin"]
integration = ["Int_*"]
component-only = ["CMP_*"]
[sensitive]
objects = ["Contract", "Payroll__c"]
fields = ["*.SSN__c", "Contact.Birthdate"]
[session]
privileged = ["userPermissions/ModifyAllData"]
activators = [{ holder = "Break_Glass", by = "connected app Vault", ticket = "SEC-12" }]
[paths]
exclude = ["archive/**"]
rules = ["security/rules"]
[[waiver]]
rule = "modify-all-records"
holder = "permissionSet:Nightly_Sync"
grant = "objectPermissions/Invoice__c/modifyAllRecords"
reason = "batch reconciliation writes every invoice"
owner = "finance-platform"
ticket = "SEC-481"
expires = 2027-03-31
"#;
    assert_eq!(errors(&schema, &json(right)), [""; 0]);
    assert_eq!(errors(&schema, &json("")), [""; 0], "every key is optional");
    for (from, to) in [
        ("[rules]", "[rulse]"),
        ("\"low\"", "\"lower\""),
        ("owner =", "owners ="),
        ("[\"archive/**\"]", "\"archive/**\""),
    ] {
        assert!(!errors(&schema, &json(&right.replacen(from, to, 1))).is_empty(), "{to}");
    }
}

#[test]
fn every_report_is_valid() {
    let schema = schema("report");
    let dir = temp();
    let demo = permdelta(dir.path(), &["demo", "--keep", "sample", "-q"]);
    assert_eq!(demo.status, 1, "{}", demo.stderr);
    let sample = dir.path().join("sample");
    for args in [
        vec!["check", "main...pull-request"],
        vec!["check", "main...pull-request", "--full", "--no-new-access"],
        vec!["diff", "main..pull-request"],
        vec!["audit", "HEAD"],
    ] {
        let report = Report::of(&sample, &args);
        assert_eq!(errors(&schema, &report.json), [""; 0], "{args:?}");
        let mut without = report.json.clone();
        without.as_object_mut().expect("an object").remove("verdict");
        assert!(!errors(&schema, &without).is_empty(), "every key is always there");
    }
}
