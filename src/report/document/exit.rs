//! How the process ends: the published meaning of a run.

use serde::{Deserialize, Serialize};

use crate::slo::{Accept, Judgement, Word};

/// Exit code of a run with its meaning in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// 0 met, 1 missed, 3 no verdict, 130 interrupted.
    pub code: u8,
    /// The code in words.
    pub meaning: String,
}

impl Exit {
    pub(super) fn new(judgement: &Judgement, interrupted: bool) -> Self {
        let (code, meaning) = match (judgement.overall, judgement.accept) {
            _ if interrupted => (130, "interrupted: the evidence is partial"),
            (Word::Pass, _) => (0, "every gating objective met"),
            (Word::Warn, Accept::Acceptable) => (0, "every gating objective within its acceptable limit"),
            (Word::Warn, Accept::Target) => (1, "a target missed"),
            (Word::Fail, _) => (1, "an objective missed"),
            (Word::Inconclusive, _) => (3, "too few samples to carry a verdict"),
            (Word::Invalid, _) => (3, "the measurement cannot carry a verdict"),
        };
        Self {
            code,
            meaning: meaning.to_owned(),
        }
    }
}
