//! The guarantee of `check --no-new-access`: no assignable holder of base gains a key or loses its gate, and
//! none is new.
//!
//! It is a set computation over the files, so it is proven for sets and groups whose members are among them,
//! deployed as they stand. For the rest the answer is that it is not proven, and why.

use std::collections::BTreeSet;

use crate::access::{Definition, Holder};
use crate::delta::confer::mutes;
use crate::delta::{Comparison, Declared, FileProblem, GroupAccess, HolderDelta, Side, Status};
use crate::error::{Cause, Problem};
use crate::metadata::Key;
use crate::source::HolderKind;

/// Whether a row breaks the guarantee.
pub fn gives_new_access(row: &HolderDelta<'_>) -> bool {
    if row.kind == HolderKind::MutingPermissionSet || row.status == Status::Removed {
        return false;
    }
    let Some(effective) = &row.effective else { return false };
    let gains = effective.gained.iter().any(|gained| gained.is_gain && gained.is_access());
    matches!(row.status, Status::Added | Status::Renamed) || gains || effective.gate_removed
}

/// Why the guarantee cannot be given though nothing breaks it; empty if it is proven. Sets that are components are
/// assigned to nobody: about them nothing is to be proven.
pub fn unproven<'l>(
    comparison: &Comparison<'l>,
    is_component: &dyn Fn(HolderKind, &str) -> bool,
) -> Vec<FileProblem<'l>> {
    let rows = comparison.holders.iter().filter(|row| !is_component(row.kind, row.name));
    let mut reasons: Vec<FileProblem<'l>> = rows.filter_map(of_row).collect();
    let both = comparison.pairs.iter().filter_map(|(base, head)| head.as_ref().and(base.as_ref()));
    let broken = comparison.pairs.iter().filter_map(|(base, head)| Some((base.as_ref()?, head.as_ref()?)));
    let broken = broken.filter(|(base, head)| base.broken() || head.broken()).map(|(_, head)| head);
    reasons.extend(broken.filter(|holder| !is_component(holder.kind, holder.name)).map(|holder| {
        let why = "a file of the holder could not be read: what it grants is not known";
        reason(&holder.definitions[0].main().file.path, Cause::Unproven(why))
    }));
    for holder in both.filter(|holder| !is_component(holder.kind, holder.name)) {
        let main = holder.definitions[0].main();
        if holder.definitions.len() > 1 {
            reasons.push(reason(
                &main.file.path,
                Cause::Unproven("several files define the holder, and which of them is deployed last is not known"),
            ));
        }
        if holder.definitions.iter().flat_map(Definition::files).any(|file| !file.parsed.conflicting.is_empty()) {
            reasons.push(reason(
                &main.file.path,
                Cause::Unproven("the file contradicts itself in base: what it granted there is not known"),
            ));
        }
    }
    reasons.extend(comparison.groups.iter().filter_map(of_group));
    // A new one is a problem by itself.
    let links = comparison.problems.iter().filter(|problem| problem.side == Side::Head && problem.unchanged);
    reasons.extend(links.filter_map(|problem| {
        let why = match problem.problem.cause {
            Cause::Symlink => "a link stands as it did, but what it leads to may say something else now",
            Cause::NameGoesOn(_) => "a deployment may take this file for another: which of the two counts is not known",
            _ => return None,
        };
        Some(reason(problem.path, Cause::Unproven(why)))
    }));
    if comparison.pairs.iter().any(mutes_less) {
        let why =
            "the group could not be read, and a muting set mutes less: whether it is one of the group is not known";
        let main = |group: &Holder<'l>| group.definitions[0].main().file;
        reasons.extend(comparison.broken_groups.iter().map(|group| reason(&main(group).path, Cause::Unproven(why))));
    }
    reasons
}

/// Whether a muting set of base is gone, or mutes less than it did.
pub(crate) fn mutes_less((base, head): &(Option<Holder<'_>>, Option<Holder<'_>>)) -> bool {
    let Some(base) = base.as_ref().filter(|base| base.kind == HolderKind::MutingPermissionSet) else { return false };
    let keys = |holder: &Holder<'_>| -> BTreeSet<Key> { mutes(holder).iter().map(|grant| grant.entry.key).collect() };
    base.broken() || head.as_ref().is_none_or(|head| head.broken() || !keys(base).is_subset(&keys(head)))
}

/// A group of which it is not certain what base gave: a key that head gives may be one that base did not.
fn of_group<'l>(group: &(Option<GroupAccess<'l>>, Option<GroupAccess<'l>>)) -> Option<FileProblem<'l>> {
    let (Some(base), Some(head)) = group else { return None };
    let unmutes = || base.effective.muted().iter().any(|muted| head.effective.muting(muted.entry.key).is_none());
    let why = if base.roster.holder.definitions.len() > 1 {
        "several files define the group in base: what it gave there is not known"
    } else if base.doubtful {
        "a member contradicts itself or has several files in base: what the group gave there is not known"
    } else if base.unknown.iter().any(|seat| seat.identity.0 == HolderKind::MutingPermissionSet) {
        "a muting set of the group is not among the files of base: what it took away there is not known"
    } else if head.unknown.iter().any(|seat| seat.identity.0 == HolderKind::PermissionSet) && unmutes() {
        "the group mutes less, and a member of it is not among the files: what comes back is not known"
    } else {
        return None;
    };
    let path = &head.roster.holder.definitions[0].main().file.path;
    Some(reason(path, Cause::Unproven(why)))
}

fn of_row<'l>(row: &HolderDelta<'l>) -> Option<FileProblem<'l>> {
    let effective = row.effective.as_ref().filter(|_| row.status != Status::Removed)?;
    if row.kind == HolderKind::Profile && !is_text_only(row) {
        let why = "a profile is laid over the org's own: what it leaves out keeps what it is there";
        return Some(reason(row.path, Cause::Unproven(why)));
    }
    let unknown = effective.unknown.iter().find(|unknown| !unknown.unchanged)?;
    let bytes = Some(unknown.step.bytes);
    let problem =
        Problem { at: Some(unknown.step.at), cause: Cause::Unproven("what this member grants is not among the files") };
    Some(FileProblem { side: Side::Head, path: unknown.step.path, bytes, problem, unchanged: false })
}

fn is_text_only(row: &HolderDelta<'_>) -> bool {
    let texts = ["label", "description"];
    row.declared.as_ref().is_none_or(Declared::is_empty)
        && row.properties.iter().all(|change| texts.contains(&change.name))
}

/// The reason that a file of head is not known: one that the policy excludes, and that differs.
pub fn excluded(path: &str) -> FileProblem<'_> {
    reason(path, Cause::Unproven("the policy excludes the file, and it differs: what it gives was not judged"))
}

/// The reason that permission files are deployed otherwise than they are written.
pub fn redirected(path: &str) -> FileProblem<'_> {
    reason(
        path,
        Cause::Unproven("the change to this file alters which permission files are deployed, or what they say then"),
    )
}

/// The reason that permission files are rewritten when they are deployed, now as before.
pub fn rewriting(path: &str) -> FileProblem<'_> {
    reason(
        path,
        Cause::Unproven(
            "it has a deployment make something else of permission files than they say: what, is not known",
        ),
    )
}

fn reason<'l>(path: &'l str, cause: Cause) -> FileProblem<'l> {
    FileProblem { side: Side::Head, path, bytes: None, problem: Problem { at: None, cause }, unchanged: false }
}
