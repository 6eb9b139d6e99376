//! What the manifests of head say about holders that head has no more.

use std::collections::BTreeSet;

use crate::delta::plan::HolderFiles;
use crate::delta::{FileProblem, HolderDelta, Library, Plan, Side};
use crate::error::{Cause, Problem};
use crate::metadata::Manifest;
use crate::source::{HolderKind, ManifestFile};

/// Whether a destructive changes manifest of head names a holder: deploying head then deletes it.
pub(crate) fn deletes(plan: &Plan<'_>, library: &Library, kind: HolderKind, folded: &str) -> bool {
    let manifests = plan.destructive.iter().filter_map(|file| library.manifest(&file.blob));
    manifests.into_iter().any(|manifest| manifest.names(kind, folded))
}

/// Whether a holder is missing in head only because the retrieve did not ask for its kind.
///
/// The kind decides, not the single name: whether the manifest in a retrieved archive repeats the request
/// or lists what was found is not documented, so a name that is missing may well be a holder that is gone.
pub(crate) fn unknown(plan: &Plan<'_>, library: &Library, kind: HolderKind, files: &HolderFiles<'_>) -> bool {
    let manifest = plan.retrieve.and_then(|file| library.manifest(&file.blob));
    files.head.is_empty() && manifest.and_then(|manifest| manifest.asks_for(kind)) == Some(false)
}

/// Marks what a deleted holder granted as lost.
pub(crate) fn mark_deleted(rows: &mut [HolderDelta<'_>]) {
    for declared in rows.iter_mut().filter_map(|row| row.declared.as_mut()) {
        declared.lost.append(&mut declared.undeclared);
        // What denied something is gone together with all it granted.
        declared.unpinned.clear();
    }
}

/// The problems of the manifests that had to be read. They count as new even where base has the same
/// file: it is this change that needs to know what they say.
pub(crate) fn problems<'l>(plan: &Plan<'l>, library: &'l Library) -> Vec<FileProblem<'l>> {
    let read = plan.destructive.iter().copied().chain(plan.retrieve);
    let mut problems: Vec<FileProblem<'l>> =
        read.flat_map(|file| of_manifest(file, library.manifest(&file.blob))).collect();
    let missing = plan.holders.iter().filter(|((kind, _), files)| unknown(plan, library, *kind, files));
    let kinds: BTreeSet<HolderKind> = missing.map(|((kind, _), _)| *kind).collect();
    let not_asked_for = |file: &'l ManifestFile, kind: HolderKind| {
        let problem = Problem { at: None, cause: Cause::NotAskedFor(kind.metadata_type()) };
        FileProblem { side: Side::Head, path: &file.path, bytes: None, problem, unchanged: false }
    };
    if let Some(file) = plan.retrieve {
        problems.extend(kinds.into_iter().map(|kind| not_asked_for(file, kind)));
    }
    problems
}

fn of_manifest<'l>(
    file: &'l ManifestFile,
    manifest: Option<&'l Manifest>,
) -> impl Iterator<Item = FileProblem<'l>> + use<'l> {
    let parsed = manifest.map(|manifest| &manifest.parsed);
    let problems = parsed.map(|parsed| parsed.problems.as_slice()).unwrap_or_default();
    problems.iter().map(move |problem| FileProblem {
        side: Side::Head,
        path: &file.path,
        bytes: parsed.map(|parsed| parsed.bytes.as_slice()),
        problem: problem.clone(),
        unchanged: false,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use crate::delta::{Comparison, Library, Plan, ReadCount, Status, compare};
    use crate::error::Cause;
    use crate::source::{BlobId, BlobReader, Blobs, Listing, Origin, SourceKind};

    /// Files by path; a path is read as it was listed.
    struct Files(BTreeMap<&'static str, String>);

    impl Blobs for Files {
        fn reader(&self) -> Box<dyn BlobReader + '_> {
            Box::new(self)
        }
    }

    impl BlobReader for &Files {
        fn read(&mut self, id: &BlobId) -> Result<Vec<u8>, Cause> {
            let BlobId::File(path) = id else { return Err(Cause::NotXml) };
            let text = self.0.get(&*path.to_string_lossy());
            text.map(|text| text.clone().into_bytes()).ok_or(Cause::NotXml)
        }
    }

    impl Files {
        /// The files whose path begins with `side/`, without it.
        fn listing(&self, side: &str) -> Listing {
            let mut listing = Listing::empty(Origin { kind: SourceKind::Directory, name: side.to_owned(), id: None });
            for path in self.0.keys() {
                if let Some(inside) = path.strip_prefix(side).and_then(|rest| rest.strip_prefix('/')) {
                    listing.add(inside, || BlobId::File(Path::new(path).into()));
                }
            }
            listing.sorted()
        }

        fn compared<T>(&self, look: impl FnOnce(&Comparison<'_>, ReadCount) -> T) -> T {
            let (base, head) = (self.listing("base"), self.listing("head"));
            let plan = Plan::comparison(&base, &head);
            let mut library = Library::default();
            library.fill(&plan, self);
            look(&compare(&plan, &base, &head, &library), library.read_count())
        }
    }

    fn metadata(root: &str, inside: &str) -> String {
        format!("<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{inside}</{root}>")
    }

    fn manifest(kind: &str, member: &str) -> String {
        metadata("Package", &format!("<types><members>{member}</members><name>{kind}</name></types>"))
    }

    const RIGHT: &str = "<userPermissions><enabled>true</enabled><name>ViewAllData</name></userPermissions>\
        <userPermissions><enabled>false</enabled><name>ApiEnabled</name></userPermissions>";

    /// Lost, undeclared and unpinned grants of a holder that head has no more.
    fn gone(root: &str, file: &'static str, manifests: &[(&'static str, String)]) -> (usize, usize, usize) {
        let mut files = BTreeMap::from([(file, metadata(root, RIGHT))]);
        files.extend(manifests.iter().cloned());
        Files(files).compared(|comparison, read| {
            assert_eq!(read.blobs, 1 + manifests.len() as u64);
            assert_eq!(comparison.holders[0].status, Status::Removed);
            let declared = comparison.holders[0].declared.as_ref().unwrap();
            (declared.lost.len(), declared.undeclared.len(), declared.unpinned.len())
        })
    }

    #[test]
    fn what_a_manifest_names_is_lost() {
        let set = "base/permissionsets/A.permissionset-meta.xml";
        assert_eq!(gone("PermissionSet", set, &[]), (0, 1, 0));
        let named = manifest("PermissionSet", "a");
        assert_eq!(gone("PermissionSet", set, &[("head/m/destructiveChangesPost.xml", named)]), (1, 0, 0));
        for (kind, member) in [("PermissionSet", "B"), ("Profile", "A"), ("PermissionSet", "*")] {
            let other = manifest(kind, member);
            assert_eq!(gone("PermissionSet", set, &[("head/destructiveChanges.xml", other)]), (0, 1, 0));
        }
    }

    #[test]
    fn a_deleted_profile_loses_what_it_held() {
        let profile = "base/profiles/Custom%3A A.profile";
        assert_eq!(gone("Profile", profile, &[]), (0, 1, 1));
        let named = manifest("Profile", "Custom%3A A");
        assert_eq!(gone("Profile", profile, &[("head/destructiveChangesPre.xml", named)]), (1, 0, 0));
    }

    #[test]
    fn a_manifest_is_read_only_when_a_holder_is_gone() {
        let set = |inside: &str| metadata("PermissionSet", inside);
        let mut files = BTreeMap::from([
            ("base/A.permissionset", set("")),
            ("head/A.permissionset", set(RIGHT)),
            ("head/destructiveChanges.xml", "<broken".to_owned()),
        ]);
        Files(files.clone()).compared(|comparison, read| {
            assert_eq!((read.blobs, comparison.problems.len()), (2, 0));
        });
        files.insert("base/B.permissionset", set(RIGHT));
        Files(files).compared(|comparison, read| {
            assert_eq!((read.blobs, comparison.problems.len()), (4, 1));
            assert_eq!(comparison.problems[0].path, "destructiveChanges.xml");
            assert!(!comparison.problems[0].unchanged);
            let gone = comparison.holders.iter().find(|row| row.name == "B").unwrap();
            assert_eq!(gone.declared.as_ref().unwrap().undeclared.len(), 1);
        });
    }

    /// Base with two sets and a profile, head with the profile and a manifest of a retrieve.
    fn retrieved(manifest: String) -> Files {
        Files(BTreeMap::from([
            ("base/unpackaged/permissionsets/A.permissionset", metadata("PermissionSet", RIGHT)),
            ("base/unpackaged/permissionsets/B.permissionset", metadata("PermissionSet", RIGHT)),
            ("base/unpackaged/profiles/P.profile", metadata("Profile", RIGHT)),
            ("head/unpackaged/profiles/Q.profile", metadata("Profile", "")),
            ("head/unpackaged/package.xml", manifest),
        ]))
    }

    #[test]
    fn a_kind_that_was_not_asked_for_is_unknown() {
        retrieved(manifest("Profile", "*")).compared(|comparison, read| {
            assert_eq!(read.blobs, 3);
            let names: Vec<&str> = comparison.holders.iter().map(|row| row.name).collect();
            assert_eq!(names, ["P", "Q"]);
            let problems: Vec<_> = comparison.problems.iter().map(|found| (found.path, &found.problem.cause)).collect();
            assert_eq!(problems, [("unpackaged/package.xml", &Cause::NotAskedFor("PermissionSet"))]);
        });
        retrieved(manifest("CustomObject", "*")).compared(|comparison, read| {
            assert_eq!((read.blobs, comparison.holders.len(), comparison.problems.len()), (2, 1, 2));
        });
    }

    #[test]
    fn what_was_asked_for_and_is_missing_is_removed() {
        let both = manifest("PermissionSet", "*").replace("</Package>", "")
            + "<types><name>Profile</name><members>*</members></types></Package>";
        retrieved(both).compared(|comparison, _| {
            assert_eq!((comparison.holders.len(), comparison.problems.len()), (4, 0));
        });
        retrieved("<Package>".to_owned()).compared(|comparison, _| {
            assert_eq!((comparison.holders.len(), comparison.problems.len()), (4, 1));
        });
    }

    #[test]
    fn a_manifest_of_base_deletes_nothing() {
        let set = "base/A.permissionset";
        let files = BTreeMap::from([
            (set, metadata("PermissionSet", RIGHT)),
            ("base/destructiveChanges.xml", manifest("PermissionSet", "A")),
        ]);
        Files(files).compared(|comparison, read| {
            assert_eq!(read.blobs, 1);
            assert_eq!(comparison.holders[0].declared.as_ref().unwrap().undeclared.len(), 1);
        });
    }
}
