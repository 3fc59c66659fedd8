//! Exit code of the process: the published meaning of a run.

use serde::{Deserialize, Serialize};

use crate::evidence::Accept;
use crate::slo::{Gate, Judgement};

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
    pub(super) fn new(judgement: &Judgement) -> Self {
        let (code, meaning) = match (judgement.gate(), judgement.accept) {
            _ if judgement.interrupted_before_judging() => (130, "interrupted before anything was judged"),
            _ if judgement.interrupted => (130, "interrupted: the evidence is partial"),
            (Gate::Passed, Accept::Target) => (0, "every gating objective met"),
            (Gate::Passed, Accept::Acceptable) => (0, "every gating objective within its acceptable limit"),
            (Gate::Missed, _) if judgement.failed_log_ins().is_some() => (1, "nobody could log in"),
            (Gate::Missed, accept) if !judgement.misses(accept) => (1, "a service died under the load"),
            (Gate::Missed, Accept::Target) => (1, "a target missed"),
            (Gate::Missed, Accept::Acceptable) => (1, "an acceptable limit missed"),
            (Gate::Undecided, _) => (3, "too little evidence to carry a verdict"),
            (Gate::NothingGates, _) => (3, "nothing gates"),
            (Gate::Invalid, _) => (3, "the measurement cannot carry a verdict"),
        };
        Self {
            code,
            meaning: meaning.to_owned(),
        }
    }
}
