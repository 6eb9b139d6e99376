//! What entries mean: grant keys, holders and their gates, snapshots.

mod definition;
mod grant;
mod holder;
mod pattern;

pub use definition::{Definition, HolderFile};
pub use grant::{Grant, grant_key};
pub use holder::{Gate, Holder};
pub use pattern::GrantPattern;
