//! Options of a search, beside its scenario.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::Sweep;
use crate::compare::BaselineOptions;
use crate::evidence::Accept;
use crate::journey::Sessions;
use crate::record::Progress;
use crate::report::ExpectedLoad;
use crate::run::RunOptions;
use crate::scenario::PlanOptions;
use crate::stack::ProgressSender;
use crate::units::{Rate, Span};
use crate::words::Language;

/// Options of a search from the command line.
#[derive(Debug, Clone)]
pub struct CapacityOptions {
    /// Options that override the scenario file.
    pub plan: PlanOptions,
    /// Folder in which the folders of searches are made.
    pub out: PathBuf,
    /// `--accept`, the column of the objectives that gates; `None` for the target, or for that of the search which is resumed.
    pub accept: Option<Accept>,
    /// `--max-rate`, which overrides the scenario's.
    pub max_rate: Option<Rate>,
    /// `--at-most-time`, which overrides the scenario's.
    pub at_most_time: Option<Span>,
    /// `--expect`.
    pub expected: Option<ExpectedLoad>,
    /// True if the stack stays up where it did not come up, or where a step could not be made.
    pub keep_failed: bool,
    /// `--sweep`.
    pub sweep: Option<Sweep>,
    /// `--lang`, which overrides the scenario's.
    pub languages: Vec<Language>,
    /// Cancelled when the user interrupts.
    pub stop: CancellationToken,
    /// Sender of messages while something takes long.
    pub talk: ProgressSender,
}

impl CapacityOptions {
    /// The options that override the scenario file, with one value of the sweep added.
    pub(super) fn swept(&self, value: Option<(String, String)>) -> PlanOptions {
        let mut plan = self.plan.clone();
        plan.overrides.extend(value);
        plan
    }

    /// Options of a step whose run folder is made in `out`, and whose users go on with those sessions. A step ends early once it
    /// is clear if `when_clear`.
    pub(super) fn of_step(&self, out: PathBuf, sessions: Sessions, when_clear: bool) -> RunOptions {
        RunOptions {
            out,
            accept: self.accept.unwrap_or_default(),
            keep_stack: false,
            keep_failed: self.keep_failed,
            // A step that is not clear runs for its whole length even if it misses: the model is fitted to its figures.
            abort_on_miss: false,
            when_clear,
            // A search raises the load until something gives way, which may well be the limiter.
            despite_limiter: true,
            // Once for each step would say the same of the same stack.
            examine: false,
            // A rate of its own makes each step incomparable with any baseline.
            baselines: BaselineOptions::default(),
            // Steps of a search are not indexed: releases are not compared by them.
            history: None,
            sessions,
            stop: self.stop.clone(),
            talk: self.talk.clone(),
            progress: tokio::sync::watch::channel(Progress::default()).0,
            seconds: None,
        }
    }

    pub(super) fn say(&self, line: String) {
        self.talk.say(line);
    }
}
