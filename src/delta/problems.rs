//! What could not be read or understood, and whether the change brought it.

use std::collections::{BTreeMap, BTreeSet};

use crate::access::{Definition, Holder};
use crate::delta::groups::Group;
use crate::delta::plan::{HolderFiles, Identity, Plan};
use crate::delta::{Around, Comparison, FileProblem, GroupAccess, Library, Side, pairs};
use crate::error::{Cause, Problem};
use crate::source::{File, FileKind, Listing, Opaque};

/// The problems of a holder's files, on both sides.
pub(crate) fn of_holder<'l>(
    files: &HolderFiles<'l>,
    before: Option<&Holder<'l>>,
    after: Option<&Holder<'l>>,
    library: &'l Library,
) -> Vec<FileProblem<'l>> {
    let mut found = Vec::new();
    for (side, own, others) in [(Side::Base, &files.base, &files.head), (Side::Head, &files.head, &files.base)] {
        for file in own {
            let unchanged = others.iter().any(|other| other.path == file.path && same_content(file, other, library));
            found.extend(of_file(side, file, unchanged, library));
        }
    }
    found.extend(before.and_then(|holder| whole_and_parts(Side::Base, holder)));
    found.extend(after.and_then(|holder| whole_and_parts(Side::Head, holder)));
    found
}

/// The problems of sets and groups that were read only because a flow that changes names them. They count as
/// new: it is this change that needs to know what they say.
pub(crate) fn of_named<'l>(plan: &Plan<'l>, comparison: &Comparison<'l>, library: &'l Library) -> Vec<FileProblem<'l>> {
    let sides = [(Side::Base, &comparison.named_in_base), (Side::Head, &comparison.named_in_head)];
    let holders = sides.into_iter().flat_map(|(side, named)| named.holders.iter().map(move |holder| (side, holder)));
    let unchanged =
        holders.filter(|(_, holder)| !plan.holders.contains_key(&(holder.kind, holder.name.to_lowercase())));
    let files = unchanged.flat_map(|(side, holder)| {
        holder.definitions.iter().flat_map(Definition::files).map(move |file| (side, file.file))
    });
    let known = |found: &FileProblem<'_>| {
        comparison.problems.iter().any(|known| {
            (known.side, known.path, known.unchanged) == (found.side, found.path, false)
                && known.problem == found.problem
        })
    };
    files.flat_map(|(side, file)| of_file(side, file, false, library)).filter(|found| !known(found)).collect()
}

/// The problems of one file.
pub(crate) fn of_file<'l>(
    side: Side,
    file: &'l File,
    unchanged: bool,
    library: &'l Library,
) -> impl Iterator<Item = FileProblem<'l>> {
    let parsed = library.get(&(file.kind, file.blob.clone()));
    let problems = parsed.map(|parsed| parsed.problems.as_slice()).unwrap_or_default();
    problems.iter().map(move |problem| FileProblem {
        side,
        path: &file.path,
        bytes: parsed.map(|parsed| parsed.bytes.as_slice()),
        problem: problem.clone(),
        unchanged,
    })
}

/// Whether two files have the same content, as far as it was read.
pub(crate) fn same_content(file: &File, other: &File, library: &Library) -> bool {
    let bytes = |file: &File| library.get(&(file.kind, file.blob.clone())).map(|parsed| parsed.bytes.as_slice());
    file.blob == other.blob || (bytes(file).is_some_and(|bytes| !bytes.is_empty()) && bytes(file) == bytes(other))
}

/// A whole file beside a folder of parts for the same set: the platform reads one of them, which is not known.
pub(crate) fn whole_and_parts<'l>(side: Side, holder: &Holder<'l>) -> Option<FileProblem<'l>> {
    let mains = || holder.definitions.iter().map(|definition| definition.main().file);
    let parts = holder.definitions.iter().flat_map(Definition::files).find_map(|file| pairs::part_of(file.file))?;
    let whole = mains().find(|file| {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        file.kind == FileKind::PermissionSet && folder != parts
    })?;
    let problem = Problem { at: None, cause: Cause::WholeAndParts(parts.to_owned()) };
    Some(FileProblem { side, path: &whole.path, bytes: None, problem, unchanged: false })
}

/// The problems of holders that are the same on both sides, or excluded, and were read for the sake of groups.
///
/// They count as new where head's group names the holder and base's did not.
pub(crate) fn of_reached<'l>(
    plan: &Plan<'l>,
    affected: &BTreeMap<String, Group<'l>>,
    library: &'l Library,
) -> Vec<FileProblem<'l>> {
    let newly_named: BTreeSet<Identity> = affected.values().flat_map(Group::newly_named).collect();
    let read = |file: &File| library.get(&(file.kind, file.blob.clone())).is_some();
    let reached = plan.same.iter().chain(&plan.excluded).filter(|(_, files)| files.head.iter().any(|file| read(file)));
    reached
        .flat_map(|(identity, files)| {
            let unchanged = !newly_named.contains(identity) && !plan.differs(identity);
            files.head.iter().flat_map(move |file| of_file(Side::Head, file, unchanged, library))
        })
        .collect()
}

/// A group whose members hold more than is united in one run.
pub(crate) fn too_large<'l>(side: Side, group: &GroupAccess<'l>) -> Option<FileProblem<'l>> {
    let main = group.roster.holder.definitions[0].main();
    let problem = Problem { at: None, cause: Cause::TooManyUnited };
    let problem = FileProblem { side, path: &main.file.path, bytes: None, problem, unchanged: false };
    group.too_large.then_some(problem)
}

/// Links and submodules where permission files can be: by their path, or because a package directory is there.
pub(crate) fn opaque<'l>(base: &'l Listing, head: &'l Listing, around: &Around<'l>) -> Vec<FileProblem<'l>> {
    let on = |side: Side, own: &'l Listing, other: &'l Listing| {
        of_side(own, around, side).map(move |opaque| {
            let is_there = other.has_opaque(opaque);
            // What a package directory newly takes in is deployed for the first time.
            let packaged = |side| around.is_about_packages(side, &opaque.path);
            let newly = side == Side::Head && packaged(Side::Head) && !packaged(Side::Base);
            of_opaque(side, opaque, is_there && !newly)
        })
    };
    on(Side::Base, base, head).chain(on(Side::Head, head, base)).collect()
}

/// Those of one side.
pub(crate) fn of_side<'l>(listing: &'l Listing, around: &Around<'l>, side: Side) -> impl Iterator<Item = &'l Opaque> {
    let expected = move |opaque: &&Opaque| around.is_about_packages(side, &opaque.path);
    // A name that goes on is one to a deployment of the project only.
    let counts =
        move |opaque: &&Opaque| !matches!(opaque.cause, Cause::NameGoesOn(_)) || around.may_deploy(side, &opaque.path);
    listing.opaque.iter().filter(counts).chain(listing.elsewhere.iter().filter(expected))
}

/// A link or submodule.
pub(crate) fn of_opaque(side: Side, opaque: &Opaque, unchanged: bool) -> FileProblem<'_> {
    let problem = Problem { at: None, cause: opaque.cause.clone() };
    FileProblem { side, path: &opaque.path, bytes: None, problem, unchanged }
}
