//! Why a file could not be read, when the XML reader's own answer is not the helpful one.

use crate::error::{Cause, Problem};

/// Replaces a reader's complaint by its likely origin: an unresolved merge or an LFS pointer.
///
/// Done only for files that failed, so that good files are not searched.
pub(crate) fn refine(problem: Problem, bytes: &[u8]) -> Problem {
    if bytes.starts_with(b"version https://git-lfs.github.com/spec/") {
        return Problem { at: Some(0), cause: Cause::LfsPointer };
    }
    if let Some(at) = conflict_marker(bytes) {
        return Problem { at: Some(at), cause: Cause::ConflictMarkers };
    }
    problem
}

/// The offset of the first line that git writes around the sides of a conflict.
fn conflict_marker(bytes: &[u8]) -> Option<u32> {
    let line_starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1));
    line_starts
        .map(|start| (start, &bytes[start..]))
        .find(|(_, line)| line.starts_with(b"<<<<<<< ") || line.starts_with(b">>>>>>> "))
        .map(|(start, _)| start as u32)
}
