//! Looks a finding up by its fingerprint: where `check` would find it, then where `audit` would.

use std::path::Path;

use jiff::civil::Date;

use crate::cli::args::RangeArgs;
use crate::cli::output::Output;
use crate::cli::policy::{Chosen, Wanted};
use crate::cli::range::{self, Sides};
use crate::cli::{audit, check};
use crate::delta::{self, FileProblem, Library, Plan, compare};
use crate::error::Error;
use crate::policy::{Finding, Policy, judge_guarantee};
use crate::report;
use crate::source::{Listing, Store};
use crate::text::count;

/// Fingerprints listed when a prefix stands for several, and problems named.
const LISTED: usize = 10;

/// Whether a text can be a fingerprint, or the beginning of one.
pub(crate) fn is_fingerprint(text: &str) -> bool {
    (4..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The findings of one fingerprint, and what they were found in.
pub(crate) struct Found<'a, 'l> {
    pub(crate) findings: Vec<Finding<'l>>,
    pub(crate) plan: &'a Plan<'l>,
    pub(crate) library: &'l Library,
    pub(crate) policy: &'l Policy,
    /// The state before, as it was asked for; `None` for an audit.
    pub(crate) base: Option<&'a str>,
    /// The state they are of.
    pub(crate) head: &'a str,
}

/// What is done with what is found.
pub(crate) type Use<'u> = dyn FnMut(Found<'_, '_>) -> Result<(), Error> + 'u;

/// Looks for the finding whose fingerprint begins with `prefix`; `place` is a range or a snapshot.
///
/// # Errors
/// There is none, or the prefix stands for several.
pub(crate) fn find(
    prefix: &str,
    place: Option<&str>,
    today: Date,
    output: &Output,
    with: &mut Use<'_>,
) -> Result<(), Error> {
    let prefix = prefix.to_lowercase();
    let mut search = Search { prefix: &prefix, today, output, looked: Vec::new() };
    let sides = sides(place)?;
    if let Some(sides) = &sides
        && search.check(sides, with)?
    {
        return Ok(());
    }
    let is_revision = place.is_some_and(|place| !place.contains(".."));
    let found = match sides.filter(|_| !is_revision) {
        Some(sides) => search.audit(&sides.head, &sides.store, with)?,
        None => {
            let one = range::one(place)?;
            search.audit(&one.listing, &one.store, with)?
        }
    };
    if found {
        return Ok(());
    }
    Err(Error::usage(
        format!("no finding \"{prefix}\": looked at {}", search.looked.join(", and at ")),
        "check and audit print fingerprints; name the range or snapshot they were run on",
    ))
}

/// The range there is to check; `None` for a snapshot, and where none was asked for and none can be determined.
fn sides(place: Option<&str>) -> Result<Option<Sides>, Error> {
    let range =
        |range: Option<&str>| range::sides(&RangeArgs { range: range.map(str::to_owned), from: None, to: None });
    match place {
        None => Ok(range(None).ok()),
        Some(place) if place.starts_with(':') || Path::new(place).exists() => Ok(None),
        Some(place) if place.contains("..") => range(Some(place)).map(Some),
        // A revision can be audited where there is no worktree to compare it with.
        Some(place) => Ok(range(Some(place)).ok()),
    }
}

struct Search<'a> {
    prefix: &'a str,
    today: Date,
    output: &'a Output,
    /// What was judged so far.
    looked: Vec<String>,
}

impl Search<'_> {
    fn check(&mut self, sides: &Sides, with: &mut Use<'_>) -> Result<bool, Error> {
        let chosen = Chosen::of_change(sides, Wanted { from: None, today: self.today }, self.output)?;
        let policy = &chosen.policy;
        let (base, head, excluded) = chosen.listings(sides, self.output);
        let plan = Plan::comparison(&base, &head);
        let mut library = Library::default();
        let progress = self.output.progress(&library);
        library.fill(&plan, &sides.store);
        progress.judging();
        let comparison = compare(&plan, &base, &head, &library);
        let findings = check::judged(&chosen, &comparison, &excluded, false, &library);
        drop(progress);
        self.looked.push(format!("{} of check {}", count(findings.len(), "finding"), sides.chosen));
        let found = match self.pick(findings)? {
            // What only `check --no-new-access` prints is found as well.
            None => self.pick(judge_guarantee(policy, &comparison, &library))?,
            found => found,
        };
        let Some(findings) = found else { return Ok(false) };
        self.output.remark(&report::plain(&sides.chosen));
        self.problems(&comparison.problems);
        let base = Some(sides.base.origin.name.as_str());
        with(Found { findings, plan: &plan, library: &library, policy, base, head: &sides.head.origin.name })?;
        Ok(true)
    }

    fn audit(&mut self, listing: &Listing, store: &Store, with: &mut Use<'_>) -> Result<bool, Error> {
        let chosen = Chosen::of_snapshot(listing, store, Wanted { from: None, today: self.today }, self.output)?;
        let (listing, excluded) = chosen.listing(listing, self.output);
        let plan = Plan::audit(&listing);
        let mut library = Library::default();
        let progress = self.output.progress(&library);
        library.fill(&plan, store);
        progress.judging();
        let stock = delta::audit(&plan, &listing, &library);
        let findings = audit::judged(&chosen.policy, &stock, &excluded, &library);
        drop(progress);
        let name = &listing.origin.name;
        self.looked.push(format!("{} of audit {name}", count(findings.len(), "finding")));
        let Some(findings) = self.pick(findings)? else { return Ok(false) };
        self.output.remark(&report::plain(&format!("auditing {name}")));
        self.problems(&stock.problems);
        let policy = &chosen.policy;
        with(Found { findings, plan: &plan, library: &library, policy, base: None, head: name })?;
        Ok(true)
    }

    /// The findings of the one fingerprint that begins so.
    fn pick<'l>(&self, mut findings: Vec<Finding<'l>>) -> Result<Option<Vec<Finding<'l>>>, Error> {
        findings.retain(|finding| finding.fingerprint.starts_with(self.prefix));
        findings.sort_by(|a, b| (&a.fingerprint, a.path, a.span.start).cmp(&(&b.fingerprint, b.path, b.span.start)));
        let mut different: Vec<&Finding<'_>> = findings.iter().collect();
        different.dedup_by_key(|finding| &finding.fingerprint);
        if different.len() < 2 {
            return Ok((!findings.is_empty()).then_some(findings));
        }
        let named = |finding: &&Finding<'_>| {
            // A line of its own for each: nothing in a name may begin another.
            let name = report::plain(finding.subject.name).into_owned();
            format!("{}  {}  {name}", finding.fingerprint, finding.rule.id)
        };
        let mut lines: Vec<String> = different.iter().take(LISTED).map(named).collect();
        if different.len() > LISTED {
            lines.push(format!("and {} more", different.len() - LISTED));
        }
        let message = format!("\"{}\" begins {} fingerprints", self.prefix, different.len());
        Err(Error::usage(message, lines.join("\n")))
    }

    /// What may be missing from the answer.
    fn problems(&self, problems: &[FileProblem<'_>]) {
        if problems.is_empty() {
            return;
        }
        let what = count(problems.len(), "problem");
        self.output.remark(&format!("not everything could be read or understood: {what}"));
        let mut lines: Vec<String> =
            problems.iter().map(|problem| format!("  {}: {}", problem.path, problem.problem.cause)).collect();
        lines.sort();
        for line in lines.iter().take(LISTED) {
            self.output.remark(&report::plain(line));
        }
        if lines.len() > LISTED {
            self.output.remark(&format!("  and {} more, listed by check and audit", lines.len() - LISTED));
        }
    }
}
