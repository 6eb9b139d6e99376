//! JSON: the contract for other programs.

use schemars::generate::SchemaSettings;

use crate::report::{Report, document};

/// The report as a document that ends with a line feed.
pub fn render(report: &Report) -> String {
    document::json(report)
}

/// The JSON Schema of the document, generated from its types.
pub fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<Report>().to_value()
}
