//! Wires the stages: one file a command. The only folder that knows every other one, the environment,
//! the clock and the streams.

mod args;
mod audit;
mod check;
mod ci;
mod completions;
mod demo;
mod diff;
mod exit;
mod explain;
mod init;
mod man;
mod output;
mod policy;
mod progress;
mod range;
mod rules;
mod sample;
mod schema;
mod search;
mod today;
mod waive;
mod who;

use std::process::ExitCode;

use clap::Parser;

use crate::error::Error;
use args::{Args, Command};
use exit::Exit;
use output::Output;

/// Parses the arguments, runs the command, reports an error. The result is the program's exit code.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // A closed stream is no reason to fail.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Pass.into() };
        }
    };
    let output = Output::new(&args.common);
    match run(&args, &output) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output.error(&error);
            Exit::Usage.into()
        }
    }
}

fn run(args: &Args, output: &Output) -> Result<Exit, Error> {
    if let Some(directory) = &args.common.directory {
        std::env::set_current_dir(directory).map_err(|error| {
            Error::usage(
                format!("cannot change to the directory {}: {error}", directory.display()),
                "-C takes an existing directory",
            )
        })?;
    }
    if let Some(format) = args.command.format() {
        format.each_in_its_own_file()?;
    }
    match &args.command {
        Command::Check(args) => check::run(args, output),
        Command::Diff(args) => diff::run(args, output),
        Command::Audit(args) => audit::run(args, output),
        Command::Who(args) => who::run(args, output),
        Command::Explain(args) => explain::run(args, output),
        Command::Rules(args) => rules::run(args, output),
        Command::Waive(args) => waive::run(args, output),
        Command::Init => init::run(output),
        Command::Schema(args) => schema::run(args),
        Command::Demo(args) => demo::run(args, output),
        Command::Completions { shell } => completions::run(*shell),
        Command::Man { into } => man::run(into.as_deref()),
    }
}
