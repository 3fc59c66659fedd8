//! A conversation over a WebSocket: messages to send and messages to wait for.

use std::time::Instant;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use hyper::{Request, StatusCode, Uri};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::KeyError;
use super::answer::Answer;
use super::check::MessageCheck;
use super::client::Client;
use super::decode::KEPT_BYTES;
use super::escape::Escape;
use super::exchange::WireRequest;
use super::failure::Failure;
use super::file::TurnFile;
use super::observed::SocketMessage;
use super::part::{RequestPart, json_of, rendered};
use super::scope::Scope;
use super::template::{MissingValue, Values};
use super::traffic::WatchedStream;
use crate::timer;

/// Size of the read and of the write buffer, in bytes. The library's own 128 kB are too much for thousands of users.
const BUFFER: usize = 8 << 10;

/// One turn, compiled.
#[derive(Debug)]
enum Turn {
    Say(RequestPart<Bytes>),
    Await(MessageCheck),
}

/// Turns of a conversation, in order.
#[derive(Debug)]
pub(super) struct Conversation(Box<[Turn]>);

/// One turn, filled with one user's values.
#[derive(Debug)]
pub(super) enum FilledTurn<'a> {
    Say(Bytes),
    Await(&'a MessageCheck),
}

impl Conversation {
    pub(super) fn compile(turns: &[TurnFile], scope: &Scope) -> Result<Self, KeyError> {
        let turns = turns.iter().map(|turn| Turn::compile(turn, scope));
        turns.collect::<Result<_, _>>().map(Self)
    }

    /// Indices of the variables that fill it.
    pub(super) fn slots(&self) -> impl Iterator<Item = usize> {
        let said = self.0.iter().filter_map(|turn| match turn {
            Turn::Say(text) => Some(text),
            Turn::Await(_) => None,
        });
        said.flat_map(RequestPart::slots)
    }

    /// True if some turn waits for a message, which a check could read.
    pub(super) fn awaits(&self) -> bool {
        self.0.iter().any(|turn| matches!(turn, Turn::Await(_)))
    }

    pub(super) fn lines(&self, values: &mut Values<'_>) -> Result<Vec<FilledTurn<'_>>, MissingValue> {
        let lines = self.0.iter().map(|turn| match turn {
            Turn::Say(text) => rendered(text, values).map(FilledTurn::Say),
            Turn::Await(condition) => Ok(FilledTurn::Await(condition)),
        });
        lines.collect()
    }
}

impl Turn {
    fn compile(file: &TurnFile, scope: &Scope) -> Result<Self, KeyError> {
        let make = |text: &str| Some(Bytes::copy_from_slice(text.as_bytes()));
        match (&file.send, &file.send_json, &file.expect) {
            (Some(text), None, None) => {
                RequestPart::compile(text, Escape::None, scope, make, "a message").map(Self::Say)
            }
            (None, Some(json), None) => {
                let text = json_of(json).to_string();
                RequestPart::compile(&text, Escape::Json, scope, make, "a message").map(Self::Say)
            }
            (None, None, Some(check)) => MessageCheck::compile(check).map(Self::Await),
            _ => Err(KeyError::Conflict(
                "each turn has one of `send`, `send-json` and `expect`".to_owned(),
            )),
        }
    }
}

/// Connects, converses and closes, all before the deadline.
pub(super) async fn converse(
    client: &mut Client,
    request: WireRequest,
    lines: &[FilledTurn<'_>],
    deadline: Instant,
) -> Result<Answer, Failure> {
    let watched = client.target().observer.is_some();
    let mut exchange = watched.then(|| client.watch(&request));
    let whole = async {
        let messages = exchange.as_mut().map(|exchange| &mut exchange.messages);
        let request = upgrading(client, request).ok_or(Failure::Malformed)?;
        let stream = client.dial_apart().await?;
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_message_size(Some(KEPT_BYTES))
            .max_frame_size(Some(KEPT_BYTES));
        match tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await {
            Ok((mut stream, opened)) => {
                let answer = speak(&mut stream, lines, messages).await?;
                let (head, _) = opened.into_parts();
                Ok(Answer {
                    headers: head.headers,
                    ..answer
                })
            }
            Err(Error::Http(refusal)) => Ok(refused(client, &refusal)),
            Err(error) => Err(failure(&error, client.answer_begun())),
        }
    };
    let spoken = timer::timeout_at(deadline, Box::pin(whole)).await;
    let spoken = spoken.unwrap_or(Err(Failure::TimedOut));
    if let Some(mut exchange) = exchange {
        exchange.ended(spoken.as_ref(), timer::now());
        client.keep(exchange);
    }
    spoken
}

fn upgrading(client: &Client, request: WireRequest) -> Option<Request<()>> {
    let (mut parts, _) = request.into_parts();
    let origin = &client.target().origin;
    let scheme = if origin.scheme == hyper::http::uri::Scheme::HTTPS {
        "wss"
    } else {
        "ws"
    };
    let uri = Uri::builder().scheme(scheme).authority(origin.authority.clone());
    parts.uri = uri.path_and_query(parts.uri.path_and_query()?.clone()).build().ok()?;
    let headers = &mut parts.headers;
    headers.remove(CONTENT_TYPE);
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_str(&generate_key()).ok()?);
    Some(Request::from_parts(parts, ()))
}

/// Speaks and listens in turn. Every message is added to `messages` if somebody watches.
async fn speak(
    stream: &mut WebSocketStream<WatchedStream>,
    lines: &[FilledTurn<'_>],
    mut messages: Option<&mut Vec<SocketMessage>>,
) -> Result<Answer, Failure> {
    let (mut last, mut bytes) = (Bytes::new(), 0);
    for line in lines {
        match line {
            FilledTurn::Say(text) => {
                note(&mut messages, true, text);
                let text = text.clone().try_into().map_err(|_| Failure::Malformed)?;
                stream
                    .send(Message::Text(text))
                    .await
                    .map_err(|error| failure(&error, true))?;
            }
            FilledTurn::Await(condition) => {
                last = next_message(stream, condition, &mut bytes, &mut messages).await?;
            }
        }
    }
    let finished = timer::now();
    // The server's reply to the close is not waited for.
    let _ = stream.close(None).await;
    Ok(Answer {
        body: last,
        bytes,
        // The handshake's status is not judged: the expected messages have come.
        ..Answer::status_only(StatusCode::OK, finished)
    })
}

fn note(messages: &mut Option<&mut Vec<SocketMessage>>, sent: bool, text: &Bytes) {
    if let Some(messages) = messages {
        let text = text.clone();
        messages.push(SocketMessage { sent, text });
    }
}

/// Waits for the next message that passes `condition`; the lengths of all messages are added to `bytes`.
async fn next_message(
    stream: &mut WebSocketStream<WatchedStream>,
    condition: &MessageCheck,
    bytes: &mut u64,
    messages: &mut Option<&mut Vec<SocketMessage>>,
) -> Result<Bytes, Failure> {
    loop {
        let text: Bytes = match stream.next().await {
            Some(Ok(Message::Text(text))) => text.into(),
            Some(Ok(Message::Binary(data))) => data,
            Some(Ok(Message::Close(_))) | None => return Err(Failure::Truncated),
            Some(Ok(_)) => continue,
            Some(Err(error)) => return Err(failure(&error, true)),
        };
        *bytes += text.len() as u64;
        note(messages, false, &text);
        if condition.holds(&text) {
            return Ok(text);
        }
    }
}

fn refused(client: &Client, refusal: &hyper::Response<Option<Vec<u8>>>) -> Answer {
    Answer {
        limited: client.target().is_limited(refusal.status(), refusal.headers()),
        upgrade_refused: true,
        body: refusal.body().clone().unwrap_or_default().into(),
        ..Answer::status_only(refusal.status(), timer::now())
    }
}

fn failure(error: &Error, begun: bool) -> Failure {
    match error {
        Error::Io(error) => Failure::from_io(error, begun),
        Error::ConnectionClosed | Error::AlreadyClosed => Failure::from_end(begun),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete) => {
            Failure::from_end(begun)
        }
        _ => Failure::Malformed,
    }
}
