//! How SARIF is written, and which formats are asked for.

use clap::ValueEnum;

use crate::cli::args::{Format, FormatArgs};
use crate::report::{SarifOptions, SarifProfile};

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
}

/// GitHub takes an empty one for none, and nobody means that.
fn category(argument: &str) -> Result<String, String> {
    let text = argument.trim_matches('/');
    if text.trim().is_empty() { Err("the text is empty".to_owned()) } else { Ok(argument.to_owned()) }
}
