//! One row a holder.

use std::collections::HashMap;
use std::fmt::Write;

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};
use unicode_width::UnicodeWidthStr;

use super::waived::WAIVED;
use super::{BOLD, DIM, Layout, colour, line, painted};
use crate::policy::Severity;
use crate::report::effect::{Effect, Worst};
use crate::report::terminal::{kind_words, plain, telling_label};
use crate::report::{Finding, Holder, Report};

/// Grants named in a row before it says how many more there are.
const NAMED: usize = 4;
/// Narrowest column of names; before it gets narrower, others go.
const NARROWEST: u16 = 20;

/// One row a holder: what became of it, how much, and the risky grants by name.
///
/// Where the names would not fit the terminal, the row counts them; the findings below name them.
pub(super) fn holders(report: &Report, layout: Layout, text: &mut String) {
    let shown = report.shown_holders();
    // What is accepted stands behind what is not.
    let mut findings = [report.worst_first(), report.waived()].concat();
    findings.retain(|finding| layout.verbose || finding.severity > Severity::Note);
    let built = |shape| holder_table(report, &shown, &findings, shape);
    let fits = |table: &Table| layout.width.is_none_or(|width| table.lines().all(|line| cells(&line) <= width.into()));
    let mut table = built(Shape::Named);
    if !fits(&table) {
        table = built(Shape::Counted);
    }
    if !fits(&table) && narrow(&mut table, layout.width) < NARROWEST {
        table = built(Shape::Stacked);
        narrow(&mut table, layout.width);
    }
    for row in table.lines() {
        line(text, row.trim_end());
    }
    text.push('\n');
}

/// How the columns give way where the terminal is narrow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// What is at risk by name.
    Named,
    /// How much is.
    Counted,
    /// Also what is gained and lost below the change: `+3 -1`.
    Stacked,
}

/// Lets the first column give way: the others are words and numbers. Says how wide it still is.
fn narrow(table: &mut Table, width: Option<u16>) -> u16 {
    let width = width.unwrap_or(u16::MAX);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    let others: u16 = table.column_max_content_widths().iter().skip(1).sum();
    let padding: u16 = table.column_iter().map(comfy_table::Column::padding_width).sum();
    for column in table.column_iter_mut().skip(1) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    width.saturating_sub(others + padding)
}

/// The width of a line without its colours.
fn cells(line: &str) -> usize {
    anstream::adapter::strip_str(line).to_string().trim_end().width()
}

fn holder_table(report: &Report, holders: &[&Holder], findings: &[&Finding], shape: Shape) -> Table {
    let mut table = Table::new();
    // Nothing is wrapped: names and grant keys stay whole.
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    let effects: Vec<Effect<'_>> = holders.iter().map(|holder| Effect::of(report, holder, &Worst::new())).collect();
    let undeclared = effects.iter().any(|effect| effect.undeclared() > 0);
    let row = |[holder, change, gained, lost, kept, risk]: [String; 6]| match shape {
        Shape::Stacked => vec![holder, change, risk],
        _ => {
            let kept = undeclared.then_some(kept);
            [holder, change, gained, lost].into_iter().chain(kept).chain([risk]).collect()
        }
    };
    let titles = ["Holder", "Change", "Gained", "Lost", "Undeclared", "At risk"];
    table.set_header(row(titles.map(|title| painted(BOLD, title))).into_iter().map(Cell::new));
    let doubled = report.names_in_several_rows();
    let mut by_subject: HashMap<(&str, &str), Vec<&Finding>> = HashMap::new();
    for finding in findings {
        by_subject.entry((finding.subject.kind, &finding.subject.name)).or_default().push(finding);
    }
    for effect in &effects {
        let holder = effect.holder;
        let subject = (holder.kind, holder.name.as_str());
        let counts = [effect.gained(), effect.lost(), effect.undeclared()];
        let [gained, lost, kept] = counts.map(|count| match count {
            _ if holder.kind == "mutingPermissionSet" => String::new(),
            0 => "-".to_owned(),
            _ => count.to_string(),
        });
        let own = findings_of(by_subject.get(&subject).map_or(&[], Vec::as_slice), holder);
        let risk = if shape == Shape::Named { named_risks(&own) } else { counted_risks(&own) };
        let mut change = change(holder);
        if shape == Shape::Stacked && holder.kind != "mutingPermissionSet" {
            change.push_str(&stacked(counts));
        }
        table.add_row(row([name(report, holder, doubled.contains(&subject)), change, gained, lost, kept, risk]));
    }
    let last = match (shape, undeclared) {
        (Shape::Stacked, _) => 2,
        (_, true) => 5,
        (_, false) => 4,
    };
    for column in 2..last {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn name(report: &Report, holder: &Holder, with_path: bool) -> String {
    let mut name = plain(&holder.name).into_owned();
    if with_path {
        let _ = write!(name, "\n{}", painted(DIM, &plain(&holder.path)));
    }
    if holder.kind != "permissionSet" {
        let _ = write!(name, " ({})", kind_words(holder.kind));
    }
    if let Some(label) = telling_label(&holder.name, holder.label.as_deref()) {
        let _ = write!(name, "\n{}", painted(DIM, &format!("\"{}\"", plain(&crate::text::clip(label)))));
    }
    if holder.status == "renamed"
        && let Some(previous) = &holder.previous
    {
        let stays = if report.stays_renamed(holder) { ", which stays in the org" } else { "" };
        let _ = write!(name, "\n{}", painted(DIM, &format!("was {}{stays}", plain(&previous.name))));
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
        ("affected", _) => "affected".to_owned(),
        _ if !holder.access_differs() && holder.settings_differ() => "settings".to_owned(),
        _ if !holder.access_differs() => "text only".to_owned(),
        _ if holder.kind == "permissionSetGroup" => "members".to_owned(),
        _ if holder.kind == "mutingPermissionSet" => "muting".to_owned(),
        _ => "changed".to_owned(),
    }
}

/// What is gained, lost and undeclared in lines of their own: `+3 -1`; none where there is nothing.
fn stacked([gained, lost, undeclared]: [usize; 3]) -> String {
    let signed = [('+', gained), ('-', lost)].into_iter().filter(|(_, count)| *count > 0);
    let signed: Vec<String> = signed.map(|(sign, count)| format!("{sign}{count}")).collect();
    let kept = if undeclared == 0 { String::new() } else { format!("\n{undeclared} undeclared") };
    let signed = if signed.is_empty() { String::new() } else { format!("\n{}", signed.join(" ")) };
    signed + &kept
}

/// Those of the findings about a kind and name that one row of it is about.
fn findings_of<'r>(findings: &[&'r Finding], holder: &Holder) -> Vec<&'r Finding> {
    let of_holder = |finding: &&&'r Finding| finding.path == holder.path || holder.declared.is_none();
    findings.iter().filter(of_holder).copied().collect()
}

/// What findings are about, with the severity of the worst, or none where that is accepted: a grant, which stands there
/// once, or a rule without one.
fn at_risk<'r>(findings: &[&'r Finding]) -> Vec<(Option<Severity>, &'r str)> {
    let mut risks: Vec<(Option<Severity>, &str)> = Vec::new();
    for finding in findings {
        let severity = finding.waiver.is_none().then_some(finding.severity);
        if finding.keys.is_empty() {
            risks.push((severity, &finding.rule));
        }
        // Worst first, and what is written before what follows from it.
        let (broad, written): (Vec<&String>, Vec<&String>) =
            finding.keys.iter().partition(|key| key.contains("/*/") || key.contains(".*/"));
        for key in written.into_iter().chain(broad) {
            // One can be accepted as what one rule finds, and open as what another does.
            if !risks.iter().any(|(other, named)| named == key && other.is_some() == severity.is_some()) {
                risks.push((severity, key));
            }
        }
    }
    risks
}

fn word(severity: Option<Severity>) -> String {
    severity.map_or_else(|| painted(WAIVED, "waived"), |severity| painted(colour(severity), severity.as_str()))
}

/// Each by its name, a line each.
fn named_risks(findings: &[&Finding]) -> String {
    let risks = at_risk(findings);
    let mut risks: Vec<String> =
        risks.iter().map(|(severity, name)| format!("{} {}", word(*severity), plain(name))).collect();
    if risks.len() > NAMED {
        let more = format!("and {} more", risks.len() - NAMED);
        risks.truncate(NAMED);
        risks.push(painted(DIM, &more));
    }
    risks.join("\n")
}

/// How many there are of each severity, and how many are accepted.
fn counted_risks(findings: &[&Finding]) -> String {
    let risks = at_risk(findings);
    let count = |severity: &Option<Severity>| risks.iter().filter(|(own, _)| own == severity).count();
    let all = Severity::ALL.into_iter().map(Some).chain([None]).map(|severity| (count(&severity), severity));
    let counted = all.filter(|(count, _)| *count > 0).map(|(count, severity)| format!("{count} {}", word(severity)));
    counted.collect::<Vec<_>>().join("\n")
}
