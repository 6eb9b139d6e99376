//! A plain directory as a source.

use std::path::Path;

use crate::error::{Cause, Error};
use crate::source::{BlobId, Listing, Origin, SourceKind};

/// Most files and folders walked. The largest org seen has some 100,000 files.
const MOST_ENTRIES: usize = 5_000_000;

/// Lists the permission files below `root`; links are not followed, `.git` is left out.
///
/// # Errors
/// A folder that cannot be read ends the run: what is in it could matter.
pub fn list(root: &Path, name: &str) -> Result<Listing, Error> {
    let origin = Origin { kind: SourceKind::Directory, name: name.to_owned(), id: None };
    let mut listing = Listing::empty(origin);
    let mut folders = vec![(root.to_owned(), String::new())];
    let mut entries = 0;
    while let Some((folder, prefix)) = folders.pop() {
        let unreadable = |error: std::io::Error| {
            Error::source(
                format!("cannot read the directory {}: {error}", folder.display()),
                "check that it exists and can be read",
            )
        };
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            entries += 1;
            if entries > MOST_ENTRIES {
                return Err(Error::source(
                    format!("more than {MOST_ENTRIES} files below {name}"),
                    "name a smaller directory",
                ));
            }
            let kind = entry.file_type().map_err(unreadable)?;
            let file_name = entry.file_name();
            let path = format!("{prefix}{}", file_name.to_string_lossy());
            let blob = || BlobId::File(entry.path().into());
            if file_name.to_str().is_none() {
                listing.add_opaque(&path, Cause::PathNotUtf8, blob);
            } else if kind.is_dir() {
                if file_name != ".git" {
                    folders.push((entry.path(), format!("{path}/")));
                }
            } else if kind.is_file() {
                listing.add(&path, blob);
            } else {
                listing.add_opaque(&path, Cause::Symlink, blob);
            }
        }
    }
    Ok(listing.sorted())
}
