//! What users gain and lose, added to the rows of what files state.

use std::collections::BTreeMap;

use crate::access::{Definition, Holder};
use crate::delta::compare::{Comparison, HolderDelta, Status};
use crate::delta::confer::Confer;
use crate::delta::groups::Group;
use crate::delta::plan::{Identity, Plan};
use crate::delta::{Declared, EffectiveDelta, FileProblem, Library, Side, groups, guarantee, manifests, problems};
use crate::source::{File, HolderKind};

/// Gives each row its effective delta, and each group that only its members affect a row.
pub(crate) fn add<'l>(plan: &Plan<'l>, library: &'l Library, comparison: &mut Comparison<'l>) {
    let mut confer = Confer::new(plan, library);
    let rows = first_rows(&comparison.holders);
    for (base, head) in &comparison.pairs {
        let Some(holder) = head.as_ref().or(base.as_ref()) else { continue };
        if !matches!(holder.kind, HolderKind::PermissionSet | HolderKind::Profile)
            || head.as_ref().is_some_and(Holder::broken)
        {
            continue;
        }
        let effective = confer.of_holder(base.as_ref(), head.as_ref());
        match rows.get(&(holder.kind, holder.name.to_lowercase())) {
            Some(row) => comparison.holders[*row].effective = Some(effective),
            // A second file that states nothing else can take the session gate away.
            None if !effective.is_empty() => comparison.holders.extend(affected_row(holder, effective)),
            None => {}
        }
    }
    let all = groups::all(plan, library);
    let heads = all.values().filter_map(|group| Some(&group.head.as_ref()?.holder));
    comparison.broken_groups = heads.filter(|group| group.broken()).cloned().collect();
    let affected: Groups<'l> = all.into_iter().filter(|(_, group)| group.is_affected(plan)).collect();
    comparison.problems.extend(problems::of_reached(plan, &affected, library));
    if comparison.pairs.iter().any(guarantee::mutes_less) {
        // Whom that gives something back to is not known, and it is the change that needs to know.
        let files = comparison.broken_groups.iter().flat_map(|group| &group.definitions).flat_map(Definition::files);
        let files: Vec<&'l File> = files.map(|file| file.file).collect();
        let of_group = |problem: &FileProblem<'_>| files.iter().any(|file| file.path == problem.path);
        comparison.problems.retain(|problem| problem.side == Side::Base || !of_group(problem));
        let new = files.iter().flat_map(|file| problems::of_file(Side::Head, file, false, library));
        comparison.problems.extend(new);
    }
    groups(affected, plan, library, &mut confer, &rows, comparison);
    let in_head = comparison.holders.iter().enumerate().filter(|(_, row)| row.status != Status::Removed);
    let mut effects = BTreeMap::new();
    for (at, row) in in_head {
        effects.entry((row.kind, row.name.to_lowercase())).or_insert(at);
    }
    comparison.effects = effects;
}

/// The first row of each holder: of several files it is the one that has the effective delta.
fn first_rows(rows: &[HolderDelta<'_>]) -> BTreeMap<Identity, usize> {
    let mut first = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        first.entry((row.kind, row.name.to_lowercase())).or_insert(at);
    }
    first
}

/// Groups by case-folded name.
type Groups<'l> = BTreeMap<String, Group<'l>>;

/// What the users of each group that the change can affect gain and lose.
fn groups<'l>(
    affected: Groups<'l>,
    plan: &Plan<'l>,
    library: &'l Library,
    confer: &mut Confer<'_, 'l>,
    rows: &BTreeMap<Identity, usize>,
    comparison: &mut Comparison<'l>,
) {
    for (name, group) in affected {
        let identity = (HolderKind::PermissionSetGroup, name);
        let files = plan.files(&identity);
        if files.is_some_and(|files| manifests::unknown(plan, library, identity.0, files)) {
            continue;
        }
        let (base, head) = confer.of_rosters(group);
        if head.as_ref().is_some_and(|group| group.roster.holder.broken()) {
            continue;
        }
        let sides = [(Side::Base, &base), (Side::Head, &head)];
        let too_large = sides.into_iter().filter_map(|(side, group)| problems::too_large(side, group.as_ref()?));
        let too_large: Vec<_> = too_large.collect();
        if !too_large.is_empty() {
            comparison.problems.extend(too_large);
            continue;
        }
        let effective = confer.of_group(base.as_ref(), head.as_ref());
        match (rows.get(&identity), head.as_ref().or(base.as_ref())) {
            (Some(row), _) => comparison.holders[*row].effective = Some(effective),
            (None, Some(group)) if !effective.is_empty() => {
                comparison.holders.extend(affected_row(&group.roster.holder, effective));
            }
            _ => {}
        }
        comparison.groups.push((base, head));
    }
}

/// The row of a holder whose own files state the same.
fn affected_row<'l>(holder: &Holder<'l>, effective: EffectiveDelta<'l>) -> Option<HolderDelta<'l>> {
    let file = holder.definitions.first()?.main().file;
    Some(HolderDelta {
        kind: holder.kind,
        name: &file.name,
        label: holder.label(),
        path: &file.path,
        status: Status::Affected,
        previous: None,
        properties: Vec::new(),
        declared: (holder.kind != HolderKind::PermissionSetGroup).then(Declared::default),
        muting: None,
        effective: Some(effective),
    })
}
