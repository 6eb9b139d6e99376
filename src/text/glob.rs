//! Globs that come from a repository: parsed here and nowhere else, within bounds in which compiling them cannot fail.

use globset::{Glob, GlobBuilder, GlobMatcher};

/// Longest glob, in bytes: a waiver's, which can name many grants.
const LONGEST: usize = 4_096;
/// Deepest nesting of `{`, and most alternatives; people write one within another at most.
const DEEPEST: usize = 10;
/// Most `{` at all: parsing goes as deep as they nest.
const MOST_BRACES: usize = 500;
const MOST_ALTERNATIVES: usize = 2_000;

/// What the signs of a glob stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// `*` and `?` stand for `/` too: names and grant keys.
    Everything,
    /// They stay within a folder: paths.
    Folder,
    /// They stay within a folder, and a backslash escapes on every system: `.forceignore`.
    FolderEscaped,
}

/// Parses a glob.
///
/// # Errors
/// What is wrong with it, or that it is larger than any that people write.
pub fn glob(text: &str, reach: Reach) -> Result<Glob, String> {
    let shown = crate::text::clip(text);
    if text.len() > LONGEST {
        return Err(format!("`{shown}`: a glob of {} bytes, at most {LONGEST} are taken", text.len()));
    }
    let braces = memchr::memchr_iter(b'{', text.as_bytes()).count();
    if braces > MOST_BRACES {
        return Err(format!("`{shown}`: {braces} braces, at most {MOST_BRACES} are taken"));
    }
    let mut builder = GlobBuilder::new(text);
    builder.literal_separator(reach != Reach::Everything);
    if reach == Reach::FolderEscaped {
        builder.backslash_escape(true);
    }
    let glob = builder.build().map_err(|error| format!("`{shown}`: {}", error.kind()))?;
    let (depth, alternatives) = size(glob.regex());
    if depth > DEEPEST {
        return Err(format!("`{shown}`: braces nested {depth} deep, at most {DEEPEST} are taken"));
    }
    if alternatives > MOST_ALTERNATIVES {
        return Err(format!("`{shown}`: {alternatives} alternatives, at most {MOST_ALTERNATIVES} are taken"));
    }
    Ok(glob)
}

/// Compiles a glob that [`glob`] parsed.
pub fn matcher(glob: &Glob) -> GlobMatcher {
    glob.compile_matcher()
}

/// How deep a regular expression nests its groups, and how many alternatives it has.
fn size(regex: &str) -> (usize, usize) {
    let (mut depth, mut deepest, mut alternatives) = (0_usize, 0, 0);
    let mut bytes = regex.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                bytes.next();
            }
            b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' => depth = depth.saturating_sub(1),
            b'|' => alternatives += 1,
            _ => {}
        }
    }
    (deepest, alternatives)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_taken_and_nothing_larger() {
        let nested = |depth: usize| format!("{}b{}", "{a,".repeat(depth), "}".repeat(depth));
        let many = |names: usize| format!("{{{}}}", vec!["a"; names].join(","));
        for good in ["*", "a/**/b/*.xml", "{a,{b,c}}", "[{]", &nested(DEEPEST - 1), &many(1_000), &"[{]".repeat(100)] {
            assert!(glob(good, Reach::Folder).is_ok(), "{good}");
        }
        let wrong = |text: &str| glob(text, Reach::Everything).unwrap_err();
        assert!(wrong(&nested(DEEPEST + 1)).contains("deep"));
        assert!(wrong(&nested(125)).contains("nested"));
        assert!(wrong(&format!("{}{}", "{".repeat(2_048), "}".repeat(2_048))).contains("braces"));
        assert!(wrong(&many(2_020)).contains("alternatives"));
        assert!(wrong(&"a".repeat(LONGEST + 1)).contains("bytes"));
        assert!(wrong("{a").contains("{a"));
    }

    const PIECES: [&str; 24] = [
        "{",
        "{a,",
        "}",
        ",",
        "[",
        "]",
        "[!",
        "^",
        "-",
        "\\",
        "*",
        "**",
        "**/",
        "/**",
        "/",
        "?",
        "a",
        "é",
        "(",
        "|",
        ":",
        "[[:alpha:]]",
        "{}",
        "\n",
    ];

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { failure_persistence: None, ..Default::default() })]

        #[test]
        fn nothing_that_is_taken_fails_to_compile(
            pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 1..24),
            times in 1_usize..160,
            reach in proptest::sample::select(&[Reach::Everything, Reach::Folder, Reach::FolderEscaped][..]),
        ) {
            let once = pieces.concat();
            for text in [once.repeat(times), format!("{}{}", "{a,".repeat(times), once), format!("{}b{}", "{a,".repeat(times), "}".repeat(times))] {
                if let Ok(glob) = glob(&text, reach) {
                    matcher(&glob).is_match("force-app/a");
                }
            }
        }
    }
}
