//! What the assignable holders of each side confer: sets and profiles by themselves, groups with their members.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::access::{Definition, Effective, Gate, Grant, Holder, HolderFile, Relations, Source};
use crate::delta::effective::{self, EffectiveDelta, Party, Seat, Step};
use crate::delta::groups::{Group, Member, Roster};
use crate::delta::plan::{Identity, Plan};
use crate::delta::{Library, Side, manifests, pairs};
use crate::metadata::{Held, Key};
use crate::source::HolderKind;
use crate::text::Span;

/// What a group of one snapshot confers.
#[derive(Debug, Clone)]
pub struct GroupAccess<'l> {
    /// The group and whom it names.
    pub roster: Roster<'l>,
    /// What its users get.
    pub effective: Effective<'l>,
    /// Whether its members hold more than is united in one run: what its users get is then not known.
    pub too_large: bool,
    /// Members that require session activation by themselves.
    pub gated: Vec<Member<'l>>,
    /// For each member number of `effective` its place in the group.
    pub(crate) seats: Vec<Option<Seat<'l>>>,
    /// Members whose grants are not known.
    pub(crate) unknown: Vec<Seat<'l>>,
    /// Whether what some member grants or mutes is not certain: several files define it, or one contradicts itself.
    pub(crate) doubtful: bool,
    /// Its muting sets, each with its main file.
    mutings: Vec<(Identity, HolderFile<'l>)>,
}

impl<'l> GroupAccess<'l> {
    /// Where head shows that less is muted than in `base`: the muting set that mutes less, or else the group.
    pub fn muting_place(&self, base: &Self) -> (HolderFile<'l>, Span) {
        let mutes_less = |(identity, file): &&(Identity, HolderFile<'l>)| {
            base.mutings.iter().any(|(other, was)| other == identity && !was.same_content(file))
        };
        let muting = self.mutings.iter().find(mutes_less).map(|(_, file)| *file);
        let file = muting.unwrap_or_else(|| self.roster.holder.definitions[0].main());
        (file, file.parsed.root)
    }

    /// Where this state mutes what `head` does not: the element that names a muting set, or an entry of one.
    pub fn muted_place(&self, head: &Self) -> Option<(HolderFile<'l>, Span)> {
        let named =
            |member: &&Member<'l>| head.roster.members.iter().any(|other| other.identity() == member.identity());
        let mut members = self.roster.of_kind(HolderKind::MutingPermissionSet);
        if let Some(member) = members.find(|member| !named(member)) {
            return Some((member.file, member.element.span));
        }
        let muted: BTreeSet<Key> = head.effective.muted().iter().map(|grant| grant.entry.key).collect();
        let freed = self.effective.muted().iter().filter(|grant| !muted.contains(&grant.entry.key));
        let first = freed.min_by_key(|grant| (&grant.file.file.path, grant.entry.decided_at))?;
        Some((first.file, Span { start: first.entry.decided_at, end: first.entry.block.end }))
    }

    /// The members that hold an entry: the file it is in, and the offset of the element that decides it.
    pub fn members_with(&self, path: &str, at: u32) -> Vec<&Member<'l>> {
        let is_it = |source: &&Source<'l>| source.grant.entry.decided_at == at && source.grant.file.file.path == path;
        let holding = self.effective.sources().iter().filter(is_it);
        let seats = holding.filter_map(|source| self.seats.get(source.member as usize)?.as_ref());
        let member = |seat: &Seat<'l>| {
            let at = |member: &&Member<'l>| {
                (member.file.file.path.as_str(), member.element.span.start) == (seat.step.path, seat.step.at)
            };
            self.roster.members.iter().find(at)
        };
        seats.filter_map(member).collect()
    }

    /// Whether it has such a member, known or not.
    pub fn names(&self, member: &Member<'l>) -> bool {
        self.roster.members.iter().any(|own| own.is_same(member))
    }

    /// Whether what some member grants is not known.
    pub fn has_unknown(&self) -> bool {
        !self.unknown.is_empty()
    }

    pub(crate) fn party(&self) -> Party<'_, 'l> {
        Party {
            holder: &self.roster.holder,
            effective: &self.effective,
            seats: &self.seats,
            unknown: &self.unknown,
            denied: Vec::new(),
            deleted: false,
        }
    }
}

/// Most grants united for all groups of a run. The largest org seen needs a hundredth; without a limit a thousand
/// groups that name one big set would take all memory.
const MOST_UNITED: usize = 50_000_000;

/// A holder that groups name, and what it grants or mutes.
struct Known<'l> {
    main: HolderFile<'l>,
    doubtful: bool,
    gate: Gate,
    grants: Vec<Grant<'l>>,
}

/// Reads members once, however many groups name them.
pub(crate) struct Confer<'p, 'l> {
    plan: &'p Plan<'l>,
    library: &'l Library,
    relations: Relations<'l>,
    /// `None` for a member that is not in the snapshot or could not be read.
    known: HashMap<(Side, Identity), Option<Known<'l>>>,
    /// Grants united so far.
    united: usize,
}

impl<'p, 'l> Confer<'p, 'l> {
    pub(crate) fn new(plan: &'p Plan<'l>, library: &'l Library) -> Self {
        Self { plan, library, relations: Relations::new(library.names()), known: HashMap::new(), united: 0 }
    }

    /// The delta of a set or profile.
    pub(crate) fn of_holder(&self, base: Option<&Holder<'l>>, head: Option<&Holder<'l>>) -> EffectiveDelta<'l> {
        let alone = |holder: Option<&Holder<'l>>| {
            let holder = holder.filter(|holder| !holder.broken())?;
            Some(Effective::new(holder.gate(), &[(0, &holder.grants())], Vec::new()))
        };
        let (before, after) = (alone(base), alone(head));
        let before = before.as_ref().zip(base).map(|(effective, holder)| self.party(effective, holder));
        let after = after.as_ref().zip(head).map(|(effective, holder)| self.party(effective, holder));
        effective::compare(before.as_ref(), after.as_ref(), &self.relations)
    }

    fn party<'a>(&self, effective: &'a Effective<'l>, holder: &'a Holder<'l>) -> Party<'a, 'l> {
        let deleted = self.deletes(holder);
        Party { holder, effective, seats: &[], unknown: &[], denied: denied(holder), deleted }
    }

    fn deletes(&self, holder: &Holder<'_>) -> bool {
        manifests::deletes(self.plan, self.library, holder.kind, &holder.name.to_lowercase())
    }

    /// The delta of a group.
    pub(crate) fn of_group(
        &self,
        base: Option<&GroupAccess<'l>>,
        head: Option<&GroupAccess<'l>>,
    ) -> EffectiveDelta<'l> {
        let readable = |group: Option<&GroupAccess<'l>>| group.filter(|group| !group.roster.holder.broken()).is_some();
        let deleted = base.is_some_and(|group| self.deletes(&group.roster.holder));
        let before = base.filter(|_| readable(base)).map(|group| Party { deleted, ..group.party() });
        let after = head.filter(|_| readable(head)).map(|group| Party { deleted, ..group.party() });
        effective::compare(before.as_ref(), after.as_ref(), &self.relations)
    }

    /// What a group confers on both sides; members have the same numbers on both.
    pub(crate) fn of_rosters(&mut self, group: Group<'l>) -> (Option<GroupAccess<'l>>, Option<GroupAccess<'l>>) {
        let rosters = || group.base.iter().chain(&group.head);
        let sets: BTreeSet<Identity> =
            rosters().flat_map(|roster| roster.of_kind(HolderKind::PermissionSet).map(Member::identity)).collect();
        let numbers: BTreeMap<Identity, u32> = sets.into_iter().zip(0..).collect();
        let base = group.base.map(|roster| self.group(Side::Base, roster, &numbers));
        let head = group.head.map(|roster| self.group(Side::Head, roster, &numbers));
        (base, head)
    }

    fn group(&mut self, side: Side, roster: Roster<'l>, numbers: &BTreeMap<Identity, u32>) -> GroupAccess<'l> {
        for member in &roster.members {
            self.learn(side, member);
        }
        let mut seats: Vec<Option<Seat<'l>>> = vec![None; numbers.len()];
        let (mut unknown, mut gated, mut mutings, mut doubtful) = (Vec::new(), Vec::new(), Vec::new(), false);
        let (mut members, mut muted): (Vec<(u32, &[Grant<'l>])>, Vec<Grant<'l>>) = (Vec::new(), Vec::new());
        for member in &roster.members {
            let seat = seat(member);
            let identity = member.identity();
            let known = self.known.get(&self.place(side, identity.clone())).and_then(Option::as_ref);
            match (known, numbers.get(&identity)) {
                (None, _) => unknown.push(seat),
                (Some(known), Some(number)) => {
                    doubtful |= known.doubtful;
                    members.push((*number, &known.grants));
                    seats[*number as usize] = Some(seat);
                    if known.gate == Gate::Session {
                        gated.push(member.clone());
                    }
                }
                (Some(known), None) => {
                    doubtful |= known.doubtful;
                    muted.extend(&known.grants);
                    mutings.push((identity, known.main));
                }
            }
        }
        self.united += members.iter().map(|(_, grants)| grants.len()).sum::<usize>();
        let too_large = self.united > MOST_UNITED;
        if too_large {
            members.clear();
        }
        let effective = Effective::new(roster.holder.gate(), &members, muted);
        GroupAccess { too_large, effective, seats, unknown, gated, doubtful, mutings, roster }
    }

    /// A holder that is the same on both sides is kept once.
    fn place(&self, side: Side, identity: Identity) -> (Side, Identity) {
        let side = if self.plan.same.contains_key(&identity) { Side::Head } else { side };
        (side, identity)
    }

    fn learn(&mut self, side: Side, member: &Member<'l>) {
        let place = self.place(side, member.identity());
        if self.known.contains_key(&place) {
            return;
        }
        let files = self.plan.files(&place.1);
        let holder = files.and_then(|files| pairs::holder_on(place.0, member.kind, files, self.library));
        let holder = holder.filter(|holder| !holder.broken());
        let known = holder.map(|holder| Known {
            main: holder.definitions[0].main(),
            doubtful: is_doubtful(&holder),
            gate: holder.gate(),
            grants: match member.kind {
                HolderKind::MutingPermissionSet => mutes(&holder),
                _ => holder.grants(),
            },
        });
        self.known.insert(place, known);
    }
}

fn is_doubtful(holder: &Holder<'_>) -> bool {
    let mut files = holder.definitions.iter().flat_map(Definition::files);
    holder.definitions.len() > 1 || files.any(|file| !file.parsed.conflicting.is_empty())
}

/// What a muting set mutes: of several definitions, what all of them do.
pub(crate) fn mutes<'l>(holder: &Holder<'l>) -> Vec<Grant<'l>> {
    let mut runs = holder.counted().map(Definition::mutes);
    let first = runs.next().unwrap_or_default();
    let rest: Vec<BTreeSet<Key>> = runs.map(|run| run.iter().map(|grant| grant.entry.key).collect()).collect();
    first.into_iter().filter(|grant| rest.iter().all(|keys| keys.contains(&grant.entry.key))).collect()
}

fn denied(holder: &Holder<'_>) -> Vec<Key> {
    if holder.kind != HolderKind::Profile {
        return Vec::new();
    }
    let stated = holder.counted().flat_map(Definition::stated);
    let mut keys: Vec<Key> = stated.filter(|grant| grant.entry.held == Held::No).map(|grant| grant.entry.key).collect();
    keys.sort_unstable();
    keys
}

fn seat<'l>(member: &Member<'l>) -> Seat<'l> {
    Seat { identity: member.identity(), step: Step::of_member(member) }
}

impl<'l> Step<'l> {
    /// The place where a group names a member.
    pub(crate) fn of_member(member: &Member<'l>) -> Self {
        Self {
            kind: member.kind,
            name: member.name,
            path: &member.file.file.path,
            bytes: &member.file.parsed.bytes,
            at: member.element.span.start,
        }
    }
}
