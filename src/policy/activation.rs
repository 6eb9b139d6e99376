//! Who may run the flows that activate sets.

use crate::access::{Audience, Holder, Reading, Relations, audience};
use crate::delta::{Audit, Library, RelatedView};
use crate::metadata::{ActionType, Flow, Key, Names, SessionAction, Word};
use crate::policy::flows::{hit, local_name, running};
use crate::policy::related::{Fact, Hit};
use crate::source::HolderKind;

/// Activation flows that nobody can run before the set is active, and those that outsiders can run.
pub(super) fn hits<'l>(audit: &Audit<'l>, library: &Library) -> Vec<Hit<'l>> {
    let names = library.names();
    let (relations, mut hits) = (Relations::new(names), Vec::new());
    for (view, flow) in audit.related.iter().flat_map(|pair| running(&pair.head)) {
        let activations = flow.actions.iter().filter(|action| action.action == ActionType::Activate);
        for action in activations {
            if behind_own_set(audit, view, flow, action, library, &relations) {
                hits.push(hit(Fact::BehindOwnSet, view, flow, action));
            }
            let outsiders = outsiders(audit, view, flow, names);
            if !outsiders.is_empty() {
                let mut open = hit(Fact::OpenToOutsiders, view, flow, action);
                open.grant = open.names.join("");
                open.names = outsiders;
                hits.push(open);
            }
        }
    }
    hits
}

/// Access to the flow itself.
fn access_to(view: RelatedView<'_>, names: &Names) -> Option<Key> {
    let folded = names.find(&view.file.name.to_lowercase())?;
    Some(Key::new(Word::FLOW_ACCESSES, Word::NONE, folded))
}

/// Whether of all holders only the set that the flow activates gives access to the flow. Without the switch for an
/// additional permission whoever has Run Flows may run it, and that may come from anywhere.
fn behind_own_set(
    audit: &Audit<'_>,
    view: RelatedView<'_>,
    flow: &Flow,
    action: &SessionAction,
    library: &Library,
    relations: &Relations<'_>,
) -> bool {
    let (true, Some(key)) = (flow.needs_permission, access_to(view, library.names())) else { return false };
    let Some(set) = action.set.known().and_then(|set| local_name(set, library.namespace())) else { return false };
    let is_set = |holder: &&Holder<'_>| {
        holder.kind == HolderKind::PermissionSet && holder.name.to_lowercase() == set.to_lowercase()
    };
    let gives = |holder: &&Holder<'_>| holder.grants().iter().any(|grant| grant.entry.key == key);
    let assignable = || audit.holders.iter().filter(|holder| holder.kind != HolderKind::MutingPermissionSet);
    let mut own = assignable().filter(is_set).filter(gives);
    // What could not be read may give it.
    let others = assignable().filter(|holder| !is_set(holder)).any(|holder| holder.broken() || gives(&holder));
    let groups = audit.groups.iter().any(|group| group.effective.holds(key, Reading::May, relations));
    own.next().is_some() && !others && !groups
}

/// Profiles of people outside that may run the flow.
fn outsiders(audit: &Audit<'_>, view: RelatedView<'_>, flow: &Flow, names: &Names) -> Vec<String> {
    let run_flows = names.find("runflow").map(|folded| Key::new(Word::USER_PERMISSIONS, Word::NONE, folded));
    let enough: Vec<Key> =
        access_to(view, names).into_iter().chain(run_flows.filter(|_| !flow.needs_permission)).collect();
    let is_outside = |holder: &&Holder<'_>| {
        matches!(audience(holder, None, &audit.sites), Some(Audience::Guest | Audience::External))
    };
    let may_run = |holder: &&Holder<'_>| holder.grants().iter().any(|grant| enough.contains(&grant.entry.key));
    let mut names: Vec<String> = audit
        .holders
        .iter()
        .filter(is_outside)
        .filter(may_run)
        .map(|holder| format!("profile {}", holder.name))
        .collect();
    names.sort_unstable();
    names
}
