//! A whole run, from the plan to the report.

mod early;
mod options;

pub use options::RunOptions;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use self::early::Early;

use url::Url;

use crate::compare::{CompareError, Compared, Digest};
use crate::error::Hint;
use crate::evidence::{Accept, Ended, Evidence, Observations};
use crate::history::{Entry, Filter, History, HistoryError, Location, Neighbours, earlier, write_pages};
use crate::journey::{Events, ForeignRedirects};
use crate::live;
use crate::maintenance::{Maintenance, MaintenanceError};
use crate::probe::{self, PreparedProbes, ProbeContext, ProbeError, Watch};
use crate::record::{Collector, CollectorSettings, FollowedObjective, HlogError, Recording, Tracing};
use crate::report::{Document, ReportError, render_into};
use crate::runs::{Environment, RunFolder, RunNote, RunRecord, RunsError, add_note, notes};
use crate::scenario::{LOG_IN_PHASE, Plan};
use crate::slo::{Samples, judge};
use crate::stack::{self, Endpoints, RunningStack, StackError, StackSettings};
use crate::timer::RunClock;
use crate::units::Quantile;
use crate::words::Language;
use crate::workload::{self, LoadJob, NoLogIn, SET_UP_PHASE, SetUp, SetUpJob, TEAR_DOWN_PHASE, WorkloadError};

/// Time from the end of preparation to the run's zero, so that every probe is observing when the load begins.
const LEAD: Duration = Duration::from_millis(500);
/// Longest wait for the history: a database that does not answer costs a run its place among others, not its report.
const HISTORY_TIMEOUT: Duration = Duration::from_secs(20);

/// A run that was carried out, judged and rendered.
#[derive(Debug)]
pub struct Finished {
    /// The report.
    pub document: Document,
    /// Its folder.
    pub folder: RunFolder,
    /// True if the user interrupted it.
    pub interrupted: bool,
    /// Comparison with the baseline, and the baseline saved from this run.
    pub compared: Compared,
    /// Position among earlier runs, or the reason it is not in the history; `None` if no history was requested.
    pub indexed: Option<Result<Vec<Neighbours>, HistoryError>>,
}

/// A run that failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The user interrupted it before there was any load.
    #[error("interrupted before any load was applied; nothing was left running")]
    Interrupted,
    /// The proxy's limiter would refuse so many requests that the run could carry no verdict; nothing was sent.
    #[error("this plan asks for more than the proxy's limiter lets through: {}", .0.join("; "))]
    Limiter(Vec<String>),
    /// An error of the system under test.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A planned event cannot be carried out on this stack.
    #[error(transparent)]
    Maintenance(#[from] MaintenanceError),
    /// A probe could not be prepared.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// An error of the load thread.
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    /// An error of the recording.
    #[error(transparent)]
    Record(#[from] HlogError),
    /// An error of the run folder.
    #[error(transparent)]
    Runs(#[from] RunsError),
    /// An error of the history, if the run is to be placed in it.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// An error of a rendering.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The run could not be prepared for comparison.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The task of the probes ended abnormally.
    #[error("the probes died")]
    Observer(#[source] tokio::task::JoinError),
}

impl Hint for RunError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Interrupted | Self::Observer(_) => None,
            Self::Limiter(_) => Some(
                "lower the rate, have more users, or give them client addresses of their own; `--despite-limiter` runs it all \
                 the same"
                    .to_owned(),
            ),
            Self::Stack(source) => source.hint(),
            Self::Maintenance(source) => source.hint(),
            Self::Probe(source) => source.hint(),
            Self::Workload(source) => source.hint(),
            Self::Record(source) => source.hint(),
            Self::Runs(source) => source.hint(),
            Self::History(source) => source.hint(),
            Self::Report(source) => source.hint(),
            Self::Compare(source) => source.hint(),
        }
    }
}

/// Brings the stack up, applies the load while the probes observe, saves the evidence, takes the stack down, judges, reports.
pub async fn run(plan: &Plan, options: &RunOptions) -> Result<Finished, RunError> {
    let folder = RunFolder::create(&options.out, &plan.summary.scenario)?;
    let outcome = carry_out(plan, folder.clone(), options).await;
    if let Err(error) = &outcome {
        // If this cannot be written either, the error itself is still returned.
        let _ = folder.fail(error);
    }
    outcome
}

async fn carry_out(plan: &Plan, mut folder: RunFolder, options: &RunOptions) -> Result<Finished, RunError> {
    let stack = start_stack(plan, options).await?;
    // Before anything is written into the folder: what is once on disk may be uploaded by a CI server.
    folder.hide(stack.secrets());
    let saved = apply_and_save(plan, &stack, &folder, options).await;
    // The stack goes down before judging: its cores are free for the report, and nothing of it is needed any more.
    let stopped = stop_stack(stack, saved.is_err(), options).await;
    let record = saved?;
    let mut document = judged(&record, options.accept);
    let indexed = match &options.history {
        Some(location) => Some(index(&record, &mut document, &folder, location, &options.out).await),
        None => None,
    };
    if let Some(earlier) = &document.earlier {
        folder.save_earlier(earlier)?;
    }
    render_into(&folder, &document, crate::report::standard())?;
    folder.mark_latest()?;
    let compared = options.baselines.apply(&record, &document, &folder)?;
    // A failed tear-down is reported, but only after the report on the measurements was written.
    stopped?;
    Ok(Finished {
        document,
        folder,
        interrupted: record.evidence.interrupted,
        compared,
        indexed,
    })
}

/// Runs on a stack that is up already and stays up; the run's folder is not marked as the latest.
pub async fn run_on(
    plan: &Plan,
    stack: &RunningStack,
    options: &RunOptions,
) -> Result<(Finished, RunRecord), RunError> {
    let mut folder = RunFolder::create(&options.out, &plan.summary.scenario)?;
    folder.hide(stack.secrets());
    let outcome = async {
        let record = apply_and_save(plan, stack, &folder, options).await?;
        let document = judged(&record, options.accept);
        render_into(&folder, &document, crate::report::standard())?;
        Ok((document, record))
    };
    let outcome: Result<_, RunError> = outcome.await;
    if let Err(error) = &outcome {
        // If this cannot be written either, the error itself is still returned.
        let _ = folder.fail(error);
    }
    let (document, record) = outcome?;
    let finished = Finished {
        document,
        folder,
        interrupted: record.evidence.interrupted,
        compared: Compared::default(),
        indexed: None,
    };
    Ok((finished, record))
}

async fn apply_and_save(
    plan: &Plan,
    stack: &RunningStack,
    folder: &RunFolder,
    options: &RunOptions,
) -> Result<RunRecord, RunError> {
    let warned = live::warn(plan, stack).await;
    for sentence in &warned.sentences {
        options.talk.say(format!("warning: {sentence}"));
    }
    let judges_limiter = plan
        .summary
        .objectives
        .iter()
        .any(|objective| objective.gate && objective.samples() == Some(Samples::Refusals));
    if !warned.refused.is_empty() && !options.despite_limiter && !judges_limiter {
        return Err(RunError::Limiter(warned.refused));
    }
    let mut record = load(plan, stack, folder, &warned, options).await?;
    // Saved as it was recorded; corrections are applied each time it is read, so that a better correction also mends
    // old runs.
    record.baseline_withdrawn = options.baselines.withdraws(&record);
    folder.save(&record)?;
    Ok(record.corrected())
}

/// Judges a saved run again and renders it, in the languages it was made with if `languages` names none. Its place among earlier
/// runs is the one it was saved with.
pub fn report_again(path: &Path, accept: Accept, languages: &[Language]) -> Result<Finished, RunError> {
    let folder = RunFolder::open(path)?;
    let mut record = folder.load()?;
    if !languages.is_empty() {
        record.plan.lang = languages.to_vec();
    }
    let mut document = judged(&record, accept);
    document.earlier = folder.earlier()?;
    document.notes = notes(folder.path())?;
    render_into(&folder, &document, crate::report::standard())?;
    Ok(Finished {
        document,
        folder,
        interrupted: record.evidence.interrupted,
        compared: Compared::default(),
        indexed: None,
    })
}

/// Finds the place of a saved run among the runs that the history has of before it, and saves it in the run's folder.
pub async fn place_again(path: &Path, location: &Location) -> Result<(), RunError> {
    let folder = RunFolder::open(path)?;
    let record = folder.load()?;
    let document = judged(&record, Accept::Target);
    let entry = Entry::new(&record, &document, folder.path());
    let before = History::open(location).await?.runs(&of_scenario(&entry)).await?;
    let digest = Digest::new(&record, &document, &folder.evidence())?;
    folder.save_earlier(&earlier(&entry, Some(&digest), &before))?;
    Ok(())
}

/// Judges a saved run again, without writing anything.
pub fn judge_again(path: &Path, accept: Accept) -> Result<Document, RunError> {
    Ok(judged(&RunFolder::open(path)?.load()?, accept))
}

/// Adds a remark to a saved run, and renders it again by the column that it was judged by.
pub fn annotate(path: &Path, note: RunNote) -> Result<Finished, RunError> {
    let folder = RunFolder::open(path)?;
    let (accept, languages) = (folder.accepted(), folder.languages());
    add_note(folder.path(), note)?;
    report_again(path, accept, &languages)
}

/// The history's entry for a saved run, judged again.
pub fn entry_of(path: &Path) -> Result<Entry, RunError> {
    let folder = RunFolder::open(path)?;
    let record = folder.load()?;
    Ok(Entry::new(&record, &judged(&record, Accept::Target), path))
}

/// Finds a run's place among the earlier runs of its scenario, adds it to the history, and writes the pages of all runs beside
/// the run folders.
async fn index(
    record: &RunRecord,
    document: &mut Document,
    folder: &RunFolder,
    location: &Location,
    out: &Path,
) -> Result<Vec<Neighbours>, HistoryError> {
    let entry = Entry::new(record, document, folder.path());
    let access = async {
        let mut history = History::open(location).await?;
        let before = history.runs(&of_scenario(&entry)).await?;
        history.add(std::slice::from_ref(&entry)).await?;
        Ok((before, history.runs(&Filter::default()).await?))
    };
    // The report waits for the history, and must not wait for ever.
    let (before, all) = tokio::time::timeout(HISTORY_TIMEOUT, access)
        .await
        .unwrap_or_else(|_| Err(HistoryError::Late(location.shown())))?;
    // A run that cannot be reduced to its extract is compared by its numbers.
    let digest = Digest::new(record, document, &folder.evidence()).ok();
    document.earlier = Some(earlier(&entry, digest.as_ref(), &before));
    write_pages(out, &all)?;
    Ok(Neighbours::find(&entry, &before))
}

fn of_scenario(entry: &Entry) -> Filter {
    Filter {
        scenario: Some(entry.scenario.clone()),
        ..Filter::default()
    }
}

fn judged(record: &RunRecord, accept: Accept) -> Document {
    Document::new(record, judge(&record.evidence, &record.plan.objectives, accept))
}

/// Brings the plan's stack up; a stop meanwhile takes it down again.
pub async fn start_stack(plan: &Plan, options: &RunOptions) -> Result<RunningStack, RunError> {
    let settings = StackSettings {
        keep_failed: options.keep_failed,
        ..plan.stack.clone()
    };
    tokio::select! {
        up = stack::up(&plan.stack_file, &settings, &options.talk) => Ok(up?),
        // Dropping the half-started stack takes it down.
        () = options.stop.cancelled() => Err(RunError::Interrupted),
    }
}

/// Takes a stack down, or leaves it up as the options ask; `failed` is true if its run could not be carried out.
pub async fn stop_stack(stack: RunningStack, failed: bool, options: &RunOptions) -> Result<(), RunError> {
    if failed && options.keep_failed && !options.stop.is_cancelled() {
        if let Some(kept) = stack.keep_failed().await {
            options.talk.say(kept.to_string());
        }
        return Ok(());
    }
    if options.keep_stack {
        stack.keep();
        return Ok(());
    }
    Ok(stack.down().await?)
}

async fn load(
    plan: &Plan,
    stack: &RunningStack,
    folder: &RunFolder,
    warned: &live::Warned,
    options: &RunOptions,
) -> Result<RunRecord, RunError> {
    let mut endpoints = stack.endpoints().clone();
    // The limiter that the stack file declares takes precedence.
    endpoints.limiter = endpoints.limiter.or_else(|| warned.limiter.clone());
    // Probes are prepared before the set-up: one that cannot work ends the run before anything is changed in the
    // system.
    let context = probe_context(plan, endpoints.clone());
    let probes = tokio::select! {
        prepared = probe::prepare(&context) => prepared?,
        () = options.stop.cancelled() => return Err(RunError::Interrupted),
    };
    let maintenance = Maintenance::prepare(&plan.events, stack.endpoints(), &ports_in_use(plan, stack)).await?;
    let set_up = set_up(plan, stack, options).await?;
    // Before the load, which the load average of the last minute must not hold.
    let environment = Environment::detect();
    let clock = RunClock::starting_in(LEAD);
    let tracing = probes.tracing();
    let early = Early::watch(plan, options);
    let observing = observe(plan, probes, clock, &early);
    let maintaining = tokio::spawn(maintenance.perform(clock, early.enough.clone()));
    let (elsewhere, events) = (ForeignRedirects::default(), Events::default());
    let no_log_in = NoLogIn::default();
    let recording = apply(
        plan,
        endpoints,
        tracing,
        Observed {
            elsewhere: elsewhere.clone(),
            events: events.clone(),
            early: &early,
            no_log_in: &no_log_in,
            set_up,
        },
        folder,
        clock,
        options,
    )
    .await;
    // The probes end by themselves after the load. They are awaited before an error of the load is returned, so that
    // they put back what they changed in the system.
    let mut observations = observing.await.map_err(RunError::Observer)?;
    observations.stack_events = maintaining.await.map_err(RunError::Observer)?;
    let mut recording = recording?;
    let mut secrets = stack.secrets().clone();
    plan.journeys.learn_secrets(&mut secrets);
    options.sessions.learn_secrets(&plan.journeys, &mut secrets);
    recording.mask(&secrets);
    tell_endings(&recording, options);
    if let Some(users) = no_log_in.not_set_up() {
        return Err(not_set_up(users, &recording).into());
    }
    observations.mask(&secrets);
    observations.add_elsewhere(elsewhere.counts(plan.journeys.series()));
    observations.request_events = events.counts(plan.journeys.series());
    let without_log_in = no_log_in
        .at()
        .map(|at| Ended::without_log_in(at.as_secs_f64(), options.accept));
    let exhausted = plan.journeys.exhausted().and_then(|feeder| {
        let at = clock.offset(feeder.exhausted()?).as_secs_f64();
        let path = feeder.path().display();
        options.talk.say(format!(
            "the feeder {path} is exhausted: the load ended after {at:.0} s"
        ));
        Some(Ended::exhausted(at, options.accept))
    });
    // One reason is kept: a decision comes first, since it ended the load before the others could.
    let ended = early.ended().await.or(without_log_in).or(exhausted);
    Ok(RunRecord {
        scenario: plan.text.clone(),
        plan: plan.summary.clone(),
        environment,
        stack: stack.record().clone(),
        started: clock.wall(),
        evidence: Evidence {
            plan: plan.summary.load.clone(),
            recording,
            observations,
            interrupted: options.stop.is_cancelled(),
            ended,
            corrections: Vec::new(),
        },
        baseline_withdrawn: false,
    })
}

/// Published ports that the load and the probes use.
fn ports_in_use(plan: &Plan, stack: &RunningStack) -> BTreeSet<u16> {
    let endpoints = stack.endpoints();
    let database = endpoints.database.as_ref().filter(|_| plan.probes.postgres.is_some());
    let addresses = [Some(&endpoints.front_door), database.map(|database| &database.dsn)];
    let ports = addresses
        .into_iter()
        .flatten()
        .filter_map(|address| Url::parse(address).ok()?.port());
    ports.chain(endpoints.transport.replicas.iter().copied()).collect()
}

fn probe_context(plan: &Plan, endpoints: Endpoints) -> ProbeContext {
    ProbeContext {
        settings: plan.probes.clone(),
        endpoints,
        browser_journey: plan.browser_journey.clone(),
        page_window: plan.summary.load.page_phase().map(|phase| phase.window),
        statement_limits: plan.limits_of(Samples::Statements),
        expected_requests: plan.summary.load.expected_requests(),
        page_limits: plan.limits_of(Samples::PageLoads),
        expected_limits: plan
            .stack_file
            .production
            .as_ref()
            .map(|production| production.service.clone())
            .unwrap_or_default(),
        proxy: plan.stack_file.proxy.clone().unwrap_or_default(),
        series: plan
            .journeys
            .series()
            .iter()
            .map(|series| series.name.clone())
            .collect(),
    }
}

fn observe(
    plan: &Plan,
    probes: PreparedProbes,
    clock: RunClock,
    early: &Early,
) -> tokio::task::JoinHandle<Observations> {
    tokio::spawn(probes.observe(Watch {
        clock,
        judged: plan.summary.load.judged_window(),
        end: plan.summary.load.end(),
        stop: early.enough.clone(),
    }))
}

/// Objectives on requests whose figures are shown during the run: quantiles of response times, and error rates.
fn followed(plan: &Plan) -> Vec<FollowedObjective> {
    let load = &plan.summary.load;
    let objectives = plan.summary.objectives.iter();
    let shown = objectives.filter_map(|objective| {
        let name = match (objective.samples()?, objective.quantile) {
            (Samples::ResponseTimes, Some(quantile)) => format!("{} {quantile}", objective.name),
            (Samples::Failures, _) => objective.name.clone(),
            _ => return None,
        };
        Some(FollowedObjective {
            name,
            series: load.series.iter().map(|series| objective.selects(series)).collect(),
            quantile: objective
                .quantile
                .map(Quantile::get)
                .filter(|_| objective.samples() == Some(Samples::ResponseTimes)),
        })
    });
    shown.collect()
}

/// Facts of the load beside its recording, gathered while it is applied.
struct Observed<'a> {
    elsewhere: ForeignRedirects,
    events: Events,
    early: &'a Early,
    no_log_in: &'a NoLogIn,
    set_up: SetUp,
}

/// Walks the set-up of the run.
async fn set_up(plan: &Plan, stack: &RunningStack, options: &RunOptions) -> Result<SetUp, RunError> {
    let job = SetUpJob {
        journeys: plan.journeys.clone(),
        endpoints: stack.endpoints().clone(),
        timeout: plan.timeout,
        seed: plan.summary.seed,
        secrets: stack.secrets().clone(),
        stop: options.stop.clone(),
    };
    workload::set_up(job).await?.ok_or(RunError::Interrupted)
}

/// The error of users that could not be set up, with the answer that the first of them got.
fn not_set_up(users: u64, recording: &Recording) -> WorkloadError {
    let records = recording
        .series
        .iter()
        .filter(|record| record.key.phase == LOG_IN_PHASE);
    let mut failed = records.flat_map(|record| {
        let kinds = record.answers.kinds().filter(|kind| kind.outcome.is_error());
        kinds.map(move |kind| (record.key.series.clone(), kind))
    });
    let (step, told) = failed.next().map_or_else(<_>::default, |(step, kind)| {
        let status = kind
            .status
            .map_or_else(String::new, |status| format!(", status {status}"));
        let body = kind.first.as_ref().map_or("", |example| example.body.as_str());
        (step, format!("{}{status}: {body}", kind.outcome.name()))
    });
    WorkloadError::UserSetUp { users, step, told }
}

/// Tells of removals, tear-downs and log-outs that did not succeed.
fn tell_endings(recording: &Recording, options: &RunOptions) {
    let totals = recording.load.iter().find(|totals| totals.phase == TEAR_DOWN_PHASE);
    let Some(totals) = totals.filter(|totals| totals.completed < totals.planned) else {
        return;
    };
    options.talk.say(format!(
        "warning: {} of {} removals, tear-downs and log-outs after the load did not succeed: what the run created may still \
         be there",
        totals.planned - totals.completed,
        totals.planned
    ));
}

/// Applies every phase and closes the recording.
async fn apply(
    plan: &Plan,
    endpoints: Endpoints,
    tracing: Tracing,
    observed: Observed<'_>,
    folder: &RunFolder,
    clock: RunClock,
    options: &RunOptions,
) -> Result<Recording, RunError> {
    let phases = &plan.summary.load.phases;
    let settings = CollectorSettings {
        followed: followed(plan),
        origin: clock.origin(),
        wall: clock.wall(),
        limits: plan.request_limits().iter().map(|span| span.as_micros()).collect(),
        phases: phases
            .iter()
            .map(|phase| (phase.name.clone(), phase.judged))
            .chain([SET_UP_PHASE, TEAR_DOWN_PHASE].map(|name| (name.to_owned(), false)))
            .collect(),
        series: plan
            .summary
            .load
            .series
            .iter()
            .map(|series| series.name.clone())
            .collect(),
        transactions: plan
            .summary
            .load
            .transactions
            .iter()
            .map(|series| series.name.clone())
            .collect(),
        folder: folder.evidence(),
    };
    let follow = [observed.early.follow.clone(), options.seconds.clone()];
    let follow = follow.into_iter().flatten().collect();
    let (collector, recorder) = Collector::followed(settings, options.progress.clone(), follow)?;
    let job = LoadJob {
        elsewhere: observed.elsewhere,
        events: observed.events,
        tracing,
        clock,
        journeys: plan.journeys.clone(),
        endpoints,
        timeout: plan.timeout,
        users: plan.users.clone(),
        sessions: options.sessions.clone(),
        seed: plan.summary.seed,
        phases: plan.phases.clone(),
        stop: options.stop.clone(),
        enough: observed.early.enough.clone(),
        no_log_in: observed.no_log_in.clone(),
        set_up: observed.set_up,
    };
    let totals = workload::start(job, recorder)?.join().await;
    let mut recording = collector.join()?;
    recording.load = totals?;
    Ok(recording)
}
