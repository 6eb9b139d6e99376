//! The answer of `who` with its lines.

use crate::delta::{Assignable, FileProblem, ReadCount, Who};
use crate::metadata::Names;
use crate::report::build::{Builder, source};
use crate::report::{Read, SCHEMA_VERSION, Tool, WhoMatch, WhoMuted, WhoReport, WhoSummary, WhoUnknown};
use crate::source::Origin;

/// The report of `who`.
pub fn of_who<'l>(
    grant: &str,
    head: &Origin,
    who: &Who<'l>,
    problems: &[FileProblem<'l>],
    names: &Names,
    read: ReadCount,
) -> WhoReport {
    let mut builder = Builder::new(names, None);
    let mut problems: Vec<_> = problems.iter().map(|problem| builder.problem(problem)).collect();
    problems.sort_by(|a, b| (&a.path, a.line, &a.message).cmp(&(&b.path, b.line, &b.message)));
    WhoReport {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        command: "who",
        complete: problems.is_empty(),
        head: source(head),
        problems,
        grant: grant.to_owned(),
        matches: builder.matches(who),
        muted: builder.muted(who),
        unknown: builder.unknown(who),
        summary: WhoSummary { read: Read { blobs: read.blobs, bytes: read.bytes } },
    }
}

impl<'l> Builder<'_, 'l> {
    pub(super) fn matches(&mut self, who: &Who<'l>) -> Vec<WhoMatch> {
        let mut matches = Vec::with_capacity(who.conferred.len());
        for conferred in &who.conferred {
            let Assignable { kind, name, label, path, gate } = conferred.holder;
            matches.push(WhoMatch {
                kind: kind.as_str(),
                name: name.to_owned(),
                label: label.map(str::to_owned),
                path: path.to_owned(),
                gate: gate.as_str(),
                grant: conferred.grant.clone(),
                through: conferred.way.through.clone(),
                paths: self.paths(&conferred.way.paths),
            });
        }
        matches.sort_by(|a, b| {
            (a.kind, &a.name, &a.path, &a.grant, &a.through).cmp(&(b.kind, &b.name, &b.path, &b.grant, &b.through))
        });
        matches
    }

    pub(super) fn muted(&mut self, who: &Who<'l>) -> Vec<WhoMuted> {
        let mut all = Vec::with_capacity(who.muted.len());
        for muted in &who.muted {
            let Assignable { kind, name, label, path, gate } = muted.holder;
            all.push(WhoMuted {
                kind: kind.as_str(),
                name: name.to_owned(),
                label: label.map(str::to_owned),
                path: path.to_owned(),
                gate: gate.as_str(),
                grant: muted.grant.clone(),
                through: muted.stopped.through.clone(),
                perhaps: muted.stopped.perhaps,
                key: muted.stopped.key.clone(),
                by: self.step(&muted.stopped.by),
                paths: self.paths(&muted.stopped.paths),
            });
        }
        all.sort_by(|a, b| {
            (a.kind, &a.name, &a.path, &a.grant, &a.through, a.perhaps, &a.key)
                .cmp(&(b.kind, &b.name, &b.path, &b.grant, &b.through, b.perhaps, &b.key))
        });
        all
    }

    pub(super) fn unknown(&mut self, who: &Who<'l>) -> Vec<WhoUnknown> {
        let mut all = Vec::with_capacity(who.unknown.len());
        for unknown in &who.unknown {
            let Assignable { kind, name, label, path, gate } = unknown.holder;
            let member = unknown.member.as_ref().map(|member| self.step(member));
            all.push(WhoUnknown {
                kind: kind.as_str(),
                name: name.to_owned(),
                label: label.map(str::to_owned),
                gate: gate.as_str(),
                member: member.as_ref().map(|member| member.name.clone()),
                member_kind: member.as_ref().map(|member| member.kind),
                path: member.as_ref().map_or_else(|| path.to_owned(), |member| member.path.clone()),
                line: member.map(|member| member.line),
            });
        }
        all.sort_by(|a, b| {
            (a.kind, &a.name, &a.path, a.member_kind, &a.member).cmp(&(
                b.kind,
                &b.name,
                &b.path,
                b.member_kind,
                &b.member,
            ))
        });
        all
    }
}
