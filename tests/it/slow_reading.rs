//! A second reading of holders, slow and obvious, from the design's table of grant keys alone: the tests' yardstick.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node};

/// Held grants, each with the first and last line of every entry that holds it.
pub(crate) type Grants = BTreeMap<String, Vec<(u64, u64)>>;

/// What one file states, case-folded: the keys it holds and, of a profile, those it explicitly denies. Of a group: its members.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) held: BTreeSet<String>,
    pub(crate) denied: BTreeSet<String>,
}

/// One key of one entry, held or denied.
type Statement = (String, bool);

const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";

/// Sections whose entries are one name and `enabled`, with the child that carries the name.
const ENABLED: [(&str, &str); 13] = [
    ("agentAccesses", "agentName"),
    ("classAccesses", "apexClass"),
    ("customMetadataTypeAccesses", "name"),
    ("customPermissions", "name"),
    ("customSettingAccesses", "name"),
    ("emailRoutingAddressAccesses", "name"),
    ("externalCredentialPrincipalAccesses", "externalCredentialPrincipal"),
    ("externalDataSourceAccesses", "externalDataSource"),
    ("flowAccesses", "flow"),
    ("genComputingSummaryDefAccesses", "configName"),
    ("pageAccesses", "apexPage"),
    ("servicePresenceStatusAccesses", "servicePresenceStatus"),
    ("userPermissions", "name"),
];

/// Properties: text, never grants.
const PROPERTIES: [&str; 5] = ["label", "description", "license", "userLicense", "hasActivationRequired"];

/// Properties of a profile besides.
const PROFILE_PROPERTIES: [&str; 5] =
    ["custom", "loginIpRanges", "loginHours", "loginFlows", "categoryGroupVisibilities"];

/// What is ignored by name, whatever it holds.
const IGNORED: [&str; 5] = ["fullName", "status", "enrichments", "layoutAssignments", "profileActionOverrides"];

/// Reads one permission set; an error says why it cannot be read in full.
pub(crate) fn read(file: &[u8]) -> Result<Grants, String> {
    read_as("PermissionSet", file)
}

/// Reads one file with this root, as `Profile`.
pub(crate) fn read_as(expected: &str, file: &[u8]) -> Result<Grants, String> {
    let text = text_of(file)?;
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let root = root_of(&document, |name| name == expected)?;
    let newlines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line_at = |offset: usize| newlines.partition_point(|newline| *newline < offset) as u64 + 1;
    let mut grants = Grants::new();
    for entry in root.children().filter(Node::is_element) {
        let range = entry.range();
        let lines = (line_at(range.start), line_at(range.end));
        for (key, _) in stated_by(entry, entry.tag_name().name())?.into_iter().filter(|(_, held)| *held) {
            grants.entry(key).or_default().push(lines);
        }
    }
    Ok(grants)
}

/// What the file at `path` states, read as what its name promises: a whole holder, or a part of a decomposed set.
pub(crate) fn stated(path: &str, file: &[u8]) -> Result<Stated, String> {
    let document = Document::parse(text_of(file)?).map_err(|error| error.to_string())?;
    let whole = path.strip_suffix("-meta.xml").unwrap_or(path).rsplit('.').next().unwrap_or_default();
    let statements = match whole {
        "permissionsetgroup" => return members(root_of(&document, |name| name == "PermissionSetGroup")?),
        "permissionset" => all_of(root_of(&document, |name| name == "PermissionSet")?)?,
        "mutingpermissionset" => all_of(root_of(&document, |name| name == "MutingPermissionSet")?)?,
        "profile" => all_of(root_of(&document, |name| name == "Profile")?)?,
        _ => part(root_of(&document, |_| true)?, path)?,
    };
    let keys =
        |held: bool| statements.iter().filter(move |one| one.1 == held).map(|one| one.0.to_lowercase()).collect();
    let (held, denied): (BTreeSet<String>, BTreeSet<String>) = (keys(true), keys(false));
    // Doubt goes to more access: of entries that contradict each other the one that grants counts, the one that mutes does not.
    Ok(match whole {
        "mutingpermissionset" => Stated { held: &held - &denied, ..Stated::default() },
        "profile" => Stated { denied: &denied - &held, held },
        _ => Stated { held, ..Stated::default() },
    })
}

fn text_of(file: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(file).map_err(|error| error.to_string())?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The root, if it is one that is expected, in Salesforce's namespace or none, with nothing but elements in it.
fn root_of<'d>(document: &'d Document, expected: impl Fn(&str) -> bool) -> Result<Node<'d, 'd>, String> {
    let root = document.root_element();
    let namespace = root.tag_name().namespace();
    if !expected(root.tag_name().name()) || namespace.is_some_and(|namespace| namespace != NAMESPACE) {
        return Err(format!("the root is {:?}", root.tag_name()));
    }
    if let Some(alien) = root.descendants().find(|node| node.is_element() && node.tag_name().namespace() != namespace) {
        return Err(format!("{:?} is in another namespace", alien.tag_name()));
    }
    no_stray_text(root)?;
    Ok(root)
}

/// All statements of a file with sections below its root.
fn all_of(root: Node) -> Result<Vec<Statement>, String> {
    let mut all = Vec::new();
    for entry in root.children().filter(Node::is_element) {
        all.extend(stated_by(entry, entry.tag_name().name())?);
    }
    Ok(all)
}

/// A part of a decomposed set: sections below `<PermissionSet>`, or one entry of the section its folder is named after.
fn part(root: Node, path: &str) -> Result<Vec<Statement>, String> {
    if root.tag_name().name() == "PermissionSet" {
        return all_of(root);
    }
    let section = path.rsplit('/').nth(1).ok_or("a part lies in a folder")?;
    let singular = match section {
        _ if section.ends_with("ies") => format!("{}y", section.trim_end_matches("ies")),
        _ if section.ends_with("sses") => section.trim_end_matches("es").to_owned(),
        _ => section.trim_end_matches('s').to_owned(),
    };
    if !root.tag_name().name().eq_ignore_ascii_case(&singular) {
        return Err(format!("the root is {:?}, not {singular}", root.tag_name()));
    }
    stated_by(root, section)
}

/// The members of a group, and what it mutes.
fn members(root: Node) -> Result<Stated, String> {
    let mut stated = Stated::default();
    for child in root.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        match name {
            "permissionSets" | "mutingPermissionSets" => match value(child)?.as_str() {
                "" => return Err(format!("{name} without a name")),
                member if member.chars().any(char::is_control) => {
                    return Err(format!("control characters in {member:?}"));
                }
                member => stated.held.insert(format!("{name}/{}", member.to_lowercase())),
            },
            "hasActivationRequired" => boolean(child)?,
            "label" | "description" => value(child).map(|_| true)?,
            "status" | "enrichments" | "fullName" => true,
            other => return Err(format!("{other} in a group")),
        };
    }
    Ok(stated)
}

/// What one entry of the section `element` says.
fn stated_by(entry: Node, element: &str) -> Result<Vec<Statement>, String> {
    if PROPERTIES.contains(&element) {
        return value(entry).map(|_| vec![]);
    }
    if IGNORED.contains(&element) || PROFILE_PROPERTIES.contains(&element) {
        return Ok(vec![]);
    }
    no_stray_text(entry)?;
    if let Some((_, name)) = ENABLED.iter().find(|(section, _)| *section == element) {
        return named(entry, element, name, &flags(entry, &["enabled"], &[name])?, false);
    }
    match element {
        "objectPermissions" => named(entry, element, "object", &flags(entry, &[], &["object"])?, true),
        "fieldPermissions" => {
            let rights = flags(entry, &["readable", "editable"], &["field", "hidden"])?;
            named(entry, element, "field", &rights, true)
        }
        "recordTypeVisibilities" => {
            let visible = flags(entry, &["visible"], &["recordType", "default", "personAccountDefault"])?;
            named(entry, element, "recordType", &visible, false)
        }
        "applicationVisibilities" => {
            named(entry, element, "application", &flags(entry, &["visible"], &["application", "default"])?, false)
        }
        "tabSettings" | "tabVisibilities" => tab(entry),
        _ => unknown(entry, element),
    }
}

/// A tab is held unless it is hidden; a profile's words mean the same as a permission set's.
fn tab(entry: Node) -> Result<Vec<Statement>, String> {
    flags(entry, &["tab", "visibility"], &["tab", "visibility"])?;
    let tab = text(entry, "tab")?;
    let Some(visibility) = child(entry, "visibility")? else { return Ok(vec![]) };
    let (word, held) = match value(visibility)?.as_str() {
        "None" | "Hidden" => ("Available", false),
        "Available" | "DefaultOff" => ("Available", true),
        "Visible" | "DefaultOn" => ("Visible", true),
        other => return Err(format!("visibility {other:?}")),
    };
    match tab {
        Some(tab) => Ok(vec![(format!("tabSettings/{tab}/{word}"), held)]),
        None if held => Err("a tab without a name".to_owned()),
        None => Ok(vec![]),
    }
}

/// A section the design does not list: one name and boolean children, or it cannot be read.
fn unknown(entry: Node, element: &str) -> Result<Vec<Statement>, String> {
    let children: Vec<Node> = entry.children().filter(Node::is_element).collect();
    let names: Vec<&Node> = children.iter().filter(|child| boolean(**child).is_err()).collect();
    match names[..] {
        [name] if children.len() > 1 => {
            let name = name.tag_name().name();
            named(entry, element, name, &flags(entry, &[], &[name])?, true)
        }
        _ => Err(format!("{element} fits no shape")),
    }
}

/// The boolean children; `only` names the allowed ones (empty: all), `besides` the children of another sort.
fn flags<'n>(entry: Node<'n, '_>, only: &[&str], besides: &[&str]) -> Result<Vec<(&'n str, bool)>, String> {
    let mut flags = Vec::new();
    for flag in entry.children().filter(Node::is_element) {
        let name = flag.tag_name().name();
        child(entry, name)?;
        if besides.contains(&name) {
            continue;
        }
        if !only.is_empty() && !only.contains(&name) {
            return Err(format!("{name} in {}", entry.tag_name().name()));
        }
        flags.push((name, boolean(flag)?));
    }
    Ok(flags)
}

/// Puts keys together: with the right at the end, or one key for the whole entry.
fn named(
    entry: Node,
    section: &str,
    name: &str,
    flags: &[(&str, bool)],
    with_right: bool,
) -> Result<Vec<Statement>, String> {
    let name = match text(entry, name)? {
        Some(name) => name,
        _ if flags.iter().any(|(_, held)| *held) => return Err(format!("{section} without {name}")),
        _ => return Ok(vec![]),
    };
    let key = |right: &str| if with_right { format!("{section}/{name}/{right}") } else { format!("{section}/{name}") };
    Ok(flags.iter().map(|(right, held)| (key(right), *held)).collect())
}

/// The child of that name; twice in one parent is once too often.
fn child<'a, 'i>(parent: Node<'a, 'i>, name: &str) -> Result<Option<Node<'a, 'i>>, String> {
    let mut children = parent.children().filter(|child| child.is_element() && child.tag_name().name() == name);
    let first = children.next();
    match children.next() {
        Some(_) => Err(format!("two {name} in one {}", parent.tag_name().name())),
        None => Ok(first),
    }
}

/// The name in the child of that name.
fn text(entry: Node, name: &str) -> Result<Option<String>, String> {
    let name = child(entry, name)?.map(value).transpose()?.filter(|name| !name.is_empty());
    match name {
        Some(name) if name.chars().any(char::is_control) => Err(format!("control characters in {name:?}")),
        name => Ok(name),
    }
}

/// Between elements stands nothing but white space and comments.
fn no_stray_text(parent: Node) -> Result<(), String> {
    let pieces = parent.children().filter(Node::is_text).filter_map(|piece| piece.text());
    match pieces.map(str::trim).find(|piece| !piece.is_empty()) {
        Some(stray) => Err(format!("{stray:?} in {}", parent.tag_name().name())),
        None => Ok(()),
    }
}

/// `true` or `false` in any case.
fn boolean(node: Node) -> Result<bool, String> {
    match value(node)?.to_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("{} is {other:?}, not a boolean", node.tag_name().name())),
    }
}

/// The text of a leaf: its pieces between comments joined, white space around it gone.
fn value(node: Node) -> Result<String, String> {
    if node.children().any(|child| child.is_element()) {
        return Err(format!("{} is no leaf", node.tag_name().name()));
    }
    let pieces = node.children().filter(Node::is_text).filter_map(|piece| piece.text());
    Ok(pieces.collect::<String>().trim().to_owned())
}
