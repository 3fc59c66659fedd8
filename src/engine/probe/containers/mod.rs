//! Resource use of each service, once a second and over the judged window, and the incidents of its containers.
//!
//! The figures come from the containers' cgroup files (v1 and v2) if they can be read, else from the engine's
//! statistics, which lack open sockets and pressure.

mod cgroup;
mod counters;
mod engine;
mod files;
mod incidents;
#[cfg(test)]
mod known_use;
mod meter;
mod probe;

pub(super) use probe::ContainersProbe;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Settings of the probe.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainersSettings {
    /// Source of the counters.
    #[serde(default, skip_serializing_if = "CounterSource::is_default")]
    pub source: CounterSource,
}

/// Source of the counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CounterSource {
    /// The cgroup files if they can be read, else the engine.
    #[default]
    Auto,
    /// The cgroup files; the probe fails if they cannot be read.
    Cgroup,
    /// The engine's statistics.
    Engine,
}

impl CounterSource {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
