//! A conversation over a WebSocket: messages to send and messages to wait for.

use std::time::Instant;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use hyper::{Request, StatusCode, Uri};
use rand::rngs::SmallRng;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::answer::Answer;
use super::client::Client;
use super::conversation::{Conversation, Turn};
use super::decode::KEPT_BYTES;
use super::exchange::WireRequest;
use super::expected_message::{ExpectedMessage, ExtractedValues};
use super::failure::Failure;
use super::observed::SocketMessage;
use super::part::{RequestPart, rendered};
use super::template::MissingValue;
use super::traffic::WatchedStream;
use super::user_state::UserState;
use crate::timer;

/// Size of the read and of the write buffer, in bytes. The library's own 128 kB are too much for thousands of users.
const BUFFER: usize = 8 << 10;

/// The user that converses. Turns are filled one after another, because a message may give what the next turn sends.
pub(super) struct Speaker<'a> {
    pub(super) person: &'a UserState,
    pub(super) random: &'a mut SmallRng,
}

impl Speaker<'_> {
    fn text(&mut self, text: &RequestPart<Bytes>) -> Result<Bytes, MissingValue> {
        let memory = self.person.memory.borrow();
        rendered(text, &mut self.person.values(&memory, self.random))
    }

    fn texts(&mut self, expected: &ExpectedMessage) -> Vec<Option<String>> {
        let memory = self.person.memory.borrow();
        expected.texts(&mut self.person.values(&memory, self.random))
    }

    fn learn(&self, values: ExtractedValues) {
        let mut memory = self.person.memory.borrow_mut();
        for (slot, value) in values {
            memory.variables[slot] = Some(value);
        }
    }
}

/// Connects, converses and closes, all before the deadline.
pub(super) async fn converse(
    client: &mut Client,
    request: WireRequest,
    conversation: &Conversation,
    mut speaker: Speaker<'_>,
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
                let answer = speak(&mut stream, conversation, &mut speaker, messages).await?;
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
    conversation: &Conversation,
    speaker: &mut Speaker<'_>,
    mut messages: Option<&mut Vec<SocketMessage>>,
) -> Result<Answer, Failure> {
    let (mut last, mut bytes) = (Bytes::new(), 0);
    for turn in conversation.turns() {
        match turn {
            Turn::Say(text) => {
                let text = speaker.text(text).map_err(|MissingValue| Failure::NoValue)?;
                note(&mut messages, true, &text);
                let text = text.try_into().map_err(|_| Failure::Malformed)?;
                stream
                    .send(Message::Text(text))
                    .await
                    .map_err(|error| failure(&error, true))?;
            }
            Turn::Await(expected) => {
                let texts = speaker.texts(expected);
                loop {
                    last = next_message(stream, &mut bytes, &mut messages).await?;
                    if let Some(values) = expected.values(&last, &texts, speaker.random) {
                        speaker.learn(values);
                        break;
                    }
                }
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

/// Waits for the next message, whose length is added to `bytes`.
async fn next_message(
    stream: &mut WebSocketStream<WatchedStream>,
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
        return Ok(text);
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
