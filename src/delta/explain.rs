//! How what a finding is about comes to be: the derivations on each side of the holder it names.

use std::collections::{BTreeSet, HashMap};

use crate::access::{Access, Effective, Gate, Holder, Relations};
use crate::delta::confer::{Confer, GroupAccess};
use crate::delta::derive::Derivation;
use crate::delta::effective::{Party, Step};
use crate::delta::plan::{Identity, Plan};
use crate::delta::who::{Assignable, Candidates, Who};
use crate::delta::{Library, Side, groups, pairs};
use crate::source::HolderKind;

/// What a finding is about.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Kind of the holder.
    pub kind: HolderKind,
    /// Its API name.
    pub name: &'a str,
    /// Grant keys.
    pub keys: &'a [String],
    /// Elements and their values, as `permissionSets/X`.
    pub about: &'a [String],
}

/// One holder on the sides there are.
#[derive(Debug, Clone, Default)]
pub struct Explained<'l> {
    /// In base; `None` if there is none, or it does not have the holder.
    pub base: Option<Account<'l>>,
    /// In head; `None` if it does not have the holder.
    pub head: Option<Account<'l>>,
}

/// What one side says.
#[derive(Debug, Clone)]
pub struct Account<'l> {
    /// The holder.
    pub holder: Assignable<'l>,
    /// The element that decides whether it needs activation, if there is one.
    pub flag: Option<Step<'l>>,
    /// What confers or mutes the keys, and what is not known.
    pub who: Who<'l>,
    /// Keys that nothing confers.
    pub without: Vec<String>,
    /// Members in question.
    pub members: Vec<MemberAccount<'l>>,
}

/// A member of a group and its own gate.
#[derive(Debug, Clone)]
pub struct MemberAccount<'l> {
    /// The element that names it.
    pub step: Step<'l>,
    /// Its own gate; `None` if it is not known.
    pub gate: Option<Gate>,
    /// The element that decides that.
    pub flag: Option<Step<'l>>,
}

/// Derives what a finding is about, on both sides of a plan that was read.
pub fn explain<'l>(plan: &Plan<'l>, library: &'l Library, question: Question<'_>) -> Explained<'l> {
    let explainer = Explainer { plan, library, relations: Relations::new(library.names()), question };
    if question.kind == HolderKind::PermissionSetGroup {
        let group = groups::all(plan, library).remove(&question.name.to_lowercase());
        let mut confer = Confer::new(plan, library);
        let (base, head) = group.map_or((None, None), |group| confer.of_rosters(group));
        let parties = [base.as_ref().map(GroupAccess::party), head.as_ref().map(GroupAccess::party)];
        let mut explained = explainer.both(parties);
        for (side, account, group) in
            [(Side::Base, &mut explained.base, &base), (Side::Head, &mut explained.head, &head)]
        {
            if let (Some(account), Some(group)) = (account, group) {
                account.members = explainer.members(side, group);
            }
        }
        return explained;
    }
    let identity = (question.kind, question.name.to_lowercase());
    let [base, head] = [Side::Base, Side::Head].map(|side| explainer.holder(side, &identity));
    let alone = |holder: &Holder<'l>| Effective::new(holder.gate(), &[(0, &holder.grants())], Vec::new());
    let [before, after] = [base.as_ref().map(alone), head.as_ref().map(alone)];
    let party = |holder, effective| Some(Party::alone(holder, effective));
    let base = base.as_ref().zip(before.as_ref()).and_then(|(holder, effective)| party(holder, effective));
    let head = head.as_ref().zip(after.as_ref()).and_then(|(holder, effective)| party(holder, effective));
    explainer.both([base, head])
}

struct Explainer<'a, 'l> {
    plan: &'a Plan<'l>,
    library: &'l Library,
    relations: Relations<'l>,
    question: Question<'a>,
}

impl<'l> Explainer<'_, 'l> {
    fn holder(&self, side: Side, identity: &Identity) -> Option<Holder<'l>> {
        pairs::holder(identity.0, self.plan.files(identity)?.of(side), self.library)
    }

    fn both(&self, parties: [Option<Party<'_, 'l>>; 2]) -> Explained<'l> {
        // What base does not hold is written in head, and the other way round.
        let mut accesses: HashMap<String, Access> = HashMap::new();
        for party in parties.iter().flatten() {
            let candidates = Candidates::of(party.effective, &self.relations);
            for (access, key) in candidates.keys() {
                accesses.entry(key.to_lowercase()).and_modify(|other| *other = access.min(*other)).or_insert(access);
            }
        }
        let [base, head] = parties.map(|party| party.map(|party| self.account(&party, &accesses)));
        Explained { base, head }
    }

    fn account(&self, party: &Party<'_, 'l>, accesses: &HashMap<String, Access>) -> Account<'l> {
        let holder = Assignable::of(party.holder);
        let (mut who, mut without) = (Who::default(), Vec::new());
        for key in self.question.keys {
            let access = accesses.get(&key.to_lowercase());
            let derivation = access.map(|access| Derivation::of(party, *access, |_| true, &self.relations));
            let derivation = derivation.unwrap_or_default();
            if derivation.ways.is_empty() && derivation.stopped.is_empty() {
                without.push(key.clone());
            }
            who.add(holder, key, derivation);
        }
        if !self.question.keys.is_empty() {
            who.doubt(party, holder);
        }
        Account { holder, flag: flag(party.holder), who, without, members: Vec::new() }
    }

    /// The members that the finding is about, each once.
    fn members(&self, side: Side, group: &GroupAccess<'l>) -> Vec<MemberAccount<'l>> {
        let asked: BTreeSet<String> = self.question.about.iter().map(|about| about.to_lowercase()).collect();
        let is_asked = |element: &str, name: &str| asked.contains(&format!("{element}/{name}").to_lowercase());
        let members = group.roster.members.iter();
        let members = members.filter(|member| is_asked(&member.element.name, member.name));
        members
            .map(|member| {
                let holder = self.holder(side, &member.identity()).filter(|holder| !holder.broken());
                MemberAccount {
                    step: Step::of_member(member),
                    gate: holder.as_ref().map(Holder::gate),
                    flag: holder.as_ref().and_then(flag),
                }
            })
            .collect()
    }
}

/// The element that decides a holder's gate.
fn flag<'l>(holder: &Holder<'l>) -> Option<Step<'l>> {
    let definitions = &holder.definitions;
    let open = definitions.iter().find(|definition| !definition.requires_activation()).unwrap_or(&definitions[0]);
    let (file, flag) = open.property("hasActivationRequired")?;
    Some(Step {
        kind: holder.kind,
        name: &file.file.name,
        path: &file.file.path,
        bytes: &file.parsed.bytes,
        at: flag.span.start,
    })
}
