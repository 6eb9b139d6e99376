//! How the grants of a finding come to be, as code flows: from the holder to the line that gives them.

use super::location::{location, region};
use super::model::{CodeFlow, Location, Message, ThreadFlow, ThreadFlowLocation};
use crate::report::terminal::kind_words;
use crate::report::{EffectiveGain, Finding, Report, Step};

/// Steps of one result that GitHub shows; with ten times as many it refuses the document.
const MOST_STEPS: usize = 1_000;

/// One code flow for each derivation of what the finding's holder gained, as far as they are shown.
pub(super) fn derivations(report: &Report, finding: &Finding) -> Vec<CodeFlow> {
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    let subject = &finding.subject;
    let holders =
        report.holders.iter().filter(|holder| holder.kind == subject.kind && same(&holder.name, &subject.name));
    let gained = holders.filter_map(|holder| holder.effective.as_ref()).flat_map(|effective| &effective.gained);
    let of_finding = gained.filter(|gained| finding.keys.iter().any(|key| same(key, &gained.grant)));
    let mut paths = of_finding.flat_map(|gained| gained.paths.iter().map(move |path| (gained, path)));
    let (mut flows, mut steps) = (Vec::new(), 0);
    while let Some((gained, path)) = paths.next() {
        steps += path.len();
        if steps > MOST_STEPS {
            let more = 1 + paths.count();
            if let Some(CodeFlow { message, .. }) = flows.last_mut() {
                *message = Message { text: format!("{} Derivations left out here: {more}.", message.text) };
            }
            break;
        }
        flows.push(flow(gained, path));
    }
    flows
}

fn flow(gained: &EffectiveGain, path: &[Step]) -> CodeFlow {
    let last = path.len().saturating_sub(1);
    let step = |(at, step): (usize, &Step)| {
        let holder = format!("{} {}", kind_words(step.kind), step.name);
        let text = if at == last { format!("{holder}: {}", gained.grant) } else { holder };
        let message = Some(Message { text: super::no_links(&text) });
        ThreadFlowLocation { location: Location { message, ..location(&step.path, Some(region(step.line))) } }
    };
    CodeFlow {
        message: Message { text: super::no_links(&format!("{} ({}, {}).", gained.grant, gained.class, gained.gate)) },
        thread_flows: [ThreadFlow { locations: path.iter().enumerate().map(step).collect() }],
    }
}
