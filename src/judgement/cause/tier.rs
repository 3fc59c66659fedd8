//! Places on the way of a request.

use serde::{Deserialize, Serialize};

/// Where on the way of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Diapason itself.
    Generator,
    /// The machine all of it runs on.
    Host,
    /// What takes requests in for the others.
    Proxy,
    /// What answers the API's requests and renders pages.
    Application,
    /// PostgreSQL.
    Database,
    /// Redis and its like.
    Store,
}
