//! Run folders: the saved data of a run, and the machine it was made on. Evidence is saved before it is judged.

mod environment;
mod error;
mod file;
mod folder;
mod format;
mod notes;
mod record;
pub mod v0;

pub use environment::Environment;
pub use error::RunsError;
pub use file::{create_numbered, run_name, write_atomically};
pub use folder::{RunFolder, examination_file};
pub use format::read_numbered;
pub use notes::{RunNote, add_note, notes};
pub use record::RunRecord;
