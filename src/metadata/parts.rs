//! The parts of a decomposed permission set.

/// Element names of the parts that `decomposePermissionSetBeta` writes, or by its pattern would write, and the
/// section each is an entry of.
const PART_ROOTS: [(&str, &str); 19] = [
    ("AgentAccess", "agentAccesses"),
    ("ApplicationVisibility", "applicationVisibilities"),
    ("ClassAccess", "classAccesses"),
    ("CustomMetadataTypeAccess", "customMetadataTypeAccesses"),
    ("CustomPermission", "customPermissions"),
    ("CustomPermissions", "customPermissions"),
    ("CustomSettingAccess", "customSettingAccesses"),
    ("EmailRoutingAddressAccess", "emailRoutingAddressAccesses"),
    ("ExternalCredentialPrincipalAccess", "externalCredentialPrincipalAccesses"),
    ("ExternalDataSourceAccess", "externalDataSourceAccesses"),
    ("FieldPermission", "fieldPermissions"),
    ("FlowAccess", "flowAccesses"),
    ("GenComputingSummaryDefAccess", "genComputingSummaryDefAccesses"),
    ("ObjectPermission", "objectPermissions"),
    ("PageAccess", "pageAccesses"),
    ("RecordTypeVisibility", "recordTypeVisibilities"),
    ("ServicePresenceStatusAccess", "servicePresenceStatusAccesses"),
    ("TabSetting", "tabSettings"),
    ("UserPermission", "userPermissions"),
];

/// The section that a part with this root is an entry of.
pub(crate) fn section(root: &str) -> Option<&'static str> {
    PART_ROOTS.iter().find(|(name, _)| *name == root).map(|(_, section)| *section)
}
