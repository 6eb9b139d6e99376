//! Text from metadata, made fit to stand inside a message.

use std::borrow::Cow;

/// Longest piece of metadata text that a message quotes, in characters.
const QUOTED: usize = 80;
/// Longest grant key or path: two names and a section are whole.
const WHOLE: usize = 200;

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

/// A grant key or a path: itself, or its first and last hundred characters, as what tells it from others stands at its
/// end: the right, the name of the file.
pub fn clip_middle(text: &str) -> Cow<'_, str> {
    let half = WHOLE / 2;
    if text.char_indices().nth(WHOLE).is_none() {
        return Cow::Borrowed(text);
    }
    let (first, _) = text.char_indices().nth(half).unwrap_or_default();
    let (last, _) = text.char_indices().nth_back(half - 2).unwrap_or_default();
    Cow::Owned(format!("{}…{}", &text[..first], &text[last..]))
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

    #[test]
    fn a_key_keeps_its_right_and_a_path_its_file() {
        let whole = format!("é{}", "a".repeat(199));
        assert_eq!(clip_middle(&whole), whole);
        let long = format!("{}{}/readable", "é".repeat(150), "a".repeat(150));
        let clipped = clip_middle(&long);
        assert_eq!(clipped.chars().count(), 200);
        assert_eq!(clipped, format!("{}…{}/readable", "é".repeat(100), "a".repeat(90)));
    }
}
