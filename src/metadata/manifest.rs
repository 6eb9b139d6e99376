//! Manifests: `package.xml`, and `destructiveChanges.xml`, which lists what a deploy deletes.

use std::collections::BTreeSet;

use crate::error::{Cause, Problem};
use crate::metadata::xml::{Document, Value};
use crate::metadata::{Parsed, diagnose};
use crate::source::{HolderKind, decode_name};

/// Stands for every component of a type. Only what asks may use it, not what deletes.
const EVERY: &str = "*";

/// The holders a manifest lists.
#[derive(Debug)]
pub struct Manifest {
    /// The manifest as a file: its bytes and its problems, without entries.
    pub parsed: Parsed,
    /// Case-folded names by kind; empty where the manifest is broken.
    members: BTreeSet<(HolderKind, String)>,
}

impl Manifest {
    /// Reads a manifest. Never fails: what is wrong is in its problems, and a broken one lists nothing.
    pub fn read(bytes: Vec<u8>) -> Self {
        let mut members = BTreeSet::new();
        let outcome = read(&bytes, &mut members);
        let problem = outcome.err().map(|problem| diagnose::refine(problem, &bytes));
        if problem.is_some() {
            members.clear();
        }
        Self { parsed: Parsed::without_entries(bytes, problem), members }
    }

    /// What stands in for a manifest whose content could not be had.
    pub fn unreadable(cause: Cause) -> Self {
        Self { parsed: Parsed::unreadable(cause), members: BTreeSet::new() }
    }

    /// Whether any component of a kind is listed, or all of them; not known of a broken manifest.
    pub fn asks_for(&self, kind: HolderKind) -> Option<bool> {
        (!self.parsed.broken).then(|| self.members.iter().any(|(listed, _)| *listed == kind))
    }

    /// Whether a component is listed by its name. `folded` is the case-folded API name.
    pub fn names(&self, kind: HolderKind, folded: &str) -> bool {
        folded != EVERY && self.members.contains(&(kind, folded.to_owned()))
    }
}

fn read(bytes: &[u8], members: &mut BTreeSet<(HolderKind, String)>) -> Result<(), Problem> {
    let (mut document, _) = Document::open(bytes, "Package")?;
    while let Some(tag) = document.next_child()? {
        if tag.name == "types" {
            types(tag.at, &mut document, members)?;
        } else {
            document.skip()?;
        }
    }
    document.finish()
}

/// One `<types>`: members of one type, which is named before or behind them.
fn types(at: u32, document: &mut Document<'_>, members: &mut BTreeSet<(HolderKind, String)>) -> Result<(), Problem> {
    let (mut named, mut kind, mut listed) = (false, None, Vec::new());
    while let Some(tag) = document.next_child()? {
        let value = match tag.name {
            "name" | "members" => document.value()?,
            _ => {
                document.skip()?;
                continue;
            }
        };
        let Value::Text(text) = value else {
            return Err(Problem { at: Some(tag.at), cause: Cause::ElementInValue(tag.name.to_owned()) });
        };
        match tag.name {
            "members" => listed.push(decode_name(&text).to_lowercase()),
            _ if named => {
                let cause = Cause::Repeated { element: "types".to_owned(), child: "name".to_owned() };
                return Err(Problem { at: Some(tag.at), cause });
            }
            _ => (named, kind) = (true, holder_kind(&text)),
        }
    }
    if !named && !listed.is_empty() {
        return Err(Problem { at: Some(at), cause: Cause::NoType });
    }
    if let Some(kind) = kind {
        members.extend(listed.into_iter().map(|name| (kind, name)));
    }
    Ok(())
}

/// The kind of holder a metadata type is; `None` for every other type.
fn holder_kind(metadata_type: &str) -> Option<HolderKind> {
    const KINDS: [HolderKind; 4] = [
        HolderKind::PermissionSet,
        HolderKind::MutingPermissionSet,
        HolderKind::PermissionSetGroup,
        HolderKind::Profile,
    ];
    KINDS.into_iter().find(|kind| kind.metadata_type() == metadata_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(types: &str) -> Manifest {
        let xml = format!("<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">{types}</Package>");
        Manifest::read(xml.into_bytes())
    }

    #[test]
    fn members_by_kind_whatever_the_order() {
        let read = manifest(
            "<types><members> My_Set </members><members>Other</members><name>PermissionSet</name></types>\
             <types><name>Profile</name><members>Custom%3A Sales Profile</members></types>\
             <types><members>My_Group</members><name>CustomObject</name></types><version>62.0</version>",
        );
        assert_eq!(read.parsed.problems, []);
        assert!(read.names(HolderKind::PermissionSet, "my_set"));
        assert!(read.names(HolderKind::PermissionSet, "other"));
        assert!(read.names(HolderKind::Profile, "custom: sales profile"));
        assert!(!read.names(HolderKind::Profile, "my_set"));
        assert!(!read.names(HolderKind::PermissionSetGroup, "my_group"));
    }

    #[test]
    fn a_wildcard_names_nothing() {
        let read = manifest("<types><members>*</members><name>PermissionSet</name></types>");
        assert_eq!(read.parsed.problems, []);
        assert!(!read.names(HolderKind::PermissionSet, "my_set"));
        assert!(!read.names(HolderKind::PermissionSet, "*"));
        assert_eq!(read.asks_for(HolderKind::PermissionSet), Some(true));
        assert_eq!(read.asks_for(HolderKind::Profile), Some(false));
    }

    #[test]
    fn a_broken_manifest_lists_nothing_and_says_why() {
        let whole = "<types><members>A</members><name>PermissionSet</name></types>";
        let cases = [
            ("<types><members>B</members></types>", Cause::NoType),
            (
                "<types><name>Profile</name><name>PermissionSet</name></types>",
                Cause::Repeated { element: "types".to_owned(), child: "name".to_owned() },
            ),
            ("<types><members><b/></members></types>", Cause::ElementInValue("members".to_owned())),
            ("<types><members>B", Cause::Truncated("members".to_owned())),
        ];
        for (tail, cause) in cases {
            let mut xml = format!("<Package xmlns=\"http://soap.sforce.com/2006/04/metadata\">{whole}{tail}");
            if !matches!(cause, Cause::Truncated(_)) {
                xml.push_str("</Package>");
            }
            let read = Manifest::read(xml.into_bytes());
            assert_eq!(read.parsed.problems.first().map(|problem| &problem.cause), Some(&cause), "{tail}");
            assert!(!read.names(HolderKind::PermissionSet, "a"));
            assert_eq!(read.asks_for(HolderKind::PermissionSet), None);
        }
        let other = Manifest::read(b"<PermissionSet/>".to_vec());
        assert!(matches!(other.parsed.problems[0].cause, Cause::WrongRoot { .. }));
    }
}
