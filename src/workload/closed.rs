//! A closed phase: goose's users walk our journeys.
//!
//! Goose asks for transactions that could move between threads, which nothing here can: a user has its connection, the
//! recorder its cells. But goose runs on the load thread's own runtime, and so its tasks never leave that thread.
//! `SendWrapper` states it and checks it, and no iteration is handed from one task to another.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::rngs::SmallRng;
use send_wrapper::SendWrapper;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::crowd::Stay;
use super::engine::{PhaseJob, Task};
use super::pacer::Shared;
use super::{Crowd, WorkloadError, attack};
use crate::journey::{Ending, VirtualUser};
use crate::record::{LoadTotals, PhaseRecorder};

/// How soon a place looks again for a user where all are busy elsewhere.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// One closed phase under way, or over but for iterations that have not finished.
pub(super) struct Closed {
    crowd: Crowd,
    end: Instant,
    crew: Rc<Crew>,
}

/// What goose's users of a phase share; everything lives on the load thread.
struct Crew {
    shared: Shared,
    phase: usize,
    name: String,
    start: Instant,
    journeys: Vec<String>,
    weights: Option<WeightedIndex<f64>>,
    places: RefCell<Vec<Place>>,
    /// Cancelled when no further iteration may begin.
    over: CancellationToken,
    /// Cancelled when those under way must end.
    halt: CancellationToken,
    started: Cell<u64>,
    completed: Cell<u64>,
    failed: Cell<u64>,
    running: Cell<u64>,
    quiet: Notify,
}

/// What belongs to one of goose's users.
struct Place {
    /// When it is there, the first stay last.
    stays: Vec<Stay>,
    /// Draws its journeys.
    random: SmallRng,
    user: Option<Box<VirtualUser>>,
}

/// Counts an iteration as running for as long as it exists.
struct Running<'a>(&'a Crew);

impl<'a> Running<'a> {
    fn new(crew: &'a Crew) -> Self {
        crew.started.set(crew.started.get() + 1);
        crew.running.set(crew.running.get() + 1);
        Self(crew)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get() - 1);
        if self.0.running.get() == 0 {
            self.0.quiet.notify_waiters();
        }
    }
}

impl Closed {
    pub(super) fn new(shared: Shared, phase: usize, job: &PhaseJob, crowd: Crowd) -> Self {
        let (journeys, weights): (Vec<_>, Vec<_>) = match &job.task {
            Task::Iterate(mix) => mix.iter().cloned().unzip(),
            Task::LogIn => (Vec::new(), Vec::new()),
        };
        let places = (0..crowd.users()).map(|number| Place {
            stays: crowd.stays(number).into_iter().rev().collect(),
            random: SmallRng::seed_from_u64(job.seed ^ (u64::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            user: None,
        });
        let start = shared.clock.at(job.start);
        let crew = Crew {
            phase,
            name: job.name.clone(),
            start,
            journeys,
            weights: WeightedIndex::new(weights).ok(),
            places: RefCell::new(places.collect()),
            over: CancellationToken::new(),
            halt: CancellationToken::new(),
            started: Cell::default(),
            completed: Cell::default(),
            failed: Cell::default(),
            running: Cell::default(),
            quiet: Notify::new(),
            shared,
        };
        Self {
            end: start + crowd.length(),
            crowd,
            crew: Rc::new(crew),
        }
    }

    /// Lets goose's users iterate until the phase is over or the run is stopped.
    pub(super) async fn pace(&mut self) -> Result<(), WorkloadError> {
        let crew = SendWrapper::new(Rc::clone(&self.crew));
        let failed = |source| WorkloadError::Goose {
            phase: self.crew.name.clone(),
            source: Box::new(source),
        };
        let attack = attack::attack(&self.crowd, self.crew.start, move |user| {
            let crew = Rc::clone(&crew);
            Box::pin(SendWrapper::new(async move {
                let place = user.weighted_users_index;
                if !crew.turn(place).await {
                    // The way to leave that goose leaves open: a user ends after so many iterations.
                    user.config.iterations = Some(1);
                }
                Ok(())
            }))
        });
        let attack = attack.map_err(failed)?;
        let outcome = tokio::select! {
            biased;
            () = self.crew.shared.stop.cancelled() => Ok(()),
            () = tokio::time::sleep_until(self.end.into()) => Ok(()),
            // It looks up twice a second only and goes on until it is dropped.
            ended = Box::pin(attack.execute()) => match ended {
                Ok(_) => Err(WorkloadError::GooseEnded(self.crew.name.clone())),
                Err(source) => Err(failed(source)),
            },
        };
        self.crew.end();
        outcome
    }

    /// Lets iterations under way finish.
    pub(super) async fn drain(&mut self) {
        while self.crew.running.get() > 0 {
            self.crew.quiet.notified().await;
        }
    }

    /// Ends what still runs and draws up the totals.
    pub(super) async fn close(mut self) -> LoadTotals {
        self.crew.halt.cancel();
        self.drain().await;
        let (started, completed, failed) = (
            self.crew.started.get(),
            self.crew.completed.get(),
            self.crew.failed.get(),
        );
        LoadTotals {
            phase: self.crew.name.clone(),
            planned: started,
            started,
            dropped: 0,
            completed,
            failed,
            interrupted: started - completed - failed,
        }
    }
}

impl Crew {
    /// One iteration of that place, once it is its turn; `false` where there is none to come.
    async fn turn(&self, place: usize) -> bool {
        let Some(intended) = self.wait(place).await else {
            return false;
        };
        let Some(user) = self.take(place).await else {
            return false;
        };
        self.iterate(place, user, intended).await;
        true
    }

    /// Waits until that place is there and says when that was; `None` where it will not be.
    async fn wait(&self, place: usize) -> Option<Instant> {
        while !self.over.is_cancelled() {
            let now = Instant::now();
            let offset = now.saturating_duration_since(self.start);
            let stay = self.stay(place, offset);
            if stay.is_some_and(|stay| stay.from <= offset) {
                return Some(now);
            }
            self.give_back(place);
            // Goose's users stay until the phase is over: it ends by itself when the last has left.
            let Some(stay) = stay else {
                self.over.cancelled().await;
                return None;
            };
            tokio::select! {
                () = tokio::time::sleep_until((self.start + stay.from).into()) => {}
                () = self.over.cancelled() => {}
            }
        }
        None
    }

    /// The stay that goes on or comes next.
    fn stay(&self, place: usize, now: Duration) -> Option<Stay> {
        let mut places = self.places.borrow_mut();
        let stays = &mut places.get_mut(place)?.stays;
        while stays.last().is_some_and(|stay| stay.until <= now) {
            stays.pop();
        }
        stays.last().copied()
    }

    /// The user of that place, or one that is idle; `None` where the phase ends before there is one.
    async fn take(&self, place: usize) -> Option<Box<VirtualUser>> {
        let kept = self.places.borrow_mut().get_mut(place)?.user.take();
        if kept.is_some() {
            return kept;
        }
        while !self.over.is_cancelled() {
            let idle = self.shared.pool.borrow_mut().pop_front();
            if idle.is_some() {
                return idle;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        None
    }

    async fn iterate(&self, place: usize, mut user: Box<VirtualUser>, intended: Instant) {
        let Some(journey) = self.draw(place).and_then(|name| self.shared.journeys.get(name)) else {
            return;
        };
        let _running = Running::new(self);
        let recorder = PhaseRecorder::new(&self.shared.recorder, self.phase);
        let ending = tokio::select! {
            biased;
            ending = user.iterate(journey, intended, &recorder) => ending,
            () = self.halt.cancelled() => return,
        };
        let count = match ending {
            Ending::Completed => &self.completed,
            Ending::Failed => &self.failed,
        };
        count.set(count.get() + 1);
        if let Some(place) = self.places.borrow_mut().get_mut(place) {
            place.user = Some(user);
        }
        if self.over.is_cancelled() {
            self.give_back(place);
        }
    }

    fn draw(&self, place: usize) -> Option<&str> {
        let mut places = self.places.borrow_mut();
        let random = &mut places.get_mut(place)?.random;
        let drawn = self.weights.as_ref()?.sample(random);
        self.journeys.get(drawn).map(String::as_str)
    }

    /// Lets others have the user of a place that is idle.
    fn give_back(&self, place: usize) {
        let user = self
            .places
            .borrow_mut()
            .get_mut(place)
            .and_then(|place| place.user.take());
        self.shared.pool.borrow_mut().extend(user);
    }

    /// No iteration begins any more; users that are not in the middle of one are there for other phases.
    fn end(&self) {
        self.over.cancel();
        let mut places = self.places.borrow_mut();
        let users = places.iter_mut().filter_map(|place| place.user.take());
        self.shared.pool.borrow_mut().extend(users);
    }
}
