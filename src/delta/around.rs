//! The files around the holders: what is about a source project as a whole.

use crate::access::Holder;
use crate::delta::{FileProblem, Library, Plan, Side, pairs};
use crate::error::{Cause, Problem};
use crate::source::{BlobId, ForceIgnore, HolderKind, Listing, Project};

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
}

impl<'a> Wanted<'a> {
    /// For `audit`: both files.
    pub(crate) fn audit(snapshot: &'a Listing) -> Self {
        let (project, ignore) = (snapshot.project.as_ref(), snapshot.forceignore.as_ref());
        Self { project, ignore, project_needed: true, ..Self::default() }
    }

    /// For a comparison: what differs, and head's project file if the holders turn out to need it; both files, where
    /// one of the two or a file that `moved` may be deployed otherwise than before.
    pub(crate) fn comparison(base: &'a Listing, head: &'a Listing, moved: bool) -> Self {
        let differs = base.project != head.project;
        let ignore_differs = base.forceignore != head.forceignore;
        let deployment = differs || ignore_differs || moved;
        let links = !base.elsewhere.is_empty() || !head.elsewhere.is_empty();
        let project_needed = deployment || links;
        Self {
            project: head.project.as_ref(),
            // Even where head has none: whom base's groups name depends on it.
            project_before: base.project.as_ref().filter(|_| differs),
            project_needed,
            ignore: head.forceignore.as_ref().filter(|_| deployment),
            ignore_before: base.forceignore.as_ref().filter(|_| deployment && ignore_differs),
            same_ignore: !ignore_differs,
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
        }
    }

    /// What could not be read. A project file of base that is broken hides nothing of head.
    pub(crate) fn problems(&self) -> Vec<FileProblem<'l>> {
        fn of<'l, T>(
            path: &'static str,
            file: Option<&'l SideFile<T>>,
            before: Option<&SideFile<T>>,
            same: bool,
        ) -> Option<FileProblem<'l>> {
            let file = file?;
            let problem = file.read.as_ref().err()?.clone();
            let unchanged = same || before.is_some_and(|before| !file.bytes.is_empty() && before.bytes == file.bytes);
            Some(FileProblem { side: Side::Head, path, bytes: Some(&file.bytes), problem, unchanged })
        }
        let same = self.base.is_some_and(|base| base.project == self.head.project);
        let project = of(PROJECT, self.project, self.project_before, same);
        project.into_iter().chain(of(FORCEIGNORE, self.ignore, self.ignore_before, self.same_ignore)).collect()
    }

    /// What head's project file says; nothing, where there is none or it was not needed.
    pub fn project(&self) -> Option<&'l Project> {
        self.project.and_then(SideFile::get)
    }
}

/// Where the project file lies.
pub const PROJECT: &str = "sfdx-project.json";
/// Where the list of left-out files lies.
pub const FORCEIGNORE: &str = ".forceignore";
