//! Who may run the flows that activate sets.

use std::collections::HashMap;

use crate::access::{Audience, Holder, Reading, Relations, audience};
use crate::delta::{Audit, Library, RelatedView};
use crate::metadata::{ActionType, Flow, Key, Names, SessionAction, Word};
use crate::policy::flows::{hit, local_name, running};
use crate::policy::related::{Fact, Hit};
use crate::source::HolderKind;

/// Activation flows that nobody can run before the set is active, and those that outsiders can run.
pub(super) fn hits<'l>(audit: &Audit<'l>, library: &Library) -> Vec<Hit<'l>> {
    let flows: Vec<_> = audit.related.iter().flat_map(|pair| running(&pair.head)).collect();
    if flows.is_empty() {
        return Vec::new();
    }
    let runners = Runners::of(audit, library.names());
    let mut hits = Vec::new();
    for (view, flow) in flows {
        let outsiders = runners.outsiders(audit, view, flow);
        for action in flow.actions.iter().filter(|action| action.action == ActionType::Activate) {
            if runners.are_only(action, audit, view, flow, library) {
                hits.push(hit(Fact::BehindOwnSet, view, flow, action));
            }
            if !outsiders.is_empty() {
                let mut open = hit(Fact::OpenToOutsiders, view, flow, action);
                open.grant = open.names.join("");
                open.names.clone_from(&outsiders);
                hits.push(open);
            }
        }
    }
    hits
}

/// The sets and profiles that let their users run flows: single ones, and with Run Flows most.
struct Runners<'a, 'l> {
    by_key: HashMap<Key, Vec<&'a Holder<'l>>>,
    names: &'a Names,
    /// Whether some set or profile could not be read: it may give what none of the others does.
    broken: bool,
}

impl<'a, 'l> Runners<'a, 'l> {
    fn of(audit: &'a Audit<'l>, names: &'a Names) -> Self {
        let mut runners = Self { by_key: HashMap::new(), names, broken: false };
        let run_flows = runners.run_flows();
        for holder in audit.holders.iter().filter(|holder| holder.kind != HolderKind::MutingPermissionSet) {
            runners.broken |= holder.broken();
            for grant in holder.grants() {
                let key = grant.entry.key;
                if key.section() == Word::FLOW_ACCESSES || Some(key) == run_flows {
                    runners.by_key.entry(key).or_default().push(holder);
                }
            }
        }
        runners
    }

    fn run_flows(&self) -> Option<Key> {
        Some(Key::new(Word::USER_PERMISSIONS, Word::NONE, self.names.find("runflow")?))
    }

    /// Access to one flow.
    fn access_to(&self, view: RelatedView<'_>) -> Option<Key> {
        Some(Key::new(Word::FLOW_ACCESSES, Word::NONE, self.names.find(&view.file.name.to_lowercase())?))
    }

    fn with(&self, key: Option<Key>) -> &[&'a Holder<'l>] {
        key.and_then(|key| self.by_key.get(&key)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether of all holders only the set that the flow activates gives access to the flow. Without the switch for
    /// an additional permission whoever has Run Flows may run it, and that may come from anywhere.
    fn are_only(
        &self,
        action: &SessionAction,
        audit: &Audit<'_>,
        view: RelatedView<'_>,
        flow: &Flow,
        library: &Library,
    ) -> bool {
        let (true, Some(key)) = (flow.needs_permission && !self.broken, self.access_to(view)) else { return false };
        let Some(set) = action.set.known().and_then(|set| local_name(set, library.namespace())) else { return false };
        let is_set = |holder: &&&Holder<'_>| {
            holder.kind == HolderKind::PermissionSet && holder.name.to_lowercase() == set.to_lowercase()
        };
        let runners = self.with(Some(key));
        let relations = Relations::new(self.names);
        let by_group = || audit.groups.iter().any(|group| group.effective.holds(key, Reading::May, &relations));
        !runners.is_empty() && runners.iter().all(|holder| is_set(&holder)) && !by_group()
    }

    /// Profiles of people outside that may run the flow.
    fn outsiders(&self, audit: &Audit<'_>, view: RelatedView<'_>, flow: &Flow) -> Vec<String> {
        let is_outside = |holder: &&&Holder<'_>| {
            matches!(audience(holder, None, &audit.sites), Some(Audience::Guest | Audience::External))
        };
        let all = self.with(self.run_flows().filter(|_| !flow.needs_permission));
        let runners = self.with(self.access_to(view)).iter().chain(all).filter(is_outside);
        let mut names: Vec<String> = runners.map(|holder| format!("profile {}", holder.name)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
