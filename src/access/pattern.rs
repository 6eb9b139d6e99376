//! Grant patterns: a grant key in which the name, or the right, may be a glob.

use globset::{GlobBuilder, GlobMatcher};

use crate::metadata::{Key, Names, Word, known_rights, known_sections, known_word};
use crate::text::suggest;

/// `objectPermissions/*/modifyAllRecords`, compiled. Names match whatever their case.
#[derive(Debug, Clone)]
pub struct GrantPattern {
    section: Word,
    name: NamePattern,
    /// `None` matches every right.
    right: Option<Word>,
}

#[derive(Debug, Clone)]
enum NamePattern {
    Any,
    Literal(String),
    Glob(Box<GlobMatcher>),
}

impl GrantPattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What is wrong with it, with a suggestion: an unknown section or right, a malformed glob.
    pub fn new(text: &str) -> Result<Self, String> {
        let (section, rest) = text.split_once('/').unwrap_or((text, ""));
        let Some(section_word) = known_sections().contains(&section).then(|| known_word(section)).flatten() else {
            let near = suggest(section, known_sections()).map(|near| format!("; did you mean `{near}`?"));
            return Err(format!("`{text}`: no section `{section}`{}", near.unwrap_or_default()));
        };
        let rights = known_rights(section);
        let (name, right) = if rights.is_empty() { (rest, None) } else { split_right(text, rest, rights)? };
        if name.is_empty() {
            return Err(format!("`{text}`: a name or `*` belongs behind `{section}/`"));
        }
        Ok(Self { section: section_word, name: NamePattern::new(name)?, right })
    }

    /// Whether it is about every object, as `objectPermissions/*/viewAllRecords`: what a rule on it finds
    /// is reported together for one holder.
    pub fn is_per_object(&self) -> bool {
        self.section == Word::OBJECT_PERMISSIONS && !matches!(self.name, NamePattern::Literal(_))
    }

    /// Whether a key is one of those the pattern stands for.
    pub fn matches(&self, key: Key, names: &Names) -> bool {
        let section_and_right = key.section() == self.section
            && match self.right {
                Some(right) => key.right() == right,
                None => true,
            };
        section_and_right && self.name.matches(key, names)
    }
}

/// Splits at the last slash: a right never holds one, a hostile name may.
fn split_right<'t>(text: &str, rest: &'t str, rights: &[&str]) -> Result<(&'t str, Option<Word>), String> {
    let Some((name, right)) = rest.rsplit_once('/') else {
        return Err(format!("`{text}`: a right belongs behind the name: {} or `*`", rights.join(", ")));
    };
    if right == "*" {
        return Ok((name, None));
    }
    if !rights.contains(&right) {
        let near = suggest(right, rights).map(|near| format!("; did you mean `{near}`?"));
        return Err(format!("`{text}`: no right `{right}`{}", near.unwrap_or_default()));
    }
    Ok((name, known_word(right)))
}

impl NamePattern {
    fn new(name: &str) -> Result<Self, String> {
        let folded = name.to_lowercase();
        if folded == "*" {
            return Ok(Self::Any);
        }
        if !folded.contains(['*', '?', '[', '{']) {
            return Ok(Self::Literal(folded));
        }
        let glob = GlobBuilder::new(&folded).build().map_err(|error| format!("`{name}`: {}", error.kind()))?;
        Ok(Self::Glob(Box::new(glob.compile_matcher())))
    }

    fn matches(&self, key: Key, names: &Names) -> bool {
        match self {
            Self::Any => true,
            Self::Literal(literal) => names.name(key.folded()) == literal,
            Self::Glob(glob) => glob.is_match(names.name(key.folded())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_named() {
        assert!(GrantPattern::new("objectPermissions/*/modifyAllRecords").is_ok());
        assert!(GrantPattern::new("userPermissions/ModifyAllData").is_ok());
        let wrong = |text| GrantPattern::new(text).unwrap_err();
        assert!(wrong("objectPermission/*/allowRead").contains("did you mean `objectPermissions`?"));
        assert!(wrong("objectPermissions/*/modifyAllRecord").contains("did you mean `modifyAllRecords`?"));
        assert!(wrong("objectPermissions/Account").contains("a right belongs"));
        assert!(wrong("userPermissions").contains("a name"));
        assert!(wrong("fieldPermissions/{a/readable").contains("{a"));
    }
}
