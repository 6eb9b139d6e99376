//! Profiles that are the same on both sides and whose users are not: a site of head gives them to people further out.

use std::collections::BTreeSet;

use crate::access::Holder;
use crate::delta::plan::{HolderFiles, Plan};
use crate::delta::{FileProblem, Library, Side, pairs, problems};
use crate::source::HolderKind;

/// Case-folded names of the profiles that head's sites give to people further out than base's do.
fn names(plan: &Plan<'_>, library: &Library) -> BTreeSet<String> {
    if !plan.related.has_changed_site() {
        return BTreeSet::new();
    }
    let sites = |side: Side| plan.related.sites(side, library);
    sites(Side::Head).further_out(&sites(Side::Base))
}

/// Their files, as far as they do not differ.
pub(crate) fn files<'p, 'a>(plan: &'p Plan<'a>, library: &Library) -> Vec<&'p HolderFiles<'a>> {
    names(plan, library).into_iter().filter_map(|name| plan.same.get(&(HolderKind::Profile, name))).collect()
}

/// These profiles, as they were read, with what of their files could not be read. That counts as new: it is this
/// change that needs to know.
pub(crate) fn profiles<'l>(plan: &Plan<'l>, library: &'l Library) -> (Vec<Holder<'l>>, Vec<FileProblem<'l>>) {
    let same = files(plan, library);
    let of_head = same.iter().flat_map(|files| files.head.iter().copied());
    let problems = of_head.flat_map(|file| problems::of_file(Side::Head, file, false, library)).collect();
    let all = names(plan, library);
    let files = all.into_iter().filter_map(|name| plan.files(&(HolderKind::Profile, name)));
    (files.filter_map(|files| pairs::holder(HolderKind::Profile, &files.head, library)).collect(), problems)
}
