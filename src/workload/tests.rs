//! Closed phases on a real load thread against a real server.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::journey::Journeys;
use crate::record::{Collector, CollectorSettings, LoadTotals, Outcome, Recording, RunClock, Timing};
use crate::stack::Endpoints;

/// From making the run until its zero: goose prepares meanwhile.
const LEAD: Duration = Duration::from_millis(300);

/// One request: which connection it came on, when, and for which path.
#[derive(Debug, Clone)]
struct Seen {
    connection: SocketAddr,
    at: Instant,
    path: String,
}

/// A keep-alive server that answers each request after `delay`.
async fn serve(delay: Duration) -> (String, Arc<Mutex<Vec<Seen>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::<Mutex<Vec<Seen>>>::default();
    let all = Arc::clone(&seen);
    tokio::spawn(async move {
        loop {
            let (stream, connection) = listener.accept().await.unwrap();
            tokio::spawn(answer(stream, connection, delay, Arc::clone(&all)));
        }
    });
    (address, seen)
}

async fn answer(mut stream: TcpStream, connection: SocketAddr, delay: Duration, seen: Arc<Mutex<Vec<Seen>>>) {
    let mut buffer = vec![0; 4096];
    // A request without a body comes in one piece.
    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
        let text = String::from_utf8_lossy(&buffer[..length]);
        let path = text.split(' ').nth(1).unwrap().to_owned();
        seen.lock().unwrap().push(Seen {
            connection,
            at: Instant::now(),
            path,
        });
        tokio::time::sleep(delay).await;
        let ok = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        if stream.write_all(ok).await.is_err() {
            return;
        }
    }
}

/// What happened in a test.
struct Applied {
    zero: Instant,
    took: Duration,
    totals: Vec<LoadTotals>,
    recording: Recording,
    seen: Vec<Seen>,
}

impl Applied {
    /// When each connection made its first request, in milliseconds from the run's zero.
    fn hatched(&self) -> Vec<u128> {
        let mut first = HashMap::new();
        for seen in &self.seen {
            first.entry(seen.connection).or_insert(seen.at);
        }
        let mut first: Vec<u128> = first.values().map(|at| (*at - self.zero).as_millis()).collect();
        first.sort_unstable();
        first
    }

    /// How many connections made a request in each tenth of a second.
    fn busy(&self) -> Vec<usize> {
        let mut busy: BTreeMap<u128, std::collections::HashSet<SocketAddr>> = BTreeMap::new();
        for seen in &self.seen {
            let tenth = (seen.at - self.zero).as_millis() / 100;
            busy.entry(tenth).or_default().insert(seen.connection);
        }
        let last = busy.keys().max().copied().unwrap_or(0);
        (0..=last)
            .map(|tenth| busy.get(&tenth).map_or(0, std::collections::HashSet::len))
            .collect()
    }

    /// Every sum that must agree.
    fn assert_identities(&self) {
        for totals in &self.totals {
            assert_eq!(totals.planned, totals.started + totals.dropped, "{totals:?}");
            let ended = totals.completed + totals.failed + totals.interrupted;
            assert_eq!(totals.started, ended, "{totals:?}");
            let series = self
                .recording
                .series
                .iter()
                .filter(|record| record.key.phase == totals.phase);
            // Each journey of these tests has one step.
            let requests: u64 = series.clone().map(|record| record.counters.total()).sum();
            assert_eq!(requests, totals.started, "{totals:?}");
            for record in series {
                assert_eq!(record.timings.of(Timing::SendLag).len(), record.counters.total());
            }
        }
    }

    fn requests(&self, series: &str) -> u64 {
        let records = self.recording.series.iter();
        records
            .filter(|record| record.key.series == series)
            .map(|record| record.counters.total())
            .sum()
    }
}

struct Test {
    delay: Duration,
    users: u32,
    grace: u64,
    /// Whether the phases begin together.
    beside: bool,
    phases: Vec<(u64, Workload)>,
    mix: Vec<(String, f64)>,
    stop_after: Option<Duration>,
}

fn workload(text: &str) -> Workload {
    toml::from_str(text).unwrap()
}

fn test(delay: u64, text: &str, seconds: f64) -> Test {
    let workload = workload(text);
    let crowd = workload.crowd(Duration::from_secs_f64(seconds)).unwrap();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a test's few seconds"
    )]
    let millis = (seconds * 1e3) as u64;
    Test {
        delay: Duration::from_millis(delay),
        users: crowd.users(),
        grace: 5_000,
        beside: false,
        phases: vec![(millis, workload)],
        mix: vec![("a".to_owned(), 1.0)],
        stop_after: None,
    }
}

/// The phases one after the other, each `(milliseconds, workload)`.
fn jobs(phases: Vec<(u64, Workload)>, mix: &[(String, f64)]) -> Vec<PhaseJob> {
    let mut start = Duration::ZERO;
    let jobs = phases.into_iter().enumerate().map(|(index, (millis, workload))| {
        let length = Duration::from_millis(millis);
        let begin = start;
        start += length;
        PhaseJob {
            name: format!("phase-{index}"),
            start: begin,
            arrivals: workload.arrivals(length, 1),
            crowd: workload.crowd(length),
            task: Task::Iterate(mix.to_vec()),
            seed: 1,
        }
    });
    jobs.collect()
}

impl Test {
    async fn apply(self) -> Applied {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b"] {
            let text = format!("name = '{name}'\ndescription = 'd'\n[[step]]\nname = 's'\npath = '/{name}'\n");
            std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
        }
        let journeys = Journeys::load(folder.path(), &["a".to_owned(), "b".to_owned()]).unwrap();
        let (front_door, seen) = serve(self.delay).await;
        let clock = RunClock::starting_in(LEAD);
        let mut phases = jobs(self.phases, &self.mix);
        if self.beside {
            for phase in &mut phases {
                phase.start = Duration::ZERO;
            }
        }
        let settings = CollectorSettings {
            clock,
            limits: Vec::new(),
            phases: phases.iter().map(|phase| (phase.name.clone(), true)).collect(),
            series: journeys.series().iter().map(|series| series.name.clone()).collect(),
            folder: folder.path().to_owned(),
        };
        let (collector, recorder) = Collector::start(settings, tokio::sync::watch::channel(<_>::default()).0).unwrap();
        let stop = CancellationToken::new();
        let job = LoadJob {
            elsewhere: crate::journey::Elsewhere::default(),
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
            timeout: Span::from_millis(20_000),
            users: Users {
                count: self.users,
                log_in_every: Span::from_millis(100),
                graceful_stop: Span::from_millis(self.grace),
            },
            sessions: <_>::default(),
            seed: 7,
            phases,
            stop: stop.clone(),
            enough: CancellationToken::new(),
        };
        let zero = clock.at(Duration::ZERO);
        let running = start(job, recorder).unwrap();
        if let Some(after) = self.stop_after {
            tokio::time::sleep_until((zero + after).into()).await;
            stop.cancel();
        }
        let begun = Instant::now();
        let totals = running.join().await.unwrap();
        let took = begun.elapsed();
        let seen = seen.lock().unwrap().clone();
        let applied = Applied {
            zero,
            took,
            totals,
            recording: collector.join().unwrap(),
            seen,
        };
        applied.assert_identities();
        applied
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn users_begin_at_their_time_and_go_on_until_the_end() {
    let text = "executor = 'constant-users'\nusers = 5\nhatch-every = '100ms'";
    let applied = test(10, text, 1.0).apply().await;
    let hatched = applied.hatched();
    assert_eq!(hatched.len(), 5, "{hatched:?}");
    for (at, intended) in hatched.iter().zip([0, 100, 200, 300, 400]) {
        assert!((intended..intended + 95).contains(at), "{hatched:?}");
    }
    let totals = &applied.totals[0];
    // 5 users, each at most once in 10 ms of the 600 to 1,000 ms it is there: 400 at the most.
    assert!((100..=405).contains(&totals.started), "{totals:?}");
    assert_eq!((totals.completed, totals.interrupted), (totals.started, 0));
    let last = applied
        .seen
        .iter()
        .map(|seen| (seen.at - applied.zero).as_millis())
        .max()
        .unwrap();
    assert!((900..1_080).contains(&last), "{last} ms");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn all_begin_at_once_where_nothing_else_is_said() {
    let applied = test(20, "executor = 'constant-users'\nusers = 8", 0.4).apply().await;
    let hatched = applied.hatched();
    assert_eq!(hatched.len(), 8);
    assert!(hatched.iter().all(|at| *at < 95), "{hatched:?}");
    // The logger that goose brings would print this.
    let warning = log::Metadata::builder()
        .level(log::Level::Error)
        .target("goose")
        .build();
    assert!(!log::logger().enabled(&warning));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn users_come_and_go_from_stage_to_stage() {
    let text = "executor = 'ramping-users'\nstages = [{ to = 6, over = '600ms' }, { to = 6, over = '400ms' }, \
                { to = 2, over = '0s' }, { to = 2, over = '500ms' }]";
    let applied = test(5, text, 1.5).apply().await;
    let hatched = applied.hatched();
    for (at, intended) in hatched.iter().zip([0, 100, 200, 300, 400, 500]) {
        assert!((intended..intended + 95).contains(at), "{hatched:?}");
    }
    let busy = applied.busy();
    // What began in the last instant may reach the server in the next.
    assert!((15..=16).contains(&busy.len()), "{busy:?}");
    assert_eq!(busy[7..10], [6, 6, 6], "{busy:?}");
    assert_eq!(busy[11..15], [2, 2, 2, 2], "{busy:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_mix_follows_its_weights() {
    let mut test = test(0, "executor = 'constant-users'\nusers = 10", 1.0);
    test.mix = vec![("a".to_owned(), 3.0), ("b".to_owned(), 1.0)];
    let applied = test.apply().await;
    let (a, b) = (applied.requests("a.s") as f64, applied.requests("b.s") as f64);
    let total = a + b;
    assert!(total > 200.0, "{total}");
    // Within five standard deviations of a binomial with p = 1/4.
    let deviation = (b - total / 4.0).abs() / (total * 3.0 / 16.0).sqrt();
    assert!(deviation < 5.0, "{a} and {b}");
    // Users do not walk in step: their first journeys differ.
    let mut first = HashMap::new();
    for seen in &applied.seen {
        first.entry(seen.connection).or_insert(seen.path.as_str());
    }
    assert!(first.values().any(|path| *path == "/a") && first.values().any(|path| *path == "/b"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn users_think_between_iterations() {
    let applied = test(0, "executor = 'constant-users'\nusers = 2\nthink = '100ms..150ms'", 1.0)
        .apply()
        .await;
    // 2 users, one iteration per 100 to 150 ms: 2 × (7 … 10).
    assert!((10..=20).contains(&applied.totals[0].started), "{:?}", applied.totals);
    let mut last: HashMap<SocketAddr, Instant> = HashMap::new();
    for seen in &applied.seen {
        if let Some(before) = last.insert(seen.connection, seen.at) {
            assert!(seen.at - before >= Duration::from_millis(95));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn iterations_under_way_may_finish_within_the_grace() {
    let applied = test(300, "executor = 'constant-users'\nusers = 3", 0.4).apply().await;
    // Each begins one at 0 and one at 300 ms, which ends 200 ms after the phase.
    let totals = &applied.totals[0];
    assert_eq!((totals.started, totals.completed, totals.interrupted), (6, 6, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_outlasts_the_grace_is_interrupted_and_counted() {
    let mut test = test(20_000, "executor = 'constant-users'\nusers = 3", 0.3);
    test.grace = 100;
    let applied = test.apply().await;
    let totals = &applied.totals[0];
    assert_eq!((totals.started, totals.completed, totals.interrupted), (3, 0, 3));
    assert_eq!(applied.recording.series[0].counters.of(Outcome::Interrupted), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_run_that_is_stopped_ends_at_once() {
    let mut test = test(20_000, "executor = 'constant-users'\nusers = 4", 60.0);
    test.stop_after = Some(Duration::from_millis(300));
    let applied = test.apply().await;
    assert!(applied.took < Duration::from_secs(1), "{:?}", applied.took);
    let totals = &applied.totals[0];
    assert_eq!((totals.started, totals.completed, totals.interrupted), (4, 0, 4));
    assert_eq!(applied.recording.series[0].counters.of(Outcome::Interrupted), 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_phase_hands_its_users_to_the_next() {
    // All users think for longer than the phase has left when it ends; a fifth is there for the arrival at the very
    // instant at which the second phase's users are still in the middle of an iteration.
    let mut test = test(0, "executor = 'constant-users'\nusers = 4\nthink = '10s'", 0.3);
    test.users = 5;
    test.phases
        .push((300, workload("executor = 'constant-users'\nusers = 4")));
    test.phases
        .push((300, workload("executor = 'constant-arrival-rate'\nrate = '50/s'")));
    let applied = test.apply().await;
    assert_eq!(applied.totals[0].started, 4);
    assert!(applied.totals[1].started > 20, "{:?}", applied.totals);
    let open = &applied.totals[2];
    assert_eq!((open.planned, open.started, open.dropped), (15, 15, 0));
    // The users keep their connections.
    assert!(applied.hatched().len() <= 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn phases_beside_one_another_have_users_of_their_own() {
    let mut test = test(5, "executor = 'constant-users'\nusers = 3", 0.6);
    test.users = 5;
    test.phases
        .push((600, workload("executor = 'constant-users'\nusers = 2")));
    test.beside = true;
    let applied = test.apply().await;
    assert_eq!(applied.hatched().len(), 5);
    assert!(applied.hatched().iter().all(|at| *at < 95), "{:?}", applied.hatched());
    let [three, two] = [0, 1].map(|phase| applied.totals[phase].completed as f64);
    assert!(
        two > 20.0 && (1.2..1.8).contains(&(three / two)),
        "{:?}",
        applied.totals
    );
}

#[test]
fn settings_are_read_as_they_are_written() {
    let text = "executor = 'constant-users'\nusers = 50\nhatch-every = '20ms'\nthink = '1s..3s'";
    let constant = workload(text);
    assert_eq!(
        constant.describe(),
        "constant-users 50, one every 20ms, thinking 1s..3s"
    );
    assert_eq!(constant.length(), None);
    assert_eq!(constant.hatching(), Duration::from_millis(980));
    let ramping = workload("executor = 'ramping-users'\nstages = [{ to = 50, over = '30s' }, { to = 0, over = '1m' }]");
    assert_eq!(ramping.describe(), "ramping-users to 50 in 30s, to 0 in 1m");
    assert_eq!(ramping.length(), Some(Span::from_millis(90_000)));
    assert_eq!(ramping.crowd(Duration::ZERO).map(|crowd| crowd.users()), Some(50));
    assert_eq!(ramping.arrivals(Duration::from_secs(90), 1).count(), 0);
    for wrong in [
        "executor = 'constant-users'\nusers = 0",
        "executor = 'constant-users'\nusers = 5\nrate = '5/s'",
        "executor = 'ramping-users'\nstages = [{ over = '30s', target = 50 }]",
    ] {
        assert!(toml::from_str::<Workload>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_executor_is_listed() {
    let listed: Vec<&str> = EXECUTORS.iter().map(|(name, _)| *name).collect();
    for text in [
        "executor = 'constant-arrival-rate'\nrate = '1/s'",
        "executor = 'ramping-arrival-rate'\nfrom = '1/s'\nstages = []",
        "executor = 'stepped-arrival-rate'\nfrom = '1/s'\nto = '2/s'\nsteps = 2",
        "executor = 'constant-users'\nusers = 1",
        "executor = 'ramping-users'\nstages = []",
    ] {
        let words = workload(text).describe();
        assert!(listed.contains(&words.split(' ').next().unwrap()), "{words}");
    }
    assert_eq!(listed.len(), 5);
}
