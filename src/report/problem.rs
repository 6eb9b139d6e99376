//! Problems, as documents say them.

use sha2::{Digest, Sha256};

use crate::report::Problem;
use crate::text::count;

impl Problem {
    /// Where, what and what to do, in one line.
    pub(super) fn sentence(&self) -> String {
        format!("{} ({}): {}. {}.", self.path, self.side, self.message, self.hint)
    }

    /// What stands above those that a change brings.
    pub(super) fn heading(problems: &[&Self]) -> String {
        if problems.iter().all(|problem| problem.unproven) {
            return "Unproven: this may give new access".to_owned();
        }
        let mut files: Vec<_> = problems.iter().map(|problem| (problem.side, problem.path.as_str())).collect();
        files.sort_unstable();
        files.dedup();
        format!("Incomplete: {} could not be read or understood", count(files.len(), "file"))
    }

    /// Its identity, 16 hex digits. No line: what stands above a problem does not change it.
    pub(super) fn fingerprint(&self) -> String {
        let text = format!("1\0problem\0{}\0{}\0{}", self.side, self.path, self.message);
        Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}
