//! GitHub: a Check run, one comment that is kept up to date, and the step summary.

mod check;
mod comment;
mod context;
mod step_summary;

pub use check::{Github, MOST_ANNOTATIONS};
pub use comment::MOST_CHARACTERS;
pub use context::GithubContext;
pub use step_summary::{MOST_SUMMARY_BYTES, add_to_summary};
