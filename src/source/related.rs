//! Files that hold no grants and still decide what holders mean: what activates a set, who is assigned one,
//! who uses a profile.
//!
//! Suffixes are those of Salesforce's source-deploy-retrieve registry; source format adds `-meta.xml`.

use crate::source::layout::{decode, strip_suffix_fold};
use crate::source::{BlobId, classify};

/// The kinds of files beside those of holders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelatedKind {
    /// `CustomPermission`
    CustomPermission,
    /// `Flow`, or one version of it in layouts before API 44 (`Name-3.flow`).
    Flow,
    /// `FlowDefinition`: which version is active, in layouts before API 44. It overrides the versions' status.
    FlowDefinition,
    /// An Apex class or trigger.
    Apex,
    /// `UserAccessPolicy`: assigns sets and groups to users that meet its filters.
    UserAccessPolicy,
    /// `DelegateGroup`: delegated administrators, and what they may assign.
    DelegateGroup,
    /// `PortalDelegablePermissionSet`: what administrators of a portal may assign.
    PortalDelegablePermissionSet,
    /// `Network`: an Experience Cloud site's members, and the profile of those who register themselves.
    Network,
    /// `CustomSite`: a site, and the profile of its guests.
    Site,
}

impl RelatedKind {
    /// The word of fingerprints.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CustomPermission => "customPermission",
            Self::Flow => "flow",
            Self::FlowDefinition => "flowDefinition",
            Self::Apex => "apex",
            Self::UserAccessPolicy => "userAccessPolicy",
            Self::DelegateGroup => "delegateGroup",
            Self::PortalDelegablePermissionSet => "portalDelegablePermissionSet",
            Self::Network => "network",
            Self::Site => "site",
        }
    }

    /// As a reader would say it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::CustomPermission => "custom permission",
            Self::Flow => "flow",
            Self::FlowDefinition => "flow definition",
            Self::Apex => "Apex code",
            Self::UserAccessPolicy => "user access policy",
            Self::DelegateGroup => "delegated administration group",
            Self::PortalDelegablePermissionSet => "portal delegation",
            Self::Network => "Experience Cloud site",
            Self::Site => "site",
        }
    }

    /// The metadata type, which is the root element; none for Apex.
    pub fn metadata_type(self) -> Option<&'static str> {
        Some(match self {
            Self::CustomPermission => "CustomPermission",
            Self::Flow => "Flow",
            Self::FlowDefinition => "FlowDefinition",
            Self::Apex => return None,
            Self::UserAccessPolicy => "UserAccessPolicy",
            Self::DelegateGroup => "DelegateGroup",
            Self::PortalDelegablePermissionSet => "PortalDelegablePermissionSet",
            Self::Network => "Network",
            Self::Site => "CustomSite",
        })
    }

    /// Whether it says who is assigned which set, group or profile.
    pub fn is_assigner(self) -> bool {
        matches!(
            self,
            Self::UserAccessPolicy | Self::DelegateGroup | Self::PortalDelegablePermissionSet | Self::Network
        )
    }
}

/// A file that decides what holders mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelatedFile {
    /// Relative to the root of the source, `/`-separated, as stored.
    pub path: String,
    /// What it holds, by its path.
    pub kind: RelatedKind,
    /// The API name, by its path; of a flow without its version.
    pub name: String,
    /// The version a flow's file name gives, in layouts before API 44.
    pub version: Option<u32>,
    /// Its content.
    pub blob: BlobId,
}

/// Suffixes, and the folder a file in metadata API format lies in where the suffix alone could be anything.
const SUFFIXES: [(&str, RelatedKind, Option<&str>); 8] = [
    (".custompermission", RelatedKind::CustomPermission, None),
    (".flow", RelatedKind::Flow, Some("flows")),
    (".flowdefinition", RelatedKind::FlowDefinition, None),
    (".useraccesspolicy", RelatedKind::UserAccessPolicy, None),
    (".delegategroup", RelatedKind::DelegateGroup, None),
    (".portaldelegablepermissionset", RelatedKind::PortalDelegablePermissionSet, None),
    // systemd has files of this suffix.
    (".network", RelatedKind::Network, Some("networks")),
    (".site", RelatedKind::Site, Some("sites")),
];

/// What the related file at `path` is: kind, API name and a flow's version; `None` for any other file.
///
/// In source format the folder does not matter. In metadata API format the folder belongs to the type, and
/// other programs have files of some of the suffixes.
pub fn classify_related(path: &str) -> Option<(RelatedKind, String, Option<u32>)> {
    // A `.customPermission` inside a decomposed set is a part of it.
    classify(path).is_none().then(|| beside_holders(path)).flatten()
}

/// As [`classify_related`], for a path that is known to be no holder's.
pub(super) fn beside_holders(path: &str) -> Option<(RelatedKind, String, Option<u32>)> {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    for suffix in [".cls", ".trigger"] {
        if let Some(name) = strip_suffix_fold(file, suffix) {
            return Some((RelatedKind::Apex, decode(name), None));
        }
    }
    let source_format = strip_suffix_fold(file, "-meta.xml");
    let stem = source_format.unwrap_or(file);
    let (name, kind, folder) = SUFFIXES
        .iter()
        .find_map(|(suffix, kind, folder)| strip_suffix_fold(stem, suffix).map(|name| (name, *kind, *folder)))?;
    let in_folder = |wanted: &str| folders.split('/').any(|folder| folder.eq_ignore_ascii_case(wanted));
    if source_format.is_none() && !folder.is_none_or(in_folder) {
        return None;
    }
    let name = decode(name);
    Some(match flow_version(&name).filter(|_| kind == RelatedKind::Flow) {
        Some((flow, version)) => (kind, flow.to_owned(), Some(version)),
        None => (kind, name, None),
    })
}

/// `Name-3` as name and version. No API name has a hyphen.
fn flow_version(name: &str) -> Option<(&str, u32)> {
    let (flow, version) = name.rsplit_once('-')?;
    let digits = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    Some((flow, version.parse().ok()?)).filter(|_| digits && !flow.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<(RelatedKind, String, Option<u32>)> {
        classify_related(path)
    }

    fn is(kind: RelatedKind, name: &str) -> Option<(RelatedKind, String, Option<u32>)> {
        Some((kind, name.to_owned(), None))
    }

    #[test]
    fn both_formats() {
        assert_eq!(of("force-app/x/Unlock.flow-meta.xml"), is(RelatedKind::Flow, "Unlock"));
        assert_eq!(of("src/flows/Unlock.flow"), is(RelatedKind::Flow, "Unlock"));
        assert_eq!(of("src/flows/Unlock-12.flow"), Some((RelatedKind::Flow, "Unlock".to_owned(), Some(12))));
        assert_eq!(of("src/flowDefinitions/Unlock.flowDefinition"), is(RelatedKind::FlowDefinition, "Unlock"));
        assert_eq!(of("a/Approve.customPermission-meta.xml"), is(RelatedKind::CustomPermission, "Approve"));
        assert_eq!(of("customPermissions/Approve.customPermission"), is(RelatedKind::CustomPermission, "Approve"));
        assert_eq!(of("a/Sales.useraccesspolicy-meta.xml"), is(RelatedKind::UserAccessPolicy, "Sales"));
        assert_eq!(of("delegateGroups/Desk.delegateGroup"), is(RelatedKind::DelegateGroup, "Desk"));
        let portal = RelatedKind::PortalDelegablePermissionSet;
        assert_eq!(of("a/P.portalDelegablePermissionSet-meta.xml"), is(portal, "P"));
        assert_eq!(of("n/Help%20Center.network-meta.xml"), is(RelatedKind::Network, "Help Center"));
        assert_eq!(of("sites/Help.site"), is(RelatedKind::Site, "Help"));
        assert_eq!(of("classes/A.cls"), is(RelatedKind::Apex, "A"));
        assert_eq!(of("triggers/A.trigger"), is(RelatedKind::Apex, "A"));
    }

    #[test]
    fn nothing_else() {
        for other in [
            "classes/A.cls-meta.xml",
            "triggers/A.trigger-meta.xml",
            "etc/systemd/eth0.network",
            "docs/data.flow",
            "flows/A.flow.bak",
            "flows/.flow",
            "f/permissionsets/My_PS/customPermissions/CP1.customPermission-meta.xml",
            "f/permissionsets/My_PS/My_PS.customPermissions-meta.xml",
            "f/permissionsets/My_PS.permissionset-meta.xml",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
        // Not a number a version can be: part of the name.
        assert_eq!(of("flows/A-99999999999.flow"), is(RelatedKind::Flow, "A-99999999999"));
    }
}
