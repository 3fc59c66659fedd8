//! Goose uses the system's clock, so the assertions here hold on a machine of any speed.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Instant;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::*;

/// One request: which connection it came on, and when.
type Request = (SocketAddr, Instant);

/// A keep-alive server that answers each request unless `silent`.
async fn serve(silent: bool) -> (String, UnboundedReceiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, seen) = unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (stream, connection) = listener.accept().await.unwrap();
            tokio::spawn(answer(stream, connection, silent, tell.clone()));
        }
    });
    (address, seen)
}

async fn answer(mut stream: TcpStream, connection: SocketAddr, silent: bool, tell: UnboundedSender<Request>) {
    let mut buffer = vec![0; 4096];
    // A request without a body comes in one piece.
    while let Ok(1..) = stream.read(&mut buffer).await {
        let _ = tell.send((connection, Instant::now()));
        let ok = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        if !silent && stream.write_all(ok).await.is_err() {
            return;
        }
    }
}

/// Result of a run that was stopped once the server had seen certain requests.
struct Waited {
    zero: Instant,
    seen: Vec<Request>,
    totals: LoadTotals,
    recording: Recording,
}

/// Makes a run and stops it once `until` holds for the requests that the server has seen.
async fn apply(text: &str, users: u32, silent: bool, until: impl Fn(&[Request]) -> bool) -> Waited {
    let folder = tempfile::tempdir().unwrap();
    let journeys = load(folder.path(), &[("a", one_step("a"))]);
    let (front_door, mut requests) = serve(silent).await;
    let clock = RunClock::starting_in(LEAD);
    let phases = vec![phase(0, NEVER, text)];
    let (collector, recorder) = recording(clock, &journeys, &phases, folder.path());
    let users = Users {
        count: users,
        log_in_every: Span::from_millis(100),
        graceful_stop: Span::from_millis(NEVER),
        setup: None,
        teardown: None,
        teardown_at_most: Span::from_millis(5_000),
    };
    let job = job(clock, journeys, front_door, users, phases);
    let stop = job.stop.clone();
    let running = start(job, recorder).unwrap();
    let mut seen = Vec::new();
    while !until(&seen) {
        seen.push(requests.recv().await.unwrap());
    }
    stop.cancel();
    let totals = running.join().await.unwrap();
    let recording = collector.join().unwrap();
    assert_identities(&totals, &recording);
    Waited {
        zero: clock.at(Duration::ZERO),
        seen,
        totals: totals.into_iter().next().unwrap(),
        recording,
    }
}

/// Instant of each connection's first request, in ascending order.
fn first(seen: &[Request]) -> Vec<Instant> {
    let mut first = HashMap::new();
    for (connection, at) in seen {
        first.entry(*connection).or_insert(*at);
    }
    let mut first: Vec<Instant> = first.into_values().collect();
    first.sort_unstable();
    first
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn users_begin_not_before_their_time_and_go_on() {
    let text = "executor = 'constant-users'\nusers = 5\nhatch-every = '20ms'";
    let applied = apply(text, 5, false, |seen| first(seen).len() == 5 && seen.len() > 50).await;
    for (number, at) in first(&applied.seen).into_iter().enumerate() {
        assert!(at >= applied.zero + millis(20) * u32::try_from(number).unwrap());
    }
    // The logger that goose brings would print this.
    let warning = log::Metadata::builder()
        .level(log::Level::Error)
        .target("goose")
        .build();
    assert!(!log::logger().enabled(&warning));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn users_think_between_iterations() {
    let text = "executor = 'constant-users'\nusers = 2\nthink = '100ms..150ms'";
    let applied = apply(text, 2, false, |seen| seen.len() == 6).await;
    let mut last = HashMap::new();
    for (connection, at) in &applied.seen {
        if let Some(before) = last.insert(connection, *at) {
            // Goose makes up for what its own timer was late by.
            assert!(*at - before >= millis(95), "{:?}", *at - before);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_run_that_is_stopped_interrupts_what_is_under_way() {
    let text = "executor = 'constant-users'\nusers = 4";
    let Waited { totals, recording, .. } = apply(text, 4, true, |seen| seen.len() == 4).await;
    // Neither the answers nor the grace would have an end.
    assert_eq!((totals.started, totals.completed, totals.interrupted), (4, 0, 4));
    assert_eq!(outcomes(&recording, Outcome::Interrupted), 4);
}
