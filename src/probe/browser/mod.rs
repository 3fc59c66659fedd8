//! Page loads in a real browser, paced by the plan and at idle priority so that the observer is not the load.

mod driver;
mod journey;
mod page;
mod probe;
mod process;
mod way;

pub use journey::{BrowserAction, BrowserJourney, BrowserJourneyError, BrowserPage};
pub(super) use probe::BrowserProbe;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::units::Span;

/// Settings of the probe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserSettings {
    /// Name of the journey file the browser walks, under `journeys/`.
    pub journey: String,
    /// One page load starts every so often, for the whole run.
    pub every: Span,
    /// A page that takes longer has failed.
    #[serde(default = "default_timeout")]
    pub timeout: Span,
}

const fn default_timeout() -> Span {
    Span::from_millis(15_000)
}

/// One page load, in milliseconds from navigation start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageLoad {
    /// Name of the page.
    pub page: String,
    /// Seconds from the run's zero to the navigation start.
    pub at: f64,
    /// Why it failed; the times are then absent.
    pub failure: Option<String>,
    /// First byte of the document.
    pub ttfb_ms: Option<f64>,
    /// `DOMContentLoaded`.
    pub dom_ms: Option<f64>,
    /// End of the load event: the judged time.
    pub load_ms: Option<f64>,
    /// First contentful paint.
    pub fcp_ms: Option<f64>,
    /// Largest contentful paint.
    pub lcp_ms: Option<f64>,
    /// When the page showed its data (its `ready` selector).
    pub ready_ms: Option<f64>,
    /// Bytes transferred.
    pub bytes: Option<u64>,
    /// Resources requested.
    pub requests: Option<u32>,
    /// Resources wanted from other origins, by origin; those of other hosts were not fetched.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub elsewhere: BTreeMap<String, u32>,
}

/// All page loads of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserObservation {
    /// Name and version: `Chromium 156.0`.
    pub browser: String,
    /// The loads in order, warm-up included; select by `at`.
    pub loads: Vec<PageLoad>,
    /// Times the browser had to be started again.
    pub restarts: u32,
    /// Loads the plan wanted that had not begun when their turn came because the one before still ran.
    pub skipped: u32,
}
