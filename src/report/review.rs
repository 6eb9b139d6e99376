//! A review of a pull request, ready for `gh api --input` on `POST /repos/{o}/{r}/pulls/{n}/reviews`.
//!
//! GitHub refuses all of it for one comment outside of the hunks of the diff, so a finding is commented on only
//! where it has an anchor there; the rest stands in the body, and so does what was cut.

mod comment;

use std::fmt::Write;

use serde::Serialize;

use crate::report::compared::states;
use crate::report::document;
use crate::report::markdown::{capital, title};
use crate::report::markup::{code, marker, place, plain};
use crate::report::verdict::{Verdict, no_access_change};
use crate::report::{Document, Finding, Problem, Report, Side};
use crate::text::count;
use comment::{Place, headline};

/// Comments of a review; more run into GitHub's limits against abuse.
const MOST_COMMENTS: usize = 30;
/// Bytes of a body: GitHub takes 65,536 characters.
const MOST_BYTES: usize = 60_000;
/// Bytes kept for the sentence that says what was left out.
const CLOSING: usize = 500;

#[derive(Serialize)]
struct Payload {
    #[serde(skip_serializing_if = "Option::is_none")]
    commit_id: Option<String>,
    event: &'static str,
    body: String,
    comments: Vec<Comment>,
}

#[derive(Serialize)]
struct Comment {
    path: String,
    line: u32,
    side: Side,
    body: String,
}

/// The report as a review that comments, and neither approves nor asks for changes. `id` tells several on one pull
/// request apart.
pub fn render(report: &Report, id: Option<&str>) -> Document {
    let mut places = comment::places(report);
    let beyond = if places.len() > MOST_COMMENTS { places.split_off(MOST_COMMENTS) } else { Vec::new() };
    let comments: Vec<Comment> = places.iter().map(|place| comment(report, place)).collect();
    let commented = |finding: &Finding| places.iter().any(|place| place.has(finding));
    let elsewhere: Vec<&Finding> = report.worst_first().into_iter().filter(|finding| !commented(finding)).collect();
    let mut body = Body::new(report, id);
    body.problems(report);
    body.findings(&elsewhere, beyond.len(), report.review.is_some());
    let commit_id = report.review.as_ref().and_then(|review| review.commit.clone());
    let (body, cut) = body.closed();
    let payload = Payload { commit_id, event: "COMMENT", body, comments };
    Document { text: document::json(&payload), cut }
}

fn comment(report: &Report, place: &Place<'_>) -> Comment {
    let anchor = place.anchor;
    Comment { path: anchor.path.clone(), line: anchor.line, side: anchor.side, body: place.body(report, MOST_BYTES) }
}

/// The body, as far as there is room.
struct Body {
    text: String,
    /// Findings and problems that there was no room for.
    left_out: usize,
}

impl Body {
    fn new(report: &Report, id: Option<&str>) -> Self {
        let mut body = Self { text: format!("{}\n", marker("permdelta review", id)), left_out: 0 };
        let mut lines = vec![format!("**{}**", title(report))];
        let sentences =
            Verdict::of(report).map(|verdict| verdict.sentence()).into_iter().chain(no_access_change(report));
        lines.extend(sentences.map(|sentence| format!("{}.", capital(&sentence))));
        lines.push(format!("{}.", states(report, code)));
        body.line(&format!("{}\n", lines.join("<br>")));
        body
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// One of a list, unless there is no room.
    fn item(&mut self, item: &str) {
        if self.left_out > 0 || self.text.len() + item.len() + 1 > MOST_BYTES - CLOSING {
            self.left_out += 1;
        } else {
            self.line(item);
        }
    }

    fn problems(&mut self, report: &Report) {
        let (new, old): (Vec<_>, Vec<_>) = report.problems.iter().partition(|problem| problem.state == "new");
        if !new.is_empty() {
            self.line(&format!("**{}**\n", Problem::heading(&new)));
            for problem in new {
                let (message, hint) = (plain(&problem.message), plain(problem.hint));
                let place = place(&problem.path, problem.line);
                self.item(&format!("- <strong>{message}</strong>: {hint}<br>{place} ({})", problem.side));
            }
            self.line("");
        }
        if !old.is_empty() {
            let problems = count(old.len(), "problem");
            self.line(&format!("{problems} in files that this change does not touch, which fail nothing\n"));
        }
    }

    /// Those without a comment; `beyond` lines of the diff would have one, if there were not too many.
    fn findings(&mut self, findings: &[&Finding], beyond: usize, is_diff: bool) {
        if findings.is_empty() {
            return;
        }
        let why = match beyond {
            0 => String::new(),
            beyond => format!(", or beyond the {MOST_COMMENTS} comments of a review ({})", count(beyond, "line")),
        };
        let title = if is_diff { format!("Not on a line of this diff{why}") } else { "Findings".to_owned() };
        self.line(&format!("**{title}**\n"));
        for finding in findings {
            let place = place(&finding.path, Some(finding.line));
            self.item(&format!("- {}<br>{place} · {}", headline(finding), code(&finding.fingerprint)));
        }
        self.line("");
    }

    /// The whole body, and what it leaves out.
    fn closed(mut self) -> (String, Option<String>) {
        if self.left_out == 0 {
            return (self.text.trim_end().to_owned(), None);
        }
        let cut = format!("the review leaves out {} that it has no room for; --format json has all", self.left_out);
        // A string takes what is written.
        let _ = write!(
            self.text,
            "{} more are left out here: a body has no room for them; `permdelta check` lists all.",
            self.left_out
        );
        (self.text, Some(cut))
    }
}
