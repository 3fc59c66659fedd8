//! Steps that converse over a WebSocket.

use std::sync::Mutex;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

use super::secure::{Speaks, serve_tls};
use super::server::{answer, json, write};
use super::*;
use crate::wire::TlsSettings;

/// Messages that the server received.
type Heard = Arc<Mutex<Vec<String>>>;

/// Answers `bye` by closing, `vanish` by being gone, `hush` not at all, anything else by noise and then itself in JSON.
async fn echo(stream: impl AsyncRead + AsyncWrite + Unpin, heard: Heard) {
    let mut stream = accept_async(stream).await.unwrap();
    while let Some(Ok(message)) = stream.next().await {
        let Message::Text(text) = message else {
            heard.lock().unwrap().push(format!("{message:?}"));
            continue;
        };
        heard.lock().unwrap().push(text.to_string());
        match text.as_str() {
            "bye" => stream.close(None).await.unwrap(),
            "vanish" => return,
            "hush" => {}
            _ => {
                let reply = format!("{{\"echo\": \"{text}\", \"id\": 7}}");
                for message in [Message::Ping("?".into()), Message::text("noise"), Message::text(reply)] {
                    // Some do not wait for it.
                    let _ = stream.send(message).await;
                }
            }
        }
    }
}

async fn echoing() -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let heard = Heard::default();
    let told = Arc::clone(&heard);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(echo(stream, Arc::clone(&told)));
        }
    });
    (address, heard)
}

fn conversing(turns: &str) -> String {
    format!("[[step]]\nname = 's'\npath = '/ws?of={{{{user}}}}'\nwebsocket = [{turns}]\ntimeout = '60s'\n")
}

/// The journey with a short time-out if `outcome` is a time-out, else with a long one.
fn for_outcome(journey: &str, outcome: Outcome) -> String {
    let timeout = if outcome == Outcome::TimedOut { "100ms" } else { "60s" };
    journey.replace("60s", timeout)
}

#[tokio::test]
async fn what_is_waited_for_is_heard_checked_and_extracted() {
    let (address, heard) = echoing().await;
    let journey = conversing(
        "{ send = 'hello {{user}}' }, { expect = { json = '$.echo', equals = 'hello 1' } }, \
         { send_json = { a = 'x' } }",
    );
    let journey = format!(
        "{journey}check = [{{ json = '$.id', equals = 7 }}]\nextract = {{ id = '$.id' }}\n{}",
        conversing("{ send = '{{id}}' }, { expect = { contains = '\"7\"' } }").replace("'s'", "'t'")
    );
    let played = play_at(&journey, 2, &target(address)).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success; 2]);
    assert_eq!(played.outcomes("j.t"), [Outcome::Success; 2]);
    // "noise" and the echo, twice.
    let bytes = 2 * (5 + r#"{"echo": "hello 1", "id": 7}"#.len() as u64);
    assert_eq!(played.series("j.s").counters.bytes, bytes);
    assert_eq!(played.series("j.s").timings.of(Timing::Connect).len(), 2);
    let times = |what: &str| {
        heard
            .lock()
            .unwrap()
            .iter()
            .filter(|text| text.starts_with(what))
            .count()
    };
    // The server reads on after the sample has ended.
    let goodbyes = async {
        while times("Close") < 4 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, goodbyes).await.unwrap();
    assert_eq!((times(r#"{"a":"x"}"#), times("Pong")), (2, 4));
}

#[tokio::test]
async fn a_turn_sends_what_an_earlier_one_has_extracted_and_checks_compare_with_values() {
    let (address, heard) = echoing().await;
    let turns = "{ send = 'one' }, \
                 { expect = { json = '$.echo', equals = 'one' }, extract = { id = '$.id', word = { regex = '\"echo\": \"(\\w+)' } } }, \
                 { send = '{{word}}-{{id}}-{{user}}' }, \
                 { expect = { json = '$.echo', equals = '{{word}}-{{id}}-{{user}}' } }, \
                 { send-json = { id = '{{number id}}' } }";
    let after =
        "[[step]]\nname = 't'\npath = '/ws'\nwebsocket = [{ send = '{{word}}!' }, { extract = { last = '$.echo' } }]\n";
    let played = play_at(&format!("{}{after}", conversing(turns)), 1, &target(address)).await;
    assert_eq!(played.outcomes("j.s"), [Outcome::Success]);
    assert_eq!(played.outcomes("j.t"), [Outcome::Success]);
    let heard = heard.lock().unwrap();
    for told in ["one-7-1", r#"{"id":7}"#, "one!"] {
        assert!(heard.iter().any(|text| text == told), "{told}: {heard:?}");
    }
}

#[tokio::test]
async fn a_message_without_the_value_is_waited_past_and_what_cannot_be_sent_fails_its_check() {
    // Each answer is noise, and then JSON: the noise holds no value.
    for (turns, outcome) in [
        (
            "{ send = 'a' }, { extract = { id = '$.id' } }, { send = '{{id}}' }",
            Outcome::Success,
        ),
        ("{ send = 'a' }, { extract = { id = '$.none' } }", Outcome::TimedOut),
        (
            "{ send = 'a' }, { extract = { id = { json = '$.none', default = 'd' } } }",
            Outcome::Success,
        ),
        (
            "{ send = 'a' }, { extract = { word = '$.echo' } }, { send-json = { n = '{{number word}}' } }",
            Outcome::CheckFailed,
        ),
    ] {
        let (address, _) = echoing().await;
        let played = play_at(&for_outcome(&conversing(turns), outcome), 1, &target(address)).await;
        assert_eq!(played.outcomes("j.s"), [outcome], "{turns}");
        // Later steps would need the values.
        let ending = if outcome == Outcome::Success {
            IterationEnd::Completed
        } else {
            IterationEnd::Failed
        };
        assert_eq!(played.endings, [ending], "{turns}");
    }
}

#[tokio::test]
async fn a_conversation_that_goes_wrong_lands_in_its_class() {
    for (turns, outcome) in [
        ("{ send = 'hush' }, { expect = { contains = 'a' } }", Outcome::TimedOut),
        ("{ send = 'a' }, { expect = { contains = 'b' } }", Outcome::TimedOut),
        ("{ send = 'bye' }, { expect = { contains = 'a' } }", Outcome::Truncated),
        (
            "{ send = 'vanish' }, { expect = { contains = 'a' } }",
            Outcome::Truncated,
        ),
        ("{ send = 'hush' }", Outcome::Success),
        ("", Outcome::Success),
    ] {
        let (address, _) = echoing().await;
        let played = play_at(&for_outcome(&conversing(turns), outcome), 2, &target(address)).await;
        assert_eq!(played.outcomes("j.s"), [outcome; 2], "{turns}");
        assert_eq!(played.endings, [IterationEnd::Completed; 2]);
    }
}

#[tokio::test]
async fn a_handshake_that_is_refused_is_judged_by_its_status() {
    let head = "HTTP/1.1 101 Switching Protocols\r\n";
    for (acts, outcome) in [
        (vec![answer(401, "text/plain", "no")], Outcome::ClientError),
        (vec![answer(503, "text/html", "slow down")], Outcome::RateLimited),
        (vec![answer(503, "text/plain", "no")], Outcome::ServerError),
        (vec![json("{}")], Outcome::CheckFailed),
        (vec![Act::Hang], Outcome::TimedOut),
        (vec![Act::Reset], Outcome::Reset),
        (vec![], Outcome::Reset),
        (vec![write(head)], Outcome::Truncated),
        (vec![write("SSH-2.0-OpenSSH_9.2\r\n\r\n")], Outcome::Malformed),
        (
            vec![write(&format!(
                "{head}upgrade: websocket\r\nconnection: upgrade\r\n\r\n"
            ))],
            Outcome::Malformed,
        ),
    ] {
        let script = [vec![Act::Read], acts.clone()].concat();
        let journey = for_outcome(&conversing("{ expect = { contains = 'a' } }"), outcome);
        let played = play(&journey, 1, vec![script]).await;
        assert_eq!(played.outcomes("j.s"), [outcome], "{acts:?}");
    }
}

#[tokio::test]
async fn it_goes_through_the_same_doors() {
    let journey = conversing("{ send = 'a' }, { expect = { json = '$.echo', equals = 'a' } }");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.sock");
    let listener = UnixListener::bind(&path).unwrap();
    tokio::spawn(async move { echo(listener.accept().await.unwrap().0, Heard::default()).await });
    let target = target(format!("unix://{}", path.display()));
    assert_eq!(play_at(&journey, 1, &target).await.outcomes("j.s"), [Outcome::Success]);

    // Over TLS it is never HTTP/2 that is agreed upon: this server answers the upgrade by a plain page.
    let server = serve_tls("127.0.0.1", &[Speaks::Http2, Speaks::Http1]).await;
    let transport = Transport {
        tls: TlsSettings {
            ca_file: Some(server.ca_file.clone()),
            insecure: false,
            ..TlsSettings::default()
        },
        ..Transport::default()
    };
    let target = target_by(format!("https://{}", server.address), transport);
    assert_eq!(
        play_at(&journey, 1, &target).await.outcomes("j.s"),
        [Outcome::CheckFailed]
    );
}
