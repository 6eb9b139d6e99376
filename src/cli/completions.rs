//! `permdelta completions`: what a shell needs to complete arguments, from their definitions.

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::cli::args::Args;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::error::Error;

pub(crate) fn run(shell: Shell) -> Result<Exit, Error> {
    let mut script = Vec::new();
    generate(shell, &mut Args::command(), "permdelta", &mut script);
    Output::document(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Pass)
}
