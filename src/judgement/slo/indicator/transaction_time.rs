//! Indicator `transaction-time`: time of a group of steps, from its start to the end of its last step.

use super::super::windows::SecondSum;
use super::super::{Limit, Measurement, Objective, Statistic, Unit};
use super::reading::Indicator;
use super::response_time::ResponseTime;
use super::{Label, Profile, Samples, TimeOrigin, Topic};
use crate::evidence::{Evidence, ExpectedEvidence, LoadModel, LoadPlan};
use crate::slo::Unmeasured;
use crate::slo::windows::SecondCount;

/// Times of the selected transactions, measured as response times are. A transaction in which a step did not succeed is over
/// every limit.
pub(super) struct TransactionTime;

static PROFILE: Profile = Profile {
    name: "transaction-time",
    label: Label {
        english: "transaction time",
        french: "temps de transaction",
    },
    describe: "Time of a group of steps, from its start to the end of its last step; one with a failed step is over every limit.",
    fault: None,
    unit: Unit::Milliseconds,
    floor: false,
    statistics: &[Statistic::Mean, Statistic::Max],
    by_share: true,
    needs_threshold: false,
    usual_model: Some(LoadModel::Open),
    timed_from: Some(TimeOrigin::IntendedStart),
    samples: Some(Samples::Transactions),
    probe: None,
    topic: Topic::Requests,
};

impl Indicator for TransactionTime {
    fn profile(&self) -> &Profile {
        &PROFILE
    }

    fn expected_samples(&self, plan: &LoadPlan, expected: &ExpectedEvidence, objective: &Objective) -> Option<u64> {
        ResponseTime.expected_samples(plan, expected, objective)
    }

    fn measure(&self, evidence: &Evidence, objective: &Objective) -> Result<Measurement, Unmeasured> {
        ResponseTime.measure(evidence, objective)
    }

    fn seconds(&self, evidence: &Evidence, objective: &Objective, limit: Limit) -> Vec<SecondCount> {
        ResponseTime.seconds(evidence, objective, limit)
    }

    fn sums(&self, evidence: &Evidence, objective: &Objective) -> Vec<SecondSum> {
        ResponseTime.sums(evidence, objective)
    }

    fn levels(&self, evidence: &Evidence, objective: &Objective) -> Vec<(u32, f64, f64)> {
        ResponseTime.levels(evidence, objective)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Selector, fixture};
    use super::*;
    use crate::error::Hint;
    use crate::evidence::{Decision, SeriesPlan};
    use crate::record::Outcome;

    fn plan(mut plan: LoadPlan) -> LoadPlan {
        plan.transactions = vec![SeriesPlan {
            name: "projects.open".to_owned(),
            expected: 900.0,
            least: Some(300.0),
            models: vec![LoadModel::Open],
            ..SeriesPlan::default()
        }];
        plan
    }

    fn objective(of: Option<&str>) -> Objective {
        let mut objective = fixture::objective("transaction-time", "100ms", "300ms");
        objective.quantile = "p95".parse().ok();
        objective.of = of.map(|of| Selector(of.into()));
        objective
    }

    /// 100 requests of 50 ms, and 100 transactions of 200 ms made of them.
    fn evidence() -> Evidence {
        let mut run = fixture::Run::new();
        run.requests("projects.list", Outcome::Success, 50_000, 100);
        let mut evidence = run.evidence();
        let mut run = fixture::Run::new();
        run.requests("projects.open", Outcome::Success, 200_000, 90);
        run.requests("projects.open", Outcome::ServerError, 1_000, 10);
        evidence.recording.transactions = run.evidence().recording.series;
        evidence.plan = plan(evidence.plan);
        evidence
    }

    #[test]
    fn transactions_and_requests_are_told_apart() {
        let found = TransactionTime.measure(&evidence(), &objective(None)).unwrap();
        assert_eq!((found.samples, found.target.bad, found.acceptable.bad), (100, 100, 10));
        assert_eq!(found.target.decide(), Decision::Missed);
        let mut requests = objective(Some("projects"));
        requests.indicator = "response-time".to_owned();
        let found = ResponseTime.measure(&evidence(), &requests).unwrap();
        assert_eq!((found.samples, found.target.bad), (100, 0));
    }

    #[test]
    fn the_least_number_is_the_evidence() {
        let plan = plan(fixture::plan());
        let expected = TransactionTime.expected_samples(&plan, &ExpectedEvidence::default(), &objective(None));
        assert_eq!(expected, Some(300));
    }

    #[test]
    fn a_selector_of_the_wrong_kind_is_refused_with_the_right_one() {
        let known = plan(fixture::plan());
        assert_eq!(objective(Some("projects.open")).validate_for(&known), Ok(()));
        assert!(objective(Some("projects.list")).validate_for(&known).is_err());
        let none = objective(None).validate_for(&fixture::plan()).unwrap_err();
        assert!(none.hint().unwrap().contains("[[step.step]]"), "{none}");
        let mut requests = objective(Some("projects.open"));
        requests.indicator = "response-time".to_owned();
        let wrong = requests.validate_for(&known).unwrap_err();
        assert!(wrong.hint().unwrap().contains("transaction-time"), "{wrong}");
    }
}
