//! Connections to the front door: its address, found once; TCP and Unix sockets; TLS; the HTTP version. Beside it, those to
//! `PostgreSQL` and to the container engine.
//!
//! ```text
//! URL + Transport ─► Door ─► dial ─► Stream ─► whoever speaks HTTP over it
//! ```

mod ask;
mod door;
mod encoding;
pub mod engine;
mod error;
mod kept_cookie;
#[cfg(test)]
pub(crate) mod memory;
mod place;
pub mod postgres;
mod settings;
mod source;
mod stream;
#[cfg(test)]
mod tests;
mod tls;

pub use ask::AskError;
pub use door::{Door, NewConnection};
pub use encoding::{RESERVED, location, sendable};
pub use error::{DialError, WireError};
pub use kept_cookie::KeptCookie;
pub use settings::{HttpVersion, TlsSettings, Transport};
pub use source::SourceAddresses;
pub use stream::Stream;
pub use tls::client_config;
