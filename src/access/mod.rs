//! What entries mean: grant keys, holders and their gates, snapshots.

mod grant;
mod holder;
mod pattern;

pub use grant::{Grant, grant_key};
pub use holder::{Gate, Holder, HolderFile};
pub use pattern::GrantPattern;
