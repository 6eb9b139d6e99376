//! What a waiver of a finding has to say.

use std::collections::BTreeMap;

use crate::policy::{Finding, What};

/// Longest `grant` of one waiver; a configuration takes no longer pattern.
const LONGEST: usize = 200;

/// The part of a waiver that the finding decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stanza {
    /// Rule id.
    pub rule: String,
    /// `kind:name`
    pub holder: String,
    /// What is accepted; `None` where it is no single grant.
    pub grant: Option<String>,
}

/// The waivers that together cover a finding, and nothing else it could grow to.
pub fn stanzas(finding: &Finding<'_>) -> Vec<Stanza> {
    let holder = format!("{}:{}", finding.subject.kind.as_str(), finding.subject.name);
    let stanza = |grant: Option<String>| Stanza { rule: finding.rule.id.clone(), holder: holder.clone(), grant };
    // Grants that are judged one by one can be accepted one by one; any other finding stands and falls as a whole.
    if matches!(finding.rule.matching.what, What::Grants | What::Unmodelled | What::Conflicting) {
        return together(&finding.keys).into_iter().map(|grant| stanza(Some(grant))).collect();
    }
    let about: Vec<&String> = finding.keys.iter().chain(&finding.about).collect();
    match about.as_slice() {
        [one] if !one.is_empty() && one.len() <= LONGEST => vec![stanza(Some(globset::escape(one)))],
        _ => vec![stanza(None)],
    }
}

/// As few patterns as there can be for these keys: `objectPermissions/{A,B}/allowRead`.
fn together(keys: &[String]) -> Vec<String> {
    let mut by_right: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    let mut alone = Vec::new();
    for key in keys {
        let (section, rest) = key.split_once('/').unwrap_or((key, ""));
        let (name, right) = rest.rsplit_once('/').unwrap_or((rest, ""));
        // A comma or brace in a name would end a choice.
        match name.is_empty() || name.contains([',', '{', '}']) {
            true => alone.push(globset::escape(key)),
            false => by_right.entry((section, right)).or_default().push(globset::escape(name)),
        }
    }
    for ((section, right), names) in by_right {
        let right = if right.is_empty() { String::new() } else { format!("/{right}") };
        let mut choice: Vec<&str> = Vec::new();
        let mut length = section.len() + right.len() + 3;
        for name in &names {
            if length + name.len() + 1 > LONGEST && !choice.is_empty() {
                alone.push(written(section, &choice, &right));
                (choice, length) = (Vec::new(), section.len() + right.len() + 3);
            }
            length += name.len() + 1;
            choice.push(name);
        }
        alone.push(written(section, &choice, &right));
    }
    alone.sort();
    alone
}

fn written(section: &str, names: &[&str], right: &str) -> String {
    match names {
        [one] => format!("{section}/{one}{right}"),
        several => format!("{section}/{{{}}}{right}", several.join(",")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> Vec<String> {
        keys.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn keys_of_one_right_are_one_pattern() {
        let patterns = together(&keys(&[
            "objectPermissions/A/allowRead",
            "objectPermissions/B__c/allowRead",
            "objectPermissions/B__c/allowEdit",
            "userPermissions/X",
            "classAccesses/a,b",
        ]));
        assert_eq!(
            patterns,
            [
                "classAccesses/a,b",
                "objectPermissions/B__c/allowEdit",
                "objectPermissions/{A,B__c}/allowRead",
                "userPermissions/X",
            ]
        );
    }

    #[test]
    fn no_pattern_is_longer_than_a_configuration_takes() {
        let names: Vec<String> =
            (0..50).map(|at| format!("objectPermissions/Long_Name_{at:03}__c/allowRead")).collect();
        let patterns = together(&names);
        assert!(patterns.len() > 1 && patterns.iter().all(|pattern| pattern.len() <= LONGEST), "{patterns:?}");
        let matches = |key: &String| {
            patterns.iter().any(|pattern| globset::Glob::new(pattern).unwrap().compile_matcher().is_match(key))
        };
        assert!(names.iter().all(matches));
    }

    #[test]
    fn characters_of_globs_stand_for_themselves() {
        let patterns = together(&keys(&["classAccesses/a*", "classAccesses/[b]"]));
        let glob = globset::Glob::new(&patterns[0]).unwrap().compile_matcher();
        assert_eq!(patterns.len(), 1);
        assert!(glob.is_match("classAccesses/a*") && glob.is_match("classAccesses/[b]"));
        assert!(!glob.is_match("classAccesses/ax") && !glob.is_match("classAccesses/b"));
    }
}
