//! Splits the time of a request: on the way to the proxy, in it, connecting to the application, in the application.
//!
//! A share of the requests carries an id in a header that the proxy logs; its log lines are joined with the client's
//! traces. The proxy's log also shows which answers came from its limiter.

mod entry;
mod join;
mod logs;
mod parts;
mod probe;
mod request_parts;
mod slow;

pub(super) use probe::ProxyProbe;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the probe. The stack file's `[proxy]` names the places of the logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ProxyProbeSettings {
    /// Requests to follow per second.
    pub most_per_second: u32,
}

impl Default for ProxyProbeSettings {
    fn default() -> Self {
        // The cost of all probes was measured with at most 50 marked requests a second
        // (docs/measurements/probe-costs.md).
        Self { most_per_second: 50 }
    }
}
