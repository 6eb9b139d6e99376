//! Every grant and property of a holder, for `-v`.

use super::holders::{is_renamed_away, renamed_from};
use super::{BOLD, DIM, line, painted};
use crate::report::terminal::plain;
use crate::report::{Effective, GrantLine, Holder, Report, Step};

/// Every grant that differs, holder by holder. Of a renamed holder: what it did not have under its old name.
pub(super) fn grants(report: &Report, text: &mut String) {
    for holder in report.holders.iter().filter(|holder| !is_renamed_away(report, holder)) {
        let old = renamed_from(report, holder);
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
    line(text, &format!("  a new name for {}: on the platform it is new, and not assigned to anybody", plain(was)));
    grant_lines("+", &without(&declared.gained, old), "", text);
    grant_lines("-", &without(old, &declared.gained), "", text);
}

fn changed(holder: &Holder, text: &mut String) {
    for property in &holder.properties {
        let value = |value: &Option<String>| {
            value.as_deref().map_or("(none)".to_owned(), |value| format!("\"{}\"", plain(&crate::text::clip(value))))
        };
        line(
            text,
            &format!(
                "  ~ {}: {} to {}  line {}",
                plain(&property.name),
                value(&property.before),
                value(&property.after),
                property.line
            ),
        );
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
            grant_lines(sign, grants, remark, text);
        }
    }
    if let Some(effective) = &holder.effective {
        effective_lines(holder, effective, text);
    }
    if let Some(muting) = &holder.muting {
        grant_lines("-", &muting.added, " (muted now)", text);
        grant_lines("+", &muting.removed, " (no longer muted)", text);
    }
}

/// What users get: all of it for a group, and for others what their own lines do not say.
fn effective_lines(holder: &Holder, effective: &Effective, text: &mut String) {
    let of_group = holder.declared.is_none();
    for gained in effective.gained.iter().filter(|gained| of_group || gained.class == "implied") {
        let remark = match gained.class {
            "implied" => "implied: a grant held before gives it or calls for it",
            "unmuted" => "no longer muted",
            "gate-removed" => "works without activation now",
            "new-holder" => "new group",
            _ => "new",
        };
        line(text, &format!("  + {} ({remark}){}", plain(&gained.grant), via(&gained.paths)));
    }
    for lost in effective.lost.iter().filter(|_| of_group) {
        line(text, &format!("  - {} ({})", plain(&lost.grant), lost.class));
    }
    for moved in effective.moved.iter().filter(|_| of_group) {
        line(text, &format!("  = {} (held before, another way){}", plain(&moved.grant), via(&moved.paths)));
    }
    for unknown in &effective.unknown {
        let since = if unknown.state == "new" { "" } else { ", as before" };
        line(text, &format!("  ? {}: what it grants is not known{since}  line {}", plain(&unknown.name), unknown.line));
    }
}

/// Where the first derivation ends, and how many more there are.
fn via(paths: &[Vec<Step>]) -> String {
    let Some(step) = paths.first().and_then(|path| path.last()) else { return String::new() };
    let more = if paths.len() > 1 { format!(" and {} more", paths.len() - 1) } else { String::new() };
    format!("  {} line {}{more}", plain(&step.name), step.line)
}

fn grant_lines(sign: &str, grants: &[GrantLine], remark: &str, text: &mut String) {
    for grant in grants {
        line(text, &format!("  {sign} {}{remark}  line {}", plain(&grant.grant), grant.line));
    }
}
