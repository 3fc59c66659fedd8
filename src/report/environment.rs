//! The machine a run was made on.

use serde::{Deserialize, Serialize};

/// Host, kernel and versions, so that two runs can be told apart or compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Version of Diapason.
    pub diapason: String,
    /// Kernel name and release.
    pub kernel: String,
    /// Model name of the processor.
    pub processor: String,
    /// Cores the harness may use.
    pub cores: u32,
    /// Bytes of memory.
    pub memory: u64,
}
