//! What entries mean: grant keys, holders and their gates, groups and muting, effective access.

mod audience;
mod closure;
mod definition;
mod effective;
mod grant;
mod holder;
mod pattern;
mod requirements;

pub use audience::{Audience, Sites, audience, of_licence, told};
pub use closure::{Access, Closure, access_key, is_visibility, object_of};
pub use definition::{Definition, HolderFile};
pub use effective::{Effective, Reading, Relations, Source, contributors, derivations};
pub use grant::{Grant, grant_key};
pub use holder::{Gate, Holder};
pub use pattern::GrantPattern;
pub use requirements::{Required, Requirement, Requirements};
