//! Capacity search over a scenario: its settings, and the plans of its steps.

use std::path::{Path, PathBuf};

use super::nearest::nearest;
use super::plan::read;
use super::settings::CapacitySettings;
use super::{Plan, PlanOptions, Scenario, ScenarioError};
use crate::evidence::LoadModel;
use crate::journey::{Journeys, Sessions};
use crate::slo::{Limit, Objective, Samples};
use crate::units::saturating_u32;
use crate::workload::Workload;

/// Size of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StepSize {
    /// Open model: journeys per second, and seconds that each is expected to last with its think times.
    Rate(f64, f64),
    /// Closed model: number of users, and seconds between the starts of two journeys of a user.
    Users(u32, f64),
}

/// The scenario as the template of a search's steps.
#[derive(Debug)]
pub struct StepPlans {
    path: PathBuf,
    options: PlanOptions,
    scenario: Scenario,
    /// Mean think time of one journey over the mix, in seconds.
    pub thinking: f64,
    /// Mean number of requests of one journey over the mix.
    pub requests: f64,
}

impl StepPlans {
    /// Reads the scenario and checks that a search can run it: all phases are `constant-arrival-rate`, the `[capacity]` settings
    /// are valid, and no gating objective is relative to a baseline.
    pub fn load(path: &Path, options: PlanOptions) -> Result<Self, ScenarioError> {
        let (scenario, _) = read(path, &options.overrides)?;
        // Only this executor has one number that can be searched.
        let open = |workload: &Workload| matches!(workload, Workload::ConstantArrivalRate(_));
        if let Some(phase) = scenario.phase.iter().find(|phase| !open(&phase.workload)) {
            return Err(ScenarioError::Invalid {
                path: path.to_owned(),
                at: format!("phase `{}`", phase.name),
                problem: "a search sets the rate of its phases, and this one has none to set".to_owned(),
                hint: "give every phase the executor `constant-arrival-rate`".to_owned(),
            });
        }
        let settings = scenario.capacity.clone().unwrap_or_default();
        if settings.growth <= 1.0
            || settings.precision.get() <= 0.0
            || settings.longest == 0
            || settings.from.get() <= 0.0
        {
            return Err(ScenarioError::Invalid {
                path: path.to_owned(),
                at: "capacity".to_owned(),
                problem: "such a search would not get anywhere".to_owned(),
                hint: "have `growth` above 1, `precision` and `from` above 0, and `longest` at least 1".to_owned(),
            });
        }
        let relative = |objective: &&Objective| objective.gate && objective.is_relative();
        if let Some(objective) = scenario.objective.iter().find(relative) {
            return Err(ScenarioError::Invalid {
                path: path.to_owned(),
                at: format!("objective `{}`", objective.name),
                problem: "its limit is relative to a baseline, and a search has none".to_owned(),
                hint: "give it fixed limits, or say `gate = false` (`--set objective.NAME.gate=false`)".to_owned(),
            });
        }
        if let Some(event) = scenario.event.first() {
            return Err(ScenarioError::Invalid {
                path: path.to_owned(),
                at: format!("event `{}`", event.name),
                problem:
                    "a search for capacity has no events: it would find what the stack holds while it is disturbed"
                        .to_owned(),
                hint: "search with a scenario without `[[event]]`; `diapason run` carries events out".to_owned(),
            });
        }
        // Errors in the journeys are reported before anything is brought up.
        let names = scenario.journey_names();
        let folder = path.parent().unwrap_or(Path::new("."));
        let journeys = Journeys::load_around(
            &nearest(folder, "journeys"),
            &names,
            &scenario.occasions(),
            &scenario.variables(path)?,
        )?;
        let judged = scenario.phase.iter().filter(|phase| phase.judged);
        let mix: Vec<(String, f64)> = judged.flat_map(|phase| scenario.mix(phase)).collect();
        let weights: f64 = mix.iter().map(|(_, weight)| weight).sum();
        let mean = |of: &dyn Fn(&crate::journey::Journey) -> f64| {
            let weighed = mix
                .iter()
                .filter_map(|(name, weight)| Some(of(journeys.get(name)?) * weight));
            weighed.sum::<f64>() / weights
        };
        Ok(Self {
            thinking: mean(&crate::journey::Journey::thinking),
            requests: mean(&|journey| journey.requests().iter().map(|(_, times)| times.expected).sum()),
            path: path.to_owned(),
            options,
            scenario,
        })
    }

    /// Settings of the search.
    pub fn settings(&self) -> CapacitySettings {
        self.scenario.capacity.clone().unwrap_or_default()
    }

    /// Name and description of the scenario.
    pub fn name(&self) -> (&str, &str) {
        (&self.scenario.name, &self.scenario.description)
    }

    /// The seed of every random choice.
    pub fn seed(&self) -> u64 {
        self.options.seed.unwrap_or(self.scenario.seed)
    }

    /// The scenario file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Total length of the judged phases as written, in seconds.
    pub fn judged_seconds(&self) -> f64 {
        let judged = self.scenario.phase.iter().filter(|phase| phase.judged);
        judged.map(|phase| phase.length().get().as_secs_f64()).sum()
    }

    /// Seconds that a journey lasts if every request takes as long as the tightest response-time target, or 1 s without one.
    pub fn longest_stay(&self) -> f64 {
        let limits = self
            .scenario
            .objective
            .iter()
            .filter_map(|objective| match objective.target.fixed() {
                Some(Limit::Time(span)) if of_response_times(objective) => Some(span.get().as_secs_f64()),
                _ => None,
            });
        let tightest = limits.fold(f64::INFINITY, f64::min);
        // Answers slower than the tightest target break it anyway, so that users for slower ones would decide nothing.
        self.thinking + self.requests * if tightest.is_finite() { tightest } else { 1.0 }
    }

    /// The size of the first step.
    pub fn first_size(&self) -> StepSize {
        StepSize::Rate(self.settings().from.get(), self.longest_stay())
    }

    /// Plans a step of that size, `length` times as long as written, or longer if its objectives need more samples. Users who
    /// have one of `sessions` need not log in. Every step has a seed of its own, by its `number`, so that steps that decide
    /// together do not see the same arrivals.
    pub fn plan(&self, size: StepSize, number: usize, length: u32, sessions: &Sessions) -> Result<Plan, ScenarioError> {
        let mut factor = f64::from(length);
        loop {
            let mut options = self.step(size, factor, sessions);
            // Each step has arrivals of its own: one unlucky draw would else count against every rate alike.
            options.seed = Some(self.seed().wrapping_add(number as u64));
            match Plan::load(&self.path, options) {
                // The objectives need more samples than this. Aims at 2 % more than needed, because the mix is drawn.
                Err(ScenarioError::Undecidable { samples, needed, .. })
                    if samples > 0 && factor < f64::from(self.settings().longest) * 4.0 =>
                {
                    // A tenth at least, so that the loop ends although rounding may hide the gain of a small factor.
                    factor *= (needed as f64 / samples as f64 * 1.02).max(1.1);
                }
                planned => return planned,
            }
        }
    }

    /// Overrides for a step of that size.
    fn step(&self, size: StepSize, factor: f64, sessions: &Sessions) -> PlanOptions {
        let mut options = self.options.clone();
        let mut set = |key: String, value: String| options.overrides.push((key, value));
        let mut users = match size {
            StepSize::Rate(rate, stay) => enough_users(rate * stay),
            StepSize::Users(users, _) => f64::from(users),
        };
        for (index, phase) in self.scenario.phase.iter().enumerate() {
            // Only judged time yields evidence: a warm-up is no better for being longer.
            let mut seconds = phase.length().get().as_secs_f64() * if phase.judged { factor } else { 1.0 };
            match size {
                StepSize::Rate(rate, _) => set(format!("phase.{index}.workload.rate"), format!("{rate}/s")),
                StepSize::Users(all, cycle) => {
                    // Users that begin spread over one cycle stay spread; begun at once they would ask at once, cycle
                    // by cycle.
                    let every = cycle / f64::from(all);
                    let crowd = if phase.judged {
                        // The first cycle passes while users begin: at least one whole cycle has all of them.
                        seconds = seconds.max(2.0 * cycle);
                        f64::from(all)
                    } else {
                        // Users that can begin within 90 % of its time; those of the judged phase come in addition.
                        let crowd = (seconds * 0.9 / every).floor().clamp(1.0, f64::from(all));
                        users += crowd;
                        crowd
                    };
                    set(format!("phase.{index}.workload"), self.closed(crowd, every));
                }
            }
            set(
                format!("phase.{index}.duration"),
                format!("{}ms", (seconds * 1e3).ceil()),
            );
        }
        set("users.count".to_owned(), users.to_string());
        let count = saturating_u32(users);
        // Sessions of earlier steps serve again: logging in costs password hashing and would only prolong the step.
        options.logged_in = sessions.among(count);
        if matches!(size, StepSize::Users(..)) {
            let objectives = self.scenario.objective.iter().enumerate();
            let of_open = |objective: &Objective| {
                let profile = objective.profile();
                profile.is_some_and(|profile| profile.usual_model == Some(LoadModel::Open))
            };
            for (index, _) in objectives.filter(|(_, objective)| of_open(objective)) {
                // These indicators are of the open model unless told otherwise, and would find no samples in a closed
                // phase.
                set(format!("objective.{index}.model"), LoadModel::Closed.name().to_owned());
            }
        }
        options
    }
}

impl StepPlans {
    /// Workload of `users` users who begin `every` seconds apart. Spread over a cycle, they begin journeys at an even rate.
    fn closed(&self, users: f64, every: f64) -> String {
        let think = self
            .settings()
            .think
            .map_or_else(String::new, |think| format!(", think = \"{think}\""));
        // Rounded down, so that the last user begins within the cycle.
        let micros = (every * 1e6).floor().max(1.0);
        format!("{{ executor = \"constant-users\", users = {users}, hatch-every = \"{micros}us\"{think} }}")
    }
}

fn of_response_times(objective: &Objective) -> bool {
    objective.samples() == Some(Samples::ResponseTimes)
}

/// Users that suffice if `mean` are under way on average: four standard deviations of a Poisson variable more, and 5.
fn enough_users(mean: f64) -> f64 {
    (mean + 4.0 * mean.sqrt() + 5.0).ceil()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plans(overrides: &[(&str, &str)]) -> Result<StepPlans, ScenarioError> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/capacity.toml");
        let overrides = overrides
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let options = PlanOptions {
            overrides: overrides.collect(),
            ..PlanOptions::default()
        };
        StepPlans::load(&path, options)
    }

    #[test]
    fn a_step_has_its_rate_its_length_and_enough_users() {
        let plans = plans(&[]).unwrap();
        let written = plans.judged_seconds();
        let plan = plans
            .plan(StepSize::Rate(40.0, 5.0), 1, 2, &Sessions::default())
            .unwrap();
        let judged = plan.summary.load.judged_window().length().as_secs_f64();
        assert!((judged - 2.0 * written).abs() < 1e-9, "{judged}");
        let steady = plan.summary.load.phases.iter().find(|phase| phase.judged).unwrap();
        assert!((steady.arrivals as f64 / judged - 40.0).abs() < 4.0);
        // 200 on average, 4 · √200 = 56.6 more, and 5.
        assert_eq!(plan.users.count, 262);
    }

    #[test]
    fn every_step_draws_arrivals_of_its_own_and_the_same_again_when_repeated() {
        let plans = plans(&[]).unwrap();
        let arrivals = |number| {
            let plan = plans.plan(StepSize::Rate(40.0, 5.0), number, 1, &Sessions::default());
            let phases = plan.unwrap().summary.load.phases;
            phases.iter().map(|phase| phase.arrivals).collect::<Vec<_>>()
        };
        assert_eq!(arrivals(1), arrivals(1));
        assert!((2..5).any(|number| arrivals(number) != arrivals(1)));
    }

    #[test]
    fn a_slow_step_is_as_long_as_its_objectives_need() {
        let plans = plans(&[]).unwrap();
        let plan = plans
            .plan(StepSize::Rate(1.0, 5.0), 1, 1, &Sessions::default())
            .unwrap();
        assert!(plan.summary.load.judged_window().length().as_secs_f64() > plans.judged_seconds());
        assert!(plan.summary.expectations.iter().all(|expected| !expected.refuses()));
    }

    #[test]
    fn users_of_the_closed_model_are_judged_as_such() {
        let plan = plans(&[])
            .unwrap()
            .plan(StepSize::Users(30, 6.0), 1, 1, &Sessions::default())
            .unwrap();
        assert!(
            plan.summary
                .load
                .phases
                .iter()
                .filter(|phase| phase.judged)
                .all(|phase| phase.users == Some(30))
        );
        let latency = plan
            .summary
            .objectives
            .iter()
            .find(|objective| of_response_times(objective))
            .unwrap();
        assert_eq!(latency.model, Some(LoadModel::Closed));
        // 7.2 s of the warm-up at one every 200 ms are 36, and no more than there are.
        assert_eq!(plan.users.count, 60);
    }

    #[test]
    fn a_journeys_stay_follows_from_its_think_times() {
        let plans = plans(&[]).unwrap();
        assert!(
            plans.thinking > 1.0 && plans.requests > 2.0,
            "{} s, {} requests",
            plans.thinking,
            plans.requests
        );
        assert!(plans.longest_stay() > plans.thinking);
    }

    #[test]
    fn what_cannot_be_searched_is_refused() {
        let ramp =
            "{ executor = \"ramping-arrival-rate\", from = \"1/s\", stages = [{ to = \"9/s\", over = \"9s\" }] }";
        let error = plans(&[("phase.0.workload", ramp)]).unwrap_err().to_string();
        assert!(error.contains("sets the rate of its phases"), "{error}");
        let error = plans(&[("capacity.growth", "1.0")]).unwrap_err().to_string();
        assert!(error.contains("would not get anywhere"), "{error}");
    }
}
