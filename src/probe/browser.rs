//! Page loads in a real browser, paced by the plan and at idle priority so that the observer is not the load.

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

/// One thing done on a page after it has loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum BrowserAction {
    /// Types a text into the element found by a CSS selector.
    Fill {
        /// CSS selector.
        selector: String,
        /// What to type.
        text: String,
    },
    /// Clicks the element found by a CSS selector.
    Click {
        /// CSS selector.
        selector: String,
    },
    /// Waits until the element found by a CSS selector is there.
    WaitFor {
        /// CSS selector.
        selector: String,
    },
}

/// One full page load and what is done on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserPage {
    /// The name of the series: `dashboard`.
    pub name: String,
    /// Path below the front door.
    pub path: String,
    /// CSS selector that exists once the page shows its data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<String>,
    /// Done after the load, in order; not part of the load time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<BrowserAction>,
}

/// A journey of page loads; after the last page it begins again with `again_from`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserJourney {
    /// Its name.
    pub name: String,
    /// What it does, for `list`.
    pub description: String,
    /// The pages in order.
    pub page: Vec<BrowserPage>,
    /// Name of the page at which a new round begins (the first where not said), so that a login happens once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_from: Option<String>,
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
