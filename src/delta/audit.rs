//! One snapshot, for `audit`: every holder, nothing to compare with.

use crate::access::Holder;
use crate::delta::compare::opaque_problem;
use crate::delta::{FileProblem, Library, Plan, Side, pairs};
use crate::source::Listing;

/// All holders of a snapshot.
pub struct Audit<'l> {
    /// By kind and name.
    pub holders: Vec<Holder<'l>>,
    /// What could not be read or understood.
    pub problems: Vec<FileProblem<'l>>,
}

/// Takes stock of a plan that was read.
pub fn audit<'l>(plan: &Plan<'l>, snapshot: &'l Listing, library: &'l Library) -> Audit<'l> {
    let mut problems: Vec<FileProblem<'l>> =
        snapshot.opaque.iter().map(|opaque| opaque_problem(Side::Head, opaque, false)).collect();
    let mut holders = Vec::new();
    for ((kind, _), files) in &plan.holders {
        let Some(holder) = pairs::holder(*kind, &files.head, library) else { continue };
        for file in &holder.files {
            problems.extend(file.parsed.problems.iter().map(|problem| FileProblem {
                side: Side::Head,
                path: &file.file.path,
                parsed: Some(file.parsed),
                problem: problem.clone(),
                unchanged: false,
            }));
        }
        holders.push(holder);
    }
    Audit { holders, problems }
}
