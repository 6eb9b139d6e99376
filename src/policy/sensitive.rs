//! Sensitive objects and fields: those of the catalogue, and those the configuration declares.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::access::GrantPattern;
use crate::metadata::{Key, Names, Word};
use crate::policy::{Condition, Config, Rule, What, privileged};

/// The catalogue that comes with the program.
const CATALOGUE: &str = include_str!("../../rules/catalog/sensitive.toml");

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    /// API names or globs.
    objects: Vec<String>,
    /// `Object.Field`, API names or globs.
    fields: Vec<String>,
}

/// A test rules out that it does not load.
static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| toml::from_str(CATALOGUE).unwrap_or_default());

/// Gives the conditions of a rule about sensitive names these names, and those about privileged grants these.
pub(super) fn resolve(rule: &mut Rule, config: &Config) {
    let matching = &mut rule.matching;
    let own = [&mut matching.condition].into_iter();
    let parts = match &mut matching.what {
        What::Combination(combinations) => combinations.iter_mut().flat_map(|one| &mut one.parts).collect(),
        _ => Vec::new(),
    };
    let conditions = own.chain(&mut matching.any_of).chain(&mut matching.none_of).chain(parts);
    for condition in conditions {
        privileged::fill(condition, config);
        if condition.sensitive {
            of_condition(condition, config);
        }
    }
}

fn of_condition(condition: &mut Condition, config: &Config) {
    let declared_objects = config.sensitive_objects.iter().map(|object| object.text.as_str());
    let objects: Vec<&str> = BUILT_IN.objects.iter().map(String::as_str).chain(declared_objects).collect();
    let declared_fields = config.sensitive_fields.iter().map(|field| field.text.as_str());
    let fields: Vec<&str> = BUILT_IN.fields.iter().map(String::as_str).chain(declared_fields).collect();
    // View All Fields opens the sensitive fields of an object that is named with them.
    let of_fields = fields.iter().filter_map(|field| field.split_once('.')).map(|(object, _)| object);
    let of_fields: Vec<&str> = of_fields.filter(|object| !object.contains(['*', '?', '[', '{'])).collect();
    let named = |grant: &GrantPattern| -> Vec<GrantPattern> {
        let names = match (grant.section(), grant.right()) {
            (Word::FIELD_PERMISSIONS, _) => fields.clone(),
            (_, Some(Word::VIEW_ALL_FIELDS)) => [objects.as_slice(), &of_fields].concat(),
            _ => objects.clone(),
        };
        // Each was compiled when it was loaded.
        names.into_iter().filter_map(|name| grant.with_name(name).ok()).collect()
    };
    condition.grants = condition.grants.iter().flat_map(named).collect();
}

impl Config {
    /// Whether a key is about an object that the configuration declares sensitive.
    pub(super) fn declares_sensitive(&self, key: Key, names: &Names) -> bool {
        key.section() == Word::OBJECT_PERMISSIONS
            && self.sensitive_objects.iter().any(|object| object.value.is_match(names.name(key.folded())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_loads_and_its_patterns_compile() {
        let catalogue: Catalogue = toml::from_str(CATALOGUE).unwrap();
        let object = GrantPattern::new("objectPermissions/*/allowRead").unwrap();
        assert!(catalogue.objects.iter().all(|name| object.with_name(name).is_ok()));
        let field = GrantPattern::new("fieldPermissions/*/readable").unwrap();
        assert!(catalogue.fields.iter().all(|name| name.contains('.') && field.with_name(name).is_ok()));
    }

    /// A pattern must not match half a CRM.
    #[test]
    fn fields_are_sensitive_by_whole_words() {
        let catalogue: Catalogue = toml::from_str(CATALOGUE).unwrap();
        let field = GrantPattern::new("fieldPermissions/*/readable").unwrap();
        let patterns: Vec<GrantPattern> = catalogue.fields.iter().map(|name| field.with_name(name).unwrap()).collect();
        let is_sensitive = |name: &str| {
            let names = crate::metadata::SharedNames::default();
            let spelling = names.local().intern(name);
            let key = Key::new(Word::FIELD_PERMISSIONS, Word::READABLE, spelling.folded);
            let names = names.into_names();
            patterns.iter().any(|pattern| pattern.matches(key, &names))
        };
        for name in [
            "Contact.SSN__c",
            "Contact.ns__SSN__c",
            "Lead.Social_Security_Number__c",
            "Employee__c.Passport_Number__c",
            "Employee__c.Annual_Salary__c",
            "Account.IBAN__c",
            "Account.Bank_Account_Number__c",
            "Contact.SSN__pc",
            "Patient__c.Diagnosis_Code__c",
            "Payment__c.Credit_Card_Number__c",
        ] {
            assert!(is_sensitive(name), "{name}");
        }
        for name in [
            "Account.Mission__c",
            "Account.Name",
            "Contact.Birthdate",
            "Account.Sales_Tax_ID__c",
            "Session__c.International_ID__c",
            "Account.Business_Account_Number__c",
            "Opportunity.Closed_by_Sales__c",
            "Lead.Cardinality__c",
            "Case.Description",
            "Account.Urban_Area__c",
            "Contact.Passed__c",
            "Task.Tokenised__c",
            "Account.Compensated_By__c",
        ] {
            assert!(!is_sensitive(name), "{name}");
        }
    }
}
