//! Generated permission sets: what they hold is known by construction, and each can be written in many dresses that mean the same.

use std::collections::BTreeSet;

use proptest::prelude::*;

/// One possible entry: its section, the child with its name, the name, and the children that decide.
struct Slot {
    section: &'static str,
    name_child: &'static str,
    name: &'static str,
    deciding: &'static [&'static str],
}

const fn slot(
    section: &'static str,
    name_child: &'static str,
    name: &'static str,
    deciding: &'static [&'static str],
) -> Slot {
    Slot { section, name_child, name, deciding }
}

const ALL_RIGHTS: &[&str] =
    &["allowCreate", "allowDelete", "allowEdit", "allowRead", "modifyAllRecords", "viewAllFields", "viewAllRecords"];
/// The objects whose fields are listed below: `viewAllFields` would hide them.
const NO_VIEW_ALL_FIELDS: &[&str] =
    &["allowCreate", "allowDelete", "allowEdit", "allowRead", "modifyAllRecords", "viewAllRecords"];
const FIELD: &[&str] = &["editable", "readable"];
const ENABLED: &[&str] = &["enabled"];
const VISIBLE: &[&str] = &["visible"];
const TAB: &[&str] = &["visibility"];

const SLOTS: [Slot; 26] = [
    slot("agentAccesses", "agentName", "Concierge", ENABLED),
    slot("applicationVisibilities", "application", "standard__Sales", VISIBLE),
    slot("classAccesses", "apexClass", "InvoiceController", ENABLED),
    slot("classAccesses", "apexClass", "ns__Shared", ENABLED),
    slot("customMetadataTypeAccesses", "name", "Rate__mdt", ENABLED),
    slot("customPermissions", "name", "Approve_Refund", ENABLED),
    slot("customSettingAccesses", "name", "Limits__c", ENABLED),
    slot("dataspaceScopes", "dataspaceScope", "default", ENABLED),
    slot("emailRoutingAddressAccesses", "name", "Support", ENABLED),
    slot("externalCredentialPrincipalAccesses", "externalCredentialPrincipal", "Bank-Admin", ENABLED),
    slot("externalDataSourceAccesses", "externalDataSource", "Ledger", ENABLED),
    slot("fieldPermissions", "field", "Case.Priority", FIELD),
    slot("fieldPermissions", "field", "Case.Größe__c", FIELD),
    slot("fieldPermissions", "field", "%%%NAMESPACE%%%Gift__c.Amount__c", FIELD),
    slot("flowAccesses", "flow", "Refund", ENABLED),
    slot("genComputingSummaryDefAccesses", "configName", "Summary", ENABLED),
    slot("objectPermissions", "object", "Account", ALL_RIGHTS),
    slot("objectPermissions", "object", "Case", NO_VIEW_ALL_FIELDS),
    slot("objectPermissions", "object", "Invoice__c", ALL_RIGHTS),
    slot("pageAccesses", "apexPage", "Statement", ENABLED),
    slot("recordTypeVisibilities", "recordType", "Case.Internal", VISIBLE),
    slot("servicePresenceStatusAccesses", "servicePresenceStatus", "Online", ENABLED),
    slot("tabSettings", "tab", "standard-Account", TAB),
    slot("tabSettings", "tab", "Invoice__c", TAB),
    slot("userPermissions", "name", "ModifyAllData", ENABLED),
    slot("userPermissions", "name", "ApiEnabled", ENABLED),
];

/// A permission set: for each slot nothing, or two bits for each deciding child: absent, explicitly not held, held.
#[derive(Clone, Debug)]
pub(crate) struct Set(Vec<Option<u16>>);

/// Any permission set, most of them with a good part of the slots.
pub(crate) fn sets() -> impl Strategy<Value = Set> {
    proptest::collection::vec(proptest::option::of(any::<u16>()), SLOTS.len()).prop_map(Set)
}

impl Set {
    /// What it holds, as grant keys.
    pub(crate) fn grants(&self) -> BTreeSet<String> {
        let mut grants = BTreeSet::new();
        for (slot, bits) in self.entries() {
            let Slot { section, name, .. } = slot;
            for (child, word) in words(slot, bits) {
                match (*section, word) {
                    (_, "false" | "None") => false,
                    ("tabSettings", _) => grants.insert(format!("{section}/{name}/{word}")),
                    ("objectPermissions" | "fieldPermissions" | "dataspaceScopes", _) => {
                        grants.insert(format!("{section}/{name}/{child}"))
                    }
                    _ => grants.insert(format!("{section}/{name}")),
                };
            }
        }
        grants
    }

    fn entries(&self) -> impl Iterator<Item = (&'static Slot, u16)> {
        SLOTS.iter().zip(&self.0).filter_map(|(slot, bits)| Some((slot, (*bits)?)))
    }

    /// The file in one dress; dress 0 is the plain one.
    pub(crate) fn file(&self, dress: u64) -> Vec<u8> {
        let mut dice = Dice::new(dress);
        let mut blocks = vec!["    <label>Sample</label>\n".to_owned()];
        blocks.extend(self.entries().map(|(slot, bits)| block(slot, bits, &mut dice)));
        dice.shuffle(&mut blocks);
        let mut text = String::new();
        text += dice.pick("", &["\u{feff}"]);
        text += dice
            .pick("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", &["", "<?xml version='1.0'?>\n\n<!-- first -->\n"]);
        text +=
            dice.pick("<PermissionSet xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n", &["<PermissionSet>\n"]);
        for block in blocks {
            text += &block;
            text +=
                dice.pick("", &["\n", "    <!-- <userPermissions><name>ViewAllData</name></userPermissions> -->\n"]);
        }
        text += dice.pick("</PermissionSet>\n", &["</PermissionSet>", "</PermissionSet >\n<!-- last -->\n\n"]);
        if dice.throw(4) == 1 {
            text = text.replace('\n', "\r\n");
        }
        text.into_bytes()
    }
}

/// The words of the deciding children that are written.
fn words(slot: &'static Slot, bits: u16) -> Vec<(&'static str, &'static str)> {
    let all = slot.deciding.iter().enumerate().filter_map(|(at, child)| {
        let word = match (slot.section, bits >> (2 * at) & 3) {
            ("tabSettings", 0) => "None",
            ("tabSettings", 1) => "Available",
            ("tabSettings", _) => "Visible",
            (_, 0) => return None,
            (_, 1) => "false",
            _ => "true",
        };
        Some((*child, word))
    });
    let mut written: Vec<_> = all.collect();
    // An unlisted section is known by its boolean child, so that one is never left out.
    if slot.section == "dataspaceScopes" && written.is_empty() {
        written.push(("enabled", "false"));
    }
    written
}

/// One entry, in a dress.
fn block(slot: &'static Slot, bits: u16, dice: &mut Dice) -> String {
    let mut children = vec![leaf(slot.name_child, slot.name, dice)];
    for (child, word) in words(slot, bits) {
        let word = match word {
            "true" => dice.pick(
                word,
                &["True", "TRUE", "true  ", "\n    true\n", "t<!-- r -->rue", "<![CDATA[true]]>", "&#116;rue"],
            ),
            "false" => dice.pick(word, &["False", " false"]),
            other => other,
        };
        children.push(leaf(child, word, dice));
    }
    dice.shuffle(&mut children);
    let section = slot.section;
    let end = dice.pick("\n", &["", "\n\n", "<!-- between -->\n"]);
    format!("    <{section}>{end}{}    </{section}>\n", children.join(end) + end)
}

fn leaf(child: &str, text: &str, dice: &mut Dice) -> String {
    let (before, after) = (dice.pick("", &[" ", "\n"]), dice.pick("", &[" ", "\t"]));
    let space = dice.pick("", &[" "]);
    format!("        <{child}{space}>{before}{text}{after}</{child}{space}>")
}

/// Reproducible chance; the dice of seed 0 always show the plain side.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        let mut dice = Dice(seed);
        for _ in 0..8 {
            dice.throw(2);
        }
        dice
    }

    pub(crate) fn throw(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % sides
    }

    /// Mostly the plain text, sometimes one of the others.
    fn pick(&mut self, plain: &'static str, others: &[&'static str]) -> &'static str {
        match self.throw(3) {
            1 => others[self.throw(others.len())],
            _ => plain,
        }
    }

    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            let other = at - self.throw(at + 1);
            all.swap(at, other);
        }
    }
}
