//! What can go wrong, in four families: usage, source, parse and policy.
//!
//! Usage, source and policy errors end a run ([`Error`]). What could not be read or understood in a
//! single file does not: it is a [`Problem`], shown in every report, and makes the analysis incomplete.

mod problem;

pub use problem::{Cause, Problem};

use std::path::PathBuf;

/// An error that ends a run before there is a report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something that cannot be done as it stands.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to write instead.
        hint: String,
    },
    /// A revision, repository or directory could not be read.
    #[error("{message}")]
    Source {
        /// What could not be read, and why.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A rule or configuration file is wrong.
    #[error("{path}:{line}: {message}")]
    Policy {
        /// The file.
        path: String,
        /// 1-based line.
        line: u32,
        /// What is wrong.
        message: String,
        /// What would be right.
        hint: String,
    },
    /// A report could not be written.
    #[error("cannot write {}: {error}", path.display())]
    Write {
        /// The file, or the name of the stream.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl Error {
    /// A usage error.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }

    /// A source error.
    pub fn source(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Source { message: message.into(), hint: hint.into() }
    }

    /// What to do about it; empty where the message says all.
    pub fn hint(&self) -> &str {
        match self {
            Self::Usage { hint, .. } | Self::Source { hint, .. } | Self::Policy { hint, .. } => hint,
            Self::Write { .. } => "check that the directory exists and can be written to",
        }
    }
}
