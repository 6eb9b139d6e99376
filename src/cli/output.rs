//! The streams: results on stdout, the rest on stderr, colour where it belongs.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use terminal_size::{Width, terminal_size_of};

use crate::cli::args::{Common, Format, FormatArgs, When};
use crate::cli::progress::Progress;

use crate::delta::Library;
use crate::error::Error;
use crate::report::{self, Layout, Report};

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
    pub(crate) fn report(&self, report: &Report, format: &FormatArgs) -> Result<(), Error> {
        let id = format.comment_id.as_deref();
        for (format, path) in &format.reports {
            // A file is no terminal: no width, no colour.
            let text = match format {
                Format::Table => anstream::adapter::strip_str(&self.table(report, None)).to_string(),
                other => self.render(report, *other, id),
            };
            write_file(path, &text)?;
        }
        let mut formats = format.reports.iter().map(|(format, _)| *format).chain([format.format]);
        if let Some(cut) = report::cut_of_sarif(report).filter(|_| formats.any(|format| format == Format::Sarif)) {
            self.remark(&cut);
        }
        let text = self.render(report, format.format, id);
        if format.format == Format::Table { self.text(&text) } else { Self::document(&text) }
    }

    fn render(&self, report: &Report, format: Format, id: Option<&str>) -> String {
        match format {
            Format::Table => self.table(report, self.width()),
            Format::Json => report::render_json(report),
            Format::Sarif => report::render_sarif(report),
            Format::Markdown => report::render_markdown(report, id),
            Format::Github => report::render_annotations(report),
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
