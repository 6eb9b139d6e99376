//! One finding in full, by its fingerprint.

use std::path::Path;

use crate::cli::args::RangeArgs;
use crate::cli::output::Output;
use crate::cli::policy::{Chosen, Wanted};
use crate::cli::range::{self, Sides};
use crate::cli::today::today;
use crate::cli::{audit, check, exit::Exit, explain::WIDEST};
use crate::delta::{self, FileProblem, Library, Plan, Question, compare, explain};
use crate::error::Error;
use crate::policy::{Finding, Policy, SubjectKind, judge_guarantee};
use crate::report::{self, Layout};
use crate::source::{Listing, Store};
use crate::text::count;

/// Fingerprints listed when a prefix stands for several, and problems named.
const LISTED: usize = 10;

/// Whether a text can be a fingerprint, or the beginning of one.
pub(super) fn is_fingerprint(text: &str) -> bool {
    (4..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Looks where `check` would, then where `audit` would, and prints what is found.
pub(super) fn run(prefix: &str, place: Option<&str>, output: &Output) -> Result<Exit, Error> {
    let mut search = Search { prefix, output, looked: Vec::new() };
    let sides = sides(place)?;
    if let Some(sides) = &sides
        && let Some(text) = search.check(sides)?
    {
        output.text(&text)?;
        return Ok(Exit::Pass);
    }
    let is_revision = place.is_some_and(|place| !place.contains(".."));
    let found = match sides.filter(|_| !is_revision) {
        Some(sides) => search.audit(&sides.head, &sides.store)?,
        None => {
            let one = range::one(place)?;
            search.audit(&one.listing, &one.store)?
        }
    };
    let Some(text) = found else {
        return Err(Error::usage(
            format!("no finding \"{prefix}\": looked at {}", search.looked.join(", and at ")),
            "check and audit print fingerprints; name the range or snapshot they were run on",
        ));
    };
    output.text(&text)?;
    Ok(Exit::Pass)
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
    output: &'a Output,
    /// What was judged so far.
    looked: Vec<String>,
}

impl Search<'_> {
    fn check(&mut self, sides: &Sides) -> Result<Option<String>, Error> {
        let wanted = Wanted { from: None, today: today(None) };
        let chosen = Chosen::of_change(sides, wanted, self.output)?;
        let policy = &chosen.policy;
        let (base, head, excluded) = chosen.listings(sides, self.output);
        let plan = Plan::comparison(&base, &head);
        let mut library = Library::default();
        library.fill(&plan, &sides.store);
        let comparison = compare(&plan, &base, &head, &library);
        let findings = check::judged(&chosen, &comparison, &excluded, false, &library);
        self.looked.push(format!("{} of check {}", count(findings.len(), "finding"), sides.chosen));
        let found = match self.pick(findings)? {
            // What only `check --no-new-access` prints is explained as well.
            None => self.pick(judge_guarantee(policy, &comparison, &library))?,
            found => found,
        };
        let Some(findings) = found else { return Ok(None) };
        self.output.remark(&report::plain(&sides.chosen));
        self.problems(&comparison.problems);
        let base = Some(sides.base.origin.name.as_str());
        Ok(Some(self.explained(findings, (&plan, &library), policy, base, &sides.head.origin.name)))
    }

    fn audit(&mut self, listing: &Listing, store: &Store) -> Result<Option<String>, Error> {
        let wanted = Wanted { from: None, today: today(None) };
        let chosen = Chosen::of_snapshot(listing, store, wanted, self.output)?;
        let (listing, excluded) = chosen.listing(listing, self.output);
        let plan = Plan::audit(&listing);
        let mut library = Library::default();
        library.fill(&plan, store);
        let stock = delta::audit(&plan, &listing, &library);
        let findings = audit::judged(&chosen.policy, &stock, &excluded, &library);
        let name = &listing.origin.name;
        self.looked.push(format!("{} of audit {name}", count(findings.len(), "finding")));
        let Some(findings) = self.pick(findings)? else { return Ok(None) };
        self.output.remark(&report::plain(&format!("auditing {name}")));
        self.problems(&stock.problems);
        Ok(Some(self.explained(findings, (&plan, &library), &chosen.policy, None, name)))
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

    fn explained<'l>(
        &self,
        findings: Vec<Finding<'l>>,
        (plan, library): (&Plan<'l>, &'l Library),
        policy: &'l Policy,
        base: Option<&str>,
        head: &str,
    ) -> String {
        let width = self.output.width().unwrap_or(WIDEST as u16).min(WIDEST as u16);
        let layout = Layout { width: Some(width), verbose: self.output.verbose };
        let mut texts = Vec::new();
        for finding in findings {
            let explained = match finding.subject.kind {
                SubjectKind::Holder(kind) if kind.is_assignable() => {
                    let (name, keys, about) = (finding.subject.name, &finding.keys, &finding.about);
                    explain(plan, library, Question { kind, name, keys, about })
                }
                _ => Default::default(),
            };
            let rule = finding.rule;
            if let Some(key) = finding.keys.first() {
                self.output
                    .remark(&report::plain(&format!("permdelta who \"{key}\" lists everybody who confers that")));
            }
            self.output.remark(&format!("permdelta explain {} has its references and examples", rule.id));
            let explanation = report::of_finding(finding, rule, &explained, library.names(), &policy.config);
            texts.push(report::render_explanation(&explanation, base, head, layout));
        }
        texts.join("\n")
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
