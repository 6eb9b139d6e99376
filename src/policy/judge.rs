//! The loop: rules against holders.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::access::{Grant, Holder, HolderFile, audience, audience_before, grant_key, is_administrator};
use crate::delta::{Audit, Comparison, Library};
use crate::metadata::Key;
use crate::policy::holding::{Holding, Tested};
use crate::policy::matcher::{Live, Matcher};
use crate::policy::message::{self, Filling};
use crate::policy::{Class, Gone, Match, Policy, Rule, Scope, Severity, Subject, SubjectKind, Waiver, What};
use crate::policy::{combination, fingerprint, gate, groups, judge_unused, lint, related};
use crate::text::Span;

/// Of a finding against the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not in base.
    New,
}

/// One violation of one rule at one place.
#[derive(Debug, Clone)]
pub struct Finding<'l> {
    /// The rule.
    pub rule: &'l Rule,
    /// Against the base; `None` where there is none (`audit`).
    pub state: Option<State>,
    /// What it is about.
    pub subject: Subject<'l>,
    /// Grant keys it is about, sorted; several where a rule reports the objects of one holder together.
    pub keys: Vec<String>,
    /// What it is about that is no grant: element and value, as `hasActivationRequired/false`.
    pub about: Vec<String>,
    /// The file it is in.
    pub path: &'l str,
    /// The content of that file.
    pub bytes: &'l [u8],
    /// The deciding element.
    pub span: Span,
    /// A sentence, filled.
    pub message: String,
    /// Its identity.
    pub fingerprint: String,
    /// Other rules that match the same grant, by id.
    pub also: Vec<&'l str>,
    /// What accepts it.
    pub waiver: Option<&'l Waiver>,
    /// The findings it stands for, where those of an administrator are one.
    pub folded: Vec<Self>,
    /// What base had and head has no more, where that is what it is about.
    pub gone: Option<Gone<'l>>,
}

/// Judges a change: what is new in head.
pub fn judge_change<'l>(policy: &'l Policy, comparison: &Comparison<'l>, library: &Library) -> Vec<Finding<'l>> {
    let matcher = Matcher::new(policy, library.names());
    let mut findings = Vec::new();
    for (base, head) in &comparison.pairs {
        let Some(head) = head else { continue };
        let base = base.as_ref();
        // A file that could not be read holds no entries: in base nothing of head then counts as old.
        let judge = Judge::new(policy, head, library, Some(State::New), base.is_some());
        let before = base.map(|base| Holding::declared(base, audience_before(base, head, &comparison.sites_of_base)));
        let after = Holding::declared(head, audience(head, base, &comparison.sites_of_head));
        findings.extend(judge.new_grants(&matcher, before.as_ref(), &after));
        findings.extend(base.into_iter().flat_map(|base| judge.transitions(base)));
        findings.extend(judge.logins(base));
    }
    findings.extend(comparison.exposed.iter().flat_map(|profile| {
        let judge = Judge::new(policy, profile, library, Some(State::New), true);
        let before = Holding::declared(profile, audience(profile, None, &comparison.sites_of_base));
        let after = Holding::declared(profile, audience(profile, None, &comparison.sites_of_head));
        judge.new_grants(&matcher, Some(&before), &after)
    }));
    for row in &comparison.groups {
        findings.extend(groups::judge_change(policy, &matcher, row, comparison, library));
    }
    findings.extend(related::judge_change(policy, comparison, library));
    findings.extend(lint::of_change(policy, comparison, library));
    findings.extend(gate::judge_entered(policy, comparison, library));
    findings
}

/// Judges one state: all findings.
pub fn judge_audit<'l>(policy: &'l Policy, audit: &Audit<'l>, library: &Library) -> Vec<Finding<'l>> {
    judge_state(policy, audit, None, library)
}

/// As `judge_audit`; where a base is given, classes are those of the holders it has.
fn judge_state<'l>(
    policy: &'l Policy,
    audit: &Audit<'l>,
    base: Option<&Audit<'l>>,
    library: &Library,
) -> Vec<Finding<'l>> {
    let matcher = Matcher::new(policy, library.names());
    let of_holder = |holder| {
        let judge = Judge::new(policy, holder, library, None, true);
        let holding = Holding::declared(holder, audience(holder, None, &audit.sites));
        let mut grants = judge.all_grants(&matcher, &holding);
        if is_administrator(holder) || judge.classes.contains(&Class::Admin) {
            grants = judge.as_one(grants);
        }
        grants.into_iter().chain(judge.logins(None)).collect::<Vec<_>>()
    };
    let holders = audit.holders.iter().flat_map(of_holder);
    let groups = audit.groups.iter().flat_map(|group| groups::judge_audit(policy, &matcher, group, library));
    let related = related::judge_audit(policy, audit, base, library);
    holders.chain(groups).chain(related).chain(lint::of_audit(policy, audit, library)).collect()
}

/// What rules about a whole snapshot say of head and did not of base: for `check --full`.
pub fn judge_snapshots<'l>(
    policy: &'l Policy,
    base: &Audit<'l>,
    head: &Audit<'l>,
    library: &Library,
) -> Vec<Finding<'l>> {
    let of = |audit: &Audit<'l>| {
        let mut findings = judge_state(policy, audit, Some(base), library);
        policy.waive(&mut findings);
        let unused = judge_unused(policy, &findings);
        findings.retain(|finding| finding.rule.scope == Scope::Snapshot);
        findings.extend(unused);
        findings
    };
    let old: HashSet<String> = of(base).into_iter().map(|finding| finding.fingerprint).collect();
    let new = of(head).into_iter().filter(|finding| !old.contains(&finding.fingerprint));
    new.map(|finding| Finding { state: Some(State::New), ..finding }).collect()
}

/// Everything a finding of one holder needs.
pub(super) struct Judge<'a, 'l> {
    pub(super) policy: &'l Policy,
    pub(super) rules: &'l [Rule],
    /// The classes of the holder.
    pub(super) classes: Vec<Class>,
    pub(super) holder: &'a Holder<'l>,
    pub(super) library: &'a Library,
    pub(super) state: Option<State>,
}

impl<'a, 'l> Judge<'a, 'l> {
    /// For one holder. One that a change brings is of no class, whatever its name.
    pub(super) fn new(
        policy: &'l Policy,
        holder: &'a Holder<'l>,
        library: &'a Library,
        state: Option<State>,
        known: bool,
    ) -> Self {
        let classes = if known { policy.config.classes(holder.kind, holder.name) } else { Vec::new() };
        Self { policy, rules: &policy.rules, classes, holder, library, state }
    }

    /// Whether a rule is about such a holder.
    pub(super) fn applies(&self, rule: &Rule) -> bool {
        rule.matching.is_for(self.holder.kind, &self.classes)
    }

    /// Findings about what `head` holds and `base` did not.
    pub(super) fn new_grants(
        &self,
        matcher: &Matcher<'_>,
        base: Option<&Holding<'l>>,
        head: &Holding<'l>,
    ) -> Vec<Finding<'l>> {
        let before = base.map(|base| self.interest(matcher, base));
        let after = self.interest(matcher, head);
        let combinations = self.combinations(matcher, before.as_ref(), &after);
        let old = before.iter().flat_map(|before| self.matches(before));
        let old = old.flat_map(|(grant, rules)| rules.into_iter().map(move |rule| (rule, grant.entry.key)));
        let old: HashSet<(usize, Key)> = old.collect();
        // All is new where those who use a profile are people further out.
        let exposed = base.is_some_and(|base| base.audience() < head.audience());
        let grants = self.grants(self.matches(&after), |rule, key| exposed || !old.contains(&(rule, key)));
        combination::absorb(self.policy, combinations, grants)
    }

    /// Findings about all a holder holds.
    pub(super) fn all_grants(&self, matcher: &Matcher<'_>, holding: &Holding<'l>) -> Vec<Finding<'l>> {
        let interest = self.interest(matcher, holding);
        let combinations = self.combinations(matcher, None, &interest);
        combination::absorb(self.policy, combinations, self.grants(self.matches(&interest), |_, _| true))
    }

    /// The rules about grants that a holder is of interest to, and the grants they may be about.
    fn interest(&self, matcher: &Matcher<'_>, holding: &Holding<'l>) -> Interest<'l> {
        let about_grants = |matching: &Match| {
            matches!(matching.what, What::Grants | What::Combination(_) | What::Unmodelled | What::Conflicting)
                && holding.is_seen_by(matching)
        };
        let live = matcher.live(&holding.facts(&self.classes), about_grants);
        let tested = holding.tested(matcher, &live);
        let (combinations, single) = live.into_iter().partition(|live| self.rules[live.rule].matching.is_combination());
        Interest { single, combinations, tested }
    }

    /// On administrators, by identity or by class: one finding for all grants, but for what a waiver tells apart.
    fn as_one(&self, findings: Vec<Finding<'l>>) -> Vec<Finding<'l>> {
        let is_open = |finding: &Finding<'l>| {
            let about: Vec<&str> = finding.keys.iter().map(String::as_str).collect();
            self.policy.waiver(finding.rule, &finding.subject, &about).is_none()
        };
        let (open, mut rest): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_open);
        let worst = open.iter().max_by_key(|finding| (finding.rule.severity, std::cmp::Reverse(&finding.rule.id)));
        let Some(worst) = worst.filter(|_| open.len() > 1) else {
            rest.extend(open);
            return rest;
        };
        let keys: BTreeSet<&String> = open.iter().flat_map(|finding| &finding.keys).collect();
        let keys: Vec<String> = keys.into_iter().cloned().collect();
        let rules = open.iter().flat_map(|finding| [finding.rule.id.as_str()].into_iter().chain(finding.also.clone()));
        let also: BTreeSet<&str> = rules.filter(|rule| *rule != worst.rule.id).collect();
        let fingerprint = self.fingerprint(worst.rule, &self.holder.definitions[0].main(), "");
        let also = also.into_iter().collect();
        let mut one = Finding { keys, also, fingerprint, folded: open.clone(), ..worst.clone() };
        one.message = format!(
            "{} is for administrators and holds {} that are risky elsewhere: {}",
            message::named(self.holder.kind.describe(), self.holder.name),
            crate::text::count(one.keys.len(), "grant"),
            message::keys(&one.keys_worst_first()),
        );
        rest.push(one);
        rest
    }

    /// The grants that rules are about, each with these rules.
    fn matches(&self, interest: &Interest<'l>) -> Vec<(Grant<'l>, Vec<usize>)> {
        let of = |tested: &Tested<'l>| {
            let wants = |live: &&Live| match self.rules[live.rule].matching.what {
                What::Unmodelled => tested.unmodelled,
                What::Conflicting => tested.conflicting,
                _ => tested.passed.as_ref().is_some_and(|passed| live.wants(passed)),
            };
            let rules: Vec<usize> = interest.single.iter().filter(wants).map(|live| live.rule).collect();
            (!rules.is_empty()).then_some((tested.grant, rules))
        };
        interest.tested.iter().filter_map(of).collect()
    }

    /// One finding a grant: the most severe rule reports, the others are named.
    fn grants(&self, matched: Vec<(Grant<'l>, Vec<usize>)>, is_new: impl Fn(usize, Key) -> bool) -> Vec<Finding<'l>> {
        let names = self.library.names();
        let mut reports: BTreeMap<(usize, Option<Key>), Vec<Report<'l>>> = BTreeMap::new();
        for (grant, rules) in matched {
            let key = grant.entry.key;
            let new = rules.iter().copied().filter(|rule| is_new(*rule, key));
            let Some(winner) = new.max_by_key(|rule| self.rank(*rule)) else {
                continue;
            };
            let rule = &self.rules[winner];
            let together = rule.matching.aggregates() && !self.policy.config.declares_sensitive(key, names);
            let text = grant_key(grant.entry, names);
            // What is accepted and what is not are told apart.
            let waiver = self.policy.waiver(rule, &self.subject(), &[&text]);
            let same = reports.entry((winner, (!together).then_some(key))).or_default();
            let at = same.iter().position(|report| same_waiver(report.waiver, waiver)).unwrap_or(same.len());
            if at == same.len() {
                same.push(Report { waiver, ..Report::default() });
            }
            same[at].grants.push((text, grant));
            same[at].also.extend(rules.into_iter().filter(|rule| *rule != winner));
        }
        let found = reports.into_iter().flat_map(|((rule, _), same)| {
            let split = same.len() > 1;
            same.into_iter().map(move |report| (rule, split, report))
        });
        found.map(|(rule, split, report)| self.finding(rule, report, split)).collect()
    }

    /// The most severe rule reports; of equals one for holders of this class, which knows more about them.
    fn rank(&self, rule: usize) -> (Severity, bool, std::cmp::Reverse<usize>) {
        let Rule { severity, matching, .. } = &self.rules[rule];
        (*severity, !matching.condition.class.is_empty(), std::cmp::Reverse(rule))
    }

    fn finding(&self, rule: usize, mut report: Report<'l>, split: bool) -> Finding<'l> {
        // By the printed key: the order of interned keys is not that of any text.
        report.grants.sort_by(|a, b| a.0.cmp(&b.0));
        report.also.sort_unstable();
        report.also.dedup();
        let rule = &self.rules[rule];
        let first = report.grants[0].1;
        let names: Vec<String> =
            report.grants.iter().map(|(_, grant)| self.library.names().name(grant.entry.spelling).to_owned()).collect();
        let keys: Vec<String> = report.grants.into_iter().map(|(key, _)| key).collect();
        let also = report.also.into_iter().map(|rule| self.rules[rule].id.as_str()).collect();
        // Of the parts of one finding that which is not accepted keeps its fingerprint.
        let accepted = report.waiver.filter(|_| split && keys.len() > 1).and_then(|waiver| waiver.grant.as_deref());
        let mut finding = Finding { also, ..self.about_grants(rule, &first, keys, &names) };
        if let Some(grant) = accepted {
            finding.fingerprint = self.fingerprint(rule, &first.file, grant);
        }
        finding
    }

    /// A finding about grants, at the first of them.
    pub(super) fn about_grants(
        &self,
        rule: &'l Rule,
        first: &Grant<'l>,
        keys: Vec<String>,
        names: &[String],
    ) -> Finding<'l> {
        let span = Span { start: first.entry.decided_at, end: first.entry.block.end };
        let message = self.message(rule, &keys, names);
        let subject = if let [key] = keys.as_slice() { key } else { "" };
        let finding = self.about_element(rule, first.file, span, &[], subject);
        Finding { message, keys, about: Vec::new(), ..finding }
    }

    /// A finding about an element of a file. `about`: element and value, the last part of the fingerprint.
    pub(super) fn about_element(
        &self,
        rule: &'l Rule,
        file: HolderFile<'l>,
        span: Span,
        names: &[String],
        about: &str,
    ) -> Finding<'l> {
        Finding {
            rule,
            state: self.state,
            subject: self.subject(),
            keys: Vec::new(),
            about: vec![about.to_owned()],
            path: &file.file.path,
            bytes: &file.parsed.bytes,
            span,
            message: self.message(rule, &[], names),
            fingerprint: self.fingerprint(rule, &file, about),
            also: Vec::new(),
            waiver: None,
            folded: Vec::new(),
            gone: None,
        }
    }

    pub(super) fn subject(&self) -> Subject<'l> {
        Subject { kind: SubjectKind::Holder(self.holder.kind), name: self.holder.name, label: self.holder.label() }
    }

    pub(super) fn message(&self, rule: &Rule, grants: &[String], names: &[String]) -> String {
        self.message_of(rule, grants, names, &[])
    }

    /// As `message`, with what a lint says of each.
    pub(super) fn message_of(&self, rule: &Rule, grants: &[String], names: &[String], details: &[String]) -> String {
        let holder = message::named(self.holder.kind.describe(), self.holder.name);
        message::fill(&rule.message, &Filling { holder: &holder, grants, names, details })
    }

    /// Where several files define the holder, the package directory tells them apart.
    pub(super) fn fingerprint(&self, rule: &Rule, file: &HolderFile<'_>, subject: &str) -> String {
        let package = self.library.package(&file.file.path).filter(|_| self.holder.definitions.len() > 1);
        let name = match package {
            Some(package) => format!("{package}/{}", self.holder.name),
            None => self.holder.name.to_owned(),
        };
        fingerprint(&rule.id, self.holder.kind.as_str(), &name, subject)
    }
}

/// What rules about grants look at in one holder.
pub(super) struct Interest<'l> {
    /// Rules about single grants.
    single: Vec<Live>,
    /// Rules about combinations.
    pub(super) combinations: Vec<Live>,
    /// The grants that some of these rules may be about.
    pub(super) tested: Vec<Tested<'l>>,
}

fn same_waiver(one: Option<&Waiver>, other: Option<&Waiver>) -> bool {
    one.map(std::ptr::from_ref) == other.map(std::ptr::from_ref)
}

/// What becomes one finding.
#[derive(Default)]
struct Report<'l> {
    grants: Vec<(String, Grant<'l>)>,
    also: Vec<usize>,
    waiver: Option<&'l Waiver>,
}
