//! Corrections of what was recorded.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Evidence;

/// A change to the evidence that other parts of the same evidence call for. What is saved is what was recorded; corrections are
/// made when it is judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Correction {
    /// Requests recorded as server errors were refused by the limiter, as the proxy's log tells.
    LimiterRefusals {
        /// Number of requests.
        requests: u64,
    },
    /// The run ended before its time: the plan is that of the part that was carried out.
    CutAt {
        /// Seconds since the run's zero.
        seconds: f64,
    },
    /// The run proved not comparable with its baseline: limits relative to it are not judged.
    BaselineWithdrawn,
}

impl Evidence {
    /// The evidence with its corrections, which [`Self::corrections`] lists. Correcting it again changes nothing, so that runs
    /// saved with their corrections made are read like others.
    #[must_use]
    pub fn corrected(mut self) -> Self {
        if let Some(proxy) = &self.observations.proxy {
            let requests = self.recording.limiter_refused(&proxy.refused);
            if requests > 0 {
                self.corrections.push(Correction::LimiterRefusals { requests });
            }
        }
        if let Some(ended) = &self.ended {
            let planned = self.plan.clone();
            self.plan.cut(Duration::from_secs_f64(ended.at), &self.recording.load);
            if self.plan != planned {
                self.corrections.push(Correction::CutAt { seconds: ended.at });
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::proxy::ProxyObservation;
    use crate::evidence::{Accept, Ended};
    use crate::record::Outcome;
    use crate::slo::fixture;

    #[test]
    fn what_other_parts_of_the_evidence_tell_is_corrected_once() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::ServerError, 50_000, 6);
        let mut recorded = run.evidence();
        let second = recorded.recording.series[0].seconds[0].second;
        recorded.observations.proxy = Some(ProxyObservation {
            refused: vec![(second, 4)],
            ..ProxyObservation::default()
        });
        let end = recorded.plan.end().as_secs_f64();
        recorded.ended = Some(Ended::without_log_in(end - 5.0, Accept::Target));
        let corrected = recorded.clone().corrected();
        assert_eq!(
            corrected.corrections,
            [
                Correction::LimiterRefusals { requests: 4 },
                Correction::CutAt { seconds: end - 5.0 }
            ]
        );
        let counters = &corrected.recording.series[0].counters;
        assert_eq!(
            (counters.of(Outcome::ServerError), counters.of(Outcome::RateLimited)),
            (2, 4)
        );
        assert!((corrected.plan.end().as_secs_f64() - (end - 5.0)).abs() < 1e-9);
        let mut read = corrected.clone();
        read.corrections.clear();
        let again = read.corrected();
        assert_eq!(again.corrections, [], "they were made before it was saved");
        assert_eq!(again.plan, corrected.plan);
    }
}
