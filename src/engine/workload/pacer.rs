//! Turns the arrivals of one phase into iterations.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::rngs::SmallRng;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::job::{PhaseJob, Task};
use super::no_log_in::NoLogIn;
use crate::journey::{Ending, JourneyId, Journeys, VirtualUser};
use crate::record::{LoadTotals, PhaseRecorder, Recorder};
use crate::timer;
use crate::timer::RunClock;

/// Users that are not in the middle of an iteration, longest idle first.
pub(super) type Pool = Rc<RefCell<VecDeque<Box<VirtualUser>>>>;

/// A user that is lent from the pool, to which it returns even if its task is aborted: it may have something to remove.
pub(super) struct Lent {
    /// `None` only while it is dropped.
    user: Option<Box<VirtualUser>>,
    pool: Pool,
}

impl Lent {
    pub(super) fn new(user: Box<VirtualUser>, pool: &Pool) -> Self {
        Self {
            user: Some(user),
            pool: Rc::clone(pool),
        }
    }

    pub(super) fn user(&mut self) -> Option<&mut VirtualUser> {
        self.user.as_deref_mut()
    }

    /// The user, who does not return to the pool.
    pub(super) fn keep(mut self) -> Option<Box<VirtualUser>> {
        self.user.take()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.pool.borrow_mut().extend(self.user.take());
    }
}

/// State that the pacers of a run share; everything lives on the load thread.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) clock: RunClock,
    pub(super) journeys: Arc<Journeys>,
    pub(super) pool: Pool,
    pub(super) recorder: Rc<RefCell<Recorder>>,
    pub(super) stop: CancellationToken,
    pub(super) enough: CancellationToken,
    pub(super) no_log_in: NoLogIn,
}

/// One phase under way, or over but for iterations that have not finished.
pub(super) struct Pacer {
    shared: Shared,
    phase: usize,
    totals: LoadTotals,
    ended: Rc<Ended>,
    running: JoinSet<()>,
}

#[derive(Default)]
struct Ended {
    completed: Cell<u64>,
    failed: Cell<u64>,
}

impl Ended {
    fn count(&self, ending: Ending) {
        let cell = match ending {
            Ending::Completed => &self.completed,
            Ending::Failed | Ending::Exhausted => &self.failed,
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
    pub(super) fn new(shared: Shared, phase: usize, name: String) -> Self {
        Self {
            shared,
            phase,
            totals: LoadTotals {
                phase: name,
                ..LoadTotals::default()
            },
            ended: Rc::default(),
            running: JoinSet::new(),
        }
    }

    /// Starts every arrival at its intended instant; returns when the last has been started or the run is stopped.
    pub(super) async fn pace(&mut self, job: PhaseJob) {
        let mut random = SmallRng::seed_from_u64(job.seed);
        let logging_in = job.task == Task::LogIn;
        let choice = Choice::new(job.task, &self.shared.journeys);
        let stop = self.shared.stop.clone();
        let mut stopped = pin!(stop.cancelled());
        let enough = self.shared.enough.clone();
        let mut ended = pin!(enough.cancelled());
        for offset in job.arrivals {
            let intended = self.shared.clock.at(job.start + offset);
            if !stop.is_cancelled() && intended > timer::now() {
                tokio::select! {
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
            self.totals.planned += 1;
            if stop.is_cancelled() {
                self.totals.dropped += 1;
                continue;
            }
            while self.running.try_join_next().is_some() {}
            self.start(choice.draw(&mut random), intended);
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
        if failed > 0 && self.ended.completed.get() == 0 && !self.shared.stop.is_cancelled() {
            self.shared.no_log_in.note(self.shared.clock.now());
            self.shared.enough.cancel();
        }
    }

    /// Starts an iteration with an idle user, or only its log-in without a journey. The arrival is dropped if no user is idle.
    fn start(&mut self, journey: Option<JourneyId>, intended: Instant) {
        let Some(user) = self.shared.pool.borrow_mut().pop_front() else {
            self.totals.dropped += 1;
            return;
        };
        let mut lent = Lent::new(user, &self.shared.pool);
        self.totals.started += 1;
        let Shared {
            journeys,
            recorder,
            enough,
            ..
        } = self.shared.clone();
        let (ended, phase) = (Rc::clone(&self.ended), self.phase);
        self.running.spawn_local(async move {
            let recorder = PhaseRecorder::new(&recorder, phase);
            let Some(user) = lent.user() else { return };
            let ending = match journey {
                Some(id) => user.iterate(journeys.of(id), intended, &recorder).await,
                None => user.log_in(intended, &recorder).await,
            };
            ended.count(ending);
            if ending == Ending::Exhausted {
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
        totals.interrupted = totals.started - totals.completed - totals.failed;
        totals
    }
}
