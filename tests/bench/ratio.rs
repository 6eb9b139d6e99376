//! The stated speed: each step on a big org, as a ratio to the bare event loop in the same run.
//!
//! Machines differ and are shared, so a number of milliseconds says little. A ratio of two neighbours in time
//! says more, and the median of seven such pairs holds when one of them is disturbed.

use std::time::{Duration, Instant};

use permdelta::delta::{Library, Plan, audit, compare, compare_declared};
use permdelta::policy::{Policy, Rule, What, builtin_rules, judge_audit, judge_change};
use permdelta::source::Listing;

use crate::bare;
use crate::generator::{Scale, State, org};
use crate::memory::Memory;

const PAIRS: usize = 7;
const ORG: Scale = Scale::of_sets(300, 30);
/// An org of two million entries, with all that groups add.
const GROUPED: Scale = Scale { usual: 60, large: 10, small: 930, profiles: 50, groups: 100 };
/// What effective access may cost at most, on top of reading both sides and the declared delta.
const EFFECT_LIMIT: f64 = 0.5;
/// What reading may cost at most.
const READ_LIMIT: f64 = 1.5;

/// One org at two points in time.
struct Orgs {
    memory: Memory,
    base: Listing,
    head: Listing,
    policy: Policy,
}

/// The times of one round.
struct Round {
    bare: Duration,
    /// In the order of [`STEPS`].
    steps: [Duration; STEPS.len()],
}

const STEPS: [&str; 5] = [
    "read one org into comparable entries",
    "judge it with the built-in rules",
    "declared delta of two orgs, 1 % of entries differ",
    "judge that delta with the built-in rules",
    "check two orgs: read both, compare, judge",
];

/// Measures and prints.
pub(crate) fn run() {
    let mut memory = Memory::default();
    let base = memory.add("base", org(ORG, State::Base));
    let head = memory.add("head", org(ORG, State::Head));
    let orgs = Orgs { memory, base, head, policy: Policy::unconfigured(&builtin_rules().expect("built-in rules")) };
    orgs.describe();
    orgs.round(true);
    let rounds: Vec<Round> = (0..PAIRS).map(|index| orgs.round(index % 2 == 0)).collect();
    let bare = rounds.iter().map(|round| round.bare.as_secs_f64()).collect();
    println!("{:52} {:>6.1} ms", "bare event loop over one org", median(bare) * 1e3);
    for (index, step) in STEPS.iter().enumerate() {
        let times = rounds.iter().map(|round| round.steps[index].as_secs_f64()).collect();
        let mut ratios: Vec<f64> = rounds.iter().map(|round| round.ratio(index)).collect();
        ratios.sort_by(f64::total_cmp);
        let (least, most) = (ratios[0], ratios[PAIRS - 1]);
        let (time, ratio) = (median(times) * 1e3, median(ratios));
        println!("{step:52} {time:>6.1} ms   {ratio:.2} x   ({least:.2} to {most:.2})");
        if index == 0 && ratio > READ_LIMIT {
            println!("  SLOW: reading may cost {READ_LIMIT} x the bare event loop at most");
        }
    }
}

/// Effective access on top of reading and the declared delta, in an org with groups and profiles.
pub(crate) fn run_effective() {
    let mut memory = Memory::default();
    let base = memory.add("base", org(GROUPED, State::Base));
    let head = memory.add("head", org(GROUPED, State::Head));
    let orgs = Orgs { memory, base, head, policy: Policy::unconfigured(&[]) };
    orgs.describe();
    let rounds: Vec<(f64, f64)> = (0..PAIRS).map(|_| orgs.effective()).collect();
    let before = median(rounds.iter().map(|(before, _)| *before).collect());
    let mut ratios: Vec<f64> = rounds.iter().map(|(before, effects)| effects / before).collect();
    ratios.sort_by(f64::total_cmp);
    let ratio = median(ratios.clone());
    println!("{:52} {:>6.1} ms", "read both sides, declared delta", before * 1e3);
    println!(
        "{:52} {:>6.1} ms   {ratio:.2} x   ({:.2} to {:.2})",
        "effective access and its delta on top",
        ratio * before * 1e3,
        ratios[0],
        ratios[PAIRS - 1]
    );
    if ratio > EFFECT_LIMIT {
        println!("  SLOW: effective access may cost {EFFECT_LIMIT} x what comes before it at most");
    }
}

/// A hundred rules about grants, over all entries of the org: those of the program, and own ones by glob and by name.
pub(crate) fn run_rules() {
    let mut rules = builtin_rules().expect("built-in rules");
    rules.retain(|rule| matches!(rule.matching.what, What::Grants | What::Combination(_)));
    for number in rules.len()..RULES {
        let id = format!("own-rule-{number}");
        let text = OWN_RULE.replace("ID", &id).replace("NUMBER", &number.to_string());
        rules.push(Rule::load(&format!("security/rules/{id}.toml"), &text).expect("an own rule"));
    }
    let mut memory = Memory::default();
    let (base, head) = (memory.add("base", org(ORG, State::Base)), memory.add("head", org(ORG, State::Head)));
    let orgs = Orgs { memory, base, head, policy: Policy::unconfigured(&rules) };
    let plan = Plan::audit(&orgs.base);
    let (library, _) = orgs.filled(&plan);
    let stock = audit(&plan, &orgs.base, &library);
    let entries: usize = stock.holders.iter().map(|holder| holder.grants().len()).sum();
    let times: Vec<f64> = (0..PAIRS)
        .map(|_| {
            orgs.memory.copy();
            let (_, bare) = time(|| bare::org(&orgs.memory, &orgs.base));
            let (findings, judged) = time(|| judge_audit(&orgs.policy, &stock, &library));
            assert!(findings.len() > 100, "rules find something");
            println!("  {} findings, {:.2} x the bare loop", findings.len(), judged.as_secs_f64() / bare.as_secs_f64());
            judged.as_secs_f64()
        })
        .collect();
    let judged = median(times) * 1e3;
    let million = judged * 1e6 / entries as f64;
    println!("{RULES} rules over {entries} entries {judged:>6.1} ms, {million:.1} ms a million");
}

/// How many rules about grants are judged together.
const RULES: usize = 100;
/// One that asks by a glob, by name and by a part of a name.
const OWN_RULE: &str = r#"
id = "ID"
title = "T"
severity = "low"
scope = "holder"
why = "W."
fix = "F."
references = ["R"]
message = "{holder} holds {grant}"
[match]
on = "effective"
grant = ["fieldPermissions/*.Field_NUMBER_*/editable", "userPermissions/ViewSetup", "objectPermissions/*NUMBER__c/allowDelete"]
none_of = [{ grant = ["fieldPermissions/Account.*/*"] }]
aggregate = true
"#;

impl Orgs {
    /// Seconds for reading and the declared delta, and seconds that effective access adds.
    fn effective(&self) -> (f64, f64) {
        let plan = Plan::comparison(&self.base, &self.head);
        let (library, read) = self.filled(&plan);
        let (declared, delta) = time(|| compare_declared(&plan, &self.base, &self.head, &library));
        drop(declared);
        let (both, whole) = time(|| compare(&plan, &self.base, &self.head, &library));
        assert!(both.groups.len() > 90, "nearly every group is affected");
        ((read + delta).as_secs_f64(), whole.saturating_sub(delta).as_secs_f64())
    }

    fn describe(&self) {
        let megabytes = |listing| self.memory.size(listing) as f64 / 1e6;
        println!(
            "{} files, base {:.1} MB and head {:.1} MB, {} threads; median of {PAIRS} interleaved pairs (least to most)",
            self.base.files.len(),
            megabytes(&self.base),
            megabytes(&self.head),
            bare::threads(),
        );
    }

    /// The bare loop right before or right behind the reading it is compared with, then the other steps.
    fn round(&self, bare_first: bool) -> Round {
        let run_bare = || {
            self.memory.copy();
            time(|| bare::org(&self.memory, &self.base)).1
        };
        let first = bare_first.then(run_bare);
        let plan = Plan::audit(&self.base);
        let (library, read) = self.filled(&plan);
        let bare = first.unwrap_or_else(run_bare);
        let (_, judge) = time(|| {
            let stock = audit(&plan, &self.base, &library);
            judge_audit(&self.policy, &stock, &library).len()
        });
        drop(library);
        let plan = Plan::comparison(&self.base, &self.head);
        let (library, read_both) = self.filled(&plan);
        let (comparison, delta) = time(|| compare(&plan, &self.base, &self.head, &library));
        let (_, judge_delta) = time(|| judge_change(&self.policy, &comparison, &library).len());
        assert_eq!(comparison.holders.len(), self.base.files.len(), "every permission set differs");
        Round { bare, steps: [read, judge, delta, judge_delta, read_both + delta + judge_delta] }
    }

    fn filled(&self, plan: &Plan<'_>) -> (Library, Duration) {
        self.memory.copy();
        let mut library = Library::default();
        let ((), duration) = time(|| library.fill(plan, &self.memory));
        (library, duration)
    }
}

impl Round {
    fn ratio(&self, step: usize) -> f64 {
        self.steps[step].as_secs_f64() / self.bare.as_secs_f64()
    }
}

/// How long something takes, without dropping what it makes.
fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let made = work();
    (made, start.elapsed())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
