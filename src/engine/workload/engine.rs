//! The load thread: one current-thread runtime with nothing on it but pacing, requests and recording.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::oneshot;
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;

use super::descriptors;
use super::driver::Driver;
use super::endings;
use super::job::PhaseJob;
use super::no_log_in::NoLogIn;
use super::priority::PriorityGuard;
use super::set_up::{self, SetUp};
use super::shared::{PacerState, Pool};
use super::{Users, WorkloadError};
use crate::journey::{Events, ForeignRedirects, Journeys, Ledger, Sessions, Target, VirtualUser};
use crate::record::{LoadTotals, PhaseRecorder, Recorder, Tracing};
use crate::stack::Endpoints;
use crate::timer;
use crate::timer::RunClock;
use crate::units::Span;

/// Everything the load thread needs.
#[derive(Debug)]
pub struct LoadJob {
    /// The run's clock.
    pub clock: RunClock,
    /// The compiled journeys.
    pub journeys: Arc<Journeys>,
    /// Addresses of the system under test.
    pub endpoints: Endpoints,
    /// Time-out of steps that name none.
    pub timeout: Span,
    /// The users.
    pub users: Users,
    /// Sessions that the users resume, and into which theirs are saved at the end.
    pub sessions: Sessions,
    /// Seed of the users' own choices.
    pub seed: u64,
    /// The phases, in the order of the recorder's, which has two more: that of the set-up, and that of what follows the load.
    pub phases: Vec<PhaseJob>,
    /// Counter of redirects to other hosts.
    pub elsewhere: ForeignRedirects,
    /// Counter of events that outcomes do not tell.
    pub events: Events,
    /// Ledger of acknowledged writes.
    pub ledger: Ledger,
    /// Selection of the requests that carry an id.
    pub tracing: Tracing,
    /// Cancelled when the run is to stop early.
    pub stop: CancellationToken,
    /// Cancelled when no iteration is to begin any more; those under way may finish.
    pub enough: CancellationToken,
    /// Set if every log-in failed, or a user could not be set up.
    pub no_log_in: NoLogIn,
    /// Results of the set-up.
    pub set_up: SetUp,
}

/// The running load thread.
#[derive(Debug)]
pub struct LoadThread {
    outcome: oneshot::Receiver<Result<Vec<LoadTotals>, WorkloadError>>,
}

impl LoadThread {
    /// Waits until every phase is over and every iteration has ended.
    pub async fn join(self) -> Result<Vec<LoadTotals>, WorkloadError> {
        self.outcome.await.unwrap_or(Err(WorkloadError::Died))
    }
}

/// Starts the load thread; it waits for the clock's zero by itself.
pub fn start(job: LoadJob, recorder: Recorder) -> Result<LoadThread, WorkloadError> {
    // Before any connection: the soft limit is 1,024 on most machines, and a user may hold several.
    descriptors::raise_limit();
    let (done, outcome) = oneshot::channel();
    std::thread::Builder::new()
        .name("load".to_owned())
        .spawn(move || {
            // For the life of the thread: a late wake-up is send lag, which is the generator's fault and not the
            // system's.
            let _preferred = PriorityGuard::current_thread();
            // The receiver is gone only if the run was given up.
            let _ = done.send(run(job, recorder));
        })
        .map_err(|source| WorkloadError::System {
            action: "start the load thread",
            source,
        })?;
    Ok(LoadThread { outcome })
}

fn run(job: LoadJob, recorder: Recorder) -> Result<Vec<LoadTotals>, WorkloadError> {
    // One thread: users, connections and the recorder need neither locks nor atomics.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| WorkloadError::System {
            action: "start the load thread's runtime",
            source,
        })?;
    let driven = async {
        let timer = timer::Driver::new().map_err(|source| WorkloadError::System {
            action: "create the pacing timer",
            source,
        })?;
        tokio::select! {
            totals = drive(job, Rc::new(RefCell::new(recorder))) => totals,
            stopped = timer.run() => Err(WorkloadError::System {
                action: "wait for an arrival",
                source: stopped.err().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into()),
            }),
        }
    };
    LocalSet::new().block_on(&runtime, driven)
}

pub(super) async fn drive(job: LoadJob, recorder: Rc<RefCell<Recorder>>) -> Result<Vec<LoadTotals>, WorkloadError> {
    let target = Target::new(&job.endpoints, job.timeout).map_err(WorkloadError::Target)?;
    let target = target
        .counting(job.elsewhere, job.events)
        .writing(job.ledger)
        .tracing(job.tracing);
    let target = target
        .hosting(&job.endpoints, job.journeys.hosts())
        .map_err(WorkloadError::Target)?;
    let target = Rc::new(target);
    let users = (0..job.users.count).map(|number| {
        let mut user = Box::new(VirtualUser::new(number, job.seed, &job.journeys, &target));
        user.resume(&job.sessions);
        user.take(&job.set_up.given, false);
        user
    });
    let after = job.phases.len();
    // The set-up was made before there was a recorder; its samples go into the phase behind those of the load.
    set_up::record(&job.set_up, &PhaseRecorder::new(&recorder, after));
    // Users that have to log in come first.
    let (known, new): (Vec<_>, Vec<_>) = users.partition(|user| user.is_logged_in());
    let shared = PacerState {
        clock: job.clock,
        journeys: Arc::clone(&job.journeys),
        pool: Rc::new(RefCell::new(new.into_iter().chain(known).collect())),
        recorder: Rc::clone(&recorder),
        stop: job.stop.clone(),
        enough: job.enough.clone(),
        no_log_in: job.no_log_in.clone(),
    };
    // Seconds are handed over by recording; without this, a system that does not answer would stop them.
    let ticking = tokio::task::spawn_local(tick(Rc::clone(&recorder), Rc::clone(&shared.pool), job.users.count));
    let phases = job.phases.into_iter().enumerate().map(|(index, phase)| {
        let mut driver = Driver::new(shared.clone(), index, phase);
        // A task of its own: waking it does not wake everything else that is waited for here.
        tokio::task::spawn_local(async move { driver.pace().await.map(|()| driver) })
    });
    let phases: Vec<_> = phases.collect();
    let mut drivers = Vec::with_capacity(phases.len());
    // All phases are paced at once: each waits for its own start, and a phase may begin while iterations of the one
    // before still run.
    for paced in join_all(phases).await {
        drivers.push(paced.map_err(|_| WorkloadError::Died)??);
    }
    let draining = join_all(drivers.iter_mut().map(Driver::drain));
    // Whoever interrupts a run does not wait for its iterations.
    let grace = if job.stop.is_cancelled() {
        Duration::ZERO
    } else {
        job.users.graceful_stop.get()
    };
    tokio::select! {
        _ = timer::timeout_at(timer::now() + grace, draining) => {}
        () = job.stop.cancelled() => {}
    }
    let mut totals = join_all(drivers.into_iter().map(Driver::close)).await;
    ticking.abort();
    let longest = job.users.teardown_at_most.get();
    totals.extend(endings::end(&shared, &job.set_up.given, after + 1, longest).await);
    for user in shared.pool.borrow().iter() {
        // For the next step of a search: users that are logged in need not do it again.
        user.keep(&job.sessions);
    }
    Ok(totals)
}

/// Once a second, notes the number of users in an iteration. This also hands finished seconds over while nothing is recorded.
async fn tick(recorder: Rc<RefCell<Recorder>>, pool: Pool, users: u32) {
    let mut second = timer::now();
    loop {
        timer::sleep_until(second).await;
        let idle = u32::try_from(pool.borrow().len()).unwrap_or(u32::MAX);
        recorder.borrow_mut().busy(second, users.saturating_sub(idle));
        second += Duration::from_secs(1);
    }
}
