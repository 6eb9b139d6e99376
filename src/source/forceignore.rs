//! `.forceignore`: which files a source deployment leaves out.
//!
//! It is not honoured: a file that is left out of one deployment may be part of another, and whoever can
//! write a line here could take a file out of the gate. It is read only to say which line does so.

use std::collections::HashMap;

use globset::{GlobSet, GlobSetBuilder};

use crate::error::{Cause, Problem};
use crate::text::{Reach, glob};

/// Largest file judged, in bytes, and most lines with a pattern; real ones have some twenty.
const LARGEST: usize = 1 << 18;
const MOST_LINES: usize = 2_000;
/// Longest pattern; a path has at most 4,096 bytes, and no pattern needs as many.
const LONGEST: usize = 1_024;

/// A line that is a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoreLine {
    /// Offset of its first byte.
    pub at: u32,
    /// What it says, without the white space at its end.
    pub text: String,
}

/// The patterns of one `.forceignore`, compiled.
#[derive(Debug)]
pub struct ForceIgnore {
    lines: Vec<IgnoreLine>,
    /// For each glob the line it belongs to and what it is about.
    rules: Vec<Rule>,
    globs: GlobSet,
}

#[derive(Debug, Clone, Copy)]
struct Rule {
    line: usize,
    negated: bool,
    folders_only: bool,
}

impl ForceIgnore {
    /// Reads the file. A malformed pattern matches nothing, as in git.
    ///
    /// # Errors
    /// A file that is no text, or larger than any real one.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| Problem { at: Some(error.valid_up_to() as u32), cause: Cause::NotUtf8 })?;
        let too_large = Problem { at: None, cause: Cause::TooLarge(bytes.len() as u64) };
        if bytes.len() > LARGEST {
            return Err(too_large);
        }
        let (mut lines, mut rules, mut globs) = (Vec::new(), Vec::new(), GlobSetBuilder::new());
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let Some(pattern) = Pattern::of(line) else { continue };
            let Ok(glob) = glob(&pattern.glob, Reach::FolderEscaped) else { continue };
            if rules.len() >= MOST_LINES {
                return Err(too_large);
            }
            globs.add(glob);
            rules.push(Rule { line: lines.len(), negated: pattern.negated, folders_only: pattern.folders_only });
            lines.push(IgnoreLine { at: start as u32, text: line.trim_end().to_owned() });
        }
        let globs = globs.build().map_err(|_| too_large)?;
        Ok(Self { lines, rules, globs })
    }

    /// The lines that leave out some of `paths`, in the order of the file, each with the paths it decides.
    ///
    /// As in git, the last line that matches decides, and below a folder that is left out nothing comes back.
    pub fn leaves_out<'s, 'p>(
        &'s self,
        paths: impl IntoIterator<Item = &'p str>,
    ) -> Vec<(&'s IgnoreLine, Vec<&'p str>)> {
        let mut folders: HashMap<&'p str, Option<usize>> = HashMap::new();
        let mut left_out: Vec<Vec<&'p str>> = vec![Vec::new(); self.lines.len()];
        for path in paths {
            if let Some(line) = self.folder(parent(path), &mut folders).or_else(|| self.decides(path, false)) {
                left_out[line].push(path);
            }
        }
        self.lines.iter().zip(left_out).filter(|(_, paths)| !paths.is_empty()).collect()
    }

    /// The line that leaves out a folder or one above it.
    fn folder<'p>(&self, folder: &'p str, known: &mut HashMap<&'p str, Option<usize>>) -> Option<usize> {
        if folder.is_empty() {
            return None;
        }
        if let Some(line) = known.get(folder) {
            return *line;
        }
        // Not by recursion: a path can have thousands of folders.
        let mut ancestors: Vec<&'p str> = std::iter::successors(Some(folder), |folder| Some(parent(folder)))
            .take_while(|folder| !folder.is_empty() && !known.contains_key(folder))
            .collect();
        let above = ancestors.last().map_or("", |top| parent(top));
        let mut line = known.get(above).copied().flatten();
        while let Some(folder) = ancestors.pop() {
            line = line.or_else(|| self.decides(folder, true));
            known.insert(folder, line);
        }
        line
    }

    /// The line that leaves out one path, folders above it apart.
    fn decides(&self, path: &str, is_folder: bool) -> Option<usize> {
        let matching = self.globs.matches(path).into_iter().map(|index| self.rules[index]);
        let last = matching.filter(|rule| is_folder || !rule.folders_only).max_by_key(|rule| rule.line)?;
        (!last.negated).then_some(last.line)
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// One line of gitignore syntax as a glob over whole paths.
struct Pattern {
    glob: String,
    negated: bool,
    folders_only: bool,
}

impl Pattern {
    fn of(line: &str) -> Option<Self> {
        let line = line.trim_end_matches(['\n', '\r']);
        let mut text = line.trim_end_matches([' ', '\t']);
        // A space behind a backslash belongs to the name.
        if text.ends_with('\\') && text.len() < line.len() {
            text = &line[..=text.len()];
        }
        if text.is_empty() || text.starts_with('#') || text.len() > LONGEST {
            return None;
        }
        let negated = text.starts_with('!');
        text = text.strip_prefix('!').unwrap_or(text);
        let folders_only = text.ends_with('/');
        text = text.strip_suffix('/').unwrap_or(text);
        let anchored = text.contains('/');
        text = text.strip_prefix('/').unwrap_or(text);
        if text.is_empty() {
            return None;
        }
        // Braces mean nothing here, and alternatives there.
        let escaped = text.replace('{', "[{]").replace('}', "[}]");
        let glob = if anchored { escaped } else { format!("**/{escaped}") };
        Some(Self { glob, negated, folders_only })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the last of `paths` is left out.
    fn ignored(lines: &str, path: &str) -> bool {
        let file = ForceIgnore::read(lines.as_bytes()).unwrap();
        !file.leaves_out([path]).is_empty()
    }

    #[test]
    fn patterns_mean_what_they_mean_to_git() {
        for (lines, path, expected) in [
            ("**/profiles/**", "a/b/profiles/Admin.profile", true),
            ("profiles", "a/b/profiles/Admin.profile", true),
            ("profiles/", "a/b/profiles/Admin.profile", true),
            ("Admin.profile/", "a/Admin.profile", false),
            ("/profiles", "a/profiles/Admin.profile", false),
            ("/profiles", "profiles/Admin.profile", true),
            ("a/profiles", "b/a/profiles/Admin.profile", false),
            ("*.profile-meta.xml", "a/Admin.profile-meta.xml", true),
            ("a/*", "a/b/Admin.profile", true),
            ("a/*.profile", "a/b/Admin.profile", false),
            ("Adm?n.profile", "a/Admin.profile", true),
            ("[A-B]dmin.profile", "a/Admin.profile", true),
            ("[!A]dmin.profile", "a/Admin.profile", false),
            ("*.profile\n!Admin.profile", "a/Admin.profile", false),
            ("!Admin.profile\n*.profile", "a/Admin.profile", true),
            ("a/\n!a/Admin.profile", "a/Admin.profile", true),
            ("# *.profile", "a/Admin.profile", false),
            ("\\#a.profile", "#a.profile", true),
            ("*.profile   ", "a/Admin.profile", true),
            ("a\\ ", "a /Admin.profile", true),
            ("*.profile\r\n", "a/Admin.profile", true),
            ("{a,b}.profile", "a.profile", false),
            ("[", "a.profile", false),
            ("", "a.profile", false),
            ("/", "a.profile", false),
            ("**", "a/Admin.profile", true),
        ] {
            assert_eq!(ignored(lines, path), expected, "{lines:?} on {path}");
        }
    }

    #[test]
    fn the_line_that_decides_is_named() {
        let file = ForceIgnore::read(b"# jest\n**/__tests__/**\n\na/\n*.profile\n").unwrap();
        let found = file.leaves_out(["a/X.permissionset", "b/X.permissionset", "b/Y.profile", "a/b/Z.profile"]);
        let found: Vec<_> = found.into_iter().map(|(line, paths)| (line.at, line.text.as_str(), paths)).collect();
        assert_eq!(
            found,
            [(24, "a/", vec!["a/X.permissionset", "a/b/Z.profile"]), (27, "*.profile", vec!["b/Y.profile"])]
        );
    }

    #[test]
    fn hostile_files_are_refused_or_harmless() {
        assert_eq!(ForceIgnore::read(b"\xff").unwrap_err().cause, Cause::NotUtf8);
        assert!(ForceIgnore::read("a\n".repeat(MOST_LINES + 1).as_bytes()).is_err());
        assert!(ForceIgnore::read(&vec![b'\n'; LARGEST + 1]).is_err());
        assert!(!ignored(&"*a".repeat(LONGEST), "a/b"));
        assert!(!ignored(&"*a".repeat(200), &"a/".repeat(2_000)));
    }
}
