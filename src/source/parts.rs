//! Parts of decomposed permission sets, and whose they are: as Salesforce's source-deploy-retrieve tells, with either of
//! its presets `decomposePermissionSetBeta` and `decomposePermissionSetBeta2`.
//!
//! A part belongs to the set whose folder lies right below the last `permissionsets` of its path, however deep it lies
//! there. A file named as the folder it is in makes that folder a set, and then that set takes all there is.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Cause;
use crate::source::layout::{decode, strip_suffix_fold};
use crate::source::{File, FileKind, Opaque};

/// Whether a file inside a decomposed set's folder is a part of it, by its name without `-meta.xml`: those that
/// `decomposePermissionSetBeta` and `decomposePermissionSetBeta2` write, and their like.
///
/// Later versions of the platform's tools will write more kinds: what ends like one is read as a part, and what
/// cannot be read is a problem. Passed over it would be access that nobody sees.
pub(super) fn is_part(stem: &str) -> bool {
    const ENDINGS: [&str; 9] =
        ["access", "accesses", "permission", "permissions", "scope", "scopes", "setting", "settings", "visibility"];
    let suffix = stem.rsplit_once('.').map(|(_, suffix)| suffix.to_ascii_lowercase());
    suffix.is_some_and(|suffix| ENDINGS.iter().any(|ending| suffix.ends_with(ending)))
}

/// Folders inside a decomposed set's own, one for each section.
const SECTION_FOLDERS: [&str; 20] = [
    "agentaccesses",
    "applicationvisibilities",
    "classaccesses",
    "custommetadatatypeaccesses",
    "custompermissions",
    "customsettingaccesses",
    "dataspacescopes",
    "emailroutingaddressaccesses",
    "externalcredentialprincipalaccesses",
    "externaldatasourceaccesses",
    "fieldpermissions",
    "flowaccesses",
    "gencomputingsummarydefaccesses",
    "objectpermissions",
    "objectsettings",
    "pageaccesses",
    "recordtypevisibilities",
    "servicepresencestatusaccesses",
    "tabsettings",
    "userpermissions",
];

/// Where below `permissionsets` a file lies. Elsewhere a `.customPermission` is a custom permission, not a part.
struct Place<'p> {
    path: &'p str,
    /// Where the path goes on below `permissionsets/`.
    below: usize,
    /// The folders from there on.
    folders: Vec<&'p str>,
    /// The file's name without its suffix.
    name: &'p str,
}

impl<'p> Place<'p> {
    fn of(path: &'p str) -> Option<Self> {
        let (folder, file) = path.rsplit_once('/')?;
        let folders: Vec<&str> = folder.split('/').collect();
        let exactly = folders.iter().rposition(|folder| *folder == "permissionsets");
        let at = exactly.or_else(|| folders.iter().rposition(|one| one.eq_ignore_ascii_case("permissionsets")))?;
        let below = folders[..=at].iter().map(|folder| folder.len() + 1).sum();
        let stem = strip_suffix_fold(file, "-meta.xml").unwrap_or(file);
        let name = stem.rsplit_once('.').map_or(stem, |(name, _)| name);
        Some(Self { path, below, folders: folders[at + 1..].to_vec(), name })
    }

    /// Whether the file is named as its folder, which makes that one a set's.
    fn is_root(&self) -> bool {
        self.folders.last() == Some(&self.name)
    }

    /// The path of the folder right below `permissionsets`.
    fn top(&self) -> Option<&'p str> {
        self.folders.first().map(|top| &self.path[..self.below + top.len()])
    }

    /// Whether it lies where the tools write parts: in the set's folder, or in that of a section there.
    fn is_usual(&self) -> bool {
        match self.folders.as_slice() {
            [_] => true,
            [_, section] => SECTION_FOLDERS.iter().any(|known| section.eq_ignore_ascii_case(known)),
            _ => false,
        }
    }
}

/// The set, by its encoded name, that a part at `path` belongs to, as far as its own path tells.
pub(super) fn set_of(path: &str) -> Option<&str> {
    let place = Place::of(path)?;
    let own = place.is_root() || place.folders.is_empty();
    Some(if own { place.name } else { place.folders[0] }).filter(|name| !name.is_empty())
}

/// The folder of the decomposed set `name` that a part at `path` belongs to: `…/permissionsets/…/My_PS`.
///
/// Of a part right in `permissionsets`, its path without the suffix.
pub fn set_folder<'p>(path: &'p str, name: &str) -> Option<&'p str> {
    let place = Place::of(path)?;
    let Some(top) = place.top() else { return Some(&path[..place.below + place.name.len()]) };
    let mut end = place.below;
    let ends: Vec<usize> = place.folders.iter().map(|folder| (end += folder.len() + 1, end - 1).1).collect();
    let own = place.folders.iter().zip(ends).rev().find(|(folder, _)| decode(folder) == name);
    Some(own.map_or(top, |(_, end)| &path[..end]))
}

/// Gives parts that lie deeper than usual to the set that a deployment gives them to, and says of which it cannot be told.
pub(super) fn attribute(files: &mut [File]) -> Vec<Opaque> {
    let mut tops: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        let of_set = matches!(file.kind, FileKind::PermissionSet | FileKind::PermissionSetPart);
        if let Some(top) = Place::of(&file.path).filter(|_| of_set).and_then(|place| place.top()) {
            tops.entry(top.to_owned()).or_default().push(at);
        }
    }
    let mut doubtful: Vec<Opaque> = files.iter().filter_map(|file| inside_another(file, &tops)).collect();
    let known: BTreeSet<String> = doubtful.iter().map(|part| part.path.clone()).collect();
    for (top, members) in tops {
        let mut found = below(&top, &members, files);
        found.retain(|found| !known.contains(&found.path));
        doubtful.extend(found);
    }
    doubtful
}

/// A part below a `permissionsets` that lies itself in a set's folder: that set takes it, too.
fn inside_another(file: &File, tops: &BTreeMap<String, Vec<usize>>) -> Option<Opaque> {
    let own = Place::of(&file.path).filter(|_| file.kind == FileKind::PermissionSetPart)?;
    let above = file.path[..own.below].match_indices('/').map(|(at, _)| &file.path[..at]);
    let outer = above.into_iter().find(|folder| tops.contains_key(*folder))?;
    let which = format!("it lies below {outer}, and below another permissionsets there");
    Some(Opaque { path: file.path.clone(), cause: Cause::PartOfWhich(which), blob: file.blob.clone() })
}

/// The same for one folder right below `permissionsets`.
fn below(top: &str, members: &[usize], files: &mut [File]) -> Vec<Opaque> {
    let (mut at_top, mut roots, mut deep, mut odd) = (false, BTreeSet::new(), Vec::new(), false);
    for at in members {
        let Some(place) = Place::of(&files[*at].path) else { continue };
        match (place.folders.as_slice(), place.is_root()) {
            ([_], is_root) => at_top |= is_root,
            ([.., folder], true) => _ = roots.insert(decode(folder)),
            _ => {}
        }
        if files[*at].kind == FileKind::PermissionSetPart && place.folders.len() > 1 {
            deep.push(*at);
            odd |= !place.is_usual();
        }
    }
    if deep.is_empty() {
        return Vec::new();
    }
    if !at_top && roots.len() == 1 {
        let parts = members.iter().filter(|at| files[**at].kind == FileKind::PermissionSetPart);
        for at in parts.copied().collect::<Vec<_>>() {
            files[at].name = roots.iter().next().cloned().unwrap_or_default();
        }
        return Vec::new();
    }
    if roots.is_empty() && (at_top || !odd) {
        return Vec::new();
    }
    let own = decode(top.rsplit('/').next().unwrap_or(top));
    let sets: Vec<String> = at_top.then_some(own).into_iter().chain(roots).collect();
    let which = match sets.as_slice() {
        [] => format!("no file below {top} is named as its folder"),
        sets => format!("below {top} are {}", sets.join(", ")),
    };
    let doubt = |at: usize| {
        let File { path, blob, .. } = &files[at];
        Opaque { path: path.clone(), cause: Cause::PartOfWhich(which.clone()), blob: blob.clone() }
    };
    deep.into_iter().map(doubt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{BlobId, classify};

    /// The sets of files below `permissionsets`, and how many it cannot be told of.
    fn sets(paths: &[&str]) -> (Vec<String>, usize) {
        let file = |path: &&str| {
            let path = format!("f/permissionsets/{path}-meta.xml");
            let (kind, name) = classify(&path).unwrap();
            File { blob: BlobId::File(std::path::Path::new(&path).into()), path, kind, name }
        };
        let mut files: Vec<File> = paths.iter().map(file).collect();
        let doubtful = attribute(&mut files);
        (files.into_iter().map(|file| file.name).collect(), doubtful.len())
    }

    #[test]
    fn a_set_takes_what_lies_below_the_top_folder() {
        for (paths, expected, doubtful) in [
            (&["A/A.permissionset", "A/x.userPermission", "A/userPermissions/y.userPermission"][..], "A A A", 0),
            (&["A/userPermissions/y.userPermission"], "A", 0),
            (&["A/A.permissionset", "A/B/x.userPermission"], "A A", 0),
            (&["A/B/x.userPermission"], "A", 1),
            (&["A/A.permissionset", "A/B/B.userPermission", "A/objectSettings/Case.objectSettings"], "A B A", 2),
            (&["g/S/S.permissionset", "g/S/x.userPermission", "g/S/objectSettings/C.objectSettings"], "S S S", 0),
            (&["g/S/S.permissionset", "g/T/T.permissionset", "g/T/x.userPermission"], "S T g", 1),
            (&["g/S.permissionset", "g/T/T.permissionset"], "S T", 0),
            (&["A.permissionset", "A.userPermission"], "A A", 0),
        ] {
            let (names, found) = sets(paths);
            assert_eq!((names.join(" ").as_str(), found), (expected, doubtful), "{paths:?}");
        }
    }

    #[test]
    fn the_folder_of_a_set() {
        let folder = |path: &'static str, name| set_folder(path, name);
        assert_eq!(folder("f/permissionsets/A/userPermissions/x", "A"), Some("f/permissionsets/A"));
        assert_eq!(folder("f/permissionsets/g/S/objectSettings/x", "S"), Some("f/permissionsets/g/S"));
        assert_eq!(folder("f/permissionsets/My/Other/x", "My"), Some("f/permissionsets/My"));
        assert_eq!(folder("permissionsets/A.userPermission-meta.xml", "A"), Some("permissionsets/A"));
        assert_eq!(folder("f/A/x", "A"), None);
    }
}
