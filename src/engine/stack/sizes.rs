//! Size of the isolated stack: limits and replicas of single services, and the machine as a whole.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ServiceLimits;
use crate::units::Bytes;

/// Limits of one service; they override the Compose file's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LimitSettings {
    /// Cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// Memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Bytes>,
}

/// A size of machine to try the stack on (`[profile.NAME]` of a stack file).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProfileSettings {
    /// Cores of the machine; the services share that many.
    pub cpus: u32,
    /// Its memory.
    pub memory: Bytes,
    /// Limits of its services.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub service: BTreeMap<String, ServiceLimits>,
}

/// A machine whose size the stack is limited to.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    /// Name of the profile.
    pub profile: String,
    /// Its size and its limits.
    pub size: ProfileSettings,
    /// True if a smaller host scales the CPU limits in proportion to its cores, and keeps those of memory; otherwise it is refused.
    pub scaled: bool,
}
