//! `diapason ab`: two versions of a stack in turns on one machine.
//!
//! ```text
//! both stacks up ─► a run on each that does not count ─► A B ─► decided? ─► B A ─► decided? … ─► stacks down ─► report
//! ```
//!
//! The pair of two neighbouring runs is the sample: what slows the machine down for a minute slows both. The interval of the mean
//! difference holds however often one looks (`stats::paired_shift`), so that the comparison ends as soon as it is decided.

mod decide;
mod document;
mod error;
#[cfg(test)]
pub(crate) mod fixture;
mod folder;
mod html;
mod markdown;
mod options;
mod reading;
mod revision;
mod side;
mod side_name;
mod turns;
mod words;

pub use document::{AbDocument, AbEnd, ComparedMeasure, Discarded, Outcome, Pair, SideVersion, TurnRun};
pub use error::AbError;
pub use folder::AbFolder;
pub use options::AbOptions;
pub use reading::Reading;
pub use side::SideSettings;
pub use side_name::SideName;
pub use turns::{AbComparison, compare_in_turns};
pub use words::terminal;
