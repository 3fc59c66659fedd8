//! Changes that were made to size the isolated stack.

use serde::{Deserialize, Serialize};

use crate::units::Bytes;

/// One change to the size of the stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SizeChange {
    /// The CPU limit of a service.
    Cpus {
        /// The service.
        service: String,
        /// Limit before, in cores; `None` if it had none.
        before: Option<f64>,
        /// Limit now, in cores.
        after: f64,
    },
    /// The memory limit of a service.
    Memory {
        /// The service.
        service: String,
        /// Limit before; `None` if it had none.
        before: Option<Bytes>,
        /// Limit now.
        after: Bytes,
    },
    /// The number of replicas of a service.
    Replicas {
        /// The service; its name stands for all replicas.
        service: String,
        /// Number before.
        before: u64,
        /// Number now.
        after: u32,
    },
    /// The stack is held to the machine of that profile.
    Profile {
        /// Its name.
        name: String,
        /// Its cores.
        cores: u32,
        /// Its memory.
        memory: Bytes,
    },
    /// The same if the host is smaller than that machine: every CPU limit shrinks in proportion, and memory limits stay.
    Scaled {
        /// Name of the profile.
        name: String,
        /// Cores of its machine.
        cores: u32,
        /// Memory of its machine.
        memory: Bytes,
        /// Cores of the engine's host.
        host_cores: f64,
        /// Memory of the engine's host.
        host_memory: Bytes,
        /// Factor by which each limit is multiplied.
        share: f64,
    },
    /// Every service runs on the host's first cores only.
    Confined {
        /// Number of cores.
        cores: u32,
    },
}

/// Says that a host is smaller than a profile's machine: name, cores and memory of the profile, cores and memory of the host.
pub fn lacking(name: &str, cores: u32, memory: Bytes, host_cores: f64, host_memory: Bytes) -> String {
    format!(
        "profile `{name}` is a machine of {cores} cores and {memory}; the engine's host has {host_cores} and {host_memory}"
    )
}
