//! `permdelta rules`: list the rules, as the configuration at hand sets them.

mod test;

use comfy_table::{ContentArrangement, Table, presets};

use crate::cli::args::{RulesAction, RulesArgs, RulesFormat};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::policy::Chosen;
use crate::error::Error;
use crate::policy::{Policy, Rule};
use crate::report::{RuleText, plain, rule_text, rules_markdown};

pub(crate) fn run(args: &RulesArgs, output: &Output) -> Result<Exit, Error> {
    if let Some(RulesAction::Test { folder }) = &args.action {
        return test::run(folder.as_deref(), output);
    }
    let Chosen { mut known, policy, .. } = Chosen::here()?;
    known.sort_by(|a, b| (&a.family, &a.id).cmp(&(&b.family, &b.id)));
    match args.format {
        RulesFormat::Table => {
            output.text(&table(&known, &policy, output.width()))?;
            output.remark("permdelta explain RULE says why a rule matters and what to do");
        }
        RulesFormat::Markdown => {
            let texts: Vec<RuleText> = known.iter().map(rule_text).collect();
            Output::document(&rules_markdown(&texts))?;
        }
        RulesFormat::Json => Output::document(&json(&known, &policy))?,
    }
    Ok(Exit::Pass)
}

/// What a rule is set to: `off`, or a severity.
pub(super) fn level(rule: &Rule, policy: &Policy) -> &'static str {
    policy.rules.iter().find(|set| set.id == rule.id).map_or("off", |set| set.severity.as_str())
}

fn table(rules: &[Rule], policy: &Policy, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["Family", "Rule", "Severity", "Title"]);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    for rule in rules {
        table.add_row([rule.family.as_str(), &rule.id, level(rule, policy), &plain(&rule.title)]);
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn json(rules: &[Rule], policy: &Policy) -> String {
    let list: Vec<serde_json::Value> = rules
        .iter()
        .map(|rule| {
            serde_json::json!({
                "id": rule.id, "family": rule.family, "severity": rule.severity, "level": level(rule, policy),
                "title": rule.title,
                "why": rule.why, "fix": rule.fix, "references": rule.references, "tags": rule.tags,
                "path": rule.path,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(list))
}
