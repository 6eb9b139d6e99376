//! Combinations: grants of one holder that are more together than each by itself.

use std::collections::HashSet;

use serde::Deserialize;

use crate::access::{Grant, GrantPattern, grant_key};
use crate::metadata::Key;
use crate::policy::holding::Tested;
use crate::policy::judge::{Interest, Judge};
use crate::policy::matcher::{self, Bits, Live, Matcher};
use crate::policy::{Condition, Finding, Policy, What};

/// The catalogue of escalation that comes with the program.
const CATALOGUE: &str = include_str!("../../rules/catalog/escalation.toml");

/// Grants that mean something together.
#[derive(Debug, Clone)]
pub struct Combination {
    /// Kebab-case, of a catalogue's; never changes its meaning. Empty where a rule has just one.
    pub id: String,
    /// What its users can do, after "which".
    pub reason: String,
    /// Of each some grant is held.
    pub parts: Vec<Condition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    edge: Vec<EdgeEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EdgeEntry {
    id: String,
    all_of: Vec<String>,
    reason: String,
    /// Who says so.
    #[allow(dead_code, reason = "for readers of the catalogue")]
    source: String,
}

/// The ways to an administrator's power.
///
/// # Errors
/// What is wrong with the catalogue.
pub(super) fn escalation() -> Result<Vec<Combination>, String> {
    let catalogue: Catalogue = toml::from_str(CATALOGUE).map_err(|error| error.message().to_owned())?;
    let part = |grant: &String| Ok(Condition { grants: vec![GrantPattern::new(grant)?], ..Condition::default() });
    let edge = |entry: EdgeEntry| {
        let parts = entry.all_of.iter().map(part).collect::<Result<_, String>>()?;
        Ok(Combination { id: entry.id, reason: entry.reason, parts })
    };
    catalogue.edge.into_iter().map(edge).collect()
}

/// A combination that is held.
struct Reached<'c, 'l> {
    combination: &'c Combination,
    /// What is held of each part.
    parts: Vec<Vec<Grant<'l>>>,
}

impl Reached<'_, '_> {
    fn keys(&self) -> impl Iterator<Item = Key> {
        self.parts.iter().flatten().map(|grant| grant.entry.key)
    }
}

impl<'l> Judge<'_, 'l> {
    /// Findings about a holder that has a combination, and in base had none of the rule's, or had it with less. Of the
    /// catalogue's ways to one power a further one is no news.
    pub(super) fn combinations(
        &self,
        matcher: &Matcher<'_>,
        base: Option<&Interest<'l>>,
        head: &Interest<'l>,
    ) -> Vec<Finding<'l>> {
        let old = |rule: usize| -> Vec<Reached<'l, 'l>> {
            let live = base.and_then(|base| Some((base, base.combinations.iter().find(|live| live.rule == rule)?)));
            live.map(|(base, live)| self.reached(matcher, live, &base.tested)).unwrap_or_default()
        };
        let of_rule = |live: &Live| {
            let reached = self.reached(matcher, live, &head.tested);
            let old = if reached.is_empty() { Vec::new() } else { old(live.rule) };
            let known: HashSet<Key> = old.iter().flat_map(Reached::keys).collect();
            let grows = |reached: &Reached<'l, 'l>| {
                reached.combination.id.is_empty() && reached.keys().any(|key| !known.contains(&key))
            };
            let is_new = old.is_empty() || reached.iter().any(grows);
            is_new.then(|| self.combined(live.rule, &reached)).flatten()
        };
        head.combinations.iter().filter_map(of_rule).collect()
    }

    fn reached(&self, matcher: &Matcher<'_>, live: &Live, tested: &[Tested<'l>]) -> Vec<Reached<'l, 'l>> {
        let What::Combination(combinations) = &self.rules[live.rule].matching.what else { return Vec::new() };
        let passed = tested.iter().filter_map(|tested| Some((tested.grant, tested.passed.as_deref()?)));
        let passed: Vec<(Grant<'l>, &Bits)> = passed.filter(|(_, passed)| !live.excludes(passed)).collect();
        let reached = combinations.iter().enumerate().filter_map(|(at, combination)| {
            let of_part = |test: &Option<usize>| {
                let held = passed.iter().filter(|(_, passed)| matcher::passes(*test, passed));
                Some(held.map(|(grant, _)| *grant).collect::<Vec<_>>()).filter(|held| !held.is_empty())
            };
            let parts = matcher.parts(live.rule, at).iter().map(of_part).collect::<Option<Vec<_>>>()?;
            Some(Reached { combination, parts })
        });
        reached.collect()
    }

    fn combined(&self, rule: usize, reached: &[Reached<'_, 'l>]) -> Option<Finding<'l>> {
        let names = self.library.names();
        let parts = reached.iter().flat_map(|reached| &reached.parts);
        let mut parts: Vec<Vec<(String, Grant<'l>)>> = parts
            .map(|part| part.iter().map(|grant| (grant_key(grant.entry, names), *grant)).collect::<Vec<_>>())
            .collect();
        // By the printed key; what reaches far says more than a right on one object.
        let rank = |key: &str| (!key.starts_with("userPermissions/"), key.to_owned());
        parts.iter_mut().for_each(|part| part.sort_by_key(|(key, _)| rank(key)));
        // One grant of each part first.
        let firsts = parts.iter().filter_map(|part| part.first());
        let told = firsts.chain(parts.iter().flat_map(|part| part.iter().skip(1)));
        let mut seen = HashSet::new();
        let told: Vec<(String, Grant<'l>)> = told.filter(|(_, grant)| seen.insert(grant.entry.key)).cloned().collect();
        let mut keys: Vec<String> = told.iter().map(|(key, _)| key.clone()).collect();
        keys.sort_unstable();
        let (_, first) = told.iter().find(|(key, _)| *key == keys[0])?;
        let of_catalogue = reached.iter().filter(|reached| !reached.combination.id.is_empty());
        let mut said: Vec<String> = of_catalogue
            .map(|reached| format!("{} ({})", reached.combination.id, reached.combination.reason))
            .collect();
        let told: Vec<String> = told.iter().map(|(key, _)| key.clone()).collect();
        if said.is_empty() {
            said.clone_from(&told);
        }
        let finding = self.about_grants(&self.rules[rule], first, keys, &said);
        let message = self.message(&self.rules[rule], &told, &said);
        Some(Finding { message, ..finding })
    }
}

/// One finding a grant: where a combination is a single grant, rules about that grant are named by it, unless they
/// are worse. One that is accepted names none: what was decided of the combination was not decided of the grant.
pub(super) fn absorb<'l>(
    policy: &Policy,
    combinations: Vec<Finding<'l>>,
    mut others: Vec<Finding<'l>>,
) -> Vec<Finding<'l>> {
    let mut all = Vec::new();
    for mut finding in combinations {
        let single = finding.keys.len() == 1 && !policy.covers(&finding);
        let same =
            |other: &Finding<'l>| single && other.keys == finding.keys && other.rule.severity <= finding.rule.severity;
        let (absorbed, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(same);
        others = rest;
        for other in absorbed {
            finding.also.push(&other.rule.id);
            finding.also.extend(other.also);
        }
        finding.also.sort_unstable();
        all.push(finding);
    }
    all.extend(others);
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_catalogue_loads_and_its_ids_are_unique() {
        let edges = escalation().unwrap();
        let ids: BTreeSet<&str> = edges.iter().map(|edge| edge.id.as_str()).collect();
        assert_eq!(ids.len(), edges.len());
        assert!(edges.iter().all(|edge| !edge.reason.is_empty() && !edge.parts.is_empty()));
    }
}
