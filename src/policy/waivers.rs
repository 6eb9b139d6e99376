//! Which findings waivers cover, and findings about the waivers themselves.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use crate::delta::Comparison;
use crate::policy::gate::{Told, about_policy};
use crate::policy::{
    Change, Config, Fact, Finding, Policy, PolicyFact, Rule, State, Subject, SubjectKind, Waiver, What,
};
use crate::text::{Span, clip, clip_middle};

/// The waivers that count, by rule and holder.
#[derive(Debug, Clone, Default)]
pub(super) struct Register {
    by_subject: HashMap<(String, String), Vec<usize>>,
}

impl Register {
    /// Of the waivers of a configuration, those that count on a day.
    pub(super) fn new(config: &Config, today: Date) -> Self {
        let mut register = Self::default();
        for (at, waiver) in config.waivers.iter().enumerate().filter(|(_, waiver)| waiver.counts(today)) {
            register.by_subject.entry((waiver.rule.clone(), waiver.holder.to_lowercase())).or_default().push(at);
        }
        register
    }
}

impl Policy {
    /// The waiver that covers all of these keys, or elements and values, of one subject.
    pub(super) fn waiver(&self, rule: &Rule, subject: &Subject<'_>, about: &[&str]) -> Option<&Waiver> {
        if self.register.by_subject.is_empty() {
            return None;
        }
        let holder = format!("{}:{}", subject.kind.as_str(), subject.name).to_lowercase();
        let waivers = self.register.by_subject.get(&(rule.id.clone(), holder))?;
        let mut waivers = waivers.iter().map(|at| &self.config.waivers[*at]);
        waivers.find(|waiver| {
            waiver.grant.is_none() || (!about.is_empty() && about.iter().all(|about| waiver.covers(about)))
        })
    }

    /// Whether waivers together cover a finding.
    pub fn covers(&self, finding: &Finding<'_>) -> bool {
        let covered = |about: &[&str]| self.waiver(finding.rule, &finding.subject, about).is_some();
        let about: Vec<&str> = finding.keys.iter().chain(&finding.about).map(String::as_str).collect();
        let one_by_one = matches!(finding.rule.matching.what, What::Grants | What::Unmodelled | What::Conflicting);
        covered(&about) || (one_by_one && about.iter().all(|one| covered(&[one])))
    }

    /// Marks what waivers cover. A finding about several things is covered only if one waiver covers them all; those
    /// about grants were told apart before.
    pub fn waive<'l>(&'l self, findings: &mut [Finding<'l>]) {
        for finding in findings.iter_mut().filter(|finding| !finding.rule.is_guarantee()) {
            let about: Vec<&str> = finding.keys.iter().chain(&finding.about).map(String::as_str).collect();
            finding.waiver = self.waiver(finding.rule, &finding.subject, &about);
        }
    }
}

/// Findings about the waivers of an audit: all that is wrong with them, and those that cover nothing.
pub fn judge_register<'l>(policy: &'l Policy, findings: &[Finding<'l>]) -> Vec<Finding<'l>> {
    let mut found = judge_each(policy, |_| true, None);
    found.extend(judge_unused(policy, findings));
    found
}

/// Waivers that cover none of all findings there are.
pub fn judge_unused<'l>(policy: &'l Policy, findings: &[Finding<'l>]) -> Vec<Finding<'l>> {
    let used: HashSet<*const Waiver> =
        findings.iter().filter_map(|finding| finding.waiver).map(std::ptr::from_ref).collect();
    let counting = policy.config.waivers.iter().filter(|waiver| waiver.counts(policy.today));
    let unused = counting.filter(|waiver| !used.contains(&std::ptr::from_ref::<Waiver>(waiver)));
    unused.flat_map(|waiver| of(policy, &policy.config, PolicyFact::WaiverUnused, waiver, waiver.span, "")).collect()
}

/// Findings about the waivers that a change touches: it is about their holder, or they are about what it brings.
pub fn judge_touched<'l>(
    policy: &'l Policy,
    comparison: &Comparison<'_>,
    findings: &[Finding<'l>],
) -> Vec<Finding<'l>> {
    let touched: HashSet<String> = comparison
        .holders
        .iter()
        .map(|row| (SubjectKind::Holder(row.kind), row.name))
        .chain(findings.iter().map(|finding| (finding.subject.kind, finding.subject.name)))
        .map(|(kind, name)| format!("{}:{}", kind.as_str(), name).to_lowercase())
        .collect();
    judge_each(policy, |waiver| touched.contains(&waiver.holder.to_lowercase()), Some(State::New))
}

fn judge_each<'l>(policy: &'l Policy, wanted: impl Fn(&Waiver) -> bool, state: Option<State>) -> Vec<Finding<'l>> {
    let mut found = Vec::new();
    for waiver in policy.config.waivers.iter().filter(|waiver| wanted(waiver)) {
        if let Some((why, span)) = &waiver.malformed {
            found.extend(of(policy, &policy.config, PolicyFact::WaiverMalformed, waiver, *span, why));
            continue;
        }
        if waiver.has_expired(policy.today) {
            let since = format!("its last day was {}", waiver.expires);
            found.extend(of(policy, &policy.config, PolicyFact::WaiverExpired, waiver, waiver.expires_at, &since));
        }
        if is_too_broad(policy, waiver) {
            found.extend(of(policy, &policy.config, PolicyFact::WaiverTooBroad, waiver, waiver.span, ""));
        }
    }
    for finding in &mut found {
        finding.state = state;
    }
    found
}

/// Without `grant` a waiver accepts whatever the rule will ever find there: too much, where that has no end.
fn is_too_broad(policy: &Policy, waiver: &Waiver) -> bool {
    let is_open = |rule: &Rule| match &rule.matching.what {
        What::Grants => {
            let mut grants = rule.matching.asked().flat_map(|one| &one.grants);
            grants.any(|grant| grant.literal().is_none())
        }
        What::Combination(_) | What::Muting(_) | What::Unmodelled | What::Conflicting => true,
        What::Related(fact) => *fact == Fact::OpenElsewhere,
        What::Change(changes) => changes.contains(&Change::Unmuted),
        _ => false,
    };
    let rule = policy.rules.iter().find(|rule| rule.id == waiver.rule);
    waiver.is_too_broad() || (waiver.grant.is_none() && rule.is_some_and(is_open))
}

/// Waivers that head has and the counting configuration has not, or not for so long. Those that would not count are
/// no request.
pub fn requested<'c>(counting: &Config, head: &'c Config, today: Date) -> Vec<&'c Waiver> {
    let mut known: HashMap<_, Date> = HashMap::new();
    for waiver in counting.waivers.iter().filter(|waiver| waiver.malformed.is_none()) {
        let last = known.entry(waiver.identity()).or_insert(waiver.expires);
        *last = waiver.expires.max(*last);
    }
    let is_new = |waiver: &&Waiver| known.get(&waiver.identity()).is_none_or(|expires| *expires < waiver.expires);
    head.waivers.iter().filter(|waiver| waiver.counts(today)).filter(is_new).collect()
}

/// Findings about the waivers a change asks for: each, and once more what would accept too much.
pub fn judge_requested<'l>(policy: &'l Policy, head: &'l Config, requested: &[&'l Waiver]) -> Vec<Finding<'l>> {
    let of_waiver = |waiver: &&'l Waiver| {
        let broad = is_too_broad(policy, waiver).then_some(PolicyFact::WaiverTooBroad);
        let facts = [PolicyFact::WaiverRequested].into_iter().chain(broad);
        facts.flat_map(|fact| of(policy, head, fact, waiver, waiver.span, "")).collect::<Vec<_>>()
    };
    requested.iter().flat_map(of_waiver).collect()
}

fn of<'l>(
    policy: &'l Policy,
    config: &'l Config,
    fact: PolicyFact,
    waiver: &Waiver,
    span: Span,
    why: &str,
) -> Vec<Finding<'l>> {
    let grant = waiver.grant.as_ref().map(|grant| format!(" of {}", clip_middle(grant))).unwrap_or_default();
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    let what = [format!("{}{grant} for {}{why}", clip(&waiver.rule), clip(&waiver.holder))];
    let rules = policy.rules.iter().filter(|rule| matches!(rule.matching.what, What::Policy(policy) if policy == fact));
    rules.map(|rule| about_policy(rule, config, span, &waiver.about(), Told::Clauses(&what))).collect()
}
