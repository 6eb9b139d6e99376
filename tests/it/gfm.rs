//! Markdown as a reader's browser gets it: rendered as GitHub and GitLab do, and a tiny reader of tables that knows no renderer.

use comrak::{Options, markdown_to_html};

/// A piece of rendered HTML.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A tag with its name and all that stands behind it.
    Tag { name: String, rest: String },
    /// Text as it is shown, and whether it stands in code.
    Text { text: String, in_code: bool },
    /// A comment.
    Comment(String),
}

/// What the platforms make of a comment, raw HTML still in it.
pub(crate) fn html(markdown: &str) -> String {
    let mut options = Options::default();
    let extension = &mut options.extension;
    (extension.table, extension.autolink, extension.strikethrough, extension.tasklist) = (true, true, true, true);
    (extension.footnotes, extension.math_dollars, extension.math_code, extension.alerts) = (true, true, true, true);
    // GitLab has these besides.
    extension.multiline_block_quotes = true;
    options.render.r#unsafe = true;
    markdown_to_html(markdown, &options)
}

/// The tags and texts of `html`; text inside `<code>` and `<pre>` is marked.
pub(crate) fn pieces(html: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = html;
    let mut depth = 0;
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix("<!--") {
            let (text, behind) = comment.split_once("-->").expect("a comment ends");
            pieces.push(Piece::Comment(text.to_owned()));
            rest = behind;
        } else if let Some(tag) = rest.strip_prefix('<') {
            let (tag, behind) = tag.split_once('>').expect("a tag ends");
            let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
            match name {
                "code" | "pre" => depth += 1,
                "/code" | "/pre" => depth -= 1,
                _ => {}
            }
            pieces.push(Piece::Tag { name: name.to_owned(), rest: attributes.trim_end_matches('/').trim().to_owned() });
            rest = behind;
        } else {
            let (text, behind) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
            pieces.push(Piece::Text { text: shown(text), in_code: depth > 0 });
            rest = behind;
        }
    }
    assert_eq!(depth, 0, "code that does not end");
    pieces
}

/// Text with its character references resolved.
fn shown(text: &str) -> String {
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    named.into_iter().fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character))
}

/// The tables of a document, each a list of rows with their cells, by GFM section 4.10: a row, a row of dashes, rows up to an empty line.
pub(crate) fn tables(markdown: &str) -> Vec<Vec<Vec<String>>> {
    let mut tables: Vec<Vec<Vec<String>>> = Vec::new();
    let lines: Vec<&str> = without_fences(markdown);
    let mut at = 0;
    while at + 1 < lines.len() {
        let (head, dashes) = (cells(lines[at]), cells(lines[at + 1]));
        let is_dashes = |cell: &String| cell.len() >= 3 && cell.chars().all(|sign| matches!(sign, '-' | ':'));
        if !lines[at].starts_with('|') || !dashes.iter().all(is_dashes) {
            at += 1;
            continue;
        }
        let mut table = vec![head, dashes];
        at += 2;
        while at < lines.len() && !lines[at].trim().is_empty() {
            table.push(cells(lines[at]));
            at += 1;
        }
        tables.push(table);
    }
    tables
}

fn without_fences(markdown: &str) -> Vec<&str> {
    let mut inside = false;
    let outside = |line: &&str| {
        let is_fence = line.starts_with("```");
        inside ^= is_fence;
        !inside && !is_fence
    };
    markdown.lines().filter(outside).collect()
}

/// The cells between the bars of a line; a backslash before a bar makes it text.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut before = ' ';
    for character in line.chars() {
        match character {
            '|' if before != '\\' => cells.push(String::new()),
            other => cells.last_mut().expect("a cell").push(other),
        }
        before = character;
    }
    if cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

#[test]
fn tables_are_read_as_the_specification_says() {
    let text = "| a | b |\n|---|:-:|\n| x\\|y | `z` |\n| 1 | 2 | 3 |\n\n| no table |\ntext\n```\n| a |\n|---|\n```\n";
    let rows = [vec!["a", "b"], vec!["---", ":-:"], vec!["x\\|y", "`z`"], vec!["1", "2", "3"]];
    assert_eq!(tables(text), [rows.map(|row| row.into_iter().map(str::to_owned).collect::<Vec<_>>()).to_vec()]);
}

#[test]
fn rendering_shows_what_acts() {
    let tags = |markdown: &str| {
        let names = pieces(&html(markdown)).into_iter().filter_map(|piece| match piece {
            Piece::Tag { name, .. } => Some(name),
            _ => None,
        });
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(tags("<img src=x>"), "img");
    assert_eq!(tags("www.a.example a@b.example"), "p a /a a /a /p");
    assert_eq!(tags("<code>*a*</code> a&#64;b.example"), "p code em /em /code a /a /p");
    assert_eq!(tags("<code>&#42;a&#42;</code> a@\u{200b}b.example"), "p code /code /p");
}
