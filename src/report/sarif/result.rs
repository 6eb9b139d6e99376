//! Results: one for each finding, as an alert is known by its fingerprint and closed and dismissed by it.

use std::collections::HashMap;

use super::derivation::derivations;
use super::location::{element, location, no_links, region};
use super::model::{Location, Message, PartialFingerprints, Region, Result, Suppression};
use super::{Profile, level};
use crate::report::document::{Occurrences, short};
use crate::report::{Finding, Gone, Report, Through, Waiver};

/// Characters of the finding's sentence; brackets and backslashes count twice. GitLab drops a result whose whole
/// message has more than 2,048.
const SENTENCE: usize = 600;
/// Other rules a message names.
const ALSO: usize = 5;
/// Characters of their names; those of own rules can be long.
const NAMES: usize = 240;
/// Longest path inside a message.
const PATH: usize = 120;

/// Writes results in their order.
pub(super) struct Writer<'r> {
    report: &'r Report,
    rules: HashMap<&'r str, usize>,
    profile: Profile,
    seen: Occurrences,
}

impl<'r> Writer<'r> {
    pub(super) fn new(report: &'r Report, rules: HashMap<&'r str, usize>, profile: Profile) -> Self {
        Self { report, rules, profile, seen: Occurrences::default() }
    }

    pub(super) fn result(&mut self, finding: &'r Finding) -> Result<'r> {
        let full = self.profile == Profile::Full;
        // A file that head has no more is no place that a platform could show.
        let related = finding.gone.as_ref().filter(|gone| full || gone.path == finding.path);
        let times = self.seen.of(&finding.fingerprint);
        Result {
            rule_id: &finding.rule,
            rule_index: self.rules.get(finding.rule.as_str()).copied(),
            level: level(finding.severity),
            message: Message { text: message(finding, related.is_some()) },
            locations: [location(&finding.path, Some(element(&finding.place)))],
            partial_fingerprints: PartialFingerprints {
                primary_location_line_hash: format!("{}:{times}", finding.fingerprint),
            },
            related_locations: related
                .map(before)
                .or_else(|| finding.through.first().map(taken_in))
                .into_iter()
                .collect(),
            baseline_state: finding.state.filter(|_| full),
            suppressions: full.then(|| finding.waiver.iter().map(|waiver| self.suppression(waiver)).collect()),
            code_flows: if full { derivations(self.report, finding) } else { Vec::new() },
        }
    }

    fn suppression(&self, waiver: &Waiver) -> Suppression {
        // A policy from a file lies anywhere.
        let place = || location(&waiver.path, Some(region(waiver.line)));
        Suppression {
            kind: "external",
            status: "accepted",
            justification: justification(waiver),
            location: (self.report.policy.from != "file").then(place),
        }
    }
}

fn justification(waiver: &Waiver) -> String {
    let ticket = waiver.ticket.as_ref().map(|ticket| format!(", ticket {ticket}")).unwrap_or_default();
    format!("{} (owner {}{ticket}, expires {})", waiver.reason, waiver.owner, waiver.expires)
}

fn before(gone: &Gone) -> Location {
    let region: Region = element(&gone.place);
    let message = Some(Message { text: "before the change".to_owned() });
    Location { id: Some(1), message, ..location(&gone.path, Some(region)) }
}

fn taken_in(through: &Through) -> Location {
    let message = Some(Message { text: "the group takes the member in here".to_owned() });
    Location { id: Some(1), message, ..location(&through.path, Some(element(&through.place))) }
}

/// The rule, then the finding's sentence, which has to be enough where there is no room for more.
fn message(finding: &Finding, linked: bool) -> String {
    let mut text = format!("{}: {}.", finding.rule, no_links(&short(&finding.message, SENTENCE)));
    if let Some(gone) = &finding.gone {
        let line = gone.place.line;
        text.push_str(&match linked {
            true => format!(" What is gone stood on [line {line} before the change](1)."),
            false => format!(" What is gone stood at {}:{line} before the change.", no_links(&short(&gone.path, PATH))),
        });
    }
    if let Some(through) = finding.through.first() {
        text.push_str(&format!(" The group takes the member in on [line {} of its own file](1).", through.place.line));
    }
    text.push_str(&also(&finding.also));
    text
}

fn also(rules: &[String]) -> String {
    let named = if rules.len() > ALSO + 1 { &rules[..ALSO] } else { rules };
    let named_text = short(&named.join(", "), NAMES);
    match (rules.len(), rules.len() - named.len()) {
        (0, _) => String::new(),
        (_, 0) => format!(" Also: {named_text}."),
        (_, more) => format!(" Also: {named_text} and {more} more."),
    }
}
