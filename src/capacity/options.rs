//! How to search, beside what to search.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::Sweep;
use crate::compare::BaselineOptions;
use crate::evidence::Accept;
use crate::journey::Sessions;
use crate::record::Progress;
use crate::report::Expected;
use crate::run::RunOptions;
use crate::scenario::PlanOptions;
use crate::stack::Talk;
use crate::units::{Rate, Span};

/// What the command line says of a search.
#[derive(Debug, Clone)]
pub struct CapacityOptions {
    /// What it says over the scenario file.
    pub plan: PlanOptions,
    /// The folder that searches' folders are made in.
    pub out: PathBuf,
    /// Which column gates.
    pub accept: Accept,
    /// `--max-rate`, over the scenario's.
    pub max_rate: Option<Rate>,
    /// `--at-most-time`, over the scenario's.
    pub at_most_time: Option<Span>,
    /// `--expect`.
    pub expected: Option<Expected>,
    /// `--sweep`.
    pub sweep: Option<Sweep>,
    /// Cancelled when the user interrupts.
    pub stop: CancellationToken,
    /// Lines of talk while something takes long.
    pub talk: Talk,
}

impl CapacityOptions {
    /// What the command line says over the scenario file, with one value of the sweep set.
    pub(super) fn swept(&self, value: Option<(String, String)>) -> PlanOptions {
        let mut plan = self.plan.clone();
        plan.overrides.extend(value);
        plan
    }

    /// For a step whose run folder is made in `out`, and whose users go on with those sessions.
    pub(super) fn of_step(&self, out: PathBuf, sessions: Sessions) -> RunOptions {
        RunOptions {
            out,
            accept: self.accept,
            keep_stack: false,
            // A step is worth its whole length: what it misses by is what the model is fitted to.
            abort_on_miss: false,
            baselines: BaselineOptions::default(),
            // A search's steps are no runs to compare releases by.
            history: None,
            sessions,
            stop: self.stop.clone(),
            talk: self.talk.clone(),
            progress: tokio::sync::watch::channel(Progress::default()).0,
        }
    }

    pub(super) fn say(&self, line: String) {
        self.talk.say(line);
    }
}
