//! What the harness itself used: a saturated generator's numbers are refused.

use serde::{Deserialize, Serialize};

/// One second of the harness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorPoint {
    /// Seconds from the run's zero.
    pub at: f64,
    /// CPU use of the whole process in cores since the previous point.
    pub cpu_cores: f64,
    /// CPU use of the load thread in cores since the previous point; saturated near 1.
    pub load_thread_cores: f64,
    /// Resident memory in bytes.
    pub memory: u64,
    /// CPU use of the whole host in cores since the previous point.
    pub host_cores: f64,
}

/// The harness over the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorObservation {
    /// Cores the harness may use.
    pub cores: u32,
    /// Second by second.
    pub points: Vec<GeneratorPoint>,
}
