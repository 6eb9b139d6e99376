//! Counts of a report.

use serde::Serialize;

use crate::policy::Severity;

/// Counts.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
pub struct Summary {
    /// Rows in `holders`.
    pub holders: usize,
    /// Declared grants gained.
    pub gained: usize,
    /// Declared grants lost: what is just undeclared stays in the org.
    pub lost: usize,
    /// Findings by severity, without the waived ones.
    pub findings: BySeverity,
    /// Findings that a waiver covers.
    pub waived: usize,
    /// What was read.
    pub read: Read,
}

/// Findings by severity.
#[derive(Debug, Clone, Copy, Default, Serialize, schemars::JsonSchema)]
#[allow(missing_docs)]
pub struct BySeverity {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub note: usize,
}

/// What was read.
#[derive(Debug, Clone, Copy, Serialize, schemars::JsonSchema)]
pub struct Read {
    /// Different blobs.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl BySeverity {
    /// The number of one severity.
    pub fn of(&mut self, severity: Severity) -> &mut usize {
        match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Note => &mut self.note,
        }
    }

    /// All of them.
    pub fn total(&self) -> usize {
        self.critical + self.high + self.medium + self.low + self.note
    }
}
