//! A zip archive as a source, as a metadata retrieve writes it.
//!
//! Nothing is unpacked: the central directory is listed, and the entries a comparison needs are inflated
//! in memory. What the archive states of itself (names, sizes, checksums) is checked and never trusted:
//! a checksum in a header says nothing about which content is the same.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use zip::read::{Config, OwnedZipFileEntry, ZipFileEntry};
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, ZipArchive, ZipReadOptions};

use crate::error::{Cause, Error};
use crate::source::blobs::LARGEST;
use crate::source::{BlobId, Listing, Opaque, Origin, SourceKind, classify, layout};

/// Most entries listed. A retrieve writes at most some 35,000 files.
const MOST_ENTRIES: usize = 1_000_000;
/// How many times its packed size all that may be read can have, beyond what one file may have.
/// Metadata packs some twenty times; deflate can reach a thousand.
const MOST_INFLATION: u64 = 200;
/// Headers are read one by one, so a larger buffer would be thrown away.
const HEADER_BUFFER: usize = 512;

/// An entry of an archive, with the header it was listed by: the archive is parsed once.
#[derive(Debug, Clone)]
pub struct ArchiveEntry {
    archive: Arc<Path>,
    index: usize,
    header: Arc<OwnedZipFileEntry>,
    /// Why its content cannot be had, as far as the header tells.
    doubt: Option<Cause>,
}

impl ArchiveEntry {
    fn new(archive: Arc<Path>, index: usize, header: &Arc<OwnedZipFileEntry>) -> Self {
        Self { archive, index, header: header.clone(), doubt: None }
    }

    /// The archive it is in.
    pub(super) fn archive(&self) -> &Arc<Path> {
        &self.archive
    }

    /// How large it is, as its header states.
    pub(super) fn size(&self) -> u64 {
        self.header.size()
    }

    /// Inflates the entry. `file` is the archive, opened.
    pub(super) fn read(&self, file: &mut File) -> Result<Vec<u8>, Cause> {
        if let Some(doubt) = &self.doubt {
            return Err(doubt.clone());
        }
        let size = self.header.size();
        let entry = self.header.as_ref().as_ref();
        let content = entry.with_reader(file, ZipReadOptions::new());
        let content = content.map_err(|error| Cause::Damaged(error.to_string()))?;
        let mut bytes = Vec::with_capacity(size.min(1 << 20) as usize);
        // One byte more than stated, so that the reader comes to the end and checks the sum.
        let read = content.take(size + 1).read_to_end(&mut bytes);
        read.map_err(|error| Cause::Damaged(error.to_string()))?;
        if bytes.len() as u64 != size {
            return Err(Cause::Damaged("its size is not the one its header states".to_owned()));
        }
        Ok(bytes)
    }

    fn place(&self) -> (&Path, usize) {
        (&self.archive, self.index)
    }
}

impl PartialEq for ArchiveEntry {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for ArchiveEntry {}

impl PartialOrd for ArchiveEntry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ArchiveEntry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl Hash for ArchiveEntry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.place().hash(state);
    }
}

/// Lists the permission files of the archive at `path`. `name` is how it was asked for.
///
/// # Errors
/// No archive, or one whose directory cannot be read to its end: what is missing could matter.
pub fn list(path: &Path, name: &str) -> Result<Listing, Error> {
    let hint = "give a whole .zip archive in one volume, as a retrieve writes it";
    let unreadable = |error: String| Error::source(format!("cannot read the archive {name}: {error}"), hint);
    let open = || File::open(path).map_err(|error| unreadable(error.to_string()));
    let entries = entries(open()?).map_err(unreadable)?;
    let length = open()?.metadata().map_err(|error| unreadable(error.to_string()))?.len();
    let mut counts: HashMap<&[u8], usize> = HashMap::with_capacity(entries.len());
    for entry in &entries {
        *counts.entry(entry.name_raw()).or_default() += 1;
    }
    let repeated = counts.len() < entries.len();
    let mut lister = Lister::new(path, name);
    for (index, entry) in entries.iter().enumerate() {
        let copies = counts.get_mut(entry.name_raw());
        let copies = copies.map_or(0, std::mem::take);
        if copies > 0 {
            lister.add(index, entry, copies > 1);
        }
    }
    if lister.size > LARGEST && lister.size / MOST_INFLATION > lister.packed.min(length) {
        let message = format!("the permission files of {name} would inflate to {} bytes", lister.size);
        return Err(Error::source(message, "retrieve it again: no metadata packs that well"));
    }
    if !repeated && let Err(contradiction) = agrees_with_itself(open()?) {
        let (cause, blob) = (Cause::Contradictory(contradiction), BlobId::File(path.into()));
        lister.listing.opaque.push(Opaque { path: ".".to_owned(), cause, blob });
    }
    Ok(lister.listing.sorted())
}

/// All entries in the order of the central directory, those of one name as well.
fn entries(file: File) -> Result<Vec<Arc<OwnedZipFileEntry>>, String> {
    let reader = BufReader::with_capacity(HEADER_BUFFER, file);
    let mut archive = ZipIterable::try_new(reader, Config::default()).map_err(|error| error.to_string())?;
    if archive.len() > MOST_ENTRIES {
        return Err(format!("it has {} entries, permdelta reads {MOST_ENTRIES}", archive.len()));
    }
    let owned = |entry: ZipFileEntry<'static>| Arc::new(OwnedZipFileEntry::from(entry));
    let entries = archive.files().map_err(|error| error.to_string())?;
    entries.map(|entry| entry.map(owned).map_err(|error| error.to_string())).collect()
}

/// Whether a reader that goes through the files one after the other, as the platform may, finds what the
/// central directory lists: the same names and sizes, and nothing besides.
fn agrees_with_itself(file: File) -> Result<(), String> {
    let reader = BufReader::with_capacity(HEADER_BUFFER, file);
    let mut archive = ZipArchive::new(reader).map_err(|error| error.to_string())?;
    archive.validate_header_consistency().map_err(|error| error.to_string())
}

struct Lister {
    archive: Arc<Path>,
    listing: Listing,
    /// Bytes of the entries that may be read, as they state them, and as they are packed.
    size: u64,
    packed: u64,
}

impl Lister {
    fn new(path: &Path, name: &str) -> Self {
        let origin = Origin { kind: SourceKind::Archive, name: name.to_owned(), id: None };
        Self { archive: path.into(), listing: Listing::empty(origin), size: 0, packed: 0 }
    }

    fn add(&mut self, index: usize, header: &Arc<OwnedZipFileEntry>, repeated: bool) {
        let (archive, raw) = (self.archive.clone(), header.name_raw());
        let path = String::from_utf8_lossy(raw);
        let holds = || layout::can_hold_permissions(&path.replace('\\', "/"));
        let cause = match std::str::from_utf8(raw) {
            Err(_) => Some(Cause::PathNotUtf8).filter(|_| holds()),
            Ok(name) if !is_plain(name) => Some(Cause::EntryName).filter(|_| holds()),
            // Which of the copies counts differs from reader to reader, whatever they hold.
            Ok(name) if repeated && classify(name).is_none() => Some(Cause::RepeatedEntry),
            Ok(_) if header.is_symlink() => Some(Cause::Symlink).filter(|_| holds()),
            Ok(name) if name.ends_with('/') => None,
            Ok(name) => return self.file(name, repeated, ArchiveEntry::new(archive, index, header)),
        };
        if let Some(cause) = cause {
            let blob = BlobId::Entry(ArchiveEntry::new(archive, index, header));
            self.listing.opaque.push(Opaque { path: path.into_owned(), cause, blob });
        }
    }

    fn file(&mut self, path: &str, repeated: bool, mut entry: ArchiveEntry) {
        let header = entry.header.clone();
        entry.doubt = match header.compression() {
            _ if repeated => Some(Cause::RepeatedEntry),
            _ if header.encrypted() => Some(Cause::Encrypted),
            _ if header.size() > LARGEST => Some(Cause::TooLarge(header.size())),
            CompressionMethod::Stored | CompressionMethod::Deflated => None,
            other => Some(Cause::Compression(other.to_string())),
        };
        let (readable, mut wanted) = (entry.doubt.is_none(), false);
        self.listing.add(path, || {
            wanted = true;
            BlobId::Entry(entry)
        });
        if readable && wanted {
            self.size = self.size.saturating_add(header.size());
            self.packed = self.packed.saturating_add(header.compressed_size());
        }
    }
}

/// Whether a name is a path below the archive's root, written in the one way every reader understands.
fn is_plain(path: &str) -> bool {
    let below = path.strip_suffix('/').unwrap_or(path);
    let drive = matches!(below.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    !drive
        && !below.contains('\\')
        && !below.chars().any(char::is_control)
        && below.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests;
