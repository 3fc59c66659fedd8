//! Whether the measurement can carry a verdict at all: rules that come before any verdict.

mod browser;
mod identities;
mod load;
mod requests;
mod surroundings;

use serde::{Deserialize, Serialize};

pub(super) use browser::judged as browser;

use super::Objective;
use crate::evidence::Evidence;

/// One rule of validity with what it measured; shown even when fine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidityCheck {
    /// The rule: `send lag`.
    pub name: String,
    /// Whether it holds.
    pub valid: bool,
    /// What was measured, in words with its unit: `p99 0.42 ms`.
    pub measured: String,
    /// The threshold, in words: `at most 10 ms`.
    pub threshold: String,
    /// What to do where it does not hold.
    pub hint: String,
}

/// The greatest share of arrivals dropped, and of requests rate-limited, that leaves a run valid.
const TOLERATED_SHARE: f64 = 0.001;

/// Every rule, in the order in which it is shown. `objectives` say which latency and which probes matter.
pub(super) fn check(evidence: &Evidence, objectives: &[Objective]) -> Vec<ValidityCheck> {
    let mut checks = vec![
        requests::judged(evidence),
        load::send_lag(evidence, objectives),
        load::dropped(evidence),
        load::generator(evidence),
        requests::rate_limited(evidence, objectives),
        requests::out_of_range(evidence),
        surroundings::containers(evidence),
        identities::hold(evidence),
    ];
    checks.extend(surroundings::probes(evidence, objectives));
    checks
}

fn rule(name: &str, valid: bool, measured: String, threshold: impl Into<String>, hint: &str) -> ValidityCheck {
    ValidityCheck {
        name: name.to_owned(),
        valid,
        measured,
        threshold: threshold.into(),
        hint: hint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::record::Outcome;

    #[test]
    fn a_sound_run_shows_every_rule_and_breaks_none() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        for index in 0..11_u32 {
            run.page_load(12.0 + f64::from(index), Some(500.0));
        }
        let mut loads = fixture::objective("page-load", "2s", "5s");
        loads.quantile = "p75".parse().ok();
        let checks = check(&run.evidence(), &[fixture::response_time(), loads]);
        let names: Vec<&str> = checks.iter().map(|check| check.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "judged requests",
                "send lag",
                "dropped arrivals",
                "generator CPU",
                "rate-limited requests",
                "out-of-range samples",
                "containers",
                "identities",
                "browser probe",
            ]
        );
        for check in checks {
            assert!(check.valid, "{check:?}");
            assert!(!check.measured.is_empty() && !check.threshold.is_empty() && !check.hint.is_empty());
        }
    }
}
