//! English.

pub mod cause;
pub mod request_events;
pub mod text;
