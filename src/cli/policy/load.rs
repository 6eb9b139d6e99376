//! Reads a policy: the configuration of one place, and the rule files it names, from that place alone.

use std::path::Path;

use git2::Oid;

use crate::error::{Cause, Error};
use crate::policy::{Config, Rule, Unresolved, builtin_rules, with_own_rules};
use crate::source::{BlobId, Blobs, Listing, POLICY, RuleFile, Store, directory};

/// Most rule files of one repository.
const MOST_RULES: usize = 1_000;
/// Most bytes of all of them.
const MOST_BYTES_OF_RULES: usize = 4 << 20;
/// Most bytes read of a policy file; its own limit is lower and says so itself.
const MOST_BYTES: u64 = 8 << 20;

/// A place that can have a policy.
pub(super) enum Place<'a> {
    /// A commit; nothing of its tree is listed.
    Commit { id: Oid, policy: &'a Option<Result<BlobId, Cause>> },
    /// A snapshot.
    Snapshot(&'a Listing),
    /// A file on disk; the folders it names lie beside it.
    File(&'a Path),
    /// The usual file of a folder on disk, if there is one.
    Folder(&'a Path),
}

/// What a place says.
pub(super) struct Loaded {
    /// All rules there are.
    pub(super) known: Vec<Rule>,
    /// What sets them; `None` where there is no configuration.
    pub(super) config: Option<Config>,
}

impl Loaded {
    /// The configuration, or an empty one of the usual name.
    pub(super) fn config_or_none(self) -> (Config, Vec<Rule>) {
        let none = || Config { path: POLICY.to_owned(), ..Config::default() };
        (self.config.unwrap_or_else(none), self.known)
    }
}

impl Place<'_> {
    /// Reads what the place says; `whose` it is, for errors.
    pub(super) fn load(&self, store: &Store, whose: &str) -> Result<Loaded, Error> {
        let loaded = self.read(store);
        loaded.map_err(|error| match error {
            Error::Policy { path, line, message, hint } if !whose.is_empty() => {
                Error::Policy { path, line, message, hint: format!("{hint}\n(this is the file of {whose})") }
            }
            other => other,
        })
    }

    fn read(&self, store: &Store) -> Result<Loaded, Error> {
        let Some((path, bytes)) = self.config(store)? else {
            return Ok(Loaded { known: with_own_rules(&[])?, config: None });
        };
        let unresolved = Unresolved::parse(&path, &bytes)?;
        let known = self.known(&unresolved, store)?;
        let config = unresolved.resolve(&known)?;
        Ok(Loaded { known, config: Some(config) })
    }

    /// The rules of the program, and those that a configuration of this place names.
    fn known(&self, unresolved: &Unresolved, store: &Store) -> Result<Vec<Rule>, Error> {
        let (mut files, mut bytes) = (Vec::new(), 0);
        for (folder, mistake) in unresolved.rule_folders() {
            let found = self.rules_below(folder, store)?;
            if found.is_empty() {
                let message = format!("there is no rule file below `{folder}`");
                return Err(mistake(
                    &message,
                    "a rule is a .toml file; the folder is named from the root of the repository",
                ));
            }
            if files.len() + found.len() > MOST_RULES {
                let message = format!("{} rule files, at most {MOST_RULES} are taken", files.len() + found.len());
                return Err(mistake(&message, "let one rule stand for several: a grant can be a glob"));
            }
            for file in found {
                let text = read_rule(&file, store)?;
                bytes += text.len();
                if bytes > MOST_BYTES_OF_RULES {
                    let message = format!("rule files of more than {MOST_BYTES_OF_RULES} bytes together");
                    return Err(mistake(&message, "let one rule stand for several: a grant can be a glob"));
                }
                files.push((file.path, text));
            }
        }
        files.sort();
        files.dedup_by(|later, first| later.0 == first.0);
        with_own_rules(&files)
    }

    fn config(&self, store: &Store) -> Result<Option<(String, Vec<u8>)>, Error> {
        let policy = match self {
            Self::Commit { policy, .. } => policy,
            Self::Snapshot(listing) => &listing.policy,
            Self::File(path) => return on_disk(path).map(|bytes| Some((path.display().to_string(), bytes))),
            Self::Folder(root) => {
                let path = root.join(POLICY);
                let there = path.symlink_metadata();
                if there.as_ref().is_ok_and(std::fs::Metadata::is_symlink) {
                    return Err(unreadable(POLICY, &Cause::Symlink));
                }
                return there.is_ok().then(|| on_disk(&path).map(|bytes| (POLICY.to_owned(), bytes))).transpose();
            }
        };
        let Some(blob) = policy else { return Ok(None) };
        let bytes = blob.clone().and_then(|blob| store.reader().read(&blob));
        bytes.map(|bytes| Some((POLICY.to_owned(), bytes))).map_err(|cause| unreadable(POLICY, &cause))
    }

    /// The content of a policy file of a snapshot, as far as it is text.
    pub(super) fn text(&self, path: &str, store: &Store) -> String {
        let Self::Snapshot(listing) = self else { return String::new() };
        let blob = match &listing.policy {
            Some(blob) if path == POLICY => Some(blob),
            _ => listing.rules.iter().find(|file| file.path == path).map(|file| &file.blob),
        };
        let bytes = blob.and_then(|blob| store.reader().read(blob.as_ref().ok()?).ok());
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn rules_below(&self, folder: &str, store: &Store) -> Result<Vec<RuleFile>, Error> {
        let prefix = format!("{folder}/");
        let mut found = match self {
            Self::Commit { id, .. } => store.rules_below(*id, folder)?,
            Self::Snapshot(listing) => {
                listing.rules.iter().filter(|file| file.path.starts_with(&prefix)).cloned().collect()
            }
            Self::File(path) => beside(path.parent().unwrap_or(Path::new("")), folder)?,
            Self::Folder(root) => beside(root, folder)?,
        };
        found.retain(is_rule);
        Ok(found)
    }
}

/// The rule files of a folder below a root on disk.
fn beside(root: &Path, folder: &str) -> Result<Vec<RuleFile>, Error> {
    let place = root.join(folder);
    let files = if place.is_dir() { directory::list(&place, folder)?.rules } else { Vec::new() };
    Ok(files.into_iter().map(|file| RuleFile { path: format!("{folder}/{}", file.path), ..file }).collect())
}

fn read_rule(file: &RuleFile, store: &Store) -> Result<String, Error> {
    let bytes = file.blob.clone().and_then(|blob| store.reader().read(&blob));
    let bytes = bytes.map_err(|cause| unreadable(&file.path, &cause))?;
    String::from_utf8(bytes).map_err(|_| unreadable(&file.path, &Cause::Unreadable("it is not valid UTF-8".to_owned())))
}

fn unreadable(path: &str, cause: &Cause) -> Error {
    let message = match cause {
        // Their own words are about permission files.
        Cause::Symlink => "it is a symbolic link, which is not followed".to_owned(),
        Cause::Submodule => "it is a submodule, which is not read".to_owned(),
        other => other.to_string(),
    };
    Error::Policy { path: path.to_owned(), line: 1, message, hint: cause.hint().to_owned() }
}

fn on_disk(path: &Path) -> Result<Vec<u8>, Error> {
    use std::io::Read;
    let cannot = |error: std::io::Error| {
        Error::usage(
            format!("cannot read the policy {}: {error}", path.display()),
            "--policy-from takes base, head or a file, as permdelta.toml",
        )
    };
    let mut bytes = Vec::new();
    std::fs::File::open(path).map_err(cannot)?.take(MOST_BYTES).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes)
}

/// The rules that a configuration on disk, with this text, can speak of.
pub(crate) fn known_beside(path: &Path, text: &str) -> Result<Vec<Rule>, Error> {
    let unresolved = Unresolved::parse(POLICY, text.as_bytes())?;
    Place::File(path).known(&unresolved, &Store::files())
}

/// The rules below a folder on disk, and those among which they are tried: the program's, but for the same ids.
pub(crate) fn rules_in(folder: &Path) -> Result<(Vec<Rule>, Vec<Rule>), Error> {
    let name = folder.display().to_string();
    if !folder.is_dir() {
        return Err(Error::usage(format!("no folder \"{name}\""), "name a folder with rule files"));
    }
    let found = directory::list(folder, &name)?.rules;
    let store = Store::files();
    let (mut tested, mut all) = (Vec::new(), builtin_rules()?);
    for file in found.into_iter().filter(is_rule) {
        let text = read_rule(&file, &store)?;
        let path = format!("{}/{}", name.trim_end_matches('/'), file.path);
        let rule = Rule::load(&path, &text)?;
        if let Some(same) = tested.iter().find(|known: &&Rule| known.id == rule.id) {
            let hint = "give one of them another id, and its file another name";
            let message = format!("the id `{}` is that of {}, too", rule.id, same.path);
            return Err(Error::Policy { path, line: 1, message, hint: hint.to_owned() });
        }
        all.retain(|known| known.id != rule.id);
        all.push(rule.clone());
        tested.push(rule);
    }
    if tested.is_empty() {
        return Err(Error::usage(format!("there is no rule file below {name}"), "a rule is a .toml file"));
    }
    all.sort_by(|a, b| a.id.cmp(&b.id));
    Ok((tested, all))
}

/// What lies in a folder `catalog` is data of rules.
fn is_rule(file: &RuleFile) -> bool {
    !file.path.split('/').any(|folder| folder == "catalog")
}
