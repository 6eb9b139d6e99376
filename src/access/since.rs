//! Since when an element exists: a deployment with an older API version refuses it.

use crate::metadata::{Parsed, Word};
use crate::source::HolderKind;

/// Sections of permission sets and profiles that came later than API 30, and the version they came with
/// (Metadata API Developer Guide). Older versions are no longer supported by the platform.
const SECTIONS: [(Word, &str, u32); 10] = [
    (Word::AGENT_ACCESSES, "agentAccesses", 63),
    (Word::CUSTOM_METADATA_TYPE_ACCESSES, "customMetadataTypeAccesses", 47),
    (Word::CUSTOM_PERMISSIONS, "customPermissions", 31),
    (Word::CUSTOM_SETTING_ACCESSES, "customSettingAccesses", 47),
    (Word::EMAIL_ROUTING_ADDRESS_ACCESSES, "emailRoutingAddressAccesses", 62),
    (Word::EXTERNAL_CREDENTIAL_PRINCIPAL_ACCESSES, "externalCredentialPrincipalAccesses", 59),
    (Word::FLOW_ACCESSES, "flowAccesses", 47),
    (Word::GEN_COMPUTING_SUMMARY_DEF_ACCESSES, "genComputingSummaryDefAccesses", 66),
    (Word::SERVICE_PRESENCE_STATUS_ACCESSES, "servicePresenceStatusAccesses", 64),
    (Word::OBJECT_PERMISSIONS, "viewAllFields", VIEW_ALL_FIELDS),
];
const VIEW_ALL_FIELDS: u32 = 63;

/// An element of a file that an API version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newer {
    /// Its name, as `viewAllFields`.
    pub element: &'static str,
    /// The first version that has it.
    pub since: u32,
    /// The first one in the file: offset of its `<`.
    pub at: u32,
}

/// The elements of a file that came after `version`, each once, by name.
pub fn newer_than(version: u32, kind: HolderKind, parsed: &Parsed) -> Vec<Newer> {
    let sections = SECTIONS.into_iter().filter(|(_, _, since)| *since > version);
    let mut newer: Vec<Newer> = sections
        .filter_map(|(section, element, since)| {
            let from = parsed.entries.partition_point(|entry| entry.key.section() < section);
            let of_section = parsed.entries[from..].iter().take_while(|entry| entry.key.section() == section);
            let at = if section == Word::OBJECT_PERMISSIONS {
                of_section
                    .filter(|entry| entry.key.right() == Word::VIEW_ALL_FIELDS)
                    .map(|entry| entry.decided_at)
                    .min()
            } else {
                of_section.map(|entry| entry.block.start).min()
            };
            at.map(|at| Newer { element, since, at })
        })
        .collect();
    let properties: &[(&'static str, u32)] = match kind {
        HolderKind::PermissionSetGroup => &[("hasActivationRequired", 53), ("mutingPermissionSets", 46)],
        HolderKind::PermissionSet | HolderKind::MutingPermissionSet => {
            &[("hasActivationRequired", 37), ("license", 38)]
        }
        HolderKind::Profile => &[("categoryGroupVisibilities", 41)],
    };
    for (element, since) in properties.iter().filter(|(_, since)| *since > version) {
        let found = parsed.property(element);
        newer.extend(found.map(|property| Newer { element, since: *since, at: property.span.start }));
    }
    newer.sort_by_key(|newer| newer.element);
    newer
}
