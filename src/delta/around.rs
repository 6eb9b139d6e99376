//! The files around the holders: what is about a source project as a whole.

use std::collections::BTreeMap;

use crate::access::Holder;
use crate::delta::{FileProblem, Library, Plan, Side, pairs};
use crate::error::{Cause, Problem};
use crate::source::{BlobId, File, ForceIgnore, HolderKind, Listing, ManifestFile, Opaque, Project};

/// A file that is none of a holder: its content, and what it says.
#[derive(Debug)]
pub struct SideFile<T> {
    /// The content; empty where it could not be had.
    pub bytes: Vec<u8>,
    /// What it says, or why that is not known.
    pub read: Result<T, Problem>,
}

impl<T> SideFile<T> {
    /// Reads content that was fetched, or was to be.
    pub(crate) fn new(bytes: Result<Vec<u8>, Cause>, read: impl FnOnce(&[u8]) -> Result<T, Problem>) -> Self {
        match bytes {
            Ok(bytes) => Self { read: read(&bytes), bytes },
            Err(cause) => Self { bytes: Vec::new(), read: Err(Problem { at: None, cause }) },
        }
    }

    /// What it says, if it could be read.
    pub fn get(&self) -> Option<&T> {
        self.read.as_ref().ok()
    }
}

/// Which of these files a plan needs. Those of base only where they differ from head's.
#[derive(Debug, Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) project: Option<&'a BlobId>,
    pub(crate) project_before: Option<&'a BlobId>,
    /// Whether the project file is needed whatever the holders say.
    pub(crate) project_needed: bool,
    pub(crate) ignore: Option<&'a BlobId>,
    pub(crate) ignore_before: Option<&'a BlobId>,
    /// Whether base has the same `.forceignore`.
    pub(crate) same_ignore: bool,
    /// The same below the root, by folder.
    pub(crate) nested: BTreeMap<&'a str, Nested<'a>>,
    /// The project files below the root, for what their namespaces say of members.
    pub(crate) namespaces: Vec<(Side, &'a BlobId)>,
}

/// The files of a project below the root, on both sides.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Nested<'a> {
    project: Option<&'a ManifestFile>,
    project_before: Option<&'a ManifestFile>,
    ignore: Option<&'a ManifestFile>,
    ignore_before: Option<&'a ManifestFile>,
}

impl<'a> Nested<'a> {
    /// By folder, with a slash at its end.
    fn of(base: Option<&'a Listing>, head: &'a Listing) -> BTreeMap<&'a str, Self> {
        let mut nested: BTreeMap<&'a str, Self> = BTreeMap::new();
        let sides = head.nested.iter().map(|file| (file, false));
        for (file, before) in sides.chain(base.into_iter().flat_map(|base| &base.nested).map(|file| (file, true))) {
            let (folder, name) = file.path.split_at(file.path.rfind('/').map_or(0, |at| at + 1));
            let own = nested.entry(folder).or_default();
            match (name == PROJECT, before) {
                (true, false) => own.project = Some(file),
                (true, true) => own.project_before = Some(file),
                (false, false) => own.ignore = Some(file),
                (false, true) => own.ignore_before = Some(file),
            }
        }
        nested
    }

    fn differs(&self) -> bool {
        let blob = |file: Option<&'a ManifestFile>| file.map(|file| &file.blob);
        blob(self.project) != blob(self.project_before) || blob(self.ignore) != blob(self.ignore_before)
    }

    /// What of it has to be read.
    pub(crate) fn projects(&self) -> impl Iterator<Item = &'a BlobId> {
        self.project.into_iter().chain(self.project_before).map(|file| &file.blob)
    }

    /// The same for `.forceignore`.
    pub(crate) fn ignores(&self) -> impl Iterator<Item = &'a BlobId> {
        self.ignore.into_iter().chain(self.ignore_before).map(|file| &file.blob)
    }

    fn read<'l>(
        &self,
        folder: &'l str,
        base: Option<&'l Listing>,
        head: &'l Listing,
        library: &'l Library,
    ) -> ProjectFiles<'l>
    where
        'a: 'l,
    {
        let blob = |file: Option<&'a ManifestFile>| file.map(|file| &file.blob);
        let path = |one: Option<&'a ManifestFile>, other: Option<&'a ManifestFile>| {
            one.or(other).map_or("", |file| file.path.as_str())
        };
        let project = |file| blob(file).and_then(|blob| library.project(blob));
        let ignore = |file| blob(file).and_then(|blob| library.ignore(blob));
        ProjectFiles {
            folder,
            path: path(self.project, self.project_before),
            ignore_path: path(self.ignore, self.ignore_before),
            files: head.files_below(folder),
            files_before: base.map(|base| base.files_below(folder)),
            project: project(self.project),
            project_before: project(self.project_before),
            same_project: base.is_some() && blob(self.project) == blob(self.project_before),
            ignore: ignore(self.ignore),
            ignore_before: ignore(self.ignore_before),
            same_ignore: base.is_some() && blob(self.ignore) == blob(self.ignore_before),
        }
    }
}

impl<'a> Wanted<'a> {
    /// For `audit`: both files.
    pub(crate) fn audit(snapshot: &'a Listing) -> Self {
        let (project, ignore) = (snapshot.project.as_ref(), snapshot.forceignore.as_ref());
        let nested = Nested::of(None, snapshot);
        let namespaces = nested.values().filter_map(|files| Some((Side::Head, &files.project?.blob))).collect();
        Self { project, ignore, project_needed: true, nested, namespaces, ..Self::default() }
    }

    /// For a comparison: what differs, and head's project file if the holders turn out to need it; both files, where
    /// one of the two or a file that `moved` may be deployed otherwise than before.
    pub(crate) fn comparison(base: &'a Listing, head: &'a Listing, moved: bool) -> Self {
        let differs = base.project != head.project;
        let ignore_differs = base.forceignore != head.forceignore;
        let mut nested = Nested::of(Some(base), head);
        let deployment = differs || ignore_differs || moved || nested.values().any(Nested::differs);
        let goes_on = |opaque: &Opaque| matches!(opaque.cause, Cause::NameGoesOn(_));
        let links = [base, head].iter().any(|side| !side.elsewhere.is_empty() || side.opaque.iter().any(goes_on));
        let project_needed = deployment || links;
        let namespaces = nested.values().flat_map(|files| {
            let sides = [(Side::Base, files.project_before), (Side::Head, files.project)];
            sides.into_iter().filter_map(|(side, file)| Some((side, &file?.blob)))
        });
        let namespaces = namespaces.collect();
        nested.retain(|_, _| project_needed);
        Self {
            project: head.project.as_ref(),
            // Even where head has none: whom base's groups name depends on it.
            project_before: base.project.as_ref().filter(|_| differs),
            project_needed,
            ignore: head.forceignore.as_ref().filter(|_| deployment),
            ignore_before: base.forceignore.as_ref().filter(|_| deployment && ignore_differs),
            same_ignore: !ignore_differs,
            nested,
            namespaces,
        }
    }
}

/// The files of one source project, and the permission files they are about: all of those below its folder.
#[derive(Clone)]
pub struct ProjectFiles<'l> {
    /// With a slash at its end; empty for the root.
    pub folder: &'l str,
    /// Where its project file lies.
    pub path: &'l str,
    /// Where its `.forceignore` lies.
    pub ignore_path: &'l str,
    /// Head's permission files.
    pub files: &'l [File],
    /// Base's; `None` for `audit`.
    pub files_before: Option<&'l [File]>,
    /// Head's project file, where it was needed.
    pub project: Option<&'l SideFile<Project>>,
    /// Base's, where it is another one.
    pub project_before: Option<&'l SideFile<Project>>,
    /// Whether base has the same project file.
    pub same_project: bool,
    /// Head's `.forceignore`, where it was needed.
    pub ignore: Option<&'l SideFile<ForceIgnore>>,
    /// Base's, where it is another one.
    pub ignore_before: Option<&'l SideFile<ForceIgnore>>,
    /// Whether base has the same `.forceignore`.
    pub same_ignore: bool,
}

impl<'l> ProjectFiles<'l> {
    /// A path below the root as one below the project's folder.
    pub fn local<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(self.folder).unwrap_or(path)
    }

    /// The project file of a side, where it was needed.
    pub fn project_on(&self, side: Side) -> Option<&'l SideFile<Project>> {
        if side == Side::Head || self.same_project { self.project } else { self.project_before }
    }

    /// What could not be read. A project file of base that is broken hides nothing of head.
    fn problems(&self) -> impl Iterator<Item = FileProblem<'l>> {
        fn of<'l, T>(
            path: &'l str,
            file: Option<&'l SideFile<T>>,
            before: Option<&SideFile<T>>,
            same: bool,
        ) -> Option<FileProblem<'l>> {
            let file = file?;
            let problem = file.read.as_ref().err()?.clone();
            let unchanged = same || before.is_some_and(|before| !file.bytes.is_empty() && before.bytes == file.bytes);
            Some(FileProblem { side: Side::Head, path, bytes: Some(&file.bytes), problem, unchanged })
        }
        let project = of(self.path, self.project, self.project_before, self.same_project);
        project.into_iter().chain(of(self.ignore_path, self.ignore, self.ignore_before, self.same_ignore))
    }

    /// Whether a path is in a package directory of it, or one lies below it.
    fn is_about_packages(&self, project: Option<&SideFile<Project>>, path: &str) -> bool {
        let project = project.and_then(SideFile::get);
        match path.strip_prefix(self.folder) {
            Some(local) => project.is_some_and(|project| project.is_about_packages(local)),
            // The project itself lies below it.
            None => project.is_some() && self.folder.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')),
        }
    }
}

/// What is known around the holders of a run.
pub struct Around<'l> {
    /// The files of head, or of the snapshot.
    pub head: &'l Listing,
    /// The files of base; `None` for `audit`.
    pub base: Option<&'l Listing>,
    /// `sfdx-project.json` of head, where it was needed.
    pub project: Option<&'l SideFile<Project>>,
    /// Base's, where it is another file and was needed.
    pub project_before: Option<&'l SideFile<Project>>,
    /// `.forceignore` of head; in a comparison only if something may be deployed otherwise.
    pub ignore: Option<&'l SideFile<ForceIgnore>>,
    /// Base's, where it is another file.
    pub ignore_before: Option<&'l SideFile<ForceIgnore>>,
    /// Whether base has the same `.forceignore`.
    pub same_ignore: bool,
    /// Groups whose files are the same on both sides, read because a set that they may name is gone.
    pub same_groups: Vec<Holder<'l>>,
    /// Projects below the root; in a comparison only if something may be deployed otherwise.
    pub nested: Vec<ProjectFiles<'l>>,
}

impl<'l> Around<'l> {
    pub(crate) fn new(plan: &Plan<'l>, base: Option<&'l Listing>, head: &'l Listing, library: &'l Library) -> Self {
        let wanted = &plan.around;
        let same_groups = plan.same_groups(library).filter(|_| plan.set_gone);
        Self {
            head,
            base,
            project: wanted.project.and_then(|blob| library.project(blob)),
            project_before: wanted.project_before.and_then(|blob| library.project(blob)),
            ignore: wanted.ignore.and_then(|blob| library.ignore(blob)),
            ignore_before: wanted.ignore_before.and_then(|blob| library.ignore(blob)),
            same_ignore: wanted.same_ignore,
            same_groups: same_groups
                .filter_map(|files| pairs::holder(HolderKind::PermissionSetGroup, &files.head, library))
                .collect(),
            nested: wanted.nested.iter().map(|(folder, files)| files.read(folder, base, head, library)).collect(),
        }
    }

    /// The project at the root.
    pub fn root(&self) -> ProjectFiles<'l> {
        ProjectFiles {
            folder: "",
            path: PROJECT,
            ignore_path: FORCEIGNORE,
            files: self.head.all_files(),
            files_before: self.base.map(Listing::all_files),
            project: self.project,
            project_before: self.project_before,
            same_project: self.base.is_some_and(|base| base.project == self.head.project),
            ignore: self.ignore,
            ignore_before: self.ignore_before,
            same_ignore: self.base.is_some() && self.same_ignore,
        }
    }

    /// Whether a path has to do with a package directory of a side, of whichever project.
    pub(crate) fn is_about_packages(&self, side: Side, path: &str) -> bool {
        std::iter::once(self.root())
            .chain(self.nested.iter().cloned())
            .any(|files| files.is_about_packages(files.project_on(side), path))
    }

    /// Whether some project of a side may deploy a path; in doubt it does.
    pub(crate) fn may_deploy(&self, side: Side, path: &str) -> bool {
        let mut known = false;
        let takes = std::iter::once(self.root()).chain(self.nested.iter().cloned()).any(|files| {
            let Some(file) = files.project_on(side) else { return false };
            known = true;
            let local = path.strip_prefix(files.folder);
            local.is_some_and(|local| file.get().is_none_or(|project| project.deploys(local)))
        });
        takes || !known
    }

    /// What could not be read.
    pub(crate) fn problems(&self) -> Vec<FileProblem<'l>> {
        let nested = self.nested.iter().flat_map(ProjectFiles::problems);
        self.root().problems().chain(nested).collect()
    }

    /// What head's project file says; nothing, where there is none or it was not needed.
    pub fn project(&self) -> Option<&'l Project> {
        self.project.and_then(SideFile::get)
    }
}

/// Where the project file lies.
const PROJECT: &str = "sfdx-project.json";
/// Where the list of left-out files lies.
const FORCEIGNORE: &str = ".forceignore";
