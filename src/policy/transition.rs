//! Findings about a session gate that is gone.

use crate::access::{Definition, Gate, Holder};
use crate::policy::judge::Judge;
use crate::policy::{Change, Finding, Gone, Rule};

impl<'l> Judge<'_, 'l> {
    /// Findings about the way from base to head.
    pub(super) fn transitions(&self, base: &Holder<'l>) -> Vec<Finding<'l>> {
        // What a broken file says of the gate is not known.
        let gate_removed =
            base.gate() == Gate::Session && self.holder.gate() == Gate::AlwaysOn && !self.holder.broken();
        let rules =
            self.rules.iter().filter(|rule| gate_removed && rule.is_about(Change::GateRemoved) && self.applies(rule));
        rules.map(|rule| self.transition(rule, base)).collect()
    }

    fn transition(&self, rule: &'l Rule, base: &Holder<'l>) -> Finding<'l> {
        let definitions = &self.holder.definitions;
        let open = definitions.iter().find(|definition| !definition.requires_activation()).unwrap_or(&definitions[0]);
        let flag = |of: &Definition<'l>| of.property("hasActivationRequired").map(|(file, flag)| (file, flag.span));
        let (file, span) = flag(open).unwrap_or((open.main(), open.main().parsed.root));
        let gone = Some(base).filter(|_| flag(open).is_none()).and_then(|base| flag(Gone::twin(open, base)?));
        let gone = gone.map(|(file, span)| Gone::of(file, span));
        Finding { gone, ..self.about_element(rule, file, span, &[], "hasActivationRequired/false") }
    }
}
