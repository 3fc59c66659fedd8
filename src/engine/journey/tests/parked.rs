//! Connections that keep nothing but their stream between requests.

use super::secure::{Speaks, serve_tls};
use super::server::{json, write};
use super::*;
use crate::journey::buffer_permits::BufferPermits;
use crate::wire::TlsSettings;

/// A front door at which no connection has a place to stay as it is.
fn crowded(front_door: String, transport: Transport) -> Rc<Target> {
    let mut target = target_by(front_door, transport);
    Rc::get_mut(&mut target).unwrap().places = BufferPermits::new(0);
    target
}

/// Outcomes and requests of one user against those scripts.
async fn played(journey: &str, iterations: usize, scripts: Vec<Vec<Act>>) -> (Vec<Outcome>, usize) {
    let (address, seen) = serve(scripts).await;
    let target = crowded(address, Transport::default());
    let played = play_at(journey, iterations, &target).await;
    let requests = seen.lock().unwrap().len();
    (played.outcomes("j.s"), requests)
}

#[tokio::test]
async fn they_serve_request_after_request() {
    let script = std::iter::repeat_n([Act::Read, json("{}")], 40).flatten().collect();
    assert_eq!(played(GET, 40, vec![script]).await, (vec![Outcome::Success; 40], 40));
}

#[tokio::test]
async fn one_that_is_closed_meanwhile_is_replaced() {
    let once = || vec![Act::Read, json("{}")];
    assert_eq!(played(GET, 2, vec![once(), once()]).await.0, [Outcome::Success; 2]);
    let stale = vec![Act::Read, json("{}"), Act::Read];
    let (outcomes, requests) = played(GET, 2, vec![stale, once()]).await;
    assert_eq!(
        (outcomes, requests),
        (vec![Outcome::Success; 2], 3),
        "a GET is made again"
    );
}

#[tokio::test]
async fn one_with_bytes_left_over_is_not_used_again() {
    let surplus = write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more");
    let scripts = vec![vec![Act::Read, surplus, Act::Hang], vec![Act::Read, json("{}")]];
    assert_eq!(played(GET, 2, scripts).await, (vec![Outcome::Success; 2], 2));
}

#[test]
fn one_whose_request_was_answered_before_it_was_written_is_not_used_again() {
    // Larger than any buffer on the way, to a server that reads nothing of it.
    let body = "x".repeat(12_000_000);
    let post = format!("[[step]]\nname = 's'\npath = '/'\nmethod = 'POST'\nbody = '{body}'\n");
    let early = || vec![Act::Wait(20), json("{}"), Act::Hang];
    let played = simulated::simulate(async {
        let (address, _) = serve_in_memory(vec![early(), early()]);
        play_at(&post, 2, &crowded(address, Transport::default())).await
    });
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 2]);
    assert_all(&played, "j.s", Timing::Response, 20_000);
}

#[tokio::test]
async fn tls_goes_on_where_it_was() {
    let server = serve_tls("127.0.0.1", &[Speaks::Http1]).await;
    let transport = Transport {
        tls: TlsSettings {
            ca_file: Some(server.ca_file.clone()),
            insecure: false,
            ..TlsSettings::default()
        },
        ..Transport::default()
    };
    let target = crowded(format!("https://{}", server.address), transport);
    let played = play_at(&format!("{GET}timeout = '60s'\n"), 5, &target).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 5]);
    assert_eq!(played.series("j.s").timings.of(Timing::Tls).len(), 1);
}
