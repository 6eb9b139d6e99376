//! `permdelta schema`: the JSON Schemas of rule files, the configuration and the report.

use crate::cli::args::{SchemaArgs, Subject};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::error::Error;
use crate::policy::{config_schema, rule_schema};
use crate::report::report_schema;

pub(crate) fn run(args: &SchemaArgs) -> Result<Exit, Error> {
    let schema = match args.subject {
        Subject::Rule => rule_schema(),
        Subject::Config => config_schema(),
        Subject::Report => report_schema(),
    };
    Output::document(&format!("{schema:#}\n"))?;
    Ok(Exit::Pass)
}
