//! Validity rules on the load generator: send lag, dropped arrivals and processor use.

use super::super::{Objective, TimeOrigin};
use super::{Facts, Fraction, GeneratorCpu, Lag, ValidityCheck};
use crate::evidence::generator::GeneratorPoint;
use crate::evidence::{Evidence, LoadModel, RequestEventKind};
use crate::record::{Timing, new_histogram};
use crate::stats::{ALPHA, QuantileRanks, value_at_rank};
use crate::units::Span;

/// Greatest p99 of the send lag, as a part of the tightest response-time target.
// A tenth of the target: the lag is part of the response time, so at most that much of what is judged is the
// generator's.
const LAG_SHARE: f64 = 0.1;
/// Greatest processor use of the generator, as a part of what it was given.
// The rest is for peaks within the second that a mean over a second hides.
const CPU_SHARE: f64 = 0.9;

/// Tightest target in microseconds of the objectives on response times over open phases; for an Apdex its threshold. Only
/// gating objectives are considered, unless none gates.
fn tightest_target(objectives: &[Objective]) -> Option<u64> {
    let latencies = || {
        objectives
            .iter()
            .filter(|objective| {
                let timed = objective.profile().and_then(|profile| profile.timed_from);
                timed == Some(TimeOrigin::IntendedStart)
            })
            .filter(|objective| objective.reads(LoadModel::Open))
    };
    let tightest = |gating: bool| {
        let counted = latencies().filter(|objective| objective.gate || !gating);
        let threshold = |objective: &Objective| objective.threshold.map(Span::as_micros);
        counted
            .filter_map(|objective| objective.target.micros().or(threshold(objective)))
            .min()
    };
    // Advisory targets serve only where none gates: they cannot make a run invalid beside stricter needs.
    tightest(true).or_else(|| tightest(false))
}

/// True if all judged phases are of the closed model, which has no schedule: nothing can be late or dropped.
fn all_closed(evidence: &Evidence) -> bool {
    let mut judged = evidence.plan.phases.iter().filter(|phase| phase.judged).peekable();
    judged.peek().is_some() && judged.all(|phase| phase.model == LoadModel::Closed)
}

/// Rule: the p99 of the send lag is at most 10 % of the tightest response-time target, since the delay of the generator is
/// part of each response time. Requests of the closed model have no schedule to be late for.
pub(super) fn send_lag(evidence: &Evidence, objectives: &[Objective]) -> ValidityCheck {
    let mut lags = new_histogram();
    // All histograms have the same bounds, so adding them cannot fail. If it did, the rule would not hold.
    let merged = evidence
        .recording
        .judged(|key| evidence.judged_phase(&key.phase, LoadModel::Open))
        .try_for_each(|record| lags.add(record.timings.of(Timing::SendLag)));
    let ranks = QuantileRanks::new(lags.len(), 0.01, ALPHA);
    let p99 = ranks.and_then(|ranks| value_at_rank(&lags, ranks.point));
    let limit = tightest_target(objectives).map(|micros| micros as f64 * LAG_SHARE);
    let late = |limit: f64| p99.is_some_and(|micros| micros as f64 > limit);
    ValidityCheck {
        valid: merged.is_ok() && !limit.is_some_and(late),
        facts: Facts::SendLag {
            lag: match p99 {
                Some(micros) => Lag::P99(micros as f64 / 1e3),
                None if all_closed(evidence) => Lag::NoSchedule,
                None => Lag::Unknown,
            },
            limit_ms: limit.map(|micros| micros / 1e3),
        },
    }
}

/// Rule: at most 0.1 % of the arrivals of the judged open phases were dropped. If the user stopped the run, dropped arrivals
/// do not count against it.
pub(super) fn dropped(evidence: &Evidence) -> ValidityCheck {
    let judged = || {
        let phases = evidence.recording.load.iter();
        phases.filter(|totals| evidence.judged_phase(&totals.phase, LoadModel::Open))
    };
    let planned: u64 = judged().map(|totals| totals.planned).sum();
    let dropped: u64 = judged().map(|totals| totals.dropped).sum();
    let share = Fraction {
        count: dropped,
        total: planned,
    };
    ValidityCheck {
        // An interruption drops all arrivals that were still to come.
        valid: evidence.interrupted || share.share() <= Fraction::TOLERATED,
        facts: Facts::DroppedArrivals {
            share: (!all_closed(evidence)).then_some(share),
            interrupted: evidence.interrupted,
        },
    }
}

/// Rule: over the judged window the generator used at most 90 % of what it was given: of one core for the load thread, of all
/// its cores for the process. The total of the host is only shown, since the system under test may well use all of it.
pub(super) fn generator(evidence: &Evidence) -> ValidityCheck {
    let window = evidence.plan.judged_window();
    let observation = evidence.observations.generator.as_ref();
    let points: Vec<&GeneratorPoint> = observation
        .iter()
        .flat_map(|generator| &generator.points)
        .filter(|point| window.contains_secs(point.at))
        .collect();
    let mean = |value: fn(&GeneratorPoint) -> f64| {
        points.iter().map(|point| value(point)).sum::<f64>() / points.len().max(1) as f64
    };
    let cores = observation.map_or(0.0, |generator| f64::from(generator.cores));
    // Means: single seconds at the limit delay requests, which the rule on the send lag sees exactly.
    let (thread, process) = (mean(|point| point.load_thread_cores), mean(|point| point.cpu_cores));
    let used = (!points.is_empty()).then(|| GeneratorCpu {
        thread,
        process,
        cores,
        host: mean(|point| point.host_cores),
    });
    ValidityCheck {
        // The load thread is one thread: it can be full while the process has cores left.
        valid: used.is_some() && thread <= CPU_SHARE && process <= CPU_SHARE * cores,
        facts: Facts::GeneratorCpu(used),
    }
}

/// Rule: no request went unsent because the generator had no descriptor or port for its connection. `None` if none did: the
/// rule is shown only where it is broken.
pub(super) fn sockets(evidence: &Evidence) -> Option<ValidityCheck> {
    let [descriptors, ports] = [RequestEventKind::NoDescriptor, RequestEventKind::NoPort]
        .map(|kind| evidence.observations.request_events(kind));
    // One is enough: whatever was not sent is missing from the load that was promised.
    (descriptors + ports > 0).then_some(ValidityCheck {
        valid: false,
        facts: Facts::GeneratorSockets { descriptors, ports },
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::record::Outcome;
    use crate::words::en;

    #[test]
    fn send_lag_is_held_against_the_tightest_gating_target() {
        // Targets 100 ms and 1 s gate, 10 ms does not: the threshold is 10 ms.
        let mut slow = fixture::response_time();
        slow.target = fixture::limit("1s");
        slow.acceptable = fixture::limit("1s");
        let mut advisory = fixture::response_time();
        advisory.target = fixture::limit("10ms");
        advisory.gate = false;
        let objectives = [slow, fixture::response_time(), advisory];
        let checked = |late: u64| {
            let mut run = fixture::Run::new();
            run.requests("projects.list", Outcome::Success, 50_000, 1_000 - late);
            run.late_requests("projects.list", 12_000, late);
            send_lag(&run.evidence(), &objectives)
        };
        // p99 of 1,000 is rank 990: 10 late ones lie above it, 11 reach it.
        assert!(checked(10).valid);
        let broken = checked(11);
        assert!(!broken.valid);
        let text = en::validity::check(&broken);
        assert!(text.measured.starts_with("p99 12.0"), "{}", text.measured);
        assert_eq!(
            text.threshold,
            "at most 10 ms, 10 % of the tightest response-time target"
        );
    }

    #[test]
    fn one_arrival_in_a_thousand_may_be_dropped() {
        let checked = |dropped, interrupted| {
            let mut run = fixture::Run::new();
            run.requests("projects.list", Outcome::Success, 50_000, 3_000);
            run.dropped(dropped);
            if interrupted {
                run.interrupt();
            }
            dropped_rule(&run)
        };
        assert!(checked(3, false).valid);
        let broken = checked(4, false);
        assert!(!broken.valid);
        assert_eq!(en::validity::check(&broken).measured, "0.13 % (4 of 3000)");
        assert!(checked(400, true).valid);
    }

    #[test]
    fn the_closed_model_has_no_schedule_to_be_late_for() {
        let mut run = fixture::Run::new();
        run.late_requests("projects.list", 500_000, 100);
        assert!(!send_lag(&run.evidence(), &[fixture::response_time()]).valid);
        run.closed();
        for check in [
            send_lag(&run.evidence(), &[fixture::response_time()]),
            dropped(&run.evidence()),
        ] {
            assert!(check.valid, "{check:?}");
            let measured = en::validity::check(&check).measured;
            assert!(measured.starts_with("no schedule: "), "{measured}");
        }
    }

    fn dropped_rule(run: &fixture::Run) -> ValidityCheck {
        dropped(&run.evidence())
    }

    #[test]
    fn a_saturated_or_unobserved_generator_is_refused_and_a_full_host_is_not() {
        let checked = |thread, process, host| {
            let mut run = fixture::Run::new();
            run.generator(2, thread, process, host);
            generator(&run.evidence()).valid
        };
        assert!(checked(0.5, 0.7, 2.0));
        assert!(!checked(0.91, 0.95, 1.2));
        assert!(!checked(0.5, 1.85, 2.0));
        let mut unobserved = fixture::Run::new().evidence();
        unobserved.observations.generator = None;
        assert!(!generator(&unobserved).valid);
    }
}
