//! A second reading of a permission set, slow and obvious, from the design's table of grant keys alone: the tests' yardstick.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};

/// Held grants, each with the first and last line of every entry that holds it.
pub(crate) type Grants = BTreeMap<String, Vec<(u64, u64)>>;

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
    let text = std::str::from_utf8(file).map_err(|error| error.to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = Document::parse(text).map_err(|error| error.to_string())?;
    let root = document.root_element();
    let namespace = root.tag_name().namespace();
    if root.tag_name().name() != expected || namespace.is_some_and(|namespace| namespace != NAMESPACE) {
        return Err(format!("the root is {:?}", root.tag_name()));
    }
    let newlines: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line_at = |offset: usize| newlines.partition_point(|newline| *newline < offset) as u64 + 1;
    let mut grants = Grants::new();
    no_stray_text(root)?;
    for entry in root.children().filter(Node::is_element) {
        let range = entry.range();
        let lines = (line_at(range.start), line_at(range.end));
        for key in held_by(entry)? {
            grants.entry(key).or_default().push(lines);
        }
    }
    Ok(grants)
}

/// The keys one entry holds.
fn held_by(entry: Node) -> Result<Vec<String>, String> {
    let element = entry.tag_name().name();
    if PROPERTIES.contains(&element) {
        return value(entry).map(|_| vec![]);
    }
    if IGNORED.contains(&element) || PROFILE_PROPERTIES.contains(&element) {
        return Ok(vec![]);
    }
    no_stray_text(entry)?;
    if let Some((_, name)) = ENABLED.iter().find(|(section, _)| *section == element) {
        return named(entry, name, &flags(entry, &["enabled"], &[name])?, false);
    }
    match element {
        "objectPermissions" => named(entry, "object", &flags(entry, &[], &["object"])?, true),
        "fieldPermissions" => {
            let rights = flags(entry, &["readable", "editable"], &["field", "hidden"])?;
            named(entry, "field", &rights, true)
        }
        "recordTypeVisibilities" => {
            let visible = flags(entry, &["visible"], &["recordType", "default", "personAccountDefault"])?;
            named(entry, "recordType", &visible, false)
        }
        "applicationVisibilities" => {
            named(entry, "application", &flags(entry, &["visible"], &["application", "default"])?, false)
        }
        "tabSettings" | "tabVisibilities" => tab(entry),
        _ => unknown(entry),
    }
}

/// A tab is held unless it is hidden; a profile's words mean the same as a permission set's.
fn tab(entry: Node) -> Result<Vec<String>, String> {
    flags(entry, &["tab", "visibility"], &["tab", "visibility"])?;
    let tab = text(entry, "tab")?;
    let held = match text(entry, "visibility")?.unwrap_or_default().as_str() {
        "None" | "Hidden" | "" => return Ok(vec![]),
        "Available" | "DefaultOff" => "Available",
        "Visible" | "DefaultOn" => "Visible",
        other => return Err(format!("visibility {other}")),
    };
    let tab = tab.ok_or("a tab without a name")?;
    Ok(vec![format!("tabSettings/{tab}/{held}")])
}

/// A section the design does not list: one name and boolean children, or it cannot be read.
fn unknown(entry: Node) -> Result<Vec<String>, String> {
    let children: Vec<Node> = entry.children().filter(Node::is_element).collect();
    let names: Vec<&Node> = children.iter().filter(|child| boolean(**child).is_err()).collect();
    match names[..] {
        [name] if children.len() > 1 => {
            let name = name.tag_name().name();
            named(entry, name, &flags(entry, &[], &[name])?, true)
        }
        _ => Err(format!("{} fits no shape", entry.tag_name().name())),
    }
}

/// The boolean children that are true; `only` names the allowed ones (empty: all), `besides` the children of another sort.
fn flags<'n>(entry: Node<'n, '_>, only: &[&str], besides: &[&str]) -> Result<Vec<&'n str>, String> {
    let mut held = Vec::new();
    for flag in entry.children().filter(Node::is_element) {
        let name = flag.tag_name().name();
        child(entry, name)?;
        if besides.contains(&name) {
            continue;
        }
        if !only.is_empty() && !only.contains(&name) {
            return Err(format!("{name} in {}", entry.tag_name().name()));
        }
        if boolean(flag)? {
            held.push(name);
        }
    }
    Ok(held)
}

/// Puts keys together: with the right at the end, or one key for the whole entry.
fn named(entry: Node, name: &str, held: &[&str], with_right: bool) -> Result<Vec<String>, String> {
    let section = entry.tag_name().name();
    let name = match text(entry, name)? {
        Some(name) => name,
        _ if held.is_empty() => return Ok(vec![]),
        _ => return Err(format!("{section} without {name}")),
    };
    Ok(match with_right {
        true => held.iter().map(|right| format!("{section}/{name}/{right}")).collect(),
        false => held.iter().map(|_| format!("{section}/{name}")).collect(),
    })
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
