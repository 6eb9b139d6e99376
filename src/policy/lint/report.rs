//! From lints to findings: by rule, without those that base has, several of one holder together.

use std::collections::{BTreeMap, HashSet};

use crate::access::Holder;
use crate::delta::{Around, Audit, Comparison, Library};
use crate::policy::judge::Judge;
use crate::policy::lint::members::Known;
use crate::policy::lint::project::ProjectLint;
use crate::policy::lint::{Lint, LintKind, Surroundings, of_holder, of_project};
use crate::policy::message::{self, Filling};
use crate::policy::{Finding, Policy, Rule, Scope, State, Subject, SubjectKind, What, fingerprint};

/// All lints of a snapshot.
pub(crate) fn of_audit<'l>(policy: &'l Policy, audit: &Audit<'l>, library: &Library) -> Vec<Finding<'l>> {
    let project = audit.around.project();
    let members = Known::of(audit.around.head, project);
    let around = Surroundings { names: library.names(), project, members: &members };
    let reporter = Reporter { policy, library, state: None };
    let mut findings = reporter.of_project(&audit.around);
    for holder in &audit.holders {
        findings.extend(reporter.of_holder(holder, of_holder(holder, &around)));
    }
    findings
}

/// Lints that are new in head.
pub(crate) fn of_change<'l>(policy: &'l Policy, comparison: &Comparison<'l>, library: &Library) -> Vec<Finding<'l>> {
    let around = &comparison.around;
    let (names, project) = (library.names(), around.project());
    let after = Known::of(around.head, project);
    let before = around.base.map_or_else(|| Known::of(around.head, project), |base| Known::of(base, project));
    let on = |members| Surroundings { names, project, members };
    let reporter = Reporter { policy, library, state: Some(State::New) };
    let mut findings = reporter.of_project(around);
    let same = around.same_groups.iter().map(|group| (Some(group), group));
    let changed = comparison.pairs.iter().filter_map(|(base, head)| Some((base.as_ref(), head.as_ref()?)));
    for (base, head) in changed.chain(same) {
        let mut lints = of_holder(head, &on(&after));
        if lints.is_empty() {
            continue;
        }
        let old: HashSet<(LintKind, String)> = base
            .map(|base| of_holder(base, &on(&before)))
            .unwrap_or_default()
            .into_iter()
            .map(|lint| (lint.kind, lint.about.to_lowercase()))
            .collect();
        lints.retain(|lint| !old.contains(&(lint.kind, lint.about.to_lowercase())));
        findings.extend(reporter.of_holder(head, lints));
    }
    findings
}

struct Reporter<'a, 'l> {
    policy: &'l Policy,
    library: &'a Library,
    state: Option<State>,
}

impl<'l> Reporter<'_, 'l> {
    fn rules_for(&self, kind: LintKind) -> impl Iterator<Item = &'l Rule> + use<'l> {
        // A change is not judged by rules about whole snapshots.
        let is_change = self.state.is_some();
        self.policy.rules.iter().filter(move |rule| {
            matches!(rule.matching.what, What::Lint(lint) if lint == kind)
                && !(is_change && rule.scope == Scope::Snapshot)
        })
    }

    fn of_holder(&self, holder: &Holder<'l>, lints: Vec<Lint<'l>>) -> Vec<Finding<'l>> {
        let mut groups: BTreeMap<(LintKind, usize), Vec<Lint<'l>>> = BTreeMap::new();
        for (index, lint) in lints.into_iter().enumerate() {
            let together = lint.kind.aggregates();
            groups.entry((lint.kind, if together { 0 } else { index })).or_default().push(lint);
        }
        let mut findings = Vec::new();
        for ((kind, _), mut lints) in groups {
            lints.sort_by(|a, b| {
                (&a.about, &a.file.file.path, a.span.start).cmp(&(&b.about, &b.file.file.path, b.span.start))
            });
            // A key can be odd in the same way at several places.
            lints.dedup_by(|later, first| later.about == first.about);
            findings.extend(self.rules_for(kind).map(|rule| self.finding(rule, holder, &lints)));
        }
        findings
    }

    fn finding(&self, rule: &'l Rule, holder: &Holder<'l>, lints: &[Lint<'l>]) -> Finding<'l> {
        let first = &lints[0];
        let about: Vec<String> = lints.iter().map(|lint| lint.about.clone()).collect();
        let names: Vec<String> = lints.iter().map(|lint| lint.name.clone()).collect();
        let details: Vec<String> = lints.iter().map(|lint| lint.detail.clone()).collect();
        let judge = Judge::new(self.policy, holder, self.library, self.state, false);
        let subject = if let [one] = about.as_slice() { one.as_str() } else { "" };
        Finding {
            message: judge.message_of(rule, &about, &names, &details),
            about: about.iter().zip(lints).filter(|(_, lint)| !lint.is_key).map(|(about, _)| about.clone()).collect(),
            keys: lints.iter().filter(|lint| lint.is_key).map(|lint| lint.about.clone()).collect(),
            ..judge.about_element(rule, first.file, first.span, &[], subject)
        }
    }

    fn of_project(&self, around: &Around<'l>) -> Vec<Finding<'l>> {
        let lints = of_project(around);
        lints.iter().flat_map(|lint| self.rules_for(lint.kind).map(|rule| self.project_finding(rule, lint))).collect()
    }

    fn project_finding(&self, rule: &'l Rule, lint: &ProjectLint<'l>) -> Finding<'l> {
        let holder = format!("Project file {}", lint.path);
        let details = [lint.detail.clone()];
        let filling = Filling { holder: &holder, grants: &[], names: &lint.files, details: &details };
        Finding {
            rule,
            state: self.state,
            subject: Subject { kind: SubjectKind::Project, name: lint.path, label: None },
            path: lint.path,
            bytes: lint.bytes,
            span: lint.span,
            message: message::fill(&rule.message, &filling),
            fingerprint: fingerprint(&rule.id, SubjectKind::Project.as_str(), lint.path, &lint.about),
            about: vec![lint.about.clone()],
            keys: Vec::new(),
            also: Vec::new(),
            waiver: None,
            folded: Vec::new(),
            gone: None,
        }
    }
}
