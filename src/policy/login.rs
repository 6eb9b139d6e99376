//! From where the users of a profile may log in: `loginIpRanges`.
//!
//! A profile without ranges lets its users log in from anywhere; with ranges, from these only (Metadata API
//! guide, Profile).

use core::net::IpAddr;

use crate::access::{Definition, Holder, HolderFile};
use crate::metadata::Property;
use crate::policy::judge::Judge;
use crate::policy::{Finding, Gone, Rule, What};
use crate::source::HolderKind;

/// What a rule about logging in looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LoginFact {
    /// An address is let in that was not, or the ranges are gone.
    IpRangesWidened,
    /// One range lets in a good part of the internet.
    IpRangeBroad,
}

/// Addresses from the first to the last, in one number for both families: IPv4 is mapped into IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    first: u128,
    last: u128,
}

/// More than a tenth of a percent of all IPv4 addresses: wider than `10.0.0.0` to `10.255.255.255`.
const BROAD_V4: u128 = 1 << 24;
/// Wider than what a provider is given.
const BROAD_V6: u128 = 1 << 96;
/// Where IPv4 addresses lie among those of IPv6.
const V4: u128 = 0xffff_0000_0000;

impl Range {
    const ALL: Self = Self { first: 0, last: u128::MAX };
    const ALL_V4: Self = Self { first: V4, last: V4 | 0xffff_ffff };

    /// A range as it is compared; one that cannot be read lets everybody in.
    fn of(text: &str) -> Self {
        let ends = text.split_once('-').and_then(|(first, last)| Some((number(first)?, number(last)?)));
        ends.map_or(Self::ALL, |(first, last)| Self { first, last })
    }

    fn is_broad(self) -> bool {
        let size = self.last.saturating_sub(self.first);
        let is_v4 = self.first >= V4 && self.last <= V4 | 0xffff_ffff;
        size >= if is_v4 { BROAD_V4 } else { BROAD_V6 }
    }

    /// Whether others, sorted, cover all of it.
    fn is_within(self, others: &[Self]) -> bool {
        // One that ends before it begins lets nobody in.
        if self.last < self.first {
            return true;
        }
        let mut next = self.first;
        for other in others {
            if other.last < next {
                continue;
            }
            if other.first > next {
                return false;
            }
            if other.last >= self.last {
                return true;
            }
            next = other.last + 1;
        }
        false
    }
}

fn number(text: &str) -> Option<u128> {
    Some(match text.trim().parse::<IpAddr>().ok()? {
        IpAddr::V4(address) => u128::from(address.to_ipv6_mapped()),
        IpAddr::V6(address) => u128::from(address),
    })
}

fn ranges<'l>(profile: &Holder<'l>) -> Vec<(HolderFile<'l>, &'l Property)> {
    let properties = profile.definitions.iter().flat_map(Definition::properties);
    properties.filter(|(_, property)| property.name == "loginIpRanges").collect()
}

impl<'l> Judge<'_, 'l> {
    /// What is to be said of a profile's ranges: all of it, or with a base what is new.
    pub(super) fn logins(&self, base: Option<&Holder<'l>>) -> Vec<Finding<'l>> {
        if self.holder.kind != HolderKind::Profile {
            return Vec::new();
        }
        let rules = self.rules.iter().filter(|rule| self.applies(rule));
        let found = rules.flat_map(|rule| match rule.matching.what {
            What::Login(LoginFact::IpRangesWidened) => self.widened(rule, base),
            What::Login(LoginFact::IpRangeBroad) => self.broad(rule, base),
            _ => Vec::new(),
        });
        // One finding a range: the most severe rule reports, the others are named.
        let mut found: Vec<Finding<'l>> = found.collect();
        found.sort_by(|a, b| a.about.cmp(&b.about).then(b.rule.severity.cmp(&a.rule.severity)));
        found.dedup_by(|later, first| {
            let same = later.about == first.about && later.path == first.path;
            if same {
                first.also.push(&later.rule.id);
            }
            same
        });
        found
    }

    fn widened(&self, rule: &'l Rule, base: Option<&Holder<'l>>) -> Vec<Finding<'l>> {
        // What a broken file says is not known; a problem says so.
        let Some(base) = base.filter(|base| !base.broken() && !self.holder.broken()) else { return Vec::new() };
        let mut before: Vec<Range> = ranges(base).iter().map(|(_, range)| Range::of(&range.value)).collect();
        before.sort_unstable();
        let after = ranges(self.holder);
        if before.is_empty() {
            return Vec::new();
        }
        // From anywhere to anywhere is no wider.
        if after.is_empty() && !Range::ALL_V4.is_within(&before) {
            let main = self.holder.definitions[0].main();
            let names = ["from anywhere".to_owned()];
            let gone = ranges(base).first().map(|(file, range)| Gone::of(*file, range.span));
            let finding = self.about_element(rule, main, main.parsed.root, &names, "loginIpRanges");
            return vec![Finding { gone, ..finding }];
        }
        let wider = after.into_iter().filter(|(_, range)| !Range::of(&range.value).is_within(&before));
        wider.map(|(file, range)| self.range(rule, file, range)).collect()
    }

    fn broad(&self, rule: &'l Rule, base: Option<&Holder<'l>>) -> Vec<Finding<'l>> {
        let old = base.map(ranges).unwrap_or_default();
        let is_new = |range: &Property| old.iter().all(|(_, old)| old.value != range.value);
        let broad = ranges(self.holder).into_iter().filter(|(_, range)| Range::of(&range.value).is_broad());
        broad.filter(|(_, range)| is_new(range)).map(|(file, range)| self.range(rule, file, range)).collect()
    }

    fn range(&self, rule: &'l Rule, file: HolderFile<'l>, range: &Property) -> Finding<'l> {
        let names = [format!("from {}", range.value)];
        self.about_element(rule, file, range.span, &names, &format!("loginIpRanges/{}", range.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(range: &str, others: &[&str]) -> bool {
        let mut others: Vec<Range> = others.iter().map(|other| Range::of(other)).collect();
        others.sort_unstable();
        Range::of(range).is_within(&others)
    }

    #[test]
    fn a_range_is_within_what_others_cover_together() {
        assert!(within("10.0.0.5-10.0.0.9", &["10.0.0.0-10.0.0.255"]));
        assert!(within("10.0.0.0-10.0.1.255", &["10.0.1.0-10.0.1.255", "10.0.0.0-10.0.0.255"]));
        assert!(within("::ffff:10.0.0.1-::ffff:10.0.0.2", &["10.0.0.0-10.0.0.255"]), "two ways to write one address");
        assert!(within("10.0.0.9-10.0.0.5", &["192.0.2.0-192.0.2.255"]), "nobody");
        assert!(!within("10.0.0.0-10.0.1.255", &["10.0.0.0-10.0.0.255", "10.0.1.1-10.0.1.255"]), "a gap");
        assert!(!within("10.0.0.0-10.0.1.0", &["10.0.0.0-10.0.0.255"]));
        assert!(!within("2001:db8::-2001:db8::ff", &["0.0.0.0-255.255.255.255"]));
        assert!(!within("10.0.0.0/8-x", &["0.0.0.0-255.255.255.255"]), "what cannot be read lets everybody in");
    }

    #[test]
    fn broad_is_more_than_a_company_has() {
        let broad = |range| Range::of(range).is_broad();
        assert!(broad("0.0.0.0-255.255.255.255"));
        assert!(broad("192.0.0.0-193.0.0.0"));
        assert!(broad("2001::-2002::"));
        assert!(broad("somewhere-else"));
        assert!(!broad("10.0.0.0-10.255.255.255"));
        assert!(!broad("192.0.2.1-192.0.2.1"));
        assert!(!broad("2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"));
    }
}
