//! A message that a conversation over a WebSocket waits for.

use rand::rngs::SmallRng;

use super::KeyError;
use super::check::Check;
use super::extraction::Extraction;
use super::file::TurnFile;
use super::scope::Scope;
use super::source::{Sources, Texts};
use super::template::Values;

/// Values to set, each with the index of its variable.
pub(super) type ExtractedValues = Vec<(usize, Box<str>)>;

/// Checks that a message has to pass, and values that it has to hold; a message has nothing but a body.
#[derive(Debug)]
pub(super) struct ExpectedMessage {
    checks: Box<[Check]>,
    pub(super) extractions: Box<[Extraction]>,
    sources: Sources,
}

impl ExpectedMessage {
    /// Compiles it and adds the names that it extracts to `scope`.
    pub(super) fn compile(
        turn: &TurnFile,
        own_from: usize,
        scope: &mut Scope,
        next: &mut usize,
    ) -> Result<Self, KeyError> {
        let of_head = "a message has no headers, cookies, status and path: read its `json` or its text";
        let of_head = || KeyError::Conflict(of_head.to_owned());
        let mut sources = Sources::default();
        let mut checks = Vec::new();
        if let Some(file) = &turn.expect {
            let parts = [&file.header, &file.cookie, &file.url, &file.url_matches];
            if parts.iter().any(|part| part.is_some()) || file.status.is_some() {
                return Err(of_head());
            }
            checks = Check::compile(file, &mut sources, scope)?;
        }
        let mut extractions = Vec::with_capacity(turn.extract.len());
        for (name, file) in &turn.extract {
            if file.header.is_some() || file.cookie.is_some() {
                return Err(of_head());
            }
            let slot = scope.extract(name, own_from, next)?;
            extractions.push(Extraction::compile(name, file, slot, &mut sources)?);
        }
        Ok(Self {
            checks: checks.into(),
            extractions: extractions.into(),
            sources,
        })
    }

    /// The texts that its checks compare with, filled with one user's values.
    pub(super) fn texts(&self, values: &mut Values<'_>) -> Vec<Option<String>> {
        self.sources.texts(values)
    }

    /// The values of a message that passes; `None` if it does not, or lacks a value.
    pub(super) fn values(&self, text: &[u8], texts: &Texts, random: &mut SmallRng) -> Option<ExtractedValues> {
        let reading = self.sources.read_message(text, texts)?;
        if !self.checks.iter().all(|check| check.holds(&reading)) {
            return None;
        }
        let values = self.extractions.iter().map(|extraction| {
            let value = extraction.value(&reading, random)?;
            Some((extraction.slot, value))
        });
        values.collect()
    }
}
