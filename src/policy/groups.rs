//! Findings about permission set groups: what they confer, what they void, what they no longer mute.

use std::collections::{HashMap, HashSet};

use crate::delta::{Comparison, GainClass, GroupAccess, Library, Member, Unknown};
use crate::policy::holding::Holding;
use crate::policy::judge::Judge;
use crate::policy::matcher::Matcher;
use crate::policy::{Change, Finding, Gone, Policy, Rule, State, What};
use crate::source::HolderKind;

/// The members of a group by kind and name.
type Members<'a, 'l> = HashMap<(HolderKind, &'l str), &'a Member<'l>>;

/// A group on both sides, where the change can affect it.
type Row<'l> = (Option<GroupAccess<'l>>, Option<GroupAccess<'l>>);

/// What is new about a group in head.
pub(super) fn judge_change<'l>(
    policy: &'l Policy,
    matcher: &Matcher<'_>,
    (base, head): &Row<'l>,
    comparison: &Comparison<'l>,
    library: &Library,
) -> Vec<Finding<'l>> {
    let Some(head) = head else { return Vec::new() };
    let judge = Judge::new(policy, &head.roster.holder, library, Some(State::New), base.is_some());
    let mut findings = judge.new_grants(matcher, base.as_ref().map(Holding::united).as_ref(), &Holding::united(head));
    let old: HashSet<String> = base.iter().flat_map(bypassed).map(Member::folded).collect();
    findings.extend(judge.bypasses(bypassed(head).filter(|member| !old.contains(&member.folded()))));
    findings.extend(judge.mutings(base.as_ref(), head));
    let row = comparison.effective_of(&head.roster.holder);
    for rule in policy.rules.iter().filter(|rule| judge.applies(rule)) {
        if rule.is_about(Change::UnknownAdded) {
            let unknown = row.iter().flat_map(|row| &row.unknown).filter(|unknown| !unknown.unchanged);
            let members: Members<'_, 'l> =
                head.roster.members.iter().map(|member| ((member.kind, member.name), member)).collect();
            findings.extend(unknown.map(|unknown| judge.unknown(rule, unknown, head, &members)));
        }
        if rule.is_about(Change::Unmuted) {
            let unmuted = base.as_ref().and_then(|base| judge.unmuted(rule, row?, base, head));
            if let Some(unmuted) = unmuted {
                // What was decided of the muting was not decided of each grant.
                let accepted = policy.covers(&unmuted);
                let unmuted = if accepted { unmuted } else { name_lesser(unmuted, &mut findings) };
                findings.push(unmuted);
            }
        }
    }
    findings
}

/// One finding a grant: what is less severe and about no other grant than those that came free is named by the
/// finding that says so.
fn name_lesser<'l>(mut unmuted: Finding<'l>, others: &mut Vec<Finding<'l>>) -> Finding<'l> {
    let is_lesser = |other: &Finding<'l>| {
        matches!(other.rule.matching.what, What::Grants)
            && other.rule.severity < unmuted.rule.severity
            && other.keys.iter().all(|key| unmuted.keys.contains(key))
    };
    let (lesser, rest): (Vec<_>, Vec<_>) = std::mem::take(others).into_iter().partition(is_lesser);
    *others = rest;
    unmuted.also.extend(lesser.into_iter().flat_map(|other| [vec![other.rule.id.as_str()], other.also].concat()));
    unmuted.also.sort_unstable();
    unmuted.also.dedup();
    unmuted
}

/// What is to be said about a group as it stands.
pub(super) fn judge_audit<'l>(
    policy: &'l Policy,
    matcher: &Matcher<'_>,
    group: &GroupAccess<'l>,
    library: &Library,
) -> Vec<Finding<'l>> {
    let judge = Judge::new(policy, &group.roster.holder, library, None, true);
    let mut findings = judge.all_grants(matcher, &Holding::united(group));
    findings.extend(judge.bypasses(bypassed(group)));
    findings.extend(judge.mutings(None, group));
    findings
}

/// Session-based members whose activation the group makes void.
fn bypassed<'a, 'l>(group: &'a GroupAccess<'l>) -> impl Iterator<Item = &'a Member<'l>> + use<'a, 'l> {
    let open = group.effective.gate == crate::access::Gate::AlwaysOn;
    group.gated.iter().filter(move |_| open)
}

impl<'l> Judge<'_, 'l> {
    fn bypasses<'m>(&self, members: impl Iterator<Item = &'m Member<'l>>) -> Vec<Finding<'l>>
    where
        'l: 'm,
    {
        let members: Vec<&Member<'l>> = members.collect();
        let rules = self.rules.iter().filter(|rule| matches!(rule.matching.what, What::Bypassed) && self.applies(rule));
        rules
            .flat_map(|rule| {
                members.iter().map(|member| {
                    let names = [member.name.to_owned()];
                    let subject = format!("permissionSets/{}", member.name);
                    self.about_element(rule, member.file, member.element.span, &names, &subject)
                })
            })
            .collect()
    }

    fn unknown(
        &self,
        rule: &'l Rule,
        unknown: &Unknown<'l>,
        head: &GroupAccess<'l>,
        members: &Members<'_, 'l>,
    ) -> Finding<'l> {
        let member = members.get(&(unknown.step.kind, unknown.step.name)).copied();
        let main = head.roster.holder.definitions[0].main();
        let (file, span) = member.map_or((main, main.parsed.root), |member| (member.file, member.element.span));
        let element = member.map_or("permissionSets", |member| member.element.name.as_str());
        let subject = format!("{element}/{}", unknown.step.name);
        self.about_element(rule, file, span, &[unknown.step.name.to_owned()], &subject)
    }

    /// One finding for all keys: they come free together.
    fn unmuted(
        &self,
        rule: &'l Rule,
        row: &crate::delta::EffectiveDelta<'l>,
        base: &GroupAccess<'l>,
        head: &GroupAccess<'l>,
    ) -> Option<Finding<'l>> {
        let unmuted = row.gained.iter().filter(|gained| gained.class == GainClass::Unmuted && gained.is_access());
        let keys = self.gained(unmuted);
        let subject = match keys.all.as_slice() {
            [] => return None,
            [key] => key.as_str(),
            _ => "",
        };
        let (file, span) = head.muting_place(base);
        let gone = base.muted_place(head).map(|(file, span)| Gone::of(file, span));
        let message = self.message(rule, &keys.told, &keys.names);
        let finding = self.about_element(rule, file, span, &[], subject);
        Some(Finding { message, keys: keys.all, about: Vec::new(), gone, ..finding })
    }
}
