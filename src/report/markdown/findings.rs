//! Open findings, worst first, a block a rule: where each is, why it matters, what to do and how to accept it.

use crate::policy::Severity;
use crate::report::markdown::dot;
use crate::report::markdown::filler::{Filler, Part};
use crate::report::markup::{code, place, plain};
use crate::report::sentence::{also, message, prose};
use crate::report::verdict::by_severity;
use crate::report::{BySeverity, Finding, Report, RuleText};
use crate::text::count;

/// Findings of one rule before the others are folded.
const SHOWN: usize = 6;
/// Bytes of what stands around the findings of a block.
const AROUND: usize = 400;

const FENCE: &str = "```";

/// Findings of one rule.
struct Block<'r> {
    rule: &'r str,
    severity: Severity,
    findings: Vec<&'r Finding>,
}

/// Every open finding but the notes; from the first that does not fit on they are counted.
pub(super) fn findings(report: &Report, allowance: usize) -> Part {
    let blocks = blocks(report);
    let all: usize = blocks.iter().map(|block| block.findings.len()).sum();
    if all == 0 {
        return Part::default();
    }
    let mut filler = Filler::new("### Findings\n\n", allowance, 0);
    let mut left = BySeverity::default();
    for block in &blocks {
        *left.of(block.severity) += block.findings.len() - write(report, block, &mut filler);
    }
    let missing = left.total();
    let left_out =
        (missing > 0).then(|| format!("{} not listed: {}", count(missing, "more finding"), by_severity(&left)));
    let cut = left_out.is_some().then(|| format!("{} of {}", all - missing, count(all, "finding")));
    Part { text: filler.end(left_out), cut }
}

fn blocks(report: &Report) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for finding in report.worst_first().into_iter().filter(|finding| finding.severity > Severity::Note) {
        let same = |block: &&mut Block<'_>| block.rule == finding.rule && block.severity == finding.severity;
        match blocks.iter_mut().find(same) {
            Some(block) => block.findings.push(finding),
            None => blocks.push(Block { rule: &finding.rule, severity: finding.severity, findings: vec![finding] }),
        }
    }
    blocks
}

/// Writes as many findings of a block as fit, and says how many that are.
fn write(report: &Report, block: &Block<'_>, filler: &mut Filler) -> usize {
    let rule = report.rules.iter().find(|rule| rule.id == block.rule);
    let (head, advice) = (heading(block, rule), rule.map(advice).unwrap_or_default());
    let mut used = head.len() + advice.len() + AROUND;
    let waivable = rule.is_none_or(|rule| rule.waivable);
    let (mut items, mut commands) = (Vec::new(), String::new());
    for finding in &block.findings {
        let (item, command) = (item(finding), if waivable { command(finding) } else { String::new() });
        used += item.len() + command.len();
        if !filler.fits(used) {
            filler.close();
            break;
        }
        items.push(item);
        commands.push_str(&command);
    }
    if items.is_empty() {
        return 0;
    }
    let folded = if items.len() > SHOWN + 1 { &items[SHOWN..] } else { &[] };
    let mut text = head + &items[..items.len() - folded.len()].concat() + "\n";
    if !folded.is_empty() {
        text.push_str(&details(&format!("{} more of this rule", folded.len()), &folded.concat()));
    }
    text.push_str(&match waivable {
        true => details("Why, what to do, how to accept it", &format!("{advice}{}", accept(report, &commands))),
        false => details("Why, what to do", &format!("{advice}It cannot be accepted by a waiver.")),
    });
    filler.put(&text);
    items.len()
}

fn heading(block: &Block<'_>, rule: Option<&RuleText>) -> String {
    let title = rule.map(|rule| format!(" {}", plain(&rule.title))).unwrap_or_default();
    let severity = block.severity;
    format!("#### {} {}:{title} ({})\n\n", dot(severity), severity.as_str(), code(block.rule))
}

fn item(finding: &Finding) -> String {
    let place = place(&finding.path, Some(finding.line));
    let also = also(finding).map(|also| format!(" · {also}")).unwrap_or_default();
    format!("- {}<br>{place} · `{}`{also}\n", message(finding), finding.fingerprint)
}

fn advice(rule: &RuleText) -> String {
    format!("**Why:** {}\n\n**What to do:** {}\n\n", prose(&rule.why), prose(&rule.fix))
}

fn command(finding: &Finding) -> String {
    let fingerprint = &finding.fingerprint;
    format!("permdelta waive {fingerprint} --reason 'WHY' --owner 'WHO' --ticket 'ID' --expires YYYY-MM-DD\n")
}

fn accept(report: &Report, commands: &str) -> String {
    let counts = if report.command == "audit" { "" } else { ", which counts once it is merged into the target branch" };
    format!("**To accept it**, write a waiver{counts}:\n\n{FENCE}sh\n{commands}{FENCE}\n\n")
}

/// What is folded below one line.
pub(super) fn details(summary: &str, content: &str) -> String {
    format!("<details><summary>{summary}</summary>\n\n{}\n\n</details>\n\n", content.trim_end())
}
