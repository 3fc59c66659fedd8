//! Resource use of each service, and its incidents.

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
    /// Seconds that its tasks were throttled by its CPU limit since the previous point, summed over processors.
    #[serde(default)]
    pub throttled_seconds: f64,
    /// Working set in bytes: memory without the page cache that the kernel would reclaim first.
    pub memory: u64,
    /// Page faults that had to wait for a disk, since the previous point.
    #[serde(default)]
    pub major_faults: u64,
    /// Bytes received since it started.
    pub received: u64,
    /// Bytes sent since it started.
    pub sent: u64,
    /// Bytes read from disks since it started; `None` if they are not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
    /// Bytes written to disks since it started; `None` if they are not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<u64>,
    /// TCP sockets that are open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sockets: Option<u64>,
    /// Pressure stall shares of its tasks since the previous point; `None` if the kernel does not report them.
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
    /// Scheduling periods in which it was runnable; 0 if it has no CPU limit.
    pub periods: u64,
    /// Those of them in which it was throttled.
    pub throttled_periods: u64,
    /// Seconds that its tasks were throttled, summed over processors.
    pub throttled_seconds: f64,
    /// Highest working set of a reading, in bytes.
    pub memory_max: u64,
    /// Page faults.
    pub page_faults: u64,
    /// Those of them that had to wait for a disk.
    pub major_faults: u64,
    /// Processes killed for lack of memory.
    pub oom_kills: u64,
    /// Bytes read from disks; `None` if they are not counted: recent kernels count them with cgroup v2 only.
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
    /// Pressure stall shares of its tasks; `None` if the kernel does not report them.
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
    /// Name of the Compose service (with its replica's number if there are several).
    pub service: String,
    /// Source of its counters: `cgroup v1`, `cgroup v2`, `engine`.
    #[serde(default)]
    pub source: String,
    /// CPU limit in force at the end, in cores; `None` if it has none.
    pub cpu_limit: Option<f64>,
    /// Memory limit in force at the end, in bytes; `None` if it has none.
    pub memory_limit: Option<u64>,
    /// Its limits by production's table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<ExpectedLimits>,
    /// Totals over the judged window; `None` if it was not read at both ends of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<ContainerTotals>,
    /// Second by second.
    pub points: Vec<ContainerPoint>,
    /// Restarts and exits during the run.
    pub incidents: Vec<Incident>,
    /// True if it, or a process in it, was killed for lack of memory during the run.
    pub oom_killed: bool,
    /// Its last log lines, if it fell; secrets are masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub last_lines: Vec<String>,
}

/// Exit codes of processes ended by a signal that usually comes from outside the container: SIGINT, SIGKILL, SIGTERM.
const SIGNALLED: [i64; 3] = [128 + 2, 128 + 9, 128 + 15];

impl ContainerSeries {
    /// True if it crashed or exceeded its own memory limit. False if nothing happened to it, if it was stopped, killed or removed
    /// through the engine, if a signal from outside or the host's lack of memory ended it, or if the reason is not known.
    pub fn fell_by_itself(&self) -> bool {
        let outside =
            |incident: &Incident| matches!(incident, Incident::KilledThroughEngine { .. } | Incident::Removed);
        // First of all: a container killed through the engine leaves the exit code of the signal and may look like one
        // that ran out of memory.
        if self.incidents.iter().any(outside) {
            return false;
        }
        if self.oom_killed {
            // Without a limit of its own it can only have fallen to the host's lack of memory.
            return self.memory_limit.is_some();
        }
        self.incidents.iter().any(|incident| match incident {
            // Shells and engines report 128 + the number of the signal that ended a process: SIGINT, SIGKILL, SIGTERM
            // come from outside.
            Incident::Exited { code: Some(code), .. } => !SIGNALLED.contains(code),
            _ => false,
        })
    }
}

/// All containers of the stack over the run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainersObservation {
    /// One entry per container.
    pub containers: Vec<ContainerSeries>,
}
