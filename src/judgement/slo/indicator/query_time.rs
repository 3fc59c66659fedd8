//! Indicator `query-time`: time of statement executions in the database.

use super::super::windows::SecondSum;
use super::super::{Limit, Measurement, Note, Objective, Statistic, Unit};
use super::reading::{EffectiveSizes, Indicator, missing};
use super::{Label, Profile, Samples, TimeOrigin, Topic, latency, means};
use crate::evidence::postgres::{DatabasePoint, PostgresObservation};
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan, ProbeKind};
use crate::slo::Unmeasured;
use crate::slo::windows::SecondCount;
use crate::stats::weighted_value;
use crate::units::Span;

/// Server-side time of each statement execution. Decisions and means are exact, from counts and sums of the server; a
/// quantile is estimated from a sample.
pub(super) struct QueryTime;

/// Executions over that limit, counted by the server; `None` if the baseline of the limit is not known.
fn over(observation: &PostgresObservation, limit: Limit) -> Result<Option<u64>, Unmeasured> {
    if limit.fixed().is_none() {
        return Ok(None);
    }
    let index = observation
        .limits
        .iter()
        .position(|micros| Some(*micros) == limit.micros());
    let count = index.and_then(|index| observation.over.get(index).copied());
    let missing = || Unmeasured::ExecutionsNotCounted(limit);
    count.map(Some).ok_or_else(missing)
}

/// The sample, ascending, with its weights up to the lowest limit scaled so that they add up to the executions counted there
/// (post-stratification). The estimate then lies on the same side of that limit as the exact counts.
fn calibrated(observation: &PostgresObservation) -> Vec<(u64, f64)> {
    let mut values = observation.sampled.clone();
    values.sort_by_key(|(micros, _)| *micros);
    let (Some(lowest), Some(slow)) = (observation.limits.first(), observation.over.first()) else {
        return values;
    };
    let weight: f64 = values
        .iter()
        .filter(|(micros, _)| micros <= lowest)
        .map(|(_, w)| w)
        .sum();
    let counted = observation.executions.saturating_sub(*slow) as f64;
    // Below the lowest limit the log is a random sample. Its weights are scaled to the exact number of such executions,
    // so that the quantile agrees with the counts that decide.
    if weight > 0.0 && counted > 0.0 {
        for (_, own) in values.iter_mut().filter(|(micros, _)| micros <= lowest) {
            *own *= counted / weight;
        }
    }
    values
}

/// Effective sample size of a weighted sample: (Σw)² / Σw². Kish, "Survey Sampling" (1965).
fn effective_samples(values: &[(u64, f64)]) -> u64 {
    // Kish (1965): the effective size of a weighted sample is (Σw)² / Σw².
    let sum: f64 = values.iter().map(|(_, weight)| weight).sum();
    let squares: f64 = values.iter().map(|(_, weight)| weight * weight).sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "weights are positive: at most the sample's length"
    )]
    let size = if squares > 0.0 {
        (sum * sum / squares + 1e-9) as u64
    } else {
        0
    };
    size
}

/// The longest execution in milliseconds: the greater of the last logged time and the maxima that the server kept for the
/// judged window.
fn longest(observation: &PostgresObservation) -> Option<f64> {
    let logged = observation.sampled.last().map(|(micros, _)| *micros as f64 / 1e3);
    let of_window = observation
        .statements
        .iter()
        .filter(|statement| statement.max_in_window);
    let kept = of_window.map(|statement| statement.max_ms);
    kept.chain(logged).max_by(f64::total_cmp)
}

/// The points of the judged window, each with its second: a point describes the second before it.
fn judged<'a>(
    evidence: &'a Evidence,
    observation: &'a PostgresObservation,
) -> impl Iterator<Item = (u32, &'a DatabasePoint)> {
    let window = evidence.plan.judged_window();
    let judged = observation
        .points
        .iter()
        // A point holds the second before it was read: half a second earlier is the middle of what it counts.
        .filter(move |point| window.contains_secs(point.at - 0.5));
    judged.map(|point| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "seconds of a run, not negative inside the judged window"
        )]
        let second = (point.at - 0.5) as u32;
        (second, point)
    })
}

impl QueryTime {
    /// Measurement of a mean, decided on the sums of the statistics view: neither the log nor a sample is needed.
    fn mean(&self, evidence: &Evidence, objective: &Objective, executions: u64) -> Result<Measurement, Unmeasured> {
        if self.sums(evidence, objective).is_empty() {
            return Err(Unmeasured::ExecutionsNotSummed);
        }
        means::measurement(self, evidence, objective, executions, [0, 0])
    }
}

static PROFILE: Profile = Profile {
    name: "query-time",
    label: Label {
        english: "statement time",
        french: "temps des requêtes SQL",
    },
    describe: "Server-side time of PostgreSQL statement executions in the judged window.",
    fault: None,
    unit: Unit::Milliseconds,
    floor: false,
    statistics: &[Statistic::Mean, Statistic::Max],
    by_share: true,
    needs_threshold: false,
    needs_event: false,
    usual_model: None,
    timed_from: Some(TimeOrigin::Event),
    samples: Some(Samples::Statements),
    probe: Some(ProbeKind::Postgres),
    topic: Topic::Statements,
};

impl Indicator for QueryTime {
    fn profile(&self) -> &Profile {
        &PROFILE
    }

    /// False: the sampled executions have no times.
    fn splits(&self) -> bool {
        false
    }

    /// A mean needs no counts over its limits, and such a limit would make the server log most statements.
    fn counted_limits(&self, objective: &Objective) -> Vec<Span> {
        if objective.statistic == Some(Statistic::Mean) {
            return Vec::new();
        }
        objective.times()
    }

    fn expected_samples(&self, _plan: &LoadPlan, expected: &ExpectedEvidence, _objective: &Objective) -> Option<u64> {
        expected.statements
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        let Some(observation) = &evidence.observations.postgres else {
            return Err(missing(evidence, ProbeKind::Postgres));
        };
        let mean = objective.statistic == Some(Statistic::Mean);
        let short = if mean {
            observation.executions == 0
        } else {
            observation.over.is_empty()
        };
        // The reason why the server hides something goes first: "no statement" would be a wrong conclusion from it.
        if let Some(unseen) = observation.unseen.first().filter(|_| short) {
            return Err(Unmeasured::Unseen(unseen.clone()));
        }
        if observation.executions == 0 {
            return Err(Unmeasured::NoStatement);
        }
        if mean {
            return self.mean(evidence, objective, observation.executions);
        }
        let over = latency::OverLimits {
            target: over(observation, objective.target)?,
            acceptable: over(observation, objective.acceptable)?,
            total: observation.executions,
        };
        // Both count the same executions. If the log has more, the statistics were reset or another user's statements
        // are in it.
        if let Some(slow) = over.target.filter(|slow| *slow > over.total) {
            return Err(Unmeasured::MoreLoggedThanCounted {
                counted: over.total,
                logged: slow,
                limit: objective.target,
            });
        }
        if objective.statistic == Some(Statistic::Max) {
            let seen = [over.target, over.acceptable];
            return Ok(means::maximum(objective, longest(observation), over.total, seen));
        }
        let values = calibrated(observation);
        let effective = effective_samples(&values);
        let mut measurement = latency::measurement(
            objective,
            &over,
            &EffectiveSizes::new(self, evidence, objective),
            effective,
            |rank| {
                let share = rank as f64 / effective as f64;
                weighted_value(&values, share).map(|micros| micros as f64 / 1e3)
            },
        )?;
        // The point estimate is the weighted quantile itself and needs no whole rank.
        let share = latency::quantile(objective)?.get();
        measurement.point = weighted_value(&values, share).map(|micros| micros as f64 / 1e3);
        measurement.notes.push(Note::Sampled {
            executions: values.len() as u64,
        });
        Ok(measurement)
    }

    fn seconds(&self, evidence: &Evidence, _objective: &Objective, limit: Limit) -> Vec<SecondCount> {
        let Some(observation) = &evidence.observations.postgres else {
            return Vec::new();
        };
        let index = observation
            .limits
            .iter()
            .position(|micros| Some(*micros) == limit.micros());
        let counts = judged(evidence, observation).filter_map(|(second, point)| {
            let over = *point.over.get(index?)?;
            // The log and the statistics divide executions into seconds at slightly different times.
            Some((second, over, point.executions?.max(over)))
        });
        counts.collect()
    }

    fn sums(&self, evidence: &Evidence, _objective: &Objective) -> Vec<SecondSum> {
        let Some(observation) = &evidence.observations.postgres else {
            return Vec::new();
        };
        let sums = judged(evidence, observation)
            .filter_map(|(second, point)| Some((second, point.execution_ms?, point.executions? as f64)));
        sums.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::evidence::Decision;
    use crate::words::en;

    fn objective() -> Objective {
        let mut objective = fixture::objective("query-time", "50ms", "150ms");
        objective.quantile = "p95".parse().ok();
        objective
    }

    #[test]
    fn exact_counts_decide_and_the_sample_illustrates() {
        // 10,000 executions, 300 over 50 ms (all logged), 10 over 150 ms; of the 9,700 others 485 were sampled (1 in 20).
        let sampled = (0..485_u64)
            .map(|i| (1_000 + 10 * i, 20.0))
            .chain((0..300).map(|i| (60_000 + i, 1.0)));
        let mut run = fixture::Run::new();
        run.postgres(10_000, &[300, 10], sampled.collect());
        let found = QueryTime.measure(&run.evidence(), &objective()).unwrap();
        assert_eq!(
            (found.samples, found.target.bad, found.acceptable.bad),
            (10_000, 300, 10)
        );
        assert_eq!(found.target.decide(), Decision::Met);
        // Rank 9,500 of 10,000 is the ⌈9,500 / 20⌉ = 475th sampled value: 1.000 + 474 · 0.010 = 5.74 ms.
        assert_eq!(found.point, Some(5.74));
        assert!(found.low.unwrap() < 5.74 && found.high.unwrap() >= 5.74);
    }

    #[test]
    fn the_estimate_is_on_the_side_of_the_limit_where_the_counts_are() {
        // 6 % over the limit, but the sample below it drew 30 % too many: uncalibrated, p95 would lie below the limit.
        let sampled = (0..611_u64)
            .map(|i| (1_000 + i, 20.0))
            .chain((0..600).map(|i| (60_000 + i, 1.0)));
        let mut run = fixture::Run::new();
        run.postgres(10_000, &[600, 0], sampled.collect());
        let found = QueryTime.measure(&run.evidence(), &objective()).unwrap();
        assert_eq!(found.target.decide(), Decision::Missed);
        assert!(found.point.unwrap() > 50.0, "{found:?}");
    }

    #[test]
    fn without_a_sample_nothing_is_said_to_have_failed() {
        use crate::words::Language;
        use crate::words::en::text;
        let mut run = fixture::Run::new();
        run.postgres(400, &[0, 0], Vec::new());
        let found = QueryTime.measure(&run.evidence(), &objective()).unwrap();
        assert_eq!((found.samples, found.point), (400, None));
        assert_eq!(text::measured(&found), "no sample");
        assert_eq!(text::measurement_point(&found), "p95 no sample");
        assert_eq!(Language::French.point(&found), "aucun échantillon");
        assert_eq!(Language::French.interval(&found), "–");
    }

    #[test]
    fn its_seconds_come_from_the_points_of_the_judged_window() {
        let mut run = fixture::Run::new();
        run.postgres(10_000, &[300, 10], Vec::new());
        let judged = run.evidence().plan.judged_window().start.as_secs_f64();
        for (at, executions) in [
            (judged, Some(7)),
            (judged + 1.02, Some(100)),
            (judged + 2.01, Some(3)),
            (judged + 3.0, None),
        ] {
            run.database_point(at, executions, &[4, 1]);
        }
        let evidence = run.evidence();
        let second = u32::try_from(run.evidence().plan.judged_window().start.as_secs()).unwrap();
        let seconds = QueryTime.seconds(&evidence, &objective(), fixture::limit("50ms"));
        assert_eq!(seconds, [(second, 4, 100), (second + 1, 4, 4)]);
        let slower = QueryTime.seconds(&evidence, &objective(), fixture::limit("150ms"));
        assert_eq!(slower[0], (second, 1, 100));
        assert!(
            QueryTime
                .seconds(&evidence, &objective(), fixture::limit("1s"))
                .is_empty()
        );
    }

    #[test]
    fn a_mean_is_decided_on_sums_and_needs_no_log() {
        let mut run = fixture::Run::new();
        run.postgres(3_000, &[], Vec::new());
        run.hidden_data("executions over the limits", "the log is not read");
        let judged = run.evidence().plan.judged_window();
        let (start, seconds) = (judged.start.as_secs_f64(), judged.length().as_secs());
        for second in 0..seconds {
            // 2 ms and 4 ms in turns.
            let millis = if second % 2 == 0 { 200.0 } else { 400.0 };
            run.database_point(start + second as f64 + 1.0, Some(100), &[]);
            run.execution_ms(millis);
        }
        let decide = |target: &str, acceptable: &str| {
            let mut objective = fixture::objective("query-time", target, acceptable);
            objective.statistic = Some(Statistic::Mean);
            assert!(QueryTime.counted_limits(&objective).is_empty());
            let found = QueryTime.measure(&run.evidence(), &objective).unwrap();
            assert!((found.point.unwrap() - 3.0).abs() < 1e-9, "{found:?}");
            (found.target.decide(), found.acceptable.decide())
        };
        assert_eq!(decide("5ms", "10ms"), (Decision::Met, Decision::Met));
        assert_eq!(decide("2ms", "10ms"), (Decision::Missed, Decision::Met));
        assert_eq!(decide("3ms", "10ms"), (Decision::Undecided, Decision::Met));
    }

    #[test]
    fn a_maximum_is_missed_by_one_execution() {
        let mut run = fixture::Run::new();
        run.postgres(10_000, &[1, 0], vec![(900, 20.0), (61_000, 1.0)]);
        let mut objective = fixture::objective("query-time", "50ms", "150ms");
        objective.statistic = Some(Statistic::Max);
        let found = QueryTime.measure(&run.evidence(), &objective).unwrap();
        assert_eq!(found.point, Some(61.0));
        assert_eq!(
            (found.target.decide(), found.acceptable.decide()),
            (Decision::Missed, Decision::Met)
        );
        assert_eq!(QueryTime.counted_limits(&objective).len(), 2);
    }

    #[test]
    fn a_mean_of_a_run_that_did_not_add_up_is_not_measured() {
        let mut run = fixture::Run::new();
        run.postgres(10_000, &[1, 0], Vec::new());
        let mut objective = objective();
        (objective.quantile, objective.statistic) = (None, Some(Statistic::Mean));
        let error = QueryTime.measure(&run.evidence(), &objective).unwrap_err();
        assert_eq!(error, Unmeasured::ExecutionsNotSummed);
    }

    #[test]
    fn an_attached_server_whose_log_is_not_read_leaves_it_unmeasured() {
        let mut run = fixture::Run::new();
        run.postgres(10_000, &[], Vec::new());
        run.hidden_data("executions over the limits", "the log is not read");
        let error = QueryTime.measure(&run.evidence(), &objective()).unwrap_err();
        assert_eq!(
            en::unmeasured(&error),
            "executions over the limits could not be seen: the log is not read"
        );
    }

    #[test]
    fn what_was_not_executed_counted_or_consistent_is_not_measured() {
        let error = |executions, over: &[u64], objective: &Objective| {
            let mut run = fixture::Run::new();
            run.postgres(executions, over, vec![(1_000, 20.0)]);
            en::unmeasured(&QueryTime.measure(&run.evidence(), objective).unwrap_err())
        };
        assert!(error(0, &[0, 0], &objective()).contains("no statement"));
        assert!(error(10, &[11, 0], &objective()).contains("logged 11 over 50 ms"));
        let mut other = objective();
        other.target = fixture::limit("40ms");
        assert!(error(10, &[0, 0], &other).contains("over 40 ms were not counted"));
    }
}
