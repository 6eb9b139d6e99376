//! Findings about the policy itself: what a change takes out of it, or gets round it.

use globset::GlobMatcher;

use crate::access::Holder;
use crate::delta::{Comparison, Library};
use crate::policy::classes::{glob, is_literal};
use crate::policy::config::Written;
use crate::policy::judge::Judge;
use crate::policy::message::{self, Filling};
use crate::policy::privileged;
use crate::policy::{
    Class, Config, Excluded, Finding, Gone, Policy, Rule, State, Subject, SubjectKind, What, fingerprint,
};
use crate::source::POLICY;
use crate::text::Span;

/// What a rule about the policy looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyFact {
    /// Once head's configuration counts, less is found than now.
    Weakened,
    /// A new holder is of a class.
    ClassEntered,
    /// Permission files are not judged.
    PathsExcluded,
    /// A new permission file lies where from then on none is judged.
    ExcludedPathEntered,
    /// A waiver's last day is over.
    WaiverExpired,
    /// A waiver covers nothing.
    WaiverUnused,
    /// A waiver does not say what it has to.
    WaiverMalformed,
    /// A waiver accepts what nobody has seen.
    WaiverTooBroad,
    /// Head has a waiver that does not count yet.
    WaiverRequested,
}

/// Something of which a configuration says less than another.
#[derive(Debug, Clone)]
pub struct Weakening {
    /// The setting, as `rules/hygiene`.
    pub about: String,
    /// What becomes weaker, in words.
    pub what: Vec<String>,
    /// Where the weaker configuration says so; `None` where it is what it no longer says.
    pub span: Option<Span>,
    /// Where the other one says what the weaker does not.
    pub gone: Option<Span>,
}

fn is_about(rule: &Rule, fact: PolicyFact) -> bool {
    matches!(rule.matching.what, What::Policy(policy) if policy == fact)
}

/// Rules and what sets them, as one state of a repository has them.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    /// What sets the rules.
    pub config: &'a Config,
    /// All rules there are.
    pub known: &'a [Rule],
}

/// In what `head` is weaker than `counting`.
pub fn weakenings(counting: Proposal<'_>, head: Proposal<'_>) -> Vec<Weakening> {
    let mut found = levels(counting, head);
    found.extend(own_rules(counting.known, head.known));
    let (counting, head, known) = (counting.config, head.config, head.known);
    let exempts = |class: Class| match class {
        Class::Integration | Class::ComponentOnly => true,
        Class::Admin => known.iter().any(|rule| rule.matching.asks_for(class)),
    };
    for (class, pattern) in head.classes.iter().filter(|(class, _)| exempts(*class)) {
        let is_old = |(old, known): &(Class, Written<_>)| old == class && covers(known, pattern);
        if !counting.classes.iter().any(is_old) {
            let what = format!("{} are of the class {}", pattern.text, class.as_str());
            found.push(written(&format!("classes/{}", class.as_str()), pattern, what));
        }
    }
    for activator in &head.activators {
        if !counting.activators.iter().any(|known| covers(known, activator)) {
            found.push(written("session/activators", activator, format!("{} counts as activated", activator.text)));
        }
    }
    found.extend(less_privileged(counting, head));
    for path in new(&counting.exclude, &head.exclude, &is_below) {
        found.push(written("paths/exclude", path, format!("{} is not judged", path.text)));
    }
    let sensitive = [
        ("objects", new(&head.sensitive_objects, &counting.sensitive_objects, &is_named)),
        ("fields", new(&head.sensitive_fields, &counting.sensitive_fields, &is_named)),
    ];
    for (list, gone) in sensitive {
        found.extend(gone.into_iter().map(|gone| Weakening {
            about: format!("sensitive/{list}/{}", gone.text),
            what: vec![format!("{} is not sensitive", gone.text)],
            span: None,
            gone: Some(gone.span),
        }));
    }
    found
}

/// What one list has and another has not, as far as can be told.
fn new<'a>(
    old: &[Written<GlobMatcher>],
    list: &'a [Written<GlobMatcher>],
    covers: &dyn Fn(&Written<GlobMatcher>, &str) -> bool,
) -> Vec<&'a Written<GlobMatcher>> {
    let is_known = |one: &Written<GlobMatcher>| {
        let same = |known: &Written<GlobMatcher>| known.text.eq_ignore_ascii_case(&one.text);
        old.iter().any(|known| same(known) || covers(known, &one.text))
    };
    list.iter().filter(|one| !is_known(one)).collect()
}

/// Whether a glob of names stands for a name.
fn is_named(glob: &Written<GlobMatcher>, name: &str) -> bool {
    is_literal(name) && glob.value.is_match(name.to_lowercase())
}

/// Whether a glob of paths stands for all that another does: `archive/**` for whatever begins with `archive/`.
fn is_below(glob: &Written<GlobMatcher>, other: &str) -> bool {
    let folder = glob.text.strip_suffix("**").filter(|folder| folder.ends_with('/') && is_literal(folder));
    (is_literal(other) && glob.value.is_match(other)) || folder.is_some_and(|folder| other.starts_with(folder))
}

fn written<T>(setting: &str, one: &Written<T>, what: String) -> Weakening {
    Weakening { about: format!("{setting}/{}", one.text), what: vec![what], span: Some(one.span), gone: None }
}

/// Rules of the repository's own that are gone, or that look for something else: for less, in doubt.
fn own_rules(counting: &[Rule], head: &[Rule]) -> Vec<Weakening> {
    let mut found = Vec::new();
    for rule in counting {
        let now = head.iter().find(|other| other.id == rule.id);
        let what = match now {
            None => format!("there is no rule {}", rule.id),
            Some(now) if format!("{:?}", now.matching) != format!("{:?}", rule.matching) => {
                format!("{} looks for something else", rule.id)
            }
            Some(_) => continue,
        };
        found.push(Weakening { about: format!("paths/rules/{}", rule.id), what: vec![what], span: None, gone: None });
    }
    found
}

fn covers(
    known: &Written<crate::policy::classes::HolderPattern>,
    new: &Written<crate::policy::classes::HolderPattern>,
) -> bool {
    known.value.covers(&new.value)
}

/// Rules that are off or less severe, by the setting that makes them so.
fn levels(counting: Proposal<'_>, head: Proposal<'_>) -> Vec<Weakening> {
    let mut found: Vec<Weakening> = Vec::new();
    for rule in counting.known {
        let Some(now) = head.known.iter().find(|other| other.id == rule.id) else { continue };
        let (before, after) = (counting.config.severity(rule), head.config.severity(now));
        if after >= before {
            continue;
        }
        let word = |severity: Option<crate::policy::Severity>| severity.map_or("off", |severity| severity.as_str());
        let what = format!("{} is {}, was {}", rule.id, word(after), word(before));
        let level = head.config.level(now);
        let about = format!("rules/{}", level.map_or(rule.id.as_str(), |level| level.text.as_str()));
        match found.iter_mut().find(|weakening| weakening.about == about) {
            Some(weakening) => weakening.what.push(what),
            None => {
                let gone = counting.config.level(rule).filter(|_| level.is_none()).map(|level| level.span);
                found.push(Weakening { about, what: vec![what], span: level.map(|level| level.span), gone });
            }
        }
    }
    found
}

/// Grants that are no longer privileged.
fn less_privileged(counting: &Config, head: &Config) -> Option<Weakening> {
    let list = |config: &Config| -> Vec<String> {
        privileged::grants(config).iter().map(|grant| grant.text().to_lowercase()).collect()
    };
    let new = list(head);
    let is_covered =
        |grant: &String| new.iter().any(|new| new == grant || glob(new).is_ok_and(|glob| glob.is_match(grant)));
    let gone: Vec<String> = list(counting).into_iter().filter(|grant| !is_covered(grant)).collect();
    (!gone.is_empty()).then(|| Weakening {
        about: "session/privileged".to_owned(),
        what: gone.iter().map(|grant| format!("{grant} is not privileged")).collect(),
        span: head.privileged.as_ref().map(|_| head.privileged_at),
        gone: None,
    })
}

/// Findings about what the configuration of head would weaken once it counts.
pub fn judge_weakened<'l>(policy: &'l Policy, head: &'l Config, weakenings: &[Weakening]) -> Vec<Finding<'l>> {
    let rules = policy.rules.iter().filter(|rule| is_about(rule, PolicyFact::Weakened));
    let of_rule = |rule: &'l Rule| {
        weakenings.iter().map(move |weakening| {
            // Where head has no such file any more, the one that counts is shown.
            let config = if head.text.is_empty() && weakening.about != "policy" { &policy.config } else { head };
            let span = weakening.span.unwrap_or_default();
            let counting = &policy.config;
            let gone = |span| Gone { path: &counting.path, bytes: counting.text.as_bytes(), span };
            let gone = weakening.gone.filter(|_| !std::ptr::eq(config, counting)).map(gone);
            Finding { gone, ..about_policy(rule, config, span, &weakening.about, Told::Clauses(&weakening.what)) }
        })
    };
    rules.flat_map(of_rule).collect()
}

/// One finding about all files that are not judged, and one for each that no longer is after this change.
pub fn judge_excluded<'l>(policy: &'l Policy, excluded: &Excluded, state: Option<State>) -> Vec<Finding<'l>> {
    let first = policy.config.exclude.first().filter(|_| !excluded.differing.is_empty());
    let rules = policy.rules.iter().filter(|rule| is_about(rule, PolicyFact::PathsExcluded));
    let of_rule = |rule| {
        let first = first?;
        let about = format!("paths/exclude/{}", first.text);
        let told = Told::Names(&excluded.differing);
        Some(Finding { state, ..about_policy(rule, &policy.config, first.span, &about, told) })
    };
    rules.filter_map(of_rule).chain(judge_excluded_entered(policy, excluded)).collect()
}

/// A finding for each new file at an excluded path, at the pattern that excludes it.
fn judge_excluded_entered<'l>(policy: &'l Policy, excluded: &Excluded) -> Vec<Finding<'l>> {
    let rules = policy.rules.iter().filter(|rule| is_about(rule, PolicyFact::ExcludedPathEntered));
    let of_file = |rule: &'l Rule, path: &String| {
        let pattern = policy.config.exclude.iter().find(|glob| glob.value.is_match(path))?;
        let about = format!("paths/exclude/{path}");
        Some(about_policy(rule, &policy.config, pattern.span, &about, Told::Names(std::slice::from_ref(path))))
    };
    rules.flat_map(|rule| excluded.entered.iter().filter_map(move |path| of_file(rule, path))).collect()
}

/// New holders that are of a class by their name alone.
pub(super) fn judge_entered<'l>(
    policy: &'l Policy,
    comparison: &Comparison<'l>,
    library: &Library,
) -> Vec<Finding<'l>> {
    let new = comparison.pairs.iter().filter(|(base, _)| base.is_none()).filter_map(|(_, head)| head.as_ref());
    new.flat_map(|holder| entered(policy, holder, library)).collect()
}

fn entered<'l>(policy: &'l Policy, holder: &Holder<'l>, library: &Library) -> Vec<Finding<'l>> {
    let classes = policy.config.classes(holder.kind, holder.name);
    let rules = policy.rules.iter().filter(|rule| is_about(rule, PolicyFact::ClassEntered));
    let judge = Judge::new(policy, holder, library, Some(State::New), false);
    let main = holder.definitions[0].main();
    let of_class = |rule: &'l Rule, class: Class| {
        let about = format!("classes/{}", class.as_str());
        judge.about_element(rule, main, main.parsed.root, &[class.as_str().to_owned()], &about)
    };
    rules.flat_map(|rule| classes.iter().map(move |class| of_class(rule, *class)).collect::<Vec<_>>()).collect()
}

/// What a finding about a configuration says: names, which are clipped, or clauses, which end in what one needs.
#[derive(Clone, Copy)]
pub(super) enum Told<'a> {
    Names(&'a [String]),
    Clauses(&'a [String]),
}

/// A finding about a line of a configuration.
pub(super) fn about_policy<'l>(
    rule: &'l Rule,
    config: &'l Config,
    span: Span,
    about: &str,
    told: Told<'_>,
) -> Finding<'l> {
    let holder = format!("Policy {POLICY}");
    let (names, details): (&[String], &[String]) = match told {
        Told::Names(names) => (names, &[]),
        Told::Clauses(clauses) => (&[], clauses),
    };
    let filling = Filling { holder: &holder, grants: &[], names, details };
    Finding {
        rule,
        state: Some(State::New),
        subject: Subject { kind: SubjectKind::Policy, name: POLICY, label: None },
        keys: Vec::new(),
        path: &config.path,
        bytes: config.text.as_bytes(),
        span,
        message: message::fill(&rule.message, &filling),
        fingerprint: fingerprint(&rule.id, SubjectKind::Policy.as_str(), POLICY, about),
        about: vec![about.to_owned()],
        also: Vec::new(),
        waiver: None,
        folded: Vec::new(),
        gone: None,
    }
}
