//! The effective delta: what users of an assignable holder gain and lose, with the derivation of each gain.
//!
//! States are judged by what a holder *may* confer. A **gain** is in may(head) and not in must(base), and
//! something its derivation in head rests on is new or muted by less: so removing a muting entry always shows,
//! and an unrelated edit, or one that only takes away or mutes, never does.

mod candidates;
mod classes;
mod paths;

pub use paths::Step;
pub(crate) use paths::{Party, Seat};

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::access::{Access, Effective, Gate, Reading, Relations, access_key, is_visibility};
use crate::delta::effective::candidates::Touched;
use crate::metadata::{NameId, Names};

/// How a key came to be conferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GainClass {
    /// It was not conferred before.
    New,
    /// Written anew, and called for or given by a key that was held before.
    Implied,
    /// It was muted before.
    Unmuted,
    /// It was conferred in activated sessions only.
    GateRemoved,
    /// The holder was not there before.
    NewHolder,
}

/// How a key ceased to be conferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LossClass {
    /// Head's files revoke it.
    Removed,
    /// It is muted now.
    Muted,
    /// It is conferred in activated sessions only.
    GateAdded,
    /// Head's files no longer say so; deploying them does not revoke it.
    Undeclared,
}

impl GainClass {
    /// The word reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Implied => "implied",
            Self::Unmuted => "unmuted",
            Self::GateRemoved => "gate-removed",
            Self::NewHolder => "new-holder",
        }
    }
}

impl LossClass {
    /// The word reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Muted => "muted",
            Self::GateAdded => "gate-added",
            Self::Undeclared => "undeclared",
        }
    }
}

/// A key conferred in head.
#[derive(Debug, Clone)]
pub struct Gained<'l> {
    /// What is conferred.
    pub access: Access,
    /// The spelling of the name in it.
    pub name: NameId,
    /// When it works, in head.
    pub gate: Gate,
    /// How it came.
    pub class: GainClass,
    /// Whether the holder was without it before. It was not where a held broader key gave it already.
    pub is_gain: bool,
    /// Its derivations in head, each from the holder down to an entry.
    pub paths: Vec<Vec<Step<'l>>>,
}

/// A key no longer conferred.
#[derive(Debug, Clone, Copy)]
pub struct Lost {
    /// What was conferred.
    pub access: Access,
    /// The spelling of the name in it.
    pub name: NameId,
    /// When it worked, in base.
    pub gate: Gate,
    /// How it went.
    pub class: LossClass,
}

/// A key conferred on both sides, by other paths.
#[derive(Debug, Clone)]
pub struct Moved<'l> {
    /// What is conferred.
    pub access: Access,
    /// The spelling of the name in it.
    pub name: NameId,
    /// When it works.
    pub gate: Gate,
    /// Its derivations in head.
    pub paths: Vec<Vec<Step<'l>>>,
}

/// A member whose grants are not known.
#[derive(Debug, Clone)]
pub struct Unknown<'l> {
    /// The member and the element that names it.
    pub step: Step<'l>,
    /// Whether base named it too, and did not know it either.
    pub unchanged: bool,
}

/// What the users of one assignable holder gain and lose.
#[derive(Debug, Clone, Default)]
pub struct EffectiveDelta<'l> {
    /// Conferred now.
    pub gained: Vec<Gained<'l>>,
    /// Conferred before.
    pub lost: Vec<Lost>,
    /// Conferred on both sides, by other paths.
    pub moved: Vec<Moved<'l>>,
    /// Members of head whose grants are not known.
    pub unknown: Vec<Unknown<'l>>,
    /// Whether it worked only in activated sessions, and now always works.
    pub gate_removed: bool,
}

impl EffectiveDelta<'_> {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.gained.is_empty()
            && self.lost.is_empty()
            && self.moved.is_empty()
            && self.unknown.iter().all(|unknown| unknown.unchanged)
            && !self.gate_removed
    }
}

impl Gained<'_> {
    /// As a grant key.
    pub fn key(&self, names: &Names) -> String {
        access_key(self.access, names.name(self.name), names)
    }

    /// Whether it lets its users do more: tabs, applications and record types only show more.
    pub fn is_access(&self) -> bool {
        !matches!(self.access, Access::Key(key) if is_visibility(key))
    }
}

/// Compares what a holder confers on two sides.
pub(crate) fn compare<'l>(
    base: Option<&Party<'_, 'l>>,
    head: Option<&Party<'_, 'l>>,
    relations: &Relations<'_>,
) -> EffectiveDelta<'l> {
    let mut delta = EffectiveDelta { unknown: unknown(base, head), ..EffectiveDelta::default() };
    let gates = base.zip(head).map(|(base, head)| (base.effective.gate, head.effective.gate));
    delta.gate_removed = gates == Some((Gate::Session, Gate::AlwaysOn));
    let touched = Touched::between(base.map(|party| party.effective), head.map(|party| party.effective), relations);
    let comparison = Comparison { base, head, relations, touched: &touched, left: OnceCell::new() };
    for (access, name) in touched.candidates(gates.is_some_and(|(base, head)| base != head)) {
        comparison.place(access, name, &mut delta);
    }
    delta
}

fn unknown<'l>(base: Option<&Party<'_, 'l>>, head: Option<&Party<'_, 'l>>) -> Vec<Unknown<'l>> {
    // A group can name a hundred thousand.
    let before: HashSet<_> = base.iter().flat_map(|party| party.unknown).map(|seat| &seat.identity).collect();
    let seats = head.iter().flat_map(|party| party.unknown);
    seats.map(|seat| Unknown { unchanged: before.contains(&seat.identity), step: seat.step }).collect()
}

/// The two sides while each candidate is put where it belongs.
struct Comparison<'a, 'l> {
    base: Option<&'a Party<'a, 'l>>,
    head: Option<&'a Party<'a, 'l>>,
    relations: &'a Relations<'a>,
    touched: &'a Touched,
    /// What head may confer beyond its files, once it was asked for.
    left: OnceCell<Option<Effective<'l>>>,
}

impl<'l> Comparison<'_, 'l> {
    fn confers(&self, party: Option<&Party<'_, 'l>>, access: Access, reading: Reading) -> bool {
        party.is_some_and(|party| party.effective.confers(access, reading, self.relations))
    }

    fn place(&self, access: Access, name: NameId, delta: &mut EffectiveDelta<'l>) {
        let before = self.confers(self.base, access, Reading::May);
        match self.head.filter(|_| self.confers(self.head, access, Reading::May)) {
            Some(head) => {
                let gained = self.gain(access);
                if let Some((class, is_gain)) = gained {
                    let paths = head.paths(access, self.relations);
                    let gate = head.effective.gate;
                    delta.gained.push(Gained { access, name, gate, class, is_gain, paths });
                }
                if before {
                    self.kept(access, name, head, gained.is_some(), delta);
                }
            }
            None if before => delta.lost.extend(self.loss(access).map(|class| {
                let gate = self.base.map_or(Gate::AlwaysOn, |party| party.effective.gate);
                Lost { access, name, gate, class }
            })),
            None => {}
        }
    }

    /// A key on both sides: behind a gate now, by other paths, or just the same.
    fn kept(
        &self,
        access: Access,
        name: NameId,
        head: &Party<'_, 'l>,
        is_listed: bool,
        delta: &mut EffectiveDelta<'l>,
    ) {
        let Some(base) = self.base else { return };
        let gate = head.effective.gate;
        if base.effective.gate != gate {
            if gate == Gate::Session {
                delta.lost.push(Lost { access, name, gate: base.effective.gate, class: LossClass::GateAdded });
            }
        } else if !is_listed && self.touched.has(access) && !base.shares_a_path(head, access, self.relations) {
            delta.moved.push(Moved { access, name, gate, paths: head.paths(access, self.relations) });
        }
    }
}
