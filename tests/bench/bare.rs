//! The yardstick: quick-xml's events and nothing else.

use std::hint::black_box;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

use permdelta::source::{Blobs, Listing};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::memory::Memory;

/// As many threads as reading takes.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// The events of all files, read and kept as the library reads and keeps them: the same blobs, one counter.
pub(crate) fn org(memory: &Memory, listing: &Listing) -> Vec<Vec<u8>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut reader = memory.reader();
        let mut kept = Vec::new();
        while let Some(file) = listing.files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let content = reader.read(&file.blob).expect("a blob of the listing");
            events(&content);
            kept.push(content);
        }
        kept
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads()).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("events")).collect()
    })
}

/// The events of one file, with quick-xml's own configuration.
pub(crate) fn events(content: &[u8]) {
    let text = std::str::from_utf8(content).expect("generated text");
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event().expect("generated XML") {
            Event::Eof => return,
            event => drop(black_box(event)),
        }
    }
}
