//! Related files of a plan: which to read, and what they say on both sides.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::access::{Gate, Holder, Sites};
use crate::delta::plan::HolderFiles;
use crate::delta::{FileProblem, Library, Side, pairs};
use crate::metadata::{Related, SessionAction};
use crate::source::{BlobId, File, HolderKind, Listing, RelatedFile, RelatedKind};

/// A related blob to read, as the kind of file it is.
pub type RelatedRequest = (RelatedKind, BlobId);

/// By kind and case-folded name. A flow's definition is kept with its versions.
type ByName<'a> = BTreeMap<(RelatedKind, String), RelatedFiles<'a>>;

/// The files of one related component on both sides.
#[derive(Debug, Default)]
struct RelatedFiles<'a> {
    base: Vec<&'a RelatedFile>,
    head: Vec<&'a RelatedFile>,
}

/// What a run has to read beside the files of holders.
#[derive(Debug)]
pub(crate) struct RelatedPlan<'a> {
    /// Read in any case.
    files: ByName<'a>,
    /// Flows that are the same on both sides: read if the gate of a set comes or goes, because a flow may activate it.
    same_flows: ByName<'a>,
    /// Case-folded names of the sets and groups that differ.
    changed: BTreeSet<String>,
    /// Sites, read if one differs, or if a profile's own files do not tell who uses it.
    sites: ByName<'a>,
    /// Code, read if some holder is session-based.
    apex: Vec<&'a RelatedFile>,
    base: &'a [File],
    head: &'a [File],
}

impl<'a> RelatedPlan<'a> {
    /// For `check` and `diff`: what differs. Code is never read.
    pub(crate) fn comparison(base: &'a Listing, head: &'a Listing, holders: &Holders<'_>) -> Self {
        let all = group(&base.related, &head.related, |kind| !matches!(kind, RelatedKind::Apex));
        let (files, same): (ByName<'a>, ByName<'a>) = all.into_iter().partition(|(_, files)| files.differ());
        let same_flows = same.into_iter().filter(|((kind, _), _)| *kind == RelatedKind::Flow).collect();
        let changed = holders.keys().filter(|(kind, _)| is_activated(*kind)).map(|(_, name)| name.clone()).collect();
        let sites = group(&base.related, &head.related, is_site);
        Self { files, same_flows, changed, sites, apex: Vec::new(), base: &base.files, head: &head.files }
    }

    /// For `audit`: everything, and code where it can matter.
    pub(crate) fn audit(snapshot: &'a Listing) -> Self {
        let files = group(&[], &snapshot.related, |kind| kind != RelatedKind::Apex);
        let apex = snapshot.related.iter().filter(|file| file.kind == RelatedKind::Apex).collect();
        let (same_flows, changed) = (ByName::new(), BTreeSet::new());
        Self { files, same_flows, changed, sites: ByName::new(), apex, base: &[], head: &snapshot.files }
    }

    /// The related blobs that are needed and not read yet, in the order of their paths.
    pub(crate) fn next(&self, holders: &Holders<'_>, library: &Library) -> Vec<RelatedRequest> {
        let mut files: Vec<&RelatedFile> = self.files.values().flat_map(RelatedFiles::both).collect();
        if !self.same_flows.is_empty() && has_changed_gate(holders, library) {
            files.extend(self.same_flows.values().flat_map(RelatedFiles::both));
        }
        if !self.sites.is_empty() && (self.has_changed_site() || has_profile(holders)) {
            files.extend(self.sites.values().flat_map(RelatedFiles::both));
        }
        if !self.apex.is_empty() && has_session_holder(holders, library) {
            files.extend(&self.apex);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut seen = HashSet::new();
        let requests = files.into_iter().map(|file| (file.kind, file.blob.clone()));
        requests.filter(|request| library.related(request).is_none() && seen.insert(request.clone())).collect()
    }

    /// Whether what sites say of profiles may differ.
    pub(crate) fn has_changed_site(&self) -> bool {
        self.files.keys().any(|(kind, _)| is_site(*kind))
    }

    /// The sets and groups that flows of this plan name, on both sides.
    pub(crate) fn named_files(&self, library: &Library) -> Vec<&'a File> {
        let sides = [(Side::Base, self.base), (Side::Head, self.head)];
        let files = sides.into_iter().flat_map(|(side, files)| {
            let names = self.names(side, library);
            let wanted = move |file: &&File| {
                !names.is_empty() && may_be_named(file) && names.contains(&file.name.to_lowercase())
            };
            files.iter().filter(wanted)
        });
        files.collect()
    }

    /// Of the flows that are the same on both sides, those that were read and name a set that differs.
    fn flows_of_changed(&self, library: &Library) -> impl Iterator<Item = &RelatedFiles<'a>> {
        let names_changed = |file: &RelatedFile| {
            let flow = library.related(&(file.kind, file.blob.clone())).and_then(Related::flow);
            let mut names = flow.into_iter().flat_map(|flow| flow.actions.iter().flat_map(possible_names));
            names.any(|name| self.changed.contains(&name))
        };
        self.same_flows.values().filter(move |files| files.both().any(names_changed))
    }

    fn names(&self, side: Side, library: &Library) -> BTreeSet<String> {
        let files = self.files.values().chain(self.flows_of_changed(library)).flat_map(|files| files.on(side));
        let flows = files.filter_map(|file| library.related(&(file.kind, file.blob.clone()))?.flow());
        flows.flat_map(|flow| flow.actions.iter().flat_map(possible_names)).collect()
    }

    /// What was read of one side's components.
    pub(crate) fn pairs(&self, library: &'a Library) -> Vec<RelatedPair<'a>> {
        let all = self.files.iter().map(|((kind, _), files)| files.pair(*kind, library));
        let all = all.chain(self.flows_of_changed(library).map(|files| files.pair(RelatedKind::Flow, library)));
        let apex = self.apex.iter().map(|file| RelatedFiles { base: Vec::new(), head: vec![*file] });
        all.chain(apex.map(|files| files.pair(RelatedKind::Apex, library))).collect()
    }

    /// What the sites of one side tell about profiles, as far as they were read. One whose file is gone stays in the
    /// org: deploying a source tree deletes nothing.
    pub(crate) fn sites(&self, side: Side, library: &Library) -> Sites {
        let mut sites = Sites::default();
        let all = self.sites.values().chain(self.files.values());
        let files = all.flat_map(|files| if files.head.is_empty() { files.on(Side::Base) } else { files.on(side) });
        for file in files.filter(|file| is_site(file.kind)) {
            let read = library.related(&(file.kind, file.blob.clone()));
            read.and_then(Related::assigner).into_iter().for_each(|site| sites.add(site));
        }
        sites
    }

    /// The sets and groups that flows name, on one side.
    pub(crate) fn named(&self, side: Side, library: &'a Library) -> Snapshot<'a> {
        let files = if side == Side::Base { self.base } else { self.head };
        let names = self.names(side, library);
        let mut by_holder: BTreeMap<(HolderKind, String), Vec<&'a File>> = BTreeMap::new();
        for file in files.iter().filter(|file| !names.is_empty() && may_be_named(file)) {
            let folded = file.name.to_lowercase();
            if names.contains(&folded) {
                by_holder.entry((file.kind.holder(), folded)).or_default().push(file);
            }
        }
        let holders = by_holder.iter().filter_map(|((kind, _), files)| pairs::holder(*kind, files, library));
        let has_sets = files.iter().any(|file| file.kind.holder() == HolderKind::PermissionSet);
        Snapshot::new(holders.collect(), has_sets)
    }

    /// What could not be read.
    pub(crate) fn problems(&self, library: &'a Library) -> Vec<FileProblem<'a>> {
        const NONE: &[&RelatedFile] = &[];
        let apex = self.apex.iter().map(|file| (Side::Head, *file, NONE));
        let files = self.files.iter().chain(&self.same_flows);
        let files = files.chain(self.sites.iter().filter(|(key, _)| !self.files.contains_key(*key)));
        let files = files.flat_map(|(_, files)| {
            let base = files.base.iter().map(|file| (Side::Base, *file, files.head.as_slice()));
            base.chain(files.head.iter().map(|file| (Side::Head, *file, files.base.as_slice())))
        });
        let problems = files.chain(apex).filter_map(|(side, file, others)| {
            let related = library.related(&(file.kind, file.blob.clone()))?;
            let (problem, bytes) = (related.problem.clone()?, Some(related.bytes.as_slice()));
            let unchanged = is_same(file, others, library);
            Some(FileProblem { side, path: &file.path, bytes, problem, unchanged })
        });
        problems.collect()
    }
}

type Holders<'a> = BTreeMap<(HolderKind, String), HolderFiles<'a>>;

/// A related component: its files on both sides, with what they say.
#[derive(Debug)]
pub struct RelatedPair<'l> {
    /// What it is.
    pub kind: RelatedKind,
    /// Base's files, by path.
    pub base: Vec<RelatedView<'l>>,
    /// Head's files, by path.
    pub head: Vec<RelatedView<'l>>,
}

/// A related file that was read.
#[derive(Debug, Clone, Copy)]
pub struct RelatedView<'l> {
    /// Where it was listed.
    pub file: &'l RelatedFile,
    /// What it says.
    pub related: &'l Related,
}

/// The sets and groups of one side that flows may name.
#[derive(Debug, Default)]
pub struct Snapshot<'l> {
    /// In no order.
    pub holders: Vec<Holder<'l>>,
    /// Their places, by case-folded name.
    by_name: HashMap<String, Vec<usize>>,
    /// Whether the side has permission sets at all: a retrieve of flows alone says nothing about sets.
    pub has_sets: bool,
}

impl<'l> Snapshot<'l> {
    /// A side with these sets and groups.
    pub fn new(holders: Vec<Holder<'l>>, has_sets: bool) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, holder) in holders.iter().enumerate() {
            by_name.entry(holder.name.to_lowercase()).or_default().push(index);
        }
        Self { holders, by_name, has_sets }
    }

    /// The sets and groups of that name.
    pub fn named(&self, name: &str) -> impl Iterator<Item = &Holder<'l>> {
        let places = self.by_name.get(&name.to_lowercase()).into_iter().flatten();
        places.filter_map(|index| self.holders.get(*index))
    }
}

impl<'a> RelatedFiles<'a> {
    fn both(&self) -> impl Iterator<Item = &'a RelatedFile> {
        self.base.iter().chain(&self.head).copied()
    }

    fn on(&self, side: Side) -> impl Iterator<Item = &'a RelatedFile> {
        if side == Side::Base { self.base.iter() } else { self.head.iter() }.copied()
    }

    /// Of one file on each side the path does not count.
    fn differ(&self) -> bool {
        let content = |file: &'a RelatedFile| (file.kind, file.version, &file.blob);
        match (self.base.as_slice(), self.head.as_slice()) {
            ([before], [after]) => content(before) != content(after),
            (before, after) => {
                let located = |files: &[&'a RelatedFile]| -> BTreeSet<(&'a str, &'a BlobId)> {
                    files.iter().map(|file| (file.path.as_str(), &file.blob)).collect()
                };
                located(before) != located(after)
            }
        }
    }

    fn pair(&self, kind: RelatedKind, library: &'a Library) -> RelatedPair<'a> {
        let views = |side: Side| {
            let read = self.on(side).filter_map(|file| {
                let related = library.related(&(file.kind, file.blob.clone()))?;
                Some(RelatedView { file, related })
            });
            read.collect()
        };
        RelatedPair { kind, base: views(Side::Base), head: views(Side::Head) }
    }
}

fn group<'a>(base: &'a [RelatedFile], head: &'a [RelatedFile], wanted: fn(RelatedKind) -> bool) -> ByName<'a> {
    let mut files = ByName::new();
    let key = |file: &RelatedFile| {
        let kind = if file.kind == RelatedKind::FlowDefinition { RelatedKind::Flow } else { file.kind };
        (kind, file.name.to_lowercase())
    };
    for file in base.iter().filter(|file| wanted(file.kind)) {
        files.entry(key(file)).or_default().base.push(file);
    }
    for file in head.iter().filter(|file| wanted(file.kind)) {
        files.entry(key(file)).or_default().head.push(file);
    }
    files
}

fn is_site(kind: RelatedKind) -> bool {
    matches!(kind, RelatedKind::Network | RelatedKind::Site)
}

fn may_be_named(file: &File) -> bool {
    is_activated(file.kind.holder())
}

fn is_activated(kind: HolderKind) -> bool {
    matches!(kind, HolderKind::PermissionSet | HolderKind::PermissionSetGroup)
}

/// The case-folded names under which the set of an action can lie in the snapshot: with the project's own
/// namespace in front, or without.
fn possible_names(action: &SessionAction) -> Vec<String> {
    let Some(name) = action.set.known() else { return Vec::new() };
    let folded = name.to_lowercase();
    let local = folded.split_once("__").map(|(_, local)| local.to_owned());
    [Some(folded), local].into_iter().flatten().collect()
}

/// Whether the other side has the same content at the same path.
fn is_same(file: &RelatedFile, others: &[&RelatedFile], library: &Library) -> bool {
    let bytes = |file: &RelatedFile| library.related(&(file.kind, file.blob.clone())).map(|read| &read.bytes);
    let same = |other: &RelatedFile| {
        file.blob == other.blob || (bytes(file).is_some_and(|bytes| !bytes.is_empty()) && bytes(file) == bytes(other))
    };
    others.iter().any(|other| other.path == file.path && same(other))
}

/// Whether some profile was read: a site may give it to people that its licence does not tell of.
fn has_profile(holders: &Holders<'_>) -> bool {
    holders.keys().any(|(kind, _)| *kind == HolderKind::Profile)
}

/// Whether some set or group comes, goes, or has another gate than it had.
fn has_changed_gate(holders: &Holders<'_>, library: &Library) -> bool {
    let mut activated = holders.iter().filter(|((kind, _), _)| is_activated(*kind));
    activated.any(|((kind, _), files)| {
        let gate = |files: &[&File]| pairs::holder(*kind, files, library).map(|holder| holder.gate());
        let session = |gate: Option<Gate>| gate == Some(Gate::Session);
        let (base, head) = (gate(&files.base), gate(&files.head));
        base != head && (session(base) || session(head))
    })
}

/// Whether some set or group that was read is session-based.
fn has_session_holder(holders: &Holders<'_>, library: &Library) -> bool {
    let files = holders.values().flat_map(|files| &files.head);
    let mut flags = files.filter_map(|file| {
        library.get(&(file.kind, file.blob.clone()))?.property("hasActivationRequired").map(|flag| flag.value == "true")
    });
    flags.any(|required| required)
}
