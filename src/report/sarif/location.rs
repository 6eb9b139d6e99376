//! Places and texts, as SARIF writes them.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::model::{ArtifactLocation, Location, Message, PhysicalLocation, Region};
use crate::text::Place;

/// What RFC 3986 does not allow in a path segment.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

/// Longest element that is quoted, in bytes: what is longer is no element that Salesforce writes.
const SNIPPET: usize = 2_000;

/// A place in a file of the source.
pub(super) fn location(path: &str, region: Option<Region>) -> Location {
    Location {
        id: None,
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(path), uri_base_id: "%SRCROOT%" },
            region,
        },
        message: None,
    }
}

/// Relative to the root of the source. A policy file from elsewhere has no address there; it keeps its name.
fn uri(path: &str) -> String {
    let segments = path.split('/').filter(|segment| !matches!(*segment, "" | "." | ".."));
    segments.map(|segment| utf8_percent_encode(segment, SEGMENT).to_string()).collect::<Vec<_>>().join("/")
}

/// A whole line.
pub(super) fn region(start_line: u32) -> Region {
    Region { start_line, start_column: None, end_line: None, end_column: None, snippet: None }
}

/// An element on its line.
pub(super) fn element(place: &Place) -> Region {
    Region {
        start_line: place.line,
        start_column: Some(place.start_column),
        end_line: Some(place.line),
        end_column: Some(place.end_column.max(place.start_column + 1)),
        snippet: (1..=SNIPPET).contains(&place.snippet.len()).then(|| Message { text: place.snippet.clone() }),
    }
}

/// A message may hold links, as `[text](target)` (SARIF 3.11.6); names from metadata must not make one.
pub(super) fn no_links(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn addresses_are_below_the_root() {
        assert_eq!(uri("a b/c%d.xml"), "a%20b/c%25d.xml");
        assert_eq!(uri("/etc/x.toml"), "etc/x.toml");
        assert_eq!(uri("../.././x.toml"), "x.toml");
        assert_eq!(uri("C:\\x.toml"), "C%3A%5Cx.toml");
    }
}
