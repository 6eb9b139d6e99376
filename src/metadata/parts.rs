//! The parts of a decomposed permission set.

/// Element names of the parts that `decomposePermissionSetBeta` writes, and the section each is an entry of.
const PART_ROOTS: [(&str, &str); 15] = [
    ("ApplicationVisibility", "applicationVisibilities"),
    ("ClassAccess", "classAccesses"),
    ("CustomMetadataTypeAccess", "customMetadataTypeAccesses"),
    ("CustomPermission", "customPermissions"),
    ("CustomPermissions", "customPermissions"),
    ("CustomSettingAccess", "customSettingAccesses"),
    ("ExternalCredentialPrincipalAccess", "externalCredentialPrincipalAccesses"),
    ("ExternalDataSourceAccess", "externalDataSourceAccesses"),
    ("FieldPermission", "fieldPermissions"),
    ("FlowAccess", "flowAccesses"),
    ("ObjectPermission", "objectPermissions"),
    ("PageAccess", "pageAccesses"),
    ("RecordTypeVisibility", "recordTypeVisibilities"),
    ("TabSetting", "tabSettings"),
    ("UserPermission", "userPermissions"),
];

/// The section that a part with this root is an entry of.
pub(crate) fn section(root: &str) -> Option<&'static str> {
    PART_ROOTS.iter().find(|(name, _)| *name == root).map(|(_, section)| *section)
}
