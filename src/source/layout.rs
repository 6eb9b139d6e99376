//! From a path to what the file holds: the kind of metadata and the holder's API name.
//!
//! Suffixes are those of Salesforce's source-deploy-retrieve registry (`facts/salesforce.md` section 2);
//! source format adds `-meta.xml`. The folder does not matter: the registry is not strict about it.

use percent_encoding::percent_decode_str;

use crate::source::{RelatedKind, classify_related, parts};

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
    let is_part = stem.len() < file.len() && parts::is_part(stem);
    let set = parts::set_of(path).filter(|_| is_part)?;
    Some((FileKind::PermissionSetPart, decode(set)))
}

/// What a deployment takes a file for whose name goes on behind `-meta.xml`, as `A.permissionset-meta.xml.bak`: it does
/// not look at how a name ends. `None` for a file that nothing here would be read from either way.
pub(super) fn taken_for(path: &str) -> Option<String> {
    let (folders, file) = path.split_at(path.rfind('/').map_or(0, |at| at + 1));
    let ends = file.match_indices("-meta.xml").map(|(at, suffix)| at + suffix.len());
    let cut = |end: usize| format!("{folders}{}", &file[..end]);
    ends.filter(|end| *end < file.len()).map(cut).find_map(|path| {
        let holder = classify(&path).map(|(kind, name)| format!("the {} {name}", kind.describe()));
        holder.or_else(|| classify_related(&path).map(|(kind, name, _)| format!("the {} {name}", kind.describe())))
    })
}

/// Whether a link or submodule at `path` can stand for permission files.
pub(crate) fn can_hold_permissions(path: &str) -> bool {
    const FOLDERS: [&str; 4] = ["permissionsets", "mutingpermissionsets", "permissionsetgroups", "profiles"];
    classify(path).is_some()
        || taken_for(path).is_some()
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
    fn a_name_that_goes_on_is_taken_for_what_it_begins_with() {
        for (path, taken) in [
            ("p/A.permissionset-meta.xml.bak", "the permission set A"),
            ("p/A.profile-meta.xml~", "the profile A"),
            ("A.permissionset-meta.xml_old.txt", "the permission set A"),
            ("A.permissionset-meta.xml-meta.xml", "the permission set A"),
            ("f/permissionsets/A/A.userPermission-meta.xml.orig", "the part of a decomposed permission set A"),
            ("f/U.flow-meta.xml.bak", "the flow U"),
        ] {
            assert_eq!(taken_for(path).as_deref(), Some(taken), "{path}");
        }
        // Salesforce's tools know the suffix in small letters only.
        for path in [
            "A.permissionset-META.xml.bak",
            "A.permissionset-meta.xml",
            "A.permissionset.bak",
            "A.layout-meta.xml.bak",
            "a.profile-meta.xml/b",
        ] {
            assert_eq!(taken_for(path), None, "{path}");
        }
    }

    #[test]
    fn parts_belong_to_the_set_of_their_folder() {
        let part = Some((FileKind::PermissionSetPart, "My_PS"));
        assert_eq!(of("f/permissionsets/My_PS/fieldPermissions/Account.F__c.fieldPermission-meta.xml"), part);
        assert_eq!(of("f/permissionsets/My_PS/customPermissions/CP1.customPermission-meta.xml"), part);
        assert_eq!(of("f/permissionSets/sales/My_PS/My_PS.userPermission-meta.xml"), part);
        assert_eq!(of("f/permissionsets/My_PS/agentAccesses/Helper.agentAccess-meta.xml"), part);
        assert_eq!(of("f/permissionsets/My_PS/My_PS.dataspaceScope-meta.xml"), part);
        for (path, set) in [
            ("f/permissionsets/A.userPermission-meta.xml", "A"),
            ("f/permissionsets/A.b.userPermission-meta.xml", "A.b"),
            ("f/permissionsets/userPermissions/x.userPermission-meta.xml", "userPermissions"),
            ("f/permissionsets/My/Nightly_Sync/x.userPermission-meta.xml", "My"),
            ("f/permissionsets/My/Nightly_Sync/Nightly_Sync.userPermission-meta.xml", "Nightly_Sync"),
            ("f/permissionsets/a/permissionsets/My/x.userPermission-meta.xml", "My"),
        ] {
            assert_eq!(of(path), Some((FileKind::PermissionSetPart, set)), "{path}");
        }
        assert_eq!(of("f/customPermissions/Approve.customPermission-meta.xml"), None);
        assert_eq!(of("f/permissionsets/My_PS/My_PS.layout-meta.xml"), None);
    }
}
