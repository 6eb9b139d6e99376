//! Findings that a waiver covers: they stay visible.

use anstyle::AnsiColor;

use super::{BOLD, DIM, Layout, line, painted};
use crate::report::terminal::{plain, wrap};
use crate::report::{Finding, Waiver};
use crate::text::clip;

/// Two lines each: what is accepted, and by whom until when; with `-v` all of it.
pub(super) fn findings(findings: &[&Finding], layout: Layout, text: &mut String) {
    let width = layout.width.map(usize::from);
    for finding in findings {
        let Some(waiver) = &finding.waiver else { continue };
        let word = painted(AnsiColor::Green.on_default(), "waived");
        line(text, &format!("{word}  {}  {}", painted(BOLD, &finding.rule), plain(&finding.subject.name)));
        if layout.verbose {
            line(text, &format!("  {}", wrap(&plain(&finding.message), width, 2)));
            line(text, &format!("  {}:{}", plain(&finding.path), finding.line));
        }
        line(text, &format!("  {}", wrap(&plain(&accepted(waiver)), width, 2)));
        let place = format!("  {}  {}:{}", finding.fingerprint, plain(&waiver.path), waiver.line);
        line(text, &painted(DIM, &place));
    }
    if !findings.is_empty() {
        text.push('\n');
    }
}

/// `until 2027-03-31 by finance-platform (SEC-481): batch reconciliation writes every invoice`.
pub(in crate::report) fn accepted(waiver: &Waiver) -> String {
    let ticket = waiver.ticket.as_ref().map(|ticket| format!(" ({})", clip(ticket))).unwrap_or_default();
    format!("until {} by {}{ticket}: {}", waiver.expires, clip(&waiver.owner), clip(&waiver.reason))
}
