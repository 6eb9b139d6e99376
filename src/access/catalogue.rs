//! The catalogue of user permissions: `rules/catalog/user-permissions.csv`.
//!
//! The list depends on features and licences of an org, so a name that is missing here is not wrong.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::text::records;

/// A user permission, as the platform's own descriptions name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPermission {
    /// Its API name, in the platform's spelling.
    pub name: String,
    /// What Setup calls it; empty where no description was found.
    pub label: String,
    /// How much harm its user can do.
    pub risk: Risk,
    /// Why it is rated so; empty where it is not.
    pub reason: String,
}

/// How much harm the user of a permission can do: our own rating, a start point (`rules/catalog/README.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Takes over the org, or everything in it.
    Critical,
    /// Takes over users or much of the data, or weakens a control.
    High,
    /// Reaches beyond what its user works on.
    Medium,
    /// Rated, and of little harm.
    Low,
    /// Not rated.
    #[serde(skip)]
    Unknown,
}

impl Risk {
    fn of(word: &str) -> Self {
        match word {
            "critical" => Self::Critical,
            "high" => Self::High,
            "medium" => Self::Medium,
            "low" => Self::Low,
            _ => Self::Unknown,
        }
    }
}

struct Catalogue {
    /// In the order of the file, which is that of the names.
    all: Vec<UserPermission>,
    by_folded: HashMap<String, usize>,
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let text = include_str!("../../rules/catalog/user-permissions.csv");
    let all: Vec<UserPermission> = records(text)
        .skip(1)
        .map(|record| {
            let field = |index: usize| record.get(index).map(ToString::to_string).unwrap_or_default();
            UserPermission { name: field(0), label: field(1), risk: Risk::of(&field(2)), reason: field(4) }
        })
        .collect();
    let by_folded = all.iter().enumerate().map(|(index, one)| (one.name.to_lowercase(), index)).collect();
    Catalogue { all, by_folded }
});

/// The permission with a case-folded name.
pub fn user_permission(folded: &str) -> Option<&'static UserPermission> {
    CATALOGUE.by_folded.get(folded).map(|index| &CATALOGUE.all[*index])
}

/// What Setup calls a user permission, by its grant key; nothing for any other key.
pub fn label_of(key: &str) -> Option<&'static str> {
    let name = key.strip_prefix("userPermissions/")?;
    let label = user_permission(&name.to_lowercase())?.label.trim();
    (!label.is_empty()).then_some(label)
}

/// All permissions, by name.
pub fn user_permissions() -> &'static [UserPermission] {
    &CATALOGUE.all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_catalogue_is_read() {
        let all = user_permissions();
        assert_eq!(all.len(), 1023);
        assert_eq!(CATALOGUE.by_folded.len(), all.len(), "no two names differ only in case");
        for one in all {
            assert!(one.name.chars().all(|letter| letter.is_ascii_alphanumeric()), "{}", one.name);
            assert_eq!(one.risk == Risk::Unknown, one.reason.is_empty(), "{one:?}");
        }
    }

    #[test]
    fn names_are_found_whatever_their_case() {
        let found = user_permission("modifyalldata").unwrap();
        assert_eq!((found.name.as_str(), found.label.as_str()), ("ModifyAllData", "Modify All Data"));
        assert_eq!(user_permission("ModifyAllData"), None);
        assert_eq!(user_permission("noSuchPermission"), None);
    }
}
