//! Loads a rule file, checked completely.

use toml::Spanned;

use crate::access::{GrantPattern, user_permission, user_permissions};
use crate::error::Error;
use crate::policy::rule::file::{ConditionFile, Kind, MatchFile, RuleFile};
use crate::policy::rule::{Match, Rule, What};
use crate::policy::toml_error::reworded;
use crate::policy::{Combination, Condition, FAMILIES, OWN};
use crate::policy::{combination, message};
use crate::text::did_you_mean;

/// Most bytes of a rule file.
const LARGEST: usize = 256 << 10;
/// Most patterns in one list.
const MOST_PATTERNS: usize = 1_000;
/// Most conditions in one list.
const MOST_CONDITIONS: usize = 50;
/// Longest pattern, in bytes.
const LONGEST_PATTERN: usize = 200;

/// Where a writer of rules finds what can be written.
const LIST: &str = "`permdelta schema rule` has all keys, the README a rule that works (section Rules)";

/// Loads a rule file.
pub(super) fn load(path: &str, text: &str) -> Result<Rule, Error> {
    let loader = Loader { path, text };
    let file = loader.read()?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    Ok(Rule {
        id: file.id.get_ref().clone(),
        family: FAMILIES.into_iter().find(|family| folder.rsplit('/').next() == Some(family)).unwrap_or(OWN).to_owned(),
        title: file.title,
        severity: file.severity,
        scope: file.scope,
        why: one_paragraph(&file.why),
        fix: one_paragraph(&file.fix),
        references: file.references,
        tags: file.tags,
        message: file.message.into_inner(),
        matching: loader.matching(file.matching)?,
        examples: file.example,
        path: path.to_owned(),
        source: text.to_owned(),
    })
}

struct Loader<'a> {
    path: &'a str,
    text: &'a str,
}

impl Loader<'_> {
    fn mistake(&self, at: usize, message: &str, hint: &str) -> Error {
        mistake(self.path, self.text, at, message, hint)
    }

    fn read(&self) -> Result<RuleFile, Error> {
        if self.text.len() > LARGEST {
            let message = format!("the file has {} bytes, a rule at most {LARGEST}", self.text.len());
            return Err(self.mistake(0, &message, "keep examples short"));
        }
        let file: RuleFile = toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let (message, hint) = reworded(error.message(), LIST);
            self.mistake(at, &message, &hint)
        })?;
        let stem = self.path.rsplit('/').next().unwrap_or(self.path).trim_end_matches(".toml");
        let (id, at) = (file.id.get_ref(), file.id.span().start);
        if id != stem {
            let message = format!("the id is `{id}`, the file is named `{stem}`");
            return Err(self.mistake(at, &message, "make them equal"));
        }
        if !is_kebab(id) {
            let message = format!("the id `{id}` is not in kebab-case");
            return Err(self.mistake(at, &message, "lower-case letters and digits in words joined by `-`"));
        }
        if FAMILIES.contains(&id.as_str()) || id == OWN {
            let message = format!("`{id}` is a family of rules: [rules] of permdelta.toml takes both");
            return Err(self.mistake(at, &message, "give the rule an id of its own"));
        }
        message::check(file.message.get_ref()).map_err(|message| {
            let hint = "placeholders are {holder}, {grant}, {names} and, for a lint, {detail}";
            self.mistake(file.message.span().start, &message, hint)
        })?;
        self.check_selectors(&file)?;
        Ok(file)
    }

    fn check_selectors(&self, file: &RuleFile) -> Result<(), Error> {
        let matching = file.matching.get_ref();
        let at = file.matching.span().start;
        let in_any = matching.any_of.iter().any(|condition| condition.get_ref().has_grants());
        let selectors = [
            ("grant", !matching.grant.is_empty() || !matching.risk.is_empty() || matching.privileged || in_any),
            ("all_of", !matching.all_of.is_empty()),
            ("unmodelled", matching.unmodelled),
            ("conflicting", matching.conflicting),
            ("bypassed", matching.bypassed),
            ("escalation", matching.escalation),
            ("related", matching.related.is_some()),
            ("policy", matching.policy.is_some()),
            ("login", matching.login.is_some()),
            ("muting", matching.muting.is_some()),
            ("change", !matching.change.is_empty()),
            ("lint", matching.lint.is_some()),
        ];
        let given: Vec<String> =
            selectors.iter().filter(|(_, given)| *given).map(|(name, _)| format!("`{name}`")).collect();
        if given.len() != 1 {
            let message = match given.len() {
                0 => "[match] does not say what to look for, as `grant` does".to_owned(),
                _ => format!("[match] looks for several things: {}", given.join(", ")),
            };
            let hint = format!("it has exactly one selector; `any_of` and `risk` are ways to name grants\n{LIST}");
            return Err(self.mistake(at, &message, &hint));
        }
        let conditions = matching.any_of.iter().chain(&matching.none_of).map(Spanned::get_ref);
        let of_class = !matching.class.is_empty() || conditions.into_iter().any(|one| !one.class.is_empty());
        let of_files = matching.related.is_some() || matching.lint.is_some() || matching.policy.is_some();
        if of_class && of_files {
            let message = "a `class` is one of holders, and this is no rule about what a holder has";
            return Err(self.mistake(at, message, "leave `class` out"));
        }
        let narrowed = matching.holder.is_some() || matching.gate.is_some() || !matching.audience.is_empty();
        if matching.lint.is_some() && narrowed {
            let message = "a `lint` is about how files are written, whatever their `holder`, `gate` and `audience`";
            return Err(self.mistake(at, message, "leave these out"));
        }
        if matching.lint.is_none() && file.message.get_ref().contains("{detail}") {
            let at = file.message.span().start;
            return Err(self.mistake(at, "`{detail}` is what a `lint` says", "use {grant} or {names}"));
        }
        Ok(())
    }

    fn matching(&self, file: Spanned<MatchFile>) -> Result<Match, Error> {
        let at = file.span().start;
        let file = file.into_inner();
        let what = self.what(&file)?;
        let all = |list: &[Spanned<ConditionFile>]| -> Result<Vec<Condition>, Error> {
            if let Some(first) = list.get(MOST_CONDITIONS) {
                let message = format!("{} conditions, at most {MOST_CONDITIONS} are taken", list.len());
                return Err(self.mistake(first.span().start, &message, "let a glob stand for several"));
            }
            list.iter().map(|one| self.condition(one.get_ref(), one.span().start)).collect()
        };
        let (any_of, none_of) = (all(&file.any_of)?, all(&file.none_of)?);
        let is_about_grants = matches!(what, What::Grants | What::Combination(_));
        if !is_about_grants && any_of.iter().chain(&none_of).any(Condition::is_about_grants) {
            let message = "`any_of` and `none_of` name grants, and this is no rule about grants";
            return Err(self.mistake(at, message, "leave their `grant` out"));
        }
        let mut condition = self.condition(&file.own(), at)?;
        if condition.holders.is_empty() {
            // All kinds but muting sets, whose entries are never grants.
            condition.holders =
                [Kind::PermissionSet, Kind::PermissionSetGroup, Kind::Profile].map(Kind::holder).to_vec();
        }
        Ok(Match { on: file.on, what, condition, any_of, none_of, aggregate: file.aggregate })
    }

    fn what(&self, file: &MatchFile) -> Result<What, Error> {
        if file.escalation {
            let catalogue = combination::escalation();
            let catalogue = catalogue.map_err(|text| mistake("rules/catalog/escalation.toml", "", 0, &text, ""))?;
            return Ok(What::Combination(catalogue));
        }
        if !file.all_of.is_empty() {
            let part = |one: &Spanned<ConditionFile>| {
                let at = one.span().start;
                let condition = self.condition(one.get_ref(), at)?;
                if !condition.is_about_grants() || !one.get_ref().is_about_grants_only() {
                    let message = "a condition of `all_of` asks for grants of one holder, and for nothing else";
                    return Err(self.mistake(at, message, "give it `grant` or `risk`; ask the rest beside `all_of`"));
                }
                Ok(condition)
            };
            let parts = file.all_of.iter().map(part).collect::<Result<Vec<_>, _>>()?;
            return Ok(What::Combination(vec![Combination { id: String::new(), reason: String::new(), parts }]));
        }
        let facts = [
            file.unmodelled.then_some(What::Unmodelled),
            file.conflicting.then_some(What::Conflicting),
            file.bypassed.then_some(What::Bypassed),
            file.related.map(What::Related),
            file.policy.map(What::Policy),
            file.login.map(What::Login),
            file.muting.map(What::Muting),
            file.lint.map(What::Lint),
            (!file.change.is_empty()).then(|| What::Change(file.change.clone())),
        ];
        Ok(facts.into_iter().flatten().next().unwrap_or(What::Grants))
    }

    fn condition(&self, file: &ConditionFile, at: usize) -> Result<Condition, Error> {
        let mut grants = self.grants(&file.grant)?;
        for risk in &file.risk {
            let rated = user_permissions().iter().filter(|one| one.risk == *risk);
            let pattern =
                |one: &crate::access::UserPermission| GrantPattern::new(&format!("userPermissions/{}", one.name));
            grants
                .extend(rated.map(pattern).collect::<Result<Vec<_>, _>>().map_err(|text| self.mistake(at, &text, ""))?);
        }
        if file.sensitive && !grants.iter().all(GrantPattern::is_of_any_object_or_field) {
            let message = "`sensitive` picks from grants on every object or every field";
            return Err(self.mistake(at, message, "as objectPermissions/*/allowRead or fieldPermissions/*/readable"));
        }
        let holders = file.holder.iter().flatten().map(|kind| kind.holder()).collect();
        Ok(Condition {
            holders,
            class: file.class.clone(),
            audience: file.audience.clone(),
            gate: file.gate,
            standard: file.standard_profile,
            grants,
            privileged: file.privileged,
            sensitive: file.sensitive,
        })
    }

    fn grants(&self, patterns: &[Spanned<String>]) -> Result<Vec<GrantPattern>, Error> {
        let hint = "a grant key is section/name or section/name/right";
        if let Some(first) = patterns.get(MOST_PATTERNS) {
            let message = format!("{} patterns in one list, at most {MOST_PATTERNS} are taken", patterns.len());
            return Err(self.mistake(first.span().start, &message, "let a glob stand for several"));
        }
        let pattern = |pattern: &Spanned<String>| {
            let (text, at) = (pattern.get_ref(), pattern.span().start);
            if text.len() > LONGEST_PATTERN {
                let message = format!("a pattern of {} bytes, at most {LONGEST_PATTERN} are taken", text.len());
                return Err(self.mistake(at, &message, hint));
            }
            let found = GrantPattern::new(text).map_err(|message| self.mistake(at, &message, hint))?;
            known_permission(&found).map_err(|(message, hint)| self.mistake(at, &message, &hint))?;
            Ok(found)
        };
        patterns.iter().map(pattern).collect()
    }
}

/// A misspelt permission would never match and look like a rule that is kept.
///
/// # Errors
/// What is wrong, and what to do.
pub(in crate::policy) fn known_permission(pattern: &GrantPattern) -> Result<(), (String, String)> {
    let Some(name) = pattern.literal().filter(|_| pattern.is_user_permission()) else { return Ok(()) };
    if user_permission(name).is_some() {
        return Ok(());
    }
    let written = pattern.text().split_once('/').map_or("", |(_, name)| name);
    let known: Vec<&str> = user_permissions().iter().map(|one| one.name.as_str()).collect();
    let near = did_you_mean(written, &known);
    let or = format!("write userPermissions/{written}* for one that is newer than the catalogue");
    let hint = if near.is_empty() { or } else { format!("{near}\n{or}") };
    Err((format!("no user permission `{written}` is known"), hint))
}

/// A mistake in a policy file, at a byte offset of its text.
pub(in crate::policy) fn mistake(path: &str, text: &str, offset: usize, message: &str, hint: &str) -> Error {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = 1 + memchr::memchr_iter(b'\n', before).count() as u32;
    Error::Policy { path: path.to_owned(), line, message: message.to_owned(), hint: hint.to_owned() }
}

fn is_kebab(id: &str) -> bool {
    let word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    id.split('-').all(word)
}

fn one_paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
