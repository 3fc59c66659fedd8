//! Users against a scripted server, recorded by the real recorder: on real sockets where only the order of things matters, in
//! memory and on simulated time where times do.

mod auth;
mod bodies;
mod caching;
mod client;
mod conversations;
mod cookies;
mod doors;
mod endings;
mod event_streams;
mod files;
mod flow;
mod heads;
mod hosts;
mod inputs;
mod multiplexed;
mod parallel;
mod parked;
mod redirects;
mod repetition;
mod secure;
mod server;
mod session;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use self::server::{Act, serve, serve_in_memory};
use super::*;
use crate::record::{Collector, CollectorSettings, Outcome, PhaseRecorder, Recorder, Recording, SeriesRecord, Timing};
use crate::stack::{ClientAddresses, Endpoints, LimiterAnswer};
use crate::timer::{self, simulated};
use crate::units::Span;
use crate::wire::Transport;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn target(front_door: String) -> Rc<Target> {
    target_by(front_door, Transport::default())
}

fn target_by(front_door: String, transport: Transport) -> Rc<Target> {
    Rc::new(Target::new(&endpoints(front_door, transport), Span::from_millis(60_000)).unwrap())
}

fn endpoints(front_door: String, transport: Transport) -> Endpoints {
    Endpoints {
        front_door,
        transport,
        ready_path: "/".to_owned(),
        containers: Vec::new(),
        database: None,
        client_addresses: Some(ClientAddresses {
            header: "X-Forwarded-For".to_owned(),
        }),
        limiter: Some(LimiterAnswer {
            status: 503,
            content_type: "text/html".to_owned(),
        }),
    }
}

/// A folder with these journeys and a feeder of two users.
fn journeys(files: &[(&str, &str)]) -> Result<Journeys, JourneyError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("users.csv"), "login,password\nanna,a\nbert,b\n").unwrap();
    for (name, text) in files {
        let text = format!("name = '{name}'\ndescription = 'd'\n{text}");
        std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
    }
    let names: Vec<String> = files.iter().map(|(name, _)| (*name).to_owned()).collect();
    Journeys::load(folder.path(), &names)
}

/// A recorder for one phase of those journeys.
fn recording(journeys: &Journeys) -> (tempfile::TempDir, Collector, Recorder) {
    let folder = tempfile::tempdir().unwrap();
    let settings = CollectorSettings {
        transactions: journeys
            .transactions()
            .iter()
            .map(|series| series.name.clone())
            .collect(),
        followed: Vec::new(),
        origin: std::time::Instant::now(),
        wall: jiff::Timestamp::now(),
        limits: Vec::new(),
        phases: vec![("judged".to_owned(), true)],
        series: journeys.series().iter().map(|series| series.name.clone()).collect(),
        folder: folder.path().to_owned(),
    };
    let (collector, recorder) = Collector::start(settings, tokio::sync::watch::channel(<_>::default()).0).unwrap();
    (folder, collector, recorder)
}

/// Record of a test.
struct Played {
    endings: Vec<IterationEnd>,
    /// Duration of each iteration, aborted or not.
    took: Vec<Duration>,
    requests: Vec<String>,
    recording: Recording,
}

impl Played {
    fn series(&self, name: &str) -> &SeriesRecord {
        let mut series = self.recording.series.iter();
        series.find(|record| record.key.series == name).unwrap()
    }

    /// The outcomes of that series, as often as they came.
    fn outcomes(&self, name: &str) -> Vec<Outcome> {
        let counters = &self.series(name).counters;
        let repeated = Outcome::ALL.map(|outcome| vec![outcome; usize::try_from(counters.of(outcome)).unwrap()]);
        repeated.concat()
    }
}

/// User 1 walks the journey so many times against those scripts.
async fn play_with(files: &[(&str, &str)], name: &str, iterations: usize, scripts: Vec<Vec<Act>>) -> Played {
    let journeys = Arc::new(journeys(files).unwrap());
    let (address, seen) = serve(scripts).await;
    let mut played = walk(&journeys, name, iterations, &target(address), PATIENCE).await;
    played.requests.clone_from(&seen.lock().unwrap());
    played
}

/// The same on simulated time; an iteration is aborted after `patience`.
fn simulate_with(
    files: &[(&str, &str)],
    name: &str,
    iterations: usize,
    scripts: Vec<Vec<Act>>,
    patience: Duration,
) -> Played {
    simulated::simulate(async {
        let journeys = Arc::new(journeys(files).unwrap());
        let (address, seen) = serve_in_memory(scripts);
        let mut played = walk(&journeys, name, iterations, &target(address), patience).await;
        played.requests.clone_from(&seen.lock().unwrap());
        played
    })
}

/// The same against any front door.
async fn walk(
    journeys: &Arc<Journeys>,
    name: &str,
    iterations: usize,
    target: &Rc<Target>,
    patience: Duration,
) -> Played {
    go_on(journeys, name, iterations, (target, &Sessions::default()), patience).await
}

/// The same with a session that an earlier run left, if any.
async fn go_on(
    journeys: &Arc<Journeys>,
    name: &str,
    iterations: usize,
    (target, sessions): (&Rc<Target>, &Sessions),
    patience: Duration,
) -> Played {
    let (_folder, collector, recorder) = recording(journeys);
    let recorder = RefCell::new(recorder);
    let mut user = VirtualUser::new(1, 7, journeys, target);
    user.resume(sessions);
    let journey = journeys.get(name).unwrap();
    let (mut endings, mut took) = (Vec::new(), Vec::new());
    for _ in 0..iterations {
        let phase = PhaseRecorder::new(&recorder, 0);
        let begun = timer::now();
        let iteration = user.iterate(journey, begun, &phase);
        if let Some(ending) = timer::timeout_at(begun + patience, iteration).await {
            endings.push(ending);
        }
        took.push(timer::now() - begun);
    }
    user.keep(sessions);
    drop(recorder);
    Played {
        endings,
        took,
        requests: Vec::new(),
        recording: collector.join().unwrap(),
    }
}

/// One journey against any front door.
async fn play_at(journey: &str, iterations: usize, target: &Rc<Target>) -> Played {
    let journeys = Arc::new(journeys(&[("j", journey)]).unwrap());
    walk(&journeys, "j", iterations, target, PATIENCE).await
}

async fn play(journey: &str, iterations: usize, scripts: Vec<Vec<Act>>) -> Played {
    play_with(&[("j", journey)], "j", iterations, scripts).await
}

/// The same on simulated time.
fn simulate(journey: &str, iterations: usize, scripts: Vec<Vec<Act>>) -> Played {
    simulate_with(&[("j", journey)], "j", iterations, scripts, PATIENCE)
}

/// Asserts that all times of that kind are equal to `micros`, within the resolution of a histogram of three digits.
fn assert_all(played: &Played, series: &str, timing: Timing, micros: u64) {
    let times = played.series(series).timings.of(timing);
    for seen in [times.min(), times.max()] {
        assert!(times.equivalent(seen, micros), "{seen} µs instead of {micros}");
    }
}

const GET: &str = "[[step]]\nname = 's'\npath = '/'\n";

const SESSION: &str = r#"
feeder = "users.csv"
[[step]]
name = "post"
method = "POST"
path = "/login"
json = { login = "{{login}}", password = "{{password}}" }
extract = { token = "$.token" }
"#;

const WITH_SESSION: &str = r#"
session = "login"
headers = { authorization = "Bearer {{token}}" }
tags = ["api"]
[[step]]
name = "list"
path = "/tasks?of={{login}}"
extract = { task = "$[*].id" }
[[step]]
name = "patch"
method = "PATCH"
path = "/tasks/{{task}}"
tags = ["write"]
json = { title = "{{task}}" }
think = "20ms"
"#;
