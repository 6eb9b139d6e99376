//! Exit codes, whatever the format.

use std::process::ExitCode;

use crate::report::Report;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing at or above `--fail-on`.
    Pass = 0,
    /// At least one finding at or above it; for `diff --exit-code`, access differs.
    Findings = 1,
    /// Not everything that had to be read was read: wins over 1.
    Incomplete = 2,
    /// Usage, source or policy error: there is no report.
    Usage = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// Of a run that judges.
    pub(crate) fn of(report: &Report) -> Self {
        match (report.complete, report.failing()) {
            (false, _) => Self::Incomplete,
            (true, 0) => Self::Pass,
            (true, _) => Self::Findings,
        }
    }
}
