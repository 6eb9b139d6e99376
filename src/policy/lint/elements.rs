//! Lints about elements: of another type, out of place, newer than the project.

use crate::access::{HolderFile, newer_than};
use crate::metadata::{Names, Oddity};
use crate::policy::lint::{Lint, LintKind};
use crate::source::{HolderKind, Project};
use crate::text::clip;

/// What the reader found odd.
pub(super) fn oddities<'l>(file: &HolderFile<'l>, names: &Names, lints: &mut Vec<Lint<'l>>) {
    let root = file.file.kind.holder().metadata_type();
    for oddity in &file.parsed.oddities {
        let (element, at, detail) = match oddity {
            Oddity::Misplaced { element, at } => {
                (element, at, format!("Element {} invalid at this location in type {root}", clip(element)))
            }
            Oddity::Scattered { element, at } | Oddity::Repeated { element, at } => {
                (element, at, format!("Element {} is duplicated at this location in type {root}", clip(element)))
            }
            Oddity::Hidden { field, at } => {
                let name = names.name(*field).to_owned();
                let about = format!("fieldPermissions/{name}/hidden");
                let lint = Lint::element(LintKind::LegacyHidden, *file, *at, about, String::new());
                lints.push(Lint { name, ..lint });
                continue;
            }
        };
        lints.push(Lint::element(LintKind::Misplaced, *file, *at, element.clone(), detail));
    }
}

/// Children that only a profile's entries have. They are read as properties named `<element>/<name>/<child>`.
pub(super) fn misplaced_children<'l>(file: &HolderFile<'l>, lints: &mut Vec<Lint<'l>>) {
    if !matches!(file.file.kind.holder(), HolderKind::PermissionSet | HolderKind::MutingPermissionSet) {
        return;
    }
    for property in &file.parsed.properties {
        let of_profiles = |element: &str, child: &str| {
            let inside = property.name.strip_prefix(element).and_then(|rest| rest.strip_prefix('/'));
            inside.is_some_and(|rest| rest.strip_suffix(child).is_some_and(|rest| rest.ends_with('/')))
        };
        let child = if of_profiles("recordTypeVisibilities", "personAccountDefault") {
            "personAccountDefault"
        } else if ["recordTypeVisibilities", "applicationVisibilities"].iter().any(|of| of_profiles(of, "default")) {
            "default"
        } else {
            continue;
        };
        let root = file.file.kind.holder().metadata_type();
        let element = property.name.split('/').next().unwrap_or_default();
        let detail = format!("Element {child} invalid at this location in type {root}, in {element}");
        lints.push(Lint::element(LintKind::Misplaced, *file, property.span.start, property.name.clone(), detail));
    }
}

/// Elements that a deployment with the project's API version refuses.
///
/// Only in source format: what is in metadata format is deployed with a manifest of its own.
pub(super) fn newer<'l>(file: &HolderFile<'l>, project: Option<&Project>, lints: &mut Vec<Lint<'l>>) {
    let Some(version) = project.and_then(Project::source_api_version) else { return };
    let length = file.file.path.len();
    let is_source = length.checked_sub("-meta.xml".len()).and_then(|at| file.file.path.get(at..));
    if !is_source.is_some_and(|end| end.eq_ignore_ascii_case("-meta.xml")) {
        return;
    }
    for newer in newer_than(version, file.file.kind.holder(), file.parsed) {
        let detail =
            format!("Property '{}' not valid in version {version}.0, it came with {}.0", newer.element, newer.since);
        lints.push(Lint::element(LintKind::NewerElement, *file, newer.at, newer.element.to_owned(), detail));
    }
}
