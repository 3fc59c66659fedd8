//! All probes of a run together.

use serde::{Deserialize, Serialize};

use super::browser::{BrowserJourney, BrowserSettings};
use super::containers::ContainersSettings;
use super::front_door::FrontDoorSettings;
use super::postgres::PostgresSettings;
use super::{Observations, ProbeError, Watch};
use crate::stack::Endpoints;
use crate::units::Span;

/// Which probes a scenario asks for, and their settings. The generator is always observed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProbeSettings {
    /// Statement times from PostgreSQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postgres: Option<PostgresSettings>,
    /// Page loads in a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<BrowserSettings>,
    /// Containers' resource use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containers: Option<ContainersSettings>,
    /// Availability of the front door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front_door: Option<FrontDoorSettings>,
}

/// What the probes need beside their settings.
#[derive(Debug, Clone)]
pub struct ProbeContext {
    /// The settings of the scenario.
    pub settings: ProbeSettings,
    /// Where the running system answers.
    pub endpoints: Endpoints,
    /// The journey the browser walks, where the browser is asked for.
    pub browser_journey: Option<BrowserJourney>,
    /// Limits to count statement executions against, ascending.
    pub statement_limits: Vec<Span>,
    /// Limits to count page loads against, ascending.
    pub page_limits: Vec<Span>,
}

/// Probes ready to observe.
#[derive(Debug)]
pub struct PreparedProbes {}

/// Prepares every probe asked for against the running system: connects, starts the browser, checks permissions.
pub async fn prepare(_context: &ProbeContext) -> Result<PreparedProbes, ProbeError> {
    todo!()
}

impl PreparedProbes {
    /// Observes until the plan's end or until stopped. A probe that breaks becomes a [`super::ProbeFailure`].
    pub async fn observe(self, _watch: Watch) -> Observations {
        todo!()
    }
}
