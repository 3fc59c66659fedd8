//! Resource use of the harness itself.

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
    /// Share of the time in which the load thread was ready to run and had no processor; `None` if the kernel does not
    /// account for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_queue: Option<f64>,
    /// Steal time: processor time of the host that the hypervisor gave to others, in cores.
    #[serde(default)]
    pub steal: f64,
    /// Processes of the host that ran or were ready to, at that moment.
    #[serde(default)]
    pub runnable: u32,
    /// TCP segments that the harness's network namespace sent again since the previous point.
    #[serde(default)]
    pub retransmits: u64,
    /// Bytes used of the disk that holds the engine's data; 0 if it is not known.
    #[serde(default)]
    pub disk: u64,
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
