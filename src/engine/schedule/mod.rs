//! Intended starts of arrivals: a pure function of the plan, with no feedback from the system under test.

mod arrivals;
mod profile;

pub use arrivals::{Arrivals, Spacing};
pub use profile::{Profile, Segment};
