//! Indicator `throughput`: successful requests a second.

use super::super::windows::SecondSum;
use super::super::{Limit, Measurement, Objective, ObjectiveError, Unit};
use super::reading::Indicator;
use super::{Label, Profile, Topic, means, requests};
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan};
use crate::record::Outcome;
use crate::slo::Unmeasured;

/// Successes a second of the selected requests that ended within the judged window. A backlog that drains after the end of
/// the load is left out: the system did not sustain that rate.
pub(super) struct Throughput;

static PROFILE: Profile = Profile {
    name: "throughput",
    label: Label {
        english: "throughput",
        french: "débit",
    },
    describe: "Requests that succeeded within the judged window, a second; a floor.",
    fault: None,
    unit: Unit::PerSecond,
    floor: true,
    statistics: &[],
    by_share: false,
    needs_threshold: false,
    needs_event: false,
    usual_model: None,
    timed_from: None,
    samples: None,
    probe: None,
    topic: Topic::Requests,
};

impl Indicator for Throughput {
    fn profile(&self) -> &Profile {
        &PROFILE
    }

    fn needed_samples(&self, _objective: &Objective, _limit: Limit) -> Option<u64> {
        // A spread needs two batches.
        Some(2)
    }

    fn expected_samples(&self, plan: &LoadPlan, _expected: &ExpectedEvidence, objective: &Objective) -> Option<u64> {
        requests::expected(plan, objective)
    }

    fn out_of_reach(&self, plan: &LoadPlan, objective: &Objective, limit: Limit) -> Option<ObjectiveError> {
        let sent = requests::expected(plan, objective)? as f64 / plan.judged_window().length().as_secs_f64().max(1.0);
        // Equality is out of reach as well: the lower bound of a mean lies below it, so it could never be shown met.
        let wanted = limit.value().filter(|wanted| sent <= *wanted)?;
        Some(ObjectiveError::OutOfReach { wanted, sent })
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        let counters = requests::counters(evidence, objective)?;
        let sums = self.sums(evidence, objective);
        let below = |limit: Limit| {
            let limit = limit.value().unwrap_or(0.0);
            sums.iter().filter(|(_, sum, weight)| *sum < limit * weight).count() as u64
        };
        let over = [below(objective.target), below(objective.acceptable)];
        let mut measurement = means::measurement(self, evidence, objective, counters.of(Outcome::Success), over)?;
        measurement.notes.extend(requests::closed_note(evidence, objective));
        Ok(measurement)
    }

    /// Successes of every second of the judged window, zero included; the weight of a second is the part of it inside the
    /// window.
    fn sums(&self, evidence: &Evidence, objective: &Objective) -> Vec<SecondSum> {
        let window = evidence.plan.judged_window();
        let (start, end) = (window.start.as_secs_f64(), window.end.as_secs_f64());
        let mut successes = std::collections::BTreeMap::<u32, u64>::new();
        for cell in requests::selected(evidence, objective).flat_map(|record| &record.seconds) {
            *successes.entry(cell.second).or_default() += cell.counters.of(Outcome::Success);
        }
        let first = u32::try_from(window.start.as_secs()).unwrap_or(u32::MAX);
        let seconds = (first..).map(|second| {
            (
                second,
                // A judged window may begin and end within a second, which then weighs its part. Seconds without a
                // success count: they are what a floor is about.
                (f64::from(second) + 1.0).min(end) - f64::from(second).max(start),
            )
        });
        let within = seconds.take_while(|(second, _)| f64::from(*second) < end);
        within
            // Seconds of planned events are no seconds without success.
            .filter(|(second, _)| !evidence.is_left_out(*second))
            .map(|(second, weight)| (second, successes.get(&second).copied().unwrap_or(0) as f64, weight))
            .collect()
    }

    /// None: a second has a rate and no share of bad samples.
    fn worst_window(&self, _evidence: &Evidence, _objective: &Objective) -> Option<(u32, f64)> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{VerdictWord, fixture, judge};
    use super::*;
    use crate::evidence::Accept;
    use crate::words::en;

    /// 50 requests in each of the 60 seconds, except `slow` in each of the ten seconds from 40 s on.
    fn run(slow: u64) -> fixture::Run {
        let mut run = fixture::Run::new();
        for second in 10..70 {
            let count = if (40..50).contains(&second) { slow } else { 50 };
            run.requests_at(second, "projects.list", Outcome::Success, 50_000, count);
        }
        run
    }

    fn word(run: &fixture::Run, objective: Objective) -> (VerdictWord, String) {
        let verdict = judge(&run.evidence(), &[objective], Accept::Target).verdicts.remove(0);
        (verdict.word, en::reason(&verdict))
    }

    #[test]
    fn it_counts_successes_that_ended_in_the_window_over_its_whole_length() {
        let mut run = run(50);
        run.requests_at(30, "projects.list", Outcome::ServerError, 1_000, 500);
        // Not counted: a backlog that drains after the load, and successes of the warm-up.
        run.requests_at(72, "projects.list", Outcome::Success, 1_000, 500);
        run.warm_up("projects.list", Outcome::Success, 1_000, 500);
        let objective = fixture::objective("throughput", "45/s", "40/s");
        let found = Throughput.measure(&run.evidence(), &objective).unwrap();
        assert_eq!((found.point, found.statistic.as_str()), (Some(50.0), "rate"));
        assert_eq!(word(&run, objective).0, VerdictWord::Pass);
        let (missed, reason) = word(&run, fixture::objective("throughput", "60/s", "55/s"));
        assert_eq!(missed, VerdictWord::Fail, "{reason}");
        assert!(
            reason.starts_with("target missed: 50.0/s [50.0 – 50.0], at least 60/s"),
            "{reason}"
        );
    }

    #[test]
    fn seconds_without_any_count_as_nothing() {
        let objective = fixture::objective("throughput", "45/s", "30/s");
        let found = Throughput.measure(&run(0).evidence(), &objective).unwrap();
        // 2,500 in 60 s.
        assert!((found.point.unwrap() - 41.667).abs() < 1e-3, "{found:?}");
        assert_eq!((found.target.bad, found.acceptable.bad), (10, 10));
    }

    #[test]
    fn ten_slow_seconds_are_missed_in_every_window_though_not_over_the_whole() {
        // 48.3/s over the whole, 40/s in one window.
        let mut objective = fixture::objective("throughput", "42/s", "25/s");
        assert_eq!(word(&run(40), objective.clone()).0, VerdictWord::Pass);
        objective.in_every = "10s".parse().ok();
        let (found, reason) = word(&run(40), objective.clone());
        assert_eq!(found, VerdictWord::Warn, "{reason}");
        let sentence = "in every 10 s: 1 of 6 windows below 42/s, the worst from 40 s (40.0/s)";
        assert!(reason.contains(sentence), "{reason}");
        assert_eq!(word(&run(50), objective).0, VerdictWord::Pass);
    }

    #[test]
    fn a_floor_above_what_is_sent_is_out_of_reach() {
        // 3,517 requests in 60 s.
        let objective = fixture::objective("throughput", "60/s", "50/s");
        let reach = |limit: &str| Throughput.out_of_reach(&fixture::plan(), &objective, fixture::limit(limit));
        assert!(reach("60/s").unwrap().to_string().contains("sends about 58.6/s"));
        assert_eq!(reach("58/s"), None);
    }
}
