//! How a key came or went.

use crate::access::{Access, Effective, Gate, Reading, contributors, derivations};
use crate::delta::effective::{Comparison, GainClass, LossClass, Party};
use crate::metadata::Key;
use crate::source::HolderKind;

impl<'l> Comparison<'_, 'l> {
    /// The class of a key that head confers, and whether it is a gain; `None` if it was there before.
    pub(super) fn gain(&self, access: Access) -> Option<(GainClass, bool)> {
        let (Some(base), Some(head)) = (self.base, self.head) else { return Some((GainClass::NewHolder, true)) };
        if !self.confers(self.base, access, Reading::Must) && self.is_opened(access) {
            let class = match access {
                _ if self.was_muted(access) => GainClass::Unmuted,
                Access::Key(key) if self.is_called_for(key) => GainClass::Implied,
                _ => GainClass::New,
            };
            return Some((class, true));
        }
        if base.effective.gate == Gate::Session && head.effective.gate == Gate::AlwaysOn {
            return Some((GainClass::GateRemoved, true));
        }
        match access {
            Access::Key(key) if self.was_given(key) => Some((GainClass::Implied, false)),
            _ => None,
        }
    }

    /// Whether something that can confer it in head is new there, or muted by less than it was. What is only
    /// taken away or muted by more adds nothing, whichever way muting works.
    fn is_opened(&self, access: Access) -> bool {
        let (Some(base), Some(head)) = (self.base, self.head) else { return false };
        contributors(access, self.relations).into_iter().any(|key| {
            let held = |member: u32| base.effective.sources_of(key).iter().any(|source| source.member == member);
            let now = head.effective.sources_of(key);
            !now.is_empty()
                && !head.effective.is_muted(key, Reading::May, self.relations)
                && (now.iter().any(|source| !held(source.member)) || self.is_muted_less(key))
        })
    }

    /// Whether base had it but for muting that is less in head.
    fn was_muted(&self, access: Access) -> bool {
        let (Some(base), Some(head)) = (self.base, self.head) else { return false };
        contributors(access, self.relations).into_iter().any(|key| {
            !base.effective.sources_of(key).is_empty()
                && !head.effective.is_muted(key, Reading::May, self.relations)
                && self.is_muted_less(key)
        })
    }

    /// Whether something that mutes a key in base, by itself or by what the key requires, does not in head.
    fn is_muted_less(&self, key: Key) -> bool {
        let (Some(base), Some(head)) = (self.base, self.head) else { return false };
        !base.muted_keys(key, self.relations).is_subset(&head.muted_keys(key, self.relations))
    }

    /// Whether a key is newly written and required by one that is held on both sides.
    fn is_called_for(&self, key: Key) -> bool {
        self.is_newly_written(key) && self.relations.requirements.requirers(key).any(|requirer| self.stays(requirer))
    }

    /// Whether a key is newly written and given by broader ones that are held on both sides.
    fn was_given(&self, key: Key) -> bool {
        let broader = || derivations(Access::Key(key), self.relations).into_iter().filter(|broader| *broader != key);
        self.is_newly_written(key) && broader().any(|broader| self.stays(broader))
    }

    fn is_newly_written(&self, key: Key) -> bool {
        let (Some(base), Some(head)) = (self.base, self.head) else { return false };
        base.effective.sources_of(key).is_empty() && !head.effective.sources_of(key).is_empty()
    }

    /// Whether a key is held before and after.
    fn stays(&self, key: Key) -> bool {
        let (Some(base), Some(head)) = (self.base, self.head) else { return false };
        base.effective.holds(key, Reading::Must, self.relations)
            && head.effective.holds(key, Reading::May, self.relations)
    }

    /// The class of a key that base conferred and head does not; `None` where that is not known.
    pub(super) fn loss(&self, access: Access) -> Option<LossClass> {
        let base = self.base?;
        let Some(head) = self.head else {
            return Some(if base.deleted { LossClass::Removed } else { LossClass::Undeclared });
        };
        if self.may_be_left(base, head).is_some_and(|left| left.confers(access, Reading::May, self.relations)) {
            return (head.holder.kind == HolderKind::Profile).then_some(LossClass::Undeclared);
        }
        let muted = |key: &Key| {
            !head.effective.sources_of(*key).is_empty() && head.effective.is_muted(*key, Reading::May, self.relations)
        };
        if contributors(access, self.relations).iter().any(muted) {
            return Some(LossClass::Muted);
        }
        let is_hidden = head.holder.kind != HolderKind::Profile && head.hides(access, self.relations);
        Some(if is_hidden { LossClass::Undeclared } else { LossClass::Removed })
    }

    /// What head may confer beyond its files; `None` if they leave nothing open.
    fn may_be_left(&self, base: &Party<'_, 'l>, head: &Party<'_, 'l>) -> Option<&Effective<'l>> {
        let left = self.left.get_or_init(|| {
            let open = base.left_open_by(head);
            (!open.is_empty()).then(|| head.effective.with(open.into_iter()))
        });
        left.as_ref()
    }
}
