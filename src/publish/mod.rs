//! Publishing of runs where reviewers look: Check runs, comments and step summaries of GitHub, files for the widgets of GitLab.
//!
//! A CI server that cannot be reached, or whose token may not write, changes nothing about a run: its errors are for telling.

mod api;
mod ci;
mod cut;
mod error;
mod github;
mod gitlab;
mod lines;
mod origin;
mod publication;

pub use ci::Ci;
pub use error::PublishError;
pub use github::{Github, GithubContext, MOST_ANNOTATIONS, MOST_CHARACTERS, MOST_SUMMARY_BYTES, add_to_summary};
pub use gitlab::widgets;
pub use origin::Origin;
pub use publication::{Annotation, AnnotationLevel, Conclusion, Publication};
