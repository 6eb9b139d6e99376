//! Whether a glob of grants stands for names that nobody has decided about.

use crate::access::NameGlob;
use crate::metadata::{known_rights, known_sections};

/// Every letter and digit there is in a name, in no order that a name has.
const LETTERS: &str = "zq_xjkvbpygfwmucldrhsnioate_0918273645";

/// Whether `glob`, compiled from `text`, stands for a name that was made up.
pub(super) fn is_open(text: &str, glob: &NameGlob) -> bool {
    // Braces alone stand for just what is written.
    if !text.contains(['*', '?', '[']) {
        return false;
    }
    let folded = text.to_lowercase();
    let (first, _) = folded.split_once('/').unwrap_or((&folded, ""));
    let sections = known_sections().iter().map(|section| (section.to_lowercase(), known_rights(section)));
    let sections: Vec<_> = sections.filter(|(section, _)| !is_literal(first) || section == first).collect();
    let grants = names().flat_map(|name| {
        let keys = sections.iter().flat_map(move |(section, rights)| keys(section, &name, rights));
        keys.collect::<Vec<_>>()
    });
    grants.chain(["zq".to_owned(), "zq/xj/kv".to_owned()]).any(|grant| glob.is_match(&grant))
}

fn is_literal(part: &str) -> bool {
    part.chars().all(char::is_alphanumeric)
}

/// Made-up names: one for each first character, one for each length.
fn names() -> impl Iterator<Item = String> {
    let firsts = ('a'..='z').chain('0'..='9').map(|first| format!("{first}{LETTERS}"));
    firsts.chain((1..=LETTERS.len()).map(|length| LETTERS[..length].to_owned()))
}

fn keys(section: &str, name: &str, rights: &[&str]) -> Vec<String> {
    let name = if section == "fieldpermissions" { format!("{name}.{name}") } else { name.to_owned() };
    match rights {
        [] => vec![format!("{section}/{name}")],
        _ => rights.iter().map(|right| format!("{section}/{name}/{}", right.to_lowercase())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_that_stands_for_made_up_names_is_open() {
        let is_open = |text: &str| is_open(text, &NameGlob::new(text).unwrap());
        for open in [
            "*",
            "**",
            "*/*",
            "userPermissions/*",
            "userPermissions/*e*",
            "userPermissions/?*",
            "userPermissions/????????????",
            "userPermissions/[a-z]*",
            "userPermissions/[!x]*",
            "userPermissions/M*",
            "*Permissions/*s/modifyAllRecords",
            "objectPermissions/*/modifyAllRecords",
            "objectPermissions/*/*",
            "fieldPermissions/*.*/*",
            "{userPermissions/ModifyAllData,objectPermissions/*/allowRead}",
        ] {
            assert!(is_open(open), "{open}");
        }
        for closed in [
            "userPermissions/View*",
            "userPermissions/ModifyAllData",
            "objectPermissions/{A,B}/allowRead",
            "objectPermissions/Invoice__c/*",
            "fieldPermissions/*.SSN__c/readable",
            "{userPermissions/ModifyAllData,objectPermissions/{A,B}/allowRead}",
            "classAccesses/[*]",
            "hasActivationRequired/false",
        ] {
            assert!(!is_open(closed), "{closed}");
        }
    }
}
