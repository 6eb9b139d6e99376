//! Untrusted text inside Markdown for GitHub.

use crate::report::terminal::plain;

/// Breaks mentions and references, which are looked for after backslashes and entities are gone.
const BREAK: char = '\u{200b}';
/// Length of a commit's id, which GitHub makes a link of.
const COMMIT: usize = 40;

/// Text of a paragraph: nothing in it is markup, a link, a mention or a reference.
pub(super) fn text(text: &str) -> String {
    escaped(text, |character, escaped| match character {
        '&' => escaped.push_str("&amp;"),
        '<' => escaped.push_str("&lt;"),
        other => {
            if other.is_ascii_punctuation() && !matches!(other, '"' | '\'' | ',' | ';' | '/') {
                escaped.push('\\');
            }
            escaped.push(other);
        }
    })
}

/// Text in the font of code. Not in backticks: nothing can be escaped between them.
pub(super) fn code(text: &str) -> String {
    let inside = escaped(text, |character, escaped| match character {
        '&' | '<' | '>' | '"' => escaped.push_str(match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            _ => "&quot;",
        }),
        // Markdown is read inside of HTML, too, and an address is made a link there.
        other if other.is_ascii_punctuation() && !matches!(other, '/' | ',' | ';' | '-') => {
            escaped.push_str(&format!("&#{};", u32::from(other)));
        }
        other => escaped.push(other),
    });
    format!("<code>{inside}</code>")
}

fn escaped(text: &str, mut one: impl FnMut(char, &mut String)) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    let (mut hex, mut before) = (0, ['\0'; 2]);
    for character in plain(text).chars() {
        let issue = character.is_ascii_digit() && before[1] == '-' && before[0].eq_ignore_ascii_case(&'h');
        hex = if character.is_ascii_hexdigit() { hex + 1 } else { 0 };
        if issue || hex == COMMIT {
            escaped.push(BREAK);
        }
        one(character, &mut escaped);
        if matches!(character, '@' | '#') {
            escaped.push(BREAK);
        }
        before = [before[1], character];
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(text("A_b: *x* <i> &amp;"), "A\\_b\\: \\*x\\* &lt;i\\> &amp;amp;");
        assert_eq!(text("[x](http://e)\n/approve"), "\\[x\\]\\(http\\://e\\)\u{fffd}/approve");
        assert_eq!(text("@org #1 GH-1"), "\\@\u{200b}org \\#\u{200b}1 GH\\-\u{200b}1");
        assert_eq!(code("a`b|<c>@d"), "<code>a&#96;b&#124;&lt;c&gt;&#64;\u{200b}d</code>");
        assert_eq!(code("www.e-f/g"), "<code>www&#46;e-f/g</code>");
    }
}
