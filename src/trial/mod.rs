//! A journey tried: a few users walk it one after another on the engine of the load path, and everything that they send, get,
//! check and extract is shown, masked.
//!
//! ```text
//! Journeys + Endpoints ─► play (VirtualUser, Observer) ─► Masker ─► TrialEvent ─► transcript, Har
//! ```

mod entry;
mod error;
mod har;
mod masker;
mod play;

pub use entry::{MaskedExchange, MaskedValue, Message, Request, Response, TrialStep};
pub use error::TrialError;
pub use har::Har;
pub use play::{Trial, TrialEvent, TrialTotals, play};
