//! Set-up of a run: one journey that user 0 walks before the clock starts.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{oneshot, watch};
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;

use super::WorkloadError;
use crate::journey::{IterationEnd, Journey, Journeys, ObservedStep, Observer, SetUpResult, Target, VirtualUser};
use crate::record::{Collector, CollectorSettings, Example, PhaseRecorder, Sample};
use crate::secrets::Secrets;
use crate::stack::Endpoints;
use crate::timer;
use crate::units::Span;
use crate::wire::KeptCookie;

/// Name of the phase in which it is recorded; it is never judged.
pub const SET_UP_PHASE: &str = "set-up";
/// Longest time in which a set-up that failed removes what it has created.
const LONGEST_REMOVAL: Duration = Duration::from_secs(10);

/// Everything a set-up needs.
#[derive(Debug)]
pub struct SetUpJob {
    /// The compiled journeys.
    pub journeys: Arc<Journeys>,
    /// Addresses of the system under test.
    pub endpoints: Endpoints,
    /// Time-out of steps that name none.
    pub timeout: Span,
    /// Seed of the user's own choices.
    pub seed: u64,
    /// Secrets, masked in what is shown of a failure.
    pub secrets: Secrets,
    /// Cancelled when the run is to stop early.
    pub stop: CancellationToken,
}

/// Results of a set-up; empty if there is none.
#[derive(Debug, Default)]
pub struct SetUp {
    /// Values for the users, and what has to be removed at the end.
    pub given: SetUpResult,
    /// Its requests.
    pub samples: Vec<Sample>,
}

/// Walks the set-up of the run, if there is one. Every step has to succeed; after a failure, what was created is removed. `None` if
/// it was stopped.
pub async fn set_up(job: SetUpJob) -> Result<Option<SetUp>, WorkloadError> {
    if job.journeys.occasions().setup.is_none() {
        return Ok(Some(SetUp::default()));
    }
    apart("set-up", async move || walk(&job).await).await
}

/// Logs one user in, and returns its cookies. `job.journeys` has the session journey alone. `None` if it was stopped.
pub async fn log_in(job: SetUpJob, user: u32) -> Result<Option<Vec<KeptCookie>>, WorkloadError> {
    apart("log-in", async move || {
        let Some(journey) = job.journeys.sessions().next() else {
            return Ok(None);
        };
        let walked = walk_alone(&job, journey, user, |user| user.cookies()).await?;
        Ok(walked.map(|(cookies, _)| cookies))
    })
    .await
}

/// Does the work of one user on a thread of its own, which has a timer.
async fn apart<T: Send + 'static>(
    name: &str,
    work: impl AsyncFnOnce() -> Result<T, WorkloadError> + Send + 'static,
) -> Result<T, WorkloadError> {
    let (done, outcome) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // The receiver is gone only if the run was given up.
            let _ = done.send(run(work));
        })
        .map_err(system("start the thread of the set-up"))?;
    outcome.await.unwrap_or(Err(WorkloadError::Died))
}

/// Records the requests of a set-up, which were made before the run's zero.
pub(super) fn record(set_up: &SetUp, recorder: &PhaseRecorder<'_>) {
    for sample in &set_up.samples {
        recorder.record(sample);
    }
}

fn system(action: &'static str) -> impl Fn(io::Error) -> WorkloadError {
    move |source| WorkloadError::System { action, source }
}

fn run<T>(work: impl AsyncFnOnce() -> Result<T, WorkloadError>) -> Result<T, WorkloadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(system("start the runtime of the set-up"))?;
    let walked = async {
        let timer = timer::Driver::new().map_err(system("create the pacing timer"))?;
        tokio::select! {
            walked = work() => walked,
            stopped = timer.run() => {
                let source = stopped.err().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into());
                Err(system("wait for a think time")(source))
            }
        }
    };
    LocalSet::new().block_on(&runtime, walked)
}

pub(super) async fn walk(job: &SetUpJob) -> Result<Option<SetUp>, WorkloadError> {
    let name = job.journeys.occasions().setup.as_ref();
    let Some(journey) = name.and_then(|name| job.journeys.get(name)) else {
        return Ok(Some(SetUp::default()));
    };
    let walked = walk_alone(job, journey, 0, |user| user.take_set_up(journey)).await?;
    Ok(walked.map(|(given, samples)| SetUp { given, samples }))
}

/// Walks a journey with a user that nobody else has; every step has to succeed. `taken` takes the result from the user, which comes
/// with the user's requests. After a failure, what was created is removed. `None` if it was stopped.
async fn walk_alone<T>(
    job: &SetUpJob,
    journey: &Journey,
    number: u32,
    taken: impl FnOnce(&mut VirtualUser) -> T,
) -> Result<Option<(T, Vec<Sample>)>, WorkloadError> {
    let watcher = Rc::new(Watcher::default());
    let observer: Rc<dyn Observer> = Rc::<Watcher>::clone(&watcher);
    let target = Target::new(&job.endpoints, job.timeout).map_err(WorkloadError::Target)?;
    let target = target.observed(observer).hosting(&job.endpoints, job.journeys.hosts());
    let target = Rc::new(target.map_err(WorkloadError::Target)?);
    let folder = tempfile::tempdir().map_err(system("make a temporary folder"))?;
    let (collector, recorder) = Collector::start(settings(&job.journeys, folder.path()), watch::Sender::default())
        .map_err(|source| WorkloadError::Recorder(Box::new(source)))?;
    let recorder = RefCell::new(recorder);
    let phase = PhaseRecorder::new(&recorder, 0);
    let mut user = VirtualUser::new(number, job.seed, &job.journeys, &target);
    let ending = tokio::select! {
        ending = user.set_up(journey, timer::now(), &phase) => Some(ending),
        () = job.stop.cancelled() => None,
    };
    let outcome = match ending {
        Some(IterationEnd::Completed) => Ok(Some((taken(&mut user), watcher.samples.take()))),
        ending => {
            let failed = watcher.failed.take();
            // Here, because a run whose set-up failed never comes to its tear-down.
            timer::timeout_at(timer::now() + LONGEST_REMOVAL, user.remove_created(&phase)).await;
            match ending {
                Some(_) => Err(failure(job, journey, failed)),
                None => Ok(None),
            }
        }
    };
    drop(recorder);
    // Nothing is read of this recording: the samples are recorded by the run's own.
    let _ = collector.join();
    outcome
}

fn failure(job: &SetUpJob, journey: &Journey, failed: Option<LastFailure>) -> WorkloadError {
    let mut secrets = job.secrets.clone();
    job.journeys.learn_secrets(&mut secrets);
    let failed = failed.unwrap_or_default();
    let series = job.journeys.series().get(failed.series);
    WorkloadError::SetUp {
        step: series.map_or_else(|| journey.name().to_owned(), |series| series.name.clone()),
        told: secrets.mask_answer(&failed.told),
    }
}

fn settings(journeys: &Journeys, folder: &std::path::Path) -> CollectorSettings {
    let names = |series: &[crate::journey::Series]| series.iter().map(|series| series.name.clone()).collect();
    CollectorSettings {
        origin: timer::now(),
        wall: Timestamp::now(),
        limits: Vec::new(),
        phases: vec![(SET_UP_PHASE.to_owned(), false)],
        series: names(journeys.series()),
        transactions: names(journeys.transactions()),
        followed: Vec::new(),
        folder: folder.to_owned(),
    }
}

/// The last request that did not succeed.
#[derive(Debug, Default)]
struct LastFailure {
    series: usize,
    told: String,
}

/// Keeps the requests of a set-up, and the last failure.
#[derive(Debug, Default)]
struct Watcher {
    samples: RefCell<Vec<Sample>>,
    failed: RefCell<Option<LastFailure>>,
}

impl Observer for Watcher {
    fn sending(&self, _method: &str, _url: &str) {}

    fn ended(&self, step: ObservedStep) {
        let answered = step.exchanges.last().and_then(|exchange| exchange.answer.as_ref().ok());
        self.samples.borrow_mut().push(Sample {
            series: step.series,
            intended: step.intended,
            sent: step.sent,
            finished: step.finished,
            outcome: step.outcome,
            status: answered.map(|answer| answer.status),
            bytes: answered.map_or(0, |answer| answer.bytes),
            parts: step.parts,
        });
        if !step.outcome.is_error() {
            return;
        }
        let mut told = step.outcome.name().to_owned();
        if !step.missing.is_empty() {
            told = format!("{told}, no value for {}", step.missing.join(", "));
        }
        let unmet = step.checks.iter().filter(|check| !check.holds);
        for check in unmet {
            told = format!("{told}, check {}", check.written);
        }
        if let Some(answer) = answered {
            let mut example = Example::default();
            example.set_body(&answer.body);
            told = format!("{told}, status {}: {}", answer.status, example.body);
        }
        *self.failed.borrow_mut() = Some(LastFailure {
            series: usize::from(step.series.0),
            told,
        });
    }
}
