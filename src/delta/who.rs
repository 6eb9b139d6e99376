//! Who confers a grant: for `who`, every assignable holder of one snapshot.
//!
//! States are those of effective access: members united, muting subtracted, closure added. What muting
//! removes is listed beside what is conferred, with the muting set's line.

mod candidates;
mod wanted;

pub use wanted::{Unnamed, Wanted, wanted};

use crate::access::{Effective, Gate, Holder, Relations};
use crate::delta::derive::{Derivation, Stopped, Way};
use crate::delta::effective::{Party, Step};
use crate::delta::{Audit, Library};
use crate::source::HolderKind;
pub(crate) use candidates::Candidates;
use wanted::Target;

/// An assignable holder, as reports name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignable<'l> {
    /// What it is.
    pub kind: HolderKind,
    /// Its API name.
    pub name: &'l str,
    /// Its label.
    pub label: Option<&'l str>,
    /// Its first file.
    pub path: &'l str,
    /// When its grants work.
    pub gate: Gate,
}

/// A grant that a holder confers, by one held key.
#[derive(Debug, Clone)]
pub struct Conferred<'l> {
    /// The holder.
    pub holder: Assignable<'l>,
    /// What it confers, as a grant key.
    pub grant: String,
    /// How.
    pub way: Way<'l>,
}

/// A grant that a group would confer but for muting.
#[derive(Debug, Clone)]
pub struct Muted<'l> {
    /// The group.
    pub holder: Assignable<'l>,
    /// What it would confer, as a grant key.
    pub grant: String,
    /// What stops it.
    pub stopped: Stopped<'l>,
}

/// Why it is not known whether a holder confers a grant.
#[derive(Debug, Clone)]
pub struct NotKnown<'l> {
    /// The holder.
    pub holder: Assignable<'l>,
    /// The member that is not in the snapshot or could not be read; `None` if that is the holder itself.
    pub member: Option<Step<'l>>,
}

/// The answer of `who`.
#[derive(Debug, Clone, Default)]
pub struct Who<'l> {
    /// What is conferred.
    pub conferred: Vec<Conferred<'l>>,
    /// What is muted, or perhaps muted.
    pub muted: Vec<Muted<'l>>,
    /// What is not known.
    pub unknown: Vec<NotKnown<'l>>,
}

/// Which assignable holders confer what is wanted.
pub fn who<'l>(audit: &Audit<'l>, wanted: &Wanted, library: &'l Library) -> Who<'l> {
    let relations = Relations::new(library.names());
    let mut who = Who::default();
    for holder in &audit.holders {
        if !matches!(holder.kind, HolderKind::PermissionSet | HolderKind::Profile) {
            continue;
        }
        let effective = Effective::new(holder.gate(), &[(0, &holder.grants())], Vec::new());
        who.ask(&Party::alone(holder, &effective), wanted, &relations);
    }
    for group in &audit.groups {
        who.ask(&group.party(), wanted, &relations);
    }
    who
}

impl<'l> Who<'l> {
    fn ask(&mut self, party: &Party<'_, 'l>, wanted: &Wanted, relations: &Relations<'_>) {
        let holder = Assignable::of(party.holder);
        let before = self.conferred.len();
        for target in &wanted.targets {
            match target {
                Target::Grant { access, key } => {
                    self.add(holder, key, Derivation::of(party, *access, |_| true, relations));
                }
                Target::Pattern(pattern) => {
                    let candidates = Candidates::of(party.effective, relations);
                    for (access, key) in candidates.met_by(pattern) {
                        let keep = |from| candidates.keeps(access, from);
                        self.add(holder, &key, Derivation::of(party, access, keep, relations));
                    }
                }
            }
        }
        // A muting set that is not known can only take away.
        let conferred = self.conferred.len() > before;
        let known = self.unknown.len();
        self.doubt(party, holder);
        let matters = |unknown: &NotKnown<'_>| {
            conferred || unknown.member.is_none_or(|member| member.kind != HolderKind::MutingPermissionSet)
        };
        let doubts = self.unknown.split_off(known);
        self.unknown.extend(doubts.into_iter().filter(matters));
    }

    /// What is not known about a holder.
    pub(crate) fn doubt(&mut self, party: &Party<'_, 'l>, holder: Assignable<'l>) {
        if party.holder.broken() {
            self.unknown.push(NotKnown { holder, member: None });
        }
        let of = |step| NotKnown { holder, member: Some(step) };
        self.unknown.extend(party.unknown.iter().map(|seat| of(seat.step)));
    }

    pub(crate) fn add(&mut self, holder: Assignable<'l>, grant: &str, derivation: Derivation<'l>) {
        let of = |way| Conferred { holder, grant: grant.to_owned(), way };
        self.conferred.extend(derivation.ways.into_iter().map(of));
        let of = |stopped| Muted { holder, grant: grant.to_owned(), stopped };
        self.muted.extend(derivation.stopped.into_iter().map(of));
    }
}

impl<'l> Assignable<'l> {
    pub(crate) fn of(holder: &Holder<'l>) -> Self {
        let path = holder.definitions[0].main().file.path.as_str();
        Self { kind: holder.kind, name: holder.name, label: holder.label(), path, gate: holder.gate() }
    }
}

impl<'a, 'l> Party<'a, 'l> {
    /// A set or profile of one snapshot.
    pub(crate) fn alone(holder: &'a Holder<'l>, effective: &'a Effective<'l>) -> Self {
        Self { holder, effective, seats: &[], unknown: &[], denied: Vec::new(), deleted: false }
    }
}
