//! The delta of two snapshots, holder by holder.

use std::collections::BTreeMap;

use crate::access::{Definition, Holder, Sites, standard_label};
use crate::delta::confer::GroupAccess;
use crate::delta::declared::{self, Declared, Muting};
use crate::delta::plan::Identity;
use crate::delta::{
    Around, Audit, EffectiveDelta, FileProblem, Library, Plan, PropertyChange, RelatedPair, Side, Snapshot,
};
use crate::delta::{effects, exposed, manifests, pairs, problems, properties, rename};
use crate::metadata::Names;
use crate::source::{HolderKind, Listing};

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
    /// Its own files are the same, and what it confers is not.
    Affected,
}

impl Status {
    /// The word reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Renamed => "renamed",
            Self::Affected => "affected",
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

/// What changed in one definition of one holder.
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
    /// Grants that differ; `None` for muting sets and groups.
    pub declared: Option<Declared<'l>>,
    /// Muted keys that differ; for muting sets only.
    pub muting: Option<Muting<'l>>,
    /// What its users gain and lose; `None` for muting sets. Of a holder of several files the first row has it.
    pub effective: Option<EffectiveDelta<'l>>,
}

impl HolderDelta<'_> {
    fn is_empty(&self) -> bool {
        self.status == Status::Changed && self.properties.is_empty() && !self.grants_differ()
    }

    fn grants_differ(&self) -> bool {
        self.declared.as_ref().is_some_and(|declared| !declared.is_empty())
            || self.muting.as_ref().is_some_and(|muting| !muting.is_empty())
    }
}

/// Two snapshots, as far as they differ.
pub struct Comparison<'l> {
    /// The holders whose files differ, on both sides, by kind and name.
    pub pairs: Vec<(Option<Holder<'l>>, Option<Holder<'l>>)>,
    /// The groups the change can affect, on both sides, by name.
    pub groups: Vec<(Option<GroupAccess<'l>>, Option<GroupAccess<'l>>)>,
    /// Groups of head that could not be read: whom they name, and what the change does to them, is not known.
    pub(crate) broken_groups: Vec<Holder<'l>>,
    /// Profiles of head that sites give to people further out than before, their own files being the same.
    pub exposed: Vec<Holder<'l>>,
    /// What differs.
    pub holders: Vec<HolderDelta<'l>>,
    /// For each holder of head, the row of `holders` that has its effective delta.
    pub(crate) effects: BTreeMap<Identity, usize>,
    /// Files that decide what holders mean and differ.
    pub related: Vec<RelatedPair<'l>>,
    /// The sets and groups that flows among them name, in base.
    pub named_in_base: Snapshot<'l>,
    /// The same, in head.
    pub named_in_head: Snapshot<'l>,
    /// What base's sites tell about profiles.
    pub sites_of_base: Sites,
    /// What head's sites tell about profiles.
    pub sites_of_head: Sites,
    /// What could not be read or understood.
    pub problems: Vec<FileProblem<'l>>,
    /// What is around the holders.
    pub around: Around<'l>,
}

impl<'l> Comparison<'l> {
    /// Adds the problems of head as a whole. One that base has, too, is unchanged.
    pub fn add_problems_of(&mut self, base: &Audit<'l>, head: &Audit<'l>) {
        let same = |one: &FileProblem<'_>, other: &FileProblem<'_>| {
            one.path == other.path && one.problem.cause == other.problem.cause
        };
        for problem in &head.problems {
            if !self.problems.iter().any(|known| known.side == Side::Head && same(known, problem)) {
                let unchanged = base.problems.iter().any(|known| same(known, problem));
                self.problems.push(FileProblem { unchanged, ..problem.clone() });
            }
        }
    }

    /// What the users of a holder of head gain and lose; `None` if nothing differs for them.
    pub fn effective_of(&self, holder: &Holder<'l>) -> Option<&EffectiveDelta<'l>> {
        let row = self.effects.get(&(holder.kind, holder.name.to_lowercase()))?;
        self.holders[*row].effective.as_ref()
    }
}

/// Compares the two sides of a plan that was read: what files state, and what users get from it.
pub fn compare<'l>(plan: &Plan<'l>, base: &'l Listing, head: &'l Listing, library: &'l Library) -> Comparison<'l> {
    let mut comparison = compare_declared(plan, base, head, library);
    effects::add(plan, library, &mut comparison);
    comparison
}

/// Compares what files state, and nothing else.
pub fn compare_declared<'l>(
    plan: &Plan<'l>,
    base: &'l Listing,
    head: &'l Listing,
    library: &'l Library,
) -> Comparison<'l> {
    let mut comparison = Comparison {
        pairs: Vec::new(),
        groups: Vec::new(),
        broken_groups: Vec::new(),
        exposed: Vec::new(),
        holders: Vec::new(),
        effects: BTreeMap::new(),
        related: plan.related.pairs(library),
        named_in_base: plan.related.named(Side::Base, library),
        named_in_head: plan.related.named(Side::Head, library),
        sites_of_base: plan.related.sites(Side::Base, library),
        sites_of_head: plan.related.sites(Side::Head, library),
        problems: Vec::new(),
        around: Around::new(plan, Some(base), head, library),
    };
    comparison.problems.extend(problems::opaque(base, head, &comparison.around));
    comparison.problems.extend(plan.related.problems(library));
    comparison.problems.extend(comparison.around.problems());
    comparison.problems.extend(manifests::problems(plan, library));
    for ((kind, name), files) in &plan.holders {
        if manifests::unknown(plan, library, *kind, files) {
            continue;
        }
        let before = pairs::holder_on(Side::Base, *kind, files, library);
        let after = pairs::holder_on(Side::Head, *kind, files, library);
        if let (Some(before), Some(after)) = (&before, &after)
            && pairs::same_content(before, after)
        {
            if plan.set_gone && *kind == HolderKind::PermissionSetGroup {
                comparison.around.same_groups.push(after.clone());
            }
            continue;
        }
        comparison.problems.extend(problems::of_holder(files, before.as_ref(), after.as_ref(), library));
        let mut rows = rows(before.as_ref(), after.as_ref(), library.names());
        if after.is_none() && manifests::deletes(plan, library, *kind, name) {
            manifests::mark_deleted(&mut rows);
        }
        comparison.holders.extend(rows);
        comparison.pairs.push((before, after));
    }
    comparison.problems.extend(problems::of_named(plan, &comparison, library));
    let (profiles, unread) = exposed::profiles(plan, library);
    comparison.problems.extend(unread);
    let is_paired = |profile: &Holder<'l>| {
        let heads = comparison.pairs.iter().filter_map(|(_, head)| head.as_ref());
        heads.into_iter().any(|head| head.kind == profile.kind && head.name == profile.name)
    };
    comparison.exposed = profiles.into_iter().filter(|profile| !is_paired(profile)).collect();
    label_renames(&mut comparison);
    comparison
}

/// One row a definition. Of a head that could not be read nothing is claimed; a base that could not be
/// read counts as holding nothing, so that whatever head holds is shown.
fn rows<'l>(before: Option<&Holder<'l>>, after: Option<&Holder<'l>>, names: &Names) -> Vec<HolderDelta<'l>> {
    let status = match (before, after) {
        (None, _) => Status::Added,
        (_, None) => Status::Removed,
        _ => Status::Changed,
    };
    let definitions = |holder: Option<&Holder<'l>>| holder.map(|holder| holder.definitions.clone()).unwrap_or_default();
    let pairs = pairs::pair(&definitions(before), &definitions(after));
    // What a broken file of head holds may be what another file lost.
    let unknown = after.is_some_and(Holder::broken);
    let rows = pairs.iter().filter_map(|(old, new)| {
        let old = old.as_ref().filter(|old| !old.broken());
        match new.as_ref() {
            Some(new) if new.broken() => None,
            None if unknown => None,
            new => row(status, old, new, names),
        }
    });
    rows.filter(|row| !row.is_empty()).collect()
}

fn row<'l>(
    status: Status,
    old: Option<&Definition<'l>>,
    new: Option<&Definition<'l>>,
    names: &Names,
) -> Option<HolderDelta<'l>> {
    let definition = new.or(old)?;
    let file = definition.main().file;
    let kind = file.kind.holder();
    let was = old.filter(|_| new.is_some()).map(|old| old.main().file);
    let moved = was.filter(|was| was.path != file.path || was.name != file.name);
    let grants = matches!(kind, HolderKind::PermissionSet | HolderKind::Profile);
    Some(HolderDelta {
        kind,
        name: &file.name,
        label: definition.label().or_else(|| standard_label(&file.name).filter(|_| kind == HolderKind::Profile)),
        path: &file.path,
        status,
        previous: moved.map(|was| Previous { name: &was.name, path: &was.path }),
        properties: properties::compare(old, new),
        declared: grants.then(|| declared::compare(kind, old, new, names)),
        muting: (kind == HolderKind::MutingPermissionSet).then(|| declared::compare_muting(old, new)),
        effective: (kind != HolderKind::MutingPermissionSet).then(EffectiveDelta::default),
    })
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
                row.previous = Some(Previous { name: from.name, path: &from.definitions[0].main().file.path });
            }
        }
    }
}
