//! Lints about what a deployment takes: files that a change brings into it, or takes out of it, without touching
//! what they say.
//!
//! All permission files count as they stand, wherever they lie. So a file that is deployed from now on brings
//! access that was counted before; it is said here.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::delta::{ProjectFiles, Side, SideFile};
use crate::policy::lint::LintKind;
use crate::policy::lint::project::{ProjectLint, place};
use crate::source::{File, ForceIgnore, HolderKind, Project};
use crate::text::Span;

/// What one side deploys.
struct Deployment<'l> {
    folder: &'l str,
    project: Option<&'l Project>,
    /// Whether nothing is deployed where there is no project file.
    needs_project: bool,
    left_out: HashSet<&'l str>,
    /// Whether those paths are below the root of the repository, not below the folder.
    inherits: bool,
    files: &'l [File],
}

type Identity = (HolderKind, String);

impl<'l> Deployment<'l> {
    fn new(
        around: &ProjectFiles<'l>,
        files: &'l [File],
        project: Option<&'l SideFile<Project>>,
        ignore: Option<&SideFile<ForceIgnore>>,
        above: Option<&SideFile<ForceIgnore>>,
    ) -> Self {
        // The nearest `.forceignore` counts, and no other.
        let inherits = ignore.is_none() && !around.same_ignore && !around.folder.is_empty();
        let ignore = if inherits { above } else { ignore };
        let paths = files.iter().map(|file| if inherits { file.path.as_str() } else { around.local(&file.path) });
        let left_out = ignore.and_then(SideFile::get).map(|ignore| ignore.leaves_out(paths)).unwrap_or_default();
        let left_out = left_out.into_iter().flat_map(|(_, paths)| paths).collect();
        // Below the root a folder is a project by its project file alone.
        let is_project = around.project.is_some() || around.project_before.is_some();
        let needs_project = !around.folder.is_empty() && is_project && project.is_none();
        Self {
            folder: around.folder,
            project: project.and_then(SideFile::get),
            needs_project,
            left_out,
            inherits,
            files,
        }
    }

    fn local<'p>(&self, file: &'p File) -> &'p str {
        &file.path[self.folder.len()..]
    }

    fn is_left_out(&self, file: &File) -> bool {
        self.left_out.contains(if self.inherits { file.path.as_str() } else { self.local(file) })
    }

    fn takes(&self, file: &File) -> bool {
        let in_package = self.project.is_none_or(|project| project.deploys(self.local(file)));
        in_package && !self.needs_project && !self.is_left_out(file)
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
pub(super) fn changed<'l>(around: &ProjectFiles<'l>, root: &ProjectFiles<'l>) -> Vec<ProjectLint<'l>> {
    let Some(files_before) = around.files_before else { return Vec::new() };
    let is_read = around.project.is_some() || around.ignore.is_some() || around.ignore_before.is_some();
    if !is_read && (around.folder.is_empty() || around.project_before.is_none()) {
        return Vec::new();
    }
    let before = around.project_on(Side::Base);
    let ignored_before = if around.same_ignore { around.ignore } else { around.ignore_before };
    let above_before = if root.same_ignore { root.ignore } else { root.ignore_before };
    let base = Deployment::new(around, files_before, before, ignored_before, above_before);
    let head = Deployment::new(around, around.files, around.project, around.ignore, root.ignore);
    let (was, is) = (base.holders(), head.holders());
    let not_taken: HashSet<&str> =
        base.files.iter().filter(|file| !base.takes(file)).map(|file| file.path.as_str()).collect();
    let mut found: BTreeMap<(bool, bool, String), Vec<String>> = BTreeMap::new();
    for file in head.files {
        let identity = identity(file);
        let (Some(before), Some(after)) = (was.get(&identity), is.get(&identity)) else { continue };
        // A line of `.forceignore` that is new has a finding of its own.
        let by_new_line = !around.same_ignore && head.is_left_out(file);
        // Beside a definition that is deployed anyway, one that was there and was not.
        let joins = *after && not_taken.contains(file.path.as_str()) && head.takes(file);
        if (before == after && !joins) || head.takes(file) != *after || (!*after && by_new_line) {
            continue;
        }
        let in_package = |side: &Deployment<'_>| {
            side.project.and_then(|project| project.package(side.local(file)).map(str::to_owned))
        };
        let package = if *after { in_package(&head) } else { in_package(&base) };
        // What no list of packages decides, `.forceignore` does, or the place of the file.
        let by_ignore = head.is_left_out(file) || base.is_left_out(file);
        let about = package.filter(|_| !by_ignore).unwrap_or_else(|| file.path.clone());
        found.entry((*after, by_ignore, about)).or_default().push(file.path.clone());
    }
    found.into_iter().map(|((newly, by_ignore, about), files)| lint(around, newly, by_ignore, about, files)).collect()
}

fn lint<'l>(
    around: &ProjectFiles<'l>,
    newly: bool,
    by_ignore: bool,
    about: String,
    files: Vec<String>,
) -> ProjectLint<'l> {
    let project = around.project.or(around.project_before).map(|file| (around.path, file.bytes.as_slice()));
    let ignore = around.ignore.or(around.ignore_before).map(|file| (around.ignore_path, file.bytes.as_slice()));
    let (path, bytes) = if by_ignore { ignore.or(project) } else { project.or(ignore) }.unwrap_or((around.path, &[]));
    let span = if path == around.path { place(bytes, "packageDirectories") } else { Span::default() };
    let kind = if newly { LintKind::NewlyDeployed } else { LintKind::NoLongerDeployed };
    ProjectLint { kind, path, bytes, span, about: format!("packageDirectories/{about}"), files, detail: about }
}
