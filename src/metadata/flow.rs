//! `Flow`, as far as session activation needs it: which sets it activates and deactivates, and when it runs.
//!
//! Flows that do neither are most flows, and large. They are recognised without being read to the end
//! ([`says_nothing`]).

mod set_name;
mod start;

pub use set_name::SetName;
pub use start::{Start, Trigger};

use memchr::memmem;

use crate::error::{Cause, Problem};
use crate::metadata::tree::{self, Node};
use crate::metadata::xml::Document;
use crate::text::Span;

/// Both action types end in it.
const ACTION: &[u8] = b"SessionPermSet";

/// Whether a version can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowStatus {
    /// It runs.
    Active,
    /// `Draft`, `Obsolete`, `InvalidDraft` or `UnderReview`: it does not.
    Inactive,
    /// Missing, or a word that is none: doubt goes to a flow that runs.
    Unknown,
}

/// What a flow does with a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActionType {
    /// `activateSessionPermSet`
    Activate,
    /// `deactivateSessionPermSet`
    Deactivate,
}

impl ActionType {
    /// As the file writes it. The platform's enumeration is case-sensitive.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Activate => "activateSessionPermSet",
            Self::Deactivate => "deactivateSessionPermSet",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [Self::Activate, Self::Deactivate].into_iter().find(|action| action.as_str() == text)
    }
}

/// An action call that activates or deactivates a set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionAction {
    /// What it does.
    pub action: ActionType,
    /// The set it names.
    pub set: SetName,
    /// The namespace it names; `None` where it names none.
    pub namespace: Option<SetName>,
    /// The element that names the set, or else the action type.
    pub span: Span,
    /// The `actionType` element.
    pub type_span: Span,
    /// Whether the flow can come to it behind a scheduled or asynchronous path, or a pause.
    pub behind_pause: bool,
}

/// A flow, or one version of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flow {
    /// The label people see in Setup.
    pub label: Option<String>,
    /// Whether the version can run; `None` if the flow has no action of interest and was not read.
    pub status: Option<FlowStatus>,
    /// `processType`, as `AutoLaunchedFlow`.
    pub process_type: Option<String>,
    /// `runInMode`, as `SystemModeWithoutSharing`.
    pub run_in_mode: Option<String>,
    /// Whether Run Flows is not enough to run it (`isAdditionalPermissionRequiredToRun`).
    pub needs_permission: bool,
    /// How it starts.
    pub start: Start,
    /// In the order of the file.
    pub actions: Vec<SessionAction>,
}

impl Flow {
    /// Whether the whole flow runs outside a user's session, whichever path it takes.
    pub fn is_asynchronous(&self) -> bool {
        // A process of Process Builder that starts with a platform event.
        self.start.trigger() == Trigger::Asynchronous || self.process_type.as_deref() == Some("CustomEvent")
    }

    /// Whether it does both.
    pub fn activates_and_deactivates(&self) -> bool {
        let does = |wanted: ActionType| self.actions.iter().any(|action| action.action == wanted);
        does(ActionType::Activate) && does(ActionType::Deactivate)
    }
}

/// Reads one file.
///
/// # Errors
/// The problem that ended reading.
pub(crate) fn read(bytes: &[u8]) -> Result<Flow, Problem> {
    if says_nothing(bytes)? {
        return Ok(Flow::default());
    }
    let mut flow = Flow { status: Some(FlowStatus::Unknown), ..Flow::default() };
    let (mut calls, mut nodes) = (Vec::new(), Nodes::default());
    tree::children(bytes, "Flow", |node| {
        match node.name {
            "label" => flow.label = Some(node.text.into_owned()),
            "processType" => flow.process_type = Some(node.text.into_owned()),
            "runInMode" => flow.run_in_mode = Some(node.text.into_owned()),
            "isAdditionalPermissionRequiredToRun" => {
                flow.needs_permission = node.text.eq_ignore_ascii_case("true");
            }
            "status" => flow.status = Some(status(&node.text)),
            "startElementReference" => flow.start = Start::element(&node),
            "start" => {
                nodes.pauses.extend(start::asynchronous_targets(&node));
                flow.start = Start::block(&node);
                calls.extend(hidden_actions(&node));
            }
            "constants" => nodes.names.add_constant(&node),
            "recordLookups" => {
                nodes.names.add_lookup(&node);
                nodes.add(&node);
            }
            "actionCalls" => {
                nodes.add(&node);
                calls.extend(call(&node));
            }
            _ => {
                nodes.add(&node);
                calls.extend(hidden_actions(&node));
            }
        }
        Ok(())
    })?;
    let reached = start::reached(&nodes.pauses, &nodes.edges);
    flow.actions = calls.into_iter().map(|call| call.resolve(&nodes.names, &reached)).collect();
    Ok(flow)
}

/// Whether a flow has no action of interest, told without reading it to the end.
///
/// The action type is a value, so its text stands in the file as it is, unless something that can hide a
/// letter stands inside: a character reference (`&#`), CDATA or a comment (`<!`), or a processing instruction
/// (`<?`, which the XML declaration begins with, too). Other references stand for characters the action type does not have.
/// A file that does not end with its root may be cut off before the action, and is read as well, to say so.
fn says_nothing(bytes: &[u8]) -> Result<bool, Problem> {
    // The root, the encoding and the characters are checked whatever is inside.
    let (_, root) = Document::open(bytes, "Flow")?;
    let behind = &bytes[root.end as usize..];
    let hides = [b"&#".as_slice(), b"<!", b"<?", ACTION];
    Ok(behind.trim_ascii_end().ends_with(b"</Flow>") && !hides.iter().any(|text| memmem::find(behind, text).is_some()))
}

fn status(text: &str) -> FlowStatus {
    match text {
        "Active" => FlowStatus::Active,
        "Draft" | "Obsolete" | "InvalidDraft" | "UnderReview" => FlowStatus::Inactive,
        _ => FlowStatus::Unknown,
    }
}

/// What the elements of a flow say about each other.
#[derive(Default)]
struct Nodes {
    names: set_name::Names,
    /// From each element to those that can follow it.
    edges: Vec<(String, Vec<String>)>,
    /// Elements that follow a scheduled or asynchronous path, or a pause.
    pauses: Vec<String>,
}

impl Nodes {
    fn add(&mut self, node: &Node<'_>) {
        let targets = start::targets(node);
        if targets.is_empty() {
            return;
        }
        if node.name == "waits" {
            self.pauses.extend(targets.iter().cloned());
        }
        self.edges.push((node.text_of("name").to_owned(), targets));
    }
}

/// An action call before the names in it are resolved.
struct Call {
    action: ActionType,
    element: String,
    set: set_name::Input,
    namespace: Option<set_name::Input>,
    span: Span,
    type_span: Span,
}

impl Call {
    fn resolve(self, names: &set_name::Names, reached: &std::collections::HashSet<String>) -> SessionAction {
        SessionAction {
            action: self.action,
            set: names.resolve(&self.set),
            namespace: self.namespace.map(|namespace| names.resolve(&namespace)),
            span: self.span,
            type_span: self.type_span,
            behind_pause: reached.contains(&self.element.to_lowercase()),
        }
    }
}

/// An `actionCalls` of interest. The action type decides; `actionName` repeats it and is not looked at.
fn call(node: &Node<'_>) -> Vec<Call> {
    let types: Vec<&Node<'_>> = node.all("actionType").collect();
    let [kind] = types.as_slice() else { return hidden_actions(node) };
    let Some(action) = ActionType::of(&kind.text) else { return hidden_actions(node) };
    let (set, at) = set_name::input(node, "PermSetName").unwrap_or((set_name::Input::Empty, None));
    let namespace = set_name::input(node, "PermSetNamespace").map(|(input, _)| input);
    let element = node.text_of("name").to_owned();
    vec![Call { action, element, set, namespace, span: at.unwrap_or(kind.span), type_span: kind.span }]
}

/// Action types of interest where no action call of a known shape holds them, as inside an orchestration's
/// steps: what set they name is not known.
fn hidden_actions(node: &Node<'_>) -> Vec<Call> {
    let element = node.text_of("name").to_owned();
    let types = node.walk().into_iter().filter(|inner| inner.name == "actionType");
    let calls = types.filter_map(|kind| {
        let action = ActionType::of(&kind.text)?;
        let (set, element) = (set_name::Input::Unknown, element.clone());
        Some(Call { action, element, set, namespace: None, span: kind.span, type_span: kind.span })
    });
    calls.collect()
}

/// Reads a `FlowDefinition`: the number of the active version. Without one, or with 0, none is active.
///
/// # Errors
/// The problem that ended reading.
pub(crate) fn read_definition(bytes: &[u8]) -> Result<Option<u32>, Problem> {
    let mut active = None;
    tree::children(bytes, "FlowDefinition", |node| {
        if node.name == "activeVersionNumber" && !node.text.is_empty() {
            let number = node.text.parse().map_err(|_| Problem {
                at: Some(node.span.start),
                cause: Cause::NotNumber { element: node.name.to_owned(), value: node.text.to_string() },
            })?;
            active = Some(number).filter(|number| *number > 0);
        }
        Ok(())
    })?;
    Ok(active)
}

#[cfg(test)]
mod tests;
