//! Element names as small numbers: the sections of a permission file and the rights inside them.

/// An element name. The known ones are constants; names met in files get numbers behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(pub(crate) u16);

macro_rules! words {
    ($($constant:ident $text:literal)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Index { $($constant),* }

        impl Word {
            $(#[doc = concat!("`", $text, "`")] pub const $constant: Word = Word(Index::$constant as u16);)*
        }

        /// The texts of the known words, in the order of their numbers.
        pub(crate) const KNOWN: &[&str] = &[$($text),*];
    };
}

// Sections first: `Word::is_known_section` rests on that order. Rights as Salesforce orders them in a block.
words! {
    NONE ""
    OBJECT_PERMISSIONS "objectPermissions"
    FIELD_PERMISSIONS "fieldPermissions"
    RECORD_TYPE_VISIBILITIES "recordTypeVisibilities"
    TAB_SETTINGS "tabSettings"
    APPLICATION_VISIBILITIES "applicationVisibilities"
    AGENT_ACCESSES "agentAccesses"
    CLASS_ACCESSES "classAccesses"
    CUSTOM_METADATA_TYPE_ACCESSES "customMetadataTypeAccesses"
    CUSTOM_PERMISSIONS "customPermissions"
    CUSTOM_SETTING_ACCESSES "customSettingAccesses"
    EMAIL_ROUTING_ADDRESS_ACCESSES "emailRoutingAddressAccesses"
    EXTERNAL_CREDENTIAL_PRINCIPAL_ACCESSES "externalCredentialPrincipalAccesses"
    EXTERNAL_DATA_SOURCE_ACCESSES "externalDataSourceAccesses"
    FLOW_ACCESSES "flowAccesses"
    GEN_COMPUTING_SUMMARY_DEF_ACCESSES "genComputingSummaryDefAccesses"
    PAGE_ACCESSES "pageAccesses"
    SERVICE_PRESENCE_STATUS_ACCESSES "servicePresenceStatusAccesses"
    USER_PERMISSIONS "userPermissions"
    ALLOW_CREATE "allowCreate"
    ALLOW_DELETE "allowDelete"
    ALLOW_EDIT "allowEdit"
    ALLOW_READ "allowRead"
    MODIFY_ALL_RECORDS "modifyAllRecords"
    VIEW_ALL_FIELDS "viewAllFields"
    VIEW_ALL_RECORDS "viewAllRecords"
    EDITABLE "editable"
    READABLE "readable"
    AVAILABLE "Available"
    VISIBLE "Visible"
}

impl Word {
    /// Whether the word is a section of Appendix A, as opposed to an element met in a file only.
    pub fn is_known_section(self) -> bool {
        self > Self::NONE && self <= Self::USER_PERMISSIONS
    }
}

/// The known sections of a permission file, in the order of the Metadata API guide's table.
pub(crate) fn known_sections() -> &'static [&'static str] {
    &KNOWN[1..=Word::USER_PERMISSIONS.0 as usize]
}

/// The rights an entry of `section` can hold; empty where the section has just one.
pub(crate) fn known_rights(section: &str) -> &'static [&'static str] {
    let range = match section {
        "objectPermissions" => Word::ALLOW_CREATE.0..=Word::VIEW_ALL_RECORDS.0,
        "fieldPermissions" => Word::EDITABLE.0..=Word::READABLE.0,
        "tabSettings" => Word::AVAILABLE.0..=Word::VISIBLE.0,
        _ => return &[],
    };
    &KNOWN[*range.start() as usize..=*range.end() as usize]
}

/// The number of a known word.
pub(crate) fn known_word(text: &str) -> Option<Word> {
    KNOWN.iter().position(|known| *known == text).map(|index| Word(index as u16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_agree() {
        assert_eq!(KNOWN[Word::USER_PERMISSIONS.0 as usize], "userPermissions");
        assert_eq!(KNOWN[Word::VISIBLE.0 as usize], "Visible");
        assert_eq!(known_rights("fieldPermissions"), ["editable", "readable"]);
        assert!(Word::AGENT_ACCESSES.is_known_section() && !Word::ALLOW_READ.is_known_section());
    }
}
