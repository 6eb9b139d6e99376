//! Grant keys in few words: what a reader takes in at a glance.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::access::{Risk, user_permission};
use crate::report::markup::{code_in_cell, plain};
use crate::text::{clip, clip_middle, count};

/// Names in one line before it says how many more there are.
const NAMED: usize = 4;
/// Lines of one list before it says how many more grants there are.
const LINES: usize = 4;

/// Rights on objects and fields, and what Setup calls them; broader ones further down.
const RIGHTS: [(&str, &str); 9] = [
    ("readable", "Read"),
    ("editable", "Edit"),
    ("allowCreate", "Create"),
    ("allowRead", "Read"),
    ("allowEdit", "Edit"),
    ("allowDelete", "Delete"),
    ("viewAllFields", "View All Fields"),
    ("viewAllRecords", "View All Records"),
    ("modifyAllRecords", "Modify All Records"),
];

/// Sections with one grant a name, and what they are about: one, and several.
const SECTIONS: [(&str, &str, &str); 13] = [
    ("customPermissions", "custom permission", "custom permissions"),
    ("classAccesses", "Apex class", "Apex classes"),
    ("pageAccesses", "Visualforce page", "Visualforce pages"),
    ("flowAccesses", "flow", "flows"),
    ("agentAccesses", "agent", "agents"),
    ("externalCredentialPrincipalAccesses", "external credential principal", "external credential principals"),
    ("externalDataSourceAccesses", "external data source", "external data sources"),
    ("customMetadataTypeAccesses", "custom metadata type", "custom metadata types"),
    ("customSettingAccesses", "custom setting", "custom settings"),
    ("emailRoutingAddressAccesses", "email routing address", "email routing addresses"),
    ("servicePresenceStatusAccesses", "service presence status", "service presence statuses"),
    ("applicationVisibilities", "app", "apps"),
    ("recordTypeVisibilities", "record type", "record types"),
];

/// What one line is about; what reaches furthest comes first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Topic<'k> {
    UserPermissions,
    EveryObject(Rights<'k>),
    EveryField(Rights<'k>),
    Objects(Rights<'k>),
    FieldsOf(&'k str, Rights<'k>),
    /// A place in [`SECTIONS`].
    Named(usize),
    Other(&'k str),
}

/// Rights with their place in [`RIGHTS`], the broadest first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rights<'k>(Vec<(Reverse<usize>, &'k str)>);

/// Grants as lines of HTML: `object <code>Contract</code>: Delete, View All Records`.
pub(super) fn lines(keys: &[&str]) -> Vec<String> {
    let topics = topics(keys);
    let many = topics.len() > LINES;
    let mut lines = Vec::new();
    let mut told = 0;
    for (topic, names) in topics {
        if many && lines.len() + 1 == LINES {
            lines.push(format!("and {}", count(keys.len() - told, "more grant")));
            break;
        }
        told += names.len() * topic.rights().map_or(1, |rights| rights.0.len());
        lines.push(line(&topic, names));
    }
    lines
}

fn topics<'k>(keys: &[&'k str]) -> BTreeMap<Topic<'k>, Vec<&'k str>> {
    let mut topics: BTreeMap<Topic<'_>, Vec<&str>> = BTreeMap::new();
    let mut of_data: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for key in keys {
        let (section, rest) = key.split_once('/').unwrap_or((key, ""));
        let topic = match (section, rest.rsplit_once('/')) {
            ("objectPermissions" | "fieldPermissions", Some((name, right))) => {
                of_data.entry((section, name)).or_default().push(right);
                continue;
            }
            ("userPermissions", _) => Topic::UserPermissions,
            _ => match SECTIONS.iter().position(|(known, ..)| *known == section) {
                Some(at) => Topic::Named(at),
                None => Topic::Other(section),
            },
        };
        topics.entry(topic).or_default().push(rest);
    }
    for ((section, name), rights) in of_data {
        let rights = Rights::of(rights);
        let (topic, name) = match (section, name.split_once('.')) {
            ("objectPermissions", _) if name == "*" => (Topic::EveryObject(rights), name),
            ("objectPermissions", _) => (Topic::Objects(rights), name),
            (_, Some(("*", _))) => (Topic::EveryField(rights), name),
            (_, Some((object, field))) => (Topic::FieldsOf(object, rights), field),
            (_, None) => (Topic::FieldsOf("", rights), name),
        };
        topics.entry(topic).or_default().push(name);
    }
    topics
}

impl<'k> Rights<'k> {
    fn of(rights: Vec<&'k str>) -> Self {
        let place = |right: &str| RIGHTS.iter().position(|(known, _)| *known == right).map_or(0, |at| at + 1);
        let mut rights: Vec<_> = rights.into_iter().map(|right| (Reverse(place(right)), right)).collect();
        rights.sort_unstable();
        Self(rights)
    }

    /// `Read, Edit, View All Records`.
    fn words(&self) -> String {
        let word = |(Reverse(place), right): &(Reverse<usize>, &str)| match place.checked_sub(1) {
            Some(at) => RIGHTS[at].1.to_owned(),
            None => code_in_cell(&clip(right)),
        };
        self.0.iter().rev().map(word).collect::<Vec<_>>().join(", ")
    }
}

impl Topic<'_> {
    fn rights(&self) -> Option<&Rights<'_>> {
        match self {
            Self::EveryObject(rights) | Self::EveryField(rights) => Some(rights),
            Self::Objects(rights) | Self::FieldsOf(_, rights) => Some(rights),
            Self::UserPermissions | Self::Named(_) | Self::Other(_) => None,
        }
    }
}

fn line(topic: &Topic<'_>, mut names: Vec<&str>) -> String {
    let rights = topic.rights().map(Rights::words).unwrap_or_default();
    let several = names.len() > 1;
    match topic {
        Topic::UserPermissions => {
            let harm = |name: &str| user_permission(&name.to_lowercase()).map_or(Risk::Unknown, |known| known.risk);
            names.sort_by_key(|name| (harm(name) as u8, *name));
            list(&names, permission)
        }
        Topic::EveryObject(_) => format!("<strong>every object</strong>: {rights}"),
        Topic::EveryField(_) => format!("<strong>every field</strong>: {rights}"),
        Topic::Objects(_) => format!("{}: {rights}", list(&names, name)),
        Topic::FieldsOf(object, _) if names == ["*"] => format!("every field of {}: {rights}", name(object)),
        Topic::FieldsOf("", _) => format!("field {}: {rights}", list(&names, name)),
        Topic::FieldsOf(object, _) if several => {
            format!("fields of {}: {} ({rights})", name(object), list(&names, name))
        }
        Topic::FieldsOf(object, _) => {
            format!("field {}: {rights}", code_in_cell(&clip_middle(&format!("{object}.{}", names.concat()))))
        }
        Topic::Named(at) => {
            let (_, one, more) = SECTIONS[*at];
            format!("{} {}", if several { more } else { one }, list(&names, name))
        }
        Topic::Other("tabSettings") => {
            let tabs: Vec<&str> =
                names.iter().map(|name| name.rsplit_once('/').map_or(*name, |(tab, _)| tab)).collect();
            format!("{} {}", if several { "tabs" } else { "tab" }, list(&tabs, name))
        }
        Topic::Other(section) => format!("{} {}", name(section), list(&names, name)),
    }
}

fn name(name: &str) -> String {
    code_in_cell(&clip(name))
}

/// What Setup calls a user permission, and its name where that says something else.
fn permission(name: &str) -> String {
    let known = user_permission(&name.to_lowercase()).map(|known| known.label.trim()).filter(|label| !label.is_empty());
    let Some(label) = known else { return code_in_cell(&clip(name)) };
    let same = label.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().eq_ignore_ascii_case(name);
    let name = if same { String::new() } else { format!(" ({})", code_in_cell(&clip(name))) };
    format!("{}{name}", plain(label))
}

/// `A, B, C and 2 more`.
fn list(names: &[&str], show: impl Fn(&str) -> String) -> String {
    let listed = if names.len() <= NAMED + 1 { names.len() } else { NAMED };
    let shown = names[..listed].iter().map(|name| show(name)).collect::<Vec<_>>().join(", ");
    let more = names.len() - listed;
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_and_names_are_gathered() {
        let keys = [
            "classAccesses/A",
            "classAccesses/B",
            "fieldPermissions/C.F__c/editable",
            "fieldPermissions/C.F__c/readable",
            "fieldPermissions/C.G__c/readable",
            "fieldPermissions/D.*/readable",
            "objectPermissions/*/allowRead",
            "objectPermissions/C/allowRead",
            "objectPermissions/C/modifyAllRecords",
            "objectPermissions/D/allowRead",
            "userPermissions/ApiEnabled",
            "userPermissions/ModifyAllData",
        ];
        assert_eq!(
            lines(&keys),
            [
                "Modify All Data, API Enabled",
                "<strong>every object</strong>: Read",
                "<code>C</code>: Read, Modify All Records",
                "and 7 more grants",
            ]
        );
    }

    #[test]
    fn names_are_counted_where_there_are_many() {
        let keys: Vec<String> = (0..9).map(|at| format!("flowAccesses/F{at}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let shown: Vec<String> = (0..4).map(|at| format!("<code>F{at}</code>")).collect();
        assert_eq!(lines(&keys), [format!("flows {} and 5 more", shown.join(", "))]);
    }

    #[test]
    fn unknown_sections_and_rights_are_shown_as_written() {
        let keys = ["dataspaceScopes/X/readonly", "objectPermissions/A/someRight", "userPermissions/NoSuch"];
        let expected = [
            "<code>NoSuch</code>",
            "<code>A</code>: <code>someRight</code>",
            "<code>dataspaceScopes</code> <code>X/readonly</code>",
        ];
        assert_eq!(lines(&keys), expected);
    }
}
