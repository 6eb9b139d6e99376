//! One comment: what is to be said about one line of the diff.

use crate::report::markdown::dot;
use crate::report::markup::code;
use crate::report::sentence::{also, message, prose};
use crate::report::{Anchor, Finding, Report, Side};

/// A line of the diff and the findings on it, worst first.
pub(super) struct Place<'r> {
    pub(super) anchor: &'r Anchor,
    findings: Vec<&'r Finding>,
}

/// The lines of the diff that findings are on, the worst finding's first.
pub(super) fn places(report: &Report) -> Vec<Place<'_>> {
    let mut places: Vec<Place<'_>> = Vec::new();
    for finding in report.worst_first() {
        let Some(anchor) = &finding.anchor else { continue };
        let same = |place: &&mut Place<'_>| {
            (&place.anchor.path, place.anchor.line, place.anchor.side) == (&anchor.path, anchor.line, anchor.side)
        };
        match places.iter_mut().find(same) {
            Some(place) => place.findings.push(finding),
            None => places.push(Place { anchor, findings: vec![finding] }),
        }
    }
    places
}

impl Place<'_> {
    pub(super) fn has(&self, finding: &Finding) -> bool {
        self.findings.iter().any(|other| std::ptr::eq(*other, finding))
    }

    /// Each finding with what to do, as far as there is room.
    pub(super) fn body(&self, report: &Report, most: usize) -> String {
        let mut body = String::new();
        let mut told: Vec<&str> = Vec::new();
        for (at, finding) in self.findings.iter().enumerate() {
            let divider = if at == 0 { "" } else { "---\n\n" };
            let block = divider.to_owned() + &block(report, finding, !told.contains(&finding.rule.as_str()));
            let closing = format!("{} more on this line", self.findings.len() - at);
            if body.len() + block.len() + closing.len() > most {
                body.push_str(&closing);
                break;
            }
            body.push_str(&block);
            told.push(&finding.rule);
        }
        body.trim_end().to_owned()
    }
}

/// The severity, the rules and, on a line of its own, what is found.
pub(super) fn headline(finding: &Finding) -> String {
    let severity = finding.severity;
    let also = also(finding).map(|also| format!(", {also}")).unwrap_or_default();
    format!("{} **{}** {}{also}<br>{}", dot(severity), severity.as_str(), code(&finding.rule), message(finding))
}

fn block(report: &Report, finding: &Finding, with_fix: bool) -> String {
    let mut block = format!("{}\n\n", headline(finding));
    let right = finding.anchor.as_ref().filter(|anchor| anchor.side == Side::Right);
    if let Some(place) = right.and_then(|anchor| finding.granted_at(&anchor.path, anchor.line)) {
        block.push_str(&format!("Granted at {}.\n\n", code(&place)));
    }
    let rule = report.rules.iter().find(|rule| rule.id == finding.rule).filter(|_| with_fix);
    if let Some(rule) = rule {
        block.push_str(&format!("**What to do:** {}\n\n", prose(&rule.fix)));
    }
    if let Some(line) = finding.anchor.as_ref().and_then(|anchor| anchor.suggestion.as_deref()) {
        block.push_str(&format!("```suggestion\n{line}\n```\n\n"));
    }
    block.push_str(&format!("<sub>{}</sub>\n\n", code(&format!("permdelta explain {}", finding.fingerprint))));
    block
}
