//! A closed phase: goose's users walk our journeys.
//!
//! Goose requires transactions that are `Send`, which nothing here is: a user has its connection, the recorder its cells. But
//! goose runs on the load thread's own runtime, so its tasks never leave that thread. `SendWrapper` checks this at run time, and
//! no iteration is handed from one task to another.

use std::rc::Rc;
use std::time::Instant;

use send_wrapper::SendWrapper;

use super::crew::Crew;
use super::job::PhaseJob;
use super::shared::PacerState;
use super::{Crowd, WorkloadError, attack};
use crate::record::LoadTotals;
use crate::timer;

/// One closed phase under way, or over but for iterations that have not finished.
pub(super) struct ClosedPhase {
    crowd: Crowd,
    end: Instant,
    crew: Rc<Crew>,
}

impl ClosedPhase {
    pub(super) fn new(shared: PacerState, phase: usize, job: &PhaseJob, crowd: Crowd) -> Self {
        let crew = Crew::new(shared, phase, job, &crowd);
        Self {
            end: crew.start + crowd.length(),
            crowd,
            crew: Rc::new(crew),
        }
    }

    /// Lets the users iterate until the phase is over or the run is stopped.
    pub(super) async fn pace(&mut self) -> Result<(), WorkloadError> {
        let outcome = tokio::select! {
            biased;
            () = self.crew.shared.stop.cancelled() => Ok(()),
            () = self.crew.shared.enough.cancelled() => Ok(()),
            () = timer::sleep_until(self.end) => Ok(()),
            // It goes on until it is dropped.
            ended = self.walk() => match ended {
                Ok(()) => Err(WorkloadError::GooseEnded(self.crew.name.clone())),
                Err(error) => Err(error),
            },
        };
        self.crew.end();
        outcome
    }

    /// Lets goose's users iterate; goose's own loop wakes only twice a second.
    async fn walk(&self) -> Result<(), WorkloadError> {
        #[cfg(test)]
        if timer::simulated::is_running() {
            // Goose has the system's clock.
            super::tests::walk(&self.crowd, &self.crew).await;
            return Ok(());
        }
        let crew = SendWrapper::new(Rc::clone(&self.crew));
        let failed = |source| WorkloadError::Goose {
            phase: self.crew.name.clone(),
            source: Box::new(source),
        };
        let attack = attack::attack(&self.crowd, self.crew.start, move |user| {
            let crew = Rc::clone(&crew);
            Box::pin(SendWrapper::new(async move {
                let place = user.weighted_users_index;
                if !crew.turn(place).await {
                    // Goose's only way to end a user: it leaves after so many iterations.
                    user.config.iterations = Some(1);
                }
                Ok(())
            }))
        });
        let attack = attack.map_err(failed)?;
        Box::pin(attack.execute()).await.map(drop).map_err(failed)
    }

    /// Lets iterations under way finish.
    pub(super) async fn drain(&mut self) {
        self.crew.drain().await;
    }

    /// Ends iterations that still run and returns the totals.
    pub(super) async fn close(self) -> LoadTotals {
        self.crew.close().await
    }
}
