//! Users against a scripted server on a real socket, recorded by the real recorder.

mod bodies;
mod client;
mod conversations;
mod doors;
mod files;
mod multiplexed;
mod parked;
mod redirects;
mod secure;
mod server;
mod session;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::server::{Act, serve};
use super::*;
use crate::record::{
    Collector, CollectorSettings, Outcome, PhaseRecorder, Recorder, Recording, RunClock, SeriesRecord, Timing,
};
use crate::stack::{ClientAddresses, Endpoints, LimiterAnswer};
use crate::units::Span;
use crate::wire::Transport;

fn target(front_door: String) -> Rc<Target> {
    target_by(front_door, Transport::default())
}

fn target_by(front_door: String, transport: Transport) -> Rc<Target> {
    let endpoints = Endpoints {
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
    };
    Rc::new(Target::new(&endpoints, Span::from_millis(100)).unwrap())
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
        clock: RunClock::starting_in(Duration::ZERO),
        limits: Vec::new(),
        phases: vec![("judged".to_owned(), true)],
        series: journeys.series().iter().map(|series| series.name.clone()).collect(),
        folder: folder.path().to_owned(),
    };
    let (collector, recorder) = Collector::start(settings, tokio::sync::watch::channel(<_>::default()).0).unwrap();
    (folder, collector, recorder)
}

/// What happened in a test.
struct Played {
    endings: Vec<Ending>,
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

/// User 1 walks the journey so many times against those scripts; an iteration is aborted after `patience`.
async fn play_with(
    files: &[(&str, &str)],
    name: &str,
    iterations: usize,
    scripts: Vec<Vec<Act>>,
    patience: Duration,
) -> Played {
    let journeys = Arc::new(journeys(files).unwrap());
    let (address, seen) = serve(scripts).await;
    let mut played = walk(&journeys, name, iterations, &target(address), patience).await;
    played.requests.clone_from(&seen.lock().unwrap());
    played
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
    let mut endings = Vec::new();
    for _ in 0..iterations {
        let phase = PhaseRecorder::new(&recorder, 0);
        let iteration = user.iterate(journey, Instant::now(), &phase);
        if let Ok(ending) = tokio::time::timeout(patience, iteration).await {
            endings.push(ending);
        }
    }
    user.keep(sessions);
    drop(recorder);
    Played {
        endings,
        requests: Vec::new(),
        recording: collector.join().unwrap(),
    }
}

/// One journey against any front door.
async fn play_at(journey: &str, iterations: usize, target: &Rc<Target>) -> Played {
    let journeys = Arc::new(journeys(&[("j", journey)]).unwrap());
    walk(&journeys, "j", iterations, target, Duration::from_secs(5)).await
}

async fn play(journey: &str, iterations: usize, scripts: Vec<Vec<Act>>) -> Played {
    play_with(&[("j", journey)], "j", iterations, scripts, Duration::from_secs(5)).await
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
