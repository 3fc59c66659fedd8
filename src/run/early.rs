//! Ends a run early once the evidence is sufficient: `duration = "auto"`, `--abort-on-miss`, and clear steps of a search.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::budget::BudgetGuard;
use super::options::RunOptions;
use crate::evidence::{Accept, Decision, EarlyEnd};
use crate::record::SecondCounts;
use crate::scenario::Plan;
use crate::slo::{Objective, Sequential, follows};

/// Judged seconds for an objective whose number of samples is not known before the run.
const UNKNOWN: f64 = 30.0;
/// Factor on the least evidence for an objective that cannot be followed during the run.
const MARGIN: f64 = 2.0;

/// Observes a run that may end early.
pub(super) struct EarlyEndMonitor {
    /// Cancelled to end the load: the evidence is sufficient, or the user stopped the run.
    pub(super) enough: CancellationToken,
    /// Channel to which the collector sends each second; `None` if the run cannot end early.
    pub(super) follow: Option<UnboundedSender<SecondCounts>>,
    watching: Option<JoinHandle<Option<EarlyEnd>>>,
}

impl EarlyEndMonitor {
    /// Starts observing if the plan or the options request it.
    pub(super) fn watch(plan: &Plan, options: &RunOptions) -> Self {
        // A child: the user's stop ends the load as well, and an early end is not mistaken for a stop by the user.
        let enough = options.stop.child_token();
        // Before a run is over nobody knows which samples are those of a planned event: none is decided early beside events.
        if let Some(guard) = BudgetGuard::new(plan, options.accept, enough.clone()) {
            let (follow, seconds) = unbounded_channel();
            return Self {
                enough,
                follow: Some(follow),
                watching: Some(tokio::spawn(guard.run(seconds))),
            };
        }
        let asked = plan.auto || options.abort_on_miss || options.when_clear;
        if !asked || !plan.events.is_empty() {
            return Self {
                enough,
                follow: None,
                watching: None,
            };
        }
        let limits: Vec<u64> = plan.request_limits().iter().map(|span| span.as_micros()).collect();
        let summary = &plan.summary;
        let watcher = Watcher {
            following: Sequential::new(&summary.objectives, &summary.load, &limits, options.accept),
            accept: options.accept,
            patience: plan
                .auto
                .then(|| patience(plan, |objective, judged| follows(objective, options.accept, judged))),
            when_clear: options
                .when_clear
                .then(|| patience(plan, |objective, _| Sequential::covers(objective))),
            abort_on_miss: options.abort_on_miss,
            enough: enough.clone(),
        };
        let (follow, seconds) = unbounded_channel();
        Self {
            enough,
            follow: Some(follow),
            watching: Some(tokio::spawn(watcher.run(seconds))),
        }
    }

    /// The early end and its decisions; `None` if the run did not end early. The collector must have ended.
    pub(super) async fn ended(self) -> Option<EarlyEnd> {
        // Without a sender the watcher's loop ends.
        drop(self.follow);
        self.watching?.await.ok().flatten()
    }
}

/// Least judged time of a run, for the gating objectives that are not `followed` during it, as the function tells of an objective
/// and the judged seconds. An objective on a share of samples
/// whose number is expected gets [`MARGIN`] times the least evidence for a pass, any other [`UNKNOWN`] seconds. An objective
/// whose window ends before the judged one needs no time.
fn patience(plan: &Plan, followed: impl Fn(&Objective, f64) -> bool) -> Duration {
    let window = plan.summary.load.judged_window();
    let (start, judged) = (window.start, window.length().as_secs_f64());
    let objectives = plan.summary.objectives.iter().zip(&plan.summary.expectations);
    let seconds = objectives
        .filter(|(objective, _)| objective.gate)
        .map(|(objective, expected)| {
            let window = objective
                .indicator()
                .map(|indicator| indicator.window(&plan.summary.load));
            let before = window.is_ok_and(|window| window.end <= start);
            if before || followed(objective, judged) {
                return 0.0;
            }
            // The number of samples that a mean needs depends on their variance.
            let samples = expected.samples.filter(|samples| *samples > 0 && objective.by_share());
            samples.map_or(UNKNOWN, |samples| {
                MARGIN * expected.needed as f64 / samples as f64 * judged
            })
        });
    Duration::from_secs_f64(seconds.fold(0.0, f64::max).clamp(0.0, judged))
}

struct Watcher {
    following: Sequential,
    accept: Accept,
    /// Under `duration = "auto"`: the least judged time.
    patience: Option<Duration>,
    abort_on_miss: bool,
    /// If the run ends when its answer is clear: the least judged time before it is clear that all is met.
    when_clear: Option<Duration>,
    enough: CancellationToken,
}

impl Watcher {
    async fn run(mut self, mut seconds: UnboundedReceiver<SecondCounts>) -> Option<EarlyEnd> {
        let mut ended = None;
        while let Some(counts) = seconds.recv().await {
            let second = counts.second;
            // Received and dropped: the collector goes on sending until the load has ended.
            if ended.is_some() || self.enough.is_cancelled() {
                continue;
            }
            self.following.add(counts);
            let settled = self.following.settled();
            let missed = settled.iter().any(|settled| settled.decision == Decision::Missed);
            let patient = |patience: Duration| self.following.judged_seconds() >= patience.as_secs();
            let complete = || self.patience.is_some_and(patient) && self.following.complete(&settled);
            if missed && (self.abort_on_miss || self.patience.is_some()) || complete() || self.is_clear() {
                self.enough.cancel();
                ended = Some(EarlyEnd {
                    at: f64::from(second) + 1.0,
                    accept: self.accept,
                    settled,
                    no_log_in: false,
                    exhausted: false,
                    burnt: None,
                });
            }
        }
        ended
    }

    fn is_clear(&self) -> bool {
        let Some(least) = self.when_clear else { return false };
        match self.following.clear() {
            Some(Decision::Missed) => true,
            Some(_) => self.following.judged_seconds() >= least.as_secs(),
            None => false,
        }
    }
}

// The simulated clock is compiled with debug assertions only.
#[cfg(debug_assertions)]
#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::record::{CollectorSettings, Outcome, Parts, Sample, SeriesId, ThreadlessCollector};
    use crate::scenario::PlanOptions;
    use crate::timer::{self, RunClock, simulated};

    /// The gate, long enough for clear cases to be decided before its end.
    fn long() -> Plan {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/gate.toml");
        let options = PlanOptions {
            overrides: vec![("phase.steady.duration".to_owned(), "300s".to_owned())],
            ..PlanOptions::default()
        };
        Plan::load(&path, options).unwrap()
    }

    /// The judged time at which a run ends, with 50 requests a second from the judged phase on that each take `response`; at
    /// most three minutes. `patience` and `abort_on_miss` are those of the watcher.
    fn ends(response: Duration, patience: Option<Duration>, abort_on_miss: bool) -> (Duration, Option<EarlyEnd>) {
        ends_if(response, patience, abort_on_miss, None)
    }

    /// The same for a watcher with that `when_clear`.
    fn ends_if(
        response: Duration,
        patience: Option<Duration>,
        abort_on_miss: bool,
        when_clear: Option<Duration>,
    ) -> (Duration, Option<EarlyEnd>) {
        let plan = long();
        let (load, objectives) = (&plan.summary.load, &plan.summary.objectives);
        let limits: Vec<u64> = plan.request_limits().iter().map(|span| span.as_micros()).collect();
        let judged = load.phases.iter().position(|phase| phase.judged).unwrap();
        let folder = tempfile::tempdir().unwrap();
        simulated::simulate(async {
            let clock = RunClock::starting_in(Duration::ZERO);
            let settings = CollectorSettings {
                transactions: Vec::new(),
                followed: Vec::new(),
                origin: clock.origin(),
                wall: clock.wall(),
                limits: limits.clone(),
                phases: load
                    .phases
                    .iter()
                    .map(|phase| (phase.name.clone(), phase.judged))
                    .collect(),
                series: load.series.iter().map(|series| series.name.clone()).collect(),
                folder: folder.path().to_owned(),
            };
            let (follow, seconds) = unbounded_channel();
            let (mut merging, mut recorder) = ThreadlessCollector::with_followers(settings, follow).unwrap();
            let enough = CancellationToken::new();
            let watcher = Watcher {
                following: Sequential::new(objectives, load, &limits, Accept::Target),
                accept: Accept::Target,
                patience,
                abort_on_miss,
                when_clear,
                enough: enough.clone(),
            };
            let watching = tokio::task::spawn_local(watcher.run(seconds));
            let start = load.judged_window().start;
            let api = load
                .series
                .iter()
                .position(|series| series.tags.iter().any(|tag| tag == "api"));
            let series = SeriesId(u16::try_from(api.unwrap()).unwrap());
            for number in 0..=9_000 {
                let finished = clock.at(start + Duration::from_millis(20) * number);
                tokio::select! {
                    biased;
                    () = enough.cancelled() => break,
                    () = timer::sleep_until(finished) => {}
                }
                recorder.record(
                    judged,
                    &Sample {
                        series,
                        intended: finished.checked_sub(response).unwrap(),
                        sent: finished.checked_sub(response).unwrap(),
                        finished,
                        outcome: Outcome::Success,
                        status: None,
                        bytes: 0,
                        parts: Parts::default(),
                    },
                );
                merging.merge().unwrap();
            }
            let took = clock.now().saturating_sub(start);
            drop((recorder, merging));
            (took, watching.await.unwrap())
        })
    }

    #[test]
    fn a_miss_ends_the_run_at_the_very_second_that_shows_it() {
        let slow = Duration::from_secs(5);
        let (took, ended) = ends(slow, None, true);
        // Nothing is decided in fewer than ten judged seconds.
        assert_eq!(took, Duration::from_secs(10));
        let ended = ended.unwrap();
        assert!(ended.settled.iter().any(|settled| settled.decision == Decision::Missed));
        let start = long().summary.load.judged_window().start;
        assert_eq!(Duration::from_secs_f64(ended.at), start + took);
        // Under `duration = "auto"` as well, but not if neither was requested.
        assert_eq!(ends(slow, Some(Duration::from_secs(60)), false).0, took);
        let (whole, ended) = ends(slow, None, false);
        assert_eq!((whole, ended), (Duration::from_secs(180), None));
    }

    #[test]
    fn a_pass_ends_the_run_once_all_is_decided_and_the_least_time_is_over() {
        let fast = Duration::from_millis(1);
        let (decided, ended) = ends(fast, Some(Duration::ZERO), false);
        assert!(
            decided < Duration::from_secs(150) && decided.subsec_nanos() == 0,
            "{decided:?}"
        );
        let ended = ended.unwrap();
        assert_eq!(ended.of("API response time").unwrap().decision, Decision::Met);
        let longer = decided + Duration::from_secs(13);
        assert_eq!(ends(fast, Some(longer), false).0, longer);
        // A miss alone would end it.
        assert_eq!(ends(fast, None, true).1, None);
    }

    #[test]
    fn a_clear_step_of_a_search_ends_in_seconds_whichever_way_it_is_clear() {
        let step = |response, least| ends_if(response, None, false, Some(Duration::from_secs(least)));
        let (slow, fast) = (Duration::from_secs(5), Duration::from_millis(1));
        assert_eq!(step(slow, 0).0, Duration::from_secs(10));
        // The least time is for objectives that are judged at the end: a miss need not wait for them.
        assert_eq!(step(slow, 60).0, Duration::from_secs(10));
        let (took, ended) = step(fast, 0);
        // 3,000 requests without an error show an error rate below 0.1 %.
        assert!(took <= Duration::from_secs(61) && ended.is_some(), "{took:?}");
        assert_eq!(step(fast, 90).0, Duration::from_secs(90));
    }

    #[test]
    fn pages_that_were_judged_before_keep_no_run_waiting() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/gate.toml");
        let patience = |more: &[(&str, &str)]| {
            // Objective 2 is the database's, whose number of samples is not known before the run.
            let fixed = [
                ("phase.steady.duration", "auto"),
                ("phase.steady.at-most", "300s"),
                ("objective.2.gate", "false"),
                ("objective.4.gate", "false"),
            ];
            let overrides = fixed.iter().chain(more);
            let options = PlanOptions {
                overrides: overrides
                    .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                    .collect(),
                ..PlanOptions::default()
            };
            let followed = |objective: &Objective, judged| follows(objective, Accept::Target, judged);
            patience(&Plan::load(&path, options).unwrap(), followed).as_secs()
        };
        assert_eq!(patience(&[]), 0);
        // Twice the 11 loads that p75 takes, one every 2.5 s.
        assert_eq!(patience(&[("probes.browser.during", "steady")]), 55);
    }
}
