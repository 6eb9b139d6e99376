//! Findings about files that are no holders: a changed assigner, and what flows do with sets.

use std::collections::{BTreeMap, HashSet};

use crate::access::Holder;
use crate::delta::{Audit, Comparison, Library, RelatedPair, RelatedView, Snapshot};
use crate::metadata::{Named, Relation};
use crate::policy::message::{self, Filling};
use crate::policy::{Finding, Gone, Policy, Rule, State, Subject, SubjectKind, What};
use crate::policy::{activation, fingerprint, flows, open};
use crate::source::HolderKind;
use crate::text::{Span, clip};

/// What a rule about related files looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// A policy, delegation or site that names a holder changes.
    AssignmentChanged,
    /// A flow names a set that the snapshot does not have.
    MissingSet,
    /// A flow names a set that needs no activation.
    UngatedSet,
    /// A flow activates a session-based set or group, and did not before: of a change only.
    NewlyActivated,
    /// A flow's action names no set.
    NoSet,
    /// A flow activates and deactivates.
    BothActions,
    /// A flow does either outside a user's session.
    Asynchronous,
    /// Which set a flow names is known at run time only.
    UnknownSet,
    /// Nothing in the snapshot activates a session-based set or group.
    NeverActivated,
    /// Only the set that a flow activates lets its users run the flow.
    BehindOwnSet,
    /// Guests or external users may run a flow that activates a set.
    OpenToOutsiders,
    /// What a session-based set or group grants, others grant in every session.
    OpenElsewhere,
}

/// Something a rule may look for, at its place.
#[derive(Debug)]
pub(super) struct Hit<'l> {
    pub(super) fact: Fact,
    pub(super) subject: Subject<'l>,
    /// Element and value: the last part of the fingerprint.
    pub(super) about: String,
    pub(super) path: &'l str,
    pub(super) bytes: &'l [u8],
    pub(super) span: Span,
    /// For `{grant}`, where it is about no key.
    pub(super) grant: String,
    /// Grant keys it is about, sorted.
    pub(super) keys: Vec<String>,
    /// For `{names}`.
    pub(super) names: Vec<String>,
    /// What head no longer says.
    pub(super) gone: Option<Gone<'l>>,
}

/// What is new about related files in head.
pub(super) fn judge_change<'l>(policy: &'l Policy, comparison: &Comparison<'l>, library: &Library) -> Vec<Finding<'l>> {
    let namespace = library.namespace();
    let pairs = || comparison.related.iter();
    let before = pairs().flat_map(|pair| flows::hits(&pair.base, &comparison.named_in_base, namespace));
    let after = pairs().flat_map(|pair| flows::hits(&pair.head, &comparison.named_in_head, namespace));
    // Whether the set had its gate then does not matter.
    let activated = pairs().flat_map(|pair| flows::activations(&pair.base)).map(|hit| hit.identity());
    let old: HashSet<(Fact, String, String)> = before.map(|hit| hit.identity()).chain(activated).collect();
    let new = after.filter(|hit| !old.contains(&hit.identity()));
    let assigned = comparison.related.iter().flat_map(assignments);
    findings(&policy.rules, new.chain(assigned), Some(State::New))
}

/// What is to be said about related files, and session-based holders, as they stand.
///
/// With a base, a set that it does not have is not yet what the policy says of it.
pub(super) fn judge_audit<'l>(
    policy: &'l Policy,
    audit: &Audit<'l>,
    base: Option<&Audit<'l>>,
    library: &Library,
) -> Vec<Finding<'l>> {
    let has_sets = audit.holders.iter().any(|holder| holder.kind == HolderKind::PermissionSet);
    let may_be_named = |kind| matches!(kind, HolderKind::PermissionSet | HolderKind::PermissionSetGroup);
    let holders = audit.holders.iter().filter(|holder| may_be_named(holder.kind)).cloned().collect();
    let snapshot = Snapshot::new(holders, has_sets);
    let mut hits: Vec<Hit<'l>> =
        audit.related.iter().flat_map(|pair| flows::hits(&pair.head, &snapshot, library.namespace())).collect();
    let outside = |holder: &Holder<'l>| policy.config.is_activated(holder.kind, holder.name);
    hits.extend(flows::never_activated(audit, library.namespace(), &outside));
    hits.extend(activation::hits(audit, library));
    if policy.rules.iter().any(|rule| is_about(rule, Fact::OpenElsewhere)) {
        let known = |holder: &Holder<'l>| {
            let same =
                |old: &Holder<'l>| old.kind == holder.kind && old.name.to_lowercase() == holder.name.to_lowercase();
            base.is_none_or(|base| base.holders.iter().any(same))
        };
        let component = |holder: &Holder<'l>| policy.is_component(holder.kind, holder.name) && known(holder);
        hits.extend(open::elsewhere(audit, library, &component));
    }
    hits.retain(|hit| hit.fact != Fact::NewlyActivated);
    findings(&policy.rules, hits, None)
}

fn is_about(rule: &Rule, fact: Fact) -> bool {
    matches!(rule.matching.what, What::Related(related) if related == fact)
}

impl Hit<'_> {
    fn identity(&self) -> (Fact, String, String) {
        (
            self.fact,
            format!("{}/{}", self.subject.kind.as_str(), self.subject.name.to_lowercase()),
            self.about.to_lowercase(),
        )
    }
}

/// One finding for each rule and hit; hits of one identity are one.
fn findings<'l>(rules: &'l [Rule], hits: impl IntoIterator<Item = Hit<'l>>, state: Option<State>) -> Vec<Finding<'l>> {
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for hit in hits.into_iter().filter(|hit| seen.insert(hit.identity())) {
        let rules = rules.iter().filter(|rule| is_about(rule, hit.fact));
        found.extend(rules.map(|rule| finding(rule, &hit, state)));
    }
    found
}

fn finding<'l>(rule: &'l Rule, hit: &Hit<'l>, state: Option<State>) -> Finding<'l> {
    let subject = hit.subject;
    let holder = message::named(subject.kind.describe(), subject.name);
    let grants = if hit.keys.is_empty() { vec![hit.grant.clone()] } else { hit.keys.clone() };
    Finding {
        rule,
        state,
        subject,
        keys: hit.keys.clone(),
        about: if hit.keys.is_empty() { vec![hit.about.clone()] } else { Vec::new() },
        path: hit.path,
        bytes: hit.bytes,
        span: hit.span,
        message: message::fill(
            &rule.message,
            &Filling { holder: &holder, grants: &grants, names: &hit.names, details: &[] },
        ),
        fingerprint: fingerprint(&rule.id, subject.kind.as_str(), subject.name, &hit.about),
        also: Vec::new(),
        waiver: None,
        folded: Vec::new(),
        gone: hit.gone,
    }
}

/// The holders that a changed assigner names, on either side, each once.
fn assignments<'l>(pair: &RelatedPair<'l>) -> Vec<Hit<'l>> {
    let assigners = |views: &[RelatedView<'l>]| -> Option<Vec<_>> {
        views.iter().map(|view| Some((*view, view.related.assigner()?))).collect()
    };
    // Of a head that could not be read nothing is claimed; a problem says so.
    let (true, Some(head)) = (pair.kind.is_assigner(), assigners(&pair.head)) else { return Vec::new() };
    let base = assigners(&pair.base).unwrap_or_default();
    let meanings = |side: &[(RelatedView<'l>, &'l crate::metadata::Assigner)]| -> Vec<&'l Vec<String>> {
        side.iter().map(|(_, assigner)| &assigner.meaning).collect()
    };
    if meanings(&head) == meanings(&base) && !head.is_empty() && !base.is_empty() {
        return Vec::new();
    }
    let mut named: BTreeMap<(HolderKind, String), Mention<'l>> = BTreeMap::new();
    let sides = head.iter().map(|one| (true, one)).chain(base.iter().map(|one| (false, one)));
    for (in_head, (view, assigner)) in sides {
        for name in &assigner.names {
            let key = (name.kind, name.name.to_lowercase());
            let mention = named.entry(key).or_insert_with(|| Mention { in_head, view: *view, name, relations: vec![] });
            if mention.in_head == in_head && !mention.relations.contains(&name.relation) {
                mention.relations.push(name.relation);
            }
        }
    }
    // What only base says is shown where head would say it, as long as there is such a file.
    let anchor = head.first().map(|(view, assigner)| (*view, assigner.root));
    named.into_values().map(|mention| mention.hit(anchor)).collect()
}

/// What an assigner says about one holder.
struct Mention<'l> {
    in_head: bool,
    view: RelatedView<'l>,
    name: &'l Named,
    relations: Vec<Relation>,
}

impl<'l> Mention<'l> {
    fn hit(self, anchor: Option<(RelatedView<'l>, Span)>) -> Hit<'l> {
        let own = (self.view, self.name.span);
        let base = &self.view;
        let gone = Gone { path: &base.file.path, bytes: &base.related.bytes, span: self.name.span };
        let (view, span) = if self.in_head { own } else { anchor.unwrap_or(own) };
        let file = view.file;
        Hit {
            fact: Fact::AssignmentChanged,
            subject: Subject { kind: SubjectKind::Holder(self.name.kind), name: &self.name.name, label: None },
            about: format!("{}/{}", file.kind.as_str(), file.name),
            path: &file.path,
            bytes: &view.related.bytes,
            span,
            grant: format!("{} {}", file.kind.describe(), clip(&file.name)),
            keys: Vec::new(),
            names: self.relations.iter().map(|relation| says(*relation, self.in_head).to_owned()).collect(),
            gone: Some(gone).filter(|_| !self.in_head),
        }
    }
}

/// What an assigner does with a holder, as the end of a sentence that begins with the assigner.
fn says(relation: Relation, still: bool) -> &'static str {
    match (relation, still) {
        (Relation::Grants, true) => "may assign it",
        (Relation::Grants, false) => "no longer assigns it",
        (Relation::Revokes, true) => "may take it away",
        (Relation::Revokes, false) => "no longer takes it away",
        (Relation::Delegates, true) => "lets delegated administrators assign it",
        (Relation::Delegates, false) => "no longer lets delegated administrators assign it",
        (Relation::Administers, true) => "lets its users assign permission sets",
        (Relation::Administers, false) => "no longer lets its users assign permission sets",
        (Relation::Admits, true) => "makes its users members",
        (Relation::Admits, false) => "no longer makes its users members",
        (Relation::Registers, true) => "may give it to people who register themselves",
        (Relation::Registers, false) => "no longer gives it to people who register themselves",
        (Relation::Guests, true) => "gives it to its guests",
        (Relation::Guests, false) => "no longer gives it to its guests",
    }
}
