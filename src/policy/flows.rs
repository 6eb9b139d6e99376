//! What flows do with session-based sets, and sets that nothing activates.
//!
//! Only versions that run count: drafts and obsolete versions activate nothing, so there is nothing to say
//! about them until they are made active, which is a change of their status and shows then.

use std::collections::HashSet;

use crate::access::{Gate, Holder};
use crate::delta::{Audit, RelatedView, Snapshot};
use crate::metadata::{ActionType, Content, Flow, FlowStatus, SessionAction, SetName};
use crate::policy::related::{Fact, Hit};
use crate::policy::{Subject, SubjectKind};
use crate::source::{HolderKind, RelatedFile, RelatedKind};
use crate::text::clip;

/// Sets and groups of Salesforce's own products, which activate them themselves.
const OWN: [&str; 2] = ["sfdc_", "sfdcinternalint__"];

/// What is to be said about the flows among `views`, which are the files of one component on one side.
pub(super) fn hits<'l>(views: &[RelatedView<'l>], snapshot: &Snapshot<'l>, namespace: Option<&str>) -> Vec<Hit<'l>> {
    let mut hits = Vec::new();
    for (view, flow) in running(views) {
        if flow.activates_and_deactivates() {
            let action = flow.actions.iter().find(|action| action.action == ActionType::Deactivate);
            hits.extend(action.map(|action| {
                let mut hit = hit(Fact::BothActions, view, flow, action);
                (hit.about, hit.span) = (String::new(), action.type_span);
                hit
            }));
        }
        for action in &flow.actions {
            let asynchronous = (flow.is_asynchronous() || action.behind_pause).then_some(Fact::Asynchronous);
            let facts = about_set(action, snapshot, namespace).into_iter().chain(asynchronous);
            hits.extend(facts.map(|fact| hit(fact, view, flow, action)));
        }
    }
    hits
}

/// Every set that these flows activate, whatever it is.
pub(super) fn activations<'l>(views: &[RelatedView<'l>]) -> Vec<Hit<'l>> {
    let flows = running(views).into_iter();
    let actions = flows.flat_map(|(view, flow)| flow.actions.iter().map(move |action| (view, flow, action)));
    let activate = actions.filter(|(_, _, action)| action.action == ActionType::Activate);
    activate.map(|(view, flow, action)| hit(Fact::NewlyActivated, view, flow, action)).collect()
}

pub(super) fn hit<'l>(fact: Fact, view: RelatedView<'l>, flow: &'l Flow, action: &'l SessionAction) -> Hit<'l> {
    let (file, set) = (view.file, action.set.known().unwrap_or_default());
    let verb = match action.action {
        ActionType::Activate => "activates",
        ActionType::Deactivate => "deactivates",
    };
    Hit {
        fact,
        subject: Subject { kind: SubjectKind::Flow, name: &file.name, label: flow.label.as_deref() },
        about: format!("{}/{set}", action.action.as_str()),
        path: &file.path,
        bytes: &view.related.bytes,
        span: action.span,
        grant: verb.to_owned(),
        keys: Vec::new(),
        names: vec![if set.is_empty() {
            "a permission set".to_owned()
        } else {
            format!("permission set {}", clip(set))
        }],
        gone: None,
    }
}

/// The flows that can run, of the versions of one flow.
pub(super) fn running<'l>(views: &[RelatedView<'l>]) -> Vec<(RelatedView<'l>, &'l Flow)> {
    let definitions: Vec<&Content> = views
        .iter()
        .filter(|view| view.file.kind == RelatedKind::FlowDefinition)
        .map(|view| &view.related.content)
        .collect();
    let flows = views.iter().filter_map(|view| Some((*view, view.related.flow()?)));
    flows.filter(|(view, flow)| !flow.actions.is_empty() && runs(view.file, flow, &definitions)).collect()
}

/// Whether a version runs. Before API 44 a definition names the active version and overrides the status; of a
/// definition that could not be read, and of an unknown status, nothing better is known than that it may.
fn runs(file: &RelatedFile, flow: &Flow, definitions: &[&Content]) -> bool {
    let by_status = flow.status != Some(FlowStatus::Inactive);
    match definitions {
        [] => by_status,
        _ => definitions.iter().any(|definition| match (definition, file.version) {
            (Content::FlowDefinition(active), Some(version)) => *active == Some(version),
            (Content::FlowDefinition(active), None) => active.is_some() && by_status,
            _ => true,
        }),
    }
}

fn about_set(action: &SessionAction, snapshot: &Snapshot<'_>, namespace: Option<&str>) -> Option<Fact> {
    let name = match &action.set {
        SetName::Empty => return Some(Fact::NoSet),
        SetName::NotStaticallyKnown => return Some(Fact::UnknownSet),
        known => known.known().unwrap_or_default(),
    };
    let own = |given: &str| namespace.is_some_and(|own| own.eq_ignore_ascii_case(given));
    match &action.namespace {
        None | Some(SetName::Empty) => {}
        Some(SetName::NotStaticallyKnown) => return Some(Fact::UnknownSet),
        Some(known) if own(known.known().unwrap_or_default()) => {}
        // A set of a managed package: its files are elsewhere.
        Some(_) => return None,
    }
    let local = local_name(name, namespace)?;
    let found: Vec<&Holder<'_>> = snapshot.named(local).collect();
    if found.is_empty() {
        return snapshot.has_sets.then_some(Fact::MissingSet);
    }
    let open = |holder: &&Holder<'_>| holder.gate() == Gate::AlwaysOn && !holder.broken();
    let gated = |holder: &&Holder<'_>| holder.gate() == Gate::Session && !holder.broken();
    match action.action {
        _ if found.iter().all(open) => Some(Fact::UngatedSet),
        // What a broken file says of the gate is not known.
        ActionType::Activate if found.iter().any(gated) => Some(Fact::NewlyActivated),
        _ => None,
    }
}

/// The name of a set of this project; `None` for Salesforce's own sets and those of managed packages. No API
/// name has two underscores in a row but behind a namespace.
pub(super) fn local_name<'n>(name: &'n str, namespace: Option<&str>) -> Option<&'n str> {
    let folded = name.to_lowercase();
    if OWN.iter().any(|prefix| folded.starts_with(prefix)) {
        return None;
    }
    match name.split_once("__") {
        None => Some(name),
        Some((prefix, local)) => namespace.filter(|own| own.eq_ignore_ascii_case(prefix)).map(|_| local),
    }
}

/// Session-based sets and groups that nothing in the snapshot activates. Where code speaks of activation, a flow
/// names a set known at run time only, or either could not be read, nothing is known and nothing is said.
///
/// Nor of what the configuration says is activated from outside.
pub(super) fn never_activated<'l>(
    audit: &Audit<'l>,
    namespace: Option<&str>,
    outside: &dyn Fn(&Holder<'l>) -> bool,
) -> Vec<Hit<'l>> {
    let views = || audit.related.iter().flat_map(|pair| &pair.head);
    let unknown = views().any(|view| match (&view.related.content, view.file.kind) {
        (Content::Apex(activates), _) => *activates,
        (Content::Broken, kind) => matches!(kind, RelatedKind::Apex | RelatedKind::Flow | RelatedKind::FlowDefinition),
        _ => false,
    });
    let actions: Vec<&SessionAction> = audit
        .related
        .iter()
        .flat_map(|pair| running(&pair.head))
        .flat_map(|(_, flow)| &flow.actions)
        .filter(|action| action.action == ActionType::Activate)
        .collect();
    if unknown || actions.iter().any(|action| action.set == SetName::NotStaticallyKnown) {
        return Vec::new();
    }
    let activated: HashSet<String> =
        actions.iter().filter_map(|action| local_name(action.set.known()?, namespace).map(str::to_lowercase)).collect();
    let session = audit.holders.iter().filter(|holder| {
        matches!(holder.kind, HolderKind::PermissionSet | HolderKind::PermissionSetGroup)
            && holder.gate() == Gate::Session
            && !holder.broken()
            && local_name(holder.name, namespace).is_some()
            && !activated.contains(&holder.name.to_lowercase())
            && !outside(holder)
    });
    session.map(not_activated).collect()
}

fn not_activated<'l>(holder: &Holder<'l>) -> Hit<'l> {
    let main = holder.definitions[0].main();
    let flag = holder.definitions[0].property("hasActivationRequired");
    let (file, span) = flag.map_or((main, main.parsed.root), |(file, flag)| (file, flag.span));
    Hit {
        fact: Fact::NeverActivated,
        subject: Subject { kind: SubjectKind::Holder(holder.kind), name: holder.name, label: holder.label() },
        about: "hasActivationRequired/true".to_owned(),
        path: &file.file.path,
        bytes: &file.parsed.bytes,
        span,
        grant: String::new(),
        keys: Vec::new(),
        names: Vec::new(),
        gone: None,
    }
}
