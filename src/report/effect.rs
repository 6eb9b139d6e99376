//! What the users of one holder gain and lose, sorted by how it comes.

use std::collections::{HashMap, HashSet};

use crate::policy::Severity;
use crate::report::{Holder, Report};
use crate::text::count;

/// Grants that come or go in the same way.
#[derive(Debug)]
pub(super) struct Change<'r> {
    /// How: a class of the JSON contract, or `session` for grants that work in activated sessions only.
    pub(super) class: &'static str,
    /// Grant keys.
    pub(super) keys: Vec<&'r str>,
}

/// A row of the table: a holder whose users can do more or less.
#[derive(Debug)]
pub(super) struct Effect<'r> {
    pub(super) holder: &'r Holder,
    /// Of the open findings about it, notes left out.
    pub(super) worst: Option<Severity>,
    pub(super) gains: Vec<Change<'r>>,
    pub(super) losses: Vec<Change<'r>>,
}

/// The severity of the worst open finding about a kind and name.
pub(super) type Worst<'r> = HashMap<(&'static str, &'r str), Severity>;

/// In which order a cell lists them.
const GAINS: [&str; 5] = ["gate-removed", "new-holder", "new", "unmuted", "session"];
const LOSSES: [&str; 4] = ["removed", "muted", "gate-added", UNDECLARED];

/// The class of what just no file states any more.
const UNDECLARED: &str = "undeclared";

impl<'r> Effect<'r> {
    /// Of one holder, with or without anything to show.
    pub(super) fn of(report: &'r Report, holder: &'r Holder, worst: &Worst<'_>) -> Self {
        let (mut gains, mut losses) = (Vec::new(), Vec::new());
        for gained in holder.effective.iter().flat_map(|effective| &effective.gained) {
            let counts = gained.is_access && (gained.is_gain || gained.class == "gate-removed");
            if counts && gained.class != "implied" {
                let class = if gained.gate == "session" { "session" } else { gained.class };
                gains.push((class, gained.grant.as_str()));
            }
        }
        let old = report.old_name_of(holder);
        for lost in [Some(holder), old].into_iter().flatten().flat_map(|holder| &holder.effective) {
            losses.extend(lost.lost.iter().filter(|lost| lost.is_access).map(|lost| (lost.class, lost.grant.as_str())));
        }
        if old.is_some() {
            without_common(&mut gains, &mut losses);
        }
        let worst = worst.get(&(holder.kind, holder.name.as_str())).copied();
        Self { holder, worst, gains: by_class(&GAINS, &gains), losses: by_class(&LOSSES, &losses) }
    }

    /// Whether it belongs into the table.
    fn is_shown(&self) -> bool {
        let holder = self.holder;
        let is_new_unknown = holder.effective.iter().flat_map(|effective| &effective.unknown);
        holder.kind != "mutingPermissionSet"
            && (!self.gains.is_empty()
                || !self.losses.is_empty()
                || !matches!(holder.status, "changed" | "affected")
                || holder.settings_differ()
                || is_new_unknown.into_iter().any(|unknown| unknown.state == "new"))
    }

    /// Whether session activation is required now, if that changed for users it had and has.
    pub(super) fn gate(&self) -> Option<bool> {
        self.holder.gate_change().filter(|_| matches!(self.holder.status, "changed" | "affected"))
    }

    /// Whether its users can do something they could not do before.
    pub(super) fn gains_access(&self) -> bool {
        !self.gains.is_empty() || self.gate() == Some(false)
    }

    /// Whether its users can no longer do something: what is just no longer declared, a deploy does not revoke.
    pub(super) fn loses_access(&self) -> bool {
        self.lost() > 0 || self.gate() == Some(true)
    }

    /// Grants that its users get.
    pub(super) fn gained(&self) -> usize {
        self.gains.iter().map(|change| change.keys.len()).sum()
    }

    /// Grants that its users no longer get.
    pub(super) fn lost(&self) -> usize {
        self.losses.iter().filter(|change| change.class != UNDECLARED).map(|change| change.keys.len()).sum()
    }

    /// Grants that no file states any more, and that the org keeps.
    pub(super) fn undeclared(&self) -> usize {
        self.losses.iter().filter(|change| change.class == UNDECLARED).map(|change| change.keys.len()).sum()
    }
}

/// The rows of the table, the one to look at first before the others.
pub(super) fn effects(report: &Report) -> Vec<Effect<'_>> {
    let worst = worst(report);
    let shown = report.shown_holders().into_iter();
    let mut effects: Vec<Effect<'_>> =
        shown.map(|holder| Effect::of(report, holder, &worst)).filter(Effect::is_shown).collect();
    effects.sort_by_key(|effect| (std::cmp::Reverse(effect.worst), !effect.gains_access(), !effect.loses_access()));
    effects
}

fn worst(report: &Report) -> Worst<'_> {
    let mut worst = Worst::new();
    let open = report.findings.iter().filter(|finding| finding.waiver.is_none() && finding.severity > Severity::Note);
    for finding in open {
        let own = worst.entry((finding.subject.kind, finding.subject.name.as_str())).or_insert(finding.severity);
        *own = finding.severity.max(*own);
    }
    worst
}

fn by_class<'r>(order: &[&'static str], changes: &[(&'static str, &'r str)]) -> Vec<Change<'r>> {
    let of = |class: &'static str| {
        let keys: Vec<&str> = changes.iter().filter(|(own, _)| *own == class).map(|(_, key)| *key).collect();
        (!keys.is_empty()).then_some(Change { class, keys })
    };
    order.iter().filter_map(|class| of(class)).collect()
}

/// Takes out what a renamed holder had under its old name and has again.
fn without_common(gains: &mut Vec<(&'static str, &str)>, losses: &mut Vec<(&'static str, &str)>) {
    let keys = |changes: &[(&str, &str)]| changes.iter().map(|(_, key)| key.to_lowercase()).collect::<HashSet<_>>();
    let (now, before) = (keys(gains), keys(losses));
    gains.retain(|(_, key)| !before.contains(&key.to_lowercase()));
    losses.retain(|(_, key)| !now.contains(&key.to_lowercase()));
}

/// How many holders gain and how many lose: `8 holders gain access, 2 lose access`.
pub(super) fn totals(effects: &[Effect<'_>]) -> Option<String> {
    let gain = effects.iter().filter(|effect| effect.gains_access()).count();
    let lose = effects.iter().filter(|effect| effect.loses_access()).count();
    let verb = |number: usize, verb: &str| if number == 1 { format!("{verb}s") } else { verb.to_owned() };
    match (gain, lose) {
        (0, 0) => None,
        (0, _) => Some(format!("{} {} access, none gains any", count(lose, "holder"), verb(lose, "lose"))),
        (_, 0) => Some(format!("{} {} access, none loses any", count(gain, "holder"), verb(gain, "gain"))),
        _ => Some(format!(
            "{} {} access, {lose} {} access",
            count(gain, "holder"),
            verb(gain, "gain"),
            verb(lose, "lose")
        )),
    }
}
