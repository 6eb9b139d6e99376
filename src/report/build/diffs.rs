//! On which line of the diff between base and head a finding can be commented on.
//!
//! A platform refuses a whole review for one comment outside of its hunks, so where it could see another diff than
//! is seen here, there is no line.

use std::collections::HashMap;
use std::rc::Rc;

use crate::delta::Comparison;
use crate::metadata::Names;
use crate::policy;
use crate::report::build::members::Taken;
use crate::report::build::renames::{Among, Renames};
use crate::report::build::suggestion::suggestion;
use crate::report::{Anchor, Finding, Review, Side};
use crate::source::{BlobId, BlobReader, Blobs, FileDiff, Listing, OneSided, diff};

/// GitHub shows no larger diff of one file, and takes no comment on it ("path diff too large").
const MOST_LINES: usize = 20_000;
/// In bytes, likewise.
const MOST_BYTES: usize = 500_000;
/// What a review would be of: both sides of a comparison.
pub struct Shown<'a> {
    /// Base.
    pub base: &'a Listing,
    /// Head.
    pub head: &'a Listing,
    /// The request's own head, where `head` is the merge commit a platform made of it: the lines shown are its.
    pub request: Option<Listing>,
    /// What else comes and goes, as a diff can show a file as any other one renamed; `None` where that is not known.
    pub one_sided: Option<OneSided>,
    /// Where content comes from.
    pub blobs: &'a dyn Blobs,
}

/// One file as a diff shows it.
struct Visible {
    before: Vec<u8>,
    after: Vec<u8>,
    /// One, or one for each file it may be shown as a rename of.
    diffs: Vec<FileDiff>,
    renamed: bool,
}

impl Visible {
    /// Whether a line of head is inside a hunk, whatever is shown.
    fn shows(&self, line: u32) -> bool {
        self.diffs.iter().all(|diff| diff.hunks.iter().any(|hunk| hunk.new.contains(&line)))
    }

    /// Whether a line of base is shown as removed.
    fn removes(&self, line: u32) -> bool {
        !self.renamed && self.diffs.iter().all(|diff| diff.hunks.iter().any(|hunk| hunk.removed.contains(&line)))
    }

    fn is_small(&self) -> bool {
        self.diffs.iter().all(|diff| diff.lines <= MOST_LINES && diff.bytes <= MOST_BYTES)
    }
}

/// Diffs of the files that findings are in, each made once.
pub(super) struct Diffs<'a> {
    shown: &'a Shown<'a>,
    reader: Box<dyn BlobReader + 'a>,
    files: HashMap<String, Option<Rc<Visible>>>,
    /// Of what is one side's only; `None` where that is not known.
    renames: Option<Renames<'a>>,
}

impl<'a> Diffs<'a> {
    pub(super) fn new(shown: &'a Shown<'a>) -> Self {
        let renames = shown.one_sided.as_ref().map(Renames::new);
        Self { shown, reader: shown.blobs.reader(), files: HashMap::new(), renames }
    }

    /// What the review is of.
    pub(super) fn review(&self) -> Review {
        let head = self.shown.request.as_ref().unwrap_or(self.shown.head);
        Review { commit: head.origin.id.clone() }
    }

    /// The removed line that a finding is about, where there is one; else its line in head; else that of the element
    /// by which the group takes it in.
    pub(super) fn anchor<'l>(
        &mut self,
        finding: &policy::Finding<'l>,
        taken: &[Taken<'l>],
        told: &Finding,
        comparison: &Comparison<'l>,
        names: &Names,
    ) -> Option<Anchor> {
        if let (Some(gone), Some(place)) = (&finding.gone, &told.gone)
            && let Some(visible) = self.visible(gone.path)
            && visible.before == gone.bytes
            && visible.removes(place.place.line)
        {
            return Some(Anchor {
                path: place.path.clone(),
                line: place.place.line,
                side: Side::Left,
                suggestion: None,
            });
        }
        if self.shows(finding.path, finding.bytes, told.line) {
            let suggestion = suggestion(finding, comparison, names);
            return Some(Anchor { path: told.path.clone(), line: told.line, side: Side::Right, suggestion });
        }
        let of_group = taken
            .iter()
            .zip(&told.through)
            .find(|(taken, through)| self.shows(&taken.file.file.path, &taken.file.parsed.bytes, through.place.line));
        of_group.map(|(_, through)| Anchor {
            path: through.path.clone(),
            line: through.place.line,
            side: Side::Right,
            suggestion: None,
        })
    }

    /// Whether a line of a file of head, of this content, is inside a hunk.
    fn shows(&mut self, path: &str, content: &[u8], line: u32) -> bool {
        self.visible(path).is_some_and(|visible| visible.after == content && visible.shows(line))
    }

    fn visible(&mut self, path: &str) -> Option<Rc<Visible>> {
        if let Some(known) = self.files.get(path) {
            return known.clone();
        }
        let visible = self.look(path).filter(Visible::is_small).map(Rc::new);
        self.files.insert(path.to_owned(), visible.clone());
        visible
    }

    fn look(&mut self, path: &str) -> Option<Visible> {
        let (base, head) = (self.shown.base.blob(path), self.shown.head.blob(path));
        // What the target's side brings into a merge is no part of the request's diff.
        if self.shown.request.as_ref().is_some_and(|request| request.blob(path) != head) {
            return None;
        }
        match (base, head) {
            (Some(base), Some(head)) => {
                let (before, after) = (self.reader.read(base).ok()?, self.reader.read(head).ok()?);
                let diffs = vec![diff(&before, &after)];
                Some(Visible { before, after, diffs, renamed: false })
            }
            (None, Some(head)) => {
                let after = self.reader.read(head).ok()?;
                let like = self.like(head, &after, Among::Gone)?;
                let diffs = like.iter().map(|before| diff(before, &after)).collect::<Vec<_>>();
                let renamed = !diffs.is_empty();
                let diffs = if renamed { diffs } else { vec![diff(&[], &after)] };
                Some(Visible { before: Vec::new(), after, diffs, renamed })
            }
            (Some(base), None) => {
                let before = self.reader.read(base).ok()?;
                let like = self.like(base, &before, Among::Come)?;
                let diffs = vec![diff(&before, &[])];
                like.is_empty().then(|| Visible { before, after: Vec::new(), diffs, renamed: false })
            }
            (None, None) => None,
        }
    }

    /// The contents that can be shown as the same file under another name; `None` if that cannot be told.
    fn like(&mut self, blob: &BlobId, content: &[u8], among: Among) -> Option<Vec<Rc<[u8]>>> {
        self.renames.as_mut()?.of(blob, content, among, self.reader.as_mut())
    }
}
