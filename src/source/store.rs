//! The real [`Blobs`]: objects of a git repository, files on disk and entries of archives.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::{Odb, Oid, Repository};

use crate::error::{Cause, Error};
use crate::source::blobs::{BlobId, BlobReader, Blobs, LARGEST};
use crate::source::{ArchiveEntry, OneSided, Origin, RuleFile, git};

/// Where the content of a run's sources lies.
#[derive(Debug, Clone, Default)]
pub struct Store {
    git_dir: Option<PathBuf>,
}

impl Store {
    /// Files on disk and archives only.
    pub fn files() -> Self {
        Self::default()
    }

    /// Files on disk, archives and the objects of a repository.
    pub fn with_repository(repository: &Repository) -> Self {
        // Blobs are named by the trees they were found in; hashing each again costs a third of the read.
        git2::opts::strict_hash_verification(false);
        Self { git_dir: Some(repository.path().to_owned()) }
    }
}

impl Store {
    /// The files that may hold rules below a folder of a commit.
    ///
    /// # Errors
    /// A tree that cannot be read.
    pub fn rules_below(&self, commit: Oid, folder: &str) -> Result<Vec<RuleFile>, Error> {
        let Some(git_dir) = &self.git_dir else { return Ok(Vec::new()) };
        let repository = Repository::open(git_dir).map_err(|error| Error::source(error.message().to_owned(), ""))?;
        git::rules_below(&repository, commit, folder)
    }

    /// What comes and goes between two states; `None` where that is not known.
    pub fn one_sided(&self, base: &Origin, head: &Origin) -> Option<OneSided> {
        OneSided::between(&Repository::open(self.git_dir.as_ref()?).ok()?, base, head)
    }
}

impl Blobs for Store {
    fn reader(&self) -> Box<dyn BlobReader + '_> {
        Box::new(Reader { git_dir: self.git_dir.as_deref(), repository: None, archives: HashMap::new() })
    }
}

/// A repository is opened with its first object, an archive with its first entry, once for each thread.
struct Reader<'a> {
    git_dir: Option<&'a Path>,
    repository: Option<Repository>,
    archives: HashMap<Arc<Path>, File>,
}

impl BlobReader for Reader<'_> {
    fn read(&mut self, id: &BlobId) -> Result<Vec<u8>, Cause> {
        match id {
            BlobId::Object(oid) => self.object(*oid),
            BlobId::File(path) => file(path),
            BlobId::Entry(entry) => self.entry(entry),
        }
    }

    fn size(&mut self, id: &BlobId) -> Result<u64, Cause> {
        match id {
            BlobId::Object(oid) => self.header(*oid),
            BlobId::File(path) => size(path),
            BlobId::Entry(entry) => Ok(entry.size()),
        }
    }
}

impl Reader<'_> {
    fn objects(&mut self) -> Result<Odb<'_>, Cause> {
        if self.repository.is_none() {
            let git_dir = self.git_dir.ok_or_else(|| Cause::Unreadable("no repository".to_owned()))?;
            self.repository = Some(Repository::open(git_dir).map_err(unreadable)?);
        }
        let Some(repository) = &self.repository else {
            return Err(Cause::Unreadable("no repository".to_owned()));
        };
        repository.odb().map_err(unreadable)
    }

    fn header(&mut self, oid: Oid) -> Result<u64, Cause> {
        let (size, _) = self.objects()?.read_header(oid).map_err(unreadable)?;
        Ok(size as u64)
    }

    fn object(&mut self, oid: Oid) -> Result<Vec<u8>, Cause> {
        let odb = self.objects()?;
        // The header first: a small pack can hold a blob of any size.
        let (size, _) = odb.read_header(oid).map_err(unreadable)?;
        if size as u64 > LARGEST {
            return Err(Cause::TooLarge(size as u64));
        }
        Ok(odb.read(oid).map_err(unreadable)?.data().to_vec())
    }

    fn entry(&mut self, entry: &ArchiveEntry) -> Result<Vec<u8>, Cause> {
        if let Some(file) = self.archives.get_mut(entry.archive()) {
            return entry.read(file);
        }
        let file = File::open(entry.archive()).map_err(|error| Cause::Unreadable(error.to_string()))?;
        entry.read(self.archives.entry(entry.archive().clone()).or_insert(file))
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn unreadable(error: git2::Error) -> Cause {
    Cause::Unreadable(error.message().to_owned())
}

fn size(path: &Path) -> Result<u64, Cause> {
    let metadata = std::fs::symlink_metadata(path).map_err(|error| Cause::Unreadable(error.to_string()))?;
    Ok(metadata.len())
}

fn file(path: &Path) -> Result<Vec<u8>, Cause> {
    let unreadable = |error: std::io::Error| Cause::Unreadable(error.to_string());
    // Listed as a regular file; a link put there since is not followed.
    let metadata = std::fs::symlink_metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Cause::Symlink);
    }
    let mut bytes = Vec::with_capacity(metadata.len().min(LARGEST) as usize);
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Cause::TooLarge(metadata.len()));
    }
    Ok(bytes)
}
