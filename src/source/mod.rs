//! Where files come from: a git revision, the index, the worktree, a plain directory or an archive.
//!
//! A source is listed once ([`Listing`]: paths and content ids, nothing read); the comparison then asks
//! for the blobs it needs through [`Blobs`].

pub mod archive;
mod blobs;
pub mod directory;
mod forceignore;
pub mod git;
mod hunks;
mod layout;
mod manifest;
mod one_sided;
mod parts;
mod project;
mod related;
mod store;
pub mod worktree;

pub use archive::ArchiveEntry;
pub use blobs::{BlobId, BlobReader, Blobs};
pub use forceignore::{ForceIgnore, IgnoreLine};
pub use hunks::{FileDiff, Hunk, diff, likeness};
pub(crate) use layout::decode as decode_name;
pub use layout::{FileKind, HolderKind, classify};
pub use manifest::ManifestFile;
pub use one_sided::OneSided;
pub use parts::set_folder;
pub use project::{Project, Replacement, namespaced};
pub use related::{RelatedFile, RelatedKind, classify_related};
pub use store::Store;

use crate::error::Cause;

/// Where the configuration lies, below the root of a source.
pub const POLICY: &str = "permdelta.toml";

/// What kind of place a snapshot comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A commit of a git repository.
    Revision,
    /// The files staged in a git repository.
    Index,
    /// The files of a working tree: tracked ones, and untracked ones git does not ignore.
    Worktree,
    /// A plain directory.
    Directory,
    /// A zip archive.
    Archive,
}

impl SourceKind {
    /// The word reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revision => "revision",
            Self::Index => "index",
            Self::Worktree => "worktree",
            Self::Directory => "directory",
            Self::Archive => "archive",
        }
    }
}

/// Which source a snapshot was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What kind of source.
    pub kind: SourceKind,
    /// As it was asked for: a revision, a path.
    pub name: String,
    /// The commit's object id; `None` where there is none.
    pub id: Option<String>,
}

/// A permission file of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative to the root of the source, `/`-separated, as stored.
    pub path: String,
    /// What it holds, by its path.
    pub kind: FileKind,
    /// The API name of the holder it belongs to, by its path.
    pub name: String,
    /// Its content.
    pub blob: BlobId,
}

/// Something that stands where permission files can be and cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opaque {
    /// Its path.
    pub path: String,
    /// What it is.
    pub cause: Cause,
    /// What it points to, so that two sides can be compared.
    pub blob: BlobId,
}

/// A file that may hold a rule: a `.toml` file below the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// Relative to the root of the source, `/`-separated, as stored.
    pub path: String,
    /// Its content, or why what stands there cannot be it.
    pub blob: Result<BlobId, Cause>,
}

/// The permission files of one source, by path; their content is not read.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The source.
    pub origin: Origin,
    /// Sorted by path.
    pub files: Vec<File>,
    /// Permission files that the policy excludes, sorted by path: not judged, and read where a group names them.
    pub excluded: Vec<File>,
    /// All of these, sorted by path, where some are excluded: a deployment takes them whatever the policy says.
    unfiltered: Vec<File>,
    /// Files that decide what holders mean, sorted by path.
    pub related: Vec<RelatedFile>,
    /// Sorted by path.
    pub opaque: Vec<Opaque>,
    /// Links and submodules where no permission files are expected, sorted by path.
    pub elsewhere: Vec<Opaque>,
    /// Manifests of what a deploy deletes, sorted by path.
    pub destructive: Vec<ManifestFile>,
    /// What a retrieve asked for, if the files are one.
    pub retrieve: Option<ManifestFile>,
    /// What may be the manifest of a retrieve, until all files are known.
    packages: Vec<ManifestFile>,
    /// `sfdx-project.json` and `.forceignore` in folders below the root, sorted by path.
    pub nested: Vec<ManifestFile>,
    /// `sfdx-project.json` at the root.
    pub project: Option<BlobId>,
    /// `.forceignore` at the root.
    pub forceignore: Option<BlobId>,
    /// `permdelta.toml` at the root, or why what stands there cannot be it.
    pub policy: Option<Result<BlobId, Cause>>,
    /// Files that may hold rules, sorted by path: the configuration says which of them do.
    pub rules: Vec<RuleFile>,
}

impl Listing {
    /// A source without files.
    pub fn empty(origin: Origin) -> Self {
        Self {
            origin,
            files: Vec::new(),
            excluded: Vec::new(),
            unfiltered: Vec::new(),
            related: Vec::new(),
            opaque: Vec::new(),
            elsewhere: Vec::new(),
            destructive: Vec::new(),
            retrieve: None,
            packages: Vec::new(),
            nested: Vec::new(),
            project: None,
            forceignore: None,
            policy: None,
            rules: Vec::new(),
        }
    }

    /// The content of the file at a path, if it has a part in comparisons.
    pub fn blob(&self, path: &str) -> Option<&BlobId> {
        let manifests = self
            .destructive
            .iter()
            .chain(&self.retrieve)
            .chain(&self.nested)
            .map(|file| (file.path.as_str(), &file.blob));
        let policy = self.policy.iter().flatten().map(|blob| (POLICY, blob));
        let project = self.project.iter().map(|blob| ("sfdx-project.json", blob));
        let around = project.chain(self.forceignore.iter().map(|blob| (".forceignore", blob))).chain(policy);
        let rules = self.rules.iter().filter_map(|file| Some((file.path.as_str(), file.blob.as_ref().ok()?)));
        let mut others = manifests.chain(around).chain(rules);
        let of_holder = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).map(|at| &self.files[at].blob);
        let related = || self.related.iter().find(|file| file.path == path).map(|file| &file.blob);
        of_holder.ok().or_else(related).or_else(|| others.find(|(other, _)| *other == path).map(|(_, blob)| blob))
    }

    /// The permission files below a folder, which ends in a slash or is the root.
    pub fn files_below(&self, folder: &str) -> &[File] {
        let files = self.all_files();
        let start = files.partition_point(|file| file.path.as_str() < folder);
        let below = &files[start..];
        &below[..below.partition_point(|file| file.path.starts_with(folder))]
    }

    /// All permission files, excluded ones too, sorted by path.
    pub fn all_files(&self) -> &[File] {
        if self.unfiltered.is_empty() { &self.files } else { &self.unfiltered }
    }

    /// Whether the same link or submodule stands at the same path.
    pub fn has_opaque(&self, opaque: &Opaque) -> bool {
        [&self.opaque, &self.elsewhere].into_iter().any(|list| {
            let at = list.partition_point(|known| known.path < opaque.path);
            list[at..].iter().take_while(|known| known.path == opaque.path).any(|known| known == opaque)
        })
    }

    /// Takes the files out that are excluded.
    pub(crate) fn exclude(&mut self, mut excludes: impl FnMut(&File) -> bool) {
        self.unfiltered.clone_from(&self.files);
        let all = std::mem::take(&mut self.files);
        (self.excluded, self.files) = all.into_iter().partition(|file| excludes(file));
    }

    /// Takes in a regular file, if it has a part in a comparison.
    pub(crate) fn add(&mut self, path: &str, blob: impl FnOnce() -> BlobId) {
        if let Some(taken_for) = layout::taken_for(path) {
            self.opaque.push(Opaque { path: path.to_owned(), cause: Cause::NameGoesOn(taken_for), blob: blob() });
        } else if let Some((kind, name)) = classify(path) {
            self.files.push(File { path: path.to_owned(), kind, name, blob: blob() });
        } else if let Some((kind, name, version)) = related::beside_holders(path) {
            self.related.push(RelatedFile { path: path.to_owned(), kind, name, version, blob: blob() });
        } else if manifest::is_destructive(path) {
            self.destructive.push(ManifestFile { path: path.to_owned(), blob: blob() });
        } else if manifest::is_package(path) {
            self.packages.push(ManifestFile { path: path.to_owned(), blob: blob() });
        } else if path.ends_with("/sfdx-project.json") || path.ends_with("/.forceignore") {
            self.nested.push(ManifestFile { path: path.to_owned(), blob: blob() });
        } else if path == "sfdx-project.json" {
            self.project = Some(blob());
        } else if path == ".forceignore" {
            self.forceignore = Some(blob());
        } else if path == POLICY {
            self.policy = Some(Ok(blob()));
        } else if is_rule(path) {
            self.rules.push(RuleFile { path: path.to_owned(), blob: Ok(blob()) });
        }
    }

    /// Takes in a symbolic link or submodule.
    pub(crate) fn add_opaque(&mut self, path: &str, cause: Cause, blob: impl FnOnce() -> BlobId) {
        if path == POLICY {
            self.policy = Some(Err(cause.clone()));
        } else if is_rule(path) {
            self.rules.push(RuleFile { path: path.to_owned(), blob: Err(cause.clone()) });
        }
        // What a deployment takes is told by these two.
        let told = matches!(path.rsplit('/').next(), Some("sfdx-project.json" | ".forceignore"));
        let expected = told || layout::can_hold_permissions(path);
        let list = if expected { &mut self.opaque } else { &mut self.elsewhere };
        list.push(Opaque { path: path.to_owned(), cause, blob: blob() });
    }

    pub(crate) fn sorted(mut self) -> Self {
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        self.related.sort_by(|a, b| a.path.cmp(&b.path));
        self.opaque.extend(parts::attribute(&mut self.files));
        self.opaque.sort_by(|a, b| a.path.cmp(&b.path));
        self.elsewhere.sort_by(|a, b| a.path.cmp(&b.path));
        self.nested.sort_by(|a, b| a.path.cmp(&b.path));
        self.destructive.sort_by(|a, b| a.path.cmp(&b.path));
        self.rules.sort_by(|a, b| a.path.cmp(&b.path));
        self.retrieve = manifest::of_retrieve(&mut self);
        self
    }
}

fn is_rule(path: &str) -> bool {
    path.ends_with(".toml") && path != POLICY
}
