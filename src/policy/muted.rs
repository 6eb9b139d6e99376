//! Muting that does not do what it seems to: of what nobody in the group holds, or of what a broader grant gives.

use crate::access::{Access, Grant, Reading, Relations, grant_key};
use crate::delta::GroupAccess;
use crate::policy::judge::Judge;
use crate::policy::{Finding, Rule, What};

/// What a rule about muting looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MutingFact {
    /// No member of the group gives what is muted.
    Nothing,
    /// A member's broader grant gives what is muted: muting never takes from it.
    Void,
}

impl<'l> Judge<'_, 'l> {
    /// What is to be said of a group's muting: all of it, or with a base what is new.
    pub(super) fn mutings(&self, base: Option<&GroupAccess<'l>>, head: &GroupAccess<'l>) -> Vec<Finding<'l>> {
        let rules = self.rules.iter().filter(|rule| self.applies(rule));
        let of_rule = |rule: &'l Rule| {
            let What::Muting(fact) = rule.matching.what else { return None };
            let old = base.map(|base| self.idle(fact, base)).unwrap_or_default();
            let mut idle = self.idle(fact, head);
            idle.retain(|(key, _)| old.iter().all(|(known, _)| !known.eq_ignore_ascii_case(key)));
            let (_, first) = idle.first()?;
            let names = self.library.names();
            let spelled = idle.iter().map(|(_, grant)| names.name(grant.entry.spelling).to_owned()).collect::<Vec<_>>();
            let keys = idle.iter().map(|(key, _)| key.clone()).collect();
            Some(self.about_grants(rule, first, keys, &spelled))
        };
        rules.filter_map(of_rule).collect()
    }

    /// The muted keys that a fact is true of, sorted.
    fn idle(&self, fact: MutingFact, group: &GroupAccess<'l>) -> Vec<(String, Grant<'l>)> {
        // What a member gives that is not among the files is not known.
        if fact == MutingFact::Nothing && group.has_unknown() {
            return Vec::new();
        }
        let relations = Relations::new(self.library.names());
        let is_idle = |grant: &&Grant<'l>| {
            let key = grant.entry.key;
            let held = !group.effective.sources_of(key).is_empty();
            let conferred = group.effective.confers(Access::Key(key), Reading::May, &relations);
            match fact {
                MutingFact::Nothing => !held && !conferred,
                MutingFact::Void => conferred,
            }
        };
        let idle = group.effective.muted().iter().filter(is_idle);
        let mut idle: Vec<_> = idle.map(|grant| (grant_key(grant.entry, self.library.names()), *grant)).collect();
        idle.sort_by(|a, b| a.0.cmp(&b.0));
        idle
    }
}
