//! Page loads in a real browser, paced by the plan, at idle priority so that the browser itself adds little load.
//!
//! The browser also loads a calibration page of the harness's own, before and during the load. A slowdown of that page
//! is caused by the busy machine, not by the system under test.

mod calibration;
mod driver;
mod engine;
mod family;
mod gallery;
mod journey;

mod page;
mod pin;
mod probe;
mod process;
mod route;
mod settings;

#[cfg(test)]
mod tests;

pub use journey::{BrowserAction, BrowserJourney, BrowserJourneyError, BrowserPage};
pub(super) use probe::BrowserProbe;
pub use process::in_path;
pub use settings::{BrowserSettings, CalibrationSettings, Engine};
