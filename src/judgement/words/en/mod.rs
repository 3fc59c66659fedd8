//! English.

pub mod cause;
pub mod text;
