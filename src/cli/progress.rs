//! Progress: one line on a terminal's stderr where work takes longer than half a second, gone when it ends.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anstyle::Style;

use crate::delta::Reading;

/// How long work may take without a word.
const PATIENCE: Duration = Duration::from_millis(500);
/// Between two looks at the counters.
const PACE: Duration = Duration::from_millis(100);
const DIM: Style = Style::new().dimmed();

/// Shows how far a run is, until it is dropped: before anything else is printed.
pub(crate) struct Progress(Option<Line>);

struct Line {
    judging: Arc<AtomicBool>,
    done: Sender<()>,
    thread: JoinHandle<()>,
}

impl Progress {
    /// Nothing is shown: there is no terminal, or nobody wants to know.
    pub(crate) fn hidden() -> Self {
        Self(None)
    }

    /// Shows the counters on `terminal`, in lines of at most `width` cells.
    pub(crate) fn shown(reading: Arc<Reading>, terminal: impl Write + Send + 'static, width: usize) -> Self {
        let (done, wait) = channel();
        let judging = Arc::new(AtomicBool::new(false));
        let stage = Arc::clone(&judging);
        let what = move || if stage.load(Ordering::Relaxed) { "judging".to_owned() } else { read(&reading) };
        let thread = std::thread::spawn(move || {
            // Work goes on where the terminal does not.
            let _ = show(terminal, what, &wait, width, PATIENCE);
        });
        Self(Some(Line { judging, done, thread }))
    }

    /// All is read.
    pub(crate) fn judging(&self) {
        if let Some(line) = &self.0 {
            line.judging.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(line) = self.0.take() {
            let _ = line.done.send(());
            let _ = line.thread.join();
        }
    }
}

fn read(reading: &Reading) -> String {
    let read = reading.count();
    format!("reading: {} of {} files, {} MB", read.blobs, reading.asked(), read.bytes / 1_000_000)
}

/// Overwrites one line until `done`; the text is plain ASCII.
fn show(
    mut terminal: impl Write,
    what: impl Fn() -> String,
    done: &Receiver<()>,
    width: usize,
    patience: Duration,
) -> std::io::Result<()> {
    let mut shown = 0;
    let mut wait = patience;
    while done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        let mut text = what();
        text.truncate(width.saturating_sub(1));
        let rest = shown.max(text.len()) - text.len();
        write!(terminal, "\r{DIM}{text}{DIM:#}{:rest$}", "")?;
        terminal.flush()?;
        shown = text.len();
        wait = PACE;
    }
    if shown > 0 {
        write!(terminal, "\r{:shown$}\r", "")?;
    }
    terminal.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is written by the time `texts` have been shown, one after the other.
    fn written(texts: &[&str], width: usize, patience: Duration) -> String {
        let (send, done) = channel();
        let left = std::cell::RefCell::new((texts.iter(), Some(send)));
        let what = || {
            let mut left = left.borrow_mut();
            let text = left.0.next().expect("a text").to_string();
            if left.0.len() == 0 {
                left.1 = None;
            }
            text
        };
        let mut terminal = Vec::new();
        show(&mut terminal, what, &done, width, patience).expect("it writes");
        anstream::adapter::strip_str(&String::from_utf8(terminal).expect("ASCII")).to_string()
    }

    #[test]
    fn a_line_is_overwritten_and_removed() {
        let text = written(&["reading: 999 files", "judging"], 80, Duration::ZERO);
        assert_eq!(text, format!("\rreading: 999 files\rjudging{:11}\r{:7}\r", "", ""));
    }

    #[test]
    fn it_never_wraps() {
        assert_eq!(written(&["reading: 999 files"], 8, Duration::ZERO), format!("\rreading\r{:7}\r", ""));
    }

    #[test]
    fn short_work_shows_nothing() {
        let (send, done) = channel();
        send.send(()).expect("it is waited for");
        let mut terminal = Vec::new();
        show(&mut terminal, || "reading".to_owned(), &done, 80, PATIENCE).expect("it writes");
        assert!(terminal.is_empty());
    }
}
