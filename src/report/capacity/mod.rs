//! The document of a search for capacity and its renderings; saved as `capacity.json` after every step, so that a search
//! can be resumed from it.

mod bound;
mod breach;
mod case;
mod charts;
mod document;
mod expected_load;
mod files;
mod finding;
#[cfg(test)]
pub(crate) mod fixture;
mod html;
mod little;
mod markdown;
mod reason;
mod step;
mod words;

pub use breach::Breach;
pub use case::{Case, ClosedRun, UserCapacity, UslFit};
pub use document::{CapacityDocument, StopCause};
pub use expected_load::{ExpectedAnswer, ExpectedLoad};
pub use files::{CAPACITY_FORMATS, CapacityFolder, renderings as capacity_renderings, terminal as capacity_terminal};
pub use finding::{Caveat, FindingMeasurement, ObjectiveFinding};
pub use reason::StepReason;
pub use step::{Step, StepFigures, Usage};

use crate::words::Language;
