//! Phases laid out in time, and the samples that are expected of them.

use std::time::Duration;

use super::file::LOG_IN_PHASE;
use super::options::PlanOptions;
use super::{Phase, Scenario};
use crate::evidence::{LoadModel, LoadPlan, PhasePlan, PlannedLoad, SeriesPlan};
use crate::journey::{Journey, Journeys, Series, Times};
use crate::probe::ProbeSettings;
use crate::record::Window;
use crate::schedule::{Arrivals, Profile, Spacing};
use crate::stats::spread;
use crate::workload::{Crowd, PhaseJob, Task};

/// Lays the phases out in time. Users without a session log in before all of them.
pub(super) fn lay_out(
    scenario: &Scenario,
    journeys: &Journeys,
    names: &[String],
    seed: u64,
    options: &PlanOptions,
) -> (Vec<PhaseJob>, LoadPlan) {
    let mut layout = Layout::default();
    // Every user is set up in each run, with a kept session or without.
    let sets_up = scenario.users.setup.is_some();
    // A kept session saves the log-in. A set-up of users is made in every run, so nobody is spared then.
    let new = scenario
        .users
        .count
        .saturating_sub(if sets_up { 0 } else { options.logged_in });
    let around = [&scenario.users.setup, &scenario.users.teardown].into_iter().flatten();
    let all: Vec<String> = names.iter().chain(around).cloned().collect();
    if let Some(rate) = scenario
        .users
        .log_in_rate()
        // Without anybody to log in there is no phase for it: an empty one would delay the load.
        .filter(|_| new > 0 && (sets_up || journeys.need_session(&all)))
    {
        let every = scenario.users.log_in_every;
        let length = every.get() * new;
        let window = layout.after(length);
        let arrivals = Arrivals::new(Profile::constant(rate.get(), length), Spacing::Uniform, seed);
        let load = PlannedLoad::LogIn { users: new, every };
        layout.add(
            PhaseJob {
                name: LOG_IN_PHASE.to_owned(),
                start: window.start,
                arrivals,
                crowd: None,
                task: Task::LogIn,
                seed,
            },
            window,
            false,
            load,
        );
    }
    // Starts in the scenario count from the end of the log-ins, whose length depends on the number of users.
    let origin = layout.end;
    let own: &[Phase] = if options.replay.is_some() { &[] } else { &scenario.phase };
    if let Some(replay) = &options.replay {
        let window = layout.after(replay.recorded.length);
        let load = PlannedLoad::Whole(replay.planned());
        layout.add(replay.job(window.start, seed), window, true, load);
    }
    for (index, phase) in own.iter().enumerate() {
        // Each phase draws on a stream of its own, so that changing one leaves the others as they were.
        let seed = seed.wrapping_add(spread(index as u64 + 1));
        let length = phase.length().get();
        let window = match phase.start {
            Some(start) => Window {
                // A phase with a start of its own may overlap others; the next one without follows the end of this one.
                start: origin + start.get(),
                end: origin + start.get() + length,
            },
            None => layout.after(length),
        };
        layout.add(
            PhaseJob {
                name: phase.name.clone(),
                start: window.start,
                arrivals: phase.workload.arrivals(length, seed),
                crowd: phase.workload.crowd(length),
                task: Task::Iterate(scenario.mix(phase)),
                seed,
            },
            window,
            phase.judged,
            planned(phase),
        );
    }
    mark_pages(&mut layout.plans, &scenario.probes);
    let load = LoadPlan {
        timeout: scenario.timeout,
        series: expected_series(journeys, &layout, journeys.series(), |journey| {
            let requests = journey.requests().iter();
            requests.map(|(id, times)| (usize::from(id.0), *times)).collect()
        }),
        transactions: expected_series(journeys, &layout, journeys.transactions(), |journey| {
            journey.transactions().to_vec()
        }),
        phases: layout.plans,
        replay: options.replay.as_ref().map(|replay| replay.facts(journeys)),
    };
    (layout.jobs, load)
}

/// Marks the phase that alone has page loads, if the browser probe names one.
fn mark_pages(plans: &mut [PhasePlan], probes: &ProbeSettings) {
    let during = probes.browser.as_ref().and_then(|browser| browser.during.as_ref());
    for plan in plans {
        plan.pages = during.is_some_and(|during| plan.name == *during);
    }
}

/// The load of a phase as evidence.
fn planned(phase: &Phase) -> PlannedLoad {
    let executor = phase.workload.planned();
    if phase.is_auto() {
        PlannedLoad::UntilDecided {
            executor,
            at_most: phase.length(),
        }
    } else {
        PlannedLoad::Whole(executor)
    }
}

/// Phases as they are laid out in time.
#[derive(Default)]
struct Layout {
    jobs: Vec<PhaseJob>,
    plans: Vec<PhasePlan>,
    /// End of the phase added last.
    end: Duration,
}

impl Layout {
    /// The window of that length after the phase added last.
    fn after(&self, length: Duration) -> Window {
        Window {
            start: self.end,
            end: self.end + length,
        }
    }

    fn add(&mut self, job: PhaseJob, window: Window, judged: bool, load: PlannedLoad) {
        self.end = window.end;
        self.plans.push(PhasePlan {
            name: job.name.clone(),
            judged,
            pages: false,
            window,
            model: if job.crowd.is_some() {
                LoadModel::Closed
            } else {
                LoadModel::Open
            },
            users: job.crowd.as_ref().map(Crowd::users),
            // Counted from a copy with the same seed, so that the plan names exactly the arrivals that will come.
            arrivals: job.arrivals.clone().count() as u64,
            load,
        });
        self.jobs.push(job);
    }
}

/// Samples that the judged phases are expected to yield of one series.
#[derive(Clone, Default)]
struct ExpectedSamples {
    requests: f64,
    least: f64,
    models: Vec<LoadModel>,
}

/// Series with the expected samples of the judged phases, and the load models of those phases. `samples` gives the series of a
/// journey by their position in `known`, with the number of samples that one iteration yields.
fn expected_series(
    journeys: &Journeys,
    layout: &Layout,
    known: &[Series],
    samples: impl Fn(&Journey) -> Vec<(usize, Times)>,
) -> Vec<SeriesPlan> {
    let mut expected = vec![ExpectedSamples::default(); known.len()];
    for (job, plan) in layout.jobs.iter().zip(&layout.plans).filter(|(_, plan)| plan.judged) {
        for (name, iterations) in job.task.iterations(plan.arrivals as f64) {
            for (position, times) in journeys.get(name).into_iter().flat_map(&samples) {
                let expected = &mut expected[position];
                expected.requests += iterations * times.expected;
                // Kept apart from the expectation, because a guarantee about evidence may count only on what is
                // certain.
                expected.least += iterations * times.least;
                if !expected.models.contains(&plan.model) {
                    expected.models.push(plan.model);
                }
            }
        }
    }
    let series = known.iter().zip(expected);
    series
        .map(|(series, expected)| SeriesPlan {
            name: series.name.clone(),
            tags: series.tags.clone(),
            expected: expected.requests,
            least: Some(expected.least).filter(|least| *least < expected.requests),
            models: expected.models,
        })
        .collect()
}
