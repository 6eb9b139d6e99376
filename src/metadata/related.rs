//! One related file, read: what it says, and what could not be understood.

use memchr::memchr2_iter;

use crate::error::{Cause, Problem};
use crate::metadata::assigner::{self, Assigner};
use crate::metadata::custom_permission::{self, CustomPermission};
use crate::metadata::diagnose;
use crate::metadata::flow::{self, Flow};
use crate::source::RelatedKind;

/// The object that code inserts to activate a set.
const ACTIVATION: &[u8] = b"SessionPermSetActivation";

/// What a related file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// It could not be read.
    Broken,
    /// A flow.
    Flow(Flow),
    /// The active version of a flow; `None` if none is active.
    FlowDefinition(Option<u32>),
    /// A custom permission.
    CustomPermission(CustomPermission),
    /// Who is assigned what.
    Assigner(Assigner),
    /// Whether Apex code speaks of `SessionPermSetActivation`, be it in a comment.
    Apex(bool),
}

/// A related file that was read.
#[derive(Debug)]
pub struct Related {
    /// Its bytes; empty where nothing will point into them.
    pub bytes: Vec<u8>,
    /// What it says.
    pub content: Content,
    /// Why it could not be read.
    pub problem: Option<Problem>,
}

impl Related {
    /// Reads a file of that kind. Never fails: what is wrong is in [`Related::problem`].
    pub fn read(kind: RelatedKind, bytes: Vec<u8>) -> Self {
        match read(kind, &bytes) {
            Ok(content) => {
                let keep = match &content {
                    Content::Flow(flow) => !flow.actions.is_empty(),
                    Content::Apex(_) | Content::FlowDefinition(_) => false,
                    Content::CustomPermission(_) | Content::Assigner(_) | Content::Broken => true,
                };
                Self { bytes: if keep { bytes } else { Vec::new() }, content, problem: None }
            }
            Err(problem) => {
                let problem = diagnose::refine(problem, &bytes);
                Self { bytes, content: Content::Broken, problem: Some(problem) }
            }
        }
    }

    /// What stands in for a file whose content could not be had.
    pub fn unreadable(cause: Cause) -> Self {
        Self { bytes: Vec::new(), content: Content::Broken, problem: Some(Problem { at: None, cause }) }
    }

    /// The flow, if it is one that was read.
    pub fn flow(&self) -> Option<&Flow> {
        if let Content::Flow(flow) = &self.content { Some(flow) } else { None }
    }

    /// The assigner, if it is one that was read.
    pub fn assigner(&self) -> Option<&Assigner> {
        if let Content::Assigner(assigner) = &self.content { Some(assigner) } else { None }
    }
}

fn read(kind: RelatedKind, bytes: &[u8]) -> Result<Content, Problem> {
    Ok(match (kind, kind.metadata_type()) {
        (RelatedKind::Flow, _) => Content::Flow(flow::read(bytes)?),
        (RelatedKind::FlowDefinition, _) => Content::FlowDefinition(flow::read_definition(bytes)?),
        (RelatedKind::CustomPermission, _) => Content::CustomPermission(custom_permission::read(bytes)?),
        (RelatedKind::Apex, _) | (_, None) => Content::Apex(activates(bytes)),
        (_, Some(root)) => Content::Assigner(assigner::read(kind, root, bytes)?),
    })
}

/// Whether the bytes hold the object's name, in any case, as Apex and SOQL take it.
fn activates(bytes: &[u8]) -> bool {
    let spells =
        |at: usize| bytes[at..].get(..ACTIVATION.len()).is_some_and(|word| word.eq_ignore_ascii_case(ACTIVATION));
    memchr2_iter(b'S', b's', bytes).any(spells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apex(code: &[u8]) -> Content {
        Related::read(RelatedKind::Apex, code.to_vec()).content
    }

    #[test]
    fn code_is_searched_and_not_understood() {
        assert_eq!(apex(b"insert new SessionPermSetActivation(UserId = u);"), Content::Apex(true));
        assert_eq!(apex(b"// sessionPERMsetactivation"), Content::Apex(true));
        assert_eq!(apex(b"Type.forName('Session' + 'PermSetActivation')"), Content::Apex(false));
        assert_eq!(apex(b"\xff SessionPermSetActivatio"), Content::Apex(false));
    }

    #[test]
    fn a_file_that_cannot_be_read_says_why() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n";
        let read = Related::read(RelatedKind::Flow, pointer.to_vec());
        assert_eq!(
            (read.content, read.problem.map(|problem| problem.cause)),
            (Content::Broken, Some(Cause::LfsPointer))
        );
        assert_eq!(
            Related::read(RelatedKind::Network, Vec::new()).problem.map(|problem| problem.cause),
            Some(Cause::Empty)
        );
    }
}
