//! What changed inside a longer text, word by word.

use similar::{ChangeTag, TextDiff};

/// Longest texts compared word by word, together, in bytes: the comparison is quadratic at worst.
const LONGEST: usize = 4_000;
/// Characters of unchanged text shown on each side of a change.
const CONTEXT: usize = 24;

/// The words that differ, as git's word diff marks them: `[-gone-]` and `{+come+}`, with a little of what stands
/// around them. `None` where the texts are too long, or have too little in common for it to help.
pub fn excerpt(before: &str, after: &str) -> Option<String> {
    if before.len() + after.len() > LONGEST {
        return None;
    }
    let diff = TextDiff::from_words(before, after);
    if diff.ratio() < 0.5 {
        return None;
    }
    let mut pieces: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match pieces.last_mut().filter(|(tag, _)| *tag == change.tag()) {
            Some((_, text)) => text.push_str(change.value()),
            None => pieces.push((change.tag(), change.value().to_owned())),
        }
    }
    let last = pieces.len().saturating_sub(1);
    let shown = pieces.iter().enumerate().map(|(at, (tag, text))| match tag {
        ChangeTag::Delete => format!("[-{text}-]"),
        ChangeTag::Insert => format!("{{+{text}+}}"),
        ChangeTag::Equal => shorten(text, at > 0, at < last),
    });
    Some(shown.collect())
}

/// Unchanged text between changes: its ends.
fn shorten(text: &str, has_before: bool, has_behind: bool) -> String {
    let characters = text.chars().count();
    let kept = CONTEXT * (usize::from(has_before) + usize::from(has_behind));
    if characters <= kept + 1 {
        return text.to_owned();
    }
    let start: String = if has_before { text.chars().take(CONTEXT).collect() } else { String::new() };
    let end: String = if has_behind { text.chars().skip(characters - CONTEXT).collect() } else { String::new() };
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let before = "For junior buyers who now and then prepare the contract of a temporary worker. Read only.";
        let after = "For junior buyers who now and then prepare the contract of a permanent worker. Read only.";
        assert_eq!(
            excerpt(before, after).unwrap(),
            "…epare the contract of a [-temporary-]{+permanent+} worker. Read only."
        );
        assert_eq!(excerpt("Export Reports", "Empty for now."), None);
        assert_eq!(excerpt(&"a ".repeat(3_000), "a"), None);
    }
}
