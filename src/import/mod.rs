//! Journeys from what a team already has: command lines of curl, browser recordings, access logs, API descriptions.
//!
//! ```text
//! text ─► reader (curl, har, ...) ─► Request ─► correlation ─► Draft ─► Imported ─► files, and an Account of what became what
//! ```
//!
//! A reader never fails on a part of its input: what cannot become a step is left out, counted and told with its place.

mod account;
mod cmd;
mod conceal;
mod curl;
mod curl_options;
mod draft;
mod error;
mod form_part;
mod front_door;
mod imported;
mod marker;
mod names;
mod print;
mod request;
mod shell;
mod steps;
#[cfg(test)]
mod tests;
mod vault;
mod write;

pub use account::{Account, LeftOut};
pub use cmd::is_cmd;
pub use curl::{CurlOptions, Shell, curl};
pub use draft::{Draft, DraftStep};
pub use error::ImportError;
pub use imported::{Attachment, Imported, Load};
pub use write::{Destination, Written, write};
