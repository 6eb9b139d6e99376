//! Grant patterns: a grant key in which the name, or the right, may be a glob.

use std::sync::OnceLock;

use globset::{Glob, GlobMatcher};

use crate::access::Access;
use crate::metadata::{Key, Names, Word, known_rights, known_sections, known_word};
use crate::text::{Reach, glob, matcher, suggest};

/// `objectPermissions/*/modifyAllRecords`, compiled. Names match whatever their case.
#[derive(Debug, Clone)]
pub struct GrantPattern {
    text: String,
    section: Word,
    name: NamePattern,
    /// `None` matches every right.
    right: Option<Word>,
}

/// The name in a grant pattern, case-folded.
#[derive(Debug, Clone)]
pub enum NamePattern {
    /// `*`
    Any,
    /// One name.
    Literal(String),
    /// A glob, in which `*` also stands for `.` and `/`.
    Glob(Box<NameGlob>),
}

/// A glob that is compiled when it is first matched: most never are.
#[derive(Debug, Clone)]
pub struct NameGlob {
    glob: Glob,
    matcher: OnceLock<GlobMatcher>,
}

impl NameGlob {
    /// A glob of case-folded text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(text: &str) -> Result<Self, String> {
        Ok(Self { glob: glob(&text.to_lowercase(), Reach::Everything)?, matcher: OnceLock::new() })
    }

    /// The glob itself.
    pub fn glob(&self) -> &Glob {
        &self.glob
    }

    /// Whether a case-folded text is one it stands for.
    pub fn is_match(&self, name: &str) -> bool {
        self.matcher.get_or_init(|| matcher(&self.glob)).is_match(name)
    }
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
        Ok(Self { text: text.to_owned(), section: section_word, name: NamePattern::new(name)?, right })
    }

    /// Whether it is about every object, as `objectPermissions/*/viewAllRecords`: what a rule on it finds
    /// is reported together for one holder.
    pub fn is_per_object(&self) -> bool {
        self.section == Word::OBJECT_PERMISSIONS && !matches!(self.name, NamePattern::Literal(_))
    }

    /// Whether it picks by right alone, from every object or every field.
    pub fn is_of_any_object_or_field(&self) -> bool {
        matches!(self.section, Word::OBJECT_PERMISSIONS | Word::FIELD_PERMISSIONS)
            && matches!(self.name, NamePattern::Any)
    }

    /// Whether it is about user permissions.
    pub fn is_user_permission(&self) -> bool {
        self.section == Word::USER_PERMISSIONS
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

    /// Whether `access`, which may cover many keys, covers one the pattern stands for; in doubt it does.
    pub fn meets(&self, access: Access, names: &Names) -> bool {
        let is = |section, right| self.section == section && self.right.is_none_or(|own| own == right);
        match access {
            Access::Key(key) => self.matches(key, names),
            Access::EveryObject(right) => is(Word::OBJECT_PERMISSIONS, right),
            Access::EveryField => is(Word::FIELD_PERMISSIONS, Word::READABLE),
            Access::FieldsOf(object) => {
                is(Word::FIELD_PERMISSIONS, Word::READABLE) && self.name.has_fields_of(names.name(object))
            }
        }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The section.
    pub fn section(&self) -> Word {
        self.section
    }

    /// What it says of the name.
    pub fn name(&self) -> &NamePattern {
        &self.name
    }

    /// The right; `None` for every right.
    pub fn right(&self) -> Option<Word> {
        self.right
    }

    /// The same pattern for other names.
    ///
    /// # Errors
    /// A malformed glob.
    pub fn with_name(&self, name: &str) -> Result<Self, String> {
        let own = self.text.split_once('/').map_or("", |(section, _)| section);
        let right = self.text.rsplit('/').next().filter(|_| !known_rights(own).is_empty());
        let text = right.map_or_else(|| format!("{own}/{name}"), |right| format!("{own}/{name}/{right}"));
        Ok(Self { text, name: NamePattern::new(name)?, ..self.clone() })
    }

    /// The one case-folded name it stands for, if it is no glob.
    pub fn literal(&self) -> Option<&str> {
        match &self.name {
            NamePattern::Literal(name) => Some(name),
            NamePattern::Any | NamePattern::Glob(_) => None,
        }
    }

    /// The known rights it stands for; without any where its section has just one.
    pub fn rights(&self) -> Vec<Word> {
        let known = known_rights(known_sections()[usize::from(self.section.0) - 1]);
        let known = known.iter().filter_map(|right| known_word(right));
        known.filter(|right| self.right.is_none_or(|own| own == *right)).collect()
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
        Ok(Self::Glob(Box::new(NameGlob::new(name)?)))
    }

    fn matches(&self, key: Key, names: &Names) -> bool {
        match self {
            Self::Any => true,
            Self::Literal(literal) => names.name(key.folded()) == literal,
            Self::Glob(glob) => glob.is_match(names.name(key.folded())),
        }
    }

    /// Whether some field of an object may have such a name; what cannot be told counts as yes.
    fn has_fields_of(&self, object: &str) -> bool {
        let text = match self {
            Self::Any => return true,
            Self::Literal(literal) => literal.as_str(),
            Self::Glob(glob) => glob.glob().glob(),
        };
        let Some((of, _)) = text.split_once('.') else { return matches!(self, Self::Glob(_)) };
        glob(of, Reach::Everything).map_or(true, |glob| matcher(&glob).is_match(object))
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

    #[test]
    fn fields_of_an_object_meet_the_patterns_that_can_name_them() {
        let meets = |text: &str| GrantPattern::new(text).unwrap().name.has_fields_of("account");
        for text in ["Account.*", "acc*.SSN__c", "*", "*.SSN__c", "*SSN*", "{Account.A*,Contact.B*}"] {
            assert!(meets(&format!("fieldPermissions/{text}/readable")), "{text}");
        }
        for text in ["Contact.*", "b*.SSN__c", "Contact.SSN__c"] {
            assert!(!meets(&format!("fieldPermissions/{text}/readable")), "{text}");
        }
    }

    #[test]
    fn a_pattern_knows_its_name_and_rights() {
        let pattern = |text| GrantPattern::new(text).unwrap();
        assert_eq!(pattern("fieldPermissions/Account.SSN__c/*").rights(), [Word::EDITABLE, Word::READABLE]);
        assert_eq!(pattern("fieldPermissions/Account.SSN__c/readable").rights(), [Word::READABLE]);
        assert_eq!(pattern("userPermissions/ModifyAllData").rights(), []);
        assert_eq!(pattern("userPermissions/ModifyAllData").literal(), Some("modifyalldata"));
        assert_eq!(pattern("userPermissions/Modify*").literal(), None);
    }
}
