//! State that goose's users of a closed phase share: turns, draws and counts.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::rngs::SmallRng;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Crowd;
use super::crowd::Presence;
use super::job::{PhaseJob, Task};
use super::shared::{BorrowedUser, PacerState};
use crate::journey::{IterationEnd, Journey, VirtualUser};
use crate::record::{LoadTotals, PhaseRecorder};
use crate::stats::spread;
use crate::timer;

/// Interval at which a place looks again for a user while all are busy elsewhere.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// State that goose's users of a phase share; everything lives on the load thread.
pub(super) struct Crew {
    pub(super) shared: PacerState,
    phase: usize,
    pub(super) name: String,
    pub(super) start: Instant,
    journeys: Vec<String>,
    weights: Option<WeightedIndex<f64>>,
    places: RefCell<Vec<UserSlot>>,
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

/// State of one of goose's users.
struct UserSlot {
    /// Its stays in reverse order: the next one is the last element.
    stays: Vec<Presence>,
    /// Generator of its draws from the mix.
    random: SmallRng,
    user: Option<Box<VirtualUser>>,
}

/// Counts an iteration as running for as long as it exists.
struct RunningGuard<'a>(&'a Crew);

impl<'a> RunningGuard<'a> {
    fn new(crew: &'a Crew) -> Self {
        crew.started.set(crew.started.get() + 1);
        crew.running.set(crew.running.get() + 1);
        Self(crew)
    }
}

impl Drop for RunningGuard<'_> {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get() - 1);
        if self.0.running.get() == 0 {
            self.0.quiet.notify_waiters();
        }
    }
}

impl Crew {
    pub(super) fn new(shared: PacerState, phase: usize, job: &PhaseJob, crowd: &Crowd) -> Self {
        let (journeys, weights): (Vec<_>, Vec<_>) = match &job.task {
            Task::Iterate(mix) => mix.iter().cloned().unzip(),
            Task::LogIn | Task::Walk(_) => (Vec::new(), Vec::new()),
        };
        let places = (0..crowd.users()).map(|number| UserSlot {
            // Reversed, so that the next one is taken off the end.
            stays: crowd.presences(number).into_iter().rev().collect(),
            // A generator of its own for each user: the order in which users wake must not change what they draw.
            random: SmallRng::seed_from_u64(job.seed ^ spread(u64::from(number) + 1)),
            user: None,
        });
        Self {
            phase,
            name: job.name.clone(),
            start: shared.clock.at(job.start),
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
        }
    }

    /// Waits until no iteration is under way.
    pub(super) async fn drain(&self) {
        while self.running.get() > 0 {
            self.quiet.notified().await;
        }
    }

    /// Ends iterations that still run and returns the totals.
    pub(super) async fn close(&self) -> LoadTotals {
        self.halt.cancel();
        self.drain().await;
        let (started, completed, failed) = (self.started.get(), self.completed.get(), self.failed.get());
        LoadTotals {
            phase: self.name.clone(),
            // A closed phase plans what it starts: there is no schedule to fall behind.
            planned: started,
            started,
            dropped: 0,
            completed,
            failed,
            interrupted: started - completed - failed,
            walked: None,
        }
    }

    /// Runs one iteration of that place once it is its turn; `false` if there is none to come.
    pub(super) async fn turn(&self, place: usize) -> bool {
        let Some(now) = self.wait(place).await else {
            return false;
        };
        let Some((user, intended)) = self.take(place, now).await else {
            return false;
        };
        let Some(journey) = self.draw(place) else {
            // The scenario refuses a mix without weight.
            self.over.cancelled().await;
            return false;
        };
        self.iterate(place, user, journey, intended).await;
        // Pacing counts from the start of the iteration, so that its rate does not depend on the response times.
        if let Some(pacing) = journey.pacing() {
            // Also ends when the phase does.
            timer::timeout_at(intended + pacing, self.over.cancelled()).await;
        }
        true
    }

    /// Waits until that place is present and returns the instant; `None` if the phase ends first.
    async fn wait(&self, place: usize) -> Option<Instant> {
        while !self.over.is_cancelled() {
            let now = timer::now();
            let offset = now.saturating_duration_since(self.start);
            let stay = self.stay(place, offset);
            if stay.is_some_and(|stay| stay.from <= offset) {
                return Some(now);
            }
            self.give_back(place);
            // Goose's users stay until the phase is over, because goose ends by itself when the last has left.
            let Some(stay) = stay else {
                self.over.cancelled().await;
                return None;
            };
            tokio::select! {
                () = timer::sleep_until(self.start + stay.from) => {}
                () = self.over.cancelled() => {}
            }
        }
        None
    }

    /// The current or the next stay of that place; `None` if there is none.
    fn stay(&self, place: usize, now: Duration) -> Option<Presence> {
        let mut places = self.places.borrow_mut();
        let stays = &mut places.get_mut(place)?.stays;
        while stays.last().is_some_and(|stay| stay.until <= now) {
            stays.pop();
        }
        stays.last().copied()
    }

    /// Takes the place's own user, or an idle one, with the instant at which it was available; `None` if the phase ends first.
    async fn take(&self, place: usize, now: Instant) -> Option<(Box<VirtualUser>, Instant)> {
        // A user that stays keeps its session and its connection; another one would have to log in and to connect.
        if let Some(kept) = self.places.borrow_mut().get_mut(place)?.user.take() {
            return Some((kept, now));
        }
        while !self.over.is_cancelled() {
            let idle = self.shared.pool.borrow_mut().pop_front();
            if let Some(user) = idle {
                return Some((user, timer::now()));
            }
            // Also ends when the phase does.
            timer::timeout_at(timer::now() + LOOK_AGAIN, self.over.cancelled()).await;
        }
        None
    }

    async fn iterate(&self, place: usize, user: Box<VirtualUser>, journey: &Journey, intended: Instant) {
        let _running = RunningGuard::new(self);
        let recorder = PhaseRecorder::new(&self.shared.recorder, self.phase);
        let mut lent = BorrowedUser::new(user, &self.shared.pool);
        let Some(user) = lent.user() else { return };
        let ending = tokio::select! {
            biased;
            ending = user.iterate(journey, intended, &recorder) => ending,
            () = self.halt.cancelled() => return,
        };
        let count = match ending {
            IterationEnd::Completed => &self.completed,
            IterationEnd::Failed | IterationEnd::Exhausted => &self.failed,
        };
        count.set(count.get() + 1);
        if ending == IterationEnd::Exhausted {
            self.shared.enough.cancel();
            // The next iteration would end as soon as it begins, and let nothing else run on this thread.
            self.over.cancelled().await;
        }
        if let Some(place) = self.places.borrow_mut().get_mut(place) {
            place.user = lent.keep();
        }
        if self.over.is_cancelled() {
            self.give_back(place);
        }
    }

    fn draw(&self, place: usize) -> Option<&Journey> {
        let mut places = self.places.borrow_mut();
        let random = &mut places.get_mut(place)?.random;
        let drawn = self.weights.as_ref()?.sample(random);
        self.journeys.get(drawn).and_then(|name| self.shared.journeys.get(name))
    }

    /// Returns the idle user of a place to the pool, for others.
    fn give_back(&self, place: usize) {
        let user = self
            .places
            .borrow_mut()
            .get_mut(place)
            .and_then(|place| place.user.take());
        self.shared.pool.borrow_mut().extend(user);
    }

    /// Lets no further iteration begin, and returns idle users to the pool for other phases.
    pub(super) fn end(&self) {
        self.over.cancel();
        let mut places = self.places.borrow_mut();
        let users = places.iter_mut().filter_map(|place| place.user.take());
        self.shared.pool.borrow_mut().extend(users);
    }
}
