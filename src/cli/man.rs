//! `permdelta man`: the manual pages, from the definitions of the arguments.

use std::path::Path;

use clap::CommandFactory;
use clap_mangen::{Man, generate_to};

use crate::cli::args::Args;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::error::Error;

pub(crate) fn run(into: Option<&Path>) -> Result<Exit, Error> {
    match into {
        None => {
            let mut page = Vec::new();
            // There is no page of `help`.
            let rendered = Man::new(Args::command().disable_help_subcommand(true)).render(&mut page);
            rendered.map_err(|error| Error::Write { path: "stdout".into(), error })?;
            Output::document(&String::from_utf8_lossy(&page))?;
        }
        Some(directory) => {
            let written = std::fs::create_dir_all(directory).and_then(|()| generate_to(Args::command(), directory));
            written.map_err(|error| Error::Write { path: directory.to_owned(), error })?;
        }
    }
    Ok(Exit::Pass)
}
