//! English.

pub mod cause;
pub mod failed;
pub mod text;
