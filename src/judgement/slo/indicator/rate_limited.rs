//! Indicator `rate-limited`: share of requests that the rate limiter refused.

use super::super::{Limit, Measurement, Objective, Unit};
use super::reading::{EffectiveSizes, Indicator};
use super::{Label, Profile, Samples, Topic, requests, shares};
use crate::evidence::{Evidence, ExpectedEvidence, LoadPlan};
use crate::record::{Counters, Outcome};
use crate::slo::Unmeasured;
use crate::slo::windows::SecondCount;

/// Refusals of the rate limiter among all requests that were not interrupted, for runs that measure the limiter itself.
pub(super) struct RateLimited;

fn decided(counters: &Counters) -> u64 {
    // What the run did not wait for might have been refused or not.
    counters.total() - counters.of(Outcome::Interrupted)
}

static PROFILE: Profile = Profile {
    name: "rate-limited",
    label: Label {
        english: "rate-limited requests",
        french: "requêtes refusées par le limiteur",
    },
    describe: "Share of requests that the rate limiter refused; an objective on it takes the place of the validity rule.",
    fault: Some(Label {
        english: "rate-limited",
        french: "refusées par le limiteur",
    }),
    unit: Unit::Share,
    floor: false,
    statistics: &[],
    by_share: true,
    needs_threshold: false,
    usual_model: None,
    timed_from: None,
    samples: Some(Samples::Refusals),
    probe: None,
    topic: Topic::Validity,
};

impl Indicator for RateLimited {
    fn profile(&self) -> &Profile {
        &PROFILE
    }

    fn expected_samples(&self, plan: &LoadPlan, _expected: &ExpectedEvidence, objective: &Objective) -> Option<u64> {
        requests::expected(plan, objective)
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        let counters = requests::counters(evidence, objective)?;
        if decided(&counters) == 0 {
            return Err(Unmeasured::AllInterrupted);
        }
        let limited = counters.of(Outcome::RateLimited);
        let effective = EffectiveSizes::new(self, evidence, objective);
        Ok(shares::measurement(
            self,
            objective,
            &effective,
            limited,
            decided(&counters),
        ))
    }

    fn seconds(&self, evidence: &Evidence, objective: &Objective, _limit: Limit) -> Vec<SecondCount> {
        let limited = |counters: &Counters| (counters.of(Outcome::RateLimited), decided(counters));
        requests::seconds(evidence, objective, limited)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::evidence::Decision;

    #[test]
    fn refusals_are_counted_among_all_that_were_answered() {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 10_000, 600);
        run.requests("projects.list", Outcome::ServerError, 10_000, 100);
        run.requests("projects.list", Outcome::RateLimited, 1_000, 300);
        run.requests("projects.list", Outcome::Interrupted, 1_000, 9);
        let objective = fixture::objective("rate-limited", "10 %", "50 %");
        let found = RateLimited.measure(&run.evidence(), &objective).unwrap();
        assert_eq!((found.target.bad, found.samples, found.point), (300, 1_000, Some(0.3)));
        assert_eq!(found.target.decide(), Decision::Missed);
        assert_eq!(found.acceptable.decide(), Decision::Met);
    }
}
