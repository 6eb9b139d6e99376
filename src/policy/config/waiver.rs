//! Waivers: the register of access that is accepted, by whom, why and until when.

use jiff::civil::Date;

use crate::access::NameGlob;
use crate::policy::SubjectKind;
use crate::policy::config::breadth;
use crate::source::HolderKind;
use crate::text::{Span, clip, did_you_mean};

/// An accepted finding, as a configuration writes it.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// Rule id.
    pub rule: String,
    /// `kind:name`, as written.
    pub holder: String,
    /// A grant key, or a glob of some; as written.
    pub grant: Option<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Where it was decided.
    pub ticket: Option<String>,
    /// The last day it counts, in UTC.
    pub expires: Date,
    /// Where it begins.
    pub span: Span,
    /// Where its last day stands.
    pub expires_at: Span,
    pub(crate) glob: Option<NameGlob>,
    /// Why it does not count, and where.
    pub(crate) malformed: Option<(String, Span)>,
}

/// Kinds of subjects that a waiver can name.
const KINDS: [SubjectKind; 8] = [
    SubjectKind::Holder(HolderKind::PermissionSet),
    SubjectKind::Holder(HolderKind::PermissionSetGroup),
    SubjectKind::Holder(HolderKind::Profile),
    SubjectKind::Holder(HolderKind::MutingPermissionSet),
    SubjectKind::Flow,
    SubjectKind::CustomPermission,
    SubjectKind::Policy,
    SubjectKind::Project,
];

/// What is wrong with a holder as a waiver names it: it names exactly one.
pub(crate) fn wrong_holder(text: &str) -> Option<String> {
    let kinds = KINDS.map(SubjectKind::as_str);
    match text.split_once(':') {
        Some((kind, _)) if !kinds.contains(&kind) => {
            let near = did_you_mean(kind, &kinds);
            let near = if near.is_empty() { format!("one of {}", kinds.join(", ")) } else { near };
            Some(format!("its holder has no kind `{}`; {near}", clip(kind)))
        }
        Some((_, name)) if name.trim().is_empty() => Some("its holder has no name".to_owned()),
        Some((_, name)) if name.trim() != name => Some("its holder has white space around its name".to_owned()),
        // Brackets and braces do stand in names of profiles, and mean themselves.
        Some((_, name)) if name.contains(['*', '?']) => {
            Some("its holder has `*` or `?` in its name, and a waiver names exactly one".to_owned())
        }
        Some(_) => None,
        None => Some("its holder has no kind, as permissionSet:Nightly_Sync has".to_owned()),
    }
}

impl Waiver {
    /// Whether it counts on a day.
    pub(crate) fn counts(&self, today: Date) -> bool {
        self.malformed.is_none() && !self.has_expired(today)
    }

    /// Whether its last day is over.
    pub(crate) fn has_expired(&self, today: Date) -> bool {
        self.expires < today
    }

    /// Whether it is about a grant, or an element and value. One without `grant` is about what is no single grant.
    pub(crate) fn covers(&self, about: &str) -> bool {
        self.glob.as_ref().is_some_and(|glob| glob.is_match(&about.to_lowercase()))
    }

    /// Whether its `grant` leaves the name open, so that it accepts what is not written yet.
    pub(crate) fn is_too_broad(&self) -> bool {
        self.grant.as_deref().zip(self.glob.as_ref()).is_some_and(|(text, glob)| breadth::is_open(text, glob))
    }

    /// What makes two waivers the same.
    pub(crate) fn identity(&self) -> (String, String, String) {
        (self.rule.clone(), self.holder.to_lowercase(), self.grant.as_deref().unwrap_or_default().to_lowercase())
    }

    /// `rule/holder/grant`, for a fingerprint.
    pub(crate) fn about(&self) -> String {
        match &self.grant {
            Some(grant) => format!("waiver/{}/{}/{grant}", self.rule, self.holder),
            None => format!("waiver/{}/{}", self.rule, self.holder),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_named_exactly() {
        for right in
            ["permissionSet:A", "profile:Custom: Sales", "profile:Sales [EU] {x}", "flow:F", "policy:permdelta.toml"]
        {
            assert_eq!(wrong_holder(right), None, "{right}");
        }
        assert!(wrong_holder("A").unwrap().contains("no kind"));
        assert!(wrong_holder("permissionset:A").unwrap().contains("did you mean `permissionSet`?"));
        assert!(wrong_holder("permissionSet:").unwrap().contains("no name"));
        assert!(wrong_holder("permissionSet: A").unwrap().contains("white space"));
        for glob in ["permissionSet:Int_*", "permissionSet:Int_?"] {
            assert!(wrong_holder(glob).unwrap().contains("names exactly one"), "{glob}");
        }
    }

    #[test]
    fn the_last_day_counts() {
        let day = |day| Date::constant(2027, 3, day);
        let expired = |today: Date| day(30) < today;
        assert!(!expired(day(30)) && expired(day(31)));
    }
}
