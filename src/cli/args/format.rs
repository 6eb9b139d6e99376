//! Which formats are asked for, and how each is written.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{ArgAction, ValueEnum};

use crate::error::Error;
use crate::report::{SarifOptions, SarifProfile};

/// Where reports go.
#[derive(Debug, clap::Args)]
pub(crate) struct FormatArgs {
    /// What is printed on stdout
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: Format,
    /// Write a report to a file besides; can be repeated
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_file, action = ArgAction::Append)]
    pub(crate) reports: Vec<(Format, PathBuf)>,
    /// Name in the marker of a Markdown comment or a review, where one pull request has several
    #[arg(long, value_name = "ID", value_parser = comment_id)]
    pub(crate) comment_id: Option<String>,
    #[command(flatten)]
    pub(crate) sarif: SarifArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs: the contract in the README
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For one comment on a pull request
    Markdown,
    /// For a step of GitHub Actions: annotations as workflow commands
    Github,
    /// For GitHub's pull requests: a review with comments on the lines of the diff
    GithubReview,
    /// For GitLab's merge request widget: Code Quality
    Gitlab,
    /// For Bitbucket's pull requests: a Code Insights report and its annotations
    Bitbucket,
}

/// How SARIF is written.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SarifArgs {
    /// What the SARIF document is for
    #[arg(long, value_name = "PROFILE", default_value = "upload")]
    pub(crate) sarif_profile: Profile,
    /// What tells the SARIF document from others for the same commit [default: what the upload says]
    ///
    /// Written as automationDetails.id, which wins over the category that the upload itself names.
    #[arg(long, value_name = "TEXT", value_parser = category)]
    pub(crate) sarif_category: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Profile {
    /// For code scanning platforms: what is open
    #[default]
    Upload,
    /// For other tools: waived findings as suppressed, states, and how grants come to be
    Full,
}

impl SarifArgs {
    pub(crate) fn options(&self) -> SarifOptions<'_> {
        let profile = match self.sarif_profile {
            Profile::Upload => SarifProfile::Upload,
            Profile::Full => SarifProfile::Full,
        };
        SarifOptions { profile, category: self.sarif_category.as_deref() }
    }
}

impl FormatArgs {
    /// Whether a format is written anywhere.
    pub(crate) fn wants(&self, format: Format) -> bool {
        self.format == format || self.reports.iter().any(|(other, _)| *other == format)
    }

    /// Makes sure that no report is written over another.
    ///
    /// # Errors
    /// Two are to be written to one file.
    pub(crate) fn each_in_its_own_file(&self) -> Result<(), Error> {
        let mut written = BTreeSet::new();
        // What is no file, as /dev/null, takes any number.
        let files = self.reports.iter().filter(|(_, path)| path.metadata().map_or(true, |there| there.is_file()));
        for (_, path) in files {
            if !written.insert(place(path)) {
                let message = format!("two reports are to be written to {}", path.display());
                return Err(Error::usage(message, "name a file of its own for each --report"));
            }
        }
        Ok(())
    }
}

/// GitHub takes an empty one for none, and nobody means that.
fn category(argument: &str) -> Result<String, String> {
    let text = argument.trim_matches('/');
    if text.trim().is_empty() { Err("the text is empty".to_owned()) } else { Ok(argument.to_owned()) }
}

fn comment_id(argument: &str) -> Result<String, String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    if !(1..=40).contains(&argument.len()) || !argument.chars().all(allowed) {
        return Err("1 to 40 letters, digits, `_`, `.` and `-`".to_owned());
    }
    Ok(argument.to_owned())
}

fn report_file(argument: &str) -> Result<(Format, PathBuf), String> {
    let (name, file) = argument.split_once('=').ok_or("write FORMAT=FILE, as sarif=permdelta.sarif")?;
    let Ok(format) = Format::from_str(name, false) else {
        let known: Vec<_> = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        let known: Vec<&str> = known.iter().map(PossibleValue::get_name).collect();
        return Err(format!("no format `{name}`: {}", known.join(", ")));
    };
    match file {
        "" => Err("the file is missing behind `=`".to_owned()),
        "-" => Err(format!("`-` is no file: --format {name} prints it")),
        file => Ok((format, PathBuf::from(file))),
    }
}

/// A file's one name, whatever the way to it.
fn place(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let in_its_folder = || Some(folder.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(in_its_folder).unwrap_or_else(|| path.to_owned())
}
