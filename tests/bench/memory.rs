//! Orgs in memory, as a source of listings and blobs.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use permdelta::error::Cause;
use permdelta::source::{BlobId, BlobReader, Blobs, File, Listing, Origin, SourceKind, classify};

use crate::generator::Files;

type Contents = HashMap<BlobId, Vec<u8>>;

/// The content of several orgs.
#[derive(Default)]
pub(crate) struct Memory {
    contents: Contents,
    /// Copies made in advance; each is handed out once.
    copies: Mutex<Contents>,
}

impl Memory {
    /// Takes an org in and lists it. No content is shared with the orgs taken in before.
    pub(crate) fn add(&mut self, name: &str, files: Files) -> Listing {
        let origin = Origin { kind: SourceKind::Directory, name: name.to_owned(), id: None };
        let mut listing = Listing::empty(origin);
        for (path, content) in files {
            let (kind, holder) = classify(&path).expect("the path of a permission file");
            let blob = BlobId::File(Path::new(&format!("{name}/{path}")).into());
            self.contents.insert(blob.clone(), content);
            listing.files.push(File { path, kind, name: holder, blob });
        }
        listing.files.sort_by(|a, b| a.path.cmp(&b.path));
        listing
    }

    /// How big the files of a listing are together.
    pub(crate) fn size(&self, listing: &Listing) -> usize {
        listing.files.iter().map(|file| self.contents[&file.blob].len()).sum()
    }

    /// Copies everything, so that the next reading of each blob copies nothing: a reader owns what it reads,
    /// and getting hold of memory is no part of reading.
    pub(crate) fn copy(&self) {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&self.contents);
    }

    fn take(&self, id: &BlobId) -> Option<Vec<u8>> {
        self.copies.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }
}

impl Blobs for Memory {
    fn reader(&self) -> Box<dyn BlobReader + '_> {
        Box::new(Reader(self))
    }
}

struct Reader<'m>(&'m Memory);

impl BlobReader for Reader<'_> {
    fn read(&mut self, id: &BlobId) -> Result<Vec<u8>, Cause> {
        let content = self.0.take(id).or_else(|| self.0.contents.get(id).cloned());
        content.ok_or_else(|| Cause::Unreadable("not in memory".to_owned()))
    }
}
