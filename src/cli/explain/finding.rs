//! One finding in full, by its fingerprint.

use crate::cli::exit::Exit;
use crate::cli::explain::WIDEST;
use crate::cli::output::Output;
use crate::cli::search::{self, Found};
use crate::cli::today::today;
use crate::delta::{Question, explain};
use crate::error::Error;
use crate::policy::SubjectKind;
use crate::report::{self, Layout};

/// Prints what is found.
pub(super) fn run(prefix: &str, place: Option<&str>, output: &Output) -> Result<Exit, Error> {
    search::find(prefix, place, today(None), output, &mut |found| output.text(&explained(found, output)))?;
    Ok(Exit::Pass)
}

fn explained(found: Found<'_, '_>, output: &Output) -> String {
    let Found { findings, plan, library, policy, base, head } = found;
    let width = output.width().unwrap_or(WIDEST as u16).min(WIDEST as u16);
    let layout = Layout { width: Some(width), verbose: output.verbose };
    let mut texts = Vec::new();
    for finding in findings {
        let explained = match finding.subject.kind {
            SubjectKind::Holder(kind) if kind.is_assignable() => {
                let (name, keys, about) = (finding.subject.name, finding.keys_worst_first(), &finding.about);
                explain(plan, library, Question { kind, name, keys: &keys, about })
            }
            _ => Default::default(),
        };
        let rule = finding.rule;
        if let Some(key) = finding.keys_worst_first().first() {
            output.remark(&report::plain(&format!("permdelta who \"{key}\" lists everybody who confers that")));
        }
        output.remark(&format!("permdelta explain {} has its references and examples", rule.id));
        let explanation = report::of_finding(finding, rule, &explained, library.names(), &policy.config);
        texts.push(report::render_explanation(&explanation, base, head, layout));
    }
    texts.join("\n")
}
