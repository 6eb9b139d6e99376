//! A report in one format, and what it has no room for.

use std::collections::HashMap;

use serde::Serialize;

/// A report in one format.
#[derive(Debug, Clone)]
pub struct Document {
    /// All of it; it ends with a line feed.
    pub text: String,
    /// What it leaves out because the platform takes no more, for people. Where the format has a place for it, the
    /// document says so, too.
    pub cut: Option<String>,
}

impl Document {
    /// One that leaves nothing out.
    pub fn whole(text: String) -> Self {
        Self { text, cut: None }
    }
}

/// As JSON for people and programs, ended by a line feed.
///
/// Azure Pipelines takes `##vso[` anywhere in a line of its log for a command, so no document holds `##`.
pub(super) fn json(value: &impl Serialize) -> String {
    // Strings and numbers only, so this cannot fail.
    let json = serde_json::to_string_pretty(value).unwrap_or_default();
    // The sign stands in strings only, and no escape sequence has it.
    let mut json = json.replace("##", "#\\u0023");
    json.push('\n');
    json
}

/// `text` in one line of at most `most` characters.
pub(super) fn short(text: &str, most: usize) -> String {
    let line: String = text.split(['\n', '\r']).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most.saturating_sub(1)) {
        Some((end, character)) if end + character.len_utf8() < line.len() => format!("{}…", &line[..end]),
        _ => line,
    }
}

/// Tells things apart that a platform would take for one.
#[derive(Debug, Default)]
pub(super) struct Occurrences(HashMap<String, usize>);

impl Occurrences {
    /// How often `identity` was seen, this time included.
    pub(super) fn of(&mut self, identity: &str) -> usize {
        let seen = self.0.entry(identity.to_owned()).or_default();
        *seen += 1;
        *seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_document_holds_a_logging_command() {
        let texts = ["##vso[x]", "###", "\\##[error]", "#"];
        let written = json(&texts);
        assert!(!written.contains("##"), "{written}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&written).expect("JSON"), texts);
    }

    #[test]
    fn texts_are_shortened_at_characters() {
        assert_eq!(short("a\r\nb", 9), "a  b");
        assert_eq!(short("éééé", 4), "éééé");
        assert_eq!(short("ééééé", 4), "ééé…");
    }
}
