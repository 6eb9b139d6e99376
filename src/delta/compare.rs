//! The delta of two snapshots: sorted runs, merged.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::access::{Grant, Holder, HolderFile};
use crate::delta::plan::HolderFiles;
use crate::delta::{FileProblem, Library, Plan, PropertyChange, Side, pairs, properties, rename};
use crate::metadata::{Entry, Names, Word};
use crate::source::{HolderKind, Listing, Opaque};

/// What became of a holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not in base.
    Added,
    /// Not in head.
    Removed,
    /// In both, and different.
    Changed,
    /// Not in base, and much like one that is not in head.
    Renamed,
}

impl Status {
    /// The word reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Renamed => "renamed",
        }
    }
}

/// Where a holder was in base, if under another name or path.
#[derive(Debug, Clone, Copy)]
pub struct Previous<'l> {
    /// Its API name.
    pub name: &'l str,
    /// Its path.
    pub path: &'l str,
}

/// The declared delta of one file of a holder, sorted by key.
#[derive(Debug, Clone, Default)]
pub struct Declared<'l> {
    /// Held in head, not in base.
    pub gained: Vec<Grant<'l>>,
    /// Held in base, not in head, and revoked when head is deployed.
    pub lost: Vec<Grant<'l>>,
    /// Held in base and no longer stated: deploying head does not revoke it.
    pub undeclared: Vec<Grant<'l>>,
}

/// What changed in one file of one holder.
#[derive(Debug, Clone)]
pub struct HolderDelta<'l> {
    /// Kind of the holder.
    pub kind: HolderKind,
    /// API name.
    pub name: &'l str,
    /// Label, head's if there is one.
    pub label: Option<&'l str>,
    /// Path, head's if there is one.
    pub path: &'l str,
    /// What became of it.
    pub status: Status,
    /// Where it was.
    pub previous: Option<Previous<'l>>,
    /// Properties that differ, by name.
    pub properties: Vec<PropertyChange<'l>>,
    /// Grants that differ.
    pub declared: Declared<'l>,
}

impl HolderDelta<'_> {
    fn is_empty(&self) -> bool {
        let declared = &self.declared;
        self.status == Status::Changed
            && self.properties.is_empty()
            && declared.gained.is_empty()
            && declared.lost.is_empty()
            && declared.undeclared.is_empty()
    }
}

/// Two snapshots, as far as they differ.
pub struct Comparison<'l> {
    /// The holders whose files differ, on both sides, by kind and name.
    pub pairs: Vec<(Option<Holder<'l>>, Option<Holder<'l>>)>,
    /// What differs.
    pub holders: Vec<HolderDelta<'l>>,
    /// What could not be read or understood.
    pub problems: Vec<FileProblem<'l>>,
}

/// Compares the two sides of a plan that was read.
pub fn compare<'l>(plan: &Plan<'l>, base: &'l Listing, head: &'l Listing, library: &'l Library) -> Comparison<'l> {
    let mut comparison = Comparison { pairs: Vec::new(), holders: Vec::new(), problems: opaque(base, head) };
    for ((kind, _), files) in &plan.holders {
        let before = pairs::holder(*kind, &files.base, library);
        let after = pairs::holder(*kind, &files.head, library);
        if let (Some(before), Some(after)) = (&before, &after)
            && pairs::same_content(before, after)
        {
            continue;
        }
        comparison.problems.extend(problems(files, library));
        comparison.holders.extend(rows(before.as_ref(), after.as_ref(), library.names()));
        comparison.pairs.push((before, after));
    }
    label_renames(&mut comparison);
    comparison
}

/// One row a file. Of a head that could not be read nothing is claimed; a base that could not be read
/// counts as holding nothing, so that whatever head holds is shown.
fn rows<'l>(before: Option<&Holder<'l>>, after: Option<&Holder<'l>>, names: &Names) -> Vec<HolderDelta<'l>> {
    let readable = |file: &HolderFile<'l>| !file.parsed.broken;
    if after.is_some_and(Holder::broken) {
        return Vec::new();
    }
    let files = |holder: Option<&Holder<'l>>| -> Vec<HolderFile<'l>> {
        holder.map(|holder| holder.files.iter().copied().filter(readable).collect()).unwrap_or_default()
    };
    let status = match (before, after) {
        (None, _) => Status::Added,
        (_, None) => Status::Removed,
        _ => Status::Changed,
    };
    let rows = pairs::pair(&files(before), &files(after)).into_iter().filter_map(|(old, new)| {
        let file = new.or(old)?;
        let moved = old.zip(new).filter(|(old, new)| old.file.path != new.file.path || old.file.name != new.file.name);
        Some(HolderDelta {
            kind: file.file.kind.holder(),
            name: &file.file.name,
            label: file.parsed.property("label").map(|label| label.value.as_str()),
            path: &file.file.path,
            status,
            previous: moved.map(|(old, _)| Previous { name: &old.file.name, path: &old.file.path }),
            properties: properties::compare(old, new),
            declared: hidden_fields(declared(old, new), new, names),
        })
    });
    rows.filter(|row| !row.is_empty()).collect()
}

/// Merges the held entries of two files. A set's file is the whole set (deploys since API 40), so what a
/// file drops is revoked; a file that disappears revokes nothing.
fn declared<'l>(before: Option<HolderFile<'l>>, after: Option<HolderFile<'l>>) -> Declared<'l> {
    let mut declared = Declared::default();
    let grant = |file: HolderFile<'l>| move |entry: &'l Entry| Grant { file, entry };
    let mut old = before.into_iter().flat_map(|file| file.parsed.held().map(grant(file))).peekable();
    let mut new = after.into_iter().flat_map(|file| file.parsed.held().map(grant(file))).peekable();
    let gone = if after.is_some() { &mut declared.lost } else { &mut declared.undeclared };
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return declared,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.entry.key.cmp(&new.entry.key),
        };
        if order == Ordering::Less {
            gone.extend(old.next());
        } else if order == Ordering::Greater {
            declared.gained.extend(new.next());
        } else {
            old.next();
            new.next();
        }
    }
}

/// While View All Fields is on for an object, its field permissions are neither written nor revoked: those
/// that are missing are not lost.
fn hidden_fields<'l>(mut declared: Declared<'l>, after: Option<HolderFile<'l>>, names: &Names) -> Declared<'l> {
    let objects: HashSet<&str> = after
        .into_iter()
        .flat_map(|file| file.parsed.held())
        .map(|entry| entry.key)
        .filter(|key| (key.section(), key.right()) == (Word::OBJECT_PERMISSIONS, Word::VIEW_ALL_FIELDS))
        .map(|key| names.name(key.folded()))
        .collect();
    if objects.is_empty() {
        return declared;
    }
    let is_hidden = |grant: &Grant<'l>| {
        let key = grant.entry.key;
        let object = names.name(key.folded()).split_once('.').map(|(object, _)| object);
        key.section() == Word::FIELD_PERMISSIONS && object.is_some_and(|object| objects.contains(object))
    };
    let (hidden, lost) = declared.lost.into_iter().partition(is_hidden);
    declared.lost = lost;
    declared.undeclared.extend::<Vec<_>>(hidden);
    declared
}

fn label_renames(comparison: &mut Comparison<'_>) {
    let only = |pair: &(Option<Holder<'_>>, Option<Holder<'_>>)| pair.0.is_some() != pair.1.is_some();
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for pair in comparison.pairs.iter().filter(|pair| only(pair)) {
        removed.extend(pair.0.clone().filter(|holder| !holder.broken()));
        added.extend(pair.1.clone().filter(|holder| !holder.broken()));
    }
    for (from, to) in rename::pairs(&removed, &added) {
        let (from, to) = (&removed[from], &added[to]);
        for row in &mut comparison.holders {
            if row.kind == to.kind && row.name == to.name && row.status == Status::Added {
                row.status = Status::Renamed;
                row.previous = Some(Previous { name: from.name, path: &from.files[0].file.path });
            }
        }
    }
}

/// The problems of a holder's files.
fn problems<'l>(files: &HolderFiles<'l>, library: &'l Library) -> Vec<FileProblem<'l>> {
    let mut found = Vec::new();
    for (side, own, others) in [(Side::Base, &files.base, &files.head), (Side::Head, &files.head, &files.base)] {
        for file in own {
            let Some(parsed) = library.get(&(file.kind, file.blob.clone())) else { continue };
            let unchanged = others.iter().any(|other| {
                let same_bytes = || {
                    library
                        .get(&(other.kind, other.blob.clone()))
                        .is_some_and(|twin| twin.bytes == parsed.bytes && !parsed.bytes.is_empty())
                };
                other.path == file.path && (other.blob == file.blob || same_bytes())
            });
            found.extend(parsed.problems.iter().map(|problem| FileProblem {
                side,
                path: &file.path,
                parsed: Some(parsed),
                problem: problem.clone(),
                unchanged,
            }));
        }
    }
    found
}

/// Links and submodules where permission files can be.
fn opaque<'l>(base: &'l Listing, head: &'l Listing) -> Vec<FileProblem<'l>> {
    let on = |side: Side, own: &'l [Opaque], others: &'l [Opaque]| {
        own.iter().map(move |opaque| opaque_problem(side, opaque, others.contains(opaque)))
    };
    on(Side::Base, &base.opaque, &head.opaque).chain(on(Side::Head, &head.opaque, &base.opaque)).collect()
}

pub(crate) fn opaque_problem(side: Side, opaque: &Opaque, unchanged: bool) -> FileProblem<'_> {
    let problem = crate::error::Problem { at: None, cause: opaque.cause.clone() };
    FileProblem { side, path: &opaque.path, parsed: None, problem, unchanged }
}
