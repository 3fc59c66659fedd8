//! An examination of a running system without load: its health, its limits against the plan, and its readiness for production.
//! Everything is read and nothing is changed. A stack that is not attached to is brought up and taken down.
//!
//! ```text
//! plan ─► stack ─► gather ─► Subject (facts) ─► CHECKS (pure) ─► Findings (facts) ─► pages, JSON, JUnit
//! ```

mod answers;
mod certificate;
mod checks;
mod examine;
mod export;
mod finding;
mod forecast;
mod gather;
mod offer;
mod probe;
mod proxy;
mod subject;

pub use checks::{CHECKS, LiveCheck};
pub use examine::{LimiterWarnings, examine, examine_running, warn};
pub use export::{EXPORTS, render};
pub use finding::Finding;
pub use forecast::forecast;
pub use offer::{Offer, PhaseOffer};
pub use proxy::{ConnectionLimit, ProxyLimits, RequestLimit, Route};
pub use subject::{Answer, AnswerResult, Certificate, Disk, Rows, SequentialProbe, Subject};
