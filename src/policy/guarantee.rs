//! Findings of `check --no-new-access`: one a holder that breaks the guarantee.

use crate::access::{Access, Holder};
use crate::delta::{Comparison, Gained, HolderDelta, Library, Status, gives_new_access};
use crate::policy::judge::Judge;
use crate::policy::{Change, Finding, Policy, Rule, State};
use crate::text::Span;

/// Whether a row breaks the guarantee. A set that is only ever a member of groups does so by its groups, unless
/// the change brings it: then it is not yet what the policy says of its name.
pub fn breaks_guarantee(policy: &Policy, row: &HolderDelta<'_>) -> bool {
    let is_new = matches!(row.status, Status::Added | Status::Renamed);
    gives_new_access(row) && (is_new || !policy.is_component(row.kind, row.name))
}

/// Every holder that gains access, loses its gate or is new: for `check --no-new-access`.
pub fn judge_guarantee<'l>(policy: &'l Policy, comparison: &Comparison<'l>, library: &Library) -> Vec<Finding<'l>> {
    let rules: Vec<&Rule> = policy.rules.iter().filter(|rule| rule.is_about(Change::NewAccess)).collect();
    if rules.is_empty() {
        return Vec::new();
    }
    let broken = comparison.holders.iter().filter(|row| breaks_guarantee(policy, row));
    let found = broken.filter_map(|row| Some((row, holder_of(row, comparison)?)));
    found
        .flat_map(|(row, holder)| {
            let judge = Judge::new(policy, holder, library, Some(State::New), false);
            rules.iter().map(move |rule| judge.new_access(rule, row)).collect::<Vec<_>>()
        })
        .collect()
}

fn holder_of<'a, 'l>(row: &HolderDelta<'l>, comparison: &'a Comparison<'l>) -> Option<&'a Holder<'l>> {
    let pairs = comparison.pairs.iter().filter_map(|(_, head)| head.as_ref());
    let groups = comparison.groups.iter().filter_map(|(_, head)| head.as_ref()).map(|group| &group.roster.holder);
    let same = |holder: &&Holder<'_>| holder.kind == row.kind && holder.name.to_lowercase() == row.name.to_lowercase();
    pairs.chain(groups).find(same)
}

impl<'l> Judge<'_, 'l> {
    fn new_access(&self, rule: &'l Rule, row: &HolderDelta<'l>) -> Finding<'l> {
        let gained = row.effective.iter().flat_map(|effective| &effective.gained);
        let gained: Vec<_> = gained.filter(|gained| gained.is_gain && gained.is_access()).collect();
        let keys = self.gained(gained.iter().copied());
        let about = match row.effective.as_ref().is_some_and(|effective| effective.gate_removed) {
            true => "hasActivationRequired/false",
            false => "",
        };
        let nothing = [if about.is_empty() { "it is new" } else { "its session gate is gone" }.to_owned()];
        let told = if keys.told.is_empty() { &nothing } else { keys.told.as_slice() };
        let subject = if let [key] = keys.all.as_slice() { key } else { about };
        let main = self.holder.definitions[0].main();
        let root = (main.file.path.as_str(), main.parsed.bytes.as_slice(), main.parsed.root);
        // The first entry that gives any of it, whatever order the numbers of names have.
        let places = gained.iter().flat_map(|gained| &gained.paths).filter_map(|path| path.last());
        let first = places.min_by_key(|step| (step.path, step.at));
        let end = |step: &crate::delta::Step<'l>| Span { start: step.at, end: step.bytes.len() as u32 };
        let (path, bytes, span) = first.map_or(root, |step| (step.path, step.bytes, end(step)));
        let message = self.message(rule, told, &keys.names);
        let finding = self.about_element(rule, main, main.parsed.root, &[], subject);
        let about = if keys.all.is_empty() { finding.about } else { Vec::new() };
        Finding { path, bytes, span, message, about, keys: keys.all, ..finding }
    }

    /// What is gained, as a finding says it.
    pub(super) fn gained<'g>(&self, gained: impl Iterator<Item = &'g Gained<'l>>) -> GainedKeys
    where
        'l: 'g,
    {
        let names = self.library.names();
        let mut all: Vec<(String, String, bool)> = gained
            .map(|gained| {
                let written = matches!(gained.access, Access::Key(_));
                (gained.key(names), names.name(gained.name).to_owned(), written)
            })
            .collect();
        all.sort();
        let written: Vec<String> = all.iter().filter(|(.., written)| *written).map(|(key, ..)| key.clone()).collect();
        let (all, names): (Vec<String>, Vec<String>) = all.into_iter().map(|(key, name, _)| (key, name)).unzip();
        GainedKeys { told: if written.is_empty() { all.clone() } else { written }, all, names }
    }
}

/// Grants of one finding.
pub(super) struct GainedKeys {
    /// All of them, sorted.
    pub(super) all: Vec<String>,
    /// The name in each.
    pub(super) names: Vec<String>,
    /// Those a message names: what is written tells more than what follows from it.
    pub(super) told: Vec<String>,
}
