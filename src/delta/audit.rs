//! One snapshot, for `audit`: every holder, nothing to compare with.

use crate::access::{Holder, Sites};
use crate::delta::confer::{Confer, GroupAccess};
use crate::delta::{Around, FileProblem, Library, Plan, RelatedPair, Side, groups, pairs, problems};
use crate::source::Listing;

/// All holders of a snapshot.
pub struct Audit<'l> {
    /// By kind and name.
    pub holders: Vec<Holder<'l>>,
    /// What each group confers, by name.
    pub groups: Vec<GroupAccess<'l>>,
    /// Files that decide what holders mean.
    pub related: Vec<RelatedPair<'l>>,
    /// What sites tell about profiles.
    pub sites: Sites,
    /// What could not be read or understood.
    pub problems: Vec<FileProblem<'l>>,
    /// What is around them.
    pub around: Around<'l>,
}

/// Takes stock of a plan that was read.
pub fn audit<'l>(plan: &Plan<'l>, snapshot: &'l Listing, library: &'l Library) -> Audit<'l> {
    let around = Around::new(plan, None, snapshot, library);
    let opaque = problems::of_side(snapshot, &around, Side::Head);
    let mut problems: Vec<FileProblem<'l>> =
        opaque.map(|opaque| problems::of_opaque(Side::Head, opaque, false)).collect();
    let mut holders = Vec::new();
    for ((kind, _), files) in &plan.holders {
        let Some(holder) = pairs::holder(*kind, &files.head, library) else { continue };
        problems.extend(files.head.iter().flat_map(|file| problems::of_file(Side::Head, file, false, library)));
        problems.extend(problems::whole_and_parts(Side::Head, &holder));
        holders.push(holder);
    }
    problems.extend(plan.related.problems(library));
    let (related, sites) = (plan.related.pairs(library), plan.related.sites(Side::Head, library));
    let mut confer = Confer::new(plan, library);
    let groups: Vec<GroupAccess<'l>> =
        groups::all(plan, library).into_values().filter_map(|group| confer.of_rosters(group).1).collect();
    problems.extend(groups.iter().filter_map(|group| problems::too_large(Side::Head, group)));
    problems.extend(around.problems());
    Audit { holders, groups, related, sites, problems, around }
}
