//! A finding and its derivations with their lines.

use std::collections::HashMap;

use crate::access::Gate;
use crate::delta::{Account, Assignable, Explained};
use crate::metadata::Names;
use crate::policy::{self, Config, Rule};
use crate::report::build::{Builder, rule_text};
use crate::report::{AccountText, Explanation, MemberText};

/// All there is to say about one finding.
pub fn of_finding<'l>(
    finding: policy::Finding<'l>,
    rule: &Rule,
    explained: &Explained<'l>,
    names: &Names,
    config: &'l Config,
) -> Explanation {
    let mut builder = Builder::new(names, Some(config));
    let order: HashMap<String, usize> =
        finding.keys_worst_first().into_iter().enumerate().map(|(at, key)| (key, at)).collect();
    let mut account = |account: &Account<'l>| {
        let mut text = builder.account(account);
        text.matches.sort_by_key(|conferred| order.get(&conferred.grant).copied());
        text
    };
    Explanation {
        base: explained.base.as_ref().map(&mut account),
        head: explained.head.as_ref().map(&mut account),
        rule: rule_text(rule),
        finding: builder.finding(finding),
    }
}

impl<'l> Builder<'_, 'l> {
    fn account(&mut self, account: &Account<'l>) -> AccountText {
        let Assignable { kind, name, label, gate, .. } = account.holder;
        let mut members = Vec::with_capacity(account.members.len());
        for member in &account.members {
            members.push(MemberText {
                step: self.step(&member.step),
                gate: member.gate.map(Gate::as_str),
                flag: member.flag.as_ref().map(|flag| self.step(flag)),
            });
        }
        members.sort_by(|a, b| a.step.cmp(&b.step));
        AccountText {
            kind: kind.as_str(),
            name: name.to_owned(),
            label: label.map(str::to_owned),
            gate: gate.as_str(),
            flag: account.flag.as_ref().map(|flag| self.step(flag)),
            matches: self.matches(&account.who),
            muted: self.muted(&account.who),
            unknown: self.unknown(&account.who),
            without: account.without.clone(),
            members,
        }
    }
}
