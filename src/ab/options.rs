//! Options of a comparison in turns, beside its scenario.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::SideSettings;
use crate::compare::BaselineOptions;
use crate::evidence::Accept;
use crate::journey::Sessions;
use crate::record::Progress;
use crate::run::RunOptions;
use crate::scenario::PlanOptions;
use crate::stack::ProgressSender;
use crate::units::Span;
use crate::words::Language;

/// Options of a comparison in turns from the command line.
#[derive(Debug, Clone)]
pub struct AbOptions {
    /// Options of both sides that override the scenario file.
    pub plan: PlanOptions,
    /// The sides: A, B.
    pub sides: [SideSettings; 2],
    /// Folder in which the folders of comparisons are made.
    pub out: PathBuf,
    /// Longest time under load, counted from when both stacks are up. No pair begins that would probably end later.
    pub at_most_time: Span,
    /// `--run-length`, the length of each judged phase; `None` for the scenario's own.
    pub run_length: Option<Span>,
    /// `--lang`, which overrides the scenario's.
    pub languages: Vec<Language>,
    /// Cancelled when the user interrupts.
    pub stop: CancellationToken,
    /// Sender of messages while something takes long.
    pub talk: ProgressSender,
}

impl AbOptions {
    /// Options of a run whose folder is made in `out`, and whose users go on with those sessions.
    pub(super) fn of_run(&self, out: PathBuf, sessions: Sessions) -> RunOptions {
        RunOptions {
            out,
            accept: Accept::default(),
            keep_stack: false,
            keep_failed: false,
            abort_on_miss: false,
            when_clear: false,
            // Both sides meet the same limiter, and what it refuses shows in both.
            despite_limiter: true,
            examine: false,
            baselines: BaselineOptions::default(),
            // Short runs would mislead whoever looks for a trend.
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
