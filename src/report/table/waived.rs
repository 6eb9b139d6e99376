//! Findings that a waiver covers: they stay visible.

use anstyle::{AnsiColor, Style};

use super::{BOLD, DIM, Layout, colour, line, painted};
use crate::report::terminal::{labelled, plain, wrap};
use crate::report::{Finding, Waiver};
use crate::text::{clip, clip_to};

/// Grants named of one finding before it says how many more there are.
const NAMED: usize = 4;
/// Most findings that have a block each where not all is wanted.
const BLOCKS: usize = 10;
/// Longest reason, in characters, where not all of it is wanted.
const REASON: usize = 300;

/// What is accepted.
pub(super) const WAIVED: Style = AnsiColor::Green.on_default();

/// A block each: what is accepted, and by whom until when; with `-v` all of it. Of many a line each.
pub(super) fn findings(findings: &[&Finding], layout: Layout, text: &mut String) {
    let width = layout.width.map(usize::from);
    if findings.len() > BLOCKS && !layout.verbose {
        in_lines(findings, text);
        return;
    }
    for finding in findings {
        let Some(waiver) = &finding.waiver else { continue };
        let word = painted(WAIVED, "waived");
        let severity = painted(colour(finding.severity), finding.severity.as_str());
        let rule = painted(BOLD, &finding.rule);
        line(text, &format!("{word}  {severity}  {rule}  {}", plain(&finding.subject.name)));
        if !finding.keys.is_empty() {
            let named = if layout.verbose { finding.keys.len() } else { NAMED };
            line(text, &format!("  {}", wrap(&grants(&finding.keys, named), width, 2)));
        }
        if layout.verbose || finding.keys.is_empty() {
            line(text, &format!("  {}", wrap(&plain(&finding.message), width, 2)));
        }
        if layout.verbose {
            line(text, &format!("  {}:{}", plain(&finding.path), finding.line));
        }
        line(text, &format!("  {}", wrap(&plain(&accepted(waiver, layout.verbose)), width, 2)));
        let place = format!("  {}  {}:{}", finding.fingerprint, plain(&waiver.path), waiver.line);
        line(text, &painted(DIM, &place));
    }
    if !findings.is_empty() {
        text.push('\n');
    }
}

fn in_lines(findings: &[&Finding], text: &mut String) {
    for finding in findings {
        let Some(waiver) = &finding.waiver else { continue };
        let severity = painted(colour(finding.severity), finding.severity.as_str());
        let (rule, name) = (painted(BOLD, &finding.rule), plain(&finding.subject.name));
        let until = painted(DIM, &plain(&format!("until {} by {}", waiver.expires, clip(&waiver.owner))));
        line(text, &format!("{}  {severity}  {rule}  {name}  {until}", painted(WAIVED, "waived")));
    }
    line(text, &painted(DIM, "-v shows their grants and reasons"));
    text.push('\n');
}

fn grants(keys: &[String], named: usize) -> String {
    let mut grants: Vec<String> = keys.iter().take(named).map(|key| labelled(key)).collect();
    if keys.len() > named {
        grants.push(format!("and {} more", keys.len() - named));
    }
    grants.join(", ")
}

/// `until 2027-03-31 by finance-platform (SEC-481): batch reconciliation writes every invoice`.
pub(in crate::report) fn accepted(waiver: &Waiver, whole: bool) -> String {
    let ticket = waiver.ticket.as_ref().map(|ticket| format!(" ({})", clip(ticket))).unwrap_or_default();
    let reason = clip_to(&waiver.reason, if whole { usize::MAX } else { REASON });
    format!("until {} by {}{ticket}: {reason}", waiver.expires, clip(&waiver.owner))
}
