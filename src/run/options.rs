//! Options of a run, besides its plan.

use std::path::PathBuf;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::compare::BaselineOptions;
use crate::evidence::Accept;
use crate::history::Location;
use crate::journey::Sessions;
use crate::record::{Progress, SecondCounts};
use crate::stack::ProgressSender;

/// Options of a run, besides its plan.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub struct RunOptions {
    /// The folder that run folders are made in.
    pub out: PathBuf,
    /// The column of limits that gates.
    pub accept: Accept,
    /// True if the stack stays up after the run.
    pub keep_stack: bool,
    /// True if the stack stays up after a run that failed: not after one whose objectives are missed.
    pub keep_failed: bool,
    /// Baselines to compare with or to save.
    pub baselines: BaselineOptions,
    /// The history that the run is added to; `None` for no history.
    pub history: Option<Location>,
    /// True if the run ends as soon as a gating objective is certainly missed.
    pub abort_on_miss: bool,
    /// True if the run ends as soon as its answer is clear: a gating objective is far beyond its limit, or all are far within.
    pub when_clear: bool,
    /// True if a plan that the proxy's limiter will refuse requests of is run all the same.
    pub despite_limiter: bool,
    /// True if the system is examined without load before the load is applied.
    pub examine: bool,
    /// Sessions of users that earlier runs against the same stack left.
    pub sessions: Sessions,
    /// Cancelled when the user interrupts.
    pub stop: CancellationToken,
    /// Sends progress messages during long operations.
    pub talk: ProgressSender,
    /// The last whole second under load.
    pub progress: watch::Sender<Progress>,
    /// Gets the counts of every second under load; `None` if there is no receiver.
    pub seconds: Option<UnboundedSender<SecondCounts>>,
}
