//! SARIF 2.1.0 for code scanning on GitHub, within what the platforms read (`facts/outputs.md`).
//!
//! Only open, failing results are written: GitHub shows suppressed and baselined ones as open alerts.
//! The severity lives on the rule, and the identity of an alert is our own fingerprint.

mod model;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::policy::Severity;
use crate::report::{Finding, Problem, Report, RuleText};
use model::{
    ArtifactLocation, Description, Driver, Invocation, Level, Location, Log, Message, MultiFormat, Notification,
    PartialFingerprints, PhysicalLocation, Region, ReportingConfiguration, ReportingDescriptor, Result, RuleProperties,
    Run, Tool, UriBase, UriBases,
};

/// GitHub keeps 5,000 results a run, GitLab and Azure DevOps read no more.
const MOST_RESULTS: usize = 5_000;
/// What has to be said where the document leaves findings out.
pub fn cut(report: &Report) -> Option<String> {
    let all = report.worst_first().len();
    (all > MOST_RESULTS).then(|| {
        format!("SARIF lists {MOST_RESULTS} of {all} findings, the worst first: the platforms read no more; --format json has all")
    })
}

/// What RFC 3986 does not allow in a path segment.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

/// The report as a SARIF log that ends with a line feed.
pub fn render(report: &Report) -> String {
    let findings = report.worst_first();
    let results = findings.iter().take(MOST_RESULTS).map(|finding| result(report, finding)).collect();
    let mut notifications: Vec<Notification> = report.problems.iter().map(notification).collect();
    if let Some(text) = cut(report) {
        notifications.push(Notification { level: Level::Warning, message: Message { text }, locations: Vec::new() });
    }
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: report.tool.name,
                    semantic_version: report.tool.version,
                    rules: report.rules.iter().map(rule).collect(),
                },
            },
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
        }],
    };
    let mut json = serde_json::to_string_pretty(&log).unwrap_or_default();
    json.push('\n');
    json
}

fn rule(rule: &RuleText) -> ReportingDescriptor {
    let text = format!("{} {}", rule.why, rule.fix);
    let mut tags = vec!["security".to_owned(), rule.family.clone()];
    // Platforms keep ten.
    tags.extend(rule.tags.iter().take(8).cloned());
    ReportingDescriptor {
        id: rule.id.clone(),
        short_description: Description { text: rule.title.clone() },
        full_description: Description { text: rule.why.clone() },
        help: MultiFormat { markdown: help_markdown(rule), text },
        default_configuration: ReportingConfiguration { level: level(rule.severity) },
        properties: RuleProperties {
            precision: "very-high",
            security_severity: security_severity(rule.severity),
            tags,
        },
    }
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

fn result(report: &Report, finding: &Finding) -> Result {
    let place = &finding.place;
    let region = Region {
        start_line: place.line,
        start_column: Some(place.start_column),
        end_line: Some(place.line),
        end_column: Some(place.end_column.max(place.start_column + 1)),
        snippet: Some(Message { text: place.snippet.clone() }),
    };
    Result {
        rule_id: finding.rule.clone(),
        rule_index: report.rules.iter().position(|rule| rule.id == finding.rule).unwrap_or_default(),
        level: level(finding.severity),
        message: Message { text: format!("{}: {}.{}", finding.rule, no_links(&finding.message), also(finding)) },
        locations: [location(&finding.path, Some(region))],
        partial_fingerprints: PartialFingerprints { primary_location_line_hash: format!("{}:1", finding.fingerprint) },
    }
}

fn also(finding: &Finding) -> String {
    if finding.also.is_empty() { String::new() } else { format!(" Also: {}.", finding.also.join(", ")) }
}

fn notification(problem: &Problem) -> Notification {
    let region = problem.line.map(|start_line| Region {
        start_line,
        start_column: None,
        end_line: None,
        end_column: None,
        snippet: None,
    });
    Notification {
        level: if problem.state == "unchanged" { Level::Note } else { Level::Error },
        message: Message {
            text: no_links(&format!("{} ({}): {}. {}.", problem.path, problem.side, problem.message, problem.hint)),
        },
        locations: vec![location(&problem.path, region)],
    }
}

/// A message may hold links, as `[text](target)` (SARIF 3.11.6); names from metadata must not make one.
fn no_links(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '\\' | '[' | ']') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn location(path: &str, region: Option<Region>) -> Location {
    let uri =
        path.split('/').map(|segment| utf8_percent_encode(segment, SEGMENT).to_string()).collect::<Vec<_>>().join("/");
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri, uri_base_id: "%SRCROOT%" },
            region,
        },
    }
}
