//! `permdelta explain`: why a rule matters and what to do, and how a finding comes to be.

mod finding;

use std::fmt::Write;

use crate::cli::args::ExplainArgs;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::policy::Chosen;
use crate::cli::rules::level;
use crate::cli::search::is_fingerprint;
use crate::error::Error;
use crate::policy::Rule;
use crate::report::{plain, wrap};
use crate::source::POLICY;
use crate::text::did_you_mean;

/// Prose is set no wider than this, however wide the terminal.
const WIDEST: usize = 100;

pub(crate) fn run(args: &ExplainArgs, output: &Output) -> Result<Exit, Error> {
    let Chosen { known: rules, policy, .. } = Chosen::here()?;
    let Some(rule) = rules.iter().find(|rule| rule.id == args.what) else {
        if is_fingerprint(&args.what) {
            return finding::run(&args.what, args.place.as_deref(), output);
        }
        let ids: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
        let near = did_you_mean(&args.what, &ids);
        let hint = if near.is_empty() { "`permdelta rules` lists them".to_owned() } else { near };
        return Err(Error::usage(format!("no rule \"{}\"", args.what), hint));
    };
    if let Some(place) = &args.place {
        return Err(Error::usage(
            format!("a rule is the same everywhere: \"{place}\" is one argument too many"),
            "a range or snapshot belongs behind a fingerprint",
        ));
    }
    output.text(&explained(
        rule,
        level(rule, &policy),
        usize::from(output.width().unwrap_or(WIDEST as u16)).min(WIDEST),
    ))?;
    Ok(Exit::Pass)
}

fn explained(rule: &Rule, level: &str, width: usize) -> String {
    let own = rule.severity.as_str();
    let set = if level == own { String::new() } else { format!(", here set to {level} ({POLICY})") };
    let mut text = format!("{}  {own}{set}\n{}\n", rule.id, plain(&rule.title));
    let mut section = |title: &str, body: &str| {
        let _ = write!(text, "\n{title}\n  {}\n", wrap(&plain(body), Some(width), 2));
    };
    section("Why it matters", &rule.why);
    section("What to do", &rule.fix);
    if !rule.tags.is_empty() {
        section("Controls", &rule.tags.join(", "));
    }
    text.push_str("\nReferences\n");
    for reference in &rule.references {
        let _ = writeln!(text, "  {}", plain(reference));
    }
    text.push_str("\nExamples\n");
    for example in &rule.examples {
        let outcome = if example.fires.is_empty() { "quiet" } else { "fires" };
        let _ = writeln!(text, "  {outcome}  {}", wrap(&plain(&example.title), Some(width), 9));
    }
    text
}
