//! "Did you mean": the nearest known word.

/// The one of `known` that is nearest to `word`, if any is near.
pub fn suggest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    // The comparison is quadratic in the length of the word.
    if word.len() > 100 {
        return None;
    }
    if let Some(same) = known.iter().find(|known| known.eq_ignore_ascii_case(word)) {
        return Some(same);
    }
    similar::get_close_matches(word, known, 1, 0.6).first().copied()
}

/// ` Did you mean X?`, or nothing.
pub fn did_you_mean(word: &str, known: &[&str]) -> String {
    suggest(word, known).map(|near| format!("did you mean `{near}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_the_near_word_only() {
        let known = ["modify-all-data", "view-all-data"];
        assert_eq!(suggest("modify-al-data", &known), Some("modify-all-data"));
        assert_eq!(suggest("sharing", &known), None);
        assert_eq!(suggest("HIGH", &["low", "high"]), Some("high"));
    }
}
