//! HTTP/2 that goes wrong.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use h2::server::{self, Connection, SendResponse};
use h2::{Reason, SendStream};
use hyper::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;

use super::*;
use crate::wire::HttpVersion;
use crate::wire::memory::Listener;

/// Reply of the server to a request.
#[derive(Debug, Clone, Copy)]
enum Reply {
    Whole,
    /// The head and two of ten bytes.
    Part,
    /// The head, ten bytes announced, and an end after two.
    Short,
    /// Resets the stream for that reason.
    Refuse(Reason),
    Silence,
    /// Says goodbye with the answer.
    Last,
    /// Closes the connection.
    Close,
    /// Closes it with a reset.
    Reset,
}

type Asked = Option<Result<(Request<h2::RecvStream>, SendResponse<Bytes>), h2::Error>>;

/// Plays one script for each connection, one reply for each request, and counts the connections.
async fn serve(scripts: Vec<Vec<Reply>>) -> (Rc<Target>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        for script in scripts {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            if script.iter().any(|reply| matches!(reply, Reply::Reset)) {
                #[expect(deprecated, reason = "a linger of zero does not block: it is how a socket is reset")]
                stream.set_linger(Some(Duration::ZERO)).unwrap();
            }
            tokio::spawn(play_replies(stream, script));
        }
    });
    (target_by(url, http2()), connections)
}

fn http2() -> Transport {
    Transport {
        http: HttpVersion::Two,
        ..Transport::default()
    }
}

async fn play_replies(stream: impl AsyncRead + AsyncWrite + Unpin, script: Vec<Reply>) {
    let mut connection = server::handshake(stream).await.unwrap();
    let mut kept: Vec<SendStream<Bytes>> = Vec::new();
    let mut unanswered = Vec::new();
    for reply in script {
        let asked: Asked = connection.accept().await;
        let Some(Ok((_, mut respond))) = asked else { return };
        let head = |length: &str| Response::builder().header("content-length", length).body(()).unwrap();
        match reply {
            Reply::Whole | Reply::Last => {
                let mut body = respond.send_response(head("2"), false).unwrap();
                body.send_data("ok".into(), true).unwrap();
                if matches!(reply, Reply::Last) {
                    connection.graceful_shutdown();
                }
            }
            Reply::Part => {
                let mut body = respond.send_response(head("10"), false).unwrap();
                body.send_data("ha".into(), false).unwrap();
                kept.push(body);
                flush(&mut connection).await;
                return;
            }
            Reply::Short => {
                let mut body = respond.send_response(head("10"), false).unwrap();
                body.send_data("ha".into(), true).unwrap();
            }
            Reply::Refuse(reason) => respond.send_reset(reason),
            Reply::Silence => unanswered.push(respond),
            Reply::Close | Reply::Reset => return,
        }
    }
    // Until the client goes.
    while connection.accept().await.is_some() {}
}

/// Writes out what is due.
async fn flush(connection: &mut Connection<impl AsyncRead + AsyncWrite + Unpin, Bytes>) {
    let _ = tokio::time::timeout(Duration::from_millis(30), connection.accept()).await;
}

async fn outcomes(iterations: usize, scripts: Vec<Vec<Reply>>) -> (Vec<Outcome>, usize) {
    let (target, connections) = serve(scripts).await;
    let played = play_at(GET, iterations, &target).await;
    (played.outcomes("j.s"), connections.load(Ordering::Relaxed))
}

#[tokio::test]
async fn every_way_to_answer_badly_lands_in_its_class() {
    for (reply, outcome) in [
        (Reply::Whole, Outcome::Success),
        (Reply::Last, Outcome::Success),
        (Reply::Part, Outcome::Truncated),
        (Reply::Short, Outcome::Malformed),
        (Reply::Refuse(Reason::INTERNAL_ERROR), Outcome::Reset),
        (Reply::Close, Outcome::Reset),
        (Reply::Reset, Outcome::Reset),
    ] {
        assert_eq!(outcomes(1, vec![vec![reply]]).await.0, [outcome], "{reply:?}");
    }
}

#[tokio::test]
async fn a_stream_that_is_refused_or_a_connection_that_is_gone_is_tried_once_more() {
    for gone in [Reply::Refuse(Reason::REFUSED_STREAM), Reply::Close, Reply::Reset] {
        let scripts = vec![vec![Reply::Whole, gone], vec![Reply::Whole; 2]];
        assert_eq!(outcomes(3, scripts).await, (vec![Outcome::Success; 3], 2), "{gone:?}");
    }
    let twice = vec![vec![Reply::Whole, Reply::Close], vec![Reply::Close]];
    assert_eq!(outcomes(2, twice).await.0, [Outcome::Success, Outcome::Reset]);
}

#[tokio::test]
async fn after_a_goodbye_another_connection_is_opened() {
    let scripts = vec![vec![Reply::Last], vec![Reply::Whole; 2]];
    assert_eq!(outcomes(3, scripts).await, (vec![Outcome::Success; 3], 2));
}

#[test]
fn a_time_out_costs_the_connection() {
    let scripts = [vec![Reply::Silence], vec![Reply::Whole]];
    let played = simulated::simulate(async {
        let mut listener = Listener::open();
        let target = target_by(listener.url(), http2());
        tokio::task::spawn_local(async move {
            for script in scripts {
                let stream = listener.accept().await;
                tokio::task::spawn_local(play_replies(stream, script));
            }
        });
        play_at(&format!("{GET}timeout = '250ms'\n"), 2, &target).await
    });
    assert_eq!(played.outcomes("j.s"), [Outcome::Success, Outcome::TimedOut]);
    assert_eq!(played.took, [250, 0].map(Duration::from_millis));
    assert_eq!(played.series("j.s").timings.of(Timing::Connect).len(), 2);
}
