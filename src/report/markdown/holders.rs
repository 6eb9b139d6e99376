//! The table of what users gain and lose, a row a holder.

use crate::report::effect::{Change, Effect};
use crate::report::markdown::filler::{Filler, Part};
use crate::report::markdown::{dot, grants};
use crate::report::markup::{code_in_cell, place, plain};
use crate::report::terminal::{kind_words, telling_label};
use crate::report::{Holder, Report};
use crate::text::{clip, count};

/// Longest row that lists grants, in bytes; a longer one counts them.
const LONGEST_ROW: usize = 3_000;
/// Members or settings named before a row says how many more there are.
const NAMED: usize = 4;

/// Which columns the table has besides the holder's.
#[derive(Clone, Copy)]
struct Columns {
    gain: bool,
    lose: bool,
}

impl Columns {
    /// Those that are not empty throughout.
    fn of(effects: &[Effect<'_>]) -> Self {
        Self {
            gain: effects.iter().any(|effect| !effect.gains.is_empty()),
            lose: effects.iter().any(|effect| !effect.losses.is_empty()),
        }
    }

    /// A line of the table.
    fn line(self, holder: &str, gain: &str, lose: &str) -> String {
        let cells = [(true, holder), (self.gain, gain), (self.lose, lose)];
        let shown = cells.into_iter().filter(|(is_shown, _)| *is_shown).map(|(_, cell)| format!("| {cell} "));
        shown.collect::<String>() + "|\n"
    }
}

/// One row a holder whose users can do more or less; empty if there is none.
pub(super) fn table(report: &Report, effects: &[Effect<'_>], allowance: usize) -> Part {
    if effects.is_empty() {
        return Part::default();
    }
    let columns = Columns::of(effects);
    let first = if report.verdict.is_some() { "Holder, worst finding" } else { "Holder" };
    let titles = columns.line(first, "Gain", "Lose") + &columns.line("---", "---", "---");
    let mut filler = Filler::new(&format!("### What users gain and lose\n\n{titles}"), allowance, 0);
    let doubled = report.names_in_several_rows();
    let is_doubled = |holder: &Holder| doubled.contains(&(holder.kind, holder.name.as_str()));
    let rows = effects.iter().map(|effect| row(report, effect, columns, is_doubled(effect.holder)));
    let listed = rows.take_while(|row| filler.take(row)).count();
    let left_out = (listed < effects.len()).then(|| {
        let left = &effects[listed..];
        let gain = left.iter().filter(|effect| effect.gains_access()).count();
        format!("{} not listed, {gain} of them with gains", count(left.len(), "more holder"))
    });
    let cut =
        left_out.is_some().then(|| format!("{listed} of {} with gains or losses", count(effects.len(), "holder")));
    Part { text: filler.end(left_out), cut }
}

fn row(report: &Report, effect: &Effect<'_>, columns: Columns, with_path: bool) -> String {
    let holder = holder(report, effect, with_path);
    let row = columns.line(&holder, &gains(effect, grants::lines), &losses(effect, grants::lines));
    if row.len() <= LONGEST_ROW {
        return row;
    }
    columns.line(&holder, &gains(effect, |_| Vec::new()), &losses(effect, |_| Vec::new()))
}

/// Name, worst finding, kind and what became of it.
fn holder(report: &Report, effect: &Effect<'_>, with_path: bool) -> String {
    let holder = effect.holder;
    let name = format!("<strong>{}</strong>", code_in_cell(&clip(&holder.name)));
    let mut lines = match effect.worst {
        Some(worst) => {
            vec![format!("{}&nbsp;{name}", dot(worst)), format!("{} · {}", worst.as_str(), what(holder))]
        }
        None => vec![name, what(holder)],
    };
    if holder.status == "renamed"
        && let Some(previous) = &holder.previous
    {
        let stays = if report.stays_renamed(holder) { ", which stays in the org" } else { "" };
        let was = code_in_cell(&clip(&previous.name));
        lines.push(format!("was {was}{stays}: on the platform it is new, and assigned to nobody"));
    }
    if with_path {
        lines.push(place(&holder.path, None));
    }
    match effect.gate() {
        Some(false) => lines.push("<strong>session gate removed</strong>".to_owned()),
        Some(true) => lines.push("session gate added".to_owned()),
        None => {}
    }
    lines.extend(members(holder));
    if !matches!(holder.status, "added" | "renamed") {
        lines.extend(settings(holder));
    }
    lines.join("<br>")
}

/// `new permission set “Data Migration (2026)”`.
fn what(holder: &Holder) -> String {
    let kind = kind_words(holder.kind);
    let what = match holder.status {
        "added" => format!("<strong>new</strong> {kind}"),
        "removed" => format!("{kind}, <strong>file removed</strong>"),
        "renamed" => format!("{kind}, <strong>renamed</strong>"),
        "affected" => format!("{kind}, own file unchanged"),
        _ => kind,
    };
    let label = telling_label(&holder.name, holder.label.as_deref());
    let label = label.map(|label| format!(" “{}”", plain(&clip(label))));
    what + &label.unwrap_or_default()
}

fn members(holder: &Holder) -> Vec<String> {
    let mut lines = Vec::new();
    let changes = holder.effective.iter().flat_map(|effective| &effective.unknown);
    let unknown: Vec<&str> =
        changes.filter(|unknown| unknown.state == "new").map(|unknown| unknown.name.as_str()).collect();
    for (name, what) in [("permissionSets", "member"), ("mutingPermissionSets", "muting set")] {
        let own = || holder.properties.iter().filter(|property| property.name == name);
        let added: Vec<&str> = own().filter_map(|property| property.after.as_deref()).collect();
        let removed: Vec<&str> = own().filter_map(|property| property.before.as_deref()).collect();
        for (verb, names) in [("adds", added), ("drops", removed)] {
            if !names.is_empty() {
                lines.push(format!("{verb} {what} {}", listed(&names)));
            }
        }
    }
    if !unknown.is_empty() {
        lines.push(format!("<strong>not among the files</strong>: {}", listed(&unknown)));
    }
    lines
}

/// Properties that are neither text nor told already, as where users may log in from.
fn settings(holder: &Holder) -> Option<String> {
    const TOLD: [&str; 5] = ["label", "description", "hasActivationRequired", "permissionSets", "mutingPermissionSets"];
    let mut names: Vec<&str> = holder.properties.iter().map(|property| property.name.as_str()).collect();
    names.retain(|name| !TOLD.contains(name));
    names.dedup();
    (!names.is_empty()).then(|| format!("settings differ: {}", listed(&names)))
}

fn listed(names: &[&str]) -> String {
    let listed = if names.len() <= NAMED + 1 { names.len() } else { NAMED };
    let shown = names[..listed].iter().map(|name| code_in_cell(&clip(name))).collect::<Vec<_>>().join(", ");
    let more = names.len() - listed;
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn gains(effect: &Effect<'_>, lists: fn(&[&str]) -> Vec<String>) -> String {
    cell(&effect.gains, lists, |class, number| match class {
        "gate-removed" => format!("{number} without session activation now:"),
        "unmuted" => format!("+{number} no longer muted:"),
        "session" => format!("+{number} in activated sessions:"),
        _ => format!("+{number}:"),
    })
}

fn losses(effect: &Effect<'_>, lists: fn(&[&str]) -> Vec<String>) -> String {
    cell(&effect.losses, lists, |class, number| match class {
        "muted" => format!("−{number} muted now:"),
        "gate-added" => format!("{number} only in activated sessions now:"),
        "undeclared" => format!("{number} no longer declared, which revokes nothing:"),
        _ => format!("−{number}:"),
    })
}

fn cell(changes: &[Change<'_>], lists: fn(&[&str]) -> Vec<String>, words: fn(&str, usize) -> String) -> String {
    let lines = changes.iter().map(|change| {
        let lines = lists(&change.keys).join("<br>");
        format!("<strong>{}</strong> {lines}", words(change.class, change.keys.len()))
    });
    let text = lines.collect::<Vec<_>>().join("<br>");
    if text.is_empty() { "–".to_owned() } else { text }
}
