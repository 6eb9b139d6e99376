//! Which blobs a comparison still needs.
//!
//! Cost follows the change: a holder whose files have the same content on both sides is not read. The
//! plan is asked again after each round of reading, because what was read may call for more.

use std::collections::BTreeMap;

use crate::access::newer_than;
use crate::delta::around::Wanted;
use crate::delta::related::{RelatedPlan, RelatedRequest};
use crate::delta::{Library, Side, exposed, groups, manifests};
use crate::metadata::Parsed;
use crate::source::{BlobId, File, FileKind, HolderKind, Listing, ManifestFile, namespaced};

/// A blob to read, as the kind of file it is.
pub type Request = (FileKind, BlobId);

/// Kind and case-folded name: what makes a holder the same one.
pub(crate) type Identity = (HolderKind, String);

/// The files of one holder on both sides.
#[derive(Debug, Default)]
pub(crate) struct HolderFiles<'a> {
    pub(crate) base: Vec<&'a File>,
    pub(crate) head: Vec<&'a File>,
}

/// What a run has to read.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The holders to compare or judge, by kind and case-folded name.
    pub(crate) holders: BTreeMap<Identity, HolderFiles<'a>>,
    /// The holders that are the same on both sides: read only where a group that is affected reaches them.
    pub(crate) same: BTreeMap<Identity, HolderFiles<'a>>,
    /// Sets that the policy excludes, and that have no other file: read only where a group that is affected reaches
    /// them.
    pub(crate) excluded: BTreeMap<Identity, HolderFiles<'a>>,
    /// Manifests of head that list deletions, if a holder of base is gone from head.
    pub(crate) destructive: Vec<&'a ManifestFile>,
    /// What the retrieve that head is asked for, if a holder of base is gone from head.
    pub(crate) retrieve: Option<&'a ManifestFile>,
    /// Files that decide what holders mean.
    pub(crate) related: RelatedPlan<'a>,
    /// Whether a set is gone that groups may name.
    pub(crate) set_gone: bool,
    /// Files around the holders.
    pub(crate) around: Wanted<'a>,
}

/// Source projects came with API version 40, so elements as old are in every project's.
const FIRST_PROJECTS: u32 = 40;

impl<'a> Plan<'a> {
    /// For `check` and `diff`: the holders whose files differ.
    pub fn comparison(base: &'a Listing, head: &'a Listing) -> Self {
        Self::compared(base, head, false)
    }

    /// As `comparison`, for what has to be proven: with the files that say what a deployment makes of the others.
    pub fn proof(base: &'a Listing, head: &'a Listing) -> Self {
        Self::compared(base, head, true)
    }

    fn compared(base: &'a Listing, head: &'a Listing, is_proof: bool) -> Self {
        let (holders, same): (BTreeMap<_, _>, BTreeMap<_, _>) =
            group(&base.files, &head.files).into_iter().partition(|(_, files)| files.differ());
        let gone = holders.values().any(|files| files.head.is_empty());
        let destructive = head.destructive.iter().filter(|_| gone).collect();
        let retrieve = head.retrieve.as_ref().filter(|_| gone);
        let related = RelatedPlan::comparison(base, head, &holders);
        let is_set = |kind| matches!(kind, HolderKind::PermissionSet | HolderKind::MutingPermissionSet);
        let set_gone = holders.iter().any(|((kind, _), files)| is_set(*kind) && files.head.is_empty());
        let excluded = excluded(&base.excluded, &head.excluded, |identity| {
            holders.contains_key(identity) || same.contains_key(identity)
        });
        let moved = holders.values().chain(same.values()).any(HolderFiles::moved);
        let around = Wanted::comparison(base, head, is_proof || moved);
        Self { around, set_gone, destructive, retrieve, holders, same, excluded, related }
    }

    /// For `audit`: every holder.
    pub fn audit(snapshot: &'a Listing) -> Self {
        let holders = group(&[], &snapshot.files);
        let (around, related) = (Wanted::audit(snapshot), RelatedPlan::audit(snapshot));
        let excluded = excluded(&[], &snapshot.excluded, |identity| holders.contains_key(identity));
        let (destructive, retrieve, same) = (Vec::new(), None, BTreeMap::new());
        Self { around, set_gone: false, destructive, retrieve, holders, same, excluded, related }
    }

    /// The groups that do not differ, of those that are read.
    pub(crate) fn same_groups(&self, library: &Library) -> impl Iterator<Item = &HolderFiles<'a>> {
        let same = self.same.iter().filter(|((kind, _), _)| *kind == HolderKind::PermissionSetGroup);
        let needed = self.needs_groups(library);
        same.filter(move |_| needed).map(|(_, files)| files)
    }

    /// Whether `sfdx-project.json` has to be read, as far as is known by now: because it changed, to tell
    /// files of one holder apart by their package, to resolve members of a group that have a namespace, or
    /// because head newly uses an element that its API version may not have.
    pub(crate) fn needs_project(&self, library: &Library) -> bool {
        let around = &self.around;
        (around.project.is_some() || around.project_before.is_some() || !around.namespaces.is_empty())
            && (self.around.project_needed
                || self.holders.iter().any(|((kind, _), files)| files.need_project(*kind, library))
                || self.same_groups(library).any(|files| files.both().any(|file| names_namespace(file, library))))
    }

    /// The files of a holder, whether it differs or not, and whether it is judged or not.
    pub(crate) fn files(&self, identity: &Identity) -> Option<&HolderFiles<'a>> {
        self.holders.get(identity).or_else(|| self.unjudged(identity))
    }

    /// The files of a holder that is the same on both sides, or excluded.
    pub(crate) fn unjudged(&self, identity: &Identity) -> Option<&HolderFiles<'a>> {
        self.same.get(identity).or_else(|| self.excluded.get(identity))
    }

    /// Whether a holder differs, be it judged or excluded.
    pub(crate) fn differs(&self, identity: &Identity) -> bool {
        self.holders.contains_key(identity) || self.excluded.get(identity).is_some_and(HolderFiles::differ)
    }

    /// Whether a group can be affected: a profile is no part of one. Another namespace of the project changes
    /// whom groups name.
    pub(crate) fn needs_groups(&self, library: &Library) -> bool {
        !library.namespaces_of(Side::Base).eq(library.namespaces_of(Side::Head))
            || self.holders.keys().any(|(kind, _)| *kind != HolderKind::Profile)
            || self.excluded.values().any(HolderFiles::differ)
    }

    /// The blobs that are needed and not read yet, in the order of their paths; empty when nothing more is.
    pub fn next(&self, library: &Library) -> Vec<Request> {
        let known = self.holders.iter().filter(|((kind, _), files)| !manifests::unknown(self, library, *kind, files));
        let mut files: Vec<&File> = known.flat_map(|(_, files)| files.both()).collect();
        if self.needs_groups(library) {
            files.extend(self.same_groups(library).flat_map(HolderFiles::both));
            files.extend(groups::reached(self, library).into_iter().flat_map(HolderFiles::both));
        }
        files.extend(self.related.named_files(library));
        files.extend(exposed::files(self, library).into_iter().flat_map(HolderFiles::both));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut wanted: Vec<Request> = Vec::with_capacity(files.len());
        for file in files {
            let request = (file.kind, file.blob.clone());
            if library.get(&request).is_none() {
                wanted.push(request);
            }
        }
        let mut seen = std::collections::HashSet::new();
        wanted.retain(|request| seen.insert(request.clone()));
        wanted
    }

    /// The related blobs that are needed and not read yet.
    pub(crate) fn next_related(&self, library: &Library) -> Vec<RelatedRequest> {
        self.related.next(&self.holders, library)
    }
}

impl<'a> HolderFiles<'a> {
    /// Those of one side.
    pub(crate) fn of(&self, side: Side) -> &[&'a File] {
        match side {
            Side::Base => &self.base,
            Side::Head => &self.head,
        }
    }

    fn both(&self) -> impl Iterator<Item = &'a File> {
        self.base.iter().chain(&self.head).copied()
    }

    /// Of one file on each side the path does not count: a file that only moved grants what it did. Of
    /// several it does, because their rows are per file.
    fn differ(&self) -> bool {
        let content = |file: &&'a File| (file.kind, &file.blob);
        match (self.base.as_slice(), self.head.as_slice()) {
            ([before], [after]) => content(before) != content(after),
            (before, after) => {
                let differs =
                    |pair: (&&'a File, &&'a File)| pair.0.path != pair.1.path || content(pair.0) != content(pair.1);
                before.len() != after.len() || before.iter().zip(after).any(differs)
            }
        }
    }

    /// Whether files of it are at other places than before.
    fn moved(&self) -> bool {
        let paths = |files: &[&'a File]| files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>();
        !self.base.is_empty() && !self.head.is_empty() && paths(&self.base) != paths(&self.head)
    }

    fn need_project(&self, kind: HolderKind, library: &Library) -> bool {
        if self.head.len() > 1 || self.base.len() > 1 {
            return true;
        }
        if kind == HolderKind::PermissionSetGroup && self.both().any(|file| names_namespace(file, library)) {
            return true;
        }
        let newer = |files: &[&File]| -> Vec<&str> {
            let read = files.iter().filter_map(|file| parsed(file, library));
            read.flat_map(|parsed| newer_than(FIRST_PROJECTS, kind, parsed)).map(|newer| newer.element).collect()
        };
        let (before, after) = (newer(&self.base), newer(&self.head));
        after.iter().any(|element| !before.contains(element))
    }
}

fn parsed<'l>(file: &File, library: &'l Library) -> Option<&'l Parsed> {
    library.get(&(file.kind, file.blob.clone()))
}

/// Whether a group names a member with a namespace, which may be the project's own.
fn names_namespace(file: &File, library: &Library) -> bool {
    let members = parsed(file, library).into_iter().flat_map(|parsed| &parsed.properties);
    members.filter(|property| property.many).any(|property| namespaced(&property.value).is_some())
}

/// Excluded sets and muting sets, but for those that have a file that is not excluded.
fn excluded<'a>(
    base: &'a [File],
    head: &'a [File],
    known: impl Fn(&Identity) -> bool,
) -> BTreeMap<Identity, HolderFiles<'a>> {
    let is_member = |kind| matches!(kind, HolderKind::PermissionSet | HolderKind::MutingPermissionSet);
    let mut excluded = group(base, head);
    excluded.retain(|identity, _| is_member(identity.0) && !known(identity));
    excluded
}

fn group<'a>(base: &'a [File], head: &'a [File]) -> BTreeMap<Identity, HolderFiles<'a>> {
    let mut holders: BTreeMap<Identity, HolderFiles<'a>> = BTreeMap::new();
    let key = |file: &File| (file.kind.holder(), file.name.to_lowercase());
    for file in base {
        holders.entry(key(file)).or_default().base.push(file);
    }
    for file in head {
        holders.entry(key(file)).or_default().head.push(file);
    }
    holders
}
