//! How much of a run's input was read: counted by the threads that read, looked at by whoever shows progress.

use std::sync::atomic::{AtomicU64, Ordering};

/// How much was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadCount {
    /// Different blobs.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// The counters of one run.
#[derive(Debug, Default)]
pub struct Reading {
    asked: AtomicU64,
    blobs: AtomicU64,
    bytes: AtomicU64,
}

impl Reading {
    /// Blobs asked for so far; what is in them can make it more.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// What was read so far.
    pub fn count(&self) -> ReadCount {
        ReadCount { blobs: self.blobs.load(Ordering::Relaxed), bytes: self.bytes.load(Ordering::Relaxed) }
    }

    pub(super) fn ask(&self, blobs: u64) {
        self.asked.fetch_add(blobs, Ordering::Relaxed);
    }

    /// Counts one blob; the result is how many bytes there were before it.
    pub(super) fn add(&self, bytes: u64) -> u64 {
        self.blobs.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed)
    }
}
