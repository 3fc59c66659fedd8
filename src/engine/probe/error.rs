//! Errors of the probes.

use crate::error::{Hint, one_line};
use crate::evidence::{ProbeFailure, ProbeKind};

/// A probe that could not be prepared or broke while observing.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// The running system lacks something that the probe needs.
    #[error("{probe} probe: {reason}")]
    Unavailable {
        /// The probe.
        probe: ProbeKind,
        /// The missing part.
        reason: String,
        /// Advice to the user.
        hint: String,
    },
    /// Something that the probe communicates with failed.
    #[error("{probe} probe: failed to {action}")]
    Failed {
        /// The probe.
        probe: ProbeKind,
        /// Action that failed: `start chromedriver`.
        action: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ProbeError {
    /// Wraps a failure of something that the probe communicates with.
    pub fn failed(
        probe: ProbeKind,
        action: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Failed {
            probe,
            action: action.into(),
            source: source.into(),
        }
    }

    /// The report's form of the error: its chain of causes, without the probe's name.
    pub(super) fn failure(&self, probe: ProbeKind) -> ProbeFailure {
        let reason = match self {
            Self::Unavailable { reason, .. } => reason.clone(),
            Self::Failed { action, source, .. } => format!("failed to {action}: {}", one_line(source.as_ref())),
        };
        ProbeFailure { probe, reason }
    }
}

/// The next move where the browser does not do as it is told, even with a page of the harness's own.
const BROWSER: &str = "`diapason doctor` shows whether the browser works here; a machine that is short of memory or processors, and a \
    proxy in HTTP_PROXY without 127.0.0.1 in NO_PROXY, keep it from loading pages; `[probes.browser] timeout` gives each page more time, \
    and without `[probes.browser]` the run measures the rest";

impl Hint for ProbeError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unavailable { hint, .. } => Some(hint.clone()),
            Self::Failed {
                probe: ProbeKind::Browser,
                ..
            } => Some(BROWSER.to_owned()),
            Self::Failed { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_tells_its_whole_cause_chain() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error = ProbeError::failed(ProbeKind::Browser, "start chromedriver", refused);
        assert!(error.hint().unwrap().contains("diapason doctor"));
        assert_eq!(
            error.failure(ProbeKind::Browser).reason,
            "failed to start chromedriver: connection refused"
        );
    }
}
