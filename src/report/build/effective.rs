//! Effective deltas with their lines.

use crate::access::{Access, access_key, is_visibility};
use crate::delta::{self, EffectiveDelta};
use crate::metadata::NameId;
use crate::report::build::Builder;
use crate::report::{Effective, EffectiveGain, EffectiveLoss, EffectiveMove, Step, UnknownMember};

impl<'l> Builder<'_, 'l> {
    pub(super) fn effective(&mut self, delta: &EffectiveDelta<'l>) -> Effective {
        let mut effective = Effective::default();
        for gained in &delta.gained {
            effective.gained.push(EffectiveGain {
                grant: self.grant(gained.access, gained.name),
                gate: gained.gate.as_str(),
                class: gained.class.as_str(),
                paths: self.paths(&gained.paths),
                is_gain: gained.is_gain,
                is_access: gained.is_access(),
            });
        }
        for lost in &delta.lost {
            effective.lost.push(EffectiveLoss {
                grant: self.grant(lost.access, lost.name),
                gate: lost.gate.as_str(),
                class: lost.class.as_str(),
                is_access: !matches!(lost.access, Access::Key(key) if is_visibility(key)),
            });
        }
        for moved in &delta.moved {
            let grant = self.grant(moved.access, moved.name);
            let paths = self.paths(&moved.paths);
            effective.moved.push(EffectiveMove { grant, gate: moved.gate.as_str(), paths });
        }
        for unknown in &delta.unknown {
            let Step { kind, name, path, line } = self.step(&unknown.step);
            let state = if unknown.unchanged { "unchanged" } else { "new" };
            effective.unknown.push(UnknownMember { kind, name, path, line, state });
        }
        effective.gained.sort_by(|a, b| a.grant.cmp(&b.grant));
        effective.lost.sort_by(|a, b| a.grant.cmp(&b.grant));
        effective.moved.sort_by(|a, b| a.grant.cmp(&b.grant));
        effective.unknown.sort_by(|a, b| (a.kind, &a.name, &a.path).cmp(&(b.kind, &b.name, &b.path)));
        effective
    }

    fn grant(&self, access: Access, name: NameId) -> String {
        access_key(access, self.names.name(name), self.names)
    }

    pub(super) fn paths(&mut self, paths: &[Vec<delta::Step<'l>>]) -> Vec<Vec<Step>> {
        let mut paths: Vec<Vec<Step>> =
            paths.iter().map(|path| path.iter().map(|step| self.step(step)).collect()).collect();
        paths.sort();
        paths
    }

    pub(super) fn step(&mut self, step: &delta::Step<'l>) -> Step {
        Step {
            kind: step.kind.as_str(),
            name: step.name.to_owned(),
            path: step.path.to_owned(),
            line: self.lines(step.bytes).line(step.at),
        }
    }
}
