//! Starting files for a Compose stack: a stack file, a scenario and a first journey, with comments, made from Compose's
//! configuration. Guesses are marked as such.

mod error;
mod guess;
mod options;
mod redirect;
mod roles;
mod write;

pub use error::InitError;
pub use options::InitOptions;
pub use write::WrittenFiles;

use crate::stack;

/// Reads the Compose files and writes the three files; none of them if one exists already and may not be replaced.
pub async fn init(options: &InitOptions) -> Result<WrittenFiles, InitError> {
    let read = stack::read_compose(&options.compose, &options.env_files).await?;
    let mut guess = guess::Guess::from_compose(&read, options.name.as_deref())?;
    let inactive = guess.inactive.iter().map(|(service, _)| service);
    let absent: Vec<String> = guess.left_out.iter().chain(inactive).cloned().collect();
    let examination = stack::examine_read(&read, &absent).await;
    guess.refusals = examination.refusals;
    guess.lacks = examination.lacks;
    guess.cautions = examination.cautions;
    write::all(&guess, options)
}
