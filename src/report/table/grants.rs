//! Every grant and property of a holder, for `-v`.

use super::holders::{is_renamed_away, renamed_from};
use super::{BOLD, DIM, line, painted};
use crate::report::terminal::plain;
use crate::report::{GrantLine, Holder, Report};

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
    if let Some(muting) = &holder.muting {
        grant_lines("-", &muting.added, " (muted now)", text);
        grant_lines("+", &muting.removed, " (no longer muted)", text);
    }
}

fn grant_lines(sign: &str, grants: &[GrantLine], remark: &str, text: &mut String) {
    for grant in grants {
        line(text, &format!("  {sign} {}{remark}  line {}", plain(&grant.grant), grant.line));
    }
}
