//! What is odd about how a file is written, though it reads all the same.
//!
//! Nothing here changes what a file grants; it is what a deployment would refuse or a reader stumble over.

use crate::metadata::NameId;
use crate::metadata::xml::Tag;

/// One odd thing, at the offset of an element's `<`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Oddity {
    /// An element of another metadata type. The first in the file.
    Misplaced {
        /// Its name.
        element: String,
        /// Where it is.
        at: u32,
    },
    /// An element that goes on after others stood between: equal elements must follow each other.
    Scattered {
        /// Its name.
        element: String,
        /// Where it goes on for the first time.
        at: u32,
    },
    /// A second element where one can stand.
    Repeated {
        /// Its name.
        element: String,
        /// Where the second is.
        at: u32,
    },
    /// `hidden`, the form of API 22 and earlier.
    Hidden {
        /// The field it is about, as spelled.
        field: NameId,
        /// Where it is.
        at: u32,
    },
}

/// The kinds of file whose elements are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    /// `PermissionSet` and `MutingPermissionSet`.
    Set,
    /// A part of a decomposed set; recomposing orders its elements.
    Part,
    Profile,
    Group,
}

/// Most different elements that are told apart; a file has about twenty.
const MOST: usize = 64;

/// Watches the children of a root. In a file as Salesforce writes it, it costs one comparison a child and
/// one entry an element.
pub(crate) struct Watch<'a> {
    root: Root,
    last: &'a str,
    last_is_scalar: bool,
    seen: Vec<&'a str>,
    reported: Vec<&'a str>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(root: Root) -> Self {
        Self { root, last: "", last_is_scalar: false, seen: Vec::new(), reported: Vec::new() }
    }

    /// Takes note of a child of the root; `None` where nothing is odd about it, or it was said before.
    #[inline]
    pub(crate) fn child(&mut self, tag: Tag<'a>) -> Option<Oddity> {
        let follows = tag.name == self.last;
        if follows && !self.last_is_scalar {
            return None;
        }
        self.other(tag, follows)
    }

    fn other(&mut self, tag: Tag<'a>, follows: bool) -> Option<Oddity> {
        (self.last, self.last_is_scalar) = (tag.name, is_scalar(tag.name));
        let again = follows || self.seen.contains(&tag.name);
        if !again {
            if self.seen.len() < MOST {
                self.seen.push(tag.name);
            }
            return belongs_elsewhere(self.root, tag.name)
                .then(|| Oddity::Misplaced { element: tag.name.to_owned(), at: tag.at });
        }
        if self.root == Root::Part && !is_scalar(tag.name) || self.reported.contains(&tag.name) {
            return None;
        }
        self.reported.push(tag.name);
        let (element, at) = (tag.name.to_owned(), tag.at);
        Some(if is_scalar(tag.name) { Oddity::Repeated { element, at } } else { Oddity::Scattered { element, at } })
    }
}

/// Elements that can stand once.
fn is_scalar(element: &str) -> bool {
    matches!(
        element,
        "label"
            | "description"
            | "license"
            | "userLicense"
            | "hasActivationRequired"
            | "custom"
            | "fullName"
            | "status"
            | "loginHours"
    )
}

/// Whether an element is known, of another type than the file's.
fn belongs_elsewhere(root: Root, element: &str) -> bool {
    match root {
        Root::Set | Root::Part => matches!(
            element,
            "tabVisibilities"
                | "fieldLevelSecurities"
                | "custom"
                | "loginIpRanges"
                | "loginHours"
                | "loginFlows"
                | "categoryGroupVisibilities"
                | "layoutAssignments"
                | "profileActionOverrides"
                | "status"
        ),
        Root::Profile => matches!(
            element,
            "tabSettings"
                | "hasActivationRequired"
                | "license"
                | "label"
                | "status"
                | "emailRoutingAddressAccesses"
                | "externalCredentialPrincipalAccesses"
        ),
        // What a group has no use for is a problem already.
        Root::Group => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(root: Root, elements: &[&'static str]) -> Vec<Oddity> {
        let mut watch = Watch::new(root);
        let tags = elements.iter().enumerate().map(|(at, name)| Tag { name, at: at as u32 });
        tags.filter_map(|tag| watch.child(tag)).collect()
    }

    #[test]
    fn runs_of_equal_elements_are_as_they_should_be() {
        let usual = ["classAccesses", "classAccesses", "label", "userPermissions", "userPermissions"];
        assert_eq!(watched(Root::Set, &usual), []);
        let back = ["a", "a", "b", "a", "b", "a"];
        let scattered = |element: &str, at| Oddity::Scattered { element: element.to_owned(), at };
        assert_eq!(watched(Root::Set, &back), [scattered("a", 3), scattered("b", 4)]);
        assert_eq!(watched(Root::Part, &back), []);
    }

    #[test]
    fn scalars_stand_once() {
        let repeated = |at| Oddity::Repeated { element: "label".to_owned(), at };
        assert_eq!(watched(Root::Set, &["label", "label", "label"]), [repeated(1)]);
        assert_eq!(watched(Root::Group, &["label", "status", "label"]), [repeated(2)]);
    }

    #[test]
    fn elements_of_another_type_are_noted_once() {
        let misplaced = |element: &str, at| Oddity::Misplaced { element: element.to_owned(), at };
        let mixed = ["tabSettings", "tabVisibilities", "tabVisibilities", "custom"];
        assert_eq!(watched(Root::Set, &mixed), [misplaced("tabVisibilities", 1), misplaced("custom", 3)]);
        assert_eq!(watched(Root::Profile, &mixed), [misplaced("tabSettings", 0)]);
    }

    #[test]
    fn many_different_elements_cost_no_more_than_a_few() {
        let names: Vec<String> = (0..MOST * 3).map(|number| format!("e{number}")).collect();
        let mut watch = Watch::new(Root::Set);
        for name in &names {
            assert_eq!(watch.child(Tag { name, at: 0 }), None);
        }
        assert_eq!(watch.seen.len(), MOST);
    }
}
