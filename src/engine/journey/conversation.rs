//! The turns of a conversation over a WebSocket, compiled.

use bytes::Bytes;

use super::KeyError;
use super::escape::Escape;
use super::expected_message::ExpectedMessage;
use super::extraction::Extraction;
use super::file::TurnFile;
use super::part::{RequestPart, json_of};
use super::scope::Scope;

/// One turn, compiled.
#[derive(Debug)]
pub(super) enum Turn {
    Say(RequestPart<Bytes>),
    Await(ExpectedMessage),
}

/// Turns of a conversation, in order.
#[derive(Debug)]
pub(super) struct Conversation(Box<[Turn]>);

impl Conversation {
    /// Compiles the turns and adds the names that they extract to `scope`.
    pub(super) fn compile(
        turns: &[TurnFile],
        own_from: usize,
        scope: &mut Scope,
        next: &mut usize,
    ) -> Result<Self, KeyError> {
        let turns = turns.iter().map(|turn| Turn::compile(turn, own_from, scope, next));
        turns.collect::<Result<_, _>>().map(Self)
    }

    /// Indices of the variables that fill it and that no turn before gives.
    pub(super) fn slots(&self) -> impl Iterator<Item = usize> {
        let mut given = Vec::new();
        let mut needed = Vec::new();
        for turn in &self.0 {
            match turn {
                Turn::Say(text) => needed.extend(text.slots().filter(|slot| !given.contains(slot))),
                Turn::Await(expected) => given.extend(expected.extractions.iter().map(|extraction| extraction.slot)),
            }
        }
        needed.into_iter()
    }

    /// The values that its messages give.
    pub(super) fn extractions(&self) -> impl Iterator<Item = &Extraction> {
        let expected = self.0.iter().filter_map(|turn| match turn {
            Turn::Say(_) => None,
            Turn::Await(expected) => Some(expected),
        });
        expected.flat_map(|expected| &*expected.extractions)
    }

    /// The turns in order.
    pub(super) fn turns(&self) -> &[Turn] {
        &self.0
    }

    /// True if some turn waits for a message, which a check could read.
    pub(super) fn awaits(&self) -> bool {
        self.0.iter().any(|turn| matches!(turn, Turn::Await(_)))
    }
}

impl Turn {
    fn compile(file: &TurnFile, own_from: usize, scope: &mut Scope, next: &mut usize) -> Result<Self, KeyError> {
        let make = |text: &str| Some(Bytes::copy_from_slice(text.as_bytes()));
        let waits = file.expect.is_some() || !file.extract.is_empty();
        match (&file.send, &file.send_json, waits) {
            (Some(text), None, false) => {
                RequestPart::compile(text, Escape::None, scope, make, "a message").map(Self::Say)
            }
            (None, Some(json), false) => {
                let text = json_of(json).to_string();
                RequestPart::compile(&text, Escape::Json, scope, make, "a message").map(Self::Say)
            }
            (None, None, true) => ExpectedMessage::compile(file, own_from, scope, next).map(Self::Await),
            _ => Err(KeyError::Conflict(
                "each turn has one of `send` and `send-json`, or `expect` and `extract`".to_owned(),
            )),
        }
    }
}
