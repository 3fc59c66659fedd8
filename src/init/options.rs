//! What to start from, and where to.

use std::path::PathBuf;

/// What to start from, and where to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitOptions {
    /// Compose files, later ones over earlier ones.
    pub compose: Vec<PathBuf>,
    /// Files with environment for Compose.
    pub env_files: Vec<PathBuf>,
    /// Name of everything written; the Compose project's where not said.
    pub name: Option<String>,
    /// The folder with scenarios, journeys and stacks.
    pub out: PathBuf,
    /// Whether files that are there may be replaced.
    pub force: bool,
}
