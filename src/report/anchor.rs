//! Where findings stand besides their line in head: in base, and in the diff between both.

use serde::Serialize;

use crate::text::Place;

/// An element of base that head has no more.
#[derive(Debug, Clone)]
pub struct Gone {
    /// The file of base.
    pub path: String,
    /// The element on its line there.
    pub place: Place,
}

/// An element by which a group takes in a member, and with it what a finding is about.
#[derive(Debug, Clone)]
pub struct Through {
    /// The group's file.
    pub path: String,
    /// The element on its line there.
    pub place: Place,
    /// Whether it is what the change does: the group did not name the member, whose file is as it was.
    pub is_cause: bool,
}

/// A side of a diff, as GitHub names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Side {
    /// Lines that are removed.
    Left,
    /// Lines that are added, and those around a change.
    Right,
}

/// A line inside a hunk of the diff.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Anchor {
    /// The file.
    pub path: String,
    /// 1-based, of that side's file.
    pub line: u32,
    /// The side.
    pub side: Side,
    /// What that line can be replaced by for the finding to go away, without its end.
    pub suggestion: Option<String>,
}

/// What a review is of.
#[derive(Debug, Clone, Default)]
pub struct Review {
    /// The commit whose lines are shown, if they are one's.
    pub commit: Option<String>,
}
