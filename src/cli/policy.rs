//! Which policy a run judges by, and what the change would make of it.

mod load;

pub(crate) use load::{known_beside, rules_in};

use std::borrow::Cow;
use std::path::Path;

use jiff::civil::Date;

use crate::cli::output::Output;
use crate::cli::policy::load::{Loaded, Place};
use crate::cli::range::Sides;
use crate::error::Error;
use crate::policy::{
    Config, Excluded, Finding, Policy, Proposal, Rule, Waiver, Weakening, builtin_rules, judge_requested,
    judge_weakened, requested, weakenings,
};
use crate::report;
use crate::source::{Listing, Origin, POLICY, Store, git};
use crate::text::{Lines, Span, clip_to, count};

/// Longest message of a policy that does not load, in characters, inside another message.
const MESSAGE: usize = 300;

/// The policy of a run.
pub(crate) struct Chosen {
    pub(crate) policy: Policy,
    /// All rules there are, on or off.
    pub(crate) known: Vec<Rule>,
    /// `built-in`, `target`, `base`, `head` or `file`.
    pub(crate) from: &'static str,
    /// The commit it is taken from.
    pub(crate) id: Option<String>,
    /// What the change would make of it.
    proposed: Option<Proposed>,
}

/// Head's policy, where the change brings it.
struct Proposed {
    config: Config,
    /// In what it is weaker than the one that counts.
    weakenings: Vec<Weakening>,
    /// The rules it has besides, by id.
    added: Vec<String>,
    /// The waivers it has besides: numbers in `config`.
    requested: Vec<usize>,
}

impl Proposed {
    /// A policy of head that does not load; none, if base has the same mistake.
    fn broken(sides: &Sides, (path, line, message): (String, u32, String)) -> Option<Self> {
        let base = Place::Snapshot(&sides.base).load(&sides.store, "");
        if let Err(Error::Policy { message: old, .. }) = base
            && old == message
        {
            return None;
        }
        let text = Place::Snapshot(&sides.head).text(&path, &sides.store);
        let at = text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum::<usize>() as u32;
        let span = Span { start: at, end: text.len() as u32 };
        let weakening = Weakening {
            about: "policy".to_owned(),
            what: vec![format!("it does not load: {}", clip_to(&message, MESSAGE))],
            span: Some(span),
            gone: None,
        };
        let config = Config { path, text, ..Config::default() };
        Some(Self { config, weakenings: vec![weakening], added: Vec::new(), requested: Vec::new() })
    }
}

/// Most lines of stderr about what counts after a merge: the findings name all that weakens.
const PREVIEWED: usize = 20;

/// What was asked for on the command line.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// `base`, `head` or a file.
    pub(crate) from: Option<&'a str>,
    /// The day waivers are held against.
    pub(crate) today: Date,
}

impl Chosen {
    /// The rules as they come, for what judges nothing.
    pub(crate) fn unconfigured() -> Result<Self, Error> {
        let known = builtin_rules()?;
        Ok(Self { policy: Policy::unconfigured(&known), known, from: "built-in", id: None, proposed: None })
    }

    /// For a comparison: from the tip of the branch the change is for, which it cannot write to; without such a
    /// branch from base.
    pub(crate) fn of_change(sides: &Sides, wanted: Wanted<'_>, output: &Output) -> Result<Self, Error> {
        let chosen = match wanted.from {
            None | Some("base") => {
                let (from, id, place) = match &sides.target {
                    Some(target) => {
                        let place = Place::Commit { id: target.id, policy: &target.policy };
                        ("target", Some(target.id.to_string()), place)
                    }
                    None => ("base", sides.base.origin.id.clone(), Place::Snapshot(&sides.base)),
                };
                let loaded = place.load(&sides.store, &whose(from, id.as_deref()))?;
                let mut chosen = Self::new(loaded, from, id, wanted.today);
                chosen.propose(sides)?;
                chosen
            }
            Some("head") => {
                let loaded = Place::Snapshot(&sides.head).load(&sides.store, "head")?;
                Self::new(loaded, "head", sides.head.origin.id.clone(), wanted.today)
            }
            Some(path) => Self::of_file(path, &sides.store, wanted.today)?,
        };
        chosen.said(&chosen.whose(), output);
        Ok(chosen)
    }

    /// For one state: its own.
    pub(crate) fn of_snapshot(
        snapshot: &Listing,
        store: &Store,
        wanted: Wanted<'_>,
        output: &Output,
    ) -> Result<Self, Error> {
        let chosen = match wanted.from {
            None | Some("base" | "head") => {
                let Origin { name, id, .. } = &snapshot.origin;
                Self::new(Place::Snapshot(snapshot).load(store, name)?, "head", id.clone(), wanted.today)
            }
            Some(path) => Self::of_file(path, store, wanted.today)?,
        };
        match chosen.from {
            "head" => chosen.said(&snapshot.origin.name, output),
            _ => chosen.said(&chosen.whose(), output),
        }
        Ok(chosen)
    }

    /// What is at hand, for what judges nothing: of the worktree, of a bare repository's `HEAD`, or of the directory
    /// where there is no repository.
    pub(crate) fn here() -> Result<Self, Error> {
        let loaded = match git::find(Path::new("."))? {
            Some(repository) => match repository.workdir() {
                Some(root) => Place::Folder(root).load(&Store::files(), "")?,
                None => {
                    let id = git::commit(&repository, "HEAD")?.id();
                    let policy = git::policy(&repository, id)?;
                    Place::Commit { id, policy: &policy }.load(&Store::with_repository(&repository), "HEAD")?
                }
            },
            None => Place::Folder(Path::new(".")).load(&Store::files(), "")?,
        };
        Ok(Self::new(loaded, "head", None, Date::ZERO))
    }

    fn new(loaded: Loaded, from: &'static str, id: Option<String>, today: Date) -> Self {
        let Loaded { known, config } = loaded;
        match config {
            None => {
                let policy = Policy::new(&known, Config::default(), today);
                Self { policy, known, from: "built-in", id: None, proposed: None }
            }
            Some(config) => Self { policy: Policy::new(&known, config, today), known, from, id, proposed: None },
        }
    }

    fn of_file(path: &str, store: &Store, today: Date) -> Result<Self, Error> {
        Ok(Self::new(Place::File(Path::new(path)).load(store, "")?, "file", None, today))
    }

    /// Looks at what head has for a policy. What landed on the target branch since is not of this change.
    fn propose(&mut self, sides: &Sides) -> Result<(), Error> {
        let same = |one: &Listing, other: &Listing| one.policy == other.policy && one.rules == other.rules;
        if same(&sides.base, &sides.head) {
            return Ok(());
        }
        let place = Place::Snapshot(&sides.head);
        let (head, known) = match place.load(&sides.store, "") {
            Ok(loaded) => loaded.config_or_none(),
            Err(Error::Policy { path, line, message, .. }) => {
                // Judging by the policy that counts goes on: what would be merged is a finding.
                self.proposed = Proposed::broken(sides, (path, line, message));
                return Ok(());
            }
            Err(other) => return Err(other),
        };
        let today = self.policy.today();
        let own = |config: &Config, counting: &[Rule]| {
            let counting = Proposal { config, known: counting };
            weakenings(counting, Proposal { config: &head, known: &known })
        };
        let mut found = own(&self.policy.config, &self.known);
        let mut asked: Vec<&Waiver> = requested(&self.policy.config, &head, today);
        // A mistake that base has is not made by the change: nothing is then taken as known from it.
        if let Ok(base) = Place::Snapshot(&sides.base).load(&sides.store, "base") {
            let (base, base_known) = base.config_or_none();
            let brought = own(&base, &base_known);
            found.retain(|weakening| brought.iter().any(|own| own.about == weakening.about));
            let brought: Vec<_> = requested(&base, &head, today).into_iter().map(Waiver::identity).collect();
            asked.retain(|waiver| brought.contains(&waiver.identity()));
        }
        let numbers = |waiver: &Waiver| head.waivers.iter().position(|other| std::ptr::eq(other, waiver));
        let requested = asked.into_iter().filter_map(numbers).collect();
        let added = known.iter().filter(|rule| self.known.iter().all(|known| known.id != rule.id));
        let added = added.map(|rule| rule.id.clone()).collect();
        let digest = Policy::new(&known, head.clone(), Date::ZERO).digest();
        if digest != self.policy.digest() {
            self.proposed = Some(Proposed { config: head, weakenings: found, added, requested });
        }
        Ok(())
    }

    fn whose(&self) -> String {
        whose(self.from, self.id.as_deref())
    }

    /// What a reader has to know about the policy, on stderr.
    fn said(&self, whose: &str, output: &Output) {
        let config = &self.policy.config;
        if self.from != "built-in" {
            output.remark(&report::plain(&format!("judged by {} of {whose}", config.path)));
        }
        let Some(proposed) = &self.proposed else { return };
        output.remark("the policy of head differs and does not count before it is merged");
        let lines = Lines::new(proposed.config.text.as_bytes());
        let place = |at: u32| format!(" ({}:{})", proposed.config.path, lines.line(at));
        let weaker = proposed.weakenings.iter().flat_map(|weakening| {
            let place = weakening.span.map(|span| place(span.start)).unwrap_or_default();
            weakening.what.iter().map(move |what| format!("{what}{place}"))
        });
        let added = proposed.added.iter().map(|rule| format!("{rule} is a rule"));
        let waivers = proposed.requested.iter().map(|at| &proposed.config.waivers[*at]).map(|waiver| {
            let what = format!("{} on {} is waived until {}", waiver.rule, waiver.holder, waiver.expires);
            format!("{what}{}", place(waiver.span.start))
        });
        let mut all = weaker.chain(added).chain(waivers);
        for what in all.by_ref().take(PREVIEWED) {
            output.remark(&report::plain(&format!("after merge: {what}")));
        }
        match all.count() {
            0 => {}
            more => output.remark(&format!("after merge: and {more} more")),
        }
    }

    /// Findings about what head's policy would weaken, and the waivers it asks for.
    pub(crate) fn weakened(&self) -> Vec<Finding<'_>> {
        let Some(proposed) = &self.proposed else { return Vec::new() };
        let config = &proposed.config;
        let mut found = judge_weakened(&self.policy, config, &proposed.weakenings);
        let requested: Vec<&Waiver> = proposed.requested.iter().map(|at| &config.waivers[*at]).collect();
        found.extend(judge_requested(&self.policy, config, &requested));
        found
    }

    /// Both sides without what the policy excludes.
    pub(crate) fn listings<'s>(
        &self,
        sides: &'s Sides,
        output: &Output,
    ) -> (Cow<'s, Listing>, Cow<'s, Listing>, Excluded) {
        if !self.policy.has_exclusions() {
            return (Cow::Borrowed(&sides.base), Cow::Borrowed(&sides.head), Excluded::default());
        }
        let (mut base, mut head) = (sides.base.clone(), sides.head.clone());
        let excluded = self.policy.exclude_both(&mut base, &mut head, &sides.store);
        remark_excluded(&excluded, output);
        (Cow::Owned(base), Cow::Owned(head), excluded)
    }

    /// One state without what the policy excludes.
    pub(crate) fn listing<'s>(&self, snapshot: &'s Listing, output: &Output) -> (Cow<'s, Listing>, Excluded) {
        if !self.policy.has_exclusions() {
            return (Cow::Borrowed(snapshot), Excluded::default());
        }
        let mut snapshot = snapshot.clone();
        let excluded = self.policy.exclude(&mut snapshot);
        remark_excluded(&excluded, output);
        (Cow::Owned(snapshot), excluded)
    }
}

fn remark_excluded(excluded: &Excluded, output: &Output) {
    if !excluded.files.is_empty() {
        let files = count(excluded.files.len(), "permission file");
        output.remark(&format!("{files} not judged: {POLICY} excludes the path"));
    }
}

/// `the target branch 0123456789`.
fn whose(from: &str, id: Option<&str>) -> String {
    let who = match from {
        "target" => "the target branch",
        "file" => "--policy-from",
        other => other,
    };
    id.map_or_else(|| who.to_owned(), |id| format!("{who} {}", &id[..10.min(id.len())]))
}
