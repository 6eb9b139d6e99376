//! Rules as a document for people: `rules/README.md`, and the same of a repository's own.

use std::fmt::Write;

use crate::report::RuleText;

/// Every rule with its reasons, in Markdown: a table of contents by family, then one section a rule.
pub fn rules_markdown(rules: &[RuleText]) -> String {
    let mut rules: Vec<&RuleText> = rules.iter().collect();
    rules.sort_by(|a, b| (&a.family, &a.id).cmp(&(&b.family, &b.id)));
    let mut text = String::from("# Rules\n\n| family | rule | severity | finds |\n|---|---|---|---|\n");
    for rule in &rules {
        let RuleText { id, family, title, .. } = rule;
        let _ = writeln!(text, "| {family} | [{id}](#{id}) | {} | {title} |", rule.severity.as_str());
    }
    for family in rules.chunk_by(|a, b| a.family == b.family) {
        let _ = write!(text, "\n## Family {}\n", family[0].family);
        family.iter().for_each(|rule| section(rule, &mut text));
    }
    text
}

fn section(rule: &RuleText, text: &mut String) {
    let RuleText { id, title, why, fix, .. } = rule;
    let _ = write!(text, "\n### {id}\n\n**{title}** ({})\n\n{why}\n\n{fix}\n", rule.severity.as_str());
    if !rule.examples.is_empty() {
        let outcome = |fires: bool| if fires { "fires" } else { "quiet" };
        text.push('\n');
        for (title, fires) in &rule.examples {
            let _ = writeln!(text, "- {}: {title}", outcome(*fires));
        }
    }
    if !rule.tags.is_empty() {
        let _ = write!(text, "\nControls: {}\n", rule.tags.join(", "));
    }
    let link = |reference: &String| match reference.starts_with("https://") {
        true => format!("<{reference}>"),
        false => reference.clone(),
    };
    let references: Vec<String> = rule.references.iter().map(link).collect();
    let _ = write!(text, "\nReferences: {}\n", references.join("; "));
}
