//! What a holder holds, as rules look at it.

use std::rc::Rc;

use crate::access::{Audience, Gate, Grant, Holder, is_standard_profile};
use crate::delta::GroupAccess;
use crate::policy::matcher::{Bits, Live, Matcher};
use crate::policy::{Class, Facts, Match, On};
use crate::source::HolderKind;

/// What a holder holds, as rules look at it.
pub(super) struct Holding<'l> {
    kind: HolderKind,
    standard: bool,
    gate: Gate,
    /// Of a profile.
    audience: Option<Audience>,
    /// Sorted by key, each once.
    grants: Vec<Grant<'l>>,
    /// Whether its own files state them, or its members'.
    own: bool,
}

/// A grant that some rule may be about.
pub(super) struct Tested<'l> {
    pub(super) grant: Grant<'l>,
    /// The tests of grant patterns that it passes.
    pub(super) passed: Option<Rc<Bits>>,
    /// Whether it is outside the modelled sections.
    pub(super) unmodelled: bool,
    /// Whether another entry of its file denies it.
    pub(super) conflicting: bool,
}

impl<'l> Holding<'l> {
    /// Of a set or profile: its users get just what its files state, patterns aside.
    pub(super) fn declared(holder: &Holder<'l>, audience: Option<Audience>) -> Self {
        Self {
            kind: holder.kind,
            standard: is_standard_profile(holder),
            gate: holder.gate(),
            audience,
            grants: holder.grants(),
            own: true,
        }
    }

    /// Of a group: what its members hold and it does not mute.
    pub(super) fn united(group: &GroupAccess<'l>) -> Self {
        let effective = &group.effective;
        let mut grants: Vec<Grant<'l>> = Vec::new();
        for source in effective.sources() {
            let again = grants.last().is_some_and(|last| last.entry.key == source.key());
            if !again && effective.muting(source.key()).is_none() {
                grants.push(source.grant);
            }
        }
        let kind = HolderKind::PermissionSetGroup;
        Self { kind, standard: false, gate: effective.gate, audience: None, grants, own: false }
    }

    /// The grants that some of these rules may be about, sorted by key.
    pub(super) fn tested(&self, matcher: &Matcher<'_>, live: &[Live]) -> Vec<Tested<'l>> {
        let of_interest = matcher.of_interest(live);
        let tested = self.grants.iter().filter_map(|grant| {
            let key = grant.entry.key;
            let passed = matcher.tests(key).filter(|passed| passed.meets(&of_interest));
            let unmodelled = !key.section().is_known_section();
            let conflicting = grant.file.parsed.conflicting.contains(&key);
            (passed.is_some() || unmodelled || conflicting).then_some(Tested {
                grant: *grant,
                passed,
                unmodelled,
                conflicting,
            })
        });
        tested.collect()
    }

    /// What rules know of the holder.
    pub(super) fn facts<'a>(&self, classes: &'a [Class]) -> Facts<'a> {
        Facts { kind: self.kind, standard: self.standard, classes, audience: self.audience, gate: self.gate }
    }

    /// Who uses it; profiles only.
    pub(super) fn audience(&self) -> Option<Audience> {
        self.audience
    }

    /// Whether a rule looks at such grants: one about what files state says nothing of groups.
    pub(super) fn is_seen_by(&self, matching: &Match) -> bool {
        self.own || matching.on == On::Effective
    }
}
