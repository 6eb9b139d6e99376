//! Text from metadata, made fit to stand inside a message.

use std::borrow::Cow;

/// Longest piece of metadata text that a message quotes, in characters.
const QUOTED: usize = 80;

/// `text` itself, or its first 80 characters and an ellipsis.
///
/// Messages quote metadata, and metadata may hold a name of any length.
pub fn clip(text: &str) -> Cow<'_, str> {
    clip_to(text, QUOTED)
}

/// `text` itself, or its first characters and an ellipsis.
pub fn clip_to(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

/// `1 grant`, `2 grants`: a count with its noun.
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Whether a name holds no control character: such a name is not one an org can hold.
pub fn is_plain(name: &str) -> bool {
    !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_on_a_character_boundary() {
        assert_eq!(clip("Account"), "Account");
        let long = "é".repeat(81);
        assert_eq!(clip(&long), format!("{}…", "é".repeat(80)));
    }
}
