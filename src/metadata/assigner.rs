//! Files that say who is assigned a permission set, group or profile, or who may assign it.
//!
//! Element names are those of the Metadata API guide (`UserAccessPolicy`, `DelegateGroup`, `Network`,
//! `CustomSite`) and of the types generated from its WSDL (`PortalDelegablePermissionSet`).

use crate::error::{Cause, Problem};
use crate::metadata::tree::{self, Node};
use crate::source::{HolderKind, RelatedKind};
use crate::text::Span;

/// What an assigner does with what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// A user access policy grants it.
    Grants,
    /// A user access policy takes it away.
    Revokes,
    /// Delegated administrators may assign it.
    Delegates,
    /// Users of this profile may assign what the file names.
    Administers,
    /// A site makes its users members.
    Admits,
    /// A site gives this profile to those who register themselves.
    Registers,
    /// A site gives this profile to those who do not log in.
    Guests,
}

/// A permission set, group or profile that an assigner names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// What it is.
    pub kind: HolderKind,
    /// Its API name; of a profile the name the file gives it.
    pub name: String,
    /// What the assigner does with it.
    pub relation: Relation,
    /// The element that names it.
    pub span: Span,
}

/// An assigner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assigner {
    /// The root's start tag.
    pub root: Span,
    /// In the order of the file.
    pub names: Vec<Named>,
    /// All it says about who is assigned what, sorted; labels and descriptions left out.
    pub meaning: Vec<String>,
    /// Whether people may register themselves; sites only.
    pub self_registration: bool,
}

/// Reads one file of that kind.
///
/// # Errors
/// The problem that ended reading: among others an element that should name something and does not.
pub(crate) fn read(kind: RelatedKind, root: &'static str, bytes: &[u8]) -> Result<Assigner, Problem> {
    let mut assigner = Assigner::default();
    let root = tree::children(bytes, root, |node| {
        for named in names(kind, &node) {
            if named.name.is_empty() {
                return Err(Problem { at: Some(named.span.start), cause: Cause::NoMember(node.name.to_owned()) });
            }
            assigner.names.push(named);
        }
        if node.name == "selfRegistration" {
            assigner.self_registration = node.text.eq_ignore_ascii_case("true");
        }
        if decides(kind, node.name) {
            assigner.meaning.push(node.meaning());
        }
        Ok(())
    })?;
    assigner.root = root;
    assigner.meaning.sort_unstable();
    Ok(assigner)
}

/// What one child of the root names.
fn names(kind: RelatedKind, node: &Node<'_>) -> Vec<Named> {
    let one = |kind: HolderKind, relation: Relation| named(node, kind, relation).into_iter().collect();
    match (kind, node.name) {
        (RelatedKind::UserAccessPolicy, "userAccessPolicyActions") => action(node).into_iter().collect(),
        (RelatedKind::DelegateGroup, "permissionSets") => one(HolderKind::PermissionSet, Relation::Delegates),
        (RelatedKind::DelegateGroup, "permissionSetGroups") => one(HolderKind::PermissionSetGroup, Relation::Delegates),
        (RelatedKind::DelegateGroup, "profiles") => one(HolderKind::Profile, Relation::Delegates),
        (RelatedKind::PortalDelegablePermissionSet, "permissionSet") => {
            one(HolderKind::PermissionSet, Relation::Delegates)
        }
        (RelatedKind::PortalDelegablePermissionSet, "profile") => one(HolderKind::Profile, Relation::Administers),
        (RelatedKind::Network, "networkMemberGroups") => {
            let sets = node.all("permissionSet").map(|set| named(set, HolderKind::PermissionSet, Relation::Admits));
            let profiles = node.all("profile").map(|profile| named(profile, HolderKind::Profile, Relation::Admits));
            sets.chain(profiles).flatten().collect()
        }
        (RelatedKind::Network, "selfRegProfile") => one(HolderKind::Profile, Relation::Registers),
        (RelatedKind::Site, "guestProfile") => one(HolderKind::Profile, Relation::Guests),
        _ => Vec::new(),
    }
}

fn named(node: &Node<'_>, kind: HolderKind, relation: Relation) -> Option<Named> {
    // A site may leave an element empty; a name with elements inside is none.
    let optional = matches!(relation, Relation::Admits | Relation::Registers | Relation::Guests);
    let absent = optional && node.text.is_empty() && node.children.is_empty();
    (!absent).then(|| Named { kind, name: node.text.to_string(), relation, span: node.span })
}

/// `userAccessPolicyActions`: of its types (Group, PackageLicense, Queue, …) two are holders.
fn action(node: &Node<'_>) -> Option<Named> {
    let kind = match node.text_of("type") {
        "PermissionSet" => HolderKind::PermissionSet,
        "PermissionSetGroup" => HolderKind::PermissionSetGroup,
        _ => return None,
    };
    // Doubt goes to more access.
    let relation = if node.text_of("action") == "Revoke" { Relation::Revokes } else { Relation::Grants };
    let target = node.child("target");
    let name = target.map_or_else(String::new, |target| target.text.to_string());
    Some(Named { kind, name, relation, span: target.map_or(node.span, |target| target.span) })
}

/// Whether an element has a part in who is assigned what. Of a site's hundred settings few have.
fn decides(kind: RelatedKind, element: &str) -> bool {
    match kind {
        RelatedKind::Network => {
            matches!(element, "networkMemberGroups" | "selfRegProfile" | "selfRegistration" | "status")
        }
        RelatedKind::Site => matches!(element, "guestProfile" | "active"),
        _ => !matches!(element, "label" | "masterLabel" | "description" | "fullName"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assigner(kind: RelatedKind, inside: &str) -> Result<Assigner, Cause> {
        let root = kind.metadata_type().unwrap();
        let xml = format!("<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\">{inside}</{root}>");
        read(kind, root, xml.as_bytes()).map_err(|problem| problem.cause)
    }

    fn names(kind: RelatedKind, inside: &str) -> Vec<(&'static str, String, Relation)> {
        let names = assigner(kind, inside).unwrap().names;
        names.into_iter().map(|named| (named.kind.as_str(), named.name, named.relation)).collect()
    }

    #[test]
    fn a_policy_grants_and_revokes() {
        let action = |what: &str, target: &str, kind: &str| {
            format!(
                "<userAccessPolicyActions><action>{what}</action><target>{target}</target><type>{kind}</type></userAccessPolicyActions>"
            )
        };
        let inside = [
            action("Grant", "Sales", "PermissionSetGroup"),
            action("Revoke", "Old", "PermissionSet"),
            action("Grant", "Leads", "Queue"),
            "<userAccessPolicyFilters><target>Sales User</target><type>Profile</type></userAccessPolicyFilters>"
                .to_owned(),
        ];
        let expected = [
            ("permissionSetGroup", "Sales".to_owned(), Relation::Grants),
            ("permissionSet", "Old".to_owned(), Relation::Revokes),
        ];
        assert_eq!(names(RelatedKind::UserAccessPolicy, &inside.concat()), expected);
        let nothing = assigner(RelatedKind::UserAccessPolicy, &action("Grant", "", "PermissionSet"));
        assert_eq!(nothing, Err(Cause::NoMember("userAccessPolicyActions".to_owned())));
    }

    #[test]
    fn delegation_and_sites() {
        let group = "<label>Desk</label><permissionSets>A</permissionSets><permissionSetGroups>G</permissionSetGroups>\
            <profiles>P</profiles><roles>R</roles>";
        let found: Vec<&str> = names(RelatedKind::DelegateGroup, group).iter().map(|(kind, ..)| *kind).collect();
        assert_eq!(found, ["permissionSet", "permissionSetGroup", "profile"]);

        let portal = "<masterLabel>L</masterLabel><permissionSet>A</permissionSet><profile>Partner</profile>";
        let found: Vec<Relation> =
            names(RelatedKind::PortalDelegablePermissionSet, portal).iter().map(|(.., relation)| *relation).collect();
        assert_eq!(found, [Relation::Delegates, Relation::Administers]);

        let network = "<networkMemberGroups><permissionSet>A</permissionSet><profile>admin</profile></networkMemberGroups>\
            <selfRegProfile>Shopper</selfRegProfile><selfRegistration>true</selfRegistration><status>Live</status>";
        let found: Vec<Relation> =
            names(RelatedKind::Network, network).iter().map(|(.., relation)| *relation).collect();
        assert_eq!(found, [Relation::Admits, Relation::Admits, Relation::Registers]);
        assert!(assigner(RelatedKind::Network, network).unwrap().self_registration);
        assert_eq!(names(RelatedKind::Network, "<networkMemberGroups/><selfRegProfile/>"), []);
        assert_eq!(names(RelatedKind::Site, "<guestProfile>Help Profile</guestProfile>")[0].2, Relation::Guests);
    }

    #[test]
    fn labels_and_mail_templates_decide_nothing() {
        let meaning = |inside: &str| assigner(RelatedKind::Network, inside).unwrap().meaning;
        assert_eq!(meaning("<status>Live</status>"), meaning("<description>New</description><status> Live </status>"));
        assert_ne!(meaning("<status>Live</status>"), meaning("<status>UnderConstruction</status>"));
    }
}
