//! Who uses a profile: people of the company, people outside, or people who do not even log in.
//!
//! The user licence decides, because a profile has one for good: the platform never changes it. Names are those
//! of Salesforce Help ("User License Type Options") and of the Object Reference (`UserLicense`).
//!
//! - `Guest User License` is for people who do not log in.
//! - Licences of communities, portals and partners, and those called external, are for people outside. Salesforce adds and renames
//!   them, so words in the name tell them; Company Communities is the one that is for employees.
//! - The internal licences are listed by name. A licence that is in neither list is not known.
//! - The standard profiles have API names of their own and come with an internal licence; files of them often leave the licence out.
//!
//! Sites tell, too: `CustomSite.guestProfile` is a guest's, and `Network.selfRegProfile` is given to whoever registers. Membership of a
//! site tells nothing: "Members can be either users in your internal org or external users assigned portal profiles" (Object
//! Reference, `NetworkMemberGroup`), and the administrator's profile is a member of every site.
//!
//! What is not known is not internal.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::access::Holder;
use crate::metadata::{Assigner, Relation};
use crate::source::HolderKind;

/// Who uses a profile. Ordered: the later, the more exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// People of the company.
    Internal,
    /// Neither licence nor sites tell.
    Unknown,
    /// Customers, partners and other people outside, who log in.
    External,
    /// People who do not log in.
    Guest,
}

const GUEST: [&str; 3] = ["guest user license", "guest user", "guest"];

/// Licences of employees, case-folded.
const INTERNAL: [&str; 28] = [
    "analytics cloud integration user",
    "chatter free",
    "chatter only",
    "cloud integration user",
    "company communities",
    "company community",
    "content only user",
    "developer",
    "force.com - app subscription",
    "force.com - free",
    "force.com - one app",
    "identity",
    "identity only",
    "knowledge only user",
    "lightning platform - app subscription",
    "lightning platform - free",
    "lightning platform - one app",
    "platform integration",
    "salesforce",
    "salesforce api only system integrations",
    "salesforce integration",
    "salesforce limited access - free",
    "salesforce platform",
    "salesforce platform light",
    "salesforce platform one",
    "site.com only",
    "wdc only user",
    "work.com only user",
];

/// Words that only licences of people outside have.
const EXTERNAL: [&str; 7] =
    ["community", "communities", "portal", "partner", "external", "authenticated website", "channel account"];

/// Standard profiles that come with an internal licence: API name, case-folded, and what Setup calls them.
const STANDARD: [(&str, &str); 8] = [
    ("admin", "System Administrator"),
    ("contractmanager", "Contract Manager"),
    ("marketingprofile", "Marketing User"),
    ("minimum access - salesforce", "Minimum Access - Salesforce"),
    ("readonly", "Read Only"),
    ("solutionmanager", "Solution Manager"),
    ("standard", "Standard User"),
    ("standardaul", "Standard Platform User"),
];

/// The audience of a user licence; `None` if it is not a known one.
pub fn of_licence(licence: &str) -> Option<Audience> {
    let folded = licence.trim().to_lowercase();
    if GUEST.contains(&folded.as_str()) {
        Some(Audience::Guest)
    } else if INTERNAL.contains(&folded.as_str()) {
        Some(Audience::Internal)
    } else {
        EXTERNAL.iter().any(|word| folded.contains(word)).then_some(Audience::External)
    }
}

/// What the sites of a snapshot tell about profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sites {
    /// Profiles of guests, case-folded.
    guests: BTreeSet<String>,
    /// Profiles of people who register themselves, case-folded.
    registered: BTreeSet<String>,
}

impl Sites {
    /// Takes in what a site says.
    pub fn add(&mut self, site: &Assigner) {
        for named in &site.names {
            match named.relation {
                Relation::Guests => self.guests.insert(named.name.to_lowercase()),
                Relation::Registers => self.registered.insert(named.name.to_lowercase()),
                _ => continue,
            };
        }
    }

    /// Case-folded names of the profiles that these sites give to people further out than `others` do.
    pub fn further_out(&self, others: &Self) -> BTreeSet<String> {
        let named = self.guests.union(&self.registered);
        named.filter(|profile| self.tell(profile) > others.tell(profile)).cloned().collect()
    }

    fn tell(&self, profile: &str) -> Option<Audience> {
        let folded = profile.to_lowercase();
        let registered = self.registered.contains(&folded).then_some(Audience::External);
        if self.guests.contains(&folded) { Some(Audience::Guest) } else { registered }
    }
}

/// What a profile's own files and name tell about its audience.
fn told(profile: &Holder<'_>) -> Option<Audience> {
    let licences = profile.definitions.iter().filter_map(|definition| definition.property("userLicense"));
    let by_licence = licences.filter_map(|(_, licence)| of_licence(&licence.value)).max();
    by_licence.or_else(|| standard_label(profile.name).map(|_| Audience::Internal))
}

/// What Setup calls a standard profile of this API name; none if it is not one.
pub fn standard_label(profile: &str) -> Option<&'static str> {
    let folded = profile.trim().to_lowercase();
    STANDARD.iter().find(|(name, _)| *name == folded).map(|(_, label)| *label)
}

/// Whether it is the profile of the platform's own administrators.
pub fn is_administrator(holder: &Holder<'_>) -> bool {
    is_standard_profile(holder) && holder.name.trim().eq_ignore_ascii_case("Admin")
}

/// Whether a profile comes with the platform: by its API name, unless a file of it says it is custom.
pub fn is_standard_profile(holder: &Holder<'_>) -> bool {
    let custom = |definition: &crate::access::Definition<'_>| {
        definition.property("custom").is_some_and(|(_, custom)| custom.value == "true")
    };
    holder.kind == HolderKind::Profile
        && standard_label(holder.name).is_some()
        && !holder.definitions.iter().any(custom)
}

/// The audience of a holder; `None` for all but profiles, which alone have one.
///
/// `base` is the same profile before: a licence does not change, whatever a file says of it, so that of what
/// contradicts the more exposed counts.
pub fn audience(holder: &Holder<'_>, base: Option<&Holder<'_>>, sites: &Sites) -> Option<Audience> {
    let told = told(holder).max(base.and_then(told)).max(sites.tell(holder.name));
    (holder.kind == HolderKind::Profile).then(|| told.unwrap_or(Audience::Unknown))
}

/// The audience of a holder before a change: what its own file told; where it told nothing, what `head` tells.
pub fn audience_before(holder: &Holder<'_>, head: &Holder<'_>, sites: &Sites) -> Option<Audience> {
    let here = told(holder).max(sites.tell(holder.name));
    (holder.kind == HolderKind::Profile).then(|| here.or_else(|| told(head)).unwrap_or(Audience::Unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences() {
        for guest in ["Guest User License", "Guest", " guest user license "] {
            assert_eq!(of_licence(guest), Some(Audience::Guest), "{guest}");
        }
        for internal in ["Salesforce", "Salesforce Platform", "Company Communities", "Chatter Free", "Identity"] {
            assert_eq!(of_licence(internal), Some(Audience::Internal), "{internal}");
        }
        for external in [
            "Customer Community",
            "Customer Community Plus Login",
            "Partner Community",
            "Gold Partner",
            "External Identity",
            "External Apps Login",
            "High Volume Customer Portal",
            "Overage Authenticated Website",
            "Chatter External",
            "Channel Account",
        ] {
            assert_eq!(of_licence(external), Some(Audience::External), "{external}");
        }
        for unknown in ["", "Salesforce Moon", "Sales"] {
            assert_eq!(of_licence(unknown), None, "{unknown}");
        }
        assert!(Audience::Internal < Audience::Unknown && Audience::External < Audience::Guest);
    }
}
