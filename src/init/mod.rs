//! Starting files for somebody's own Compose stack: a stack file, a scenario and a first journey, commented, from what
//! Compose makes of the files. What is guessed is said beside it.

mod error;
mod guess;
mod path;
mod roles;
mod write;

pub use error::InitError;

use std::path::PathBuf;

use crate::stack;

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

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The scenario, which names the others.
    pub scenario: PathBuf,
    /// The stack file.
    pub stack: PathBuf,
    /// The journey.
    pub journey: PathBuf,
    /// What deserves a look, in words.
    pub notes: Vec<String>,
}

/// Reads the Compose files and writes the three; none of them where one is there already and may not be replaced.
pub async fn init(options: &InitOptions) -> Result<Written, InitError> {
    let read = stack::read_compose(&options.compose, &options.env_files).await?;
    let guess = guess::Guess::of(&read, options.name.as_deref())?;
    write::all(&guess, options)
}
