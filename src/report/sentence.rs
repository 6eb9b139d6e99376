//! Sentences of Markdown: names in code, the rest as plain text.

use std::borrow::Cow;

use crate::report::Finding;
use crate::report::markup::{code, plain};
use crate::text::{clip, clip_middle};

/// Other rules named beside a finding.
const ALSO: usize = 3;
/// Longest prose shown whole, in characters: a repository's own rules can be long.
const LONGEST_PROSE: usize = 1_200;

/// Prose of a rule: what stands in backticks, and what looks like a name, in code.
pub(super) fn prose(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(LONGEST_PROSE) {
        Some((end, _)) => whole_prose(&format!("{}…", &text[..end])),
        None => whole_prose(text),
    }
}

fn whole_prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    let closed = pieces.len() - 1 + pieces.len() % 2;
    let mut written: String = pieces[..closed]
        .iter()
        .enumerate()
        .map(|(at, piece)| if at % 2 == 1 { code(piece) } else { with_names(piece, None, &[]) })
        .collect();
    // A backtick that nothing closes is one.
    for piece in &pieces[closed..] {
        written.push_str(&plain(&format!("`{piece}")));
    }
    written
}

/// What a finding says, its holder and grants in code.
pub(super) fn message(finding: &Finding) -> String {
    let holder = clip(&finding.subject.name);
    let mut names: Vec<Cow<'_, str>> = Vec::new();
    for key in &finding.keys {
        let name = key.split_once('/').map_or(key.as_str(), |(_, name)| name);
        let without_right = name.rsplit_once('/').map_or(name, |(name, _)| name);
        for part in [key.as_str(), name, without_right] {
            names.extend([clip(part), clip_middle(part)]);
        }
        names.push(Cow::Borrowed(key.as_str()));
    }
    names.sort_unstable_by_key(|name| std::cmp::Reverse(name.len()));
    names.dedup();
    with_names(&finding.message, Some(&holder), &names)
}

/// The other rules that match, the first of them by name: `also A, B, C and 2 more`.
pub(super) fn also(finding: &Finding) -> Option<String> {
    let all = finding.also.len();
    let named = if all <= ALSO + 1 { all } else { ALSO };
    let names = finding.also[..named].iter().map(|rule| code(rule)).collect::<Vec<_>>().join(", ");
    match (named, all - named) {
        (0, _) => None,
        (_, 0) => Some(format!("also {names}")),
        (_, more) => Some(format!("also {names} and {more} more")),
    }
}

/// `text` with the first `holder`, all `names` and what looks like one in code.
fn with_names(text: &str, holder: Option<&str>, names: &[Cow<'_, str>]) -> String {
    let mut written = String::with_capacity(text.len() + 64);
    let (mut words, mut rest, mut holder) = (String::new(), text, holder);
    while let Some(first) = rest.chars().next() {
        let starts_a_word = words.chars().next_back().is_none_or(|before| !is_word(before));
        let found = if starts_a_word { known(rest, holder, names).or_else(|| identifier(rest)) } else { None };
        let length = found.map_or(first.len_utf8(), str::len);
        match found {
            Some(name) => {
                holder = holder.filter(|holder| *holder != name);
                written.push_str(&plain(&words));
                written.push_str(&code(name));
                words.clear();
            }
            None => words.push(first),
        }
        rest = &rest[length..];
    }
    written + &plain(&words)
}

/// The known name that `text` begins with.
fn known<'t>(text: &'t str, holder: Option<&str>, names: &[Cow<'_, str>]) -> Option<&'t str> {
    let is_here = |name: &&str| {
        let behind = text.strip_prefix(*name).map(|behind| behind.chars().next());
        !name.is_empty() && behind.is_some_and(|next| next.is_none_or(|next| !is_word(next)))
    };
    let name = holder.into_iter().chain(names.iter().map(AsRef::as_ref)).find(is_here)?;
    Some(&text[..name.len()])
}

/// The word that `text` begins with, if it is written as programs write names: `Notice_Period__c`,
/// `hasActivationRequired`, a grant key.
fn identifier(text: &str) -> Option<&str> {
    let length = text.find(char::is_whitespace).unwrap_or(text.len());
    let word = text[..length].trim_end_matches([':', ';', ',', '.', ')', '"']);
    let humps = |word: &str| {
        let letters = !word.is_empty() && word.chars().all(|letter| is_word(letter) || ".-*".contains(letter));
        let pairs = || word.as_bytes().windows(2);
        letters && pairs().any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
    };
    let joined = word.contains('_') && word.chars().all(|letter| is_word(letter) || ".-*".contains(letter));
    let is_key = word.split_once('/').is_some_and(|(section, _)| humps(section));
    let starts = word.chars().next().is_some_and(char::is_alphanumeric);
    (starts && (joined || humps(word) || is_key)).then_some(word)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_code() {
        let names = [Cow::Borrowed("Contract")];
        assert_eq!(
            with_names(
                "Permission set Big Set holds userPermissions/A (Big Set) on Contract: x",
                Some("Big Set"),
                &names
            ),
            "Permission set <code>Big Set</code> holds <code>userPermissions/A</code> (Big Set) on <code>Contract</code>: x"
        );
        assert_eq!(with_names("Contracts, (Contract)", None, &names), "Contracts, (<code>Contract</code>)");
        assert_eq!(prose("Set hasActivationRequired."), "Set <code>hasActivationRequired</code>.");
        let clipped = "opens fieldPermissions/%%%A%%%B__c.%%%C… and more";
        assert_eq!(prose(clipped), "opens <code>fieldPermissions/%%%A%%%B__c.%%%C…</code> and more");
    }

    #[test]
    fn what_is_no_name_stays_plain() {
        assert_eq!(prose("<b>@x/y http://a/b"), "&lt;b&gt;@\u{200b}x/y http&#58;\u{200b}//a/b");
        assert_eq!(prose("run `a <b>` or `c` `d"), "run <code>a &lt;b&gt;</code> or <code>c</code> &#96;d");
        assert_eq!(prose("read/write and either/or"), "read/write and either/or");
    }
}
