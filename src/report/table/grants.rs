//! Every grant and property of a holder, for `-v`.

use super::{BOLD, DIM, line, painted};
use crate::report::terminal::plain;
use crate::report::{GrantLine, Holder};

/// Every grant of a holder, for `-v`.
pub(super) fn grants(holder: &Holder, text: &mut String) {
    line(text, &format!("{}  {}", painted(BOLD, &plain(&holder.name)), painted(DIM, &plain(&holder.path))));
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
    text.push('\n');
}

fn grant_lines(sign: &str, grants: &[GrantLine], remark: &str, text: &mut String) {
    for grant in grants {
        line(text, &format!("  {sign} {}{remark}  line {}", plain(&grant.grant), grant.line));
    }
}
