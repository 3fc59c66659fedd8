//! Plays a journey on a thread of its own and tells of each step as it ends.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{oneshot, watch};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;

use super::TrialError;
use super::entry::TrialStep;
use super::masker::Masker;
use crate::journey::{IterationEnd, Journey, Journeys, ObservedStep, Observer, SetUpResult, Target, VirtualUser};
use crate::record::{Collector, CollectorSettings, PhaseRecorder, Recorder};
use crate::secrets::Secrets;
use crate::stack::Endpoints;
use crate::timer;
use crate::units::Span;

/// A journey to be tried.
#[derive(Debug)]
pub struct Trial {
    /// The compiled journeys.
    pub journeys: Arc<Journeys>,
    /// Name of the journey.
    pub journey: String,
    /// Addresses of the system under test.
    pub endpoints: Endpoints,
    /// Time-out of steps that name none.
    pub timeout: Span,
    /// Seed of the users' own choices.
    pub seed: u64,
    /// Number of users, who walk one after another.
    pub users: u32,
    /// Iterations of each user.
    pub iterations: u32,
    /// Secrets that are known beforehand.
    pub secrets: Secrets,
    /// Cancelled when the trial is to stop early.
    pub stop: CancellationToken,
}

/// Talk while a journey is tried.
#[derive(Debug)]
pub enum TrialEvent {
    /// An iteration begins.
    Iteration {
        /// Number of the user, from 0.
        user: u32,
        /// Number of the user's iteration, from 0.
        iteration: u32,
    },
    /// A request is about to be sent.
    Sending {
        /// Its method.
        method: String,
        /// Its URL, masked.
        url: String,
    },
    /// A step has ended.
    Step(Box<TrialStep>),
}

/// Totals of a trial.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrialTotals {
    /// Iterations that were completed.
    pub completed: u32,
    /// Iterations that ended before their last step.
    pub failed: u32,
    /// Steps that ended.
    pub steps: u32,
    /// Steps that did not succeed.
    pub unsuccessful: u32,
    /// True if it was stopped early.
    pub stopped: bool,
}

/// Users walk the journey one after another; `seen` receives every event as it happens.
pub async fn play(trial: Trial, seen: UnboundedSender<TrialEvent>) -> Result<TrialTotals, TrialError> {
    let (done, outcome) = oneshot::channel();
    std::thread::Builder::new()
        .name("trial".to_owned())
        .spawn(move || {
            // The receiver is gone only if the trial was given up.
            let _ = done.send(run(&trial, seen));
        })
        .map_err(system("start the users' thread"))?;
    outcome.await.unwrap_or(Err(TrialError::Died))
}

fn system(action: &'static str) -> impl Fn(std::io::Error) -> TrialError {
    move |source| TrialError::System { action, source }
}

fn run(trial: &Trial, seen: UnboundedSender<TrialEvent>) -> Result<TrialTotals, TrialError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(system("start the users' runtime"))?;
    let walked = async {
        let timer = timer::Driver::new().map_err(system("create the pacing timer"))?;
        tokio::select! {
            walked = walk(trial, seen) => walked,
            // The driver never returns by itself: an end is an error, without which think times would last for ever.
            stopped = timer.run() => {
                let source = stopped.err().unwrap_or_else(|| std::io::ErrorKind::UnexpectedEof.into());
                Err(system("wait for a think time")(source))
            }
        }
    };
    LocalSet::new().block_on(&runtime, walked)
}

/// Users walk one after another on this thread.
async fn walk(trial: &Trial, seen: UnboundedSender<TrialEvent>) -> Result<TrialTotals, TrialError> {
    let Some(journey) = trial.journeys.get(&trial.journey) else {
        return Ok(TrialTotals::default());
    };
    let mut secrets = trial.secrets.clone();
    trial.journeys.learn_secrets(&mut secrets);
    let watcher = Rc::new(Watcher {
        names: trial
            .journeys
            .series()
            .iter()
            .map(|series| series.name.clone())
            .collect(),
        masker: RefCell::new(Masker::new(secrets)),
        iteration: Cell::new(0),
        walked: Cell::default(),
        seen,
    });
    let observer: Rc<dyn Observer> = Rc::<Watcher>::clone(&watcher);
    let target = Target::new(&trial.endpoints, trial.timeout)?.observed(observer);
    let target = Rc::new(target.hosting(&trial.endpoints, trial.journeys.hosts())?);
    let folder = tempfile::tempdir().map_err(system("make a temporary folder"))?;
    let (collector, recorder) = recorder(trial, folder.path())?;
    let recorder = RefCell::new(recorder);
    let phase = PhaseRecorder::new(&recorder, 0);
    let walk = TrialUsers {
        trial,
        journey,
        target: &target,
        watcher: &watcher,
        phase: &phase,
    };
    Box::pin(walk.run_all()).await;
    drop(recorder);
    collector.join()?;
    Ok(watcher.walked.get())
}

/// Longest time in which users remove what they created, and log out, after a trial.
const LONGEST_END: Duration = Duration::from_secs(30);

/// Users on their way, one after another.
struct TrialUsers<'a> {
    trial: &'a Trial,
    journey: &'a Journey,
    target: &'a Rc<Target>,
    watcher: &'a Watcher,
    phase: &'a PhaseRecorder<'a>,
}

impl TrialUsers<'_> {
    /// The set-up, every user, and the tear-down. Whatever was created is removed, after a stop as well.
    async fn run_all(&self) {
        let journeys = &self.trial.journeys;
        let named = |name: &Option<String>| name.as_ref().and_then(|name| journeys.get(name));
        let occasions = journeys.occasions();
        let mut first = VirtualUser::new(0, self.trial.seed, journeys, self.target);
        let mut given = SetUpResult::default();
        let mut goes_on = true;
        if let Some(setup) = named(&occasions.setup) {
            let ending = self
                .unless_stopped(Box::pin(first.set_up(setup, timer::now(), self.phase)))
                .await;
            goes_on = self.set_up(ending);
            given = first.take_set_up(setup);
        }
        first.take(&given, true);
        for number in 0..self.trial.users {
            if !goes_on {
                break;
            }
            let mut user = VirtualUser::new(number, self.trial.seed, journeys, self.target);
            user.take(&given, false);
            goes_on = self.iterations(&mut user).await;
            self.end(Box::pin(async {
                user.remove_created(self.phase).await;
                if let Some(teardown) = named(&occasions.user_teardown) {
                    user.tear_down(teardown, self.phase).await;
                }
                user.log_out(self.phase).await;
            }))
            .await;
        }
        self.end(Box::pin(async {
            if let Some(teardown) = named(&occasions.teardown) {
                first.tear_down(teardown, self.phase).await;
            }
            first.remove_created(self.phase).await;
            first.log_out(self.phase).await;
        }))
        .await;
    }

    /// All iterations of a user; false if no other user is to follow.
    async fn iterations(&self, user: &mut VirtualUser) -> bool {
        if self.trial.journeys.occasions().user_setup.is_some() {
            let ending = self.unless_stopped(user.log_in(timer::now(), self.phase)).await;
            if !self.set_up(ending) {
                return false;
            }
        }
        for iteration in 0..self.trial.iterations {
            self.watcher.begin(user.number(), iteration);
            let walked = user.iterate(self.journey, timer::now(), self.phase);
            let Some(ending) = self.unless_stopped(walked).await else {
                return false;
            };
            self.watcher.count(ending);
        }
        true
    }

    /// True if a set-up succeeded; else nothing is walked.
    fn set_up(&self, ending: Option<IterationEnd>) -> bool {
        let completed = ending == Some(IterationEnd::Completed);
        if ending.is_some() && !completed {
            self.watcher.count(IterationEnd::Failed);
        }
        completed
    }

    /// The output of that, or `None` if the trial is stopped before.
    async fn unless_stopped<T>(&self, walked: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            walked = walked => Some(walked),
            () = self.trial.stop.cancelled() => {
                self.watcher.stopped();
                None
            }
        }
    }

    async fn end(&self, end: impl Future<Output = ()>) {
        timer::timeout_at(timer::now() + LONGEST_END, end).await;
    }
}

/// Nothing is read of the recording: the engine of the load path records, and so this one does.
fn recorder(trial: &Trial, folder: &std::path::Path) -> Result<(Collector, Recorder), TrialError> {
    let settings = CollectorSettings {
        origin: timer::now(),
        wall: Timestamp::now(),
        limits: Vec::new(),
        phases: vec![("trial".to_owned(), false)],
        series: trial
            .journeys
            .series()
            .iter()
            .map(|series| series.name.clone())
            .collect(),
        transactions: trial
            .journeys
            .transactions()
            .iter()
            .map(|transaction| transaction.name.clone())
            .collect(),
        followed: Vec::new(),
        folder: folder.to_owned(),
    };
    Ok(Collector::start(settings, watch::Sender::default())?)
}

/// Passes on what the users do.
#[derive(Debug)]
struct Watcher {
    /// Names of the series, in the order of their ids.
    names: Vec<String>,
    masker: RefCell<Masker>,
    iteration: Cell<u32>,
    walked: Cell<TrialTotals>,
    seen: UnboundedSender<TrialEvent>,
}

impl Watcher {
    fn begin(&self, user: u32, iteration: u32) {
        self.iteration.set(iteration);
        self.send(TrialEvent::Iteration { user, iteration });
    }

    fn count(&self, ending: IterationEnd) {
        let mut walked = self.walked.get();
        match ending {
            IterationEnd::Completed => walked.completed += 1,
            // Nothing is left to try.
            IterationEnd::Failed | IterationEnd::Exhausted => walked.failed += 1,
        }
        self.walked.set(walked);
    }

    fn stopped(&self) {
        self.walked.set(TrialTotals {
            stopped: true,
            ..self.walked.get()
        });
    }

    fn send(&self, seen: TrialEvent) {
        // Nobody may listen any more.
        let _ = self.seen.send(seen);
    }
}

impl Observer for Watcher {
    fn sending(&self, method: &str, url: &str) {
        self.send(TrialEvent::Sending {
            method: method.to_owned(),
            url: self.masker.borrow().url(url),
        });
    }

    fn ended(&self, step: ObservedStep) {
        let mut walked = self.walked.get();
        walked.steps += 1;
        walked.unsuccessful += u32::from(!step.outcome.is_timed());
        self.walked.set(walked);
        let name = self.names.get(usize::from(step.series.0)).map_or("", String::as_str);
        let entry = self.masker.borrow_mut().entry(self.iteration.get(), name, &step);
        self.send(TrialEvent::Step(Box::new(entry)));
    }
}
