//! Journeys from what a team already has: command lines of curl, browser recordings, access logs, API descriptions, plans of other tools.
//!
//! ```text
//! text ─► reader (curl, har, ...) ─► Request ─► correlation ─► Draft ─► Imported ─► files, and an Account of what became what
//! ```
//!
//! A reader never fails on a part of its input: what cannot become a step is left out, counted and told with its place.

mod account;
mod align;
mod answer;
mod arrange;
mod cmd;
mod conceal;
mod correlate;
mod curl;
mod curl_options;
mod draft;
mod error;
mod exchange;
mod form_part;
mod front_door;
mod har;
mod har_body;
mod har_entry;
mod import_result;
mod jmx;
mod jmx_answer;
mod jmx_config;
mod jmx_element;
mod jmx_request;
mod jmx_text;
mod log;
mod log_in;
mod marker;
mod names;
mod openapi;
mod openapi_documents;
mod openapi_operation;
mod openapi_security;
mod openapi_value;
mod postman;
mod postman_request;
mod print;
mod request;
mod shell;
mod slot;
mod steps;
#[cfg(test)]
mod tests;
mod vault;
mod write;

pub use account::{Account, OmittedParts};
pub use cmd::is_cmd;
pub use curl::{CurlOptions, Shell, curl};
pub use draft::{Draft, DraftStep, GroupKind};
pub use error::ImportError;
pub use har::{HarOptions, har};
pub use import_result::{Attachment, ImportResult, Load};
pub use jmx::{JmxOptions, jmx};
pub use log::{LogKind, LogOptions, LoggedRequest, RecordedLog, access_log, recorded_log};
pub use openapi::{OpenApiOptions, openapi, openapi_of};
pub use openapi_documents::Documents;
pub use postman::{PostmanOptions, postman};
pub use write::{Destination, WrittenFiles, write};
