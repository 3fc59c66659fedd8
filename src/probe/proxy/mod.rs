//! Where the time of a request went: on the way to the proxy, in it, connecting to the application, in the application.
//!
//! A share of the requests carries an id in a header that the proxy logs; its log lines are joined with what the client saw.
//! A proxy's log also tells which answers were its limiter's.

mod entry;
mod format;
mod join;
mod logs;
mod parts;
mod probe;

pub(super) use probe::ProxyProbe;

use serde::{Deserialize, Serialize};

/// Settings of the probe; where its logs are, the stack file's `[proxy]` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ProxyProbeSettings {
    /// Requests that are followed, a second.
    pub most_per_second: u32,
}

impl Default for ProxyProbeSettings {
    fn default() -> Self {
        Self { most_per_second: 50 }
    }
}
