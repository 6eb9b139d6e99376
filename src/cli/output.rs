//! The streams: results on stdout, the rest on stderr, colour where it belongs.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use terminal_size::{Width, terminal_size_of};

use crate::cli::args::{Common, Format, FormatArgs, When};
use crate::cli::progress::Progress;

use crate::delta::Library;
use crate::error::Error;
use crate::report::{self, Document, Layout, Report};
use crate::source::{Listing, Opaque};

/// Narrowest table; below it nothing readable is possible.
const NARROWEST: u16 = 40;

/// Where a run prints.
pub(crate) struct Output {
    colour: ColorChoice,
    quiet: bool,
    pub(crate) verbose: bool,
}

impl Output {
    pub(crate) fn new(common: &Common) -> Self {
        let colour = match common.color {
            When::Auto => ColorChoice::Auto,
            When::Always => ColorChoice::Always,
            When::Never => ColorChoice::Never,
        };
        Self { colour, quiet: common.quiet, verbose: common.verbose }
    }

    /// A remark on stderr, unless `-q`.
    pub(crate) fn remark(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(AutoStream::new(io::stderr(), self.colour), "{text}");
        }
    }

    /// A remark about links and submodules that are not followed, where no permission files are expected.
    pub(crate) fn not_followed<'o>(&self, elsewhere: impl Iterator<Item = &'o Opaque>) {
        let mut paths = elsewhere.map(|opaque| report::plain(&opaque.path));
        if let Some(first) = paths.next() {
            let all = 1 + paths.count();
            let what = "links or submodules where no permission files are expected are not followed";
            self.remark(&format!("{what}: {all}, as {first}"));
        }
    }

    /// A remark where there is nothing that could be judged: what was read is likely not what was meant.
    pub(crate) fn nothing_there(&self, listings: &[&Listing]) {
        if listings.iter().all(|listing| listing.files.is_empty() && listing.opaque.is_empty()) {
            let mut names: Vec<_> = listings.iter().map(|listing| report::plain(&listing.origin.name)).collect();
            names.dedup();
            let why = "is it the wrong folder, or are they not committed?";
            self.remark(&format!("there are no permission files in {}: {why}", names.join(" and in ")));
        }
    }

    /// An error with its hint, on stderr whatever `-q` says.
    pub(crate) fn error(&self, error: &Error) {
        let mut stderr = AutoStream::new(io::stderr(), self.colour);
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let _ = writeln!(stderr, "{red}error{red:#}: {}", report::plain(&error.to_string()));
        for line in error.hint().lines() {
            let _ = writeln!(stderr, "  {}", report::plain(line));
        }
    }

    /// Cells of the terminal on stdout; `None` in a pipe, where lines have no limit.
    pub(crate) fn width(&self) -> Option<u16> {
        if !io::stdout().is_terminal() {
            return None;
        }
        terminal_size_of(io::stdout()).map(|(Width(width), _)| width.max(NARROWEST))
    }

    /// Shows how far the reading of `library` is, and then the judging, where it takes long and stderr is a terminal.
    pub(crate) fn progress(&self, library: &Library) -> Progress {
        let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        if self.quiet || dumb || !io::stderr().is_terminal() {
            return Progress::hidden();
        }
        let width = terminal_size_of(io::stderr()).map_or(NARROWEST, |(Width(width), _)| width);
        Progress::shown(library.reading(), AutoStream::new(io::stderr(), self.colour), width.into())
    }

    /// Prints text for people, coloured where colour belongs.
    pub(crate) fn text(&self, text: &str) -> Result<(), Error> {
        written(AutoStream::new(io::stdout().lock(), self.colour), text)
    }

    /// Prints a document for programs, byte for byte: taking colours out would take hostile characters out
    /// of names, too.
    pub(crate) fn document(text: &str) -> Result<(), Error> {
        written(io::stdout().lock(), text)
    }

    /// Prints a report, and writes the files asked for.
    pub(crate) fn report(&self, report: &Report, args: &FormatArgs) -> Result<(), Error> {
        let mut cuts = BTreeSet::new();
        for (format, path) in &args.reports {
            // A file is no terminal: no width, no colour.
            let text = match format {
                Format::Table => anstream::adapter::strip_str(&self.table(report, None)).to_string(),
                other => {
                    let document = self.render(report, *other, args);
                    cuts.extend(document.cut);
                    document.text
                }
            };
            write_file(path, &text)?;
        }
        let document = self.render(report, args.format, args);
        cuts.extend(document.cut);
        for cut in cuts {
            self.remark(&cut);
        }
        if args.format == Format::Table { self.text(&document.text) } else { Self::document(&document.text) }
    }

    fn render(&self, report: &Report, format: Format, args: &FormatArgs) -> Document {
        match format {
            Format::Table => Document::whole(self.table(report, self.width())),
            Format::Json => Document::whole(report::render_json(report)),
            Format::Sarif => report::render_sarif(report, args.sarif.options()),
            Format::Markdown => report::render_markdown(report, args.comment_id.as_deref()),
            Format::Github => report::render_annotations(report),
            Format::Gitlab => report::render_codequality(report),
            Format::Bitbucket => report::render_bitbucket(report),
            Format::GithubReview => report::render_review(report, args.comment_id.as_deref()),
        }
    }

    fn table(&self, report: &Report, width: Option<u16>) -> String {
        report::render_table(report, Layout { width, verbose: self.verbose })
    }
}

/// A reader that has seen enough and closed the pipe is no error.
fn written(mut stream: impl Write, text: &str) -> Result<(), Error> {
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::Write { path: "stdout".into(), error }),
        _ => Ok(()),
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(|error| Error::Write { path: path.to_owned(), error })
}
