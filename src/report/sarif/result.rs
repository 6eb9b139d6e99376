//! Results: findings, those on one place together where platforms would take them for one.

use std::collections::HashMap;

use super::derivation::derivations;
use super::location::{element, location, no_links, region};
use super::model::{Location, Message, PartialFingerprints, Region, Result, Suppression};
use super::{Profile, level};
use crate::report::document::{Occurrences, short};
use crate::report::{Finding, Gone, Report, Waiver};
use crate::text::count;

/// Characters of a message: GitLab drops a result with more.
const MESSAGE: usize = 2_048;
/// Characters of one finding's sentence; brackets and backslashes count twice.
const SENTENCE: usize = 600;
/// Characters kept for what was left out, for other rules, and for what is gone.
const CLOSING: usize = 600;
/// Other rules a message names.
const ALSO: usize = 5;
/// Characters of their names; those of own rules can be long.
const NAMES: usize = 240;
/// Longest path inside a message.
const PATH: usize = 120;

/// Findings of one rule on one line, each group in the order of the list. GitLab knows a result by rule and place and
/// drops all but the first; it is one line that causes them, so it is one result that names them all.
pub(super) fn by_place<'r>(sorted: &[&'r Finding]) -> Vec<Vec<&'r Finding>> {
    let same = |a: &&Finding, b: &&Finding| (&a.path, a.line, &a.rule) == (&b.path, b.line, &b.rule);
    sorted.chunk_by(same).map(<[&Finding]>::to_vec).collect()
}

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

    /// The findings of one result, of which the first gives it its identity.
    pub(super) fn result(&mut self, findings: &[&'r Finding]) -> Result<'r> {
        let first = findings[0];
        let full = self.profile == Profile::Full;
        let gone = findings.iter().find_map(|finding| finding.gone.as_ref());
        // A file that head has no more is no place that a platform could show.
        let related = gone.filter(|gone| full || gone.path == first.path);
        let times = self.seen.of(&first.fingerprint);
        Result {
            rule_id: &first.rule,
            rule_index: self.rules.get(first.rule.as_str()).copied(),
            level: level(first.severity),
            message: Message { text: message(findings, gone, related.is_some()) },
            locations: [location(&first.path, Some(element(&first.place)))],
            partial_fingerprints: PartialFingerprints {
                primary_location_line_hash: format!("{}:{times}", first.fingerprint),
            },
            related_locations: related.map(before).into_iter().collect(),
            baseline_state: first.state.filter(|_| full),
            suppressions: full.then(|| first.waiver.iter().map(|waiver| self.suppression(waiver)).collect()),
            code_flows: if full { derivations(self.report, first) } else { Vec::new() },
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

/// The rule, then a sentence for each finding: the first one has to be enough where there is no room for more.
fn message(findings: &[&Finding], gone: Option<&Gone>, linked: bool) -> String {
    let mut text = format!("{}:", findings[0].rule);
    let mut left = findings.len();
    for finding in findings {
        let sentence = format!(" {}.", no_links(&short(&finding.message, SENTENCE)));
        if left < findings.len() && text.chars().count() + sentence.chars().count() > MESSAGE - CLOSING {
            text.push_str(&format!(" {} more on this line.", count(left, "finding")));
            break;
        }
        text.push_str(&sentence);
        left -= 1;
    }
    if let Some(gone) = gone {
        let line = gone.place.line;
        text.push_str(&match linked {
            true => format!(" What is gone stood on [line {line} before the change](1)."),
            false => format!(" What is gone stood at {}:{line} before the change.", no_links(&short(&gone.path, PATH))),
        });
    }
    text.push_str(&also(findings));
    text
}

fn also(findings: &[&Finding]) -> String {
    let mut rules: Vec<&str> = Vec::new();
    for rule in findings.iter().flat_map(|finding| &finding.also) {
        if !rules.contains(&rule.as_str()) {
            rules.push(rule);
        }
    }
    let named = if rules.len() > ALSO + 1 { &rules[..ALSO] } else { &rules };
    let named_text = short(&named.join(", "), NAMES);
    match (rules.len(), rules.len() - named.len()) {
        (0, _) => String::new(),
        (_, 0) => format!(" Also: {named_text}."),
        (_, more) => format!(" Also: {named_text} and {more} more."),
    }
}
