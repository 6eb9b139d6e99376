//! The table: what a person reads in a terminal or a log.
//!
//! Problems first, then one row a holder, then the findings, worst first, then the verdict.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthStr;

use crate::policy::Severity;
use crate::report::terminal::{plain, wrap};
use crate::report::{BySeverity, Finding, GrantLine, Holder, Problem, Report};
use crate::text::count;

/// How the table is laid out. Colour is always written; the stream takes it out where it does not belong.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Cells a line may have; `None` in a pipe.
    pub width: Option<u16>,
    /// Whether every grant is listed, and why a finding matters.
    pub verbose: bool,
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
/// Grants named in a row of the table before it says how many more there are.
const NAMED: usize = 4;
/// Places named for one problem before it says how many more there are.
const PLACES: usize = 5;

fn colour(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::Magenta.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Note => DIM,
    }
}

fn painted(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// The report as text that ends with a line feed.
pub fn render(report: &Report, layout: Layout) -> String {
    let mut text = String::new();
    problems(report, layout, &mut text);
    if !report.holders.is_empty() {
        holders(report, layout, &mut text);
    }
    if layout.verbose {
        report.holders.iter().for_each(|holder| grants(holder, &mut text));
    }
    for finding in report.worst_first() {
        finding_block(report, finding, layout, &mut text);
    }
    closing(report, layout, &mut text);
    text
}

fn line(text: &mut String, content: &str) {
    text.push_str(content);
    text.push('\n');
}

/// Problems of the change first; those that were there before are counted, and listed with `-v`.
fn problems(report: &Report, layout: Layout, text: &mut String) {
    let (new, old): (Vec<&Problem>, Vec<&Problem>) = report.problems.iter().partition(|problem| problem.state == "new");
    if !new.is_empty() {
        let title = format!("Incomplete: {} could not be read or understood", count(files(&new), "file"));
        line(text, &painted(AnsiColor::Red.on_default().bold(), &title));
        same_problems(&new, layout, text);
        text.push('\n');
    }
    if !old.is_empty() {
        let title = format!("{} that this change does not touch could not be understood", count(files(&old), "file"));
        line(text, &painted(DIM, &title));
        if layout.verbose {
            same_problems(&old, layout, text);
        }
        text.push('\n');
    }
}

fn files(problems: &[&Problem]) -> usize {
    let mut paths: Vec<(&str, &str)> = problems.iter().map(|problem| (problem.side, problem.path.as_str())).collect();
    paths.sort_unstable();
    paths.dedup();
    paths.len()
}

/// Each message once, with the places that have it.
fn same_problems(problems: &[&Problem], layout: Layout, text: &mut String) {
    let width = layout.width.map(usize::from);
    let mut by_message: BTreeMap<(&str, &str), Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        by_message.entry((&problem.message, problem.hint)).or_default().push(problem);
    }
    for ((message, hint), problems) in by_message {
        line(text, &format!("  {}", wrap(&plain(message), width, 2)));
        line(text, &painted(DIM, &format!("  {}", wrap(hint, width, 2))));
        let listed = if layout.verbose { problems.len() } else { PLACES };
        for problem in problems.iter().take(listed) {
            let at = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
            line(text, &format!("    {}{at}  {}", plain(&problem.path), painted(DIM, problem.side)));
        }
        if problems.len() > listed {
            line(text, &format!("    and {} more, listed with -v", problems.len() - listed));
        }
    }
}

/// One row a holder: what became of it, how much, and the risky grants by name.
///
/// Where the names would not fit the terminal, the row counts them; the findings below name them.
fn holders(report: &Report, layout: Layout, text: &mut String) {
    let shown: Vec<&Holder> = report.holders.iter().filter(|holder| !is_renamed_away(report, holder)).collect();
    let findings = report.worst_first();
    let named = holder_table(report, &shown, &findings, named_risks);
    let fits = |table: &Table| layout.width.is_none_or(|width| table.lines().all(|line| cells(&line) <= width.into()));
    let table = if fits(&named) { named } else { holder_table(report, &shown, &findings, counted_risks) };
    for row in table.lines() {
        line(text, row.trim_end());
    }
    text.push('\n');
}

/// The width of a line without its colours.
fn cells(line: &str) -> usize {
    anstream::adapter::strip_str(line).to_string().trim_end().width()
}

fn holder_table(
    report: &Report,
    holders: &[&Holder],
    findings: &[&Finding],
    risks: fn(&[&Finding]) -> String,
) -> Table {
    let mut table = Table::new();
    // Nothing is wrapped: names and grant keys stay whole.
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["Holder", "Change", "Gained", "Lost", "At risk"].map(|title| Cell::new(painted(BOLD, title))));
    for holder in holders {
        let (gained, lost) = counts(report, holder);
        table.add_row([name(report, holder), change(holder), gained, lost, risks(&findings_of(findings, holder))]);
    }
    for column in [2, 3] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn name(report: &Report, holder: &Holder) -> String {
    let mut name = plain(&holder.name).into_owned();
    let same = |other: &&Holder| other.kind == holder.kind && other.name == holder.name;
    if report.holders.iter().filter(same).count() > 1 {
        let _ = write!(name, "\n{}", painted(DIM, &plain(&holder.path)));
    }
    if holder.kind != "permissionSet" {
        let _ = write!(name, " ({})", holder.kind);
    }
    if let Some(label) = holder.label.as_deref().filter(|label| *label != holder.name) {
        let _ = write!(name, "\n{}", painted(DIM, &plain(&crate::text::clip(label))));
    }
    if holder.status == "renamed"
        && let Some(previous) = &holder.previous
    {
        let _ = write!(name, "\n{}", painted(DIM, &format!("was {}", plain(&previous.name))));
    }
    name
}

fn change(holder: &Holder) -> String {
    match (holder.status, holder.gate_change()) {
        ("added", _) => "new".to_owned(),
        ("removed", _) => "file removed".to_owned(),
        ("renamed", _) => "renamed".to_owned(),
        (_, Some(false)) => "gate removed".to_owned(),
        (_, Some(true)) => "gate added".to_owned(),
        _ if !holder.access_differs() => "text only".to_owned(),
        _ => "changed".to_owned(),
    }
}

/// Gained and lost; of a renamed holder only what it did not have under its old name.
fn counts(report: &Report, holder: &Holder) -> (String, String) {
    let Some(declared) = &holder.declared else { return Default::default() };
    let number = |count: usize| if count == 0 { "-".to_owned() } else { count.to_string() };
    let mut gained = declared.gained.len();
    let mut lost = declared.lost.len() + declared.undeclared.len();
    if let Some(old) = renamed_from(report, holder) {
        let same = declared
            .gained
            .iter()
            .filter(|now| old.iter().any(|was| was.grant.eq_ignore_ascii_case(&now.grant)))
            .count();
        gained -= same;
        lost += old.len() - same;
    }
    (number(gained), number(lost))
}

fn renamed_from<'r>(report: &'r Report, holder: &Holder) -> Option<&'r [GrantLine]> {
    let previous = holder.previous.as_ref().filter(|_| holder.status == "renamed")?;
    let old = report
        .holders
        .iter()
        .find(|old| old.status == "removed" && old.name == previous.name && old.path == previous.path)?;
    Some(&old.declared.as_ref()?.undeclared)
}

/// The row of the old name is part of the row of the new one.
fn is_renamed_away(report: &Report, holder: &Holder) -> bool {
    holder.status == "removed"
        && report.holders.iter().any(|new| {
            new.status == "renamed"
                && new
                    .previous
                    .as_ref()
                    .is_some_and(|previous| previous.name == holder.name && previous.path == holder.path)
        })
}

/// Those of `findings` that one row is about.
fn findings_of<'r>(findings: &[&'r Finding], holder: &Holder) -> Vec<&'r Finding> {
    let of_holder = |finding: &&&'r Finding| {
        finding.subject.kind == holder.kind && finding.subject.name == holder.name && finding.path == holder.path
    };
    findings.iter().filter(of_holder).copied().collect()
}

/// The grants that findings are about, a line each.
fn named_risks(findings: &[&Finding]) -> String {
    let mut risks = Vec::new();
    for finding in findings {
        let severity = painted(colour(finding.severity), finding.severity.as_str());
        if finding.keys.is_empty() {
            risks.push(format!("{severity} {}", finding.rule));
        }
        risks.extend(finding.keys.iter().map(|key| format!("{severity} {}", plain(key))));
    }
    if risks.len() > NAMED {
        let more = format!("and {} more", risks.len() - NAMED);
        risks.truncate(NAMED);
        risks.push(painted(DIM, &more));
    }
    risks.join("\n")
}

/// How many there are of each severity.
fn counted_risks(findings: &[&Finding]) -> String {
    let grants = |severity: Severity| -> usize {
        findings.iter().filter(|finding| finding.severity == severity).map(|finding| finding.keys.len().max(1)).sum()
    };
    let counted =
        Severity::ALL.into_iter().map(|severity| (severity, grants(severity))).filter(|(_, count)| *count > 0);
    counted
        .map(|(severity, count)| format!("{count} {}", painted(colour(severity), severity.as_str())))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Every grant of a holder, for `-v`.
fn grants(holder: &Holder, text: &mut String) {
    line(text, &format!("{}  {}", painted(BOLD, &plain(&holder.name)), painted(DIM, &plain(&holder.path))));
    for property in &holder.properties {
        let value = |value: &Option<String>| {
            value.as_deref().map_or("(none)".to_owned(), |value| format!("\"{}\"", plain(&crate::text::clip(value))))
        };
        line(
            text,
            &format!(
                "  ~ {}: {} to {}  line {}",
                plain(&property.name),
                value(&property.before),
                value(&property.after),
                property.line
            ),
        );
    }
    if let Some(declared) = &holder.declared {
        let lists = [
            ("+", &declared.gained, ""),
            ("-", &declared.lost, ""),
            ("-", &declared.undeclared, " (undeclared: deploying does not revoke it)"),
        ];
        for (sign, grants, remark) in lists {
            for grant in grants {
                line(text, &format!("  {sign} {}{remark}  line {}", plain(&grant.grant), grant.line));
            }
        }
    }
    text.push('\n');
}

fn finding_block(report: &Report, finding: &Finding, layout: Layout, text: &mut String) {
    let width = layout.width.map(usize::from);
    let severity = painted(colour(finding.severity), finding.severity.as_str());
    let label = finding.label.as_deref().filter(|label| *label != finding.subject.name);
    let label =
        label.map(|label| painted(DIM, &format!("  \"{}\"", plain(&crate::text::clip(label))))).unwrap_or_default();
    line(text, &format!("{severity}  {}  {}{label}", painted(BOLD, &finding.rule), plain(&finding.subject.name)));
    line(text, &format!("  {}", wrap(&plain(&finding.message), width, 2)));
    line(text, &format!("  {}:{}", plain(&finding.path), finding.line));
    let also = if finding.also.is_empty() { String::new() } else { format!("  also {}", finding.also.join(", ")) };
    line(text, &painted(DIM, &format!("  {}{also}", finding.fingerprint)));
    if layout.verbose
        && let Some(rule) = report.rules.iter().find(|rule| rule.id == finding.rule)
    {
        line(text, &format!("  Why: {}", wrap(&rule.why, width, 7)));
        line(text, &format!("  Fix: {}", wrap(&rule.fix, width, 7)));
    }
    text.push('\n');
}

/// The last lines: what the run says as a whole.
fn closing(report: &Report, layout: Layout, text: &mut String) {
    if report.command != "audit" && report.complete && !report.access_differs() {
        let texts = report.holders.len();
        let why = match (report.compared, texts) {
            (0, _) => String::new(),
            (_, 0) => format!(": {} in order, layout or comments only", differ(report.compared)),
            (_, _) => format!(": {} in texts only", differ(report.compared)),
        };
        line(text, &format!("no access change{why}"));
    }
    let Some(verdict) = report.verdict else {
        if report.access_differs() {
            let summary = &report.summary;
            line(
                text,
                &format!(
                    "{} differ: {} gained, {} lost",
                    count(summary.holders, "holder"),
                    count(summary.gained, "grant"),
                    summary.lost
                ),
            );
        }
        return;
    };
    let findings = by_severity(&report.summary.findings);
    let (style, word, because) = match verdict {
        "pass" => (AnsiColor::Green.on_default().bold(), "PASS", threshold(report)),
        "fail" => (AnsiColor::Red.on_default().bold(), "FAIL", threshold(report)),
        _ => (AnsiColor::Red.on_default().bold(), "INCOMPLETE", "not everything could be read".to_owned()),
    };
    let new = if report.command == "audit" { "" } else { "new " };
    let total = report.findings.len();
    let found = if total == 0 {
        format!("no {new}findings")
    } else {
        format!("{}: {findings}", count(total, &format!("{new}finding")))
    };
    line(text, &wrap(&format!("{}  {found}; {because}", painted(style, word)), layout.width.map(usize::from), 6));
}

fn differ(files: usize) -> String {
    if files == 1 { "1 permission set differs".to_owned() } else { format!("{files} permission sets differ") }
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

fn by_severity(findings: &BySeverity) -> String {
    let counts = [findings.critical, findings.high, findings.medium, findings.low, findings.note];
    let named = Severity::ALL.iter().zip(counts).filter(|(_, count)| *count > 0);
    named.map(|(severity, count)| format!("{count} {}", severity.as_str())).collect::<Vec<_>>().join(", ")
}
