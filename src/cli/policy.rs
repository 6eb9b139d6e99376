//! Which policy a run judges by, and what the change would make of it.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;

use crate::cli::output::Output;
use crate::cli::range::Sides;
use crate::error::{Cause, Error};
use crate::policy::{Config, Excluded, Finding, Policy, Rule, Weakening, builtin_rules, judge_weakened, weakenings};
use crate::report;
use crate::source::{BlobId, Blobs, Listing, Origin, POLICY, Store};
use crate::text::{Lines, count};

/// Most bytes read of a file; the configuration's own limit is lower and says so itself.
const MOST_BYTES: u64 = 1 << 20;

/// The policy of a run.
pub(crate) struct Chosen {
    pub(crate) policy: Policy,
    /// `built-in`, `target`, `base`, `head` or `file`.
    pub(crate) from: &'static str,
    /// The commit it is taken from.
    pub(crate) id: Option<String>,
    /// Head's configuration, and in what it is weaker, where the change brings it.
    proposed: Option<(Config, Vec<Weakening>)>,
}

/// A configuration that can be read.
type Place<'a> = &'a Option<Result<BlobId, Cause>>;

/// Reads the configuration at a place; the second argument says whose it is.
type ReadConfig<'a> = dyn Fn(Place<'_>, &str) -> Result<Option<Config>, Error> + 'a;

impl Chosen {
    /// The rules as they come, for what judges nothing.
    pub(crate) fn unconfigured() -> Result<Self, Error> {
        let policy = Policy::unconfigured(&builtin_rules()?);
        Ok(Self { policy, from: "built-in", id: None, proposed: None })
    }

    /// For a comparison: from the tip of the branch the change is for, which it cannot write to; without such a
    /// branch from base.
    pub(crate) fn of_change(sides: &Sides, wanted: Option<&str>, output: &Output) -> Result<Self, Error> {
        let known = builtin_rules()?;
        let read = |place: Place<'_>, whose: &str| read(place, &sides.store, whose, &known);
        let chosen = match wanted {
            None | Some("base") => {
                let (from, id, place) = match &sides.target {
                    Some(target) => ("target", Some(target.id.to_string()), &target.policy),
                    None => ("base", sides.base.origin.id.clone(), &sides.base.policy),
                };
                let mut chosen = Self::new(&known, read(place, &whose(from, id.as_deref()))?, from, id);
                chosen.propose(sides, place, &known, &read)?;
                chosen
            }
            Some("head") => {
                let (from, id) = ("head", sides.head.origin.id.clone());
                Self::new(&known, read(&sides.head.policy, from)?, from, id)
            }
            Some(path) => Self::of_file(path, &known)?,
        };
        chosen.said(output);
        Ok(chosen)
    }

    /// For one state: its own.
    pub(crate) fn of_snapshot(
        snapshot: &Listing,
        store: &Store,
        wanted: Option<&str>,
        output: &Output,
    ) -> Result<Self, Error> {
        let known = builtin_rules()?;
        let chosen = match wanted {
            None | Some("base" | "head") => {
                let Origin { name, id, .. } = &snapshot.origin;
                Self::new(&known, read(&snapshot.policy, store, name, &known)?, "head", id.clone())
            }
            Some(path) => Self::of_file(path, &known)?,
        };
        chosen.said(output);
        Ok(chosen)
    }

    fn new(known: &[Rule], config: Option<Config>, from: &'static str, id: Option<String>) -> Self {
        match config {
            None => Self { policy: Policy::unconfigured(known), from: "built-in", id: None, proposed: None },
            Some(config) => Self { policy: Policy::new(known, config), from, id, proposed: None },
        }
    }

    fn of_file(path: &str, known: &[Rule]) -> Result<Self, Error> {
        let cannot = |error: std::io::Error| {
            Error::usage(
                format!("cannot read the policy {path}: {error}"),
                "--policy-from takes base, head or a file, as permdelta.toml",
            )
        };
        let mut bytes = Vec::new();
        File::open(path).map_err(cannot)?.take(MOST_BYTES).read_to_end(&mut bytes).map_err(cannot)?;
        Ok(Self::new(known, Some(Config::read(path, &bytes, known)?), "file", None))
    }

    /// Looks at what head has for a configuration. What landed on the target branch since is not of this change.
    fn propose(
        &mut self,
        sides: &Sides,
        counting: Place<'_>,
        known: &[Rule],
        read: &ReadConfig<'_>,
    ) -> Result<(), Error> {
        let (base, head) = (&sides.base.policy, &sides.head.policy);
        if head == counting || head == base {
            return Ok(());
        }
        let none = || Config { path: POLICY.to_owned(), ..Config::default() };
        let head = read(head, "head")?.unwrap_or_else(none);
        let mut found = weakenings(&self.policy.config, &head, known);
        // A mistake that base has is not made by the change: nothing is then taken as known from it.
        if let Ok(base) = read(base, "base") {
            let own = weakenings(&base.unwrap_or_else(none), &head, known);
            found.retain(|weakening| own.iter().any(|own| own.about == weakening.about));
        }
        if head.text != self.policy.config.text {
            self.proposed = Some((head, found));
        }
        Ok(())
    }

    /// What a reader has to know about the policy, on stderr.
    fn said(&self, output: &Output) {
        let config = &self.policy.config;
        if self.from != "built-in" {
            let whose = whose(self.from, self.id.as_deref());
            output.remark(&report::plain(&format!("judged by {} of {whose}", config.path)));
        }
        if !config.not_applied.is_empty() {
            let what = config.not_applied.join(", ");
            output.remark(&report::plain(&format!(
                "{}: {what} not applied by this version: findings stand as they are",
                config.path
            )));
        }
        let Some((head, weakenings)) = &self.proposed else { return };
        output.remark("permdelta.toml of head differs and does not count before it is merged");
        for weakening in weakenings {
            let line = weakening.span.map(|span| Lines::new(head.text.as_bytes()).line(span.start));
            let place = line.map(|line| format!(" ({POLICY}:{line})")).unwrap_or_default();
            for what in &weakening.what {
                output.remark(&report::plain(&format!("after merge: {what}{place}")));
            }
        }
    }

    /// Findings about what head's configuration would weaken.
    pub(crate) fn weakened(&self) -> Vec<Finding<'_>> {
        self.proposed.as_ref().map_or_else(Vec::new, |(head, found)| judge_weakened(&self.policy, head, found))
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

fn read(place: Place<'_>, store: &Store, whose: &str, known: &[Rule]) -> Result<Option<Config>, Error> {
    let Some(place) = place else { return Ok(None) };
    let bytes = place.clone().and_then(|blob| store.reader().read(&blob));
    let bytes = bytes.map_err(|cause| Error::Policy {
        path: POLICY.to_owned(),
        line: 1,
        message: cause.to_string(),
        hint: cause.hint().to_owned(),
    });
    let config = bytes.and_then(|bytes| Config::read(POLICY, &bytes, known));
    config.map(Some).map_err(|error| match error {
        Error::Policy { path, line, message, hint } => {
            Error::Policy { path, line, message, hint: format!("{hint}\n(this is the file of {whose})") }
        }
        other => other,
    })
}
