//! The load of a run: probes observe while it is applied.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::early::EarlyEndMonitor;
use super::error::RunError;
use super::options::RunOptions;
use crate::evidence::{EarlyEnd, Evidence, Observations};
use crate::journey::{Events, ForeignRedirects, Journeys, Ledger};
use crate::live;
use crate::maintenance::{self, Maintenance};
use crate::probe::{self, PreparedProbes, ProbeContext, Watch};
use crate::record::{Collector, CollectorSettings, FollowedObjective, Recording, SeriesId, Tracing};
use crate::runs::{Environment, RunFolder, RunRecord};
use crate::scenario::{LOG_IN_PHASE, Plan};
use crate::secrets::Secrets;
use crate::slo::Samples;
use crate::stack::{Endpoints, RunningStack};
use crate::timer::RunClock;
use crate::units::Quantile;
use crate::wire::KeptCookie;
use crate::workload::{self, LoadJob, NoLogIn, SET_UP_PHASE, SetUp, SetUpJob, TEAR_DOWN_PHASE, WorkloadError};

/// Time from the end of preparation to the run's zero, so that every probe is observing when the load begins.
const LEAD: Duration = Duration::from_millis(500);

/// Compares the acknowledged writes with the rows of the database.
async fn look_for_writes(
    plan: &Plan,
    stack: &RunningStack,
    ledger: &Ledger,
    clock: RunClock,
    observations: &mut Observations,
) {
    for comparison in &plan.consistency {
        let writes = series_id(plan, &comparison.of)
            .map(|series| ledger.of(series))
            .unwrap_or_default();
        let writes = writes
            .iter()
            .map(|write| (clock.offset(write.at).as_secs(), write.identity.as_str()));
        let found = maintenance::compare(comparison, writes, stack.endpoints()).await;
        observations.consistency.push(found);
    }
}

/// Everything that must not stand in a run folder.
fn secrets(plan: &Plan, stack: &RunningStack, options: &RunOptions, cookies: &[KeptCookie]) -> Secrets {
    let mut secrets = stack.secrets().clone();
    // Variables and feeders of the journeys may hold passwords that the stack does not know.
    plan.journeys.learn_secrets(&mut secrets);
    // Tokens that log-ins have extracted: they may stand in examples of answers.
    options.sessions.learn_secrets(&plan.journeys, &mut secrets);
    for cookie in cookies {
        secrets.learn("cookie", &cookie.value);
    }
    secrets
}

/// The end of a load whose feeder of unique rows has none left.
fn exhausted(plan: &Plan, clock: RunClock, options: &RunOptions) -> Option<EarlyEnd> {
    let feeder = plan.journeys.exhausted()?;
    let at = clock.offset(feeder.exhausted()?).as_secs_f64();
    let path = feeder.path().display();
    options.talk.say(format!(
        "the feeder {path} is exhausted: the load ended after {at:.0} s"
    ));
    Some(EarlyEnd::exhausted(at, options.accept))
}

/// Applies the load to a stack that is up, and returns what was recorded and observed.
pub(super) async fn load(
    plan: &Plan,
    stack: &RunningStack,
    folder: &RunFolder,
    warned: &live::LimiterWarnings,
    options: &RunOptions,
) -> Result<RunRecord, RunError> {
    let mut endpoints = stack.endpoints().clone();
    // The limiter that the stack file declares takes precedence.
    endpoints.limiter = endpoints.limiter.or_else(|| warned.limiter.clone());
    // Probes are prepared before the set-up: one that cannot work ends the run before anything is changed in the
    // system.
    let mut context = probe_context(plan, endpoints.clone());
    context.browser_cookies = browser_cookies(plan, stack, options).await?;
    let probes = tokio::select! {
        prepared = probe::prepare(&context) => prepared?,
        () = options.stop.cancelled() => return Err(RunError::Interrupted),
    };
    let maintenance = Maintenance::prepare(&plan.events, stack, &ports_in_use(plan, stack)).await?;
    // Before the zero of the run: the set-up is no load, and may take as long as it takes.
    let set_up = set_up(plan, stack, options).await?;
    // Before the load, which the load average of the last minute must not hold.
    let environment = Environment::detect();
    // A zero in the future lets probes and load agree on it before either begins.
    let clock = RunClock::starting_in(LEAD);
    let tracing = probes.tracing();
    let early = EarlyEndMonitor::watch(plan, options);
    // A task of its own on the other threads: the load thread does nothing but load.
    let observing = observe(plan, probes, clock, &early);
    // A child: what an event waits for ends with the load, and the load not with it.
    let events_end = early.enough.child_token();
    let maintaining = tokio::spawn(maintenance.perform(clock, events_end.clone()));
    let (elsewhere, events) = (ForeignRedirects::default(), Events::default());
    let ledger = Ledger::new(
        plan.consistency
            .iter()
            .filter_map(|comparison| series_id(plan, &comparison.of)),
    );
    let no_log_in = NoLogIn::default();
    let recording = apply(
        plan,
        endpoints,
        tracing,
        LoadFacts {
            elsewhere: elsewhere.clone(),
            events: events.clone(),
            ledger: ledger.clone(),
            early: &early,
            no_log_in: &no_log_in,
            set_up,
        },
        folder,
        clock,
        options,
    )
    .await;
    events_end.cancel();
    // The probes end by themselves after the load. They are awaited before an error of the load is returned, so that
    // they put back what they changed in the system.
    let mut observations = observing.await.map_err(RunError::Observer)?;
    observations.stack_events = maintaining.await.map_err(RunError::Observer)?;
    let mut recording = recording?;
    // After the events and before the stack goes down.
    look_for_writes(plan, stack, &ledger, clock, &mut observations).await;
    let secrets = secrets(plan, stack, options, &context.browser_cookies);
    // Before anything is saved: a run folder is passed on.
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
        .map(|at| EarlyEnd::without_log_in(at.as_secs_f64(), options.accept));
    let exhausted = exhausted(plan, clock, options);
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
            left_out: Vec::new(),
        },
        baseline_withdrawn: false,
    })
}

/// Id of the series of that name.
fn series_id(plan: &Plan, name: &str) -> Option<SeriesId> {
    let position = plan.journeys.series().iter().position(|series| series.name == name)?;
    u16::try_from(position).ok().map(SeriesId)
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
        browser_cookies: Vec::new(),
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
    early: &EarlyEndMonitor,
) -> tokio::task::JoinHandle<Observations> {
    tokio::spawn(probes.observe(Watch {
        clock,
        judged: plan.summary.load.judged_window(),
        end: plan.summary.load.end(),
        stop: early.enough.clone(),
    }))
}

/// Objectives on requests whose figures are shown during the run: quantiles of response times, and error rates.
fn followed_objectives(plan: &Plan) -> Vec<FollowedObjective> {
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
struct LoadFacts<'a> {
    elsewhere: ForeignRedirects,
    events: Events,
    ledger: Ledger,
    early: &'a EarlyEndMonitor,
    no_log_in: &'a NoLogIn,
    set_up: SetUp,
}

/// Cookies of the session that the browser shares, by a log-in of one user more than the load has.
async fn browser_cookies(plan: &Plan, stack: &RunningStack, options: &RunOptions) -> Result<Vec<KeptCookie>, RunError> {
    let Some(journeys) = &plan.browser_session else {
        return Ok(Vec::new());
    };
    let job = alone(plan, journeys, stack, options);
    workload::log_in(job, plan.users.count)
        .await?
        .ok_or(RunError::Interrupted)
}

/// Walks the set-up of the run.
async fn set_up(plan: &Plan, stack: &RunningStack, options: &RunOptions) -> Result<SetUp, RunError> {
    let job = alone(plan, &plan.journeys, stack, options);
    workload::set_up(job).await?.ok_or(RunError::Interrupted)
}

/// A walk of one user before the load.
fn alone(plan: &Plan, journeys: &Arc<Journeys>, stack: &RunningStack, options: &RunOptions) -> SetUpJob {
    SetUpJob {
        journeys: Arc::clone(journeys),
        endpoints: stack.endpoints().clone(),
        timeout: plan.timeout,
        seed: plan.summary.seed,
        secrets: stack.secrets().clone(),
        stop: options.stop.clone(),
    }
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
    observed: LoadFacts<'_>,
    folder: &RunFolder,
    clock: RunClock,
    options: &RunOptions,
) -> Result<Recording, RunError> {
    let phases = &plan.summary.load.phases;
    let settings = CollectorSettings {
        followed: followed_objectives(plan),
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
    let (collector, recorder) = Collector::with_followers(settings, options.progress.clone(), follow)?;
    let job = LoadJob {
        elsewhere: observed.elsewhere,
        events: observed.events,
        ledger: observed.ledger,
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
    // The recorder is dropped with the load thread, which ends the collector: it is joined whatever the load says.
    let totals = workload::start(job, recorder)?.join().await;
    let mut recording = collector.join()?;
    recording.load = totals?;
    Ok(recording)
}
