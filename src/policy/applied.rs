//! Rules as a configuration sets them.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::policy::waivers::Register;
use crate::policy::{Class, Config, Rule, sensitive};
use crate::source::{BlobId, Blobs, HolderKind, Listing};

/// What a run judges by.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The rules that are on, with the severity they are set to, by id.
    pub rules: Vec<Rule>,
    /// What sets them.
    pub config: Config,
    /// The day it is judged on, in UTC: waivers end.
    pub(super) today: Date,
    pub(super) register: Register,
}

/// Permission files that are not judged.
#[derive(Debug, Clone, Default)]
pub struct Excluded {
    /// All of them, by path.
    pub files: Vec<String>,
    /// Those that differ from base; all, where there is no base.
    pub differing: Vec<String>,
    /// Those that head newly has at an excluded path: judged now, and never again.
    pub entered: Vec<String>,
}

impl Policy {
    /// All rules there are, as a configuration sets them, on a day.
    pub fn new(known: &[Rule], config: Config, today: Date) -> Self {
        let set = |rule: &Rule| {
            let mut rule = Rule { severity: config.severity(rule)?, ..rule.clone() };
            sensitive::resolve(&mut rule, &config);
            Some(rule)
        };
        let register = Register::new(&config, today);
        Self { rules: known.iter().filter_map(set).collect(), config, today, register }
    }

    /// The rules as they come.
    pub fn unconfigured(known: &[Rule]) -> Self {
        Self::new(known, Config::default(), Date::ZERO)
    }

    /// The day it is judged on, in UTC.
    pub fn today(&self) -> Date {
        self.today
    }

    /// SHA-256 over the rule files and the configuration, in hex.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for rule in &self.rules {
            hash.update(format!("{}\0{}\0", rule.id, rule.source));
        }
        hash.update(&self.config.text);
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether a holder is a set that is only ever assigned as a member of groups.
    pub fn is_component(&self, kind: HolderKind, name: &str) -> bool {
        kind == HolderKind::PermissionSet && self.config.classes(kind, name).contains(&Class::ComponentOnly)
    }

    /// Whether files are excluded at all.
    pub fn has_exclusions(&self) -> bool {
        !self.config.exclude.is_empty()
    }

    /// Takes the excluded files out of a snapshot.
    pub fn exclude(&self, snapshot: &mut Listing) -> Excluded {
        let mut files = Vec::new();
        if !self.config.exclude.is_empty() {
            snapshot.exclude(|file| self.config.excludes(&file.path));
            files = snapshot.excluded.iter().map(|file| file.path.clone()).collect();
        }
        Excluded { differing: files.clone(), files, entered: Vec::new() }
    }

    /// Takes the excluded files out of both sides. One that head newly has at an excluded path stays: it is judged
    /// like any other, and what the change moved there is compared with what it was.
    pub fn exclude_both(&self, base: &mut Listing, head: &mut Listing, blobs: &dyn Blobs) -> Excluded {
        if self.config.exclude.is_empty() {
            return Excluded::default();
        }
        let old: HashMap<&str, &BlobId> = base.files.iter().map(|file| (file.path.as_str(), &file.blob)).collect();
        let in_head: HashSet<String> = head.files.iter().map(|file| file.path.clone()).collect();
        let mut reader = blobs.reader();
        let mut excluded = Excluded::default();
        head.exclude(|file| {
            if !self.config.excludes(&file.path) {
                return false;
            }
            let Some(before) = old.get(file.path.as_str()) else {
                excluded.entered.push(file.path.clone());
                return false;
            };
            // Files on disk have no identity but their content; what cannot be read counts as different.
            let same = *before == &file.blob
                || matches!((reader.read(before), reader.read(&file.blob)), (Ok(old), Ok(new)) if old == new);
            if !same {
                excluded.differing.push(file.path.clone());
            }
            excluded.files.push(file.path.clone());
            true
        });
        base.exclude(|file| {
            let excludes = self.config.excludes(&file.path);
            // One that head has no more differs, too: a muting set may be gone.
            if excludes && !in_head.contains(&file.path) {
                excluded.differing.push(file.path.clone());
                excluded.files.push(file.path.clone());
            }
            excludes
        });
        excluded
    }
}
