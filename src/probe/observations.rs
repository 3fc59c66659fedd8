//! Everything the probes saw.

use serde::{Deserialize, Serialize};

use super::browser::BrowserObservation;
use super::containers::ContainersObservation;
use super::front_door::FrontDoorObservation;
use super::generator::GeneratorObservation;
use super::postgres::PostgresObservation;

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
    /// Resource use per service.
    pub containers: Option<ContainersObservation>,
    /// One request a second to the front door.
    pub front_door: Option<FrontDoorObservation>,
    /// The harness's own use.
    pub generator: Option<GeneratorObservation>,
    /// Probes that were asked for and did not deliver.
    pub failures: Vec<ProbeFailure>,
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
