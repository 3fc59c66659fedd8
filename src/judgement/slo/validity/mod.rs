//! Validity rules: a verdict needs a measurement that keeps all of them.

mod browser;
mod check;
mod facts;
mod identities;
mod load;
mod requests;
mod rule;
mod surroundings;

pub(super) use browser::judged as browser;
pub use check::ValidityCheck;
pub use facts::{BrokenIdentity, ContainerIncident, Facts, FailedLogIns, Fraction, GeneratorCpu, Lag};
pub(super) use requests::failed_log_ins;
pub use rule::Rule;

use super::Objective;
use crate::evidence::Evidence;

/// Checks all rules but browser calibration, in the order in which they are shown. `objectives` determine the latency limit
/// and the probes that matter.
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
    checks.extend(surroundings::stack_events(evidence));
    checks.extend(load::sockets(evidence));
    checks.extend(surroundings::probes(evidence, objectives));
    checks
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::evidence::{RequestEvent, RequestEventKind};
    use crate::record::Outcome;
    use crate::words::en;

    #[test]
    fn a_generator_without_sockets_breaks_a_rule_of_its_own() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        let mut evidence = run.evidence();
        evidence.observations.request_events = vec![RequestEvent {
            kind: RequestEventKind::NoDescriptor,
            series: "projects.list".to_owned(),
            count: 7,
        }];
        let checks = check(&evidence, &[fixture::response_time()]);
        let broken: Vec<_> = checks
            .iter()
            .filter(|check| !check.valid && check.rule() == Rule::GeneratorSockets)
            .collect();
        assert_eq!(broken.len(), 1);
        assert!(broken[0].rule().blames_generator());
        assert_eq!(
            crate::words::en::validity::breach(&broken[0].facts),
            "generator sockets 7 requests without a file descriptor (none unsent)"
        );
        assert!(crate::words::en::validity::hint(&broken[0].facts).contains("ulimit -n"));
    }

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
        let names: Vec<String> = checks.iter().map(|check| check.rule().to_string()).collect();
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
            let text = en::validity::check(&check);
            assert!(!text.measured.is_empty() && !text.threshold.is_empty() && !text.hint.is_empty());
        }
    }
}
