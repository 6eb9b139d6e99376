//! Problems, as documents say them.

use std::collections::{BTreeMap, BTreeSet};

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
        let files: BTreeSet<_> = problems.iter().map(|problem| (problem.side, &problem.path)).collect();
        format!("Incomplete: {} could not be read or understood", count(files.len(), "file"))
    }

    /// What stands above those that were there before. On both sides there is the same file.
    pub(super) fn standing(problems: &[&Self]) -> String {
        let paths: BTreeSet<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
        format!("{} that this change does not touch could not be understood", count(paths.len(), "file"))
    }

    /// By message and hint, each once.
    pub(super) fn by_message<'p>(problems: &[&'p Self]) -> BTreeMap<(&'p str, &'p str), Vec<&'p Self>> {
        let mut by_message: BTreeMap<(&str, &str), Vec<&Self>> = BTreeMap::new();
        for problem in problems {
            by_message.entry((&problem.message, problem.hint)).or_default().push(problem);
        }
        by_message
    }

    /// Its identity, 16 hex digits. No line: what stands above a problem does not change it.
    pub(super) fn fingerprint(&self) -> String {
        let text = format!("1\0problem\0{}\0{}\0{}", self.side, self.path, self.message);
        Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}
