//! Untrusted text, made fit for each sink of a Markdown comment. GitHub's and GitLab's rules.
//!
//! What could be markup is written as a character reference: a reference never makes structure (CommonMark 2.5), and
//! works alike in a paragraph, a table cell, inside `<code>`, where Markdown is still read, and inside `<summary>`,
//! where it is not and a backslash would show. Mentions and references to issues are looked for in the text *after*
//! that, so there a zero-width space stands behind the sign; the text's own zero-width characters are made visible.
//! No line feed is left, and callers put text of their own in front: untrusted text begins no line, where GitLab
//! would take `/approve` for a command.

use crate::report::terminal::is_hidden;

/// Breaks what platforms look for in finished text, and shows nothing.
const BREAK: char = '\u{200b}';
/// Signs that begin a mention, a reference, an emoji or an address when something follows them.
const SIGNS: &str = "@#!$~%^*[";
/// Longest path shown whole, in characters: repositories have paths of any length.
const LONGEST_PATH: usize = 240;
/// Longest name in a cell that is not broken, in characters.
const LONGEST_UNBROKEN: usize = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sink {
    Plain,
    Code,
    /// With places where a line may end.
    BrokenCode,
}

/// A grant key, a name, a path or a value: in `<code>`, where platforms look for no mention and no reference.
pub(super) fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text, Sink::Code))
}

/// The same for a cell of a table, which a long name would widen beyond the page: it may be broken behind its parts.
pub(super) fn code_in_cell(text: &str) -> String {
    let sink = if text.chars().count() > LONGEST_UNBROKEN { Sink::BrokenCode } else { Sink::Code };
    format!("<code>{}</code>", escaped(text, sink))
}

/// A path in `<code>`, a very long one without its beginning, and where in the file.
pub(super) fn place(path: &str, line: Option<u32>) -> String {
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    let cut = path.char_indices().rev().nth(LONGEST_PATH).map(|(at, first)| at + first.len_utf8());
    match cut {
        Some(at) => code(&format!("…{}{line}", &path[at..])),
        None => code(&format!("{path}{line}")),
    }
}

/// Text among ours: a label, a message, a reason.
pub(super) fn plain(text: &str) -> String {
    escaped(text, Sink::Plain)
}

/// The first line of a comment or review, by which it is found again; `id` tells several on one pull request apart.
pub(super) fn marker(what: &str, id: Option<&str>) -> String {
    let id = id.map_or_else(String::new, |id| format!(": {}", comment(id)));
    format!("<!-- {what}{id} -->")
}

/// Text inside an HTML comment, which ends at `-->` or `--!>` and nowhere else.
fn comment(text: &str) -> String {
    text.replace(|character: char| is_hidden(character) || matches!(character, '<' | '>' | '!'), "")
}

fn escaped(text: &str, sink: Sink) -> String {
    let characters: Vec<char> = one_line(text).collect();
    let mut out = String::with_capacity(text.len() + 16);
    for (at, character) in characters.iter().copied().enumerate() {
        let (before, after) = (&characters[..at], &characters[at + 1..]);
        match reference(character, before, after) {
            Some(reference) => out.push_str(reference),
            None => out.push(character),
        }
        if character == '@' || (sink == Sink::Plain && is_looked_for(character, before, after)) {
            out.push(BREAK);
        }
        if sink == Sink::BrokenCode && ends_a_part(character, before, after) {
            out.push_str("<wbr>");
        }
    }
    out
}

/// Line ends and tabs as a space each, hidden characters visible.
fn one_line(text: &str) -> impl Iterator<Item = char> + '_ {
    let mut characters = text.chars().peekable();
    std::iter::from_fn(move || {
        let character = characters.next()?;
        if character == '\r' {
            characters.next_if_eq(&'\n');
        }
        Some(match character {
            '\r' | '\n' | '\t' => ' ',
            hidden if is_hidden(hidden) => '\u{fffd}',
            other => other,
        })
    })
}

/// The character reference of what could be markup where it stands.
fn reference(character: char, before: &[char], after: &[char]) -> Option<&'static str> {
    Some(match character {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        '|' => "&#124;",
        '`' => "&#96;",
        '*' => "&#42;",
        '[' => "&#91;",
        ']' => "&#93;",
        '\\' => "&#92;",
        '~' => "&#126;",
        '$' => "&#36;",
        // Inside a word it emphasises nothing, and every API name has some.
        '_' if !is_inside_a_word(before, after) => "&#95;",
        '/' if before.is_empty() => "&#47;",
        ':' if after.first() == Some(&'/') => "&#58;",
        '.' if ends_with(before, "www") => "&#46;",
        _ => return None,
    })
}

fn is_inside_a_word(before: &[char], after: &[char]) -> bool {
    let is_word = |character: Option<&char>| character.is_some_and(|character| character.is_alphanumeric());
    is_word(before.iter().rev().find(|other| **other != '_')) && is_word(after.iter().find(|other| **other != '_'))
}

/// Whether a name may be broken behind this character; its `__c` is not torn off.
fn ends_a_part(character: char, before: &[char], after: &[char]) -> bool {
    let next_is = |allowed: fn(&char) -> bool| after.first().is_some_and(allowed);
    match character {
        '_' if before.last() == Some(&'_') => false,
        '.' | '/' | '-' | '_' => next_is(|next| next.is_alphanumeric()),
        small => small.is_lowercase() && next_is(|next| next.is_uppercase()),
    }
}

/// Whether platforms could find a mention, a reference, an address or a commit here.
fn is_looked_for(character: char, before: &[char], after: &[char]) -> bool {
    let Some(next) = after.first() else { return false };
    match character {
        '&' => next.is_alphanumeric(),
        '-' => ends_with(before, "gh") && next.is_ascii_digit(),
        'w' | 'W' => ends_with(before, "ww") && *next == '.',
        ':' => *next == '/' || before.last().is_none_or(|last| !last.is_alphanumeric()) && !next.is_whitespace(),
        sign if SIGNS.contains(sign) => !next.is_whitespace(),
        digit if digit.is_ascii_hexdigit() => is_inside_a_commit(before, after),
        _ => false,
    }
}

fn ends_with(before: &[char], end: &str) -> bool {
    let last = before.iter().rev().zip(end.chars().rev());
    before.len() >= end.len() && last.into_iter().all(|(one, other)| one.eq_ignore_ascii_case(&other))
}

/// Whether this is the sixth of seven or more hexadecimal digits in a row: what a commit could be called.
fn is_inside_a_commit(before: &[char], after: &[char]) -> bool {
    let digits = before.iter().rev().take_while(|other| other.is_ascii_hexdigit()).count();
    digits % 6 == 5 && after.first().is_some_and(char::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_table_cell_ends_it() {
        for sink in [code, plain] {
            let text = sink("a|b\\|c`|`\r\nd\re\nf\tg\\");
            assert!(!text.contains(['|', '\\', '`', '\r', '\n', '\t']), "{text}");
            assert!(text.contains("a&#124;b&#92;&#124;c&#96;&#124;&#96; d e f g&#92;"), "{text}");
        }
    }

    #[test]
    fn plain_text_is_no_markup() {
        assert_eq!(
            plain("<img src=x> & *a* _b_ ~~c~~"),
            "&lt;img src=x&gt; &amp; &#42;\u{200b}a&#42; &#95;b&#95; &#126;\u{200b}&#126;\u{200b}c&#126;\u{200b}&#126;"
        );
        assert_eq!(plain("[x](y) ![z]"), "&#91;\u{200b}x&#93;(y) !\u{200b}&#91;\u{200b}z&#93;");
        assert_eq!(plain("Notice_Period__c a_ _b __init__"), "Notice_Period__c a&#95; &#95;b &#95;&#95;init&#95;&#95;");
        assert_eq!(plain("--> -->"), "--&gt; --&gt;");
    }

    #[test]
    fn plain_text_mentions_nobody_and_nothing() {
        assert_eq!(plain("@org/team a@b.c"), "@\u{200b}org/team a@\u{200b}b.c");
        assert_eq!(
            plain("#1 o/r#1 GH-1 !2 ~bug %m ^alert"),
            "#\u{200b}1 o/r#\u{200b}1 GH-\u{200b}1 !\u{200b}2 &#126;\u{200b}bug %\u{200b}m ^\u{200b}alert"
        );
        assert_eq!(
            plain("$1 &1 *iteration:x :smile: [cve:1]"),
            "&#36;\u{200b}1 &amp;\u{200b}1 &#42;\u{200b}iteration:x :\u{200b}smile: &#91;\u{200b}cve:1&#93;"
        );
        assert_eq!(plain("0123456789abcdef"), "012345\u{200b}6789ab\u{200b}cdef");
        assert_eq!(plain("/approve"), "&#47;approve");
        assert_eq!(plain("a: b, 50% of # 1"), "a: b, 50% of # 1");
    }

    #[test]
    fn nothing_becomes_a_link() {
        assert_eq!(plain("http://x www.x.y mailto:a"), "http&#58;\u{200b}//x www\u{200b}&#46;x.y mailto:a");
        assert_eq!(code("http://x WWW.x.y"), "<code>http&#58;//x WWW&#46;x.y</code>");
    }

    #[test]
    fn code_holds_names_as_they_are() {
        assert_eq!(code("objectPermissions/*/allowRead"), "<code>objectPermissions/&#42;/allowRead</code>");
        assert_eq!(code("fieldPermissions/A__c.B__c/readable"), "<code>fieldPermissions/A__c.B__c/readable</code>");
        assert_eq!(code("a</code><b>@x #1 `"), "<code>a&lt;/code&gt;&lt;b&gt;@\u{200b}x #1 &#96;</code>");
    }

    #[test]
    fn long_names_in_cells_can_be_broken() {
        assert_eq!(code_in_cell("Short__c.Field__c"), "<code>Short__c.Field__c</code>");
        assert_eq!(
            code_in_cell("Employment_Contract__c.annualSalary|<wbr>@x"),
            "<code>Employment_<wbr>Contract__c.<wbr>annual<wbr>Salary&#124;&lt;wbr&gt;@\u{200b}x</code>"
        );
    }

    #[test]
    fn hidden_characters_are_seen() {
        assert_eq!(plain("a\u{202e}b\u{200b}c\u{1b}[0m"), "a\u{fffd}b\u{fffd}c\u{fffd}&#91;\u{200b}0m");
        assert_eq!(code("\u{e0041}\u{feff}"), "<code>\u{fffd}\u{fffd}</code>");
    }

    #[test]
    fn a_comment_is_not_ended() {
        assert_eq!(comment("a-b_c.1--"), "a-b_c.1--");
        assert_eq!(comment("x--><b>--!>\ny"), "x--b--y");
    }

    #[test]
    fn the_end_of_a_long_path_is_shown() {
        let shown = place(&format!("{}é/X.permissionset", "a".repeat(400)), Some(3));
        assert!(shown.starts_with("<code>…aaa") && shown.ends_with("aé/X.permissionset:3</code>"), "{shown}");
        assert_eq!(shown.chars().count(), "<code>…:3</code>".chars().count() + LONGEST_PATH);
    }

    /// What text is made of that tries to be more.
    const PIECES: &str = "* _ ~ ` [ ] ( ) < > ! | \\ & # $ ^ : / // @ . - + = \n \r\n \t a B 1 www. http:// a@b.c &amp; &#64; <img> </td> \
                          <!-- --> ``` ~~ ** __ GH-1 mailto: xmpp:a@b.c é \u{202e} { } '";

    /// Whatever the text, a renderer finds in it no markup, and shows what it is.
    #[test]
    fn renderers_find_nothing_in_it() {
        let mut options = comrak::Options::default();
        let extension = &mut options.extension;
        (extension.table, extension.autolink, extension.strikethrough, extension.tasklist) = (true, true, true, true);
        (extension.footnotes, extension.math_dollars, extension.math_code, extension.alerts) = (true, true, true, true);
        options.render.r#unsafe = true;
        let rendered = |markdown: &str| comrak::markdown_to_html(markdown, &options);
        // White space between the others, too.
        let pieces: Vec<&str> = PIECES.split(' ').chain([" "]).collect();
        let text = proptest::collection::vec(proptest::sample::select(pieces), 0..12);
        proptest::proptest!(|(pieces in text)| {
            let text = pieces.concat();
            for shown in [plain(&text), code(&text), code_in_cell(&text)] {
                let [paragraph, cell] = [format!("- x {shown} y"), format!("|h|\n|---|\n| x {shown} y |")].map(|markdown| rendered(&markdown));
                let html = paragraph + &cell;
                let known = ["ul", "li", "table", "thead", "tbody", "tr", "th", "td", "code", "wbr"];
                for tag in html.split('<').skip(1) {
                    let (tag, _) = tag.split_once('>').expect("a tag ends");
                    proptest::prop_assert!(known.contains(&tag.trim_start_matches('/')), "{shown:?}: {html}");
                }
                let plain_text = html.replace("<wbr>", "").replace('\u{200b}', "");
                let line: String = one_line(&text).collect();
                let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
                let around = if shown.starts_with("<code>") { format!("<code>{line}</code>") } else { line };
                proptest::prop_assert_eq!(plain_text.matches(&format!("x {around} y")).count(), 2, "{:?}: {}", shown, html);
            }
        });
    }
}
