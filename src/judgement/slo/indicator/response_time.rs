//! Indicator `response-time`: time of requests from their scheduled start, through the front door.

use super::super::windows::SecondSum;
use super::super::{Limit, Measurement, Note, Objective, Statistic, Unit};
use super::reading::{EffectiveSizes, Indicator};
use super::{Label, Profile, Samples, TimeOrigin, Topic, latency, means, requests};
use crate::evidence::{Evidence, ExpectedEvidence, LoadModel, LoadPlan};
use crate::record::{Counters, Recording, Timing, new_histogram};
use crate::slo::Unmeasured;
use crate::slo::windows::SecondCount;
use crate::stats::value_at_rank;

/// Response times of the selected requests. A request that did not succeed is over every limit: fast errors must not improve
/// the result.
pub(super) struct ResponseTime;

/// Index into the counters of requests over that limit.
fn limit_index(recording: &Recording, limit: Limit) -> Result<usize, Unmeasured> {
    let index = limit.micros().and_then(|micros| recording.limit_index(micros));
    index.ok_or(Unmeasured::RequestsNotCounted(limit))
}

/// Milliseconds that a request without success counts in a mean: the time-out of the scenario, or the longest success if that
/// took longer. A mean of successes alone would improve with the number of failures.
fn unsuccessful_millis(evidence: &Evidence, objective: &Objective) -> f64 {
    let longest = requests::selected(evidence, objective).map(|record| record.timings.of(Timing::Response).max());
    longest.max().unwrap_or(0).max(evidence.plan.timeout.as_micros()) as f64 / 1e3
}

static PROFILE: Profile = Profile {
    name: "response-time",
    label: Label {
        english: "response time",
        french: "temps de réponse",
    },
    describe: "Response time of requests, from intended start to last byte; whatever did not succeed is over every limit.",
    fault: None,
    unit: Unit::Milliseconds,
    floor: false,
    statistics: &[Statistic::Mean, Statistic::Max],
    by_share: true,
    needs_threshold: false,
    usual_model: Some(LoadModel::Open),
    timed_from: Some(TimeOrigin::IntendedStart),
    samples: Some(Samples::ResponseTimes),
    probe: None,
    topic: Topic::Requests,
};

impl Indicator for ResponseTime {
    fn profile(&self) -> &Profile {
        &PROFILE
    }

    fn expected_samples(&self, plan: &LoadPlan, _expected: &ExpectedEvidence, objective: &Objective) -> Option<u64> {
        requests::expected(plan, objective)
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        let counters = requests::counters(evidence, objective)?;
        let mut histogram = new_histogram();
        for record in requests::selected(evidence, objective) {
            let merged = histogram.add(record.timings.of(Timing::Response));
            merged.map_err(|_| Unmeasured::HistogramBounds)?;
        }
        let total = counters.total();
        let count = |limit: Limit| -> Result<Option<u64>, Unmeasured> {
            if limit.fixed().is_none() {
                return Ok(None);
            }
            let index = limit_index(&evidence.recording, limit)?;
            // A sum of no series has no counts for its limits; its total is 0 as well.
            Ok(Some(counters.over.get(index).copied().unwrap_or(total)))
        };
        let over = latency::OverLimits {
            target: count(objective.target)?,
            acceptable: count(objective.acceptable)?,
            total,
        };
        let unsuccessful = total - counters.timed();
        let mut measurement = match objective.statistic {
            Some(Statistic::Mean) => {
                // Recordings of earlier versions lack the sums. Those of a histogram are rounded and would not be
                // exact.
                if counters.micros == 0 && counters.timed() > 0 {
                    return Err(Unmeasured::ResponseTimesNotSummed);
                }
                means::measurement(
                    self,
                    evidence,
                    objective,
                    total,
                    [over.target, over.acceptable].map(|over| over.unwrap_or(0)),
                )?
            }
            Some(Statistic::Max) => {
                // A failed request ranks above every time, so there is no longest one among failures.
                let longest = (unsuccessful == 0).then(|| histogram.max() as f64 / 1e3);
                means::maximum(objective, longest, total, [over.target, over.acceptable])
            }
            None => latency::measurement(
                objective,
                &over,
                &EffectiveSizes::new(self, evidence, objective),
                total,
                |rank| value_at_rank(&histogram, rank).map(|micros| micros as f64 / 1e3),
            )?,
        };
        measurement.notes.extend(requests::closed_note(evidence, objective));
        if unsuccessful > 0 {
            let mean = objective.statistic == Some(Statistic::Mean);
            let counted_as_ms = mean.then(|| unsuccessful_millis(evidence, objective));
            measurement.notes.push(if objective.over_transactions() {
                Note::FailedTransactions {
                    transactions: unsuccessful,
                    counted_as_ms,
                }
            } else {
                Note::Unsuccessful {
                    requests: unsuccessful,
                    counted_as_ms,
                }
            });
        }
        Ok(measurement)
    }

    fn seconds(&self, evidence: &Evidence, objective: &Objective, limit: Limit) -> Vec<SecondCount> {
        let Ok(index) = limit_index(&evidence.recording, limit) else {
            return Vec::new();
        };
        let count = |counters: &Counters| {
            let total = counters.total();
            (counters.over.get(index).copied().unwrap_or(total), total)
        };
        requests::seconds(evidence, objective, count)
    }

    fn sums(&self, evidence: &Evidence, objective: &Objective) -> Vec<SecondSum> {
        let unsuccessful = unsuccessful_millis(evidence, objective);
        let cells = requests::selected(evidence, objective).flat_map(|record| &record.seconds);
        let sums = cells.map(|cell| {
            let total = cell.counters.total();
            let lost = (total - cell.counters.timed()) as f64;
            (
                cell.second,
                cell.counters.micros as f64 / 1e3 + lost * unsuccessful,
                total as f64,
            )
        });
        sums.collect()
    }

    fn levels(&self, evidence: &Evidence, objective: &Objective) -> Vec<(u32, f64, f64)> {
        let quantile = objective.quantile.map_or(0.5, crate::units::Quantile::get);
        let cells = requests::selected(evidence, objective).flat_map(|record| &record.seconds);
        let levels = cells.map(|cell| {
            // The nearest quantile that is kept for each second.
            let micros = if quantile < 0.75 {
                cell.p50
            } else if quantile < 0.97 {
                cell.p95
            } else {
                cell.p99
            };
            // Only successes have a time; failures are in the shares.
            let weight = cell.counters.timed() as f64;
            (cell.second, micros as f64 / 1e3, weight)
        });
        levels.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Selector, fixture};
    use super::*;
    use crate::evidence::Decision;
    use crate::record::Outcome;

    fn measured(evidence: &Evidence) -> Measurement {
        ResponseTime.measure(evidence, &fixture::response_time()).unwrap()
    }

    #[test]
    fn counts_come_from_the_counters_and_the_quantile_from_the_ranks() {
        // 950 at 50 ms and 50 at 200 ms: rank ⌈0.95 · 1,000⌉ = 950 is the last of the fast ones.
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 950);
        run.requests("projects.list", Outcome::Success, 200_000, 50);
        let found = measured(&run.evidence());
        assert_eq!((found.target.bad, found.acceptable.bad, found.samples), (50, 0, 1_000));
        assert!((found.point.unwrap() - 50.0).abs() < 0.1, "{found:?}");
        assert!((found.low.unwrap() - 50.0).abs() < 0.1);
        assert!((found.high.unwrap() - 200.0).abs() < 0.2);
        assert_eq!(found.target.decide(), Decision::Undecided);
        assert_eq!(found.acceptable.decide(), Decision::Met);
        assert_eq!(found.statistic, "p95");
    }

    fn of(statistic: Statistic, target: &str) -> Objective {
        let mut objective = fixture::objective("response-time", target, "300ms");
        objective.statistic = Some(statistic);
        objective
    }

    #[test]
    fn a_mean_is_of_all_requests_and_errors_make_it_worse() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 900);
        run.requests("projects.list", Outcome::Success, 200_000, 100);
        let found = ResponseTime
            .measure(&run.evidence(), &of(Statistic::Mean, "100ms"))
            .unwrap();
        // (900 · 50 + 100 · 200) / 1,000
        assert!((found.point.unwrap() - 65.0).abs() < 1e-9, "{found:?}");
        assert_eq!((found.statistic.as_str(), found.target.bad), ("mean", 100));
        assert!(
            found.low.unwrap() < 65.0 && found.high.unwrap() > 65.0 && found.high.unwrap() < 80.0,
            "{found:?}"
        );
        assert_eq!(found.target.decide(), Decision::Met);
        // 1,000 errors of 1 ms count with the time-out of 1 s: (65,000 + 1,000,000) / 2,000.
        run.requests("projects.list", Outcome::ServerError, 1_000, 1_000);
        let found = ResponseTime
            .measure(&run.evidence(), &of(Statistic::Mean, "100ms"))
            .unwrap();
        assert!((found.point.unwrap() - 532.5).abs() < 1e-9, "{found:?}");
        assert_eq!(found.acceptable.decide(), Decision::Missed);
    }

    #[test]
    fn a_maximum_is_met_where_none_is_over_and_missed_where_one_is() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 1_000);
        run.requests("projects.list", Outcome::Success, 100_001, 1);
        let found = ResponseTime
            .measure(&run.evidence(), &of(Statistic::Max, "100ms"))
            .unwrap();
        assert!((found.point.unwrap() - 100.0).abs() < 0.1, "{found:?}");
        assert_eq!(found.high, None);
        assert_eq!(
            (found.target.decide(), found.acceptable.decide()),
            (Decision::Missed, Decision::Met)
        );
        run.requests("projects.list", Outcome::TimedOut, 1_000, 1);
        let found = ResponseTime
            .measure(&run.evidence(), &of(Statistic::Max, "100ms"))
            .unwrap();
        assert_eq!((found.point, found.acceptable.decide()), (None, Decision::Missed));
    }

    #[test]
    fn statistics_that_say_nothing_are_refused() {
        let plan = fixture::plan();
        assert_eq!(of(Statistic::Mean, "100ms").validate_for(&plan), Ok(()));
        let mut twice = of(Statistic::Mean, "100ms");
        twice.quantile = "p95".parse().ok();
        assert!(
            twice
                .validate_for(&plan)
                .unwrap_err()
                .to_string()
                .starts_with("it has a quantile and a statistic")
        );
        let mut windows = of(Statistic::Max, "100ms");
        windows.in_every = "10s".parse().ok();
        assert!(
            windows
                .validate_for(&plan)
                .unwrap_err()
                .to_string()
                .contains("`in-every` adds nothing")
        );
        let mut shares = fixture::objective("error-rate", "1 %", "2 %");
        shares.statistic = Some(Statistic::Mean);
        assert_eq!(
            shares.validate_for(&plan).unwrap_err().to_string(),
            "`error-rate` has no mean"
        );
    }

    #[test]
    fn fast_errors_do_not_improve_percentiles() {
        let mut slow = fixture::Run::new();
        slow.requests("projects.list", Outcome::Success, 50_000, 900);
        slow.requests("projects.list", Outcome::Success, 250_000, 100);
        let before = measured(&slow.evidence());
        // The same successes with 9,000 errors of 1 ms beside them: of 10,000, only 1,000 succeeded.
        slow.requests("projects.list", Outcome::ServerError, 1_000, 9_000);
        let after = measured(&slow.evidence());
        assert_eq!(before.target.bad, 100);
        assert_eq!(after.target.bad, 9_100);
        assert!(before.point.unwrap() > 200.0);
        assert_eq!((after.point, after.high), (None, None));
        assert_eq!(after.acceptable.decide(), Decision::Missed);
        // Rate-limited requests count as over every limit too, although they are no errors.
        let mut limited = fixture::Run::new();
        limited.requests("projects.list", Outcome::Success, 50_000, 500);
        limited.requests("projects.list", Outcome::RateLimited, 1_000, 500);
        assert_eq!(measured(&limited.evidence()).point, None);
    }

    #[test]
    fn only_judged_requests_of_selected_series_count() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 100);
        run.requests("login.submit", Outcome::Success, 400_000, 100);
        run.warm_up("projects.list", Outcome::Success, 900_000, 100);
        let mut objective = fixture::response_time();
        objective.of = Some(Selector("#api, !login".into()));
        let found = ResponseTime.measure(&run.evidence(), &objective).unwrap();
        assert_eq!((found.samples, found.target.bad), (100, 0));
        objective.of = Some(Selector("pages".into()));
        let error = ResponseTime.measure(&run.evidence(), &objective).unwrap_err();
        assert_eq!(error, Unmeasured::NoRequest);
    }

    #[test]
    fn the_models_are_not_mixed() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 100);
        run.closed();
        let closed = run.evidence();
        let mut objective = fixture::response_time();
        assert!(ResponseTime.measure(&closed, &objective).is_err());
        objective.model = Some(LoadModel::Closed);
        let found = ResponseTime.measure(&closed, &objective).unwrap();
        assert_eq!(found.samples, 100);
        assert_eq!(found.notes[0], Note::ClosedModel);
        // The warm-up, turned into a judged open phase with the same series.
        let mut both = closed.clone();
        both.plan.phases[0].judged = true;
        let mut open = both.recording.series[0].clone();
        open.key.phase = "warm-up".to_owned();
        both.recording.series.push(open);
        objective.model = None;
        let found = ResponseTime.measure(&both, &objective).unwrap();
        assert_eq!(found.samples, 100);
        assert_eq!(found.notes, [Note::ClosedModelLeftOut { requests: 100 }]);
        objective.model = Some(LoadModel::Closed);
        // The number of requests of the closed model is not known before the run.
        let expected = ResponseTime.expected_samples(&closed.plan, &ExpectedEvidence::default(), &objective);
        assert_eq!(expected, None);
    }

    #[test]
    fn a_limit_that_was_not_counted_is_not_measured() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 100);
        let mut objective = fixture::response_time();
        objective.target = fixture::limit("120ms");
        let error = ResponseTime.measure(&run.evidence(), &objective).unwrap_err();
        assert_eq!(error, Unmeasured::RequestsNotCounted(fixture::limit("120ms")));
    }

    #[test]
    fn the_plan_says_how_many_requests_to_expect() {
        // projects.list 3,000, login.submit 17.5 and pages.home 500 (`fixture::plan`).
        let expected = |selector: &str| {
            let mut objective = fixture::response_time();
            objective.of = Some(Selector(selector.into()));
            ResponseTime.expected_samples(&fixture::plan(), &ExpectedEvidence::default(), &objective)
        };
        assert_eq!(expected("#api"), Some(3_017));
        assert_eq!(expected("*"), Some(3_517));
    }
}
