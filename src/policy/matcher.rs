//! All grant patterns of all rules in one lookup: which of them stand for a key.
//!
//! A key is looked at once a run, however many entries state it.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use globset::{Glob, GlobMatcher, GlobSet};
use hashbrown::HashMap;

use crate::access::{GrantPattern, NamePattern};
use crate::metadata::{Key, NameId, Names, Word};
use crate::policy::{Condition, Facts, Match, Policy, What};
use crate::text::matcher;

/// A set of small numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    fn insert(&mut self, bit: usize) {
        if self.0.len() <= bit / 64 {
            self.0.resize(bit / 64 + 1, 0);
        }
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    fn contains(&self, bit: usize) -> bool {
        self.0.get(bit / 64).is_some_and(|word| word & 1 << (bit % 64) != 0)
    }

    fn unite(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(own, other)| *own |= other);
    }

    /// Whether the two have a number in common.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(own, other)| own & other != 0)
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

/// The patterns of one section and right: each is a bit of a test.
#[derive(Default)]
struct Patterns {
    any: Bits,
    literal: HashMap<NameId, Bits>,
    globs: Vec<(Glob, usize)>,
    /// Built for the first name that is looked at: most sections have none in a small change.
    compiled: OnceCell<Compiled>,
}

/// Globs, as one or, where they are too many for that, each for itself.
enum Compiled {
    Together(GlobSet),
    Apart(Vec<GlobMatcher>),
}

impl Patterns {
    fn of(&self, folded: NameId, names: &Names, found: &mut Bits) {
        found.unite(&self.any);
        if let Some(literal) = self.literal.get(&folded) {
            found.unite(literal);
        }
        if !self.globs.is_empty() {
            self.matching(names.name(folded)).into_iter().for_each(|at| found.insert(self.globs[at].1));
        }
    }
}

impl Patterns {
    /// The numbers of the globs that stand for a name.
    fn matching(&self, name: &str) -> Vec<usize> {
        let compiled = self.compiled.get_or_init(|| {
            let mut builder = GlobSet::builder();
            self.globs.iter().for_each(|(glob, _)| {
                builder.add(glob.clone());
            });
            let apart = || self.globs.iter().map(|(glob, _)| matcher(glob)).collect();
            builder.build().map_or_else(|_| Compiled::Apart(apart()), Compiled::Together)
        });
        match compiled {
            Compiled::Together(set) => set.matches(name),
            Compiled::Apart(globs) => (0..globs.len()).filter(|at| globs[*at].is_match(name)).collect(),
        }
    }
}

/// A condition, as the matcher knows it: its grants are a test.
type Test = Option<usize>;

/// The tests of one rule.
struct RuleTests {
    own: Test,
    any_of: Vec<Test>,
    none_of: Vec<Test>,
    /// For each combination, those of its parts.
    combinations: Vec<Vec<Test>>,
}

/// The grant patterns of a policy's rules, for the names of one run.
pub(super) struct Matcher<'p> {
    policy: &'p Policy,
    names: &'p Names,
    tests: Vec<RuleTests>,
    /// By section and right; [`Word::NONE`] for patterns of every right.
    patterns: HashMap<(Word, Word), Patterns>,
    seen: RefCell<HashMap<Key, Option<Rc<Bits>>>>,
}

/// A rule that is about one holder, with what it then asks of a grant.
pub(super) struct Live {
    /// Its number in the policy.
    pub(super) rule: usize,
    own: Test,
    /// Empty: it asks for none of several.
    any_of: Vec<Test>,
    none_of: Vec<usize>,
}

impl<'p> Matcher<'p> {
    /// For all rules of a policy.
    pub(super) fn new(policy: &'p Policy, names: &'p Names) -> Self {
        let mut matcher = Self { policy, names, tests: Vec::new(), patterns: HashMap::new(), seen: RefCell::default() };
        let mut number = 0;
        for rule in &policy.rules {
            let matching = &rule.matching;
            let mut test = |condition: &Condition| matcher.test(condition, &mut number);
            let own = test(&matching.condition);
            let any_of = matching.any_of.iter().map(&mut test).collect();
            let none_of = matching.none_of.iter().map(&mut test).collect();
            let combinations = match &matching.what {
                What::Combination(combinations) => {
                    combinations.iter().map(|one| one.parts.iter().map(&mut test).collect()).collect()
                }
                _ => Vec::new(),
            };
            matcher.tests.push(RuleTests { own, any_of, none_of, combinations });
        }
        matcher
    }

    fn test(&mut self, condition: &Condition, number: &mut usize) -> Test {
        if !condition.is_about_grants() {
            return None;
        }
        let test = *number;
        *number += 1;
        condition.grants.iter().for_each(|grant| self.add(grant, test));
        Some(test)
    }

    fn add(&mut self, grant: &GrantPattern, test: usize) {
        let patterns = self.patterns.entry((grant.section(), grant.right().unwrap_or(Word::NONE))).or_default();
        match grant.name() {
            NamePattern::Any => patterns.any.insert(test),
            // A name that no file has is looked for in vain.
            NamePattern::Literal(name) => {
                if let Some(id) = self.names.find(name) {
                    patterns.literal.entry(id).or_default().insert(test);
                }
            }
            NamePattern::Glob(glob) => patterns.globs.push((glob.glob().clone(), test)),
        }
    }

    /// The tests that a key passes; `None` if it passes none.
    pub(super) fn tests(&self, key: Key) -> Option<Rc<Bits>> {
        if let Some(seen) = self.seen.borrow().get(&key) {
            return seen.clone();
        }
        let mut found = Bits::default();
        let (section, right) = (key.section(), key.right());
        let every = self.patterns.get(&(section, Word::NONE));
        let own = self.patterns.get(&(section, right)).filter(|_| right != Word::NONE);
        every.into_iter().chain(own).for_each(|patterns| patterns.of(key.folded(), self.names, &mut found));
        let found = (!found.is_empty()).then(|| Rc::new(found));
        self.seen.borrow_mut().insert(key, found.clone());
        found
    }

    /// The rules that a holder is of interest to, and that `wanted` picks.
    pub(super) fn live(&self, facts: &Facts<'_>, wanted: impl Fn(&Match) -> bool) -> Vec<Live> {
        let rules = self.policy.rules.iter().zip(&self.tests).enumerate();
        rules
            .filter_map(|(rule, (known, tests))| {
                let matching = &known.matching;
                if !wanted(matching) || !matching.condition.admits(facts) {
                    return None;
                }
                let admitted = |conditions: &[Condition], tests: &[Test]| -> Vec<Test> {
                    let both = conditions.iter().zip(tests);
                    both.filter(|(condition, _)| condition.admits(facts)).map(|(_, test)| *test).collect()
                };
                let any_of = admitted(&matching.any_of, &tests.any_of);
                if any_of.is_empty() && !matching.any_of.is_empty() {
                    return None;
                }
                // One without grants excludes the holder as a whole.
                let none_of: Option<Vec<usize>> = admitted(&matching.none_of, &tests.none_of).into_iter().collect();
                Some(Live { rule, own: tests.own, any_of, none_of: none_of? })
            })
            .collect()
    }

    /// The tests of which a grant has to pass one to be of interest to any of these rules.
    pub(super) fn of_interest(&self, live: &[Live]) -> Bits {
        let mut bits = Bits::default();
        for live in live {
            let combinations = self.tests[live.rule].combinations.iter().flatten();
            let tests = [live.own].into_iter().chain(live.any_of.iter().copied()).chain(combinations.copied());
            tests.flatten().for_each(|test| bits.insert(test));
        }
        bits
    }

    /// The tests of the parts of one of a rule's combinations.
    pub(super) fn parts(&self, rule: usize, combination: usize) -> &[Test] {
        &self.tests[rule].combinations[combination]
    }
}

impl Live {
    /// Whether a grant that passes these tests is one the rule is about.
    pub(super) fn wants(&self, passed: &Bits) -> bool {
        let passes = |test: &Test| test.is_none_or(|test| passed.contains(test));
        passes(&self.own) && (self.any_of.is_empty() || self.any_of.iter().any(passes)) && !self.excludes(passed)
    }

    /// Whether a grant is one the rule leaves out.
    pub(super) fn excludes(&self, passed: &Bits) -> bool {
        self.none_of.iter().any(|test| passed.contains(*test))
    }
}

/// Whether a grant that passes these tests is one a part asks for.
pub(super) fn passes(test: Test, passed: &Bits) -> bool {
    test.is_some_and(|test| passed.contains(test))
}
