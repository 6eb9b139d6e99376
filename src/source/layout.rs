//! From a path to what the file holds: the kind of metadata and the holder's API name.
//!
//! Suffixes are those of Salesforce's source-deploy-retrieve registry (`facts/salesforce.md` section 2);
//! source format adds `-meta.xml`. The folder does not matter: the registry is not strict about it.

use percent_encoding::percent_decode_str;

use crate::source::{RelatedKind, classify_related};

/// The kinds of holders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HolderKind {
    /// `PermissionSet`
    PermissionSet,
    /// `MutingPermissionSet`: what it holds is muted, never granted.
    MutingPermissionSet,
    /// `PermissionSetGroup`
    PermissionSetGroup,
    /// `Profile`
    Profile,
}

impl HolderKind {
    /// The word of the JSON contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PermissionSet => "permissionSet",
            Self::MutingPermissionSet => "mutingPermissionSet",
            Self::PermissionSetGroup => "permissionSetGroup",
            Self::Profile => "profile",
        }
    }

    /// Whether a user can be given it.
    pub fn is_assignable(self) -> bool {
        self != Self::MutingPermissionSet
    }

    /// The name of the metadata type.
    pub fn metadata_type(self) -> &'static str {
        match self {
            Self::PermissionSet => "PermissionSet",
            Self::MutingPermissionSet => "MutingPermissionSet",
            Self::PermissionSetGroup => "PermissionSetGroup",
            Self::Profile => "Profile",
        }
    }

    /// As a reader would say it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::PermissionSet => "permission set",
            Self::MutingPermissionSet => "muting permission set",
            Self::PermissionSetGroup => "permission set group",
            Self::Profile => "profile",
        }
    }
}

/// What a file holds, by its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// A whole permission set.
    PermissionSet,
    /// A muting permission set.
    MutingPermissionSet,
    /// A permission set group.
    PermissionSetGroup,
    /// A profile.
    Profile,
    /// A part of a decomposed permission set.
    PermissionSetPart,
}

impl FileKind {
    /// The holder a file of this kind belongs to.
    pub fn holder(self) -> HolderKind {
        match self {
            Self::PermissionSet | Self::PermissionSetPart => HolderKind::PermissionSet,
            Self::MutingPermissionSet => HolderKind::MutingPermissionSet,
            Self::PermissionSetGroup => HolderKind::PermissionSetGroup,
            Self::Profile => HolderKind::Profile,
        }
    }

    /// As a reader would say it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::PermissionSetPart => "part of a decomposed permission set",
            whole => whole.holder().describe(),
        }
    }
}

const WHOLE: [(&str, FileKind); 4] = [
    // Longest first: one suffix ends in another.
    (".mutingpermissionset", FileKind::MutingPermissionSet),
    (".permissionsetgroup", FileKind::PermissionSetGroup),
    (".permissionset", FileKind::PermissionSet),
    (".profile", FileKind::Profile),
];

/// What the file at `path` holds and the API name of its holder; `None` for any other file.
///
/// A name is percent-decoded: Salesforce's tools encode characters file systems do not take.
pub fn classify(path: &str) -> Option<(FileKind, String)> {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = strip_suffix_fold(file, "-meta.xml").unwrap_or(file);
    for (suffix, kind) in WHOLE {
        if let Some(name) = strip_suffix_fold(stem, suffix) {
            return Some((kind, decode(name)));
        }
    }
    let part = stem.len() < file.len() && is_part(stem);
    let set = set_folder(path).filter(|_| part)?;
    Some((FileKind::PermissionSetPart, decode(set.rsplit('/').next().unwrap_or(set))))
}

/// Whether a file inside a decomposed set's folder is a part of it, by its name without `-meta.xml`: those that
/// `decomposePermissionSetBeta` and `decomposePermissionSetBeta2` write, and their like.
///
/// Later versions of the platform's tools will write more kinds: what ends like one is read as a part, and what
/// cannot be read is a problem. Passed over it would be access that nobody sees.
fn is_part(stem: &str) -> bool {
    const ENDINGS: [&str; 9] =
        ["access", "accesses", "permission", "permissions", "scope", "scopes", "setting", "settings", "visibility"];
    let suffix = stem.rsplit_once('.').map(|(_, suffix)| suffix.to_ascii_lowercase());
    suffix.is_some_and(|suffix| ENDINGS.iter().any(|ending| suffix.ends_with(ending)))
}

/// Folders inside a decomposed set's own, one for each section. By their whole names: a set can be called
/// `Sales_Settings`.
const SECTION_FOLDERS: [&str; 20] = [
    "agentaccesses",
    "applicationvisibilities",
    "classaccesses",
    "custommetadatatypeaccesses",
    "custompermissions",
    "customsettingaccesses",
    "dataspacescopes",
    "emailroutingaddressaccesses",
    "externalcredentialprincipalaccesses",
    "externaldatasourceaccesses",
    "fieldpermissions",
    "flowaccesses",
    "gencomputingsummarydefaccesses",
    "objectpermissions",
    "objectsettings",
    "pageaccesses",
    "recordtypevisibilities",
    "servicepresencestatusaccesses",
    "tabsettings",
    "userpermissions",
];

/// The folder of the decomposed set that a part at `path` belongs to: `…/permissionsets/…/My_PS`.
///
/// Only below `permissionsets`: elsewhere a `.customPermission` is a custom permission, not a part.
pub fn set_folder(path: &str) -> Option<&str> {
    let (folder, _) = path.rsplit_once('/')?;
    let (above, last) = folder.rsplit_once('/')?;
    let is_section = SECTION_FOLDERS.iter().any(|section| last.eq_ignore_ascii_case(section));
    let set = if is_section { above } else { folder };
    let (ancestors, _) = set.rsplit_once('/')?;
    ancestors.split('/').any(|ancestor| ancestor.eq_ignore_ascii_case("permissionsets")).then_some(set)
}

/// Whether a link or submodule at `path` can stand for permission files.
pub(crate) fn can_hold_permissions(path: &str) -> bool {
    const FOLDERS: [&str; 4] = ["permissionsets", "mutingpermissionsets", "permissionsetgroups", "profiles"];
    classify(path).is_some()
        || classify_related(path).is_some_and(|(kind, ..)| kind != RelatedKind::Apex)
        || path.split('/').any(|component| FOLDERS.iter().any(|folder| component.eq_ignore_ascii_case(folder)))
        // The layout of every Salesforce DX project: <package directory>/main/default.
        || path.split('/').any(|component| component == "force-app")
        || path.ends_with("main/default")
}

/// A file name or manifest member as the API name it stands for.
pub(crate) fn decode(name: &str) -> String {
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

pub(super) fn strip_suffix_fold<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    let tail = text.get(at..)?;
    (tail.eq_ignore_ascii_case(suffix) && at > 0).then(|| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<(FileKind, &str)> {
        classify(path).map(|(kind, name)| (kind, &*name.leak()))
    }

    #[test]
    fn both_formats_in_any_folder() {
        use FileKind::{MutingPermissionSet, PermissionSet, PermissionSetGroup, Profile};
        assert_eq!(of("a/permissionSets/X.permissionset-meta.xml"), Some((PermissionSet, "X")));
        assert_eq!(of("X.permissionset"), Some((PermissionSet, "X")));
        assert_eq!(of("profiles/X.PermissionSet-meta.xml"), Some((PermissionSet, "X")));
        assert_eq!(of("M.mutingpermissionset"), Some((MutingPermissionSet, "M")));
        assert_eq!(of("g/G.permissionsetgroup-meta.xml"), Some((PermissionSetGroup, "G")));
        assert_eq!(
            of("p/Custom%3A Sales %E2%80%93 Profile.profile-meta.xml"),
            Some((Profile, "Custom: Sales – Profile"))
        );
        assert_eq!(of("permissionsets/X.permissionset.bak"), None);
        assert_eq!(of("permissionsets/.permissionset-meta.xml"), None);
    }

    #[test]
    fn parts_belong_to_the_set_of_their_folder() {
        let part = Some((FileKind::PermissionSetPart, "My_PS"));
        assert_eq!(of("f/permissionsets/My_PS/fieldPermissions/Account.F__c.fieldPermission-meta.xml"), part);
        assert_eq!(of("f/permissionsets/My_PS/customPermissions/CP1.customPermission-meta.xml"), part);
        assert_eq!(of("f/permissionSets/sales/My_PS/My_PS.userPermission-meta.xml"), part);
        assert_eq!(of("f/permissionsets/sales/My_PS/objectSettings/Account.objectSettings-meta.xml"), part);
        assert_eq!(of("f/permissionsets/My_PS/agentAccesses/Helper.agentAccess-meta.xml"), part);
        assert_eq!(of("f/permissionsets/My_PS/My_PS.dataspaceScope-meta.xml"), part);
        assert_eq!(of("f/customPermissions/Approve.customPermission-meta.xml"), None);
        assert_eq!(of("f/permissionsets/My_PS/My_PS.layout-meta.xml"), None);
    }
}
