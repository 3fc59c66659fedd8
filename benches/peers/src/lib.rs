//! What the floor clients, the freeze server and the driver share.

pub mod answer;
pub mod arrivals;
pub mod poller;
pub mod quantiles;

/// Whatever stops a program of this package; its text is for the reader.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
