//! What could not be read or understood.

use std::collections::BTreeMap;

use anstyle::AnsiColor;

use super::{DIM, Layout, line, painted};
use crate::report::Problem;
use crate::report::terminal::{plain, wrap};
use crate::text::count;

/// Places named for one problem before it says how many more there are.
const PLACES: usize = 5;

/// Problems of the change first; those that were there before are counted, and listed with `-v`.
pub(in crate::report) fn problems(problems: &[Problem], layout: Layout, text: &mut String) {
    let (new, old): (Vec<&Problem>, Vec<&Problem>) = problems.iter().partition(|problem| problem.state == "new");
    if !new.is_empty() {
        let title = match new.iter().all(|problem| problem.unproven) {
            true => "Unproven: this may give new access".to_owned(),
            false => format!("Incomplete: {} could not be read or understood", count(files(&new), "file")),
        };
        line(text, &painted(AnsiColor::Red.on_default().bold(), &title));
        same_problems(&new, layout, text);
        text.push('\n');
    }
    if !old.is_empty() {
        // On both sides there is the same file.
        let mut paths: Vec<&str> = old.iter().map(|problem| problem.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        let title = format!("{} that this change does not touch could not be understood", count(paths.len(), "file"));
        line(text, &painted(DIM, &title));
        if layout.verbose {
            same_problems(&old, layout, text);
        }
        text.push('\n');
    }
}

fn files(problems: &[&Problem]) -> usize {
    let mut paths: Vec<(&str, &str)> = problems.iter().map(|problem| (problem.side, problem.path.as_str())).collect();
    paths.sort_unstable();
    paths.dedup();
    paths.len()
}

/// Each message once, with the places that have it.
fn same_problems(problems: &[&Problem], layout: Layout, text: &mut String) {
    let width = layout.width.map(usize::from);
    let mut by_message: BTreeMap<(&str, &str), Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        by_message.entry((&problem.message, problem.hint)).or_default().push(problem);
    }
    for ((message, hint), problems) in by_message {
        line(text, &format!("  {}", wrap(&plain(message), width, 2)));
        line(text, &painted(DIM, &format!("  {}", wrap(hint, width, 2))));
        let listed = if layout.verbose { problems.len() } else { PLACES };
        for problem in problems.iter().take(listed) {
            let at = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
            line(text, &format!("    {}{at}  {}", plain(&problem.path), painted(DIM, problem.side)));
        }
        if problems.len() > listed {
            line(text, &format!("    and {} more, listed with -v", problems.len() - listed));
        }
    }
}
