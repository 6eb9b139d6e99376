//! Reads the file, and names its mistakes.

use jiff::civil::Date;
use toml::Spanned;
use toml::value::Datetime;

use crate::access::{GrantPattern, NameGlob};
use crate::error::Error;
use crate::metadata::known_sections;
use crate::policy::classes::{HolderPattern, glob};
use crate::policy::config::file::{Activator, Day, File, WaiverFile};
use crate::policy::config::waiver::wrong_holder;
use crate::policy::config::{Config, FAMILIES, Level, OWN, Waiver, Written};
use crate::policy::rule::{known_permission, mistake};
use crate::policy::toml_error::reworded;
use crate::policy::{Class, Rule, What};
use crate::source::HolderKind;
use crate::text::{self, Reach, Span, clip, did_you_mean};

/// Most bytes of a configuration. Waivers are data: a big organisation has thousands of them to begin with.
const LARGEST: usize = 4 << 20;
/// Most patterns in one list.
const MOST_PATTERNS: usize = 1_000;
/// Longest pattern, in bytes.
const LONGEST_PATTERN: usize = 200;

/// Longest `grant` of a waiver, in bytes: it can name all that a finding is about.
pub(in crate::policy) const LONGEST_GRANT: usize = 4_096;
/// Most waivers of one configuration: about as many as its size allows.
const MOST_WAIVERS: usize = 20_000;

/// Where a writer finds what can be written.
const LIST: &str = "the README's section Configuration has an example, `permdelta schema config` has all keys";
const FOLDER_HINT: &str = "a folder below the root of the repository, as security/rules";
const GRANT_HINT: &str = "a grant key is section/name or section/name/right";
const HOLDER_HINT: &str =
    "a name or a glob, with `profile:`, `permissionSet:` or `permissionSetGroup:` before it if only that kind is meant";

/// A configuration whose keys and types are right, before the rules it speaks of are known: it names the folders in
/// which there are more.
#[derive(Debug)]
pub struct Unresolved {
    path: String,
    text: String,
    file: File,
}

impl Unresolved {
    /// Parses the content of the file at `path`.
    ///
    /// # Errors
    /// The first mistake, with file, line and a suggestion.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Self, Error> {
        parse(path, bytes)
    }

    /// The folders that hold rules of the repository's own, each with a mistake to be made about it.
    pub fn rule_folders(&self) -> impl Iterator<Item = (&str, impl Fn(&str, &str) -> Error)> {
        self.file.paths.rules.iter().map(|folder| {
            let mistake =
                |message: &str, hint: &str| mistake(&self.path, &self.text, folder.span().start, message, hint);
            (folder.get_ref().trim_end_matches('/'), mistake)
        })
    }

    /// The configuration; `known` are all rules there are.
    ///
    /// # Errors
    /// The first mistake, with file, line and a suggestion.
    pub fn resolve(self, known: &[Rule]) -> Result<Config, Error> {
        let Self { path, text, file } = self;
        Reader { path: &path, text: &text, known }.config(file)
    }
}

fn parse(path: &str, bytes: &[u8]) -> Result<Unresolved, Error> {
    if bytes.len() > LARGEST {
        let message = format!("the file has {} bytes, a configuration at most {LARGEST}", bytes.len());
        return Err(mistake(path, "", 0, &message, "name holders by globs"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        mistake(path, &valid, valid.len(), "the file is not valid UTF-8", "save it as UTF-8")
    })?;
    let file: File = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let (message, hint) = said(error.message(), text.get(at..).unwrap_or_default());
        mistake(path, text, at, &message, &hint)
    })?;
    // They are read before the rest is looked at.
    Reader { path, text, known: &[] }.list(&file.paths.rules, FOLDER_HINT, rule_folder)?;
    Ok(Unresolved { path: path.to_owned(), text: text.to_owned(), file })
}

/// A mistake at the beginning of `rest`, and what would be right.
fn said(message: &str, rest: &str) -> (String, String) {
    if rest.starts_with("[waiver]") {
        let hint = "write [[waiver]], with two brackets: there can be several".to_owned();
        return ("`[waiver]` is a single table".to_owned(), hint);
    }
    if message.starts_with("wanted string or table") {
        return (message.to_owned(), "a level is a word: off, note, low, medium, high, critical".to_owned());
    }
    reworded(message, LIST)
}

struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    known: &'a [Rule],
}

impl Reader<'_> {
    fn config(&self, file: File) -> Result<Config, Error> {
        let mut config = Config { path: self.path.to_owned(), text: self.text.to_owned(), ..Config::default() };
        for (key, level) in file.rules {
            config.levels.push(self.level(&key, *level.get_ref())?);
        }
        let of_class = [
            (Class::Admin, file.classes.admin),
            (Class::Integration, file.classes.integration),
            (Class::ComponentOnly, file.classes.component_only),
        ];
        for (class, patterns) in of_class {
            let patterns = self.list(&patterns, HOLDER_HINT, |text| of_class_pattern(class, text))?;
            config.classes.extend(patterns.into_iter().map(|pattern| (class, pattern)));
        }
        if let Some(privileged) = &file.session.privileged {
            config.privileged_at = span(privileged);
            let list = self.list(privileged.get_ref(), GRANT_HINT, GrantPattern::new)?;
            for (grant, at) in list.iter().zip(privileged.get_ref()) {
                known_permission(&grant.value).map_err(|(message, hint)| self.mistake(at, &message, &hint))?;
            }
            config.privileged = Some(list);
        }
        config.activators = self.activators(file.session.activators)?;
        let exclude_hint = "a path below the root of the repository, in which * and ** are globs";
        config.exclude = self.list(&file.paths.exclude, exclude_hint, path_glob)?;
        config.rule_folders = self.list(&file.paths.rules, FOLDER_HINT, rule_folder)?;
        if let Some(sensitive) = &file.sensitive {
            let object = |text: &str| glob(&text.to_lowercase());
            config.sensitive_objects = self.list(&sensitive.objects, "the API name of an object, or a glob", object)?;
            config.sensitive_fields = self.list(&sensitive.fields, "Object.Field, or a glob", field_glob)?;
        }
        if let Some(first) = file.waiver.get(MOST_WAIVERS) {
            let message = format!("{} waivers, at most {MOST_WAIVERS} are taken", file.waiver.len());
            return Err(self.mistake(first, &message, "let a glob in `grant` stand for several"));
        }
        config.waivers = file.waiver.iter().map(|waiver| self.waiver(waiver)).collect::<Result<_, _>>()?;
        Ok(config)
    }

    fn mistake<T>(&self, at: &Spanned<T>, message: &str, hint: &str) -> Error {
        mistake(self.path, self.text, at.span().start, message, hint)
    }

    fn level(&self, key: &Spanned<String>, level: Level) -> Result<Written<Level>, Error> {
        let name = key.get_ref().as_str();
        let rule = self.known.iter().find(|rule| rule.id == name);
        if rule.is_none() && name != OWN && !FAMILIES.contains(&name) {
            return Err(self.no_rule(key, "rule or family"));
        }
        let family = rule.map_or(name, |rule| &rule.family);
        if family == "gate" && level == Level::Off {
            let message = format!("`{name}` cannot be switched off: it guards the gate itself");
            return Err(self.mistake(key, &message, "rules of the family gate can be given another severity"));
        }
        Ok(Written { text: name.to_owned(), span: span(key), value: level })
    }

    fn no_rule(&self, key: &Spanned<String>, what: &str) -> Error {
        let ids = self.known.iter().map(|rule| rule.id.as_str());
        let near = did_you_mean(key.get_ref(), &ids.chain(FAMILIES).chain([OWN]).collect::<Vec<_>>());
        let hint = if near.is_empty() { "`permdelta rules` lists them".to_owned() } else { near };
        self.mistake(key, &format!("no {what} `{}`", key.get_ref()), &hint)
    }

    /// Compiles each pattern of a list.
    fn list<T>(
        &self,
        patterns: &[Spanned<String>],
        hint: &str,
        compile: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<Written<T>>, Error> {
        if let Some(first) = patterns.get(MOST_PATTERNS) {
            let message = format!("{} patterns in one list, at most {MOST_PATTERNS} are taken", patterns.len());
            return Err(self.mistake(first, &message, "let a glob stand for several"));
        }
        patterns.iter().map(|pattern| self.pattern_of(pattern, hint, LONGEST_PATTERN, &compile)).collect()
    }

    fn pattern_of<T>(
        &self,
        pattern: &Spanned<String>,
        hint: &str,
        longest: usize,
        compile: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Written<T>, Error> {
        let text = pattern.get_ref();
        if text.trim().is_empty() || text.len() > longest {
            let message = match text.len() {
                longer if longer > longest => {
                    format!("a pattern of {longer} bytes, at most {longest} are taken")
                }
                _ => "an empty pattern".to_owned(),
            };
            return Err(self.mistake(pattern, &message, hint));
        }
        let value = compile(text).map_err(|message| self.mistake(pattern, &message, hint))?;
        Ok(Written { text: text.clone(), span: span(pattern), value })
    }

    fn activators(&self, activators: Vec<Activator>) -> Result<Vec<Written<HolderPattern>>, Error> {
        for activator in &activators {
            for text in [&activator.by, &activator.ticket] {
                self.said(text)?;
            }
        }
        let holders: Vec<Spanned<String>> = activators.into_iter().map(|activator| activator.holder).collect();
        self.list(&holders, HOLDER_HINT, HolderPattern::new)
    }

    /// A text that is to tell people something.
    fn said(&self, text: &Spanned<String>) -> Result<(), Error> {
        match text.get_ref().trim().is_empty() {
            true => Err(self.mistake(text, "an empty text", "say what it is, for whoever reads it next year")),
            false => Ok(()),
        }
    }

    fn waiver(&self, entry: &Spanned<WaiverFile>) -> Result<Waiver, Error> {
        let file = entry.get_ref();
        let rule = self.known.iter().find(|rule| rule.id == *file.rule.get_ref());
        let Some(rule) = rule else { return Err(self.no_rule(&file.rule, "rule")) };
        if let Some((why, hint)) = rule.not_waivable(file.grant.is_some()) {
            return Err(self.mistake(&file.rule, &format!("`{}` cannot be waived{why}", rule.id), hint));
        }
        let grant = file.grant.as_ref().map(|grant| self.pattern_of(grant, GRANT_HINT, LONGEST_GRANT, NameGlob::new));
        let grant = grant.transpose()?;
        if let (Some(written), Some(grant)) = (&file.grant, &grant)
            && let Some((message, hint)) = no_section(rule, &grant.text)
        {
            return Err(self.mistake(written, &message, &hint));
        }
        let Some(expires) = day(file.expires.get_ref()) else {
            let written = self.text.get(file.expires.span()).unwrap_or_default();
            let message = format!("`expires` is no day: {}", clip(written));
            return Err(self.mistake(&file.expires, &message, "as 2027-03-31, without a time"));
        };
        let empty = [("holder", &file.holder), ("reason", &file.reason), ("owner", &file.owner)];
        let empty = empty.into_iter().find(|(_, text)| text.get_ref().trim().is_empty());
        let malformed = empty
            .map(|(key, text)| (format!("its {key} is empty"), span(text)))
            .or_else(|| wrong_holder(file.holder.get_ref()).map(|wrong| (wrong, span(&file.holder))));
        Ok(Waiver {
            rule: rule.id.clone(),
            holder: file.holder.get_ref().clone(),
            grant: grant.as_ref().map(|grant| grant.text.clone()),
            reason: file.reason.get_ref().clone(),
            owner: file.owner.get_ref().clone(),
            ticket: file.ticket.as_ref().map(|ticket| ticket.get_ref().clone()),
            expires,
            span: span(entry),
            expires_at: span(&file.expires),
            glob: grant.map(|grant| grant.value),
            malformed,
        })
    }
}

/// What is wrong with the section of a `grant`, where the rule is about sections that are known.
fn no_section(rule: &Rule, grant: &str) -> Option<(String, String)> {
    let (section, _) = grant.split_once('/').unwrap_or((grant, ""));
    let is_literal = section.chars().all(char::is_alphanumeric);
    let known = known_sections().iter().any(|known| known.eq_ignore_ascii_case(section));
    if known || !is_literal || !matches!(rule.matching.what, What::Grants | What::Combination(_)) {
        return None;
    }
    let near = did_you_mean(section, known_sections());
    let hint = if near.is_empty() { GRANT_HINT.to_owned() } else { near };
    Some((format!("`{grant}`: no section `{section}`"), hint))
}

/// A day as a date of TOML, or the same in quotes.
fn day(written: &Day) -> Option<Date> {
    let written = match written {
        Day::Date(date) => *date,
        Day::Text(text) => text.parse::<Datetime>().ok()?,
    };
    let day = written.date.filter(|_| written.time.is_none())?;
    Date::new(day.year as i16, day.month as i8, day.day as i8).ok()
}

fn span<T>(spanned: &Spanned<T>) -> Span {
    let span = spanned.span();
    Span { start: span.start as u32, end: span.end as u32 }
}

fn of_class_pattern(class: Class, text: &str) -> Result<HolderPattern, String> {
    let pattern = HolderPattern::new(text)?;
    let no_set = pattern.kind().is_some_and(|kind| kind != HolderKind::PermissionSet);
    if class == Class::ComponentOnly && no_set {
        return Err(format!("`{text}`: only permission sets are members of groups"));
    }
    Ok(pattern)
}

/// A glob of paths, in which one star stays within a folder.
fn path_glob(text: &str) -> Result<globset::GlobMatcher, String> {
    if text.starts_with(['/', '\\']) || text.contains('\\') || text.split('/').any(|part| part == ".." || part == ".") {
        return Err(format!("`{text}` is no path below the root, written with `/`"));
    }
    text::glob(text, Reach::Folder).map(|glob| text::matcher(&glob))
}

/// A glob of fields: object and field are both named, if only by a star.
fn field_glob(text: &str) -> Result<globset::GlobMatcher, String> {
    if !text.split_once('.').is_some_and(|(object, field)| !object.is_empty() && !field.is_empty()) {
        return Err(format!("`{text}` names no field of an object"));
    }
    glob(&text.to_lowercase())
}

/// A folder, as it is written.
fn rule_folder(text: &str) -> Result<(), String> {
    path_glob(text)?;
    match text.contains(['*', '?', '[', '{']) {
        true => Err(format!("`{text}` is a glob, and all rule files below a folder are read")),
        false => Ok(()),
    }
}
