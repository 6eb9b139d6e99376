//! SARIF 2.1.0 for code scanning on GitHub, within what the platforms read (`facts/outputs.md`).
//!
//! By default only open, failing results are written: GitHub shows suppressed and baselined ones as open alerts. The
//! severity lives on the rule, and the identity of an alert is our own fingerprint.

mod derivation;
mod location;
mod model;
mod result;

use std::collections::HashMap;

use crate::policy::Severity;
use crate::report::document::{self, short};
use crate::report::{Document, Finding, Problem, Report, RuleText};
use location::{location, no_links, region};
use model::{
    AutomationDetails, Description, Driver, Invocation, Level, Log, Message, MultiFormat, Notification,
    ReportingConfiguration, ReportingDescriptor, Result, RuleProperties, Run, RunProperties, Tool, UriBase, UriBases,
};

/// GitHub keeps 5,000 results a run, GitLab and Azure DevOps read no more.
const MOST_RESULTS: usize = 5_000;
/// GitHub and GitLab read no larger document, and GitHub that compressed.
const MOST_BYTES: usize = 10_000_000;
/// Problems that are listed: each is a few lines of a document that has a limit.
const MOST_PROBLEMS: usize = 1_000;
/// Characters that GitHub takes of a rule's descriptions.
const DESCRIPTION: usize = 1_024;
/// Characters of a rule's name.
const NAME: usize = 255;
/// Tags of a rule that are kept.
const TAGS: usize = 10;

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// To be uploaded: what is open, and nothing that a platform would show as open though it is not.
    #[default]
    Upload,
    /// For other tools: all findings with all that is known of them.
    Full,
}

/// How a document is written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// What it is for.
    pub profile: Profile,
    /// What tells it from others that are uploaded for the same commit.
    pub category: Option<&'a str>,
}

/// The report as a SARIF log.
pub fn render(report: &Report, options: Options<'_>) -> Document {
    match options.profile {
        Profile::Full => {
            let problems: Vec<&Problem> = report.problems.iter().collect();
            Document::whole(document::json(&log(report, options, &report.all_worst_first(), &problems, &[])))
        }
        Profile::Upload => upload(report, options),
    }
}

/// As much as is read: the worst, and what the change brings.
fn upload(report: &Report, options: Options<'_>) -> Document {
    let all = report.worst_first();
    let mut problems: Vec<&Problem> = report.problems.iter().collect();
    let mut cuts = Vec::new();
    if problems.len() > MOST_PROBLEMS {
        cuts.push(format!("SARIF lists {MOST_PROBLEMS} of {} problems; --format json has all", problems.len()));
        problems.sort_by_key(|problem| problem.state != "new");
        problems.truncate(MOST_PROBLEMS);
    }
    let mut kept = all.len().min(MOST_RESULTS);
    loop {
        let left_out = (kept < all.len()).then(|| {
            format!(
                "SARIF lists {kept} of {} findings, the worst first: the platforms read no more; --format json has all",
                all.len()
            )
        });
        let cuts: Vec<String> = left_out.into_iter().chain(cuts.clone()).collect();
        let text = document::json(&log(report, options, &all[..kept], &problems, &cuts));
        if text.len() <= MOST_BYTES || kept == 0 {
            return Document { text, cut: (!cuts.is_empty()).then(|| cuts.join("\n")) };
        }
        kept = (kept * (MOST_BYTES / 1_000) / (text.len() / 1_000)).min(kept - 1);
    }
}

fn log<'a>(
    report: &'a Report,
    options: Options<'_>,
    findings: &[&'a Finding],
    problems: &[&Problem],
    cuts: &[String],
) -> Log<'a> {
    let mut notifications: Vec<Notification> = problems.iter().map(|problem| notification(problem)).collect();
    notifications.extend(cuts.iter().map(|cut| Notification {
        level: Level::Warning,
        message: Message { text: cut.clone() },
        locations: Vec::new(),
    }));
    let indices: HashMap<&str, usize> =
        report.rules.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect();
    let mut writer = result::Writer::new(report, indices, options.profile);
    let results: Vec<Result> = findings.iter().map(|finding| writer.result(finding)).collect();
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: report.tool.name,
                    full_name: env!("CARGO_PKG_DESCRIPTION"),
                    semantic_version: report.tool.version,
                    rules: report.rules.iter().map(rule).collect(),
                },
            },
            automation_details: options.category.map(automation),
            invocations: [Invocation {
                execution_successful: report.complete,
                tool_execution_notifications: notifications,
            }],
            original_uri_base_ids: UriBases {
                srcroot: UriBase {
                    description: Message {
                        text: "the root of the repository, or of the directory that was read".to_owned(),
                    },
                },
            },
            column_kind: "utf16CodeUnits",
            results,
            properties: RunProperties {
                command: report.command,
                base: report.base.as_ref(),
                head: &report.head,
                policy: &report.policy,
                verdict: report.verdict,
            },
        }],
    }
}

/// GitHub takes what stands before the last `/` for the category.
fn automation(category: &str) -> AutomationDetails {
    AutomationDetails { id: format!("{}/", category.trim_end_matches('/')) }
}

fn rule(rule: &RuleText) -> ReportingDescriptor {
    let text = format!("{} {}", rule.why, rule.fix);
    let mut tags: Vec<String> = Vec::new();
    for tag in ["security", &rule.family].into_iter().chain(rule.tags.iter().map(String::as_str)).take(TAGS) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    ReportingDescriptor {
        id: rule.id.clone(),
        name: short(&name(&rule.id), NAME),
        short_description: Description { text: short(&rule.title, DESCRIPTION) },
        full_description: Description { text: short(&rule.why, DESCRIPTION) },
        help: MultiFormat { markdown: help_markdown(rule), text },
        default_configuration: ReportingConfiguration { level: level(rule.severity) },
        properties: RuleProperties {
            precision: "very-high",
            security_severity: security_severity(rule.severity),
            tags,
        },
    }
}

/// `ModifyAllData` for `modify-all-data`: an identifier as SARIF's readers write them (3.49.7).
fn name(id: &str) -> String {
    let words = id.split('-').map(|word| word.split_at_checked(1).unwrap_or((word, "")));
    words.map(|(first, rest)| format!("{}{rest}", first.to_ascii_uppercase())).collect()
}

fn help_markdown(rule: &RuleText) -> String {
    let references: String = rule.references.iter().map(|reference| format!("- {reference}\n")).collect();
    format!("# {}\n\n{}\n\n## What to do\n\n{}\n\n## References\n\n{references}", rule.title, rule.why, rule.fix)
}

/// GitHub's bands: over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Note => "0.1",
    }
}

fn level(severity: Severity) -> Level {
    match severity {
        Severity::Critical | Severity::High => Level::Error,
        Severity::Medium => Level::Warning,
        Severity::Low | Severity::Note => Level::Note,
    }
}

fn notification(problem: &Problem) -> Notification {
    Notification {
        level: if problem.state == "unchanged" { Level::Note } else { Level::Error },
        message: Message { text: no_links(&problem.sentence()) },
        locations: vec![location(&problem.path, problem.line.map(region))],
    }
}
