//! What could not be read or understood: always first, never folded.

use crate::report::markdown::filler::{Filler, Part};
use crate::report::markup::{place, plain};
use crate::report::{Problem, Report};
use crate::text::count;

/// Places named for one problem before it says how many more there are.
const PLACES: usize = 5;

/// Each message once with its places: those of the change first, then those that were there before.
pub(super) fn problems(report: &Report, allowance: usize) -> Part {
    let (new, old): (Vec<&Problem>, Vec<&Problem>) = report.problems.iter().partition(|problem| problem.state == "new");
    if report.problems.is_empty() {
        return Part::default();
    }
    let mut filler = Filler::new("", allowance, 0);
    let mut told = 0;
    for (title, problems) in
        [(format!("### {}\n\n", Problem::heading(&new)), new), (format!("**{}:**\n\n", Problem::standing(&old)), old)]
    {
        let rows = by_message(&problems);
        let Some(first) = rows.first() else { continue };
        if !filler.fits(title.len() + first.1.len()) {
            filler.close();
        }
        filler.take(&title);
        told += rows.iter().take_while(|(_, row)| filler.take(row)).map(|(number, _)| number).sum::<usize>();
        filler.take("\n");
    }
    let missing = report.problems.len() - told;
    let left_out = (missing > 0).then(|| format!("{} not listed", count(missing, "more problem")));
    let cut = left_out.is_some().then(|| format!("{told} of {}", count(report.problems.len(), "problem")));
    Part { text: filler.end(left_out), cut }
}

/// A row a message with the number of problems it stands for.
fn by_message(problems: &[&Problem]) -> Vec<(usize, String)> {
    let row = |((message, hint), problems): ((&str, &str), Vec<&Problem>)| {
        let mut lines = vec![format!("- <strong>{}</strong>: {}", plain(message), plain(hint))];
        let places = problems.iter().take(PLACES);
        lines.extend(places.map(|problem| format!("{} ({})", place(&problem.path, problem.line), problem.side)));
        if problems.len() > PLACES {
            lines.push(format!("and {} more", problems.len() - PLACES));
        }
        (problems.len(), lines.join("<br>") + "\n")
    };
    Problem::by_message(problems).into_iter().map(row).collect()
}
