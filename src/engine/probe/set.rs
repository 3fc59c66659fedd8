//! All probes of a run together.

use std::collections::BTreeMap;

use futures_util::future::OptionFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::browser::{BrowserJourney, BrowserProbe, BrowserSettings};
use super::containers::{ContainersProbe, ContainersSettings};
use super::front_door::{FrontDoorProbe, FrontDoorSettings};
use super::postgres::{PostgresProbe, PostgresSettings};
use super::proxy::{ProxyProbe, ProxyProbeSettings};
use super::{ProbeError, Watch, generator};
use crate::evidence::{Observations, ProbeFailure, ProbeKind};
use crate::record::{Tracing, Window};
use crate::stack::{Endpoints, ProxySettings, ServiceLimits};
use crate::units::Span;
use crate::wire::KeptCookie;

/// Probes that a scenario asks for, and their settings. The generator is always observed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProbeSettings {
    /// Statement times from PostgreSQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postgres: Option<PostgresSettings>,
    /// Page loads in a browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<BrowserSettings>,
    /// Parts of the requests' time, from the proxy's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyProbeSettings>,
    /// Containers' resource use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containers: Option<ContainersSettings>,
    /// Availability of the front door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front_door: Option<FrontDoorSettings>,
}

impl ProbeSettings {
    /// True if that probe observes the run.
    pub fn asks_for(&self, probe: ProbeKind) -> bool {
        match probe {
            ProbeKind::Postgres => self.postgres.is_some(),
            ProbeKind::Browser => self.browser.is_some(),
            ProbeKind::Proxy => self.proxy.is_some(),
            ProbeKind::Containers => self.containers.is_some(),
            ProbeKind::FrontDoor => self.front_door.is_some(),
            ProbeKind::Generator => true,
        }
    }
}

/// Inputs of the probes in addition to their settings.
#[derive(Debug, Clone)]
pub struct ProbeContext {
    /// The settings of the scenario.
    pub settings: ProbeSettings,
    /// Addresses of the running system.
    pub endpoints: Endpoints,
    /// Journey of the browser, if the browser is asked for.
    pub browser_journey: Option<BrowserJourney>,
    /// Cookies that the browser begins with.
    pub browser_cookies: Vec<KeptCookie>,
    /// Window in which the browser loads pages; `None` for the whole run.
    pub page_window: Option<Window>,
    /// Limits to count statement executions against, ascending.
    pub statement_limits: Vec<Span>,
    /// Requests expected in the judged window; `None` if unknown, as in the closed model.
    pub expected_requests: Option<f64>,
    /// Limits to count page loads against, ascending.
    pub page_limits: Vec<Span>,
    /// Resource limits of the services in production's table.
    pub expected_limits: BTreeMap<String, ServiceLimits>,
    /// Places of the proxy's and the application's logs.
    pub proxy: ProxySettings,
    /// Names of the series, by their number.
    pub series: Vec<String>,
}

impl ProbeContext {
    /// Context for probes without a plan: no limits, pages, expectations or series.
    pub fn new(settings: ProbeSettings, endpoints: Endpoints) -> Self {
        Self {
            settings,
            endpoints,
            browser_journey: None,
            browser_cookies: Vec::new(),
            page_window: None,
            statement_limits: Vec::new(),
            expected_requests: None,
            page_limits: Vec::new(),
            expected_limits: BTreeMap::new(),
            proxy: ProxySettings::default(),
            series: Vec::new(),
        }
    }
}

/// Probes ready to observe.
#[derive(Debug)]
pub struct PreparedProbes {
    postgres: Option<PostgresProbe>,
    browser: Option<BrowserProbe>,
    proxy: Option<ProxyProbe>,
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
        proxy: None,
        containers: None,
        front_door: None,
    };
    if let Some(settings) = &settings.front_door {
        prepared.front_door = Some(FrontDoorProbe::prepare(settings, endpoints)?);
    }
    if let Some(settings) = &settings.containers {
        let probe = ContainersProbe::prepare(settings, &endpoints.containers, &context.expected_limits).await?;
        prepared.containers = Some(probe);
    }
    if let Some(settings) = &settings.postgres {
        let (limits, requests) = (&context.statement_limits, context.expected_requests);
        prepared.postgres = Some(PostgresProbe::prepare(settings, endpoints, limits, requests).await?);
    }
    if let Some(settings) = &settings.proxy {
        let probe = ProxyProbe::prepare(settings, &context.proxy, &endpoints.containers, &context.series).await?;
        prepared.proxy = Some(probe);
    }
    // Last: it loads pages of the stack and takes longest, and what the others refuse is known by then.
    if let Some(settings) = &settings.browser {
        let journey = context.browser_journey.as_ref();
        // The future is large, and would make every future around it as large.
        let mut probe = Box::pin(BrowserProbe::prepare(
            settings,
            journey,
            endpoints,
            &context.browser_cookies,
        ))
        .await?;
        if let Some(window) = context.page_window {
            probe = Box::pin(probe.during(window)).await?;
        }
        prepared.browser = Some(probe);
    }
    Ok(prepared)
}

impl PreparedProbes {
    /// Selection of requests that are to carry an id, so that they can be followed.
    pub fn tracing(&self) -> Tracing {
        self.proxy.as_ref().map(ProxyProbe::tracing).unwrap_or_default()
    }

    /// Observes until the plan's end or an early stop. A probe that breaks becomes a [`crate::evidence::ProbeFailure`].
    pub async fn observe(self, watch: Watch) -> Observations {
        let postgres = OptionFuture::from(self.postgres.map(|probe| probe.observe(&watch)));
        let browser = OptionFuture::from(self.browser.map(|probe| probe.observe(&watch)));
        let containers = OptionFuture::from(self.containers.map(|probe| probe.observe(&watch)));
        let proxy = OptionFuture::from(self.proxy.map(|probe| probe.observe(&watch)));
        let front_door = OptionFuture::from(self.front_door.map(|probe| probe.observe(&watch)));
        let generator = generator::observe(&watch);
        let (postgres, browser, proxy, containers, front_door, generator) =
            // All to their end: one that fails does not take the others' evidence with it.
            tokio::join!(postgres, browser, proxy, containers, front_door, generator);
        let mut failures = Vec::new();
        Observations {
            postgres: delivered(ProbeKind::Postgres, postgres, &mut failures),
            browser: delivered(ProbeKind::Browser, browser, &mut failures),
            proxy: delivered(ProbeKind::Proxy, proxy, &mut failures),
            containers: delivered(ProbeKind::Containers, containers, &mut failures),
            front_door,
            generator: delivered(ProbeKind::Generator, Some(generator), &mut failures),
            elsewhere: Vec::new(),
            request_events: Vec::new(),
            stack_events: Vec::new(),
            consistency: Vec::new(),
            failures,
        }
    }
}

/// The observation of a probe that was asked for and did not break.
fn delivered<T>(
    probe: ProbeKind,
    outcome: Option<Result<T, ProbeError>>,
    failures: &mut Vec<ProbeFailure>,
) -> Option<T> {
    match outcome? {
        Ok(observed) => Some(observed),
        Err(error) => {
            failures.push(error.failure(probe));
            None
        }
    }
}
