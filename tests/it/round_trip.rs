//! A file says the same in any dress, from any source and in any layout: between the original and its copy there is no change.

use std::io::{Cursor, Write};
use std::path::Path;

use git2::Oid;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::decomposed::{Files, folder_per_type, top_level};
use crate::dresses::{DRESSES, Element};
use crate::holder_files::{HolderFile, generated_files, readable_below, sample_files};
use crate::support::{Report, arg, blob_entry, commit, corpora, directory, repository, temp, write};

/// Larger files are left out unless PERMDELTA_ROUND_TRIP=all asks for them.
const LARGEST: usize = 20_000;

/// Readable files of all kinds: of the sample, generated, and real ones where there are any.
fn originals(test: &str) -> Vec<HolderFile> {
    let mut files = sample_files();
    files.extend(generated_files(32));
    if let Some(corpora) = corpora(test) {
        let all = std::env::var("PERMDELTA_ROUND_TRIP").is_ok_and(|files| files == "all");
        files.extend(readable_below(&corpora).into_iter().filter(|file| all || file.bytes.len() < LARGEST));
    }
    println!("{test}: {} files, {} bytes", files.len(), files.iter().map(|file| file.bytes.len()).sum::<usize>());
    files
}

/// The files that are whole holders: sources other than a project have no parts.
fn whole_holders(test: &str) -> Vec<HolderFile> {
    let mut files = originals(test);
    files.retain(|file| file.ending().is_some());
    files
}

fn written(files: &[HolderFile]) -> TempDir {
    let dir = temp();
    for (number, file) in files.iter().enumerate() {
        write(dir.path(), &file.path(number), &file.bytes);
    }
    dir
}

/// Neither from one snapshot to the other nor back anything changes. Commands run in `dir`.
fn assert_same(what: &str, dir: &Path, one: &str, other: &str) {
    for (from, to) in [(one, other), (other, one)] {
        Report::of(dir, &["diff", "--from", from, "--to", to]).assert_no_change(&format!("{what}: {from} to {to}"));
    }
}

#[test]
fn another_dress_says_the_same() {
    let files = originals("round trip, dress");
    let before = written(&files);
    for dress in DRESSES {
        let after = temp();
        for (number, file) in files.iter().enumerate() {
            let namespace = String::from_utf8_lossy(&file.bytes).contains("xmlns=");
            write(after.path(), &file.path(number), &dress.file(&Element::of(&file.bytes), namespace));
        }
        assert_same(dress.what, before.path(), arg(before.path()), arg(after.path()));
    }
}

/// As a metadata retrieve packs them: metadata API format below `unpackaged`, beside the manifest.
#[test]
fn an_archive_says_the_same() {
    let files = whole_holders("round trip, archive");
    let before = written(&files);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |path: &str, bytes: &[u8]| {
        archive.start_file(path, SimpleFileOptions::default()).expect("an entry");
        archive.write_all(bytes).expect("its content");
    };
    add("unpackaged/package.xml", MANIFEST.as_bytes());
    for (number, file) in files.iter().enumerate() {
        let path = file.path(number);
        add(&format!("unpackaged/{}", path.strip_suffix("-meta.xml").expect("source format")), &file.bytes);
    }
    let bytes = archive.finish().expect("an archive").into_inner();
    let after = directory(&[("retrieved.zip", &bytes)]);
    let zip = after.path().join("retrieved.zip");
    assert_same("archive", before.path(), arg(before.path()), arg(&zip));
}

const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">
    <types><members>*</members><name>MutingPermissionSet</name></types>
    <types><members>*</members><name>PermissionSet</name></types>
    <types><members>*</members><name>PermissionSetGroup</name></types>
    <types><members>*</members><name>Profile</name></types>
    <version>62.0</version>
</Package>
"#;

#[test]
fn the_index_and_a_commit_say_the_same() {
    let files = originals("round trip, git");
    let before = written(&files);
    let dir = temp();
    let repository = repository(dir.path(), false);
    let mut index = repository.index().expect("the index");
    for (number, file) in files.iter().enumerate() {
        index.add_frombuffer(&blob_entry(&file.path(number), Oid::ZERO_SHA1), &file.bytes).expect("an index entry");
    }
    index.write().expect("the index is written");
    assert_same("index", dir.path(), arg(before.path()), ":index");
    let paths: Vec<String> = (0..files.len()).map(|number| files[number].path(number)).collect();
    let files: Vec<(&str, &[u8])> =
        paths.iter().zip(&files).map(|(path, file)| (path.as_str(), file.bytes.as_slice())).collect();
    let id = commit(&repository, None, &files).to_string();
    assert_same("commit", dir.path(), arg(before.path()), &id);
}

/// Writes the set of that name in parts, below a folder.
type Layout = fn(&str, &str, &Element) -> Files;

#[test]
fn a_set_in_parts_says_the_same() {
    let mut files = originals("round trip, parts");
    files.retain(|file| file.ending() == Some("permissionset"));
    let before = written(&files);
    let layouts =
        [("decomposePermissionSetBeta", folder_per_type as Layout), ("decomposePermissionSetBeta2", top_level)];
    for (layout, decomposed) in layouts {
        let after = temp();
        let mut parts = 0;
        for (number, file) in files.iter().enumerate() {
            let name = format!("Holder_{number}");
            for (path, bytes) in decomposed("permissionsets", &name, &Element::of(&file.bytes)) {
                write(after.path(), &path, &bytes);
                parts += 1;
            }
        }
        assert!(parts > 3 * files.len(), "{layout}: the sets were not taken apart");
        assert_same(layout, before.path(), arg(before.path()), arg(after.path()));
    }
}
