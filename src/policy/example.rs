//! Runs the examples inside rule files, through the whole pipeline.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::civil::Date;

use crate::delta::{FileProblem, Library, Plan, Side, audit, compare};
use crate::error::{Cause, Error};
use crate::policy::{
    Config, Example, Files, Finding, Policy, Rule, Scope, State, builtin_rules, judge_audit, judge_change,
};
use crate::policy::{Proposal, judge_excluded, judge_guarantee, judge_requested, judge_touched, judge_unused};
use crate::policy::{judge_weakened, requested, weakenings};
use crate::source::{BlobId, BlobReader, Blobs, Listing, Origin, POLICY, SourceKind};

/// The day examples are judged on.
const TODAY: Date = Date::constant(2026, 1, 5);

/// What some rule says about an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The rule that reports.
    pub rule: String,
    /// The subjects it reports on: grant keys, or element and value.
    pub subjects: Vec<String>,
    /// The trimmed line it points at.
    pub line: String,
    /// Rules it names besides.
    pub also: Vec<String>,
}

/// What is wrong with the examples of a rule, judged by itself and among `all` rules; nothing if it does what they say.
pub fn failures(rule: &Rule, all: &[Rule]) -> Vec<String> {
    let mut failures = Vec::new();
    let fires = |wanted: bool| rule.examples.iter().any(|example| example.fires.is_empty() != wanted);
    if !fires(true) {
        failures.push("no example fires: write one that the rule is there for".to_owned());
    }
    if !fires(false) {
        failures.push("no example is a near miss: write one that must stay quiet".to_owned());
    }
    for example in &rule.examples {
        // What is wrong comes first: titles are long.
        let found = example_failures(rule, all, example).into_iter();
        failures.extend(found.map(|failure| format!("{failure} (example \"{}\")", example.title)));
    }
    failures
}

fn example_failures(rule: &Rule, all: &[Rule], example: &Example) -> Vec<String> {
    let expected: BTreeSet<String> = example.fires.iter().cloned().collect();
    let fires = |rules: &[Rule]| {
        let (outcomes, problems) = run(rules, &example.before, &example.after);
        if problems.is_empty() { Ok(matched(&outcomes, rule)) } else { Err(problems) }
    };
    let unlike = |found: &BTreeSet<String>| {
        let (expected, found) = (listed(&expected), listed(found));
        (expected != found).then(|| format!("it should fire at {expected}, and does at {found}"))
    };
    let alone = match fires(std::slice::from_ref(rule)) {
        Ok(found) => unlike(&found),
        Err(problems) => return problems,
    };
    // Beside others a rule is right where they name it. What is wrong without them is said once.
    // The guarantee is judged only when it is asked for.
    let among = match alone {
        None if !rule.is_guarantee() => {
            fires(all).map_or_else(|problems| problems.into_iter().next(), |found| unlike(&found))
        }
        _ => None,
    };
    let mut failures: Vec<String> =
        alone.into_iter().chain(among.map(|failure| format!("among all rules {failure}"))).collect();
    for (side, files) in [("before", &example.before), ("after", &example.after)] {
        let (outcomes, _) = run(std::slice::from_ref(rule), files, files);
        if !outcomes.is_empty() {
            failures.push(format!("it fires where nothing changes: {side} compared with itself"));
        }
    }
    failures
}

/// The subjects at which one rule matches: where it reports, and where a more severe rule names it.
pub fn matched(outcomes: &[Outcome], rule: &Rule) -> BTreeSet<String> {
    let matches = |outcome: &&Outcome| outcome.rule == rule.id || outcome.also.contains(&rule.id);
    outcomes.iter().filter(matches).flat_map(|outcome| outcome.subjects.clone()).collect()
}

fn listed(subjects: &BTreeSet<String>) -> String {
    match subjects.is_empty() {
        true => "nothing".to_owned(),
        false => subjects.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
    }
}

/// All findings of all rules on the way from `before` to `after`, and the problems that were met. Rules about a
/// whole snapshot say what is true of `after` and was not of `before`.
pub fn run(rules: &[Rule], before: &Files, after: &Files) -> (Vec<Outcome>, Vec<String>) {
    let blobs = Memory { files: [side("before", before), side("after", after)].concat().into_iter().collect() };
    let (mut base, mut head) = (blobs.listing("before/"), blobs.listing("after/"));
    // The configuration of `before` counts, as that of the target branch does.
    let known = if blobs.has_config() { all(rules) } else { Ok(Vec::new()) };
    let configs = known.and_then(|known| Ok((blobs.configs(&known)?, known)));
    let ((counting, proposed), known) = match configs {
        Ok(configs) => configs,
        Err(error) => return (Vec::new(), vec![error.to_string()]),
    };
    // A waiver is of use only beside the rule it names.
    let named = |rule: &&Rule| counting.waivers.iter().chain(&proposed.waivers).any(|waiver| waiver.rule == rule.id);
    let waived = known.iter().filter(named);
    let beside = waived.filter(|waived| rules.iter().all(|rule| rule.id != waived.id));
    let judging: Vec<Rule> = rules.iter().chain(beside).cloned().collect();
    let policy = Policy::new(&judging, counting, TODAY);
    let excluded = policy.exclude_both(&mut base, &mut head, &blobs);
    let plan = Plan::comparison(&base, &head);
    let mut library = Library::default();
    library.fill(&plan, &blobs);
    let comparison = compare(&plan, &base, &head, &library);
    let mut findings = judge_change(&policy, &comparison, &library);
    // The guarantee fires on nearly every example: it is judged only where it is meant.
    if let [rule] = rules
        && rule.is_guarantee()
    {
        findings.extend(judge_guarantee(&policy, &comparison, &library));
    }
    let (counting, known) = (&policy.config, known.as_slice());
    let weakenings = weakenings(Proposal { config: counting, known }, Proposal { config: &proposed, known });
    findings.extend(judge_weakened(&policy, &proposed, &weakenings));
    findings.extend(judge_requested(&policy, &proposed, &requested(counting, &proposed, TODAY)));
    findings.extend(judge_excluded(&policy, &excluded, Some(State::New)));
    policy.waive(&mut findings);
    let touched = judge_touched(&policy, &comparison, &findings);
    findings.extend(touched);
    findings.retain(|finding| finding.waiver.is_none());
    let mut outcomes: Vec<Outcome> = findings.into_iter().map(outcome).collect();
    let old = of_snapshot(&policy, &base, &blobs);
    let new = of_snapshot(&policy, &head, &blobs)
        .into_iter()
        .filter(|(fingerprint, _)| old.iter().all(|(known, _)| known != fingerprint));
    outcomes.extend(new.map(|(_, outcome)| outcome));
    outcomes.retain(|outcome| rules.iter().any(|rule| rule.id == outcome.rule));
    (outcomes, comparison.problems.iter().map(problem).collect())
}

/// A problem in a file of an example: `after, flows/F.flow-meta.xml:4: the file ends inside <Flow>`.
fn problem(problem: &FileProblem<'_>) -> String {
    let side = if problem.side == Side::Base { "before" } else { "after" };
    let line = problem.bytes.zip(problem.problem.at).map(|(bytes, at)| crate::text::Lines::new(bytes).line(at));
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{side}, {}{line}: {}", problem.path, problem.problem.cause)
}

fn outcome(finding: Finding<'_>) -> Outcome {
    Outcome {
        rule: finding.rule.id.clone(),
        subjects: [finding.keys, finding.about].concat(),
        line: crate::text::Lines::new(finding.bytes).place(finding.span).snippet,
        also: finding.also.into_iter().map(str::to_owned).collect(),
    }
}

/// What rules about whole snapshots say of one, by fingerprint.
fn of_snapshot(policy: &Policy, snapshot: &Listing, blobs: &Memory) -> Vec<(String, Outcome)> {
    let mut policy = policy.clone();
    if policy.config.waivers.is_empty() {
        policy.rules.retain(|rule| rule.scope == Scope::Snapshot);
    }
    let plan = Plan::audit(snapshot);
    let mut library = Library::default();
    library.fill(&plan, blobs);
    let mut findings = judge_audit(&policy, &audit(&plan, snapshot, &library), &library);
    policy.waive(&mut findings);
    let unused = judge_unused(&policy, &findings);
    findings.retain(|finding| finding.rule.scope == Scope::Snapshot && finding.waiver.is_none());
    findings.extend(unused);
    findings.into_iter().map(|finding| (finding.fingerprint.clone(), outcome(finding))).collect()
}

fn side(name: &str, files: &Files) -> Vec<(String, String)> {
    match files {
        Files::None => Vec::new(),
        Files::Snippet(inside) => {
            let namespace = crate::metadata::xml::NAMESPACE;
            let xml = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PermissionSet xmlns=\"{namespace}\">\n{}\n</PermissionSet>\n",
                inside.trim_matches('\n')
            );
            vec![(format!("{name}/permissionsets/Example.permissionset-meta.xml"), xml)]
        }
        Files::Paths(paths) => paths.iter().map(|(path, text)| (format!("{name}/{path}"), text.clone())).collect(),
    }
}

/// Files in memory, by path; the first folder is the side.
struct Memory {
    files: BTreeMap<String, String>,
}

/// The rules of the program, and those that are tried.
fn all(rules: &[Rule]) -> Result<Vec<Rule>, Error> {
    let mut all = builtin_rules()?;
    all.retain(|known| rules.iter().all(|rule| rule.id != known.id));
    all.extend(rules.iter().cloned());
    Ok(all)
}

impl Memory {
    fn has_config(&self) -> bool {
        ["before", "after"].iter().any(|side| self.files.contains_key(&format!("{side}/{POLICY}")))
    }

    /// What each side has for a configuration.
    fn configs(&self, known: &[Rule]) -> Result<(Config, Config), Error> {
        let read = |side: &str| match self.files.get(&format!("{side}/{POLICY}")) {
            Some(text) => Config::read(POLICY, text.as_bytes(), known),
            None => Ok(Config { path: POLICY.to_owned(), ..Config::default() }),
        };
        Ok((read("before")?, read("after")?))
    }

    fn listing(&self, side: &str) -> Listing {
        let mut listing = Listing::empty(Origin { kind: SourceKind::Directory, name: side.to_owned(), id: None });
        for path in self.files.keys() {
            if let Some(inside) = path.strip_prefix(side) {
                listing.add(inside, || BlobId::File(Path::new(path).into()));
            }
        }
        listing.sorted()
    }
}

impl Blobs for Memory {
    fn reader(&self) -> Box<dyn BlobReader + '_> {
        Box::new(self)
    }
}

impl BlobReader for &Memory {
    fn read(&mut self, id: &BlobId) -> Result<Vec<u8>, Cause> {
        match id {
            BlobId::File(path) => self.files.get(&*path.to_string_lossy()).map(|text| text.clone().into_bytes()),
            BlobId::Object(_) | BlobId::Entry(_) => None,
        }
        .ok_or_else(|| Cause::Unreadable("no such file".to_owned()))
    }
}
