//! The command line, as plain data. Doc comments here are the help text.

mod format;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::cli::today::day;
use crate::policy::Severity;
pub(crate) use format::{Format, FormatArgs};

/// Says exactly what access a change to Salesforce permission metadata gives, and flags what is risky.
///
/// permdelta reads permission sets at two points of a git history, straight from the object database,
/// and compares what they grant: order, white space, comments and `false` entries do not count.
/// Rules then judge what is new.
#[derive(Debug, Parser)]
#[command(
    name = "permdelta",
    version,
    max_term_width = 100,
    after_help = "\
Start with:
  permdelta demo                     a sample pull request, checked
  permdelta check main...HEAD        your branch, compared from where it left main
  permdelta who ModifyAllData        who can do that, and by which paths
  permdelta explain RULE             why a rule matters and what to do

Exit codes: 0 nothing to stop for, 1 findings, 2 something could not be read, 3 usage error"
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Common {
    /// Run as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(crate) directory: Option<PathBuf>,
    /// When to colour the output
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: When,
    /// Print results only, no remarks on stderr
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// List every grant, and why each finding matters
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge a change: findings that are new in head (the gate)
    Check(CheckArgs),
    /// Show what access changed, without judging
    Diff(DiffArgs),
    /// Judge one state: all findings
    Audit(AuditArgs),
    /// Say who confers a grant: by which paths, and where it is muted
    Who(WhoArgs),
    /// Say why a rule matters and what to do, or how a finding comes to be
    Explain(ExplainArgs),
    /// List the rules, or run their examples
    Rules(RulesArgs),
    /// Accept a finding: write a waiver into permdelta.toml
    Waive(WaiveArgs),
    /// Write a commented permdelta.toml from what the repository holds, and print the gate to paste
    Init,
    /// Print the JSON Schema of rule files, of permdelta.toml or of the JSON report
    Schema(SchemaArgs),
    /// Build the sample repository in a temporary place and check its pull request
    Demo(DemoArgs),
    /// Print what a shell needs to complete permdelta's arguments
    #[command(hide = true)]
    Completions {
        /// The shell
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for each command
    #[command(hide = true)]
    Man {
        /// Where to write permdelta.1, permdelta-check.1, ...; made if it is not there
        #[arg(value_name = "DIR")]
        into: Option<PathBuf>,
    },
}

/// Which two states are compared.
#[derive(Debug, clap::Args)]
pub(crate) struct RangeArgs {
    /// A..B compares two revisions as they are, A...B from their merge base, A alone with the worktree
    ///
    /// Without a range the worktree is compared with the merge base of HEAD and the remote default
    /// branch (origin/HEAD, then origin/main, origin/master).
    ///
    /// In CI (GitHub Actions, GitLab CI, Azure Pipelines, Bitbucket Pipelines, Jenkins) HEAD is compared
    /// instead, and the platform's variables name the base: of a pull or merge request what it would be
    /// merged into, of a push the commit before it. What was chosen, and by which variables, is printed
    /// on stderr.
    #[arg(value_name = "RANGE", conflicts_with_all = ["from", "to"])]
    pub(crate) range: Option<String>,
    /// State before: a revision, :index, :worktree, a directory or a .zip archive
    #[arg(long, value_name = "SNAPSHOT", requires = "to")]
    pub(crate) from: Option<String>,
    /// State after: a revision, :index, :worktree, a directory or a .zip archive
    #[arg(long, value_name = "SNAPSHOT", requires = "from")]
    pub(crate) to: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) range: RangeArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    /// Least severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    pub(crate) fail_on: FailOn,
    /// Whose permdelta.toml counts: base, head or a file [default: base]
    ///
    /// base is the tip of the branch the change is for, or the state before where there is no such branch: what
    /// the change itself makes of the file does not count. head and FILE override that knowingly.
    #[arg(long, value_name = "base|head|FILE")]
    pub(crate) policy_from: Option<String>,
    /// The day waivers are held against, in UTC [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) today: Option<Date>,
    /// Also judge what takes reading all of base and head
    ///
    /// Rules about a whole snapshot, as a session-based set that nothing activates: what is true of head and
    /// was not of base.
    #[arg(long)]
    pub(crate) full: bool,
    /// Also fail unless it is proven that nobody gains access
    ///
    /// Exit 1 if a permission set, group or profile that is there in base gains a grant or loses its session
    /// activation, or if one is new; exit 2 if neither that nor its contrary can be proven from the files:
    /// a changed profile, a group that newly names a set that is not there. Tabs, applications and record
    /// types are not access.
    #[arg(long)]
    pub(crate) no_new_access: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    pub(crate) range: RangeArgs,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    /// Exit with 1 when access differs
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AuditArgs {
    /// A revision, :index, :worktree, a directory or a .zip archive [default: :worktree, in CI HEAD]
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: Option<String>,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    /// Least severity that makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "none")]
    pub(crate) fail_on: FailOn,
    /// Whose permdelta.toml counts: base, head or a file [default: the snapshot's own]
    ///
    /// base and head both mean the snapshot itself.
    #[arg(long, value_name = "base|head|FILE")]
    pub(crate) policy_from: Option<String>,
    /// The day waivers are held against, in UTC [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) today: Option<Date>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WhoArgs {
    /// A grant key, a key with * in its name, an API name or a label
    ///
    /// objectPermissions/Account/modifyAllRecords   one grant
    /// 'fieldPermissions/Account.*/editable'        every grant of that pattern
    /// Account                                      every right on the object
    /// Account.SSN__c                               both rights on the field
    /// ModifyAllData, "Modify All Data"             the user permission
    /// Invoices                                     the class, flow, page, ... of that name
    ///
    /// What a broader grant gives counts: who can read accounts includes who holds View All Data.
    #[arg(value_name = "GRANT", verbatim_doc_comment)]
    pub(crate) grant: String,
    /// A revision, :index, :worktree, a directory or a .zip archive [default: :worktree, in CI HEAD]
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: Option<String>,
    /// What is printed on stdout
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: ListFormat,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// A rule id, as `permdelta rules` lists them, or a finding's fingerprint, in full or its first 4 digits or more
    #[arg(value_name = "RULE|FINGERPRINT")]
    pub(crate) what: String,
    /// Where to look for a fingerprint: what `check` compares, or what `audit` judges
    ///
    /// It is looked for among the findings of `check` first, as A..B, A...B or A name the range, then among
    /// those of `audit`. Without an argument both look where they do by default.
    #[arg(value_name = "RANGE|SNAPSHOT")]
    pub(crate) place: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    pub(crate) action: Option<RulesAction>,
    /// What is printed on stdout
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: RulesFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesFormat {
    /// For people: one line a rule
    Table,
    /// For people: a document with the reasons of each
    Markdown,
    /// For programs
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// Run the examples inside rule files through the whole pipeline
    ///
    /// Every rule needs an example that fires and a near miss that does not. Exit 1 if some rule does not do what
    /// its examples say, 3 if a file does not load.
    Test {
        /// A folder with rule files; a folder `catalog` in it is left out [default: all rules of this repository]
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  permdelta waive 9e6022 --reason \"month-end close\" --owner finance --expires 2027-03-31
  permdelta waive --all --severity high --expires 2027-06-30")]
pub(crate) struct WaiveArgs {
    /// The finding's fingerprint, in full or its first 4 digits or more
    #[arg(value_name = "FINGERPRINT", required_unless_present = "all")]
    pub(crate) fingerprint: Option<String>,
    /// Where to look for it, as for `explain`; with --all the snapshot [default: :worktree, in CI HEAD]
    #[arg(value_name = "RANGE|SNAPSHOT")]
    pub(crate) place: Option<String>,
    /// Accept all findings of an audit that nothing accepts yet, to begin with what is new
    #[arg(long)]
    pub(crate) all: bool,
    /// Least severity that --all accepts: critical, high, medium, low or note
    #[arg(long, value_name = "SEVERITY", default_value = "low", value_parser = severity, requires = "all")]
    pub(crate) severity: Severity,
    /// Why it is accepted
    #[arg(long, value_name = "TEXT", value_parser = said, required_unless_present = "all")]
    pub(crate) reason: Option<String>,
    /// Who answers for it: a person or a team
    #[arg(long, value_name = "NAME", value_parser = said, required_unless_present = "all")]
    pub(crate) owner: Option<String>,
    /// Where it was decided
    #[arg(long, value_name = "ID")]
    pub(crate) ticket: Option<String>,
    /// The last day it counts, in UTC, as 2027-03-31
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) expires: Date,
    /// The day it is written on, in UTC [default: today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) today: Option<Date>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SchemaArgs {
    /// What is described
    #[arg(value_name = "WHAT")]
    pub(crate) subject: Subject,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// A rule file
    Rule,
    /// permdelta.toml
    Config,
    /// The document of --format json
    Report,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Build the repository in DIR and keep it; DIR must be empty or not exist
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) format: FormatArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Table,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Note,
    None,
}

impl FailOn {
    pub(crate) fn least(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::Note => Some(Severity::Note),
            Self::None => None,
        }
    }
}

fn severity(argument: &str) -> Result<Severity, String> {
    Severity::of(argument).ok_or_else(|| "a severity is critical, high, medium, low or note".to_owned())
}

/// A waiver without a reason or an owner does not count.
fn said(argument: &str) -> Result<String, String> {
    if argument.trim().is_empty() { Err("it is empty".to_owned()) } else { Ok(argument.to_owned()) }
}

impl Command {
    /// Where its reports go, if it writes any.
    pub(crate) fn format(&self) -> Option<&FormatArgs> {
        match self {
            Self::Check(CheckArgs { format, .. })
            | Self::Diff(DiffArgs { format, .. })
            | Self::Audit(AuditArgs { format, .. })
            | Self::Demo(DemoArgs { format, .. }) => Some(format),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definitions_agree() {
        super::Args::command().debug_assert();
    }
}
