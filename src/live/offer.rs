//! Offered load of a plan: request rates of each phase by path, computed before any load is applied.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::journey::Journey;
use crate::scenario::Plan;
use crate::workload::{PhaseJob, RecordedSessions, Task};

/// Length of the windows over which arrivals are averaged, so that random bursts do not count as a peak.
const WINDOW_SECONDS: u64 = 5;

/// Seconds that an answer is taken to last where requests follow each other, before any was measured: longer answers spread a
/// user's requests further.
const ANSWER_SECONDS: f64 = 0.05;
/// Most arrivals of a phase that are kept.
const MOST_ARRIVALS: usize = 100_000;
/// Inverse of the golden ratio: its multiples modulo 1 spread evenly (Weyl 1916), so that the mix has its shares at all times.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

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
    /// Kinds of iterations.
    pub kinds: Vec<IterationOffer>,
    /// Starts of iterations in seconds since its start, at most 100,000, each with the index of its kind.
    pub arrivals: Vec<(f64, usize)>,
}

/// The requests of one iteration of a journey.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IterationOffer {
    /// Seconds over which they are spread: think times, and the answers that are waited for.
    pub seconds: f64,
    /// Paths, each with the greatest number of its requests.
    pub paths: Vec<(String, f64)>,
}

impl Offer {
    /// The load that the plan offers.
    pub fn from_plan(plan: &Plan) -> Self {
        let windows = plan.phases.iter().zip(&plan.summary.load.phases);
        Self {
            users: plan.users.count,
            phases: windows
                .map(|(job, phase)| {
                    let seconds = phase.window.length().as_secs_f64();
                    if let Task::Walk(walks) = &job.task {
                        return walked(plan, job, walks, seconds);
                    }
                    let journeys = journeys(plan, job);
                    PhaseOffer {
                        name: job.name.clone(),
                        seconds,
                        closed: job.crowd.is_some(),
                        requests: requests(&journeys, peak(job, seconds)),
                        kinds: journeys.iter().map(|(journey, _)| kind(journey)).collect(),
                        arrivals: arrivals(&journeys, job),
                    }
                })
                .collect(),
        }
    }
}

/// Journeys of a phase, each with the share of arrivals that walk through it. Every arrival of a log-in phase walks through all.
fn journeys<'a>(plan: &'a Plan, job: &PhaseJob) -> Vec<(&'a Journey, f64)> {
    match &job.task {
        Task::LogIn => {
            let setup = plan.journeys.occasions().user_setup.as_ref();
            let setup = setup.and_then(|name| plan.journeys.get(name));
            let sessions = plan.journeys.everyones_sessions().chain(setup);
            sessions.map(|journey| (journey, 1.0)).collect()
        }
        Task::Iterate(mix) => {
            let weights: f64 = mix.iter().map(|(_, weight)| weight).sum();
            let weighed = mix.iter().filter(|(_, weight)| *weight > 0.0);
            weighed
                .filter_map(|(name, weight)| Some((plan.journeys.get(name)?, weight / weights)))
                .collect()
        }
        // Its requests are known one by one.
        Task::Walk(_) => Vec::new(),
    }
}

/// The offer of a phase that walks recorded sessions, whose requests are known one by one.
fn walked(plan: &Plan, job: &PhaseJob, walks: &RecordedSessions, seconds: f64) -> PhaseOffer {
    let mut offer = PhaseOffer {
        name: job.name.clone(),
        seconds,
        ..PhaseOffer::default()
    };
    for (name, starts) in walks.journeys.iter().zip(walks.starts(job.arrivals.clone())) {
        let Some(journey) = plan.journeys.get(name) else {
            continue;
        };
        let peak = peak_of(starts.iter().copied(), seconds);
        for (path, most) in journey.paths() {
            *offer.requests.entry(path.clone()).or_default() += peak * most;
        }
        let index = offer.kinds.len();
        offer.kinds.push(kind(journey));
        offer
            .arrivals
            .extend(starts.iter().map(|start| (start.as_secs_f64(), index)));
    }
    // Sorted before they are cut, so that the beginning of the phase stays whole.
    offer.arrivals.sort_by(|one, other| one.0.total_cmp(&other.0));
    offer.arrivals.truncate(MOST_ARRIVALS);
    offer
}

fn requests(journeys: &[(&Journey, f64)], peak: f64) -> BTreeMap<String, f64> {
    let mut requests = BTreeMap::new();
    for (journey, share) in journeys {
        for (path, most) in journey.paths() {
            *requests.entry(path.clone()).or_default() += peak * share * most;
        }
    }
    requests
}

fn kind(journey: &Journey) -> IterationOffer {
    let answers: f64 = journey.paths().iter().map(|(_, most)| most).sum();
    IterationOffer {
        seconds: journey.thinking() + ANSWER_SECONDS * answers,
        paths: journey.paths().to_vec(),
    }
}

/// Arrivals of a phase, each with the index of the journey that it walks through.
fn arrivals(journeys: &[(&Journey, f64)], job: &PhaseJob) -> Vec<(f64, usize)> {
    let starts = job
        .arrivals
        .clone()
        .take(MOST_ARRIVALS)
        .map(|start| start.as_secs_f64());
    if matches!(job.task, Task::LogIn) {
        // At a log-in a user walks every session of its journeys.
        return starts
            .flat_map(|start| (0..journeys.len()).map(move |index| (start, index)))
            .collect();
    }
    let chosen = |number: usize| {
        let mut left = (number as f64 * GOLDEN).fract();
        let found = journeys.iter().position(|(_, share)| {
            left -= share;
            left < 0.0
        });
        found.unwrap_or(journeys.len().saturating_sub(1))
    };
    starts
        .enumerate()
        .map(|(number, start)| (start, chosen(number)))
        .collect()
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
        let steady = &offer.phases[3];
        assert!((steady.arrivals.len() as f64 - 13.0 * steady.seconds).abs() <= 1.0);
        // The mix has its shares at all times.
        for part in steady.arrivals.chunks_exact(210) {
            let logs_in = part
                .iter()
                .filter(|(_, kind)| steady.kinds[*kind].paths[0].0 == "/api/auth/login");
            assert!((9..=11).contains(&logs_in.count()));
        }
        assert!(steady.kinds.iter().all(|kind| kind.seconds > 0.0));
    }
}
