//! Indicator `error-rate`: share of requests that failed.

use super::super::{Limit, Measurement, Note, Objective, Unit};
use super::reading::{EffectiveSizes, Indicator};
use super::{Label, Profile, Samples, Topic, requests, shares};
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan};
use crate::record::{Counters, Outcome};
use crate::slo::Unmeasured;
use crate::slo::windows::SecondCount;

/// Errors among the requests that the system under test decided. Rate-limited requests (which have a validity rule of their
/// own) and requests interrupted by the end of the run are neither errors nor in the denominator.
pub(super) struct ErrorRate;

fn decided(counters: &Counters) -> u64 {
    // Neither is an answer of the system to the request: the limiter refused it, or the run did not wait for it.
    counters.total() - counters.of(Outcome::RateLimited) - counters.of(Outcome::Interrupted)
}

static PROFILE: Profile = Profile {
    name: "error-rate",
    label: Label {
        english: "error rate",
        french: "taux d’erreurs",
    },
    describe: "Share of requests that failed: status, check, time-out or connection; rate-limited ones are counted apart.",
    fault: Some(Label {
        english: "failed",
        french: "en échec",
    }),
    unit: Unit::Share,
    floor: false,
    statistics: &[],
    by_share: true,
    needs_threshold: false,
    usual_model: None,
    timed_from: None,
    samples: Some(Samples::Failures),
    probe: None,
    topic: Topic::Failures,
};

impl Indicator for ErrorRate {
    fn profile(&self) -> &Profile {
        &PROFILE
    }

    fn expected_samples(&self, plan: &LoadPlan, _expected: &ExpectedEvidence, objective: &Objective) -> Option<u64> {
        requests::expected(plan, objective)
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        let counters = requests::counters(evidence, objective)?;
        if decided(&counters) == 0 {
            return Err(Unmeasured::AllRefused);
        }
        let mut measurement = shares::measurement(
            self,
            objective,
            &EffectiveSizes::new(self, evidence, objective),
            counters.errors(),
            decided(&counters),
        );
        for outcome in [Outcome::RateLimited, Outcome::Interrupted] {
            let requests = counters.of(outcome);
            if requests > 0 {
                measurement.notes.push(Note::LeftOut { requests, outcome });
            }
        }
        Ok(measurement)
    }

    fn seconds(&self, evidence: &Evidence, objective: &Objective, _limit: Limit) -> Vec<SecondCount> {
        requests::seconds(evidence, objective, |counters| (counters.errors(), decided(counters)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::evidence::Decision;

    #[test]
    fn every_kind_of_failure_counts_and_what_the_system_did_not_decide_does_not() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 10_000, 993);
        let outcomes = [
            Outcome::ClientError,
            Outcome::ServerError,
            Outcome::CheckFailed,
            Outcome::TimedOut,
            Outcome::ConnectFailed,
            Outcome::TlsFailed,
            Outcome::Reset,
            Outcome::Truncated,
            Outcome::Malformed,
            Outcome::RedirectLimit,
        ];
        for (second, outcome) in (12..).step_by(6).zip(outcomes) {
            run.requests_at(second, "projects.list", outcome, 1_000, 1);
        }
        run.requests("projects.list", Outcome::RateLimited, 1_000, 5);
        run.requests("projects.list", Outcome::Interrupted, 1_000, 2);
        let objective = fixture::objective("error-rate", "0.1 %", "1 %");
        let found = ErrorRate.measure(&run.evidence(), &objective).unwrap();
        assert_eq!((found.target.bad, found.samples), (10, 1_003));
        assert_eq!(found.point, Some(10.0 / 1_003.0));
        let left_out = |requests, outcome| Note::LeftOut { requests, outcome };
        assert_eq!(
            found.notes,
            [left_out(5, Outcome::RateLimited), left_out(2, Outcome::Interrupted)]
        );
        // P(X ≥ 6) = 0.0006 for Binomial(999, 0.001); P(X ≤ 6) = 0.13 for Binomial(999, 0.01).
        assert_eq!(found.target.decide(), Decision::Missed);
        assert_eq!(found.acceptable.decide(), Decision::Undecided);
        assert!(found.low.unwrap() > 0.001 && found.high.unwrap() > 0.01);
    }

    #[test]
    fn only_the_limiter_answered() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::RateLimited, 1_000, 50);
        let objective = fixture::objective("error-rate", "0.1 %", "1 %");
        assert!(ErrorRate.measure(&run.evidence(), &objective).is_err());
    }

    #[test]
    fn the_worst_window_holds_the_burst() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 10_000, 600);
        // `fixture::Run` spreads requests evenly over the judged 10–70 s; this burst is at second 42.
        run.requests_at(42, "projects.list", Outcome::ServerError, 1_000, 100);
        let objective = fixture::objective("error-rate", "0.1 %", "1 %");
        let worst = ErrorRate.worst_window(&run.evidence(), &objective);
        assert_eq!(worst, Some((40, 0.5)));
    }
}
