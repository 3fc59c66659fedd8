//! What each service used, and whether it stayed up.

use serde::{Deserialize, Serialize};

use crate::evidence::Incident;

/// Share of time in which some task waited for a resource (pressure stall information), from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pressure {
    /// For a processor.
    pub cpu: f64,
    /// For memory.
    pub memory: f64,
    /// For a disk.
    pub io: f64,
}

/// One second of one container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerPoint {
    /// Seconds from the run's zero.
    pub at: f64,
    /// CPU use in cores since the previous point.
    pub cpu_cores: f64,
    /// Share of the scheduling periods since the previous point in which it was throttled.
    pub throttled: f64,
    /// Seconds that its tasks were held back by its CPU limit since the previous point, summed over processors.
    #[serde(default)]
    pub throttled_seconds: f64,
    /// Memory in bytes, page cache left out that the kernel would give up first: the working set.
    pub memory: u64,
    /// Page faults that had to wait for a disk, since the previous point.
    #[serde(default)]
    pub major_faults: u64,
    /// Bytes received since it started.
    pub received: u64,
    /// Bytes sent since it started.
    pub sent: u64,
    /// Bytes read from disks since it started, where they are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
    /// Bytes written to disks since it started, where they are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<u64>,
    /// TCP sockets that are open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sockets: Option<u64>,
    /// What its tasks waited for since the previous point, where the kernel tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pressure: Option<Pressure>,
}

/// One container over the judged window: exact differences of counters, not sums of points.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerTotals {
    /// Seconds between the readings at the window's ends.
    pub seconds: f64,
    /// CPU time in seconds.
    pub cpu_seconds: f64,
    /// Scheduling periods in which it wanted to run; none where it has no CPU limit.
    pub periods: u64,
    /// Those of them in which it was throttled.
    pub throttled_periods: u64,
    /// Seconds that its tasks were held back, summed over processors.
    pub throttled_seconds: f64,
    /// Highest working set of a reading, in bytes.
    pub memory_max: u64,
    /// Page faults.
    pub page_faults: u64,
    /// Those of them that had to wait for a disk.
    pub major_faults: u64,
    /// Processes killed for want of memory.
    pub oom_kills: u64,
    /// Bytes read from disks, where they are counted: recent kernels do so with cgroup v2 only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
    /// Bytes written to disks, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<u64>,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
    /// Most TCP sockets open at a reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sockets_max: Option<u64>,
    /// What its tasks waited for, where the kernel tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pressure: Option<Pressure>,
}

/// Limits that production's table gives a service (`[production.service]` of the stack file).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedLimits {
    /// Cores.
    pub cpus: f64,
    /// Bytes of memory.
    pub memory: u64,
}

/// One container over the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerSeries {
    /// Name of the Compose service (with its replica's number where there are several).
    pub service: String,
    /// Where its counters come from: `cgroup v1`, `cgroup v2`, `engine`.
    #[serde(default)]
    pub source: String,
    /// CPU limit in force at the end, in cores, where it has one.
    pub cpu_limit: Option<f64>,
    /// Memory limit in force at the end, in bytes, where it has one.
    pub memory_limit: Option<u64>,
    /// What production's table says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<ExpectedLimits>,
    /// The judged window; none where it was not seen at both ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<ContainerTotals>,
    /// Second by second.
    pub points: Vec<ContainerPoint>,
    /// Restarts and exits during the run.
    pub incidents: Vec<Incident>,
    /// Whether it, or a process in it, was killed for want of memory during the run.
    pub oom_killed: bool,
}

/// All containers of the stack over the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainersObservation {
    /// One entry per container.
    pub containers: Vec<ContainerSeries>,
}
