//! Leaf vocabulary of text: byte ranges, line numbers, suggestions, names shown to people.

mod clip;
mod csv;
mod excerpt;
mod glob;
mod lines;
mod span;
mod suggest;

pub use clip::{clip, clip_middle, clip_to, count, is_plain};
pub use csv::records;
pub use excerpt::excerpt;
pub use glob::{Reach, glob, matcher};
pub use lines::{Lines, Place};
pub use span::Span;
pub use suggest::{did_you_mean, suggest};
