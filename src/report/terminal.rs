//! Text for a terminal: hostile characters made visible, lines wrapped.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::access::label_of;

/// `text` with every control and bidirectional character replaced by U+FFFD, and no command to a CI system.
///
/// Names and labels come from a pull request: an escape sequence in one must not reach a terminal, and
/// must not disappear either. GitHub runs log lines that start with `::`, and Azure Pipelines what stands
/// behind `##vso[`.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) && !text.contains("::") && !text.contains("##") {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(is_hidden, "\u{fffd}").replace("::", ":\u{fffd}:").replace("##", "#\u{fffd}#"))
}

/// Whether a character shows nothing, or changes how others are shown: controls, bidirectional marks, zero-width
/// characters, tags.
pub(super) fn is_hidden(character: char) -> bool {
    let invisible = matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    );
    character.is_control() || invisible
}

/// A grant key, and what Setup calls a user permission.
pub(super) fn labelled(grant: &str) -> String {
    match label_of(grant) {
        Some(label) => format!("{} ({label})", plain(grant)),
        None => plain(grant).into_owned(),
    }
}

/// A label that says more than the name: `Contract Manager` beside `Contract_Manager` does not.
pub(super) fn telling_label<'l>(name: &str, label: Option<&'l str>) -> Option<&'l str> {
    label.filter(|label| label.replace(' ', "_") != name)
}

/// `permission set group` for `permissionSetGroup`.
pub(super) fn kind_words(kind: &str) -> String {
    let mut words = String::with_capacity(kind.len() + 4);
    for character in kind.chars() {
        if character.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}

/// Wraps at spaces to at most `width` cells a line, every line but the first behind `indent` spaces.
///
/// Words are never broken: rule ids, grant keys and paths stay whole. Without a width there is one line.
pub fn wrap(text: &str, width: Option<usize>, indent: usize) -> String {
    let Some(width) = width else { return text.to_owned() };
    let mut wrapped = String::with_capacity(text.len() + 16);
    let mut used = indent;
    for word in text.split(' ') {
        let cells = word.width();
        if wrapped.is_empty() {
            used += cells;
        } else if used + 1 + cells > width && used > indent {
            wrapped.push('\n');
            wrapped.extend(std::iter::repeat_n(' ', indent));
            used = indent + cells;
        } else {
            wrapped.push(' ');
            used += 1 + cells;
        }
        wrapped.push_str(word);
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_stay_visible() {
        assert_eq!(plain("Sales \u{1b}[2J\u{202e}\nrow"), "Sales \u{fffd}[2J\u{fffd}\u{fffd}row");
        assert_eq!(plain("営業 é"), "営業 é");
        assert_eq!(plain("::error::x ##vso[x] ##[y]"), ":\u{fffd}:error:\u{fffd}:x #\u{fffd}#vso[x] #\u{fffd}#[y]");
    }

    #[test]
    fn wraps_at_spaces_and_never_inside_a_word() {
        assert_eq!(wrap("aa bb cc", Some(7), 2), "aa bb\n  cc");
        assert_eq!(
            wrap("objectPermissions/Account/allowRead x", Some(10), 2),
            "objectPermissions/Account/allowRead\n  x"
        );
        assert_eq!(wrap("営業 営業", Some(8), 0), "営業\n営業");
    }
}
