//! HTTP/2 that goes wrong.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use h2::server::{self, Connection, SendResponse};
use h2::{Reason, SendStream};
use hyper::{Request, Response};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

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
    /// Two server-sent events, and no end.
    Events,
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
            Reply::Events => {
                let head = Response::builder().header("content-type", "text/event-stream");
                let mut body = respond.send_response(head.body(()).unwrap(), false).unwrap();
                body.send_data("data: 1\n\nda".into(), false).unwrap();
                body.send_data("ta: 2\n\n".into(), false).unwrap();
                kept.push(body);
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

/// Over HTTP/1.1 the connection would have to be closed.
#[tokio::test]
async fn a_stream_of_events_ends_and_its_connection_goes_on() {
    let watch =
        "[[step]]\nname = 's'\npath = '/'\nevents = { count = 2, at-most = '60s' }\ncheck = [{ equals = '2' }]\n";
    let (target, connections) = serve(vec![vec![Reply::Events, Reply::Events]]).await;
    let played = play_at(watch, 2, &target).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 2]);
    assert_eq!(connections.load(Ordering::Relaxed), 1);
    // The stream ends before the third.
    let (target, _) = serve(vec![vec![Reply::Whole]]).await;
    let played = play_at(&watch.replace("count = 2", "count = 3"), 1, &target).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::CheckFailed]);
}

#[tokio::test]
async fn after_a_goodbye_another_connection_is_opened() {
    let scripts = vec![vec![Reply::Last], vec![Reply::Whole; 2]];
    assert_eq!(outcomes(3, scripts).await, (vec![Outcome::Success; 3], 2));
}

/// Reply to a request, in frames by hand.
#[derive(Debug, Clone, Copy)]
enum Frames {
    Whole,
    /// GOAWAY below the request, and the end.
    TurnAway,
    /// A whole answer, and a reset that says that no more of the request is wanted.
    Early,
    /// The same with an answer of fewer bytes than it announces.
    EarlyShort,
}

/// Plays one script for each connection, and counts the requests that were answered.
async fn serve_frames(scripts: Vec<Vec<Frames>>) -> (Rc<Target>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answered = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&answered);
    tokio::spawn(async move {
        for script in scripts {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(play_frames(stream, script, Arc::clone(&counted)));
        }
    });
    (target_by(url, http2()), answered)
}

async fn play_frames(mut stream: TcpStream, script: Vec<Frames>, answered: Arc<AtomicUsize>) -> std::io::Result<()> {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const RESET: u8 = 3;
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    const END_STREAM: u8 = 1;
    const ACKNOWLEDGED: u8 = 1;
    const END_HEADERS: u8 = 4;
    let frame = |kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    };
    stream.read_exact(&mut [0; 24]).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    let (mut script, mut last) = (script.into_iter(), 0_u32);
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).await?;
        let (kind, flags) = (head[3], head[4]);
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        if kind == SETTINGS && flags & ACKNOWLEDGED == 0 {
            stream.write_all(&frame(SETTINGS, ACKNOWLEDGED, 0, &[])).await?;
        }
        if !matches!(kind, DATA | HEADERS) || flags & END_STREAM == 0 {
            continue;
        }
        // `:status: 200`, and `content-length: 9` for an answer of two bytes that is short.
        let (ok, short) = (&b"\x88"[..], &b"\x88\x0f\x0d\x019"[..]);
        let reply = script.next().unwrap();
        let bytes = match reply {
            Frames::TurnAway => {
                let goodbye = [last.to_be_bytes(), [0_u8; 4]].concat();
                return stream.write_all(&frame(GOAWAY, 0, 0, &goodbye)).await;
            }
            Frames::Whole => frame(HEADERS, END_HEADERS | END_STREAM, id, ok),
            Frames::Early => [
                frame(HEADERS, END_HEADERS, id, ok),
                frame(DATA, END_STREAM, id, b"ok"),
                frame(RESET, 0, id, &[0; 4]),
            ]
            .concat(),
            Frames::EarlyShort => [
                frame(HEADERS, END_HEADERS, id, short),
                frame(DATA, 0, id, b"ok"),
                frame(RESET, 0, id, &[0; 4]),
            ]
            .concat(),
        };
        (last, _) = (id, answered.fetch_add(1, Ordering::Relaxed));
        stream.write_all(&bytes).await?;
    }
}

#[tokio::test]
async fn a_request_above_the_last_stream_of_a_goaway_is_sent_again() {
    for method in ["GET", "POST"] {
        let step = format!("[[step]]\nname = 's'\npath = '/'\nmethod = '{method}'\nbody = 'a'\n");
        // Also where it is the first request over its connection.
        for before in [vec![], vec![Frames::Whole]] {
            let scripts = vec![[&before[..], &[Frames::TurnAway]].concat(), vec![Frames::Whole; 2]];
            let iterations = before.len() + 2;
            let (target, answered) = serve_frames(scripts).await;
            let played = play_at(&step, iterations, &target).await;
            assert_eq!(played.outcomes("j.s"), vec![Outcome::Success; iterations], "{method}");
            assert_eq!(answered.load(Ordering::Relaxed), iterations, "{method}");
        }
    }
    let twice = vec![vec![Frames::TurnAway], vec![Frames::TurnAway]];
    let (target, _) = serve_frames(twice).await;
    assert_eq!(play_at(GET, 1, &target).await.outcomes("j.s"), [Outcome::Reset]);
}

#[tokio::test]
async fn an_answer_before_the_end_of_the_request_is_whole() {
    let step = "[[step]]\nname = 's'\npath = '/'\nmethod = 'POST'\nbody = 'a'\ncheck = [{ contains = 'ok' }]\n";
    let (target, _) = serve_frames(vec![vec![Frames::Early, Frames::Early, Frames::EarlyShort]]).await;
    let played = play_at(step, 3, &target).await;
    assert_eq!(
        played.outcomes("j.s"),
        [Outcome::Success, Outcome::Success, Outcome::Reset]
    );
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

/// Answers the first of so many requests at once, and the others, in reverse, when all of them have come. Counts the connections.
async fn serve_together(page: bool, branches: usize) -> (Rc<Target>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut connection = server::handshake(stream).await.unwrap();
                let mut waiting = Vec::new();
                let mut alone = page;
                while let Some(Ok((_, mut respond))) = connection.accept().await {
                    let head = || Response::builder().body(()).unwrap();
                    if std::mem::take(&mut alone) {
                        respond.send_response(head(), true).unwrap();
                        continue;
                    }
                    waiting.push(respond);
                    if waiting.len() == branches {
                        for mut respond in waiting.drain(..).rev() {
                            respond.send_response(head(), true).unwrap();
                        }
                        alone = page;
                    }
                }
            });
        }
    });
    (target_by(url, http2()), connections)
}

#[tokio::test]
async fn requests_at_the_same_time_are_streams_of_one_connection() {
    for page in [true, false] {
        let mut journey = if page { GET.to_owned() } else { String::new() };
        journey += "[[step]]\nname = 'dashboard'\n";
        for branch in 0..6 {
            journey.push_str("[[step.parallel]]\n[[step.parallel.step]]\npath = '/'\n");
            journey.extend(["name = 'b", &branch.to_string(), "'\n"]);
        }
        let (target, connections) = serve_together(page, 6).await;
        let played = play_at(&journey, 2, &target).await;
        assert_eq!(played.endings, [IterationEnd::Completed; 2]);
        for branch in 0..6 {
            assert_eq!(played.outcomes(&format!("j.b{branch}")), [Outcome::Success; 2]);
        }
        assert_eq!(connections.load(Ordering::Relaxed), 1);
    }
}
