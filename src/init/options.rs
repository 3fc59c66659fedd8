//! Sources and destination of starting files.

use std::path::PathBuf;

/// Sources and destination of starting files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InitOptions {
    /// Compose files, later ones over earlier ones.
    pub compose: Vec<PathBuf>,
    /// Files with environment for Compose.
    pub env_files: Vec<PathBuf>,
    /// Name of everything written; the Compose project's if `None`.
    pub name: Option<String>,
    /// The folder with scenarios, journeys and stacks.
    pub out: PathBuf,
    /// True if existing files may be replaced.
    pub force: bool,
}
