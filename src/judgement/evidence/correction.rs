//! Corrections of what was recorded.

use serde::{Deserialize, Serialize};

/// A change to the evidence that other parts of the same evidence call for. What is saved is what was recorded; corrections are
/// made when it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Correction {
    /// Requests recorded as server errors were refused by the limiter, as the proxy's log tells.
    LimiterRefusals {
        /// Number of requests.
        requests: u64,
    },
    /// The run ended before its time: the plan is that of the part that was carried out.
    CutAt {
        /// Seconds since the run's zero.
        seconds: f64,
    },
    /// Incidents of containers that planned events caused are set aside: no service fell.
    PlannedIncidents {
        /// Number of incidents.
        incidents: u64,
    },
    /// The run proved not comparable with its baseline: limits relative to it are not judged.
    BaselineWithdrawn,
}
