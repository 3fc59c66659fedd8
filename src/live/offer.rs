//! Offered load of a plan: request rates of each phase by path, computed before any load is applied.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::journey::Journey;
use crate::scenario::Plan;
use crate::workload::{PhaseJob, Task};

/// Length of the windows over which arrivals are averaged, so that random bursts do not count as a peak.
const WINDOW_SECONDS: u64 = 5;

/// The load that a plan offers to the front door.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Offer {
    /// Its users.
    pub users: u32,
    /// Its phases, including the users' log-in.
    pub phases: Vec<PhaseOffer>,
}

/// The load that one phase offers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PhaseOffer {
    /// Its name.
    pub name: String,
    /// Its duration.
    pub seconds: f64,
    /// True for a closed workload: users go on as they get their answers, so the rate is not known beforehand.
    pub closed: bool,
    /// Peak rate in requests per second, by path.
    pub requests: BTreeMap<String, f64>,
}

impl Offer {
    /// The load that the plan offers.
    pub fn from_plan(plan: &Plan) -> Self {
        let windows = plan.phases.iter().zip(&plan.summary.load.phases);
        Self {
            users: plan.users.count,
            phases: windows
                .map(|(job, phase)| PhaseOffer {
                    name: job.name.clone(),
                    seconds: phase.window.length().as_secs_f64(),
                    closed: job.crowd.is_some(),
                    requests: requests(plan, job, phase.window.length().as_secs_f64()),
                })
                .collect(),
        }
    }
}

fn requests(plan: &Plan, job: &PhaseJob, seconds: f64) -> BTreeMap<String, f64> {
    let mut requests = BTreeMap::new();
    let peak = peak(job, seconds);
    let mut add = |journey: &Journey, iterations: f64| {
        for (path, most) in journey.paths() {
            *requests.entry(path.clone()).or_default() += iterations * most;
        }
    };
    match &job.task {
        Task::LogIn => {
            let setup = plan.journeys.occasions().user_setup.as_ref();
            let setup = setup.and_then(|name| plan.journeys.get(name));
            plan.journeys
                .sessions()
                .chain(setup)
                .for_each(|journey| add(journey, peak));
        }
        Task::Iterate(_) => {
            for (name, iterations) in job.task.iterations(peak) {
                plan.journeys
                    .get(name)
                    .into_iter()
                    .for_each(|journey| add(journey, iterations));
            }
        }
        Task::Walk(walks) => {
            let starts = walks.starts(job.arrivals.clone());
            for (name, starts) in walks.journeys.iter().zip(starts) {
                let peak = peak_of(starts.into_iter(), seconds);
                plan.journeys
                    .get(name)
                    .into_iter()
                    .for_each(|journey| add(journey, peak));
            }
        }
    }
    requests
}

/// Arrivals per second in the busiest window; the mean if the busiest window is hardly above it.
fn peak(job: &PhaseJob, seconds: f64) -> f64 {
    peak_of(job.arrivals.clone(), seconds)
}

fn peak_of(starts: impl Iterator<Item = Duration>, seconds: f64) -> f64 {
    let mut windows: BTreeMap<u64, u64> = BTreeMap::new();
    let mut count = 0_u64;
    for start in starts {
        count += 1;
        *windows.entry(start.as_secs() / WINDOW_SECONDS).or_default() += 1;
    }
    let busiest = windows.values().max().copied().unwrap_or(0) as f64 / WINDOW_SECONDS as f64;
    let mean = if seconds > 0.0 { count as f64 / seconds } else { 0.0 };
    // A constant rate differs by at most one arrival between whole windows.
    if busiest - mean <= 1.5 / WINDOW_SECONDS as f64 {
        mean
    } else {
        busiest
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::PlanOptions;

    #[test]
    fn the_gates_offer_follows_its_mix() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/gate.toml");
        let offer = Offer::from_plan(&Plan::load(&path, PlanOptions::default()).unwrap());
        assert_eq!(offer.users, 100);
        let names: Vec<&str> = offer.phases.iter().map(|phase| phase.name.as_str()).collect();
        assert_eq!(names, ["log-in", "warm-up", "pages", "steady"]);
        // 100 users in 15 s.
        assert!((offer.phases[0].requests["/api/auth/login"] - 100.0 / 15.0).abs() < 1e-9);
        // 13 arrivals a second, of which 5 of 10.5 walk through the projects and 0.5 log in.
        let steady = &offer.phases[3].requests;
        assert!((steady["/api/auth/login"] - 13.0 * 0.5 / 10.5).abs() < 1e-9);
        // The list alone; paths below a single project are separate.
        assert!((steady["/api/projects"] - 13.0 * 5.0 / 10.5).abs() < 1e-9, "{steady:?}");
        assert!(steady.contains_key("/api/projects/1"), "{steady:?}");
    }
}
