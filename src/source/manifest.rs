//! Manifests: files that list components, beside the files that define them.

use crate::source::{BlobId, Listing, SourceKind};

/// A manifest of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestFile {
    /// Relative to the root of the source, `/`-separated, as stored.
    pub path: String,
    /// Its content.
    pub blob: BlobId,
}

/// Whether the file at `path` lists what a deploy deletes, in whichever folder it lies.
///
/// The spelling counts: the platform takes a manifest under no other name, and a name that is not one
/// must not make a grant look deleted.
pub(crate) fn is_destructive(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    matches!(file, "destructiveChanges.xml" | "destructiveChangesPre.xml" | "destructiveChangesPost.xml")
}

/// Whether the file at `path` can be the manifest of a retrieve.
pub(crate) fn is_package(path: &str) -> bool {
    matches!(path, "package.xml" | "unpackaged/package.xml")
}

/// The manifest that tells which types a snapshot is about at all, of those found.
///
/// A retrieve writes `package.xml` beside one folder a type. In this layout it is the whole truth about
/// what the files are: a retrieve brings what it asks for, and a deployment of such a folder takes no file
/// the manifest does not list. A type that is missing there was not looked at, and says nothing about
/// what an org has no more.
///
/// A source project is another matter. Its `package.xml` is one of many deployment manifests, written by
/// hand for one occasion, and the files beside it are the project whatever it lists. So a manifest counts
/// only if no revision, index or worktree is read, there is no `sfdx-project.json`, and every permission
/// file has the metadata format and lies in a folder directly beside the manifest. Being wrong about it
/// costs a problem, never a silent pass.
pub(crate) fn of_retrieve(listing: &mut Listing) -> Option<ManifestFile> {
    let mut found = std::mem::take(&mut listing.packages);
    let possible = matches!(listing.origin.kind, SourceKind::Directory | SourceKind::Archive);
    if !possible || listing.project.is_some() {
        return None;
    }
    found.sort_by_key(|manifest| std::cmp::Reverse(manifest.path.len()));
    found.into_iter().find(|manifest| {
        let folder = manifest.path.strip_suffix("package.xml").unwrap_or_default();
        listing.files.iter().all(|file| is_beside(folder, &file.path))
    })
}

/// Whether `path` is `<folder><type>/<name>` in metadata format.
fn is_beside(folder: &str, path: &str) -> bool {
    let inside = path.strip_prefix(folder);
    inside.is_some_and(|inside| inside.split('/').count() == 2 && !path.to_ascii_lowercase().ends_with("-meta.xml"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::source::Origin;

    fn package(kind: SourceKind, paths: &[&str]) -> Option<String> {
        let mut listing = Listing::empty(Origin { kind, name: String::new(), id: None });
        for path in paths {
            listing.add(path, || BlobId::File(Path::new(path).into()));
        }
        listing.sorted().retrieve.map(|manifest| manifest.path)
    }

    #[test]
    fn the_manifest_of_a_retrieve_lies_beside_its_type_folders() {
        use SourceKind::{Archive, Directory, Revision, Worktree};
        let zip = ["unpackaged/package.xml", "unpackaged/permissionsets/A.permissionset"];
        let single = ["package.xml", "profiles/A.profile"];
        assert_eq!(package(Archive, &zip).as_deref(), Some("unpackaged/package.xml"));
        assert_eq!(package(Directory, &single).as_deref(), Some("package.xml"));
        assert_eq!(package(Archive, &["package.xml"]).as_deref(), Some("package.xml"));
        let both = ["package.xml", "unpackaged/package.xml", "unpackaged/profiles/A.profile"];
        assert_eq!(package(Directory, &both).as_deref(), Some("unpackaged/package.xml"));
        for kind in [Revision, Worktree, SourceKind::Index] {
            assert_eq!(package(kind, &single), None);
        }
        let source = ["package.xml", "permissionsets/A.permissionset-meta.xml"];
        assert_eq!(package(Directory, &source), None);
        assert_eq!(package(Directory, &["package.xml", "src/permissionsets/A.permissionset"]), None);
        assert_eq!(package(Directory, &["package.xml", "sfdx-project.json", "profiles/A.profile"]), None);
        assert_eq!(package(Directory, &["manifest/package.xml", "profiles/A.profile"]), None);
        assert_eq!(package(Archive, &[zip[0], zip[1], "other/profiles/A.profile"]), None);
    }

    #[test]
    fn three_names_in_any_folder() {
        assert!(is_destructive("destructiveChanges.xml"));
        assert!(is_destructive("manifest/destructiveChangesPre.xml"));
        assert!(is_destructive("a/b/destructiveChangesPost.xml"));
        assert!(!is_destructive("destructivechanges.xml"));
        assert!(!is_destructive("olddestructiveChanges.xml"));
        assert!(!is_destructive("destructiveChanges.xml/package.xml"));
    }
}
