//! Cross-checks: each part of a scenario must fit the others.

use std::path::{Path, PathBuf};

use super::file::LOG_IN_PHASE;
use super::{EvidenceExpectation, FeederUse, Phase, ReplayLoad, Scenario, ScenarioError};
use crate::error::Hint;
use crate::evidence::{LoadPlan, PhasePlan};
use crate::probe::ProbeSettings;
use crate::slo::{Objective, ObjectiveError};
use crate::workload::{SET_UP_PHASE, TEAR_DOWN_PHASE, Workload};

/// Most users a run may have; each holds a connection.
const MOST_USERS: u32 = 100_000;
/// Longest run, so that a slip of the keyboard does not run for a year.
const LONGEST_SECONDS: u64 = 7 * 24 * 3600;
/// Most steps of a rate: each is a segment of the schedule.
const MOST_STEPS: u32 = 1_000;
/// Most arrivals of a phase: they are counted before the run.
const MOST_ARRIVALS: f64 = 1e9;

/// Checks one scenario; errors name the file and the part.
pub(super) struct Checker {
    path: PathBuf,
}

pub(super) type Checked = Result<(), ScenarioError>;

fn plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
}

impl Checker {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(super) fn refuse(&self, at: impl Into<String>, problem: impl Into<String>, hint: impl Into<String>) -> Checked {
        Err(ScenarioError::Invalid {
            path: self.path.clone(),
            at: at.into(),
            problem: problem.into(),
            hint: hint.into(),
        })
    }

    /// Checks the scenario by itself: its name, its users and its phases.
    pub(super) fn scenario(&self, scenario: &Scenario) -> Checked {
        // Runs are kept in folders named after the scenario, on file systems that forbid different letters.
        if !plain(&scenario.name) {
            return self.refuse(
                "name",
                format!("`{}` cannot name a folder", scenario.name),
                "use letters, digits, `-` and `_`",
            );
        }
        if !(1..=MOST_USERS).contains(&scenario.users.count) {
            return self.refuse(
                "users.count",
                format!("{} users", scenario.users.count),
                format!("have 1 to {MOST_USERS} users"),
            );
        }
        // Log-ins all at once would measure password hashing, and make the wait for them longer than it need be.
        if scenario.users.log_in_rate().is_none() {
            return self.refuse(
                "users.log-in-every",
                "no time between log-ins",
                "use `100ms` or so: logging in is expensive by design",
            );
        }
        self.phases(scenario)?;
        self.events(scenario)?;
        self.during(scenario)
    }

    fn mix(&self, at: &str, mix: &[(String, f64)]) -> Checked {
        if let Some((name, weight)) = mix.iter().find(|(_, weight)| !(weight.is_finite() && *weight >= 0.0)) {
            return self.refuse(
                at,
                format!("weight {weight} of journey `{name}`"),
                "a weight is 0 or more",
            );
        }
        if mix.iter().map(|(_, weight)| weight).sum::<f64>() <= 0.0 {
            return self.refuse(
                at,
                "no journey has any weight",
                "give at least one a weight under `[journeys]`: `projects = 5`",
            );
        }
        Ok(())
    }

    fn phases(&self, scenario: &Scenario) -> Checked {
        // The run's own phases stand beside the scenario's in the report and in the samples, told apart by name only.
        let mut seen = vec![LOG_IN_PHASE, SET_UP_PHASE, TEAR_DOWN_PHASE];
        for phase in &scenario.phase {
            let at = format!("phase `{}`", phase.name);
            if !plain(&phase.name) {
                return self.refuse(at, "not a plain name", "use letters, digits, `-` and `_`");
            }
            if seen.contains(&phase.name.as_str()) {
                return self.refuse(
                    at,
                    "the name is taken",
                    format!(
                        "rename it (`{SET_UP_PHASE}`, `{LOG_IN_PHASE}` and `{TEAR_DOWN_PHASE}` are phases before and after \
                         the load)"
                    ),
                );
            }
            if phase.duration.is_some() && phase.workload.length().is_some() {
                return self.refuse(
                    at,
                    "has a duration and stages with durations",
                    "leave `duration` out: the stages say how long it lasts",
                );
            }
            let length = phase.length();
            if length.get().is_zero() || length.get().as_secs() > LONGEST_SECONDS {
                return self.refuse(
                    at,
                    format!("lasts {length}"),
                    "give it a `duration`: more than nothing and at most 7 days",
                );
            }
            self.auto(&at, phase, scenario)?;
            // Before the plan is laid out, which walks through every arrival to count them.
            self.arrivals(&at, phase)?;
            self.crowd(&at, phase)?;
            self.mix(&at, &scenario.mix(phase))?;
            seen.push(&phase.name);
        }
        if !scenario.phase.iter().any(|phase| phase.judged) {
            return self.refuse(
                "phase",
                "no phase is judged",
                "have at least one phase without `judged = false`",
            );
        }
        let during = scenario
            .probes
            .browser
            .as_ref()
            .and_then(|browser| browser.during.as_ref());
        match during.filter(|during| !scenario.phase.iter().any(|phase| phase.name == **during)) {
            None => Ok(()),
            Some(during) => {
                let known: Vec<&str> = scenario.phase.iter().map(|phase| phase.name.as_str()).collect();
                self.refuse(
                    "probes.browser.during",
                    format!("there is no phase `{during}`"),
                    format!("use one of {}", known.join(", ")),
                )
            }
        }
    }

    /// Checks that no feeder whose rows serve once is certain to run out of them.
    pub(super) fn feeders(&self, feeders: &[FeederUse]) -> Checked {
        let Some(feeder) = feeders.iter().find(|feeder| feeder.is_exhausted()) else {
            return Ok(());
        };
        let taken = feeder.taken.unwrap_or_default();
        self.refuse(
            format!("feeder {}", feeder.path.display()),
            format!(
                "is exhausted before the end: {} rows, each of which serves once, for about {taken:.0} iterations of {}",
                feeder.rows,
                feeder.journeys.join(", ")
            ),
            "add rows, shorten the phases, or take rows again with `order = \"sequential\"`",
        )
    }

    /// Only the last judged phase can last until enough is known.
    fn auto(&self, at: &str, phase: &Phase, scenario: &Scenario) -> Checked {
        if !phase.is_auto() {
            return match phase.at_most {
                None => Ok(()),
                Some(_) => self.refuse(
                    at,
                    "has `at-most` but a fixed duration",
                    "say `duration = \"auto\"`, or leave `at-most` out",
                ),
            };
        }
        let last = scenario.phase.last().is_some_and(|last| last.name == phase.name);
        let alone = scenario.phase.iter().filter(|other| other.judged).count() == 1;
        // An early end cuts off all that follows; a judged phase behind it would never begin.
        if !(phase.judged && last && alone) {
            return self.refuse(
                at,
                "lasts until enough is known, but is not the only judged phase and the last",
                "give it a fixed `duration`, or put it last and judge no other",
            );
        }
        if !scenario.objective.iter().any(|objective| objective.gate) {
            return self.refuse(
                at,
                "lasts until every gating objective is decided, and there is none",
                "let some objective gate, or give it a fixed `duration`",
            );
        }
        Ok(())
    }

    /// Checks that the schedule of a phase has no more steps and arrivals than can be laid out.
    fn arrivals(&self, at: &str, phase: &Phase) -> Checked {
        if let Workload::SteppedArrivalRate(stepped) = &phase.workload
            && stepped.steps.get() > MOST_STEPS
        {
            return self.refuse(
                at,
                format!("has {} steps", stepped.steps),
                format!("have at most {MOST_STEPS}, or use `ramping-arrival-rate`"),
            );
        }
        // The seed matters for Poisson spacing only, and not for the expected number.
        let expected = phase.workload.arrivals(phase.length().get(), 0).expected();
        if expected > MOST_ARRIVALS {
            return self.refuse(
                at,
                format!("has {expected:.0} arrivals"),
                format!("lower its rate or shorten it: {MOST_ARRIVALS} are the most"),
            );
        }
        Ok(())
    }

    /// Checks that the run as a whole is not longer than any phase may be.
    pub(super) fn length(&self, load: &LoadPlan) -> Checked {
        let end = load
            .phases
            .iter()
            .map(|phase| phase.window.end)
            .max()
            .unwrap_or_default();
        if end.as_secs() <= LONGEST_SECONDS {
            return Ok(());
        }
        self.refuse(
            "phase",
            format!("the last phase ends after {} days", end.as_secs() / (24 * 3600)),
            "a run lasts at most 7 days, with the time its users take to log in",
        )
    }

    /// Checks that a closed phase has users, and that all of them have begun before it is over.
    fn crowd(&self, at: &str, phase: &Phase) -> Checked {
        let length = phase.length().get();
        let Some(crowd) = phase.workload.crowd(length) else {
            return Ok(());
        };
        if crowd.users() == 0 {
            return self.refuse(at, "has no users", "give some stage a `to` above 0");
        }
        if phase.workload.hatching() >= length {
            return self.refuse(
                at,
                format!("ends before the last of its {} users has begun", crowd.users()),
                "shorten `hatch-every` or lengthen `duration`",
            );
        }
        Ok(())
    }

    /// Checks that there are enough users for closed phases that run at the same time.
    pub(super) fn crowds(&self, count: u32, load: &LoadPlan) -> Checked {
        for phase in load.phases.iter().filter(|phase| phase.users.is_some()) {
            let beside =
                |other: &&PhasePlan| other.window.start < phase.window.end && phase.window.start < other.window.end;
            let together = load.phases.iter().filter(beside).filter_map(|phase| phase.users);
            // Each alone may be as many as fit in 32 bits.
            let together: u64 = together.map(u64::from).sum();
            if together > u64::from(count) {
                return self.refuse(
                    format!("phase `{}`", phase.name),
                    format!("there are {count} users, and closed phases want {together} at once"),
                    format!("set `users.count` to {together} or more"),
                );
            }
        }
        Ok(())
    }

    /// Checks that there are enough users for the sessions that are under way at once in a replayed record.
    pub(super) fn replay(&self, count: u32, replay: &ReplayLoad) -> Checked {
        let most = replay.users_needed;
        if most <= u64::from(count) {
            return Ok(());
        }
        self.refuse(
            "users.count",
            format!("there are {count} users, and up to {most} sessions of the log are under way at once"),
            format!(
                "use `--set users.count={}` or more, or `--sample` for a part of the sessions",
                // A quarter to spare: the system under test may answer more slowly than the recorded one, and sessions
                // then last longer.
                most + most.div_ceil(4)
            ),
        )
    }

    /// Checks each objective against the indicators, the series and the probes.
    pub(super) fn objectives(&self, objectives: &[Objective], probes: &ProbeSettings, load: &LoadPlan) -> Checked {
        for objective in objectives {
            self.objective(objective, probes, load)?;
        }
        Ok(())
    }

    fn objective(&self, objective: &Objective, probes: &ProbeSettings, load: &LoadPlan) -> Checked {
        let at = format!("objective `{}`", objective.name);
        let refuse = |error: &ObjectiveError| {
            let mut hint = error.hint().unwrap_or_default();
            if load.replay.is_some() && matches!(error, ObjectiveError::NothingSelected { .. }) {
                hint.push_str(
                    "; requests of a log have the tags that a rule file gives them: `--rules FILE` with `api = [\"/api/{rest}\"]` below \
                     `[tags]`, or `as = \"JOURNEY.STEP\"` in a rule",
                );
            }
            self.refuse(&at, error.to_string(), hint)
        };
        let valid = objective.validate_for(load).and_then(|()| objective.indicator());
        let indicator = match valid {
            Ok(indicator) => indicator,
            Err(error) => return refuse(&error),
        };
        // Advisory objectives may be out of reach: their verdicts say so, and nothing hangs on them.
        let reach = indicator.out_of_reach(load, objective, objective.target);
        if let Some(error) = reach.filter(|_| objective.gate) {
            return refuse(&error);
        }
        match indicator.profile().probe {
            Some(probe) if !probes.asks_for(probe) => self.refuse(
                at,
                format!("needs the {probe} probe"),
                format!("add `[probes.{probe}]` to the scenario"),
            ),
            _ => Ok(()),
        }
    }

    /// Refuses a plan that cannot decide a gating objective.
    pub(super) fn expectations(&self, expectations: &[EvidenceExpectation]) -> Checked {
        match expectations
            .iter()
            .find(|expected| expected.gate && !expected.decidable)
        {
            None => Ok(()),
            Some(expected) => Err(ScenarioError::Undecidable {
                path: self.path.clone(),
                objective: expected.objective.clone(),
                samples: expected.samples.unwrap_or(0),
                needed: expected.needed,
            }),
        }
    }
}
