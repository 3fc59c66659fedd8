//! CPU, memory and network of each service, once a second, and whether it stayed up.

mod incidents;
mod probe;
mod reading;

pub(super) use probe::ContainersProbe;

use serde::{Deserialize, Serialize};

/// Settings of the probe; there are none to choose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainersSettings {}

/// One second of one container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerPoint {
    /// Seconds from the run's zero.
    pub at: f64,
    /// CPU use in cores since the previous point.
    pub cpu_cores: f64,
    /// Share of the scheduling periods since the previous point in which it was throttled.
    pub throttled: f64,
    /// Memory in bytes, page cache left out.
    pub memory: u64,
    /// Bytes received since it started.
    pub received: u64,
    /// Bytes sent since it started.
    pub sent: u64,
}

/// One container over the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerSeries {
    /// Name of the Compose service (with its replica's number where there are several).
    pub service: String,
    /// CPU limit in cores, where it has one.
    pub cpu_limit: Option<f64>,
    /// Memory limit in bytes, where it has one.
    pub memory_limit: Option<u64>,
    /// Second by second.
    pub points: Vec<ContainerPoint>,
    /// Restarts and exits during the run, in words: `exited with code 137 at 31.2 s`.
    pub incidents: Vec<String>,
    /// Whether it was killed for want of memory during the run.
    pub oom_killed: bool,
}

/// All containers of the stack over the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainersObservation {
    /// One entry per container.
    pub containers: Vec<ContainerSeries>,
}
