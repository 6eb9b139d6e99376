//! What a waiver of a finding has to say.

use std::collections::{BTreeMap, HashSet};

use crate::access::NameGlob;
use crate::policy::config::{LONGEST_GRANT, wrong_holder};
use crate::policy::{Finding, What};
use crate::text::clip_middle;

/// Longest `grant` that is written where several can be: one finding is to be few waivers, and a line still one.
const LONGEST: usize = 1_500;

/// The part of a waiver that the finding decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stanza {
    /// Rule id.
    pub rule: String,
    /// `kind:name`
    pub holder: String,
    /// What is accepted; `None` where it is no single grant.
    pub grant: Option<String>,
}

impl Finding<'_> {
    /// The findings it stands for, each of which is accepted by itself: most stand for themselves.
    pub fn parts(&self) -> &[Self] {
        if self.folded.is_empty() { std::slice::from_ref(self) } else { &self.folded }
    }

    /// The grant keys it is about, those of its worst parts first.
    pub fn keys_worst_first(&self) -> Vec<String> {
        let mut parts: Vec<&Self> = self.parts().iter().collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.rule.severity));
        let mut seen = HashSet::new();
        parts.into_iter().flat_map(|part| &part.keys).filter(|key| seen.insert(*key)).cloned().collect()
    }
}

impl Stanza {
    /// Why no configuration can hold such a waiver.
    fn obstacle(&self) -> Option<String> {
        let long = self.grant.as_deref().filter(|grant| grant.len() > LONGEST_GRANT);
        wrong_holder(&self.holder).or_else(|| {
            long.map(|grant| format!("its grant would have {} bytes, at most {LONGEST_GRANT} are taken", grant.len()))
        })
    }
}

/// The waivers that together cover a finding, as `stanzas`.
///
/// # Errors
/// Why none can be written that would.
pub fn writable_stanzas(finding: &Finding<'_>) -> Result<Vec<Stanza>, String> {
    let wanted = stanzas(finding);
    if let Some(obstacle) = wanted.iter().find_map(Stanza::obstacle) {
        return Err(obstacle);
    }
    let globs: Vec<Option<NameGlob>> =
        wanted.iter().map(|stanza| stanza.grant.as_deref().map(NameGlob::new).transpose()).collect::<Result<_, _>>()?;
    let covered = |about: &&String| {
        let about = about.to_lowercase();
        globs.iter().any(|glob| glob.as_ref().is_none_or(|glob| glob.is_match(&about)))
    };
    match finding.keys.iter().chain(&finding.about).find(|about| !covered(about)) {
        None => Ok(wanted),
        Some(about) => Err(format!("no pattern stands for {} alone", clip_middle(about))),
    }
}

/// The waivers that together cover a finding, and nothing else it could grow to.
fn stanzas(finding: &Finding<'_>) -> Vec<Stanza> {
    let holder = format!("{}:{}", finding.subject.kind.as_str(), finding.subject.name);
    let of_rule = |rule: &str, grant| Stanza { rule: rule.to_owned(), holder: holder.clone(), grant };
    let stanza = |grant| of_rule(&finding.rule.id, grant);
    // Grants that are judged one by one can be accepted one by one; any other finding stands and falls as a whole.
    if matches!(finding.rule.matching.what, What::Grants | What::Unmodelled | What::Conflicting) {
        return together(&finding.keys).into_iter().map(|grant| stanza(Some(grant))).collect();
    }
    let about: Vec<String> = finding.keys.iter().chain(&finding.about).filter(|one| !one.is_empty()).cloned().collect();
    let grant = match together(&about).as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("{{{}}}", several.join(","))),
    };
    let grant = grant.filter(|grant| grant.len() <= LONGEST_GRANT);
    // A combination that is accepted no longer speaks for the rules about its grant that it names.
    let named = finding.also.iter().filter(|_| matches!(finding.rule.matching.what, What::Combination(_)));
    [finding.rule.id.as_str()].into_iter().chain(named.copied()).map(|rule| of_rule(rule, grant.clone())).collect()
}

/// As few patterns as there can be for these keys: `objectPermissions/{A,B}/allowRead`.
fn together(keys: &[String]) -> Vec<String> {
    let mut by_right: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    let mut alone = Vec::new();
    for key in keys {
        let (section, rest) = key.split_once('/').unwrap_or((key, ""));
        let (name, right) = rest.rsplit_once('/').unwrap_or((rest, ""));
        match name.is_empty() {
            true => alone.push(escaped(key)),
            false => by_right.entry((section, right)).or_default().push(escaped(name)),
        }
    }
    for ((section, right), names) in by_right {
        let section = &escaped(section);
        let right = if right.is_empty() { String::new() } else { format!("/{}", escaped(right)) };
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

/// A pattern that stands for the text itself, within braces too.
fn escaped(text: &str) -> String {
    // What a backslash does in a glob depends on the system; in brackets it means itself.
    globset::escape(text).replace(',', "[,]").replace('\\', "[\\]")
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
                "classAccesses/a[,]b",
                "objectPermissions/B__c/allowEdit",
                "objectPermissions/{A,B__c}/allowRead",
                "userPermissions/X",
            ]
        );
    }

    #[test]
    fn no_pattern_is_longer_than_a_configuration_takes() {
        let names: Vec<String> =
            (0..150).map(|at| format!("objectPermissions/Long_Name_{at:03}__c/allowRead")).collect();
        let patterns = together(&names);
        assert!(
            (2..=4).contains(&patterns.len()) && patterns.iter().all(|pattern| pattern.len() <= LONGEST),
            "{patterns:?}"
        );
        let matches = |key: &String| {
            patterns.iter().any(|pattern| globset::Glob::new(pattern).unwrap().compile_matcher().is_match(key))
        };
        assert!(names.iter().all(matches));
    }

    #[test]
    fn one_pattern_names_all_keys_of_a_finding_and_no_other() {
        let own = keys(&["objectPermissions/A/allowRead", "objectPermissions/{B,*}/allowEdit", "userPermissions/X"]);
        let pattern = format!("{{{}}}", together(&own).join(","));
        let glob = globset::Glob::new(&pattern).unwrap().compile_matcher();
        assert!(own.iter().all(|key| glob.is_match(key)), "{pattern}");
        for other in ["objectPermissions/A/allowEdit", "objectPermissions/B/allowEdit", "userPermissions/Y", "X", "*"] {
            assert!(!glob.is_match(other), "{pattern} {other}");
        }
    }

    #[test]
    fn characters_of_globs_stand_for_themselves() {
        let patterns = together(&keys(&["classAccesses/a*", "classAccesses/[b]", "classAccesses/c\\d"]));
        let glob = globset::Glob::new(&patterns[0]).unwrap().compile_matcher();
        assert_eq!(patterns.len(), 1);
        assert!(cfg!(windows) || (glob.is_match("classAccesses/c\\d") && !glob.is_match("classAccesses/cd")));
        assert!(glob.is_match("classAccesses/a*") && glob.is_match("classAccesses/[b]"));
        assert!(!glob.is_match("classAccesses/ax") && !glob.is_match("classAccesses/b"));
    }
}
