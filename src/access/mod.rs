//! What entries mean: grant keys, holders and their gates, groups and muting, effective access.

mod audience;
mod catalogue;
mod closure;
mod definition;
mod effective;
mod grant;
mod holder;
mod needed;
mod pattern;
mod requirements;
mod since;

pub use audience::{
    Audience, Sites, audience, audience_before, is_administrator, is_standard_profile, of_licence, standard_label,
};
pub use catalogue::{Risk, UserPermission, label_of, user_permission, user_permissions};
pub use closure::{Access, Closure, access_key, is_visibility, object_of};
pub use definition::{Definition, HolderFile};
pub use effective::{Effective, Reading, Relations, Source, contributors, derivations};
pub use grant::{Grant, grant_key};
pub use holder::{Gate, Holder};
pub(crate) use needed::in_words;
pub use needed::{Needed, required_by};
pub use pattern::{GrantPattern, NameGlob, NamePattern};
pub use requirements::{Required, Requirement, Requirements};
pub use since::{Newer, newer_than};
