//! Tiers that a request passes through, and the machine beneath them.

use serde::{Deserialize, Serialize};

/// A tier of the system under test, the load generator or the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Diapason itself.
    Generator,
    /// The machine that all of it runs on.
    Host,
    /// The proxy, which accepts requests for the other services.
    Proxy,
    /// A service that answers requests to the API or renders pages.
    Application,
    /// PostgreSQL.
    Database,
    /// Another store or broker, such as Redis.
    Store,
    /// The journeys, or the data that they use.
    Journey,
}
