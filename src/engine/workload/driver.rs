//! Application of one phase, in the open or the closed model.

use super::WorkloadError;
use super::closed::ClosedPhase;
use super::job::PhaseJob;
use super::pacer::Pacer;
use super::shared::PacerState;
use crate::record::LoadTotals;

/// One phase under way, or over but for iterations that have not finished.
pub(super) enum Driver {
    /// Arrivals start iterations.
    Open(Box<Pacer>, Box<PhaseJob>),
    /// Users start their next iteration when the last is over.
    Closed(ClosedPhase),
}

impl Driver {
    pub(super) fn new(shared: PacerState, index: usize, job: PhaseJob) -> Self {
        match &job.crowd {
            None => Self::Open(Box::new(Pacer::new(shared, index, job.name.clone())), Box::new(job)),
            Some(crowd) => Self::Closed(ClosedPhase::new(shared, index, &job, crowd.clone())),
        }
    }

    /// Starts iterations until the phase is over or the run is stopped.
    pub(super) async fn pace(&mut self) -> Result<(), WorkloadError> {
        match self {
            Self::Open(pacer, job) => {
                // A copy, since pacing consumes the arrivals and the plan of the phase is still needed.
                pacer.pace(PhaseJob::clone(job)).await;
                Ok(())
            }
            Self::Closed(closed) => closed.pace().await,
        }
    }

    /// Lets iterations under way finish.
    pub(super) async fn drain(&mut self) {
        match self {
            Self::Open(pacer, _) => pacer.drain().await,
            Self::Closed(closed) => closed.drain().await,
        }
    }

    /// Ends iterations that still run and returns the totals.
    pub(super) async fn close(self) -> LoadTotals {
        match self {
            Self::Open(pacer, _) => pacer.close().await,
            Self::Closed(closed) => closed.close().await,
        }
    }
}
