//! Exit code of the process: the published meaning of a run.

use serde::{Deserialize, Serialize};

use crate::slo::{Gate, Judgement};

/// Exit code of a run with its meaning in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExitMeaning {
    /// 0 met, 1 missed, 3 no verdict, 130 interrupted.
    pub code: u8,
    /// The code in words.
    pub meaning: String,
}

impl ExitMeaning {
    pub(super) fn new(judgement: &Judgement, meaning: &str) -> Self {
        let code = match judgement.gate() {
            // As shells report a program that SIGINT ended: 128 + 2.
            _ if judgement.interrupted => 130,
            Gate::Passed => 0,
            Gate::Missed => 1,
            Gate::Undecided | Gate::NothingGates | Gate::Invalid => 3,
        };
        Self {
            code,
            meaning: meaning.to_owned(),
        }
    }
}
