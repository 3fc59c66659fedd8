//! An examination of a running system without load: its health, its limits against the plan, and its readiness for production.
//! Everything is read and nothing is changed. A stack that is not attached to is brought up and taken down.
//!
//! ```text
//! plan ─► stack ─► gather ─► Subject (facts) ─► CHECKS (pure) ─► Findings ─► pages, JSON, JUnit
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

pub use checks::{CHECKS, Check};
pub use examine::{Warned, examine, warn};
pub use export::{EXPORTS, Report};
pub use finding::{Examination, Finding, Group, Word};
pub use forecast::{Forecast, TOLERATED, forecast};
pub use offer::{Offer, PhaseOffer};
pub use proxy::{ConnectionLimit, Key, ProxyLimits, RequestLimit, Route};
pub use subject::{Answer, Asked, Certificate, Disk, Probed, Rows, Subject};
