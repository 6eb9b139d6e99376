//! Lints about the files around the holders: what a deployment leaves out, or writes otherwise.

use globset::{GlobBuilder, GlobMatcher};

use crate::delta::{Around, FORCEIGNORE, PROJECT, SideFile};
use crate::policy::lint::LintKind;
use crate::source::{Listing, Project, Replacement, relative_path};
use crate::text::Span;

/// One odd thing in a file of the project.
pub(super) struct ProjectLint<'l> {
    pub(super) kind: LintKind,
    pub(super) path: &'static str,
    pub(super) bytes: &'l [u8],
    pub(super) span: Span,
    pub(super) about: String,
    /// The permission files it is about.
    pub(super) files: Vec<String>,
    /// The line or the target, as written.
    pub(super) detail: String,
}

/// Lines of `.forceignore` that leave out permission files; those of base do not count.
pub(super) fn forceignore<'l>(around: &Around<'l>) -> Vec<ProjectLint<'l>> {
    // In a comparison it may have been read for another reason.
    let read = around.ignore.filter(|_| around.base.is_none() || !around.same_ignore);
    let Some((file, ignore)) = read.and_then(|file| Some((file, file.get()?))) else { return Vec::new() };
    let paths = || around.head.files.iter().map(|file| file.path.as_str());
    let before = around.ignore_before.and_then(SideFile::get).map(|ignore| ignore.leaves_out(paths()));
    let is_old = |text: &str| before.iter().flatten().any(|(line, _)| line.text == text);
    let found = ignore.leaves_out(paths()).into_iter().filter(|(line, _)| !is_old(&line.text));
    let lint = |(line, paths): (&crate::source::IgnoreLine, Vec<&str>)| ProjectLint {
        kind: LintKind::ForceIgnore,
        path: FORCEIGNORE,
        bytes: &file.bytes,
        span: Span { start: line.at, end: line.at + line.text.len() as u32 },
        about: format!("forceignore/{}", line.text),
        files: paths.into_iter().map(str::to_owned).collect(),
        detail: line.text.clone(),
    };
    let mut lints: Vec<ProjectLint<'l>> = found.map(lint).collect();
    lints.dedup_by(|later, first| later.about == first.about);
    lints
}

/// Replacements in permission files; those that base has as well do not count.
pub(super) fn replacements<'l>(around: &Around<'l>) -> Vec<ProjectLint<'l>> {
    let of = |file: Option<&'l SideFile<Project>>| file.and_then(|file| Some((file, file.get()?)));
    // In a comparison the project file may have been read for another reason.
    let same = around.base.is_some_and(|base| base.project == around.head.project);
    let Some((file, project)) = of(around.project).filter(|_| !same) else { return Vec::new() };
    let before = of(around.project_before).map(|(_, project)| project.replacements()).unwrap_or_default();
    let mut lints: Vec<ProjectLint<'l>> = Vec::new();
    for replacement in project.replacements().iter().filter(|replacement| !before.contains(replacement)) {
        let (target, about) = (replacement.target(), format!("replacements/{}", replacement.target()));
        let files = matched(replacement, around.head);
        if files.is_empty() || lints.iter().any(|lint| lint.about == about) {
            continue;
        }
        let span = place(&file.bytes, target);
        let detail = target.to_owned();
        lints.push(ProjectLint {
            kind: LintKind::Replacement,
            path: PROJECT,
            bytes: &file.bytes,
            span,
            about,
            files,
            detail,
        });
    }
    lints
}

/// The permission files a replacement is for.
fn matched(replacement: &Replacement, listing: &Listing) -> Vec<String> {
    let target = relative_path(replacement.target());
    let glob = replacement.is_glob().then(|| glob(target)).flatten();
    // The platform's tools know more patterns, as `@(A|B)`: of these nothing is known but where they begin.
    let begins = target.split(['(', '*', '?', '[', '{']).next().unwrap_or_default();
    let begins = begins.trim_end_matches(['@', '!', '+']);
    let is_target = |path: &str| match (&glob, replacement.is_glob()) {
        (_, true) if target.contains('(') => path.starts_with(begins),
        (Some(glob), _) => glob.is_match(path),
        (None, true) => path.starts_with(begins),
        (None, false) => path == target,
    };
    let files = listing.files.iter().filter(|file| is_target(&file.path));
    files.map(|file| file.path.clone()).collect()
}

fn glob(target: &str) -> Option<GlobMatcher> {
    // As everywhere: a glob of any length is no glob.
    let short = Some(target).filter(|target| !target.is_empty() && target.len() <= 1_024);
    short
        .and_then(|target| GlobBuilder::new(target).literal_separator(true).build().ok())
        .map(|glob| glob.compile_matcher())
}

/// Where a text stands in JSON, if it is written the usual way; else the start of the file.
pub(super) fn place(json: &[u8], text: &str) -> Span {
    let written = serde_json::to_string(text).unwrap_or_default();
    let at = memchr::memmem::find(json, written.as_bytes());
    at.map_or(Span::default(), |at| Span { start: at as u32, end: (at + written.len()) as u32 })
}
