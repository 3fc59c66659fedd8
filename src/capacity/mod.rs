//! `diapason capacity`: the search for the highest rate at which the objectives hold, and the conclusions from it.
//!
//! ```text
//! cases of the sweep ─► stack up once ─► step ─► rest ─► step … ─► closed run ─► stack down ─► conclusions ─► report
//! ```
//!
//! Each step is a run with its own folder inside the search's. The search is saved after every step and can be resumed there.

mod answer;
mod bounds;
mod case_search;
mod error;
mod explore;
mod findings;
mod options;
mod pace;
mod sweep;

pub use error::CapacityError;
pub use explore::{SearchOutcome, explore, render_again, resume};
pub use options::CapacityOptions;
pub use sweep::{Sweep, parse_expected};
