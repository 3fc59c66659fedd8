//! Turns the arrivals of one phase into iterations.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::rngs::SmallRng;
use tokio::task::JoinSet;

use super::job::{PhaseJob, Task};
use super::session_replay::SessionReplay;
use super::shared::{BorrowedUser, PacerState};
use crate::journey::{IterationEnd, JourneyId, Journeys};
use crate::record::{LoadTotals, PhaseRecorder};
use crate::timer;

/// One phase under way, or over but for iterations that have not finished.
pub(super) struct Pacer {
    shared: PacerState,
    phase: usize,
    totals: LoadTotals,
    ended: Rc<EndCounts>,
    running: JoinSet<()>,
    /// The recorded sessions of the phase, if its arrivals walk such.
    walking: Option<Rc<SessionReplay>>,
}

#[derive(Default)]
struct EndCounts {
    completed: Cell<u64>,
    failed: Cell<u64>,
}

impl EndCounts {
    fn count(&self, ending: IterationEnd) {
        let cell = match ending {
            IterationEnd::Completed => &self.completed,
            IterationEnd::Failed | IterationEnd::Exhausted => &self.failed,
        };
        cell.set(cell.get() + 1);
    }
}

/// Task of an arrival, with the weights of the mix prepared.
enum Choice {
    LogIn,
    Iterate {
        journeys: Vec<JourneyId>,
        weights: WeightedIndex<f64>,
    },
}

impl Choice {
    fn new(task: Task, known: &Journeys) -> Self {
        let Task::Iterate(mix) = task else { return Self::LogIn };
        let mix = mix
            .into_iter()
            .filter_map(|(name, weight)| Some((known.find(&name)?, weight)));
        let (journeys, weights): (Vec<_>, Vec<_>) = mix.unzip();
        match WeightedIndex::new(weights) {
            Ok(weights) => Self::Iterate { journeys, weights },
            // The scenario refuses a mix without weight.
            Err(_) => Self::LogIn,
        }
    }

    fn draw(&self, random: &mut SmallRng) -> Option<JourneyId> {
        match self {
            Self::LogIn => None,
            Self::Iterate { journeys, weights } => journeys.get(weights.sample(random)).copied(),
        }
    }
}

impl Pacer {
    pub(super) fn new(shared: PacerState, phase: usize, name: String) -> Self {
        Self {
            shared,
            phase,
            totals: LoadTotals {
                phase: name,
                ..LoadTotals::default()
            },
            ended: Rc::default(),
            running: JoinSet::new(),
            walking: None,
        }
    }

    /// Starts every arrival at its intended instant; returns when the last has been started or the run is stopped.
    pub(super) async fn pace(&mut self, job: PhaseJob) {
        let mut random = SmallRng::seed_from_u64(job.seed);
        let logging_in = job.task == Task::LogIn;
        if let Task::Walk(recorded) = &job.task {
            self.walking = Some(Rc::new(SessionReplay::new(Arc::clone(recorded), &self.shared.journeys)));
        }
        let choice = Choice::new(job.task, &self.shared.journeys);
        let stop = self.shared.stop.clone();
        let mut stopped = pin!(stop.cancelled());
        let enough = self.shared.enough.clone();
        let mut ended = pin!(enough.cancelled());
        for (arrival, offset) in job.arrivals.enumerate() {
            let intended = self.shared.clock.at(job.start + offset);
            // An arrival that is already due is started at once: its delay is part of its response time.
            if !stop.is_cancelled() && intended > timer::now() {
                tokio::select! {
                    // Polled in this order: choosing one at random, as `select` does by default, would cost every
                    // arrival a random number.
                    biased;
                    () = timer::sleep_until(intended) => {}
                    () = &mut stopped => {}
                    () = &mut ended => {}
                }
            }
            // A stop by the user cancels `enough` as well; then the rest of the plan counts as dropped.
            if enough.is_cancelled() && !stop.is_cancelled() {
                break;
            }
            // Counted as the schedule yields it: the identity planned = started + dropped is checked at the end of
            // every run.
            self.totals.planned += 1;
            if let Some(walking) = &self.walking {
                walking.plan(arrival);
            }
            if stop.is_cancelled() {
                self.totals.dropped += 1;
                continue;
            }
            // Finished tasks are collected here, or the set would hold one for every arrival of the run.
            while self.running.try_join_next().is_some() {}
            match self.walking.clone() {
                Some(walking) => self.start_walk(walking, arrival, intended),
                None => self.start(choice.draw(&mut random), intended),
            }
        }
        if let Some(walking) = self.walking.clone() {
            let end = self.shared.clock.at(job.start + walking.length());
            // Sessions go on to the end of the phase; the grace period begins there.
            tokio::select! {
                biased;
                () = &mut stopped => {}
                () = &mut ended => {}
                () = timer::sleep_until(end) => {}
                () = self.drain() => {}
            }
        }
        if logging_in && !enough.is_cancelled() {
            self.end_without_log_in().await;
        }
    }

    /// Ends the load if every log-in failed: without a session no user could send what the scenario is about. Where users are set
    /// up, each of them has to be.
    async fn end_without_log_in(&mut self) {
        self.drain().await;
        let failed = self.ended.failed.get();
        if failed > 0 && self.shared.journeys.occasions().user_setup.is_some() && !self.shared.stop.is_cancelled() {
            self.shared.no_log_in.note_set_up(failed);
            self.shared.enough.cancel();
            return;
        }
        // A single log-in may fail like any request; the failure of all leaves nobody to apply the load.
        if failed > 0 && self.ended.completed.get() == 0 && !self.shared.stop.is_cancelled() {
            self.shared.no_log_in.note(self.shared.clock.now());
            self.shared.enough.cancel();
        }
    }

    /// Starts an iteration with an idle user, or only its log-in without a journey. The arrival is dropped if no user is idle.
    fn start(&mut self, journey: Option<JourneyId>, intended: Instant) {
        // The user that is idle for the longest comes first, so that all of them take part. A dropped arrival is
        // counted and never queued: a queue would turn the open model into a closed one.
        let Some(user) = self.shared.pool.borrow_mut().pop_front() else {
            self.totals.dropped += 1;
            return;
        };
        let mut lent = BorrowedUser::new(user, &self.shared.pool);
        self.totals.started += 1;
        let PacerState {
            journeys,
            recorder,
            enough,
            ..
        } = self.shared.clone();
        let (ended, phase) = (Rc::clone(&self.ended), self.phase);
        // Local tasks: users, connections and the recorder live on the load thread and need no locks.
        self.running.spawn_local(async move {
            let recorder = PhaseRecorder::new(&recorder, phase);
            let Some(user) = lent.user() else { return };
            let ending = match journey {
                Some(id) => user.iterate(journeys.of(id), intended, &recorder).await,
                None => user.log_in(intended, &recorder).await,
            };
            ended.count(ending);
            if ending == IterationEnd::Exhausted {
                enough.cancel();
            }
        });
    }

    /// Starts a recorded session with an idle user. The arrival is dropped if no user is idle.
    fn start_walk(&mut self, walking: Rc<SessionReplay>, arrival: usize, intended: Instant) {
        // A recorded session that finds no idle user is dropped, as an arrival is.
        let Some(user) = self.shared.pool.borrow_mut().pop_front() else {
            self.totals.dropped += 1;
            return;
        };
        let lent = BorrowedUser::new(user, &self.shared.pool);
        self.totals.started += 1;
        let (ended, phase, shared) = (Rc::clone(&self.ended), self.phase, self.shared.clone());
        let enough = shared.enough.clone();
        self.running.spawn_local(async move {
            let Some(ending) = walking.walk(arrival, lent, intended, shared, phase).await else {
                return;
            };
            ended.count(ending);
            if ending == IterationEnd::Exhausted {
                enough.cancel();
            }
        });
    }

    /// Lets iterations under way finish.
    pub(super) async fn drain(&mut self) {
        while self.running.join_next().await.is_some() {}
    }

    /// Ends iterations that still run and returns the totals.
    pub(super) async fn close(mut self) -> LoadTotals {
        self.running.shutdown().await;
        let mut totals = self.totals;
        totals.completed = self.ended.completed.get();
        totals.failed = self.ended.failed.get();
        // What was cut off by the shutdown could not count itself.
        totals.interrupted = totals.started - totals.completed - totals.failed;
        totals.walked = self.walking.map(|walking| walking.totals());
        totals
    }
}
