//! `permdelta rules`: list the rules.

use comfy_table::{ContentArrangement, Table, presets};

use crate::cli::args::{ListFormat, RulesArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::error::Error;
use crate::policy::{Rule, builtin_rules};

pub(crate) fn run(args: &RulesArgs, output: &Output) -> Result<Exit, Error> {
    let mut rules = builtin_rules()?;
    rules.sort_by(|a, b| (&a.family, &a.id).cmp(&(&b.family, &b.id)));
    match args.format {
        ListFormat::Table => {
            output.text(&table(&rules, output.width()))?;
            output.remark("permdelta explain RULE says why a rule matters and what to do");
        }
        ListFormat::Json => Output::document(&json(&rules))?,
    }
    Ok(Exit::Pass)
}

fn table(rules: &[Rule], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["Family", "Rule", "Severity", "Title"]);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    for rule in rules {
        table.add_row([rule.family.as_str(), &rule.id, rule.severity.as_str(), &rule.title]);
    }
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

fn json(rules: &[Rule]) -> String {
    let list: Vec<serde_json::Value> = rules
        .iter()
        .map(|rule| {
            serde_json::json!({
                "id": rule.id, "family": rule.family, "severity": rule.severity, "title": rule.title,
                "why": rule.why, "fix": rule.fix, "references": rule.references, "tags": rule.tags,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::Value::Array(list))
}
