//! Lints about the files around the holders: what a deployment leaves out, writes otherwise, or takes for something else.

use std::collections::{BTreeSet, HashSet};

use globset::GlobMatcher;

use crate::delta::{ProjectFiles, Side, SideFile};
use crate::policy::lint::LintKind;
use crate::source::{File, FileKind, IgnoreLine, Project, Replacement};
use crate::text::{Reach, Span, glob, matcher};

/// Longest glob of a replacement that is compiled, in bytes.
const LONGEST: usize = 1_024;

/// What Salesforce's tools know to take as `sourceBehaviorOptions`; none changes what a suffix stands for.
const BEHAVIOURS: [&str; 7] = [
    "decomposeCustomLabelsBeta",
    "decomposeCustomLabelsBeta2",
    "decomposeExternalServiceRegistrationBeta",
    "decomposePermissionSetBeta",
    "decomposePermissionSetBeta2",
    "decomposeSharingRulesBeta",
    "decomposeWorkflowBeta",
];

/// One odd thing in a file of the project.
pub(super) struct ProjectLint<'l> {
    pub(super) kind: LintKind,
    pub(super) path: &'l str,
    pub(super) bytes: &'l [u8],
    pub(super) span: Span,
    pub(super) about: String,
    /// The permission files it is about.
    pub(super) files: Vec<String>,
    /// The line or the target, as written.
    pub(super) detail: String,
}

/// Lines of `.forceignore` that leave out permission files; those of base do not count.
pub(super) fn forceignore<'l>(around: &ProjectFiles<'l>) -> Vec<ProjectLint<'l>> {
    // In a comparison it may have been read for another reason.
    let read = around.ignore.filter(|_| !around.same_ignore);
    let Some((file, ignore)) = read.and_then(|file| Some((file, file.get()?))) else { return Vec::new() };
    let paths = || around.files.iter().map(|file| around.local(&file.path));
    let before = around.ignore_before.and_then(SideFile::get).map(|ignore| ignore.leaves_out(paths()));
    let is_old = |text: &str| before.iter().flatten().any(|(line, _)| line.text == text);
    let known: HashSet<&str> = before.iter().flatten().flat_map(|(_, paths)| paths.iter().copied()).collect();
    let is_new = |(line, paths): &(&IgnoreLine, Vec<&str>)| {
        !is_old(&line.text) && !paths.iter().all(|path| known.contains(path))
    };
    let found = ignore.leaves_out(paths()).into_iter().filter(is_new);
    let lint = |(line, paths): (&IgnoreLine, Vec<&str>)| ProjectLint {
        kind: LintKind::ForceIgnore,
        path: around.ignore_path,
        bytes: &file.bytes,
        span: Span { start: line.at, end: line.at + line.text.len() as u32 },
        about: format!("forceignore/{}", line.text),
        files: paths.into_iter().map(|path| format!("{}{path}", around.folder)).collect(),
        detail: line.text.clone(),
    };
    let mut lints: Vec<ProjectLint<'l>> = found.map(lint).collect();
    lints.dedup_by(|later, first| later.about == first.about);
    lints
}

/// The project file of head and what base's says, unless the two are the same.
fn changed<'l>(around: &ProjectFiles<'l>) -> Option<(&'l SideFile<Project>, &'l Project, Option<&'l Project>)> {
    // In a comparison the project file may have been read for another reason.
    let file = around.project.filter(|_| !around.same_project)?;
    Some((file, file.get()?, around.project_before.and_then(SideFile::get)))
}

/// Replacements in permission files; those that base has as well do not count.
pub(super) fn replacements<'l>(around: &ProjectFiles<'l>) -> Vec<ProjectLint<'l>> {
    let Some((file, project, before)) = changed(around) else { return Vec::new() };
    let before = before.map(Project::replacements).unwrap_or_default();
    let mut lints: Vec<ProjectLint<'l>> = Vec::new();
    for replacement in project.replacements().iter().filter(|replacement| !before.contains(replacement)) {
        let Some((target, files)) = matched(replacement, around) else { continue };
        let about = format!("replacements/{target}");
        if lints.iter().any(|lint| lint.about == about) {
            continue;
        }
        let span = place(&file.bytes, target);
        let (kind, detail) = (LintKind::Replacement, target.to_owned());
        lints.push(ProjectLint { kind, path: around.path, bytes: &file.bytes, span, about, files, detail });
    }
    lints
}

/// Whether a deployment makes something else of files than they say, be it new or not: by a replacement in permission
/// files, by types and suffixes of the project's own, or where another preset reads the parts of sets.
pub(super) fn rewrites(around: &ProjectFiles<'_>) -> bool {
    let Some(project) = around.project.and_then(SideFile::get) else { return false };
    let before = around.project_on(Side::Base).and_then(SideFile::get);
    let presets = |project: &Project| project.source_behavior_options().map(str::to_owned).collect::<BTreeSet<_>>();
    let in_parts = || around.files.iter().any(|file| file.kind == FileKind::PermissionSetPart);
    project.replacements().iter().any(|one| matched(one, around).is_some())
        || project.registry_customizations().is_some()
        || (before.is_some_and(|before| presets(before) != presets(project)) && in_parts())
}

/// Metadata types and suffixes of the project's own, and switches that nobody knows; those of base do not count.
pub(super) fn registry<'l>(around: &ProjectFiles<'l>) -> Vec<ProjectLint<'l>> {
    let Some((file, project, before)) = changed(around) else { return Vec::new() };
    let lint = |key: &str, about: String, detail: String| ProjectLint {
        kind: LintKind::Registry,
        path: around.path,
        bytes: &file.bytes,
        span: place(&file.bytes, key),
        about,
        files: Vec::new(),
        detail,
    };
    const CUSTOMIZATIONS: &str = "registryCustomizations";
    let customized = project.registry_customizations() != before.and_then(Project::registry_customizations);
    let mut lints = Vec::new();
    if customized {
        lints.push(lint(CUSTOMIZATIONS, format!("registry/{CUSTOMIZATIONS}"), CUSTOMIZATIONS.to_owned()));
    }
    if project.leaves_its_folder() && !before.is_some_and(Project::leaves_its_folder) {
        let detail = "a package directory outside of the project's folder".to_owned();
        lints.push(lint("packageDirectories", "packageDirectories/..".to_owned(), detail));
    }
    let is_old = |option: &str| before.is_some_and(|before| before.source_behavior_options().any(|old| old == option));
    let mut unknown: Vec<&str> = project.source_behavior_options().collect();
    unknown.retain(|option| !BEHAVIOURS.contains(option) && !is_old(option));
    unknown.sort_unstable();
    unknown.dedup();
    lints.extend(unknown.into_iter().map(|option| {
        lint(option, format!("sourceBehaviorOptions/{option}"), format!("the source behavior option {option}"))
    }));
    lints
}

/// The permission files a replacement is for, and by which of its two targets, as Salesforce's tools tell: the whole
/// path of the file, of which the folder of the checkout is not known here, ends in `filename`, or `**/` and `glob` match it.
fn matched<'r>(replacement: &'r Replacement, around: &ProjectFiles<'_>) -> Option<(&'r str, Vec<String>)> {
    let named = replacement.filename().map(|name| (name, Target::Filename(name)));
    let globbed = replacement.glob().map(|glob| (glob, Target::glob(glob)));
    let neither = named.is_none() && globbed.is_none();
    let targets: Vec<_> = named.into_iter().chain(globbed).chain(neither.then_some(("", Target::Begins("")))).collect();
    let is_for = |target: &Target<'_>, file: &&File| target.is_for(around.local(&file.path));
    let files = around.files.iter().filter(|file| targets.iter().any(|(_, target)| is_for(target, file)));
    let files: Vec<&File> = files.collect();
    let (text, _) = targets.iter().find(|(_, target)| files.iter().any(|file| is_for(target, file)))?;
    Some((text, files.into_iter().map(|file| file.path.clone()).collect()))
}

/// What a replacement is for.
enum Target<'r> {
    Filename(&'r str),
    Glob(Box<GlobMatcher>),
    /// A pattern of which nothing is known but how it begins: whatever it can be for counts.
    Begins(&'r str),
}

impl<'r> Target<'r> {
    fn glob(text: &'r str) -> Self {
        let clean = text.trim_start_matches("./").trim_start_matches('/');
        let readable = !clean.is_empty() && clean.len() <= LONGEST && is_common(clean);
        match readable.then(|| glob(clean, Reach::Folder).ok()).flatten() {
            Some(glob) => Self::Glob(Box::new(matcher(&glob))),
            None => {
                // What goes up a folder can be for any.
                let anywhere = ["..", "//", "/./"].iter().any(|sign| clean.contains(sign));
                let clean = if anywhere { "" } else { clean };
                let begins = clean.split(['(', '*', '?', '[', '{', '\\', '.', '@', '!', '+']).next();
                Self::Begins(begins.unwrap_or_default())
            }
        }
    }

    fn is_for(&self, path: &str) -> bool {
        match self {
            Self::Filename(name) => {
                let name = name.replace('\\', "/");
                let longer =
                    |name: &str| name.strip_suffix(path).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
                path.ends_with(&name) || longer(&name)
            }
            Self::Glob(glob) => folders_of(path).any(|path| glob.is_match(path)),
            Self::Begins(begins) => folders_of(path).any(|path| path.starts_with(begins)),
        }
    }
}

/// A path, and what is left of it without its first folders.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once(path).chain(path.match_indices('/').map(|(at, _)| &path[at + 1..]))
}

/// Whether a glob means the same to globset as to minimatch, or stands for more there.
fn is_common(glob: &str) -> bool {
    // Alternatives in brackets, ranges and folders above, classes by name, what a backslash does, empty alternatives.
    if ["(", "..", "/./", "//", "[:", "[.", "[=", "\\", "{,", ",,", ",}"].iter().any(|sign| glob.contains(sign)) {
        return false;
    }
    // Braces without a comma stand for themselves there.
    let mut commas: Vec<bool> = Vec::new();
    for sign in glob.chars() {
        match sign {
            '{' => commas.push(false),
            ',' => commas.iter_mut().last().into_iter().for_each(|comma| *comma = true),
            '}' if commas.pop() != Some(true) => return false,
            _ => {}
        }
    }
    commas.is_empty()
}

/// Where a text stands in JSON, if it is written the usual way; else the start of the file.
pub(super) fn place(json: &[u8], text: &str) -> Span {
    let written = serde_json::to_string(text).unwrap_or_default();
    let at = memchr::memmem::find(json, written.as_bytes());
    at.map_or(Span::default(), |at| Span { start: at as u32, end: (at + written.len()) as u32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "force-app/main/permissionsets/A.permissionset-meta.xml";

    #[test]
    fn a_filename_is_the_end_of_a_path() {
        let is_for = |name| Target::Filename(name).is_for(PATH);
        for name in [PATH, "A.permissionset-meta.xml", ".xml", "sets/A.permissionset-meta.xml", ""] {
            assert!(is_for(name), "{name}");
        }
        assert!(is_for("./force-app/main/permissionsets/A.permissionset-meta.xml"));
        assert!(is_for("/builds/x/force-app/main/permissionsets/A.permissionset-meta.xml"));
        for name in
            ["B.permissionset-meta.xml", "permissionsets/", "xforce-app/main/permissionsets/A.permissionset-meta.xml"]
        {
            assert!(!is_for(name), "{name}");
        }
    }

    #[test]
    fn a_glob_can_begin_in_any_folder_and_in_doubt_matches() {
        let is_for = |glob| Target::glob(glob).is_for(PATH);
        for glob in [
            "force-app/**/*.xml",
            "*.xml",
            "permissionsets/*",
            "./main/**",
            "/**/A.*",
            "**/{A,B}.*",
            "**/@(A|B).*",
            "main/x/../**",
            "**/{A}.*",
            "**/[[:upper:]].*",
            "**/\\A.*",
            "**/{1..3}.*",
            "**/A{,X}.permissionset-meta.xml",
            "{src/,}force-app/**",
            "**/{a",
            "",
        ] {
            assert!(is_for(glob), "{glob}");
        }
        let nested = format!("{}b{}", "{a,".repeat(125), "}".repeat(125));
        assert!(is_for(&nested));
        for glob in ["app/**", "force-app/*.xml", "classes/**/*.xml", "**/{B,C}.*", "classes/@(A|B).*"] {
            assert!(!is_for(glob), "{glob}");
        }
    }
}
