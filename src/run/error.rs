//! Failures of a run.

use crate::compare::CompareError;
use crate::error::Hint;
use crate::history::HistoryError;
use crate::maintenance::MaintenanceError;
use crate::probe::ProbeError;
use crate::record::HlogError;
use crate::report::ReportError;
use crate::runs::RunsError;
use crate::stack::StackError;
use crate::workload::WorkloadError;

/// A run that failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The user interrupted it before there was any load.
    #[error("interrupted before any load was applied; nothing was left running")]
    Interrupted,
    /// The proxy's limiter would refuse so many requests that the run could carry no verdict; nothing was sent.
    #[error("this plan asks for more than the proxy's limiter lets through: {}", .0.join("; "))]
    Limiter(Vec<String>),
    /// An error of the system under test.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// A planned event cannot be carried out on this stack.
    #[error(transparent)]
    Maintenance(#[from] MaintenanceError),
    /// A probe could not be prepared.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// An error of the load thread.
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    /// An error of the recording.
    #[error(transparent)]
    Record(#[from] HlogError),
    /// An error of the run folder.
    #[error(transparent)]
    Runs(#[from] RunsError),
    /// An error of the history, if the run is to be placed in it.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// An error of a rendering.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The run could not be prepared for comparison.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// The task of the probes ended abnormally.
    #[error("the probes died")]
    Observer(#[source] tokio::task::JoinError),
}

impl Hint for RunError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Interrupted | Self::Observer(_) => None,
            Self::Limiter(_) => Some(
                "lower the rate, have more users, or give them client addresses of their own; `--despite-limiter` runs it all \
                 the same"
                    .to_owned(),
            ),
            Self::Stack(source) => source.hint(),
            Self::Maintenance(source) => source.hint(),
            Self::Probe(source) => source.hint(),
            Self::Workload(source) => source.hint(),
            Self::Record(source) => source.hint(),
            Self::Runs(source) => source.hint(),
            Self::History(source) => source.hint(),
            Self::Report(source) => source.hint(),
            Self::Compare(source) => source.hint(),
        }
    }
}
