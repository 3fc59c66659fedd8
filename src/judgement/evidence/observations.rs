//! Observations of all probes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::browser::BrowserObservation;
use crate::evidence::containers::ContainersObservation;
use crate::evidence::front_door::FrontDoorObservation;
use crate::evidence::generator::GeneratorObservation;
use crate::evidence::postgres::PostgresObservation;
use crate::evidence::proxy::ProxyObservation;
use crate::evidence::{ConsistencyObservation, ProbeKind, RequestEvent, RequestEventKind, StackEvent};
use crate::secrets::Secrets;

/// A probe that did not deliver, with its cause chain in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeFailure {
    /// The probe.
    pub probe: ProbeKind,
    /// Cause of the failure, outermost first.
    pub reason: String,
}

/// Observations of each probe; `None` for a probe that was not asked for or did not deliver.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observations {
    /// Statements, from PostgreSQL itself.
    pub postgres: Option<PostgresObservation>,
    /// Page loads in a real browser.
    pub browser: Option<BrowserObservation>,
    /// Parts of the time of requests, from the proxy's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyObservation>,
    /// Resource use per service.
    pub containers: Option<ContainersObservation>,
    /// One request a second to the front door.
    pub front_door: Option<FrontDoorObservation>,
    /// Resource use of the harness itself.
    pub generator: Option<GeneratorObservation>,
    /// Redirects and resources that pointed to other hosts and were not followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<OtherHost>,
    /// Events of requests that their outcomes do not tell.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_events: Vec<RequestEvent>,
    /// Planned events on services of the stack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack_events: Vec<StackEvent>,
    /// Acknowledged writes held against the database after the load.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consistency: Vec<ConsistencyObservation>,
    /// Probes that were asked for and did not deliver.
    pub failures: Vec<ProbeFailure>,
}

/// A redirect or resource that pointed to another host: it was counted and not followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherHost {
    /// The host, with its scheme and port.
    pub origin: String,
    /// Origin of the reference: the series of a redirect, the page of an asset.
    pub from: String,
    /// True for a redirect, false for a resource of a page in the browser.
    pub redirect: bool,
    /// Number of times.
    pub count: u64,
}

impl Observations {
    /// Number of events of that kind in all series.
    pub fn request_events(&self, kind: RequestEventKind) -> u64 {
        let events = self.request_events.iter().filter(|event| event.kind == kind);
        events.map(|event| event.count).sum()
    }

    /// Removes incidents of containers that planned events caused, and returns their number.
    pub(super) fn set_planned_aside(&mut self) -> u64 {
        let events = &self.stack_events;
        let mut removed = 0;
        for container in self.containers.iter_mut().flat_map(|all| &mut all.containers) {
            let before = container.incidents.len();
            let service = &container.service;
            container
                .incidents
                .retain(|incident| !events.iter().any(|event| event.caused(service, incident)));
            removed += (before - container.incidents.len()) as u64;
            // The last lines explain a death. Those of a planned stop would be shown as its cause.
            if before > 0 && container.incidents.is_empty() && !container.oom_killed {
                container.last_lines.clear();
            }
        }
        removed
    }

    /// Masks secrets in the last log lines of containers and in what commands of events printed.
    pub fn mask(&mut self, secrets: &Secrets) {
        for failure in self.stack_events.iter_mut().filter_map(|event| event.failure.as_mut()) {
            *failure = secrets.mask_answer(failure);
        }
        let containers = self.containers.iter_mut().flat_map(|all| &mut all.containers);
        for line in containers.flat_map(|container| &mut container.last_lines) {
            // Programs may print their configuration when they fail, and with it their passwords.
            *line = secrets.mask_answer(line);
        }
    }

    /// Sets `elsewhere` to the redirects to other hosts, given as (origin, series, count), and the browser's resources from them.
    pub fn add_elsewhere(&mut self, redirects: Vec<(String, String, u64)>) {
        let host = |(origin, from, count), redirect| OtherHost {
            origin,
            from,
            redirect,
            count,
        };
        let mut assets: BTreeMap<(String, String), u64> = BTreeMap::new();
        let loads = self.browser.iter().flat_map(|browser| &browser.loads);
        for (load, (origin, count)) in loads.flat_map(|load| load.elsewhere.iter().map(move |seen| (load, seen))) {
            // Each load of a page names the same hosts again: they are one finding of the page, with their number.
            *assets.entry((origin.clone(), load.page.clone())).or_default() += u64::from(*count);
        }
        let assets = assets
            .into_iter()
            .map(|((origin, page), count)| host((origin, page, count), false));
        let redirects = redirects.into_iter().map(|redirect| host(redirect, true));
        self.elsewhere = redirects.chain(assets).collect();
    }
}
