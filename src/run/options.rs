//! How to run, beside what to run.

use std::path::PathBuf;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::compare::BaselineOptions;
use crate::evidence::Accept;
use crate::history::Location;
use crate::journey::Sessions;
use crate::record::Progress;
use crate::stack::Talk;

/// How to run, beside what to run.
#[derive(Debug)]
pub struct RunOptions {
    /// The folder that run folders are made in.
    pub out: PathBuf,
    /// Which column gates.
    pub accept: Accept,
    /// Whether the stack stays up after the run.
    pub keep_stack: bool,
    /// What the run has to do with baselines.
    pub baselines: BaselineOptions,
    /// The history it is added to.
    pub history: Option<Location>,
    /// Whether the run ends as soon as a gating objective is certainly missed.
    pub abort_on_miss: bool,
    /// Sessions of users that earlier runs against the same stack left.
    pub sessions: Sessions,
    /// Cancelled when the user interrupts.
    pub stop: CancellationToken,
    /// Lines of talk while something takes long.
    pub talk: Talk,
    /// The last whole second under load.
    pub progress: watch::Sender<Progress>,
}
