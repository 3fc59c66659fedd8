//! Page loads in a real browser, paced by the plan and at idle priority so that the observer is not the load.
//!
//! The browser also loads a page of the harness's own, before and during the load: how much slower that got is what the
//! busy machine did to the browser, and nothing of it is the system's fault.

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
mod settings;
mod way;

#[cfg(test)]
mod tests;

pub use journey::{BrowserAction, BrowserJourney, BrowserJourneyError, BrowserPage};
pub(super) use probe::BrowserProbe;
pub use settings::{BrowserSettings, CalibrationSettings, Engine};
