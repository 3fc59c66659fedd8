//! The scenario as the template of runs that take turns on two versions of a stack.

use std::path::{Path, PathBuf};

use super::plan::read;
use super::{CapacitySettings, Plan, PlanOptions, Scenario, ScenarioError};
use crate::journey::Sessions;
use crate::units::Span;
use crate::workload::Workload;

/// The scenario as the template of the runs on one side of a comparison in turns.
#[derive(Debug)]
pub struct TurnPlans {
    path: PathBuf,
    options: PlanOptions,
    scenario: Scenario,
}

impl TurnPlans {
    /// Reads the scenario and checks that its runs can be held against each other: the judged phases are of constant load and
    /// fixed length, and there is no event. `length` replaces the length of every judged phase.
    pub fn load(path: &Path, options: PlanOptions, length: Option<Span>) -> Result<Self, ScenarioError> {
        let (scenario, _) = read(path, &options.overrides)?;
        let refuse = |at: String, problem: &str, hint: &str| ScenarioError::Invalid {
            path: path.to_owned(),
            at,
            problem: problem.to_owned(),
            hint: hint.to_owned(),
        };
        for phase in scenario.phase.iter().filter(|phase| phase.judged) {
            let at = format!("phase `{}`", phase.name);
            if !matches!(
                phase.workload,
                Workload::ConstantArrivalRate(_) | Workload::ConstantUsers(_)
            ) {
                return Err(refuse(
                    at,
                    "a comparison in turns needs constant load, and that of this phase changes",
                    "give every judged phase the executor `constant-arrival-rate` or `constant-users`",
                ));
            }
            if phase.is_auto() {
                return Err(refuse(
                    at,
                    "runs that take turns are of one length, and this phase lasts until enough is known",
                    "give it a fixed `duration`, such as `20s`, and no `at-most`",
                ));
            }
        }
        if let Some(event) = scenario.event.first() {
            return Err(refuse(
                format!("event `{}`", event.name),
                "a comparison in turns has no events: an event weighs more than a version does",
                "compare with a scenario without `[[event]]`; `diapason run` carries events out",
            ));
        }
        if scenario.objective.is_empty() {
            return Err(refuse(
                "objective".to_owned(),
                "there is no objective whose statistic could be compared",
                "write an `[[objective]]`, such as a response time with `quantile = \"p95\"`",
            ));
        }
        let mut plans = Self {
            path: path.to_owned(),
            options,
            scenario,
        };
        plans.set_for_turns(length);
        Ok(plans)
    }

    /// Adds the settings of every turn: the length, and objectives that gate nothing, since short runs are compared and not judged.
    fn set_for_turns(&mut self, length: Option<Span>) {
        let Self { options, scenario, .. } = self;
        let phases = scenario.phase.iter().enumerate();
        for (index, _) in phases.filter(|(_, phase)| phase.judged) {
            if let Some(length) = length {
                options
                    .overrides
                    .push((format!("phase.{index}.duration"), length.to_string()));
            }
        }
        let objectives = scenario.objective.iter().enumerate();
        for (index, _) in objectives.filter(|(_, objective)| objective.gate) {
            options
                .overrides
                .push((format!("objective.{index}.gate"), "false".to_owned()));
        }
    }

    /// Name and description of the scenario.
    pub fn name(&self) -> (&str, &str) {
        (&self.scenario.name, &self.scenario.description)
    }

    /// The seed of every random choice.
    pub fn seed(&self) -> u64 {
        self.options.seed.unwrap_or(self.scenario.seed)
    }

    /// Names of the objectives that decide: the gating ones, or all if none gates.
    pub fn deciding(&self) -> Vec<String> {
        let objectives = &self.scenario.objective;
        let any = objectives.iter().any(|objective| objective.gate);
        let deciding = objectives.iter().filter(|objective| !any || objective.gate);
        deciding.map(|objective| objective.name.clone()).collect()
    }

    /// Plans one run. Users who have one of `sessions` need not log in. The two runs of a pair have one seed, by its `number`, so
    /// that both see the same arrivals; `tags` are added to the run's.
    pub fn plan(&self, number: usize, sessions: &Sessions, tags: &[(&str, String)]) -> Result<Plan, ScenarioError> {
        sessions.forget(CapacitySettings::default().keep_sessions.get());
        let mut options = self.options.clone();
        options.seed = Some(self.seed().wrapping_add(number as u64));
        options.logged_in = sessions.among(self.scenario.users.count);
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        options.tags.extend(tags);
        Plan::load(&self.path, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plans(overrides: &[(&str, &str)], length: Option<&str>) -> Result<TurnPlans, ScenarioError> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/gate.toml");
        let overrides = overrides
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let options = PlanOptions {
            overrides: overrides.collect(),
            ..PlanOptions::default()
        };
        TurnPlans::load(&path, options, length.map(|length| length.parse().unwrap()))
    }

    #[test]
    fn a_turn_may_be_shorter_than_a_verdict_needs() {
        let whole = plans(&[], None).unwrap();
        assert!(whole.deciding().contains(&"API response time".to_owned()));
        assert!(!whole.deciding().contains(&"Uptime".to_owned()));
        let none = Sessions::default();
        let judged = |plans: &TurnPlans| {
            let plan = plans.plan(0, &none, &[]).unwrap();
            assert!(plan.summary.objectives.iter().all(|objective| !objective.gate));
            plan.summary.load.judged_window().length().as_secs()
        };
        assert_eq!(judged(&whole), 60);
        // Its share of errors would take a minute to decide.
        assert_eq!(judged(&plans(&[], Some("5s")).unwrap()), 5);
    }

    #[test]
    fn both_runs_of_a_pair_see_the_same_arrivals_and_those_of_the_next_pair_others() {
        let plans = plans(&[], Some("20s")).unwrap();
        let plan = |number, side: &str| {
            let tags = [("side", side.to_owned())];
            plans.plan(number, &Sessions::default(), &tags).unwrap().summary
        };
        let (a, b, next) = (plan(1, "A"), plan(1, "B"), plan(2, "A"));
        assert_eq!((a.seed, &a.load), (b.seed, &b.load));
        assert_ne!(a.seed, next.seed);
        assert_eq!(b.tags, [("side".to_owned(), "B".to_owned())]);
    }

    #[test]
    fn a_side_may_have_the_image_of_a_service_replaced() {
        let image = |overrides: &[(&str, &str)]| {
            let plan = plans(overrides, None)
                .unwrap()
                .plan(0, &Sessions::default(), &[])
                .unwrap();
            plan.stack_file.service.get("api").and_then(|api| api.image.clone())
        };
        assert_eq!(image(&[]), None);
        assert_eq!(
            image(&[("stack.image.api", "shop/api:1.5")]).as_deref(),
            Some("shop/api:1.5")
        );
    }

    #[test]
    fn load_that_changes_and_events_are_refused() {
        let ramp =
            "{ executor = \"ramping-arrival-rate\", from = \"1/s\", stages = [{ to = \"9/s\", over = \"9s\" }] }";
        for (key, value, told) in [
            ("phase.steady.workload", ramp, "needs constant load"),
            ("phase.steady.duration", "auto", "are of one length"),
        ] {
            let error = plans(&[(key, value)], None).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        // What warms up may change.
        assert!(plans(&[("phase.warm-up.workload", ramp)], None).is_ok());
    }
}
