//! What the TOML reader says of a mistake, in words for whoever writes the file.

use crate::text::did_you_mean;

/// Keys or values that a message lists; of more it names the nearest, and where the list is.
const LISTED: usize = 8;

/// A mistake, and what would be right. `list` says where all keys and values are.
pub(super) fn reworded(message: &str, list: &str) -> (String, String) {
    // What is wrong stands in backticks first, then what would be right.
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let found = ["unknown field", "unknown variant"].into_iter().find(|found| message.starts_with(found));
    if let (Some(found), Some((wrong, known))) = (found, words.split_first()) {
        let near = did_you_mean(wrong, known);
        let noun = if found == "unknown field" { "key" } else { "value" };
        let said = match known.len() {
            0..=LISTED => message.replacen(found, &format!("unknown {noun}"), 1),
            _ => format!("unknown {noun} `{wrong}`"),
        };
        let hint = if near.is_empty() { list.to_owned() } else { format!("{near}\n{list}") };
        return (said, hint);
    }
    if message.ends_with("expected a sequence") {
        return (
            message.replacen("expected a sequence", "expected a list", 1),
            format!("a list stands in [ ]\n{list}"),
        );
    }
    (message.to_owned(), list.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_left_out_and_the_nearest_named() {
        let few = "unknown field `ab`, expected one of `abc`, `xyz`";
        assert_eq!(
            reworded(few, "list"),
            ("unknown key `ab`, expected one of `abc`, `xyz`".to_owned(), "did you mean `abc`?\nlist".to_owned())
        );
        let many: String = (0..20).map(|at| format!("`key{at}`, ")).collect();
        let (said, hint) = reworded(&format!("unknown variant `kez7`, expected one of {many}`last`"), "list");
        assert_eq!((said.as_str(), hint.as_str()), ("unknown value `kez7`", "did you mean `key7`?\nlist"));
        assert_eq!(reworded("duplicate key", "list"), ("duplicate key".to_owned(), "list".to_owned()));
    }
}
