//! Archives as tools write them, and as nobody should.

use std::io::{Cursor, Write};
use std::path::PathBuf;

use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::list;
use crate::error::{Cause, Error};
use crate::source::{Blobs, Listing, SourceKind, Store};

const SET: &str = "unpackaged/permissionsets/Aaa.permissionset";
const OTHER: &str = "unpackaged/permissionsets/Bbb.permissionset";
const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";

fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Two sets and something that is none.
fn small() -> Vec<u8> {
    let noise = b"PK\x03\x04 is not a header here".as_slice();
    packed(&[
        (SET, b"first first first".as_slice()),
        (OTHER, b"second"),
        ("unpackaged/staticresources/A.resource", noise),
    ])
}

/// The archive on disk; it goes with the directory.
fn stored(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("org.zip");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn listed(bytes: &[u8]) -> Result<Listing, Error> {
    let (_folder, path) = stored(bytes);
    list(&path, "org.zip")
}

/// Paths and contents of the files, paths and causes of what is opaque.
type Seen = (Vec<(String, Result<String, Cause>)>, Vec<(String, Cause)>);

fn seen(bytes: &[u8]) -> Seen {
    let (_folder, path) = stored(bytes);
    let listing = list(&path, "org.zip").unwrap();
    let store = Store::files();
    let mut reader = store.reader();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let files = listing.files.iter().map(|file| (file.path.clone(), reader.read(&file.blob).map(text))).collect();
    (files, listing.opaque.into_iter().map(|opaque| (opaque.path, opaque.cause)).collect())
}

fn positions(bytes: &[u8], signature: &[u8]) -> Vec<usize> {
    memchr::memmem::find_iter(bytes, signature).collect()
}

/// Writes over the same field of the `nth` entry's local and central header.
fn in_both_headers(bytes: &mut [u8], nth: usize, local: usize, value: &[u8]) {
    // The central header has one field of two bytes more in front.
    for (signature, at) in [(LOCAL, local), (CENTRAL, local + 2)] {
        let start = positions(bytes, signature)[nth] + at;
        bytes[start..start + value.len()].copy_from_slice(value);
    }
}

/// Renames entries, in all headers; both names must be equally long.
fn renamed(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    for at in positions(&bytes, from) {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

#[test]
fn a_retrieve_is_listed_and_read() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.add_directory("unpackaged/permissionsets/", options).unwrap();
    for (name, method) in [(OTHER, zip::CompressionMethod::Stored), (SET, zip::CompressionMethod::Deflated)] {
        writer.start_file(name, options.compression_method(method)).unwrap();
        writer.write_all(name.as_bytes()).unwrap();
    }
    writer.start_file("destructiveChanges.xml", options).unwrap();
    writer.start_file("unpackaged/classes/A.cls", options).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    let listing = listed(&bytes).unwrap();
    assert_eq!((listing.origin.kind, listing.origin.name.as_str()), (SourceKind::Archive, "org.zip"));
    assert_eq!(listing.destructive.len(), 1);
    let content = |path: &str| (path.to_owned(), Ok(path.to_owned()));
    assert_eq!(seen(&bytes), (vec![content(SET), content(OTHER)], vec![]));
}

#[test]
fn a_name_in_doubt_is_a_problem_and_the_others_are_read() {
    let cases: [(&[u8], Cause); 7] = [
        (b"../ackaged/permissionsets/Aaa.permissionset", Cause::EntryName),
        (b"/npackaged/permissionsets/Aaa.permissionset", Cause::EntryName),
        (b"C:packaged/permissionsets/Aaa.permissionset", Cause::EntryName),
        (b"./packaged/permissionsets/Aaa.permissionset", Cause::EntryName),
        (b"unpackaged\\permissionsets\\Aaa.permissionset", Cause::EntryName),
        (b"unpackaged/permissionsets/A\0a.permissionset", Cause::EntryName),
        (b"unpackaged/permissionsets/A\xffa.permissionset", Cause::PathNotUtf8),
    ];
    for (name, cause) in cases {
        let (files, opaque) = seen(&renamed(small(), SET.as_bytes(), name));
        assert_eq!(files, [(OTHER.to_owned(), Ok("second".to_owned()))]);
        assert_eq!(opaque, [(String::from_utf8_lossy(name).into_owned(), cause)]);
    }
}

#[test]
fn names_outside_that_hold_no_permissions_do_not_matter() {
    let bytes = renamed(small(), b"unpackaged/staticresources/A", b"../../../../../../../etc/pas");
    let (files, opaque) = seen(&bytes);
    assert_eq!((files.len(), opaque), (2, vec![]));
}

#[test]
fn several_entries_of_one_name_are_a_problem() {
    let (files, opaque) = seen(&renamed(small(), OTHER.as_bytes(), SET.as_bytes()));
    assert_eq!((files, opaque), (vec![(SET.to_owned(), Err(Cause::RepeatedEntry))], vec![]));
    let two = packed(&[(SET, b"set".as_slice()), ("a.txt", b""), ("b.txt", b"")]);
    let (files, opaque) = seen(&renamed(two, b"b.txt", b"a.txt"));
    assert_eq!(files, [(SET.to_owned(), Ok("set".to_owned()))]);
    assert_eq!(opaque, [("a.txt".to_owned(), Cause::RepeatedEntry)]);
}

#[test]
fn what_cannot_be_inflated_is_a_problem_and_the_others_are_read() {
    type Case<'a> = (usize, &'a [u8], fn(&Cause) -> bool);
    let cases: [Case<'_>; 4] = [
        (6, &[1, 0], |cause| *cause == Cause::Encrypted),
        (8, &[12, 0], |cause| matches!(cause, Cause::Compression(_))),
        (14, &[1, 2, 3, 4], |cause| matches!(cause, Cause::Damaged(_))),
        (22, &[7, 0, 0, 0], |cause| matches!(cause, Cause::Damaged(_))),
    ];
    for (field, value, expected) in cases {
        let mut bytes = small();
        in_both_headers(&mut bytes, 0, field, value);
        let (files, _) = seen(&bytes);
        let cause = files[0].1.as_ref().unwrap_err();
        assert!(expected(cause), "{field}: {cause:?}");
        assert_eq!(files[1].1.as_deref(), Ok("second"));
    }
}

#[test]
fn links_are_not_followed() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink(SET, "/etc/passwd", SimpleFileOptions::default()).unwrap();
    writer.add_symlink("unpackaged/classes/A.cls", "B.cls", SimpleFileOptions::default()).unwrap();
    let (files, opaque) = seen(&writer.finish().unwrap().into_inner());
    assert_eq!((files, opaque), (vec![], vec![(SET.to_owned(), Cause::Symlink)]));
}

#[test]
fn an_archive_cut_off_anywhere_is_an_error() {
    let whole = small();
    for length in 0..whole.len() {
        assert!(listed(&whole[..length]).is_err(), "{length} of {} bytes", whole.len());
    }
    assert!(listed(b"<PermissionSet/>").is_err());
}

#[test]
fn files_that_only_some_readers_see_are_a_problem() {
    let mut bytes = small();
    let (headers, end) = (positions(&bytes, CENTRAL), positions(&bytes, END)[0]);
    let hidden = headers[1]..headers[2];
    bytes[end + 8..end + 12].copy_from_slice(&[2, 0, 2, 0]);
    let size = (end - headers[0] - hidden.len()) as u32;
    bytes[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    bytes.drain(hidden);
    let (files, opaque) = seen(&bytes);
    assert_eq!(files.len(), 1);
    assert!(matches!(opaque.as_slice(), [(path, Cause::Contradictory(_))] if path == "."), "{opaque:?}");

    let mut bytes = small();
    let at = positions(&bytes, SET.as_bytes())[0];
    bytes[at] = b'X';
    assert!(matches!(seen(&bytes).1.as_slice(), [(_, Cause::Contradictory(_))]));
}

#[test]
fn bombs_are_not_inflated() {
    let zeros = vec![0; (64 << 20) + 1];
    let (files, opaque) = seen(&packed(&[(SET, zeros.as_slice()), (OTHER, b"second")]));
    assert_eq!(files[0].1, Err(Cause::TooLarge(zeros.len() as u64)));
    assert_eq!((files[1].1.as_deref(), opaque), (Ok("second"), vec![]));

    let names: Vec<String> = (0..9).map(|index| format!("permissionsets/S{index}.permissionset")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &zeros[..8 << 20])).collect();
    let Err(Error::Source { message, .. }) = listed(&packed(&many)) else { panic!("a bomb was listed") };
    assert_eq!(message, format!("the permission files of org.zip would inflate to {} bytes", 9 << 23));
    assert!(listed(&packed(&many[..8])).is_ok());
}

#[test]
fn no_changed_byte_makes_it_panic_or_reads_as_other_content() {
    let whole = small();
    for at in 0..whole.len() {
        for value in [0xff, whole[at] ^ 1] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            let (_folder, path) = stored(&bytes);
            let Ok(listing) = list(&path, "org.zip") else { continue };
            let store = Store::files();
            let mut reader = store.reader();
            for file in &listing.files {
                if let Ok(content) = reader.read(&file.blob) {
                    assert!([b"first first first".as_slice(), b"second"].contains(&content.as_slice()), "{at}");
                }
            }
        }
    }
}
