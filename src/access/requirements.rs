//! What a key requires for deployment: the platform refuses a set that holds the one without the other.
//!
//! This is no access (that is [`Closure`](crate::access::Closure)). It decides two things: what muting a key
//! may take along, and whether a newly written key is only what another one called for.

use std::collections::HashMap;

use crate::metadata::{Key, Names, Word, known_word};

/// What a key requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    /// Another key.
    Key(Key),
    /// A right on every object.
    EveryObject(Word),
}

/// A requirement and whether it is well documented (confidence high).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// What is required.
    pub required: Required,
    /// Whether it is documented or seen in the platform's own message.
    pub certain: bool,
}

/// Rights on an object and the rights on the same object they require; Object Reference ObjectPermissions.
const ON_OBJECT: [(Word, &[Word]); 5] = [
    (Word::ALLOW_CREATE, &[Word::ALLOW_READ]),
    (Word::ALLOW_EDIT, &[Word::ALLOW_READ]),
    (Word::ALLOW_DELETE, &[Word::ALLOW_READ, Word::ALLOW_EDIT]),
    (Word::VIEW_ALL_RECORDS, &[Word::ALLOW_READ]),
    (Word::MODIFY_ALL_RECORDS, &[Word::ALLOW_READ, Word::ALLOW_EDIT, Word::ALLOW_DELETE, Word::VIEW_ALL_RECORDS]),
];

/// The requirements in the numbers of one run.
#[derive(Debug, Default)]
pub struct Requirements {
    by_key: HashMap<Key, Vec<Requirement>>,
    /// For each required key, those that require it.
    certain_requirers: HashMap<Key, Vec<Key>>,
    /// Keys that require rights on every object.
    of_every_object: Vec<(Key, Word)>,
}

impl Requirements {
    /// The table for these names: rows about names no file has are left out.
    pub fn new(names: &Names) -> Self {
        let mut requirements = Self::default();
        for (table, certain) in [(CERTAIN, true), (LIKELY, false)] {
            for (held, required) in table {
                let Some(held) = key(held, names) else { continue };
                for required in *required {
                    requirements.add(held, required, certain, names);
                }
            }
        }
        requirements
    }

    fn add(&mut self, held: Key, text: &str, certain: bool, names: &Names) {
        let required = match text.strip_prefix("objectPermissions/*/") {
            Some(right) => known_word(right).map(Required::EveryObject),
            None => key(text, names).map(Required::Key),
        };
        let Some(required) = required else { return };
        self.by_key.entry(held).or_default().push(Requirement { required, certain });
        match required {
            Required::Key(required) if certain => self.certain_requirers.entry(required).or_default().push(held),
            Required::EveryObject(right) => self.of_every_object.push((held, right)),
            Required::Key(_) => {}
        }
    }

    /// What a key requires by itself; what that requires in turn is not followed.
    pub fn of(&self, key: Key) -> impl Iterator<Item = Requirement> + '_ {
        let same_object = move |right: &Word| Requirement {
            required: Required::Key(Key::new(key.section(), *right, key.folded())),
            certain: true,
        };
        on_same_name(key).iter().map(same_object).chain(self.by_key.get(&key).into_iter().flatten().copied())
    }

    /// The keys that certainly require `key`.
    pub fn requirers(&self, key: Key) -> impl Iterator<Item = Key> + '_ {
        let on_object = ON_OBJECT
            .iter()
            .filter(move |(_, rights)| key.section() == Word::OBJECT_PERMISSIONS && rights.contains(&key.right()));
        let on_object = on_object.map(move |(right, _)| Key::new(key.section(), *right, key.folded()));
        let field = (key.section(), key.right()) == (Word::FIELD_PERMISSIONS, Word::READABLE);
        let field = field.then(|| Key::new(Word::FIELD_PERMISSIONS, Word::EDITABLE, key.folded()));
        let object = key.section() == Word::OBJECT_PERMISSIONS;
        let every = self.of_every_object.iter().filter(move |(_, right)| object && *right == key.right());
        let listed = self.certain_requirers.get(&key).into_iter().flatten().copied();
        on_object.chain(field).chain(every.map(|(key, _)| *key)).chain(listed)
    }
}

/// The rights on the same object or field that a key requires.
fn on_same_name(key: Key) -> &'static [Word] {
    match (key.section(), key.right()) {
        (Word::FIELD_PERMISSIONS, Word::EDITABLE) => &[Word::READABLE],
        (Word::OBJECT_PERMISSIONS, right) => {
            ON_OBJECT.iter().find(|(held, _)| *held == right).map(|(_, required)| *required).unwrap_or_default()
        }
        _ => &[],
    }
}

/// A grant key in the numbers of this run; `None` if no file has its name.
fn key(text: &str, names: &Names) -> Option<Key> {
    let mut parts = text.split('/');
    let (section, name, right) = (parts.next()?, parts.next()?, parts.next());
    let right = right.map_or(Some(Word::NONE), known_word)?;
    Some(Key::new(known_word(section)?, right, names.find(&name.to_lowercase())?))
}

/// Requirements of confidence high, each with its source in `data/implications.csv`.
const CERTAIN: &[(&str, &[&str])] = &[
    (
        "userPermissions/ModifyAllData",
        &[
            "objectPermissions/*/allowRead",
            "objectPermissions/*/allowCreate",
            "objectPermissions/*/allowEdit",
            "objectPermissions/*/allowDelete",
            "objectPermissions/*/viewAllRecords",
            "objectPermissions/*/modifyAllRecords",
            "userPermissions/ConvertLeads",
            "userPermissions/CreateCustomizeReports",
            "userPermissions/EditEvent",
            "userPermissions/EditTask",
            "userPermissions/ImportLeads",
            "userPermissions/SolutionImport",
            "userPermissions/ManageCategories",
            "userPermissions/ManageDashbdsInPubFolders",
            "userPermissions/EditPublicDocuments",
            "userPermissions/EditPublicFilters",
            "userPermissions/ManageReportsInPubFolders",
            "userPermissions/EditPublicTemplates",
            "userPermissions/OverrideForecasts",
            "userPermissions/RunReports",
            "userPermissions/TransferAnyLead",
            "userPermissions/TransferAnyEntity",
            "userPermissions/UseTeamReassignWizards",
            "userPermissions/ViewAllData",
            "userPermissions/ViewAllForecasts",
            "userPermissions/ViewSetup",
        ],
    ),
    ("userPermissions/QueryAllFiles", &["userPermissions/ViewAllData"]),
    (
        "userPermissions/ManageUsers",
        &[
            "userPermissions/AssignPermissionSets",
            "userPermissions/DelegatedTwoFactor",
            "userPermissions/FreezeUsers",
            "userPermissions/ManageInternalUsers",
            "userPermissions/ManageIpAddresses",
            "userPermissions/ManageLoginAccessPolicies",
            "userPermissions/ManagePasswordPolicies",
            "userPermissions/ManageProfilesPermissionsets",
            "userPermissions/ManageRoles",
            "userPermissions/ManageSharing",
            "userPermissions/MonitorLoginHistory",
            "userPermissions/ViewAllUsers",
            "userPermissions/ViewRoles",
        ],
    ),
    ("userPermissions/CustomizeApplication", &["userPermissions/ManageTranslation"]),
    ("userPermissions/AuthorApex", &["userPermissions/ModifyMetadata"]),
    ("userPermissions/InboundMigrationToolsUser", &["userPermissions/ModifyMetadata"]),
    ("userPermissions/EditCaseComments", &["objectPermissions/Case/allowEdit"]),
];

/// Requirements of less confidence, from the same table: only doubt about muting rests on them.
const LIKELY: &[(&str, &[&str])] = &[
    ("objectPermissions/Asset/viewAllRecords", &["objectPermissions/Account/viewAllRecords"]),
    ("objectPermissions/Contract/viewAllRecords", &["objectPermissions/Account/viewAllRecords"]),
    ("objectPermissions/ServiceTerritory/viewAllRecords", &["objectPermissions/OperatingHours/viewAllRecords"]),
    ("objectPermissions/MessagingSession/allowRead", &["objectPermissions/MessagingEndUser/allowRead"]),
    ("objectPermissions/ProductCategory/allowRead", &["objectPermissions/ProductCatalog/allowRead"]),
    ("objectPermissions/Account/allowRead", &["objectPermissions/Contact/allowRead"]),
    ("userPermissions/ModifyAllData", &["userPermissions/ManageQuotas"]),
    (
        "userPermissions/ViewAllData",
        &[
            "userPermissions/ViewEventLogFiles",
            "userPermissions/ViewPublicDashboards",
            "userPermissions/ViewPublicReports",
            "userPermissions/ViewAllForecasts",
            "userPermissions/ViewDataLeakageEvents",
            "userPermissions/ViewPlatformEvents",
        ],
    ),
    ("userPermissions/ResetPasswords", &["userPermissions/ViewRoles", "userPermissions/ViewSetup"]),
    ("userPermissions/CustomizeApplication", &["userPermissions/ManageTerritories", "userPermissions/ViewSetup"]),
    ("userPermissions/AuthorApex", &["userPermissions/ModifyAllData", "userPermissions/ViewSetup"]),
    ("userPermissions/ConvertLeads", &["objectPermissions/Account/allowCreate"]),
    (
        "userPermissions/ImportPersonal",
        &[
            "objectPermissions/Account/allowCreate",
            "objectPermissions/Contact/allowCreate",
            "objectPermissions/Account/allowEdit",
            "objectPermissions/Contact/allowEdit",
        ],
    ),
    ("userPermissions/ManageKnowledgeImportExport", &["userPermissions/EditKnowledge"]),
    ("userPermissions/EditBrandTemplates", &["userPermissions/ViewSetup"]),
    ("userPermissions/ManageMobile", &["userPermissions/ViewSetup"]),
    ("userPermissions/EditPublicFilters", &["userPermissions/CreateCustomizeFilters"]),
    ("userPermissions/CreateCustomizeReports", &["userPermissions/RunReports"]),
    ("userPermissions/EditPublicTemplates", &["userPermissions/ViewSetup"]),
    ("userPermissions/ManageAnalyticSnapshots", &["userPermissions/ViewSetup", "userPermissions/RunReports"]),
    (
        "userPermissions/ManageReportsInPubFolders",
        &["userPermissions/ViewPublicReports", "userPermissions/CreateReportFolders", "userPermissions/EditMyReports"],
    ),
    ("userPermissions/CreateDashboardFolders", &["userPermissions/CreateCustomizeDashboards"]),
    ("userPermissions/ContentAdministrator", &["userPermissions/ViewSetup"]),
    ("userPermissions/CreateReportFolders", &["userPermissions/CreateCustomizeReports"]),
    ("userPermissions/ManageKnowledge", &["userPermissions/EditKnowledge"]),
    (
        "userPermissions/EditPublicDocuments",
        &[
            "objectPermissions/Document/allowCreate",
            "objectPermissions/Document/allowEdit",
            "objectPermissions/Document/allowDelete",
        ],
    ),
];
