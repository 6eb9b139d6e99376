//! What could not be read or understood.

use anstyle::AnsiColor;

use super::{DIM, Layout, line, painted};
use crate::report::Problem;
use crate::report::terminal::{plain, wrap};

/// Places named for one problem before it says how many more there are.
const PLACES: usize = 5;

/// Problems of the change first; those that were there before are counted, and listed with `-v`.
pub(in crate::report) fn problems(problems: &[Problem], layout: Layout, text: &mut String) {
    let (new, old): (Vec<&Problem>, Vec<&Problem>) = problems.iter().partition(|problem| problem.state == "new");
    if !new.is_empty() {
        line(text, &painted(AnsiColor::Red.on_default().bold(), &Problem::heading(&new)));
        same_problems(&new, layout, text);
        text.push('\n');
    }
    if !old.is_empty() {
        line(text, &painted(DIM, &Problem::standing(&old)));
        if layout.verbose {
            same_problems(&old, layout, text);
        }
        text.push('\n');
    }
}

/// Each message once, with the places that have it.
fn same_problems(problems: &[&Problem], layout: Layout, text: &mut String) {
    let width = layout.width.map(usize::from);
    for ((message, hint), problems) in Problem::by_message(problems) {
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
