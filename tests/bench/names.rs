//! The names of a made-up org: objects with their fields, classes, pages, flows and the rest.

use crate::chance::Chance;

const STANDARD_OBJECTS: &str = "Account AccountContactRelation Asset AssetRelationship Campaign CampaignMember Case \
    Contact ContactPointAddress Contract Entitlement Event Individual Lead Opportunity OpportunityLineItem Order \
    OrderItem Pricebook2 Product2 Quote ServiceContract Task WorkOrder";
const STANDARD_FIELDS: &str = "AnnualRevenue BillingAddress CloseDate Description Email Fax Industry LeadSource \
    NumberOfEmployees OwnerId ParentId Phone Priority Rating Type Website";
const SUBJECTS: &str = "Billing Branch Claim Consent Coverage Customer Delivery Device Discount Document Employee \
    Fleet Grant Household Inspection Insurance Inventory Invoice Loan Meter Payment Policy Project Vendor";
const NOUNS: &str = "Address Allocation Approval Assignment Batch Category Detail Entry History Item Line Log Member \
    Period Plan Rate Request Schedule Status Transaction";
const QUALIFIERS: &str = "Actual Approved Current Default Effective External First Last Legacy Original Preferred \
    Previous Primary Requested Total Verified";
const ATTRIBUTES: &str = "Amount Contact Currency Date Email End_Date Identifier Notes Number Owner Phone Quantity \
    Reason Region Source Value";
const CLASS_ROLES: [&str; 6] = ["Controller", "ControllerTest", "Selector", "Service", "ServiceTest", "TriggerHandler"];
const NAMESPACES: [&str; 4] = ["", "", "fsbill__", "npcore__"];
/// Those the rules look for among them.
const USER_PERMISSIONS: &str = "ActivateContract ActivateOrder ApiEnabled AssignPermissionSets AuthorApex \
    BulkApiHardDelete ChatterInternalUser ConvertLeads CreateCustomizeDashboards CreateCustomizeFilters \
    CreateReportFolders CustomizeApplication EditEvent EditTask EmailMass EmailSingle ExportReport ImportLeads \
    LightningExperienceUser ManageInternalUsers ManageUsers ModifyAllData ModifyMetadata RunFlow RunReports \
    ScheduleReports ViewAllData ViewEventLogFiles ViewHelpLink ViewSetup";

/// An object and what hangs on it.
pub(crate) struct Object {
    pub(crate) name: String,
    /// `Object.Field`, sorted.
    pub(crate) fields: Vec<String>,
    pub(crate) record_types: Vec<String>,
    pub(crate) tab: String,
}

/// All names of an org, each list sorted as Salesforce writes it.
pub(crate) struct Names {
    pub(crate) objects: Vec<Object>,
    pub(crate) classes: Vec<String>,
    pub(crate) pages: Vec<String>,
    pub(crate) flows: Vec<String>,
    pub(crate) custom_permissions: Vec<String>,
    pub(crate) applications: Vec<String>,
    pub(crate) user_permissions: Vec<String>,
}

impl Names {
    /// 504 objects of 20 to 60 fields, some 20,000 names in all: an org that was used for years.
    pub(crate) fn new() -> Self {
        let mut chance = Chance::new(1);
        let mut objects: Vec<Object> =
            words(STANDARD_OBJECTS).map(|name| object(name.to_owned(), false, &mut chance)).collect();
        let mut classes = Vec::new();
        for (index, pair) in pairs(SUBJECTS, NOUNS).enumerate() {
            let namespace = NAMESPACES[index % NAMESPACES.len()];
            objects.push(object(format!("{namespace}{pair}__c"), true, &mut chance));
            let subject = pair.replace('_', "");
            let roles = chance.some(&CLASS_ROLES, 2).into_iter();
            classes.extend(roles.map(|role| format!("{namespace}{subject}{role}")));
        }
        objects.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            objects,
            classes: sorted(classes),
            pages: sorted(pairs(NOUNS, "Edit List Mobile Overview Print Search View Wizard")),
            flows: sorted(pairs("Create Notify Route Sync Update Validate", NOUNS)),
            custom_permissions: sorted(pairs("Approve Bypass Edit", NOUNS)),
            applications: sorted(pairs(SUBJECTS, "Console")),
            user_permissions: sorted(words(USER_PERMISSIONS).map(str::to_owned)),
        }
    }
}

fn object(name: String, custom: bool, chance: &mut Chance) -> Object {
    let all: Vec<String> = pairs(QUALIFIERS, ATTRIBUTES).map(|field| format!("{name}.{field}__c")).collect();
    let wanted = 20 + chance.below(25);
    let mut fields: Vec<String> = chance.some(&all, wanted).into_iter().cloned().collect();
    if !custom {
        fields.extend(words(STANDARD_FIELDS).map(|field| format!("{name}.{field}")));
    }
    let kinds = chance.below(4);
    Object {
        fields: sorted(fields),
        record_types: words(ATTRIBUTES).take(kinds).map(|kind| format!("{name}.{kind}_Record")).collect(),
        tab: if custom { name.clone() } else { format!("standard-{name}") },
        name,
    }
}

fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_ascii_whitespace()
}

/// `First_Second` for each of the two lists.
fn pairs(first: &'static str, second: &'static str) -> impl Iterator<Item = String> {
    words(first).flat_map(move |one| words(second).map(move |other| format!("{one}_{other}")))
}

fn sorted(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_unstable();
    names
}
