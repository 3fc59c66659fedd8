//! The end of a user's life: what its journeys have created is removed, and its sessions are logged out.

use std::sync::Arc;
use std::time::Duration;

use super::VirtualUser;
use crate::evidence::RequestEventKind;
use crate::journey::clean_up::{CreatedObject, EndTotals};
use crate::journey::compiled::Journey;
use crate::journey::walker::IterationEnd;
use crate::record::{Outcome, PhaseRecorder};
use crate::timer;

/// Tries of a removal that a limiter refuses or the system is too busy for: there is time, and nothing of it is judged.
const REMOVAL_TRIES: u32 = 5;
const REMOVED_AGAIN_AFTER: Duration = Duration::from_secs(1);

impl VirtualUser {
    /// Removes what the user's journeys have created, the latest first.
    pub async fn remove_created(&mut self, recorder: &PhaseRecorder<'_>) -> EndTotals {
        let mut ended = EndTotals::default();
        // It is taken off the list once it is removed: this may be dropped half-way.
        while let Some(created) = self.person.memory.get_mut().created.last().cloned() {
            let removed = self.remove(&created, recorder).await;
            self.person.memory.get_mut().created.pop();
            if !removed {
                self.count_left(&created);
            }
            ended.count(removed);
        }
        ended
    }

    /// Walks a tear-down.
    pub async fn tear_down(&mut self, journey: &Journey, recorder: &PhaseRecorder<'_>) -> EndTotals {
        let ending = self.set_up(journey, timer::now(), recorder).await;
        let mut ended = EndTotals::default();
        ended.count(ending == IterationEnd::Completed);
        ended
    }

    /// Logs out of every session that declares it.
    pub async fn log_out(&mut self, recorder: &PhaseRecorder<'_>) -> EndTotals {
        let journeys = Arc::clone(&self.person.journeys);
        let mut ended = EndTotals::default();
        for (session, log_in) in journeys.session_ids().iter().enumerate() {
            // Sessions that are lost already have nothing to log out of.
            let log_out = journeys
                .of(*log_in)
                .log_out
                .filter(|_| self.logged_in[session].is_some());
            if let Some(log_out) = log_out {
                let (_, ending) = self.walk(journeys.of(log_out), timer::now(), recorder).await;
                ended.count(ending == IterationEnd::Completed && !self.troubled);
            }
        }
        ended
    }

    /// Gives up what is not removed yet, and counts it.
    pub fn give_up(&mut self) -> EndTotals {
        let left = std::mem::take(&mut self.person.memory.get_mut().created);
        for created in &left {
            self.count_left(created);
        }
        EndTotals {
            left: left.len() as u64,
            ..EndTotals::default()
        }
    }

    fn count_left(&self, created: &CreatedObject) {
        let events = &self.client.target.events;
        events.count(created.removal.step.series, RequestEventKind::NotRemoved);
    }

    async fn remove(&mut self, created: &CreatedObject, recorder: &PhaseRecorder<'_>) -> bool {
        let journeys = Arc::clone(&self.person.journeys);
        let journey = journeys.of(created.removal.journey);
        let mut intended = timer::now();
        // A journey that another calls has the session of that one.
        let session = Some(created.jar).filter(|jar| *jar < self.logged_in.len());
        if let Some(session) = session {
            let ending;
            (intended, ending) = self.ready(journey, session, intended, recorder).await;
            if ending != IterationEnd::Completed {
                return false;
            }
        }
        self.person.memory.get_mut().jar = created.jar;
        self.track.page = None;
        let mut made = self.walker(journey, recorder).remove(created, intended).await;
        for _ in 1..REMOVAL_TRIES {
            // A limiter that refuses, or a system still under the load's last requests, may accept it a second later.
            if !matches!(made.outcome, Outcome::RateLimited | Outcome::ServerError) {
                break;
            }
            let again = made.finished + REMOVED_AGAIN_AFTER;
            timer::sleep_until(again).await;
            made = self.walker(journey, recorder).remove(created, again).await;
        }
        if let Some(session) = session {
            self.drop_lost(session);
        }
        made.outcome == Outcome::Success
    }
}
