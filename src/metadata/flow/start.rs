//! How a flow starts, in both generations of the metadata, and what comes after a pause.

use std::collections::{HashMap, HashSet};

use crate::metadata::tree::Node;
use crate::text::Span;

/// How a flow starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Start {
    /// The file does not say.
    #[default]
    None,
    /// `startElementReference`, up to API 48: a user, code or another flow launches it.
    Element {
        /// The first element.
        name: String,
        /// Where it says so.
        span: Span,
    },
    /// A `<start>` block.
    Block {
        /// `triggerType`; `None` where a user, code or another flow launches it.
        trigger_type: Option<String>,
        /// `recordTriggerType`, as `CreateAndUpdate`.
        record_trigger_type: Option<String>,
        /// Whether it has a schedule.
        schedule: bool,
        /// `scheduledPaths`, those right after the commit included.
        scheduled_paths: usize,
        /// The element that says when it runs, or the block.
        span: Span,
    },
}

/// Whose transaction a flow runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// That of the user who launches it or saves the record.
    Synchronous,
    /// One of its own, outside any user's session.
    Asynchronous,
}

impl Start {
    pub(super) fn element(node: &Node<'_>) -> Self {
        Self::Element { name: node.text.to_string(), span: node.span }
    }

    pub(super) fn block(node: &Node<'_>) -> Self {
        let word = |name: &str| node.child(name).map(|child| child.text.to_string()).filter(|text| !text.is_empty());
        let (kind, schedule) = (node.child("triggerType"), node.child("schedule"));
        Self::Block {
            trigger_type: word("triggerType"),
            record_trigger_type: word("recordTriggerType"),
            schedule: schedule.is_some(),
            scheduled_paths: node.all("scheduledPaths").count(),
            span: kind.or(schedule).unwrap_or(node).span,
        }
    }

    /// Whose transaction the flow as a whole runs in. Record triggers run in the transaction of the save; all
    /// the platform's other triggers (schedules, platform events, segments, campaigns, …) in one of their own.
    pub fn trigger(&self) -> Trigger {
        let Self::Block { trigger_type, schedule, .. } = self else { return Trigger::Synchronous };
        match trigger_type.as_deref() {
            _ if *schedule => Trigger::Asynchronous,
            None | Some("None" | "RecordBeforeSave" | "RecordAfterSave" | "RecordBeforeDelete" | "Capability") => {
                Trigger::Synchronous
            }
            Some(_) => Trigger::Asynchronous,
        }
    }
}

/// The elements that follow the scheduled and asynchronous paths of a `<start>` block.
pub(super) fn asynchronous_targets(start: &Node<'_>) -> Vec<String> {
    start.all("scheduledPaths").flat_map(targets).collect()
}

/// All elements that an element can lead to.
pub(super) fn targets(node: &Node<'_>) -> Vec<String> {
    let inside = node.walk().into_iter().filter(|inner| inner.name == "targetReference");
    inside.map(|target| target.text.to_lowercase()).collect()
}

/// All elements reached from `first`, along `edges`. Names are case-folded.
pub(super) fn reached(first: &[String], edges: &[(String, Vec<String>)]) -> HashSet<String> {
    let mut next: HashMap<String, Vec<&String>> = HashMap::new();
    for (from, to) in edges {
        next.entry(from.to_lowercase()).or_default().extend(to);
    }
    let mut found: HashSet<String> = first.iter().cloned().collect();
    let mut open: Vec<String> = first.to_vec();
    while let Some(name) = open.pop() {
        for target in next.get(&name).into_iter().flatten() {
            if found.insert((*target).clone()) {
                open.push((*target).clone());
            }
        }
    }
    found
}
