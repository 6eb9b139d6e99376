//! Every grant and property of a holder, for `-v`.

use super::{BOLD, DIM, line, painted};
use crate::report::terminal::{labelled, plain};
use crate::report::{Declared, Effective, EffectiveGain, EffectiveLoss, GrantLine, Holder, Report, Step};
use crate::text::excerpt;

/// Every grant that differs, holder by holder. Of a renamed holder: what it did not have under its old name.
pub(super) fn grants(report: &Report, text: &mut String) {
    for holder in report.shown_holders() {
        let old = report.renamed_from(holder);
        line(text, &format!("{}  {}", painted(BOLD, &plain(&holder.name)), painted(DIM, &plain(&holder.path))));
        if let Some(old) = old {
            renamed(holder, old, text);
        } else {
            changed(holder, text);
        }
        text.push('\n');
    }
}

/// A renamed holder beside what it was.
fn renamed(holder: &Holder, old: &[GrantLine], text: &mut String) {
    let Some(declared) = &holder.declared else { return };
    let without = |grants: &[GrantLine], others: &[GrantLine]| -> Vec<GrantLine> {
        let other = |grant: &&GrantLine| !others.iter().any(|other| other.grant.eq_ignore_ascii_case(&grant.grant));
        grants.iter().filter(other).cloned().collect()
    };
    let was = holder.previous.as_ref().map_or("", |previous| previous.name.as_str());
    let stays = if old.is_empty() { "" } else { ", which stays in the org as it was" };
    line(
        text,
        &format!("  a new name for {}{stays}: on the platform it is new, and not assigned to anybody", plain(was)),
    );
    grant_lines("+", &without(&declared.gained, old), |_| String::new(), text);
    grant_lines("-", &without(old, &declared.gained), |_| String::new(), text);
}

fn changed(holder: &Holder, text: &mut String) {
    for property in &holder.properties {
        let value = |value: &Option<String>| {
            value.as_deref().map_or("(none)".to_owned(), |value| format!("\"{}\"", plain(&crate::text::clip(value))))
        };
        let words = property.before.as_deref().zip(property.after.as_deref());
        let change = match words.and_then(|(before, after)| excerpt(before, after)) {
            Some(excerpt) => format!("\"{}\"", plain(&excerpt)),
            None => format!("{} to {}", value(&property.before), value(&property.after)),
        };
        line(text, &format!("  ~ {}: {change}  line {}", plain(&property.name), property.line));
    }
    if let Some(declared) = &holder.declared {
        let lists = [
            ("+", &declared.gained, ""),
            ("-", &declared.lost, ""),
            ("-", &declared.undeclared, " (undeclared: deploying does not revoke it)"),
            ("-", &declared.revoked, " (denied now)"),
            ("~", &declared.unpinned, " (no longer denied)"),
        ];
        for (sign, grants, remark) in lists {
            grant_lines(sign, grants, |grant| remark_on(holder, grant, remark), text);
        }
    }
    if let Some(effective) = &holder.effective {
        effective_lines(holder, effective, text);
    }
    if let Some(muting) = &holder.muting {
        grant_lines("-", &muting.added, |_| " (muted now)".to_owned(), text);
        grant_lines("+", &muting.removed, |_| " (no longer muted)".to_owned(), text);
    }
}

/// What users get: all of it for a group, and for others what their own lines do not say.
fn effective_lines(holder: &Holder, effective: &Effective, text: &mut String) {
    let of_group = holder.declared.is_none();
    let written = |key: &str, lines: fn(&Declared) -> &Vec<GrantLine>| {
        holder.declared.iter().flat_map(lines).any(|line| line.grant == key)
    };
    let ungated =
        |gained: &&EffectiveGain| gained.class == "gate-removed" && !written(&gained.grant, |own| &own.gained);
    for gained in effective.gained.iter().filter(|gained| of_group || ungated(gained)) {
        let remark = match gained.class {
            "implied" => implied(gained),
            "unmuted" => "no longer muted",
            "gate-removed" => "works without activation now",
            "new-holder" => "new group",
            _ => "new",
        };
        line(text, &format!("  + {} ({remark}){}", labelled(&gained.grant), via(&gained.paths)));
    }
    let gated = |lost: &&EffectiveLoss| lost.class == "gate-added" && !written(&lost.grant, |own| &own.lost);
    for lost in effective.lost.iter().filter(|lost| of_group || gated(lost)) {
        let remark = match lost.class {
            "muted" => " (muted now)",
            "gate-added" => " (needs activation now)",
            "undeclared" => " (undeclared: deploying does not revoke it)",
            _ => "",
        };
        line(text, &format!("  - {}{remark}", labelled(&lost.grant)));
    }
    for moved in effective.moved.iter().filter(|_| of_group) {
        line(text, &format!("  = {} (held before, another way){}", labelled(&moved.grant), via(&moved.paths)));
    }
    for unknown in &effective.unknown {
        let since = if unknown.state == "new" { "" } else { ", as before" };
        line(text, &format!("  ? {}: what it grants is not known{since}  line {}", plain(&unknown.name), unknown.line));
    }
}

/// Why a newly written grant is no news.
fn implied(gained: &EffectiveGain) -> &'static str {
    if gained.is_gain {
        "implied: a grant held before requires it"
    } else {
        "implied: a broader grant held before gives it"
    }
}

/// Where the first derivation ends, and how many more there are.
fn via(paths: &[Vec<Step>]) -> String {
    let Some(step) = paths.first().and_then(|path| path.last()) else { return String::new() };
    let more = if paths.len() > 1 { format!(" and {} more", paths.len() - 1) } else { String::new() };
    format!("  {} line {}{more}", plain(&step.name), step.line)
}

/// A remark on the whole list, or that a gained grant is implied.
fn remark_on(holder: &Holder, grant: &GrantLine, remark: &str) -> String {
    let gained = holder.effective.iter().flat_map(|effective| &effective.gained);
    let mut same = gained.filter(|gained| gained.class == "implied" && gained.grant == grant.grant);
    match same.next() {
        Some(gained) if remark.is_empty() => format!(" ({})", implied(gained)),
        _ => remark.to_owned(),
    }
}

fn grant_lines(sign: &str, grants: &[GrantLine], remark: impl Fn(&GrantLine) -> String, text: &mut String) {
    for grant in grants {
        let remark = remark(grant);
        line(text, &format!("  {sign} {}{remark}  line {}", labelled(&grant.grant), grant.line));
    }
}
