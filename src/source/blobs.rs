//! Content by id: the only way bytes enter the pipeline.

use std::path::Path;
use std::sync::Arc;

use crate::error::Cause;
use crate::source::ArchiveEntry;

/// Names one content. Equal ids have equal content; unequal ones may still.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlobId {
    /// An object of the git repository.
    Object(git2::Oid),
    /// A file on disk, by its full path.
    File(Arc<Path>),
    /// An entry of a zip archive.
    Entry(ArchiveEntry),
}

/// Reads content. One comparison reads each id at most once.
pub trait Blobs: Sync {
    /// A reader for one thread.
    fn reader(&self) -> Box<dyn BlobReader + '_>;
}

/// One thread's reader.
pub trait BlobReader {
    /// The content of a blob.
    ///
    /// # Errors
    /// Why it cannot be had: missing, unreadable or larger than 64 MiB.
    fn read(&mut self, id: &BlobId) -> Result<Vec<u8>, Cause>;

    /// The size of a blob in bytes, without its content where that is at hand.
    ///
    /// # Errors
    /// As for `read`.
    fn size(&mut self, id: &BlobId) -> Result<u64, Cause> {
        self.read(id).map(|content| content.len() as u64)
    }
}

/// Largest file read, in bytes. The largest permission file seen in a public repository has 2.9 MB.
pub(super) const LARGEST: u64 = 64 << 20;
