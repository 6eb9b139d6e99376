//! JSON: the contract for other programs.

use crate::report::Report;

/// The report as a document that ends with a line feed.
pub fn render(report: &Report) -> String {
    // Strings and numbers only, so this cannot fail.
    let mut json = serde_json::to_string_pretty(report).unwrap_or_default();
    json.push('\n');
    json
}
