//! From the bytes of one file to compact entries.
//!
//! [`xml`] reads events and makes the checks quick-xml does not; one file a metadata type turns them
//! into [`Entry`]s, pushed into a [`Sink`]. Nothing here knows about grants' meaning, other files or git.

mod block;
mod characters;
mod diagnose;
mod entry;
mod group;
mod leaf;
mod manifest;
mod names;
mod parsed;
mod sections;
mod words;
pub mod xml;

pub use entry::{Entry, Held, Key, Property, Sink};
pub use manifest::Manifest;
pub use names::{LocalNames, NameId, Names, SharedNames};
pub use parsed::{Parsed, parse};
pub use words::Word;
pub(crate) use words::{known_rights, known_sections, known_word};
