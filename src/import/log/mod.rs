//! Access logs: their lines become sessions, sessions of one kind become a journey, and their starts an arrival process.
//!
//! A log has no bodies. Every line is replayed, mapped by a rule, or left out with a reason, and the three add up to the lines read.

mod clock;
mod files;
mod fit;
mod json_line;
mod kind;
mod known_step;
mod lacking;
mod line;
mod line_format;
mod plan;
mod reader;
mod recorded;
mod rules;
mod sessions;
mod shapes;

pub use reader::{LogOptions, access_log, recorded_log};
pub use recorded::{LogKind, RecordedLog};
pub use sessions::LoggedRequest;
