//! `permdelta who`: who confers a grant.

use crate::cli::args::{ListFormat, WhoArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::range;
use crate::delta::{Library, Plan, audit, wanted, who};
use crate::error::Error;
use crate::report::{self, Layout};

pub(crate) fn run(args: &WhoArgs, output: &Output) -> Result<Exit, Error> {
    let snapshot = range::one(args.snapshot.as_deref())?;
    let origin = &snapshot.listing.origin;
    output.nothing_there(&[&snapshot.listing]);
    let plan = Plan::audit(&snapshot.listing);
    let mut library = Library::default();
    let progress = output.progress(&library);
    library.fill(&plan, &snapshot.store);
    progress.judging();
    let stock = audit(&plan, &snapshot.listing, &library);
    drop(progress);
    let names = library.names();
    let wanted = wanted(&args.grant, &stock, names).map_err(|message| {
        Error::usage(message, "a key, as userPermissions/ModifyAllData; an API name, as Account; or a label")
    })?;
    output.remark(&report::plain(&format!("reading {}", origin.name)));
    if let Some(unnamed) = &wanted.unnamed {
        // Not an error: that nobody has it may be what was to be shown.
        let near = unnamed.near.as_ref().map(|near| format!("; did you mean {near}?")).unwrap_or_default();
        output.remark(&report::plain(&format!("no file names {}{near}", unnamed.name)));
    }
    let answer = who(&stock, &wanted, &library);
    let report = report::of_who(&args.grant, origin, &answer, &stock.problems, names, library.read_count());
    match args.format {
        ListFormat::Table => {
            let layout = Layout { width: output.width(), verbose: output.verbose };
            output.text(&report::render_who(&report, layout))?;
        }
        ListFormat::Json => Output::document(&report::render_who_json(&report))?,
    }
    Ok(if report.complete { Exit::Pass } else { Exit::Incomplete })
}
