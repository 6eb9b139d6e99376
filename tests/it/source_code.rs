//! Reads Rust source just well enough to see what it imports and names: words and signs, without comments, texts and unit tests.

use std::collections::BTreeSet;

/// The code of one file.
pub(crate) struct Code {
    /// The module the file is, as a path below the crate's root: `["report", "sarif", "model"]`.
    module: Vec<String>,
    tokens: Vec<String>,
}

impl Code {
    /// Reads the file at `path` below `src`.
    pub(crate) fn of(path: &str, text: &str) -> Code {
        let mut module: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if matches!(module.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            module.pop();
        }
        Code { module, tokens: grouped_paths(&tokens(without_unit_tests(path, text))) }
    }

    /// The first name of every path into the crate: `report` for `crate::report::Report`.
    pub(crate) fn imports(&self) -> BTreeSet<String> {
        let words: Vec<&str> = self.tokens.iter().map(String::as_str).collect();
        let mut imports = BTreeSet::new();
        for (at, word) in words.iter().enumerate().filter(|(at, _)| *at == 0 || words[at - 1] != "::") {
            let name = match (*word, &words[at + 1..]) {
                ("crate" | "permdelta", ["::", name, ..]) => (*name).to_owned(),
                ("super", ["::", ..]) => self.up(&words[at..]),
                _ => continue,
            };
            // Behind the last comma of a group there is no name.
            if is_word(&name) {
                imports.insert(name);
            }
        }
        imports
    }

    /// The folder that a path of `super::`s leads to.
    fn up(&self, mut path: &[&str]) -> String {
        let mut depth = self.module.len();
        while let ["super", "::", rest @ ..] = path {
            depth = depth.checked_sub(1).expect("a `super` above the crate's root");
            path = rest;
        }
        if depth > 0 { self.module[0].clone() } else { path.first().copied().unwrap_or_default().to_owned() }
    }

    /// Whether the words and signs of `what` stand somewhere in a row, as whole words.
    pub(crate) fn mentions(&self, what: &str) -> bool {
        let wanted = tokens(what);
        self.tokens.windows(wanted.len()).enumerate().any(|(at, found)| {
            let inside_a_path = at > 0 && self.tokens[at - 1] == "::" && wanted[0] == "std";
            found == wanted && !inside_a_path
        })
    }
}

/// Unit tests stand last in a file; they may wire what they like.
fn without_unit_tests<'t>(path: &str, text: &'t str) -> &'t str {
    let Some((code, tests)) = text.split_once("\n#[cfg(test)]\n") else { return text };
    let end = tests.find("\n}\n").map_or(tests.len(), |end| end + 3);
    assert_eq!(tests[end..].trim(), "", "src/{path}: unit tests stand last in a file");
    code
}

/// `std::{env, io::{self, Read}}` as `std::env`, `std::io`: the prefix again before every name of a group.
fn grouped_paths(tokens: &[String]) -> Vec<String> {
    let mut flat = Vec::with_capacity(tokens.len());
    // For each open brace of a path group the path before it; `None` for any other brace.
    let mut groups: Vec<Option<Vec<String>>> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" if at > 0 && tokens[at - 1] == "::" => {
                let start =
                    flat.iter().rposition(|other: &String| !is_word(other) && other != "::").map_or(0, |at| at + 1);
                groups.push(Some(flat[start..].to_vec()));
            }
            "{" => {
                groups.push(None);
                flat.push(token.clone());
            }
            "}" => {
                if groups.pop().flatten().is_none() {
                    flat.push(token.clone());
                }
            }
            "," => {
                flat.push(token.clone());
                flat.extend(groups.last().cloned().flatten().unwrap_or_default());
            }
            _ => flat.push(token.clone()),
        }
    }
    flat
}

fn is_word(token: &str) -> bool {
    token.chars().all(|character| character.is_alphanumeric() || character == '_')
}

/// The words and signs of some code; `::` is one sign. Comments, texts and characters are left out.
pub(crate) fn tokens(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let length = if let Some(length) = silent(rest) {
            length
        } else if first.is_alphanumeric() || first == '_' {
            let word = rest.find(|other: char| !other.is_alphanumeric() && other != '_').unwrap_or(rest.len());
            found.push(rest[..word].to_owned());
            word
        } else {
            let sign = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            found.push(rest[..sign].to_owned());
            sign
        };
        rest = &rest[length..];
    }
    found
}

/// The length of the comment, text, character, lifetime or white space that `code` begins with.
fn silent(code: &str) -> Option<usize> {
    let until = |end: &str, from: usize| code[from..].find(end).map_or(code.len(), |at| from + at + end.len());
    if code.starts_with(char::is_whitespace) {
        return Some(code.len() - code.trim_start().len());
    }
    if code.starts_with("//") {
        return Some(until("\n", 2));
    }
    if code.starts_with("/*") {
        return Some(until("*/", 2));
    }
    if let Some(raw) = code.strip_prefix('r').or_else(|| code.strip_prefix("br")) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let start = code.len() - raw.len() + hashes + 1;
            return Some(until(&format!("\"{}", "#".repeat(hashes)), start));
        }
    }
    if code.starts_with('"') {
        return Some(quoted(code, '"'));
    }
    if let Some(inside) = code.strip_prefix('\'') {
        let one = inside.chars().next().map_or(0, char::len_utf8);
        let is_character = inside.starts_with('\\') || inside[one..].starts_with('\'');
        return Some(if is_character { quoted(code, '\'') } else { 1 });
    }
    None
}

/// The length of a text from its opening to its closing quote.
fn quoted(code: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in code.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            other if other == quote => return at + 1,
            _ => {}
        }
    }
    code.len()
}
