//! Lints about what a deployment takes: files that a change brings into it, or takes out of it, without touching
//! what they say.
//!
//! All permission files count as they stand, wherever they lie. So a file that is deployed from now on brings
//! access that was counted before; it is said here.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::delta::{Around, FORCEIGNORE, PROJECT, SideFile};
use crate::policy::lint::LintKind;
use crate::policy::lint::project::{ProjectLint, place};
use crate::source::{File, ForceIgnore, HolderKind, Listing, Project};
use crate::text::Span;

/// What one side deploys.
struct Deployment<'l> {
    project: Option<&'l Project>,
    left_out: HashSet<&'l str>,
    files: &'l [File],
}

type Identity = (HolderKind, String);

impl<'l> Deployment<'l> {
    fn new(listing: &'l Listing, project: Option<&'l Project>, ignore: Option<&ForceIgnore>) -> Self {
        let paths = listing.files.iter().map(|file| file.path.as_str());
        let left_out = ignore.map(|ignore| ignore.leaves_out(paths)).unwrap_or_default();
        let left_out = left_out.into_iter().flat_map(|(_, paths)| paths).collect();
        Self { project, left_out, files: &listing.files }
    }

    fn takes(&self, file: &File) -> bool {
        self.project.is_none_or(|project| project.deploys(&file.path)) && !self.left_out.contains(file.path.as_str())
    }

    /// For each holder whether some file of it is deployed.
    fn holders(&self) -> HashMap<Identity, bool> {
        let mut holders: HashMap<Identity, bool> = HashMap::new();
        for file in self.files {
            *holders.entry(identity(file)).or_default() |= self.takes(file);
        }
        holders
    }
}

fn identity(file: &File) -> Identity {
    (file.kind.holder(), file.name.to_lowercase())
}

/// Files of head that are deployed where base had the holder and did not deploy it, and the other way round.
pub(super) fn changed<'l>(around: &Around<'l>) -> Vec<ProjectLint<'l>> {
    let Some(listing) = around.base else { return Vec::new() };
    if around.project.is_none() && around.ignore.is_none() && around.ignore_before.is_none() {
        return Vec::new();
    }
    let get = |file: Option<&'l SideFile<Project>>| file.and_then(SideFile::get);
    let same_project = listing.project == around.head.project;
    let before = if same_project { get(around.project) } else { get(around.project_before) };
    let ignored_before = if around.same_ignore { around.ignore } else { around.ignore_before };
    let base = Deployment::new(listing, before, ignored_before.and_then(SideFile::get));
    let head = Deployment::new(around.head, get(around.project), around.ignore.and_then(SideFile::get));
    let (was, is) = (base.holders(), head.holders());
    let mut found: BTreeMap<(bool, bool, String), Vec<String>> = BTreeMap::new();
    for file in head.files {
        let identity = identity(file);
        let (Some(before), Some(after)) = (was.get(&identity), is.get(&identity)) else { continue };
        // A line of `.forceignore` that is new has a finding of its own.
        let by_new_line = !around.same_ignore && head.left_out.contains(file.path.as_str());
        if before == after || head.takes(file) != *after || (!*after && by_new_line) {
            continue;
        }
        let in_package =
            |project: Option<&Project>| project.and_then(|project| project.package(&file.path).map(str::to_owned));
        let package = if *after { in_package(head.project) } else { in_package(base.project) };
        // What no list of packages decides, `.forceignore` does, or the place of the file.
        let by_ignore = head.left_out.contains(file.path.as_str()) || base.left_out.contains(file.path.as_str());
        let about = package.filter(|_| !by_ignore).unwrap_or_else(|| file.path.clone());
        found.entry((*after, by_ignore, about)).or_default().push(file.path.clone());
    }
    found.into_iter().map(|((newly, by_ignore, about), files)| lint(around, newly, by_ignore, about, files)).collect()
}

fn lint<'l>(around: &Around<'l>, newly: bool, by_ignore: bool, about: String, files: Vec<String>) -> ProjectLint<'l> {
    let project = around.project.or(around.project_before).map(|file| (PROJECT, file.bytes.as_slice()));
    let ignore = around.ignore.or(around.ignore_before).map(|file| (FORCEIGNORE, file.bytes.as_slice()));
    let (path, bytes) = if by_ignore { ignore.or(project) } else { project.or(ignore) }.unwrap_or((PROJECT, &[]));
    let span = if path == PROJECT { place(bytes, "packageDirectories") } else { Span::default() };
    let kind = if newly { LintKind::NewlyDeployed } else { LintKind::NoLongerDeployed };
    ProjectLint { kind, path, bytes, span, about: format!("packageDirectories/{about}"), files, detail: about }
}
