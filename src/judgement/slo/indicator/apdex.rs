//! Indicator `apdex`: satisfaction of users with response times, as one number.

use super::super::windows::{SecondCount, SecondSum, batches};
use super::super::{Count, Limit, Measurement, Note, Objective, Ruling, Unit};
use super::reading::Indicator;
use super::{Label, Profile, TimeOrigin, Topic, requests};
use crate::evidence::{Decision, Evidence, ExpectedEvidence, LoadPlan};
use crate::record::{Counters, Recording};
use crate::slo::Unmeasured;
use crate::stats::{ALPHA, EffectiveSampleSize, Proportion, needed_samples};
use crate::units::Span;

/// Significance levels at which a miss is tested, strictest last. The strictest that it passes is the p-value for the
/// correction over several objectives.
const LEVELS: [f64; 8] = [ALPHA, 0.025, 0.016, 0.0125, 0.01, 0.005, 0.001, 0.000_1];

/// (satisfied + tolerating / 2) / all of the selected requests: satisfied up to the threshold T, tolerating up to 4 T,
/// frustrated above that or without success (Apdex Alliance, "Application Performance Index", technical specification 1.1,
/// 2007).
pub(super) struct Apdex;

/// T and 4 T; `None` if the objective has no threshold.
fn times(objective: &Objective) -> Option<[Span; 2]> {
    let threshold = objective.threshold?;
    Some([threshold, Span::from_micros(threshold.as_micros().saturating_mul(4))])
}

/// Indices into the counters of requests over T and over 4 T.
fn indices(recording: &Recording, objective: &Objective) -> Result<[usize; 2], Unmeasured> {
    let [satisfied, tolerating] = times(objective).ok_or(Unmeasured::NoThreshold)?;
    let index = |time: Span| {
        let index = recording.limit_index(time.as_micros());
        index.ok_or(Unmeasured::ThresholdNotCounted(time))
    };
    Ok([index(satisfied)?, index(tolerating)?])
}

fn over(counters: &Counters, index: usize) -> u64 {
    // Empty counters have no limits: nobody is shown to be satisfied by what was not counted.
    counters.over.get(index).copied().unwrap_or(counters.total())
}

/// Proportions of requests over T and over 4 T, each with its effective sample size. The score is 1 minus half the sum of
/// both shares.
struct ScoreParts([(Proportion, Option<EffectiveSampleSize>); 2]);

impl ScoreParts {
    /// Lower bound of the score with confidence 1 − α: each share at its upper bound of confidence 1 − α/2 (Bonferroni).
    fn low(&self, alpha: f64) -> f64 {
        let upper = self.0.iter().map(|(seen, effective)| {
            // Bonferroni: each share at half of alpha, so that both bounds hold together whatever their dependence.
            let worth = effective.map_or(*seen, |effective| effective.for_upper(*seen));
            worth.upper(alpha / 2.0)
        });
        1.0 - upper.sum::<f64>() / 2.0
    }

    /// Upper bound of the score with confidence 1 − α: each share at its lower bound of confidence 1 − α/2 (Bonferroni).
    fn high(&self, alpha: f64) -> f64 {
        let lower = self.0.iter().map(|(seen, effective)| {
            let worth = effective.map_or(*seen, |effective| effective.for_lower(*seen));
            worth.lower(alpha / 2.0)
        });
        1.0 - lower.sum::<f64>() / 2.0
    }

    fn ruling(&self, limit: Limit) -> Ruling {
        let Some(limit) = limit.value() else {
            return Ruling::OPEN;
        };
        // The bound has no closed form to invert for a probability. Holm compares a few levels only, so the smallest of
        // a list that still misses is enough.
        let certain = LEVELS.iter().take_while(|alpha| self.high(**alpha) < limit).last();
        Ruling {
            decision: if certain.is_some() {
                Decision::Missed
            } else if self.low(ALPHA) >= limit {
                Decision::Met
            } else {
                Decision::Undecided
            },
            missed_p: certain.copied().unwrap_or(1.0),
        }
    }
}

static PROFILE: Profile = Profile {
    name: "apdex",
    label: Label {
        english: "Apdex",
        french: "Apdex",
    },
    describe: "Apdex of requests: 1 up to `threshold`, a half up to four times that, nothing for what is slower or failed; a floor.",
    fault: None,
    unit: Unit::Score,
    floor: true,
    statistics: &[],
    by_share: false,
    needs_threshold: true,
    needs_event: false,
    usual_model: None,
    timed_from: Some(TimeOrigin::IntendedStart),
    samples: None,
    probe: None,
    topic: Topic::Requests,
};

impl Indicator for Apdex {
    fn profile(&self) -> &Profile {
        &PROFILE
    }

    fn needed_samples(&self, objective: &Objective, limit: Limit) -> Option<u64> {
        // Half of alpha, as for the bounds of both shares.
        needed_samples(self.profile().allowed(objective, limit), ALPHA / 2.0)
    }

    fn counted_limits(&self, objective: &Objective) -> Vec<Span> {
        times(objective).into_iter().flatten().collect()
    }

    fn expected_samples(&self, plan: &LoadPlan, _expected: &ExpectedEvidence, objective: &Objective) -> Option<u64> {
        requests::expected(plan, objective)
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        let indices = indices(&evidence.recording, objective)?;
        let counters = requests::counters(evidence, objective)?;
        let (total, window) = (counters.total(), evidence.plan.judged_window());
        let scored = ScoreParts(indices.map(|index| {
            let seconds = requests::seconds(evidence, objective, |cell| (over(cell, index), cell.total()));
            let seen = Proportion::new(over(&counters, index), total);
            (seen, EffectiveSampleSize::estimate(&batches(window, &seconds)))
        }));
        let [not_satisfied, frustrated] = indices.map(|index| over(&counters, index));
        // The ruling decides; the count is shown only, so no share of it is allowed or refused.
        let count = |limit| Count {
            bad: not_satisfied,
            total,
            allowed: 1.0,
            effective: None,
            ruling: Some(scored.ruling(limit)),
        };
        let mut notes = vec![Note::Apdex {
            satisfied: total - not_satisfied,
            tolerating: not_satisfied - frustrated,
            frustrated,
        }];
        notes.extend(requests::closed_note(evidence, objective));
        Ok(Measurement {
            point: Some(1.0 - (not_satisfied + frustrated) as f64 / (2 * total) as f64),
            low: Some(scored.low(ALPHA)),
            high: Some(scored.high(ALPHA)),
            unit: Unit::Score,
            statistic: objective.statistic(),
            samples: total,
            target: count(objective.target),
            acceptable: count(objective.acceptable),
            notes,
        })
    }

    /// Counts requests over T as bad: their users are not satisfied.
    fn seconds(&self, evidence: &Evidence, objective: &Objective, _limit: Limit) -> Vec<SecondCount> {
        let Ok([index, _]) = indices(&evidence.recording, objective) else {
            return Vec::new();
        };
        // The worst window shows the samples that are not satisfied: a score has no share of bad ones.
        requests::seconds(evidence, objective, |cell| (over(cell, index), cell.total()))
    }

    fn sums(&self, evidence: &Evidence, objective: &Objective) -> Vec<SecondSum> {
        let Ok(indices) = indices(&evidence.recording, objective) else {
            return Vec::new();
        };
        let cells = requests::selected(evidence, objective).flat_map(|record| &record.seconds);
        let sums = cells.map(|cell| {
            let lost: u64 = indices.iter().map(|index| over(&cell.counters, *index)).sum();
            let total = cell.counters.total() as f64;
            (cell.second, total - lost as f64 / 2.0, total)
        });
        sums.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::record::Outcome;
    use crate::words::en;

    fn objective(target: &str) -> Objective {
        let mut objective = fixture::objective("apdex", target, "0.5");
        objective.threshold = "100ms".parse().ok();
        objective
    }

    #[test]
    fn it_is_the_formula_of_the_specification() {
        // The specification's example: 60 satisfied, 30 tolerating, 10 frustrated of 100 make 0.75.
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 100_000, 60);
        run.requests("projects.list", Outcome::Success, 400_000, 30);
        run.requests("projects.list", Outcome::Success, 400_001, 6);
        // Failed requests are frustrated, however fast they fail.
        run.requests("projects.list", Outcome::ServerError, 1_000, 4);
        let found = Apdex.measure(&run.evidence(), &objective("0.9")).unwrap();
        assert_eq!((found.point, found.samples, found.unit), (Some(0.75), 100, Unit::Score));
        assert_eq!(
            found.notes,
            [Note::Apdex {
                satisfied: 60,
                tolerating: 30,
                frustrated: 10
            }]
        );
        assert_eq!(found.statistic, objective("0.9").statistic());
        assert!(found.low.unwrap() < 0.7 && found.high.unwrap() > 0.8, "{found:?}");
        assert_eq!(found.target.decide(), Decision::Missed);
        assert_eq!(found.acceptable.decide(), Decision::Met);
    }

    #[test]
    fn with_nobody_dissatisfied_the_bound_has_a_closed_form() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 100);
        let found = Apdex.measure(&run.evidence(), &objective("0.96")).unwrap();
        // Both shares: 1 − 0.025^(1/100) = 0.0362.
        let bound = 0.025_f64.powf(0.01);
        assert!((found.low.unwrap() - bound).abs() < 1e-9, "{found:?}");
        assert_eq!((found.point, found.high), (Some(1.0), Some(1.0)));
        assert_eq!(found.target.decide(), Decision::Met);
        let strict = Apdex.measure(&run.evidence(), &objective("0.97")).unwrap();
        assert_eq!(strict.target.decide(), Decision::Undecided);
        // ln 0.025 / ln 0.96 = 90.4.
        assert_eq!(
            Apdex.needed_samples(&objective("0.96"), fixture::limit("0.96")),
            Some(91)
        );
    }

    #[test]
    fn a_burst_is_worth_less_than_its_requests() {
        let (mut even, mut burst) = (fixture::Run::new(), fixture::Run::new());
        even.requests("projects.list", Outcome::Success, 50_000, 2_850);
        even.requests("projects.list", Outcome::Success, 200_000, 150);
        for second in 10..70 {
            let slow = if (40..43).contains(&second) { 50 } else { 0 };
            burst.requests_at(second, "projects.list", Outcome::Success, 200_000, slow);
            burst.requests_at(second, "projects.list", Outcome::Success, 50_000, 50 - slow);
        }
        let low = |run: &fixture::Run| Apdex.measure(&run.evidence(), &objective("0.9")).unwrap().low.unwrap();
        assert!(
            low(&even) > 0.96 && low(&burst) < 0.93,
            "{} {}",
            low(&even),
            low(&burst)
        );
    }

    #[test]
    fn it_needs_a_threshold_that_was_counted_and_counts_four_times_it() {
        let plan = fixture::plan();
        assert_eq!(objective("0.9").validate_for(&plan), Ok(()));
        assert_eq!(
            Apdex.counted_limits(&objective("0.9")),
            ["100ms", "400ms"].map(|text| text.parse().unwrap())
        );
        let mut without = objective("0.9");
        without.threshold = None;
        assert_eq!(
            without.validate_for(&plan).unwrap_err().to_string(),
            "`apdex` needs a threshold: the time up to which users are satisfied"
        );
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 100);
        let mut other = objective("0.9");
        other.threshold = "70ms".parse().ok();
        let error = Apdex.measure(&run.evidence(), &other).unwrap_err();
        assert_eq!(
            en::unmeasured(&error),
            "requests over 70 ms were not counted in this run"
        );
    }
}
