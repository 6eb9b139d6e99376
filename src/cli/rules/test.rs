//! `permdelta rules test`: the examples inside rule files, through the whole pipeline.

use std::path::Path;

use anstyle::AnsiColor;

use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::policy::{Chosen, rules_in};
use crate::error::Error;
use crate::policy::example;
use crate::report::{plain, wrap};
use crate::text::count;

pub(super) fn run(folder: Option<&Path>, output: &Output) -> Result<Exit, Error> {
    let (tested, all) = match folder {
        Some(folder) => rules_in(folder)?,
        None => {
            let known = Chosen::here()?.known;
            (known.clone(), known)
        }
    };
    let width = output.width().map(usize::from);
    let (mut text, mut failed) = (String::new(), 0);
    for rule in &tested {
        let failures = example::failures(rule, &all);
        if failures.is_empty() {
            continue;
        }
        failed += 1;
        let red = AnsiColor::Red.on_default().bold();
        text.push_str(&format!("{red}failed{red:#}  {}  {}\n", plain(&rule.id), plain(&rule.path)));
        for failure in failures {
            text.push_str(&format!("  {}\n", wrap(&plain(&failure), width, 2)));
        }
        text.push('\n');
    }
    let examples: usize = tested.iter().map(|rule| rule.examples.len()).sum();
    let what = format!("{} with {}", count(tested.len(), "rule"), count(examples, "example"));
    let (style, word, said) = match failed {
        0 => (AnsiColor::Green.on_default().bold(), "PASS", "each fires where its examples say".to_owned()),
        1 => (AnsiColor::Red.on_default().bold(), "FAIL", "1 does not do what its examples say".to_owned()),
        failed => (AnsiColor::Red.on_default().bold(), "FAIL", format!("{failed} do not do what their examples say")),
    };
    text.push_str(&format!("{style}{word}{style:#}  {what}: {said}\n"));
    output.text(&text)?;
    Ok(if failed == 0 { Exit::Pass } else { Exit::Findings })
}
