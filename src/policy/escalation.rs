//! Escalation: grants, and combinations of grants, by which a holder's users can give themselves more.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::access::{Grant, GrantPattern, grant_key};
use crate::metadata::Names;
use crate::policy::judge::{Holding, Judge};
use crate::policy::{Finding, Rule};

/// The catalogue that comes with the program.
pub(super) const CATALOGUE: &str = include_str!("../../rules/catalog/escalation.toml");

/// One way to an administrator's power.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Kebab-case; never changes its meaning.
    pub id: String,
    /// What its users can do, after "which".
    pub reason: String,
    /// Who says so.
    pub source: String,
    /// The grants that together are the edge.
    pub all_of: Vec<GrantPattern>,
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
    source: String,
}

/// The edges of a catalogue.
///
/// # Errors
/// What is wrong with it.
pub(super) fn edges(text: &str) -> Result<Vec<Edge>, String> {
    let catalogue: Catalogue = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let edge = |entry: EdgeEntry| {
        let all_of = entry.all_of.iter().map(|grant| GrantPattern::new(grant)).collect::<Result<Vec<_>, _>>()?;
        Ok(Edge { id: entry.id, reason: entry.reason, source: entry.source, all_of })
    };
    catalogue.edge.into_iter().map(edge).collect()
}

impl Edge {
    /// The grants that make the edge, if all of them are held.
    fn held<'l>(&self, grants: &[Grant<'l>], names: &Names) -> Option<Vec<Grant<'l>>> {
        let find =
            |pattern: &GrantPattern| grants.iter().find(|grant| pattern.matches(grant.entry.key, names)).copied();
        self.all_of.iter().map(find).collect()
    }
}

impl<'l> Judge<'_, 'l> {
    /// Findings about a holder that reaches an administrator's power, and in base did not.
    pub(super) fn escalations(&self, base: Option<&Holding<'l>>, head: &Holding<'l>) -> Vec<Finding<'l>> {
        let rules = self.rules.iter().filter(|rule| self.applies(rule));
        let of_rule = |rule: &'l Rule| {
            let reached = |holding: &Holding<'l>| self.reached(rule, holding);
            if base.is_some_and(|base| !reached(base).is_empty()) {
                return None;
            }
            self.escalation(rule, &reached(head))
        };
        rules.filter_map(of_rule).collect()
    }

    fn reached(&self, rule: &'l Rule, holding: &Holding<'l>) -> Vec<(&'l Edge, Vec<Grant<'l>>)> {
        let edges = rule.matching.escalation.iter();
        edges.filter_map(|edge| Some((edge, edge.held(holding.grants(), self.library.names())?))).collect()
    }

    fn escalation(&self, rule: &'l Rule, reached: &[(&'l Edge, Vec<Grant<'l>>)]) -> Option<Finding<'l>> {
        let names = self.library.names();
        let keyed = reached.iter().flat_map(|(_, grants)| grants).map(|grant| (grant_key(grant.entry, names), *grant));
        let mut grants: Vec<(String, Grant<'l>)> = keyed.collect();
        grants.sort_by(|a, b| a.0.cmp(&b.0));
        let first = grants.first()?.1;
        let keys: BTreeSet<String> = grants.into_iter().map(|(key, _)| key).collect();
        let keys: Vec<String> = keys.into_iter().collect();
        let edges: Vec<String> = reached.iter().map(|(edge, _)| format!("{} ({})", edge.id, edge.reason)).collect();
        Some(self.about_grants(rule, &first, keys, &edges))
    }
}

/// One finding a grant: where an edge is a single grant, rules about that grant are named by it, unless they are
/// worse.
pub(super) fn absorb<'l>(escalations: Vec<Finding<'l>>, mut others: Vec<Finding<'l>>) -> Vec<Finding<'l>> {
    let mut all = Vec::new();
    for mut finding in escalations {
        let same = |other: &Finding<'l>| {
            finding.keys.len() == 1 && other.keys == finding.keys && other.rule.severity <= finding.rule.severity
        };
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
    use super::*;

    #[test]
    fn the_catalogue_loads_and_its_ids_are_unique() {
        let edges = edges(CATALOGUE).unwrap();
        let ids: BTreeSet<&str> = edges.iter().map(|edge| edge.id.as_str()).collect();
        assert_eq!(ids.len(), edges.len());
        assert!(edges.iter().all(|edge| !edge.reason.is_empty() && !edge.source.is_empty() && !edge.all_of.is_empty()));
    }
}
