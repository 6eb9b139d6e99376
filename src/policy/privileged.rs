//! What makes its user a privileged one: the catalogue's list, or the configuration's.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::access::GrantPattern;
use crate::policy::{Condition, Config};

/// The catalogue that comes with the program.
const CATALOGUE: &str = include_str!("../../rules/catalog/privileged.toml");

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    grants: Vec<String>,
}

static BUILT_IN: LazyLock<Vec<GrantPattern>> = LazyLock::new(|| {
    // A test rules out that it does not load.
    let catalogue: Catalogue = toml::from_str(CATALOGUE).unwrap_or_default();
    catalogue.grants.iter().filter_map(|grant| GrantPattern::new(grant).ok()).collect()
});

/// The privileged grants under a configuration.
pub(super) fn grants(config: &Config) -> Vec<GrantPattern> {
    match &config.privileged {
        Some(list) => list.iter().map(|grant| grant.value.clone()).collect(),
        None => BUILT_IN.clone(),
    }
}

/// Gives a condition about privileged grants these grants.
pub(super) fn fill(condition: &mut Condition, config: &Config) {
    if condition.privileged {
        condition.grants = grants(config);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_loads() {
        let catalogue: Catalogue = toml::from_str(CATALOGUE).unwrap();
        assert_eq!((catalogue.grants.len(), BUILT_IN.len()), (4, 4));
    }
}
