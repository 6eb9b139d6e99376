//! Problems, as documents for other tools say them.

use sha2::{Digest, Sha256};

use crate::report::Problem;

impl Problem {
    /// Where, what and what to do, in one line.
    pub(super) fn sentence(&self) -> String {
        format!("{} ({}): {}. {}.", self.path, self.side, self.message, self.hint)
    }

    /// Its identity, 16 hex digits. No line: what stands above a problem does not change it.
    pub(super) fn fingerprint(&self) -> String {
        let text = format!("1\0problem\0{}\0{}\0{}", self.side, self.path, self.message);
        Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}
