//! Everything the probes saw.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::browser::BrowserObservation;
use super::containers::ContainersObservation;
use super::front_door::FrontDoorObservation;
use super::generator::GeneratorObservation;
use super::postgres::PostgresObservation;
use super::proxy::ProxyObservation;

/// A probe that did not deliver, with its cause chain in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeFailure {
    /// Name of the probe.
    pub probe: String,
    /// Why, outermost cause first.
    pub reason: String,
}

impl ProbeFailure {
    pub(super) fn new(probe: &str, error: &dyn std::error::Error) -> Self {
        // The field beside it names the probe already.
        let words = error.to_string();
        let mut reason = words
            .strip_prefix(&format!("{probe} probe: "))
            .unwrap_or(&words)
            .to_owned();
        let mut cause = error.source();
        while let Some(error) = cause {
            reason.push_str(": ");
            reason.push_str(&error.to_string());
            cause = error.source();
        }
        Self {
            probe: probe.to_owned(),
            reason,
        }
    }
}

/// What each probe observed; `None` for a probe that was not asked for or did not deliver.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observations {
    /// Statements, from PostgreSQL itself.
    pub postgres: Option<PostgresObservation>,
    /// Page loads in a real browser.
    pub browser: Option<BrowserObservation>,
    /// Where the time of requests went, from the proxy's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<ProxyObservation>,
    /// Resource use per service.
    pub containers: Option<ContainersObservation>,
    /// One request a second to the front door.
    pub front_door: Option<FrontDoorObservation>,
    /// The harness's own use.
    pub generator: Option<GeneratorObservation>,
    /// What led to other hosts and was not followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<OtherHost>,
    /// Probes that were asked for and did not deliver.
    pub failures: Vec<ProbeFailure>,
}

/// A way to another host that was counted and not followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherHost {
    /// The host, with its scheme and port.
    pub origin: String,
    /// What led there: the series of a redirect, the page of an asset.
    pub from: String,
    /// Whether it was a redirect; else a resource of a page in the browser.
    pub redirect: bool,
    /// How often.
    pub count: u64,
}

impl Observations {
    /// Adds redirects to other hosts, as (origin, series, count), and the browser's resources from them.
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
            *assets.entry((origin.clone(), load.page.clone())).or_default() += u64::from(*count);
        }
        let assets = assets
            .into_iter()
            .map(|((origin, page), count)| host((origin, page, count), false));
        let redirects = redirects.into_iter().map(|redirect| host(redirect, true));
        self.elsewhere = redirects.chain(assets).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::super::ProbeError;
    use super::*;

    #[test]
    fn a_failure_tells_its_whole_cause_chain() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = ProbeError::failed("browser", "start chromedriver", refused);
        assert_eq!(
            ProbeFailure::new("browser", &error).reason,
            "failed to start chromedriver: connection refused"
        );
    }
}
