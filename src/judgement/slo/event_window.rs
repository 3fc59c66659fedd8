//! Windows of planned events, and the evidence inside and outside them.

use std::ops::Range;
use std::time::Duration;

use super::disturbance::{Disturbance, RequestSums, whole_second};
use super::{Objective, Samples, first_latency_objective};
use crate::evidence::Evidence;
use crate::record::{Counters, Recording, SecondCell, SeriesRecord, Timing, Window};

/// Time in which samples are those of a planned event: from its begin to the recovery from it, or to the next event if that comes first.
/// An event from which the run never recovered has no more than its own time, so that what stays broken is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventWindow {
    /// Name of the event.
    pub event: String,
    /// Whole seconds of the run.
    pub seconds: Range<u32>,
}

impl EventWindow {
    /// Windows of all events that began. Recovery is that of the first latency objective over requests, gating ones first; without one,
    /// failures alone count.
    pub fn all(evidence: &Evidence, objectives: &[Objective]) -> Vec<Self> {
        let disturbances = Disturbance::all(evidence);
        if disturbances.is_empty() {
            return Vec::new();
        }
        let objective = first_latency_objective(objectives.iter(), Samples::ResponseTimes);
        let sums = RequestSums::of_objective(evidence, objective);
        let windows = disturbances.iter().map(|disturbance| {
            let own = || {
                let last = if disturbance.followed {
                    disturbance.last
                } else {
                    disturbance.ended
                };
                whole_second(last)
            };
            let end = disturbance.recovered(&sums).unwrap_or_else(own);
            Self {
                event: disturbance.event.name.clone(),
                // An event that took no time has the second in which it happened.
                seconds: disturbance.first..end.max(disturbance.first.saturating_add(1)),
            }
        });
        windows.collect()
    }

    /// The evidence that objectives without `during` are judged on; `None` if no event began, so that it is the whole.
    pub fn calm(evidence: &Evidence, objectives: &[Objective]) -> Option<Evidence> {
        let windows = Self::all(evidence, objectives);
        (!windows.is_empty()).then(|| Self::outside(&windows, evidence))
    }

    /// The evidence without the samples of these windows. Observations that have no times of their own stay whole.
    pub(super) fn outside(windows: &[Self], evidence: &Evidence) -> Evidence {
        let mut calm = evidence.clone();
        calm.left_out = windows.iter().map(|window| window.seconds.clone()).collect();
        let keeps = |second: u32| !windows.iter().any(|window| window.seconds.contains(&second));
        for record in records(&mut calm.recording) {
            retain(record, keeps);
            let stretches = windows
                .iter()
                .filter_map(|window| record.stretch(&window.seconds).cloned());
            for stretch in stretches.collect::<Vec<_>>() {
                // It was counted within the whole, so that the difference cannot be negative.
                let _ = record.timings.get_mut(Timing::Response).subtract(&stretch);
            }
        }
        retain_observations(&mut calm, keeps);
        calm
    }

    /// The evidence with the samples of this window alone, whether their phase is judged or not.
    pub(super) fn inside(&self, evidence: &Evidence) -> Evidence {
        let mut event = evidence.clone();
        let keeps = |second: u32| self.seconds.contains(&second);
        let window = Window {
            start: Duration::from_secs(self.seconds.start.into()),
            end: Duration::from_secs(self.seconds.end.into()),
        };
        // Requests end after their phase, so that phases are not cut but made as long as the window: all that ended in it count.
        for phase in &mut event.plan.phases {
            (phase.window, phase.judged, phase.pages) = (window, true, false);
        }
        for record in records(&mut event.recording) {
            retain(record, keeps);
            record.judged = true;
            let stretch = record.stretch(&self.seconds).cloned();
            let response = record.timings.get_mut(Timing::Response);
            response.reset();
            if let Some(stretch) = stretch {
                let _ = response.add(&stretch);
            }
        }
        retain_observations(&mut event, keeps);
        // What was written before the event is what it can lose.
        for comparison in &mut event.observations.consistency {
            comparison.seconds.retain(|(second, _, _)| *second < self.seconds.end);
        }
        event
    }
}

fn records(recording: &mut Recording) -> impl Iterator<Item = &mut SeriesRecord> {
    recording.series.iter_mut().chain(&mut recording.transactions)
}

/// Keeps those seconds of a record, and counts them anew.
fn retain(record: &mut SeriesRecord, keeps: impl Fn(u32) -> bool) {
    let kept = |cell: &SecondCell| keeps(cell.second);
    record.seconds.retain(kept);
    let mut counters = Counters::new(record.counters.over.len());
    for cell in &record.seconds {
        counters.add(&cell.counters);
    }
    record.counters = counters;
}

/// Keeps the slices of the front door and the page loads of those seconds.
fn retain_observations(evidence: &mut Evidence, keeps: impl Fn(u32) -> bool) {
    let observations = &mut evidence.observations;
    if let Some(door) = &mut observations.front_door {
        door.slices.retain(|slice| keeps(slice.second));
    }
    if let Some(browser) = &mut observations.browser {
        // A load belongs to the second in which it began.
        browser.loads.retain(|load| keeps(whole_second(load.at.floor())));
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::record::Outcome;

    /// An event from second 20 to second 24: requests fail until it ends and are slow for six seconds more.
    fn run() -> fixture::Run {
        let mut run = fixture::Run::new();
        run.event("restart", 20.0, 24.0);
        for second in 10..70 {
            let (outcome, micros) = match second {
                20..24 => (Outcome::ServerError, 1_000),
                24..30 => (Outcome::Success, 200_000),
                _ => (Outcome::Success, 50_000),
            };
            run.requests_at(second, "projects.list", outcome, micros, 20);
            run.slice(second, !(20..24).contains(&second));
        }
        run
    }

    #[test]
    fn a_window_lasts_to_the_recovery_or_the_next_event_or_its_own_end() {
        let objectives = [fixture::response_time()];
        let windows = |run: &fixture::Run| EventWindow::all(&run.evidence(), &objectives);
        let seconds =
            |run: &fixture::Run| -> Vec<Range<u32>> { windows(run).into_iter().map(|window| window.seconds).collect() };
        assert_eq!(seconds(&run()), std::slice::from_ref(&(20..30)));
        let mut two = run();
        two.event("next", 26.0, 27.0);
        assert_eq!(seconds(&two), [20..26, 26..30]);
        let mut broken = fixture::Run::new();
        broken.event("fatal", 20.0, 24.0);
        for second in 10..70 {
            let outcome = if second < 20 {
                Outcome::Success
            } else {
                Outcome::ServerError
            };
            broken.requests_at(second, "projects.list", outcome, 50_000, 20);
        }
        assert_eq!(
            seconds(&broken),
            std::slice::from_ref(&(20..24)),
            "what stays broken is judged"
        );
        assert!(windows(&fixture::Run::new()).is_empty());
    }

    #[test]
    fn inside_and_outside_add_up() {
        let evidence = run().evidence();
        let window = EventWindow::all(&evidence, &[fixture::response_time()]).remove(0);
        let (calm, event) = (
            EventWindow::outside(std::slice::from_ref(&window), &evidence),
            window.inside(&evidence),
        );
        let total = |evidence: &Evidence| evidence.recording.series[0].counters.clone();
        assert_eq!((total(&calm).total(), total(&calm).errors()), (1_000, 0));
        assert_eq!((total(&event).total(), total(&event).errors()), (200, 80));
        let mut sum = total(&calm);
        sum.add(&total(&event));
        assert_eq!(sum, total(&evidence));
        let slices = |evidence: &Evidence| evidence.observations.front_door.as_ref().unwrap().slices.len();
        assert_eq!((slices(&calm), slices(&event)), (50, 10));
        assert_eq!(event.plan.judged_window().length(), Duration::from_secs(10));
        assert!(calm.is_left_out(29) && !calm.is_left_out(30));
    }
}
