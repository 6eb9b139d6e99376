//! JSON Schemas of what people write, generated from the types that read it.

use schemars::schema_for;

use crate::policy::config::File;
use crate::policy::rule::RuleFile;

/// The schema of a rule file.
pub fn rule_schema() -> serde_json::Value {
    schema_for!(RuleFile).to_value()
}

/// The schema of a configuration.
pub fn config_schema() -> serde_json::Value {
    schema_for!(File).to_value()
}
