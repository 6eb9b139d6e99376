//! Which files a diff can show as others renamed.
//!
//! Git pairs files that are the same first, then those that are alike by half, whatever their names. Contents are
//! told apart by id, then by size, and read only where both leave it open.

use std::collections::HashMap;
use std::rc::Rc;

use crate::source::{BlobId, BlobReader, OneSided, likeness};

/// With more pairs than its square, git looks for no renamed files unless they are the same to the byte. Another limit
/// may be set, so nothing is said of any of them then; nor of a file that is as large as so many others.
const MOST: usize = 1_000;
/// Most bytes of such contents that are held; where more would have to be, nothing is said either.
const MOST_BYTES: u64 = 256 << 20;
/// A file that is so much like one that is gone can be shown as that one renamed; git does so from a half.
const LIKE: f64 = 0.45;

/// Where one looks for the other name of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Among {
    /// For a file that head has: what is gone.
    Gone,
    /// For a file that base has: what comes.
    Come,
}

/// The files that can be one another's.
pub(super) struct Renames<'a> {
    /// How often each content goes and comes.
    times: HashMap<&'a BlobId, [usize; 2]>,
    sides: [Contents<'a>; 2],
}

/// The contents on one side that may be paired with one that is alike.
#[derive(Default)]
struct Contents<'a> {
    blobs: Vec<&'a BlobId>,
    /// Sorted, once it was asked for.
    sizes: Option<Vec<(u64, &'a BlobId)>>,
    read: HashMap<&'a BlobId, Rc<[u8]>>,
    /// Bytes of what was read.
    held: u64,
}

impl<'a> Renames<'a> {
    pub(super) fn new(files: &'a OneSided) -> Self {
        let mut times: HashMap<&BlobId, [usize; 2]> = HashMap::new();
        for (side, blobs) in [&files.gone, &files.come].into_iter().enumerate() {
            blobs.iter().for_each(|blob| times.entry(blob).or_default()[side] += 1);
        }
        // A file that is gone is one that came under another name only once: which, is open where there are several.
        let left = |blobs: &'a [BlobId], [own, other]: [usize; 2]| Contents {
            blobs: blobs.iter().filter(|blob| times.get(blob).is_none_or(|times| times[own] > times[other])).collect(),
            ..Contents::default()
        };
        let sides = [left(&files.gone, [0, 1]), left(&files.come, [1, 0])];
        Self { times, sides }
    }

    /// The contents that can be shown as the same file under another name; `None` if it is one as it is, so that no
    /// line of it is shown, or if that cannot be told.
    pub(super) fn of(
        &mut self,
        blob: &BlobId,
        content: &[u8],
        among: Among,
        reader: &mut dyn BlobReader,
    ) -> Option<Vec<Rc<[u8]>>> {
        if self.times.get(blob).is_some_and(|times| times.iter().all(|times| *times > 0)) {
            return None;
        }
        let [gone, come] = &self.sides;
        if gone.blobs.len().saturating_mul(come.blobs.len()) > MOST * MOST {
            return None;
        }
        self.sides[usize::from(among == Among::Come)].like(content, reader)
    }
}

impl<'a> Contents<'a> {
    fn like(&mut self, content: &[u8], reader: &mut dyn BlobReader) -> Option<Vec<Rc<[u8]>>> {
        let mut like = Vec::new();
        for (size, blob) in self.of_size(content.len() as f64, reader)? {
            let other = match self.read.get(blob) {
                Some(known) => known.clone(),
                None => {
                    self.held = self.held.saturating_add(size);
                    if self.held > MOST_BYTES {
                        return None;
                    }
                    let read: Rc<[u8]> = reader.read(blob).ok()?.into();
                    self.read.insert(blob, read.clone());
                    read
                }
            };
            if likeness(content, &other) >= LIKE {
                like.push(other);
            }
        }
        Some(like)
    }

    /// Those that are not too small and not too large to be alike; `None` if they are too many.
    fn of_size(&mut self, size: f64, reader: &mut dyn BlobReader) -> Option<Vec<(u64, &'a BlobId)>> {
        if self.sizes.is_none() {
            let sized = self.blobs.iter().map(|blob| Some((reader.size(blob).ok()?, *blob)));
            let mut sizes = sized.collect::<Option<Vec<_>>>()?;
            sizes.sort_unstable();
            self.sizes = Some(sizes);
        }
        let sizes = self.sizes.as_deref().unwrap_or_default();
        let first = sizes.partition_point(|(other, _)| (*other as f64) < size * LIKE);
        let end = sizes.partition_point(|(other, _)| *other as f64 * LIKE <= size);
        let among = sizes.get(first..end).unwrap_or_default();
        (among.len() <= MOST).then(|| among.to_vec())
    }
}
