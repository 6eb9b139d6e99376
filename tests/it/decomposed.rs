//! Permission sets written in parts, as `decomposePermissionSetBeta` and `decomposePermissionSetBeta2` write them.

use std::collections::{BTreeMap, BTreeSet};

use crate::dresses::Element;

/// The sections that are taken out of the set, the child that names an entry, and the root of a part (its file's ending is the same
/// with a small letter). Everything else stays in the parent file.
const SECTIONS: [(&str, &str, &str); 14] = [
    ("applicationVisibilities", "application", "ApplicationVisibility"),
    ("classAccesses", "apexClass", "ClassAccess"),
    ("customMetadataTypeAccesses", "name", "CustomMetadataTypeAccess"),
    ("customPermissions", "name", "CustomPermission"),
    ("customSettingAccesses", "name", "CustomSettingAccess"),
    ("externalCredentialPrincipalAccesses", "externalCredentialPrincipal", "ExternalCredentialPrincipalAccess"),
    ("externalDataSourceAccesses", "externalDataSource", "ExternalDataSourceAccess"),
    ("fieldPermissions", "field", "FieldPermission"),
    ("flowAccesses", "flow", "FlowAccess"),
    ("objectPermissions", "object", "ObjectPermission"),
    ("pageAccesses", "apexPage", "PageAccess"),
    ("recordTypeVisibilities", "recordType", "RecordTypeVisibility"),
    ("tabSettings", "tab", "TabSetting"),
    ("userPermissions", "name", "UserPermission"),
];

/// The sections that the second layout sorts by object.
const BY_OBJECT: [&str; 4] = ["fieldPermissions", "objectPermissions", "recordTypeVisibilities", "tabSettings"];

/// Files by path.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A file an entry, a folder a section: `Sales/fieldPermissions/Case.Origin.fieldPermission-meta.xml`.
pub(crate) fn folder_per_type(folder: &str, name: &str, set: &Element) -> Files {
    let mut files = Files::new();
    let mut rest = Element { children: vec![], ..set.clone() };
    let mut taken = BTreeSet::new();
    for entry in &set.children {
        match named_part(entry) {
            // A second entry of that name has no file of its own.
            Some((root, of)) if taken.insert((&entry.name, of.to_lowercase())) => {
                let part = Element { name: root.to_owned(), ..entry.clone() };
                let file = format!("{}.{}-meta.xml", encoded(of), ending(root));
                files.insert(format!("{folder}/{name}/{}/{file}", entry.name), part.plain_file(true));
            }
            _ => rest.children.push(entry.clone()),
        }
    }
    files.insert(format!("{folder}/{name}/{name}.permissionset-meta.xml"), rest.plain_file(true));
    files
}

/// A file a section, and one an object: `Sales/Sales.classAccess-meta.xml`, `Sales/objectSettings/Case.objectSettings-meta.xml`.
pub(crate) fn top_level(folder: &str, name: &str, set: &Element) -> Files {
    let mut parts: BTreeMap<String, Element> = BTreeMap::new();
    let mut rest = Element { children: vec![], ..set.clone() };
    for entry in &set.children {
        let Some((root, of)) = named_part(entry) else {
            rest.children.push(entry.clone());
            continue;
        };
        let file = if BY_OBJECT.contains(&entry.name.as_str()) {
            let object = of.split_once('.').map_or(of, |(object, _)| object).trim_start_matches("standard-");
            format!("objectSettings/{}.objectSettings-meta.xml", encoded(object))
        } else if entry.name == "customPermissions" {
            format!("{name}.customPermissions-meta.xml")
        } else {
            format!("{name}.{}-meta.xml", ending(root))
        };
        let part = parts.entry(file).or_insert_with(|| Element { children: vec![], ..set.clone() });
        part.children.push(entry.clone());
    }
    let mut files: Files =
        parts.iter().map(|(file, part)| (format!("{folder}/{name}/{file}"), part.plain_file(false))).collect();
    files.insert(format!("{folder}/{name}/{name}.permissionset-meta.xml"), rest.plain_file(true));
    files
}

/// The root of the part an entry becomes, and the name of what the entry is about.
fn named_part(entry: &Element) -> Option<(&'static str, &str)> {
    let (_, child, root) = SECTIONS.into_iter().find(|(section, ..)| *section == entry.name)?;
    Some((root, entry.child(child)?))
}

fn ending(root: &str) -> String {
    root[..1].to_lowercase() + &root[1..]
}

/// A name as a file name.
fn encoded(name: &str) -> String {
    let encode = |char: char| match char {
        '%' | '/' | ':' | '?' | '*' | '<' | '>' | '|' | '"' | '\\' => format!("%{:02X}", u32::from(char)),
        char => char.to_string(),
    };
    name.chars().map(encode).collect()
}
