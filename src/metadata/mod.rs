//! From the bytes of one file to compact entries.
//!
//! [`xml`] reads events and makes the checks quick-xml does not; one file a metadata type turns them
//! into [`Entry`]s, pushed into a [`Sink`]. Nothing here knows about grants' meaning, other files or git.

mod assigner;
mod block;
mod characters;
mod custom_permission;
mod diagnose;
mod entry;
mod flow;
mod group;
mod leaf;
mod manifest;
mod names;
mod oddity;
mod parsed;
mod parts;
mod related;
mod sections;
mod tree;
mod words;
pub mod xml;

pub use assigner::{Assigner, Named, Relation};
pub use custom_permission::{CustomPermission, RequiredPermission};
pub use entry::{Entry, Held, Key, Property, Sink};
pub use flow::{ActionType, Flow, FlowStatus, SessionAction, SetName, Start, Trigger};
pub use manifest::Manifest;
pub use names::{LocalNames, NameId, Names, SharedNames};
pub use oddity::Oddity;
pub use parsed::{Parsed, parse};
pub use related::{Content, Related};
pub use words::Word;
pub(crate) use words::{known_rights, known_sections, known_word};
