//! Manifests: files that list components, beside the files that define them.

use crate::source::BlobId;

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

#[cfg(test)]
mod tests {
    use super::*;

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
