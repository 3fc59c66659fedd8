//! Exceptions from isolation that the stack file grants; none by default.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[isolation]` of a stack file. Everything else that reaches the host or another stack is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct IsolationSettings {
    /// Files and folders of the host that are mounted writable and copied for the run; what is written is discarded.
    /// Relative to the stack file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copied: Vec<PathBuf>,
    /// Files and folders of the host that the stack may write to. Relative to the stack file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub writable: Vec<PathBuf>,
    /// Networks that are external or not bridges, by their key in the Compose file, that are replaced by new networks of the stack's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fresh_networks: Vec<String>,
    /// Volumes that are external, stored at a place of the host or kept by a driver, by their key in the Compose file, that are
    /// replaced by new, empty volumes of the stack's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fresh_volumes: Vec<String>,
    /// External secrets and configs, by their key in the Compose file, whose content is made up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub made_up: Vec<String>,
    /// Devices of the host that services may use, by their path on the host; `gpu` for devices requested by capability.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<String>,
    /// Capabilities beyond the harmless ones that services may have: `SYS_ADMIN`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// Sockets of the host, such as the engine's, that may be mounted, by their path on the host.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sockets: Vec<PathBuf>,
    /// Services that may reach the host by `host-gateway`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub host_gateway: Vec<String>,
}
