//! All probes of a run together.

use serde::{Deserialize, Serialize};

use super::browser::{BrowserJourney, BrowserProbe, BrowserSettings};
use super::containers::{ContainersProbe, ContainersSettings};
use super::front_door::{FrontDoorProbe, FrontDoorSettings};
use super::postgres::{PostgresProbe, PostgresSettings};
use super::{Observations, ProbeError, ProbeFailure, Watch, generator};
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
    /// Requests expected in the judged window; `None` where nobody knows, as in the closed model.
    pub expected_requests: Option<f64>,
    /// Limits to count page loads against, ascending.
    pub page_limits: Vec<Span>,
}

/// Probes ready to observe.
#[derive(Debug)]
pub struct PreparedProbes {
    postgres: Option<PostgresProbe>,
    browser: Option<BrowserProbe>,
    containers: Option<ContainersProbe>,
    front_door: Option<FrontDoorProbe>,
}

/// Prepares every probe asked for against the running system: connects, starts the browser, checks permissions.
pub async fn prepare(context: &ProbeContext) -> Result<PreparedProbes, ProbeError> {
    let ProbeContext {
        settings, endpoints, ..
    } = context;
    let mut prepared = PreparedProbes {
        postgres: None,
        browser: None,
        containers: None,
        front_door: None,
    };
    if let Some(settings) = &settings.front_door {
        prepared.front_door = Some(FrontDoorProbe::prepare(settings, endpoints)?);
    }
    if settings.containers.is_some() {
        prepared.containers = Some(ContainersProbe::prepare(&endpoints.containers).await?);
    }
    if let Some(settings) = &settings.postgres {
        let (limits, requests) = (&context.statement_limits, context.expected_requests);
        prepared.postgres = Some(PostgresProbe::prepare(settings, endpoints, limits, requests).await?);
    }
    if let Some(settings) = &settings.browser {
        let journey = context.browser_journey.as_ref();
        prepared.browser = Some(BrowserProbe::prepare(settings, journey, endpoints).await?);
    }
    Ok(prepared)
}

impl PreparedProbes {
    /// Observes until the plan's end or until stopped. A probe that breaks becomes a [`super::ProbeFailure`].
    pub async fn observe(self, watch: Watch) -> Observations {
        let postgres = async {
            match self.postgres {
                Some(probe) => probe.observe(&watch).await.map(Some),
                None => Ok(None),
            }
        };
        let browser = async {
            match self.browser {
                Some(probe) => probe.observe(&watch).await.map(Some),
                None => Ok(None),
            }
        };
        let containers = async {
            match self.containers {
                Some(probe) => probe.observe(&watch).await.map(Some),
                None => Ok(None),
            }
        };
        let front_door = async {
            match self.front_door {
                Some(probe) => Some(probe.observe(&watch).await),
                None => None,
            }
        };
        let generator = generator::observe(&watch);
        let (postgres, browser, containers, front_door, generator) =
            tokio::join!(postgres, browser, containers, front_door, generator);
        let mut failures = Vec::new();
        Observations {
            postgres: delivered("postgres", postgres, &mut failures),
            browser: delivered("browser", browser, &mut failures),
            containers: delivered("containers", containers, &mut failures),
            front_door,
            generator: delivered("generator", generator.map(Some), &mut failures),
            elsewhere: Vec::new(),
            failures,
        }
    }
}

fn delivered<T>(probe: &str, outcome: Result<Option<T>, ProbeError>, failures: &mut Vec<ProbeFailure>) -> Option<T> {
    outcome.unwrap_or_else(|error| {
        failures.push(ProbeFailure::new(probe, &error));
        None
    })
}
