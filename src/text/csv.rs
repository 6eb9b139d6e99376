//! Comma-separated values with quoted fields, as far as the project's own catalogues need them.

use std::borrow::Cow;

/// The records of `text`, one a line, each with its fields; `""` inside a quoted field is a quote.
pub fn records(text: &str) -> impl Iterator<Item = Vec<Cow<'_, str>>> {
    text.lines().filter(|line| !line.is_empty()).map(|line| {
        let (mut fields, mut rest) = (Vec::new(), Some(line));
        while let Some(line) = rest {
            let (field, behind) = field(line);
            fields.push(field);
            rest = behind;
        }
        fields
    })
}

/// The first field, and what follows the comma behind it.
fn field(line: &str) -> (Cow<'_, str>, Option<&str>) {
    let Some(quoted) = line.strip_prefix('"') else {
        return match line.split_once(',') {
            Some((field, rest)) => (Cow::Borrowed(field), Some(rest)),
            None => (Cow::Borrowed(line), None),
        };
    };
    let mut end = 0;
    while let Some(quote) = quoted[end..].find('"') {
        end += quote;
        if !quoted[end + 1..].starts_with('"') {
            break;
        }
        end += 2;
    }
    let inside = quoted.get(..end).unwrap_or(quoted);
    let text = if inside.contains('"') { Cow::Owned(inside.replace("\"\"", "\"")) } else { Cow::Borrowed(inside) };
    (text, quoted.get(end + 1..).and_then(|behind| behind.strip_prefix(',')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_plain_or_quoted() {
        let all: Vec<Vec<Cow<'_, str>>> = records("a,b,\n\n\"x, y\",\"say \"\"no\"\"\",,z\n\"\"\n").collect();
        assert_eq!(all, [vec!["a", "b", ""], vec!["x, y", "say \"no\"", "", "z"], vec![""]]);
    }
}
