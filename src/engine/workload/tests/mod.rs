//! Executors on simulated time against a server in memory, exact to the instant; goose's part of closed phases on real clocks.

mod closed;
mod endings;
mod goose;
mod open;
mod settings;
mod walks;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use super::crew::Crew;
use super::engine::drive;
use super::*;
use crate::journey::Journeys;
use crate::record::{Collector, CollectorSettings, LoadTotals, Outcome, Recorder, Recording, Timing};
use crate::stack::Endpoints;
use crate::timer::{self, RunClock, simulated};
use crate::wire::memory::{Listener, Memory};

/// Time from making the run to its zero.
const LEAD: Duration = Duration::from_millis(300);
/// Longer than any test, in milliseconds.
const NEVER: u64 = 3_600_000;

const fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn workload(text: &str) -> Workload {
    toml::from_str(text).unwrap()
}

/// Stands in for goose, which has the system's clock: all users are there from the phase's start, take their turns and think in
/// between, as shortly as they may. Like goose's they go on when nobody waits for them any more.
pub(super) async fn walk(crowd: &Crowd, crew: &Rc<Crew>) {
    timer::sleep_until(crew.start).await;
    let think = crowd.think.map_or(Duration::ZERO, |think| think.range().0.get());
    let users = (0..crowd.users()).map(|place| {
        let crew = Rc::clone(crew);
        tokio::task::spawn_local(async move {
            while crew.turn(usize::try_from(place).unwrap()).await {
                timer::sleep_until(timer::now() + think).await;
            }
        })
    });
    join_all(users.collect::<Vec<_>>()).await;
}

/// One request: on which connection it came, counted from 0, when, and for which path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    connection: usize,
    at: Duration,
    path: String,
}

type Log = Rc<RefCell<Vec<Seen>>>;

/// Outside event in a run.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// The user stops it.
    Stop,
    /// Nothing more is to begin.
    Enough,
    /// The load thread gets no processor for so long.
    Stall(Duration),
}

/// A run on simulated time.
struct Run {
    journeys: Vec<(&'static str, String)>,
    /// Time that the server takes for each request.
    answers_after: Duration,
    users: u32,
    grace: u64,
    phases: Vec<PhaseJob>,
    events: Vec<(Duration, Event)>,
}

/// Results of a run; all times are from the run's zero.
struct Applied {
    ended: Duration,
    totals: Vec<LoadTotals>,
    recording: Recording,
    seen: Vec<Seen>,
}

/// A journey of one step for the path of that name.
fn one_step(name: &str) -> String {
    format!("[[step]]\nname = 's'\npath = '/{name}'\n")
}

/// A phase that begins then and walks journey `a`.
fn phase(start: u64, length: u64, text: &str) -> PhaseJob {
    let workload = workload(text);
    PhaseJob {
        name: format!("phase-{start}-{length}"),
        start: millis(start),
        arrivals: workload.arrivals(millis(length), 1),
        crowd: workload.crowd(millis(length)),
        task: Task::Iterate(vec![("a".to_owned(), 1.0)]),
        seed: 1,
    }
}

impl Run {
    /// A single phase; answers come after so long.
    fn new(users: u32, answers_after: u64, length: u64, text: &str) -> Self {
        Self {
            journeys: vec![("a", one_step("a")), ("b", one_step("b"))],
            answers_after: millis(answers_after),
            users,
            grace: NEVER,
            phases: vec![phase(0, length, text)],
            events: Vec::new(),
        }
    }

    fn then(mut self, at: u64, event: Event) -> Self {
        self.events.push((millis(at), event));
        self
    }

    fn mixed(mut self, a: f64, b: f64, seed: u64) -> Self {
        self.phases[0].task = Task::Iterate(vec![("a".to_owned(), a), ("b".to_owned(), b)]);
        self.phases[0].seed = seed;
        self
    }

    fn apply(self) -> Applied {
        let folder = tempfile::tempdir().unwrap();
        let single = self
            .journeys
            .iter()
            .all(|(_, text)| text.matches("[[step]]").count() == 1)
            && !self.phases.iter().any(|phase| matches!(phase.task, Task::Walk(_)));
        let journeys = load(folder.path(), &self.journeys);
        let seen = Log::default();
        let (ended, totals, collector) = simulated::simulate(async {
            let clock = RunClock::starting_in(LEAD);
            let listener = Listener::open();
            let front_door = listener.url();
            tokio::task::spawn_local(serve(listener, clock, self.answers_after, Rc::clone(&seen)));
            let users = Users {
                count: self.users,
                log_in_every: Span::from_millis(100),
                graceful_stop: Span::from_millis(self.grace),
                setup: None,
                teardown: None,
                teardown_at_most: Span::from_millis(5_000),
            };
            let (collector, recorder) = recording(clock, &journeys, &self.phases, folder.path());
            let job = job(clock, journeys, front_door, users, self.phases);
            for (at, event) in self.events {
                let (stop, enough) = (job.stop.clone(), job.enough.clone());
                tokio::task::spawn_local(async move {
                    timer::sleep_until(clock.at(at)).await;
                    match event {
                        Event::Stop => stop.cancel(),
                        Event::Enough => enough.cancel(),
                        Event::Stall(length) => simulated::stall(length),
                    }
                });
            }
            let totals = drive(job, Rc::new(RefCell::new(recorder))).await.unwrap();
            (clock.now(), totals, collector)
        });
        let applied = Applied {
            ended,
            totals,
            recording: collector.join().unwrap(),
            seen: seen.take(),
        };
        if single {
            assert_identities(&applied.totals, &applied.recording);
        }
        applied
    }
}

impl Applied {
    /// Arrival times of the requests.
    fn times(&self) -> Vec<Duration> {
        self.seen.iter().map(|seen| seen.at).collect()
    }

    /// Arrival times of the requests on each connection.
    fn by_connection(&self) -> BTreeMap<usize, Vec<Duration>> {
        let mut all = BTreeMap::<_, Vec<_>>::new();
        for seen in &self.seen {
            all.entry(seen.connection).or_default().push(seen.at);
        }
        all
    }

    /// Number of requests of that length that are under way at `at`.
    fn busy(&self, at: Duration, length: Duration) -> usize {
        let under_way = |seen: &&Seen| seen.at <= at && at < seen.at + length;
        self.seen.iter().filter(under_way).count()
    }

    fn paths(&self) -> Vec<&str> {
        self.seen.iter().map(|seen| seen.path.as_str()).collect()
    }
}

fn load(folder: &std::path::Path, files: &[(&str, String)]) -> Journeys {
    for (name, steps) in files {
        let text = format!("name = '{name}'\ndescription = 'd'\n{steps}");
        std::fs::write(folder.join(format!("{name}.toml")), text).unwrap();
    }
    let names: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    Journeys::load(folder, &names).unwrap()
}

fn recording(
    clock: RunClock,
    journeys: &Journeys,
    phases: &[PhaseJob],
    folder: &std::path::Path,
) -> (Collector, Recorder) {
    let settings = CollectorSettings {
        transactions: journeys
            .transactions()
            .iter()
            .map(|series| series.name.clone())
            .collect(),
        followed: Vec::new(),
        origin: clock.origin(),
        wall: clock.wall(),
        limits: Vec::new(),
        phases: phases
            .iter()
            .map(|phase| (phase.name.clone(), true))
            .chain(["set-up", "tear-down"].map(|name| (name.to_owned(), false)))
            .collect(),
        series: journeys.series().iter().map(|series| series.name.clone()).collect(),
        folder: folder.to_owned(),
    };
    Collector::start(settings, tokio::sync::watch::channel(<_>::default()).0).unwrap()
}

fn job(clock: RunClock, journeys: Journeys, front_door: String, users: Users, phases: Vec<PhaseJob>) -> LoadJob {
    LoadJob {
        no_log_in: NoLogIn::default(),
        set_up: SetUp::default(),
        elsewhere: <_>::default(),
        events: <_>::default(),
        ledger: <_>::default(),
        tracing: crate::record::Tracing::default(),
        clock,
        journeys: Arc::new(journeys),
        endpoints: Endpoints {
            front_door,
            transport: <_>::default(),
            ready_path: "/".to_owned(),
            containers: Vec::new(),
            database: None,
            client_addresses: None,
            limiter: None,
        },
        timeout: Span::from_millis(NEVER),
        users,
        sessions: <_>::default(),
        seed: 7,
        phases,
        stop: CancellationToken::new(),
        enough: CancellationToken::new(),
    }
}

/// A keep-alive server that answers each request after `delay`.
async fn serve(mut listener: Listener, clock: RunClock, delay: Duration, seen: Log) {
    for connection in 0.. {
        let stream = listener.accept().await;
        tokio::task::spawn_local(answer(stream, connection, clock, delay, Rc::clone(&seen)));
    }
}

async fn answer(mut stream: Memory, connection: usize, clock: RunClock, delay: Duration, seen: Log) {
    let mut buffer = vec![0; 4096];
    // A request without a body comes in one piece.
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        let text = String::from_utf8_lossy(&buffer[..length]);
        seen.borrow_mut().push(Seen {
            connection,
            at: clock.now(),
            path: text.split(' ').nth(1).unwrap().to_owned(),
        });
        timer::sleep_until(timer::now() + delay).await;
        let ok = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        if stream.write_all(ok).await.is_err() {
            return;
        }
    }
}

/// Asserts the sums that must agree if each journey has one step.
fn assert_identities(totals: &[LoadTotals], recording: &Recording) {
    // Removals under way when the tear-down is cut off are left, and have been requests all the same.
    for totals in totals
        .iter()
        .filter(|totals| totals.phase != "tear-down" || totals.dropped == 0)
    {
        assert_eq!(totals.planned, totals.started + totals.dropped, "{totals:?}");
        let ended = totals.completed + totals.failed + totals.interrupted;
        assert_eq!(totals.started, ended, "{totals:?}");
        let series = recording.series.iter();
        let series = series.filter(|record| record.key.phase == totals.phase);
        let requests: u64 = series.clone().map(|record| record.counters.total()).sum();
        assert_eq!(requests, totals.started, "{totals:?}");
        for record in series {
            assert_eq!(record.timings.of(Timing::SendLag).len(), record.counters.total());
        }
    }
}

/// Number of requests of all series with that outcome.
fn outcomes(recording: &Recording, outcome: Outcome) -> u64 {
    recording.series.iter().map(|record| record.counters.of(outcome)).sum()
}
