//! Message templates: a sentence with `{placeholders}`, their names checked when a rule is loaded.

use crate::access::label_of;
use crate::text::did_you_mean;

const PLACEHOLDERS: [&str; 4] = ["holder", "grant", "names", "detail"];
/// Names listed before a message says how many more there are.
const LISTED: usize = 5;
/// Clauses, which are longer.
const CLAUSES: usize = 3;

/// What a message is filled with.
pub(crate) struct Filling<'a> {
    /// `Permission set X`.
    pub(crate) holder: &'a str,
    /// Grant keys.
    pub(crate) grants: &'a [String],
    /// The name part of each key; where there are none, clauses take their place.
    pub(crate) names: &'a [String],
    /// What a lint says of each.
    pub(crate) details: &'a [String],
}

/// Checks the placeholders of a template.
pub(crate) fn check(template: &str) -> Result<(), String> {
    for piece in template.split('{').skip(1) {
        let name = piece.split_once('}').map(|(name, _)| name).ok_or("a `{` without its `}`")?;
        if !PLACEHOLDERS.contains(&name) {
            return Err(format!("no placeholder `{{{name}}}`; {}", did_you_mean(name, &PLACEHOLDERS))
                .trim_end_matches("; ")
                .to_owned());
        }
    }
    Ok(())
}

/// Fills a template that was checked. What is put in is not looked at for placeholders again.
pub(crate) fn fill(template: &str, filling: &Filling<'_>) -> String {
    let mut pieces = template.split('{');
    let mut message = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, text) = piece.split_once('}').unwrap_or((piece, ""));
        match name {
            "holder" => message.push_str(filling.holder),
            "grant" => message.push_str(&list(filling.grants, filling.grants)),
            "detail" => message.push_str(&clauses(filling.details)),
            _ if filling.names.is_empty() => message.push_str(&clauses(filling.details)),
            _ => message.push_str(&list(filling.names, filling.grants)),
        }
        message.push_str(text);
    }
    message
}

/// `Permission set X`, as a message begins.
pub(crate) fn named(kind: &str, name: &str) -> String {
    format!("{}{} {}", kind[..1].to_uppercase(), &kind[1..], crate::text::clip(name))
}

/// Grant keys with their labels, the first of them and how many more there are.
pub(crate) fn keys(keys: &[String]) -> String {
    list(keys, keys)
}

/// `A`, `A and B`, `A, B, C, D, E and 3 more`; a user permission with what Setup calls it.
fn list(items: &[String], keys: &[String]) -> String {
    let label = |at: usize, item: &str| keys.get(at).filter(|key| key.ends_with(item)).and_then(|key| label_of(key));
    let clipped = items.iter().take(LISTED).enumerate().map(|(at, item)| match label(at, item) {
        Some(label) => format!("{item} ({label})"),
        None => crate::text::clip_middle(item).into_owned(),
    });
    let clipped: Vec<String> = clipped.collect();
    let more = items.len() - clipped.len();
    match clipped.split_last() {
        _ if more > 0 => format!("{} and {more} more", clipped.join(", ")),
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}

/// `A; B; C; and 4 more`.
fn clauses(details: &[String]) -> String {
    let mut text = details.iter().take(CLAUSES).map(String::as_str).collect::<Vec<_>>().join("; ");
    if details.len() > CLAUSES {
        text.push_str(&format!("; and {} more", details.len() - CLAUSES));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_and_lists() {
        let names: Vec<String> = ["A", "B", "C", "D", "E", "F", "G"].map(str::to_owned).to_vec();
        let filling = |count: usize| Filling {
            holder: "Permission set {grant}",
            grants: &names[..1],
            names: &names[..count],
            details: &names,
        };
        assert_eq!(fill("{holder} on {names}", &filling(1)), "Permission set {grant} on A");
        assert_eq!(fill("{names}.", &filling(3)), "A, B and C.");
        assert_eq!(fill("{names}", &filling(7)), "A, B, C, D, E and 2 more");
        assert_eq!(fill("{detail}", &filling(1)), "A; B; C; and 4 more");
    }

    #[test]
    fn unknown_placeholders_are_named() {
        assert!(check("{holder} {grant}").is_ok());
        assert_eq!(check("{holders}").unwrap_err(), "no placeholder `{holders}`; did you mean `holder`?");
        assert!(check("{holder").is_err());
    }
}
