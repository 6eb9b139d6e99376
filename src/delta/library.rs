//! What was read: each blob once, parsed once, whichever side asks for it.

use std::collections::HashMap;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::delta::around::Nested;
use crate::delta::{Plan, ReadCount, Reading, RelatedRequest, Request, Side, SideFile};
use crate::error::Cause;
use crate::metadata::{Manifest, Names, Parsed, Related, SharedNames, Word, parse};
use crate::source::{BlobId, BlobReader, Blobs, ForceIgnore, Project};

/// Most bytes read in one run; the largest org seen has 438 MB of permission metadata.
const MOST_BYTES: u64 = 4 << 30;
/// Files for which a further thread pays.
const FILES_A_THREAD: usize = 8;

/// The parsed files of a run, and their names.
#[derive(Default)]
pub struct Library {
    parsed: HashMap<Request, Parsed>,
    related: HashMap<RelatedRequest, Related>,
    manifests: HashMap<BlobId, Manifest>,
    names: Names,
    /// Head's project file.
    project: Option<BlobId>,
    /// Base's, where it is another one, or head has none.
    project_before: Option<BlobId>,
    /// Those below the root.
    nested: Vec<(Side, BlobId)>,
    projects_read: bool,
    projects: HashMap<BlobId, SideFile<Project>>,
    ignores: HashMap<BlobId, SideFile<ForceIgnore>>,
    reading: Arc<Reading>,
}

impl Library {
    /// Reads and parses until the plan needs nothing more.
    pub fn fill(&mut self, plan: &Plan<'_>, blobs: &dyn Blobs) {
        let mut reader = blobs.reader();
        // First, because they can say that files need not be read.
        for file in plan.destructive.iter().copied().chain(plan.retrieve) {
            if !self.manifests.contains_key(&file.blob) {
                let manifest = self.single(&file.blob, &mut *reader).map_or_else(Manifest::unreadable, Manifest::read);
                self.manifests.insert(file.blob.clone(), manifest);
            }
        }
        loop {
            // Before the next round: which member of a group is local depends on the namespace.
            if !self.projects_read && plan.needs_project(self) {
                self.read_project(plan, &mut *reader);
            }
            let (wanted, related) = (plan.next(self), plan.next_related(self));
            if wanted.is_empty() && related.is_empty() {
                break;
            }
            self.read(wanted, blobs);
            self.read_related(related, blobs);
        }
        let nested = || plan.around.nested.values();
        for blob in nested().flat_map(Nested::projects) {
            if !self.projects.contains_key(blob) {
                let file = SideFile::new(self.single(blob, &mut *reader), Project::read);
                self.projects.insert(blob.clone(), file);
            }
        }
        let ignores = plan.around.ignore.into_iter().chain(plan.around.ignore_before);
        for blob in ignores.chain(nested().flat_map(Nested::ignores)) {
            if self.ignores.contains_key(blob) {
                continue;
            }
            let file = SideFile::new(self.single(blob, &mut *reader), ForceIgnore::read);
            self.ignores.insert(blob.clone(), file);
        }
    }

    fn read_project(&mut self, plan: &Plan<'_>, reader: &mut dyn BlobReader) {
        for blob in plan.around.project.into_iter().chain(plan.around.project_before) {
            let file = SideFile::new(self.single(blob, reader), Project::read);
            self.projects.insert(blob.clone(), file);
        }
        for (side, blob) in &plan.around.namespaces {
            if !self.projects.contains_key(blob) {
                let file = SideFile::new(self.single(blob, reader), Project::read);
                self.projects.insert((*blob).clone(), file);
            }
            self.nested.push((*side, (*blob).clone()));
        }
        self.project = plan.around.project.cloned();
        self.project_before = plan.around.project_before.cloned();
        self.projects_read = true;
    }

    /// Reads a file that is none of a holder.
    fn single(&self, blob: &BlobId, reader: &mut dyn BlobReader) -> Result<Vec<u8>, Cause> {
        self.reading.ask(1);
        content(&self.reading, reader, blob)
    }

    /// A manifest that was read.
    pub(crate) fn manifest(&self, blob: &BlobId) -> Option<&Manifest> {
        self.manifests.get(blob)
    }

    /// A project file that was read.
    pub(crate) fn project(&self, blob: &BlobId) -> Option<&SideFile<Project>> {
        self.projects.get(blob)
    }

    /// A `.forceignore` that was read.
    pub(crate) fn ignore(&self, blob: &BlobId) -> Option<&SideFile<ForceIgnore>> {
        self.ignores.get(blob)
    }

    fn own_project(&self) -> Option<&Project> {
        self.project.as_ref().and_then(|blob| self.projects.get(blob))?.get()
    }

    /// The namespace of the project at the root, where it was asked for.
    pub(crate) fn namespace(&self) -> Option<&str> {
        self.own_project()?.namespace()
    }

    /// The project file at the root of a side, where it was asked for.
    fn project_of(&self, side: Side) -> Option<&Project> {
        match (side, &self.project_before) {
            (Side::Base, Some(before)) => self.projects.get(before)?.get(),
            _ => self.own_project(),
        }
    }

    /// The namespaces that projects of a side have, at the root and below it, where they were asked for.
    pub(crate) fn namespaces_of(&self, side: Side) -> impl Iterator<Item = &str> {
        let nested = self.nested.iter().filter(move |(own, _)| *own == side);
        let nested = nested.filter_map(|(_, blob)| self.projects.get(blob)?.get()?.namespace());
        self.project_of(side).and_then(Project::namespace).into_iter().chain(nested)
    }

    /// Whether a deployment of a side takes a file, as far as is known.
    pub(crate) fn deploys(&self, side: Side, path: &str) -> bool {
        self.project_of(side).is_none_or(|project| project.deploys(path))
    }

    /// The package directory a path lies in; `None` outside of all, or where it was not asked for.
    ///
    /// A project file that could not be read costs a longer name in a fingerprint, never a grant.
    pub fn package(&self, path: &str) -> Option<&str> {
        self.own_project()?.package(path)
    }

    /// A file that was read.
    pub fn get(&self, request: &Request) -> Option<&Parsed> {
        self.parsed.get(request)
    }

    /// The objects that files grant rights on, each once, in no order.
    pub fn objects(&self) -> Vec<&str> {
        let entries = self.parsed.values().flat_map(|parsed| &parsed.entries);
        let of_objects = entries.filter(|entry| entry.key.section() == Word::OBJECT_PERMISSIONS);
        let mut names: Vec<_> = of_objects.map(|entry| (entry.key.folded(), entry.spelling)).collect();
        names.sort_unstable();
        names.dedup_by_key(|(folded, _)| *folded);
        names.into_iter().map(|(_, spelling)| self.names.name(spelling)).collect()
    }

    /// The names met so far.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// How much was read so far.
    pub fn read_count(&self) -> ReadCount {
        self.reading.count()
    }

    /// The counters of what is read, to be looked at meanwhile.
    pub fn reading(&self) -> Arc<Reading> {
        Arc::clone(&self.reading)
    }

    /// A related file that was read.
    pub fn related(&self, request: &RelatedRequest) -> Option<&Related> {
        self.related.get(request)
    }

    fn read(&mut self, wanted: Vec<Request>, blobs: &dyn Blobs) {
        let names = SharedNames::new(std::mem::take(&mut self.names));
        let round = Round::new(&wanted, blobs, &self.reading);
        let done = round.run(|| {
            let mut names = names.local();
            move |kind, content: Result<Vec<u8>, Cause>| match content {
                Ok(bytes) => parse(kind, bytes, &mut names),
                Err(cause) => Parsed::unreadable(cause),
            }
        });
        self.names = names.into_names();
        self.parsed.extend(wanted.into_iter().zip(done));
    }

    fn read_related(&mut self, wanted: Vec<RelatedRequest>, blobs: &dyn Blobs) {
        let round = Round::new(&wanted, blobs, &self.reading);
        let done = round.run(|| {
            |kind, content: Result<Vec<u8>, Cause>| match content {
                Ok(bytes) => Related::read(kind, bytes),
                Err(cause) => Related::unreadable(cause),
            }
        });
        self.related.extend(wanted.into_iter().zip(done));
    }
}

/// One round of reading, shared by its threads. They take files from one counter, in the order of paths:
/// neighbours in a tree lie near each other in a pack.
struct Round<'a, K> {
    wanted: &'a [(K, BlobId)],
    blobs: &'a dyn Blobs,
    next: AtomicUsize,
    reading: &'a Reading,
}

impl<'a, K: Copy + Sync> Round<'a, K> {
    fn new(wanted: &'a [(K, BlobId)], blobs: &'a dyn Blobs, reading: &'a Reading) -> Self {
        reading.ask(wanted.len() as u64);
        Self { wanted, blobs, next: AtomicUsize::new(0), reading }
    }

    /// What `parser` makes of each file, in the order they were asked for; it is called once for each thread.
    fn run<T: Send, P: FnMut(K, Result<Vec<u8>, Cause>) -> T>(&self, parser: impl Fn() -> P + Sync) -> Vec<T> {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        let threads = threads.min(self.wanted.len() / FILES_A_THREAD);
        let mut done: Vec<(usize, T)> = if threads < 2 {
            self.work(parser())
        } else {
            std::thread::scope(|scope| {
                let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| self.work(parser()))).collect();
                workers
                    .into_iter()
                    .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                    .collect()
            })
        };
        done.sort_unstable_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, parsed)| parsed).collect()
    }

    fn work<T>(&self, mut parse: impl FnMut(K, Result<Vec<u8>, Cause>) -> T) -> Vec<(usize, T)> {
        let mut reader = self.blobs.reader();
        let mut done = Vec::new();
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            let Some((kind, blob)) = self.wanted.get(index) else { return done };
            done.push((index, parse(*kind, content(self.reading, &mut *reader, blob))));
        }
    }
}

fn content(reading: &Reading, reader: &mut dyn BlobReader, blob: &BlobId) -> Result<Vec<u8>, Cause> {
    let bytes = reader.read(blob)?;
    let before = reading.add(bytes.len() as u64);
    if before + bytes.len() as u64 > MOST_BYTES { Err(Cause::TooMuch(before)) } else { Ok(bytes) }
}
