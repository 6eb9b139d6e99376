//! The configuration to begin with: every section, commented, with what the repository suggests.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::access::{Gate, Holder};
use crate::delta::{Audit, Library};
use crate::error::Error;
use crate::policy::{Policy, builtin_rules, judge_audit};
use crate::source::HolderKind;
use crate::text::is_plain;

/// Names listed in one place.
const LISTED: usize = 8;

/// Words in the names of sets for programs.
const PROGRAMS: [&str; 6] = ["integration", "int", "api", "sync", "etl", "interface"];
/// Words in the names of objects that hold what few should see.
const SENSITIVE: [&str; 8] = ["payroll", "salary", "compensation", "payment", "bank", "medical", "health", "contract"];

/// The text of a configuration that changes nothing.
pub(super) fn text(stock: &Audit<'_>, library: &Library) -> Result<String, Error> {
    let mut text = String::from(HEAD);
    let mut section = |comment: &str, name: &str, lines: &[String]| {
        let _ = write!(text, "\n{comment}\n# [{name}]\n");
        lines.iter().for_each(|line| {
            let _ = writeln!(text, "# {line}");
        });
    };
    section(RULES, "rules", &[r#"hygiene = "off""#.to_owned(), r#"view-all-fields = "low""#.to_owned()]);
    section(CLASSES, "classes", &classes(stock));
    let objects = suggested(&objects(library), "Payroll__c");
    section(SENSITIVE_TEXT, "sensitive", &[format!("objects = {objects}"), r#"fields = ["*.SSN__c"]"#.to_owned()]);
    let activators = never_activated(stock, library)?;
    section(SESSION, "session", &activators);
    let paths = [r#"exclude = ["archive/**"]"#.to_owned(), r#"rules = ["security/rules"]"#.to_owned()];
    section(PATHS, "paths", &paths);
    text.push_str(WAIVER);
    Ok(text)
}

/// A list as TOML; an example where there is nothing to list.
fn suggested(names: &BTreeSet<String>, example: &str) -> String {
    let names: Vec<&str> = match names.is_empty() {
        true => vec![example],
        false => names.iter().take(LISTED).map(String::as_str).collect(),
    };
    let list: toml_edit::Array = names.into_iter().collect();
    list.to_string().trim().to_owned()
}

fn classes(stock: &Audit<'_>) -> Vec<String> {
    let of_kind = |kind: HolderKind| stock.holders.iter().filter(move |holder| holder.kind == kind);
    let named = |holder: &Holder<'_>| is_plain(holder.name);
    let profiles = of_kind(HolderKind::Profile).filter(|holder| holder.name.eq_ignore_ascii_case("Admin"));
    let admin: BTreeSet<String> = profiles.map(|holder| format!("profile:{}", holder.name)).collect();
    let sets = || of_kind(HolderKind::PermissionSet).filter(|holder| named(holder));
    let programs = sets().filter(|holder| words(holder.name).any(|word| PROGRAMS.contains(&word.as_str())));
    let programs = programs.map(|holder| format!("permissionSet:{}", holder.name)).collect();
    let members: BTreeSet<String> = stock
        .groups
        .iter()
        .flat_map(|group| group.roster.of_kind(HolderKind::PermissionSet))
        .filter_map(|member| member.resolved.clone())
        .collect();
    let components = sets().filter(|holder| members.contains(&holder.name.to_lowercase()));
    let components = components.map(|holder| holder.name.to_owned()).collect();
    vec![
        format!("admin = {}", suggested(&admin, "profile:Admin")),
        format!("integration = {}", suggested(&programs, "Int_*")),
        format!("component-only = {}   # in groups; are they ever assigned directly?", suggested(&components, "CMP_*")),
    ]
}

/// `Nightly_Sync`, `NightlySync`: nightly, sync.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut last_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && last_lower) {
            words.push(String::new());
        }
        last_lower = letter.is_lowercase();
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.into_iter().filter(|word| !word.is_empty())
}

/// Objects with a telling name.
fn objects(library: &Library) -> BTreeSet<String> {
    let objects = library.objects();
    let telling = |name: &&str| is_plain(name) && words(name).any(|word| SENSITIVE.contains(&word.as_str()));
    objects.into_iter().filter(telling).map(str::to_owned).collect()
}

/// Session-based sets that nothing in the repository activates.
fn never_activated(stock: &Audit<'_>, library: &Library) -> Result<Vec<String>, Error> {
    let mut rules = builtin_rules()?;
    rules.retain(|rule| rule.id == "session-set-never-activated");
    let policy = Policy::unconfigured(&rules);
    let mut lines = vec![r#"privileged = ["userPermissions/ModifyAllData", "userPermissions/ViewAllData"]"#.to_owned()];
    let found = judge_audit(&policy, stock, library);
    let named = found.iter().map(|finding| finding.subject.name).filter(|name| is_plain(name));
    let mut names: Vec<&str> = named.take(LISTED).collect();
    if names.is_empty() {
        names = vec![if stock.holders.iter().any(|holder| holder.gate() == Gate::Session) {
            "Unlock"
        } else {
            "Break_Glass"
        }];
    }
    lines.push("activators = [".to_owned());
    for name in names {
        let name = toml_edit::value(name);
        lines.push(format!(
            "    {{ holder = {}, by = \"connected app Vault\", ticket = \"SEC-12\" }},",
            name.to_string().trim()
        ));
    }
    lines.push("]".to_owned());
    Ok(lines)
}

const HEAD: &str = "\
# What permdelta judges by. Every key is optional; an unknown one is an error. `permdelta schema config` describes
# them all. `permdelta check` takes this file from the branch a change is for, never from the change itself.
";
const RULES: &str = "\
# A rule or a family of rules: off, note, low, medium, high or critical. `permdelta rules` lists them.";
const CLASSES: &str = "\
# What holders are for: names or globs. admin: for administrators. integration: for programs that log in; privileged
# access gets other advice there. component-only: never assigned directly, so --no-new-access judges their groups.";
const SENSITIVE_TEXT: &str = "\
# Objects and fields of which every access counts, besides those that permdelta knows.";
const SESSION: &str = "\
# privileged: what must not work in every session, instead of the built-in list. activators: session-based sets that
# something outside of this repository activates.";
const PATHS: &str = "\
# exclude: takes permission files out of sight, which is always reported; best none. rules: folders with rules of your own.";
const WAIVER: &str = "
# Accepted findings: one rule, one holder, a reason, an owner and a last day. `permdelta waive FINGERPRINT` writes them.
# [[waiver]]
# rule = \"modify-all-records\"
# holder = \"permissionSet:Nightly_Sync\"
# grant = \"objectPermissions/Invoice__c/modifyAllRecords\"
# reason = \"batch reconciliation writes every invoice\"
# owner = \"finance-platform\"
# ticket = \"SEC-481\"
# expires = 2027-03-31
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        let of = |name: &str| words(name).collect::<Vec<_>>().join(" ");
        assert_eq!(of("Nightly_Sync"), "nightly sync");
        assert_eq!(of("NightlySync"), "nightly sync");
        assert_eq!(of("INT_Payroll__c"), "int payroll c");
        assert_eq!(of("Internal Mint"), "internal mint");
    }
}
