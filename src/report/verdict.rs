//! What a run says as a whole, in the words that every renderer for people uses.

use crate::policy::Severity;
use crate::report::{BySeverity, Holder, Report};
use crate::text::count;

/// The judgement of a run.
pub(super) struct Verdict {
    /// `PASS`, `FAIL`, `UNPROVEN` or `INCOMPLETE`.
    pub(super) word: &'static str,
    /// What was found: `12 new findings: 2 critical, 5 high, …; 1 waived`.
    pub(super) found: String,
    /// Why that is the word for it; empty where what was found says it.
    pub(super) because: String,
}

impl Verdict {
    /// Of a report; `None` for `diff`, which judges nothing.
    pub(super) fn of(report: &Report) -> Option<Self> {
        let (word, because) = match report.verdict? {
            "pass" => ("PASS", passed(report)),
            "fail" => ("FAIL", threshold(report)),
            _ if report.problems.iter().all(|problem| problem.unproven || problem.state == "unchanged") => {
                ("UNPROVEN", "that nobody gains access is not proven".to_owned())
            }
            _ => ("INCOMPLETE", "not everything could be read".to_owned()),
        };
        Some(Self { word, found: found(report), because })
    }

    /// `12 new findings: …; 7 are high or worse`.
    pub(super) fn sentence(&self) -> String {
        let parts = [self.found.as_str(), self.because.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    }
}

/// `no access change: 3 holders differ in texts only`; `None` where access differs or not all was read.
pub(super) fn no_access_change(report: &Report) -> Option<String> {
    if report.command == "audit" || !report.complete || report.access_differs() {
        return None;
    }
    let why = match (report.compared, report.holders.len()) {
        (0, _) => String::new(),
        (_, 0) => format!(": {} in order, layout or comments only", differ(report.compared)),
        (_, _) if report.holders.iter().any(Holder::settings_differ) => {
            format!(": {} in settings or texts only", differ(report.compared))
        }
        (_, _) => format!(": {} in texts only", differ(report.compared)),
    };
    Some(format!("no access change{why}"))
}

fn differ(files: usize) -> String {
    if files == 1 { "1 holder differs".to_owned() } else { format!("{files} holders differ") }
}

fn found(report: &Report) -> String {
    let new = if report.command == "audit" { "" } else { "new " };
    let total = report.findings.len() - report.summary.waived;
    let mut found = if total == 0 {
        format!("no {new}findings")
    } else {
        format!("{}: {}", count(total, &format!("{new}finding")), by_severity(&report.summary.findings))
    };
    if report.summary.waived > 0 {
        found = format!("{found}; {} waived", report.summary.waived);
    }
    found
}

fn passed(report: &Report) -> String {
    let open = report.findings.len() > report.summary.waived;
    let parts = [open.then(|| threshold(report)), report.guarantee.then(|| "proven: nobody gains access".to_owned())];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn threshold(report: &Report) -> String {
    match report.fail_on {
        None => "nothing fails this run".to_owned(),
        Some(least) => match report.failing() {
            0 => format!("none is {} or worse", least.as_str()),
            failing => format!("{failing} {} {} or worse", if failing == 1 { "is" } else { "are" }, least.as_str()),
        },
    }
}

/// `2 critical, 5 high`: without those there are none of.
pub(super) fn by_severity(findings: &BySeverity) -> String {
    let counts = [findings.critical, findings.high, findings.medium, findings.low, findings.note];
    let named = Severity::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
    named.map(|(severity, count)| format!("{count} {}", severity.as_str())).collect::<Vec<_>>().join(", ")
}
