//! The elements of a group's own file by which it takes in what a finding is about.

use std::collections::HashSet;

use crate::access::{Definition, Holder, HolderFile};
use crate::delta::{Audit, Comparison, GroupAccess, Member};
use crate::metadata::Names;
use crate::policy::{Finding, SubjectKind};
use crate::source::HolderKind;
use crate::text::Span;

/// An element that names a member.
#[derive(Clone, Copy)]
pub(super) struct Taken<'l> {
    pub(super) file: HolderFile<'l>,
    pub(super) span: Span,
    /// Whether it is what the change does: the group did not name the member, whose file is as it was.
    pub(super) is_cause: bool,
}

/// The groups that findings are about.
pub(super) struct Members<'a, 'l> {
    groups: Vec<(Option<&'a GroupAccess<'l>>, &'a GroupAccess<'l>)>,
    /// What a change is; `None` for a state.
    change: Option<&'a Comparison<'l>>,
    /// Files of head that base has not got as they are.
    touched: HashSet<&'l str>,
    names: &'a Names,
}

impl<'a, 'l> Members<'a, 'l> {
    pub(super) fn of_change(comparison: &'a Comparison<'l>, names: &'a Names) -> Self {
        let groups = comparison.groups.iter();
        let groups = groups.filter_map(|(base, head)| Some((base.as_ref(), head.as_ref()?))).collect();
        let mut touched = HashSet::new();
        for (base, head) in &comparison.pairs {
            let old: Vec<HolderFile<'l>> = base.iter().flat_map(files).collect();
            let same = |file: &HolderFile<'l>| {
                old.iter().any(|other| other.file.path == file.file.path && other.same_content(file))
            };
            let new = head.iter().flat_map(files).filter(|file| !same(file));
            touched.extend(new.map(|file| file.file.path.as_str()));
        }
        Self { groups, change: Some(comparison), touched, names }
    }

    pub(super) fn of_audit(audit: &'a Audit<'l>, names: &'a Names) -> Self {
        let groups = audit.groups.iter().map(|group| (None, group)).collect();
        Self { groups, change: None, touched: HashSet::new(), names }
    }

    /// By which members of its group a finding comes to be: first those of the element it stands on, then, of a
    /// finding about several grants, those that a change brings the others by. What the change does comes first.
    pub(super) fn of(&self, finding: &Finding<'l>) -> Vec<Taken<'l>> {
        let is_group = matches!(finding.subject.kind, SubjectKind::Holder(HolderKind::PermissionSetGroup));
        if !is_group || finding.keys.is_empty() || finding.gone.is_some() {
            return Vec::new();
        }
        let named = |(_, head): &&(_, &GroupAccess<'l>)| head.roster.holder.name == finding.subject.name;
        let Some((base, head)) = self.groups.iter().find(named) else { return Vec::new() };
        let mut members = head.members_with(finding.path, finding.span.start);
        if finding.keys.len() > 1 {
            members.extend(self.of_others(finding, head));
        }
        let mut seen = HashSet::new();
        members.retain(|member| seen.insert(std::ptr::from_ref(member.element)));
        let untouched = self.change.is_some() && !self.touched.contains(finding.path);
        let is_cause = |member: &Member<'l>| untouched && base.is_none_or(|base| !base.names(member));
        let mut taken: Vec<Taken<'l>> = members
            .into_iter()
            .map(|member| Taken { file: member.file, span: member.element.span, is_cause: is_cause(member) })
            .collect();
        taken.sort_by_key(|taken| !taken.is_cause);
        taken
    }

    /// The members that bring the grants of a finding which are new.
    fn of_others<'g>(&self, finding: &Finding<'l>, head: &'g GroupAccess<'l>) -> Vec<&'g Member<'l>> {
        let effective = self.change.and_then(|comparison| comparison.effective_of(&head.roster.holder));
        let keys: HashSet<&str> = finding.keys.iter().map(String::as_str).collect();
        let gained = effective.iter().flat_map(|effective| &effective.gained);
        let paths = gained.filter(|gained| keys.contains(gained.key(self.names).as_str())).flat_map(|of| &of.paths);
        let firsts: HashSet<(&str, u32)> =
            paths.filter_map(|path| path.first()).map(|step| (step.path, step.at)).collect();
        let is_first =
            |member: &&Member<'l>| firsts.contains(&(member.file.file.path.as_str(), member.element.span.start));
        head.roster.of_kind(HolderKind::PermissionSet).filter(is_first).collect()
    }
}

fn files<'l>(holder: &Holder<'l>) -> Vec<HolderFile<'l>> {
    holder.definitions.iter().flat_map(Definition::files).copied().collect()
}
