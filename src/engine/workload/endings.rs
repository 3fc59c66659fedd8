//! Ends of the users after the load: removal of what they created, tear-downs and log-outs.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join_all;

use super::shared::{BorrowedUser, PacerState};
use crate::journey::{EndTotals, SetUpResult, VirtualUser};
use crate::record::{LoadTotals, PhaseRecorder};
use crate::timer;

/// Name of the phase in which this is recorded; it is never judged.
pub const TEAR_DOWN_PHASE: &str = "tear-down";
/// Users that end at the same time: few, because this is no load.
const AT_ONCE: usize = 8;
/// Longest time of all of it after an interruption, because somebody waits.
const LONGEST_IF_INTERRUPTED: Duration = Duration::from_secs(10);

/// Ends every user in the pool within that time, and records it in that phase. User 0 is the last: it walks the run's tear-down and
/// removes what the set-up has created. `None` if there was nothing to do.
pub(super) async fn end(
    shared: &PacerState,
    given: &SetUpResult,
    phase: usize,
    longest: Duration,
) -> Option<LoadTotals> {
    if !shared.journeys.have_end() && given.is_empty() {
        return None;
    }
    // Whoever interrupts the run still wants its objects removed, but not to wait for minutes.
    let longest = if shared.stop.is_cancelled() {
        longest.min(LONGEST_IF_INTERRUPTED)
    } else {
        longest
    };
    let ended = Rc::new(RefCell::new(EndTotals::default()));
    let all = async {
        // Users before the run: what the set-up created may be what the users' objects belong to.
        of_users(shared, phase, &ended).await;
        of_run(shared, given, phase, &ended).await;
    };
    // Only an interruption that comes during the tear-down shortens it; an earlier one has shortened `longest`
    // already.
    let deadline = timer::now() + longest;
    let interrupted = async {
        if shared.stop.is_cancelled() {
            return std::future::pending().await;
        }
        shared.stop.cancelled().await;
        timer::sleep_until(timer::now() + LONGEST_IF_INTERRUPTED).await;
    };
    tokio::select! {
        _ = timer::timeout_at(deadline, all) => {}
        () = interrupted => {}
    }
    // Users whose end was cut off are back in the pool.
    let mut total = *ended.borrow();
    for user in shared.pool.borrow_mut().iter_mut() {
        // Whatever is left is counted, so that the report says how much remains in the system.
        total.add(user.give_up());
    }
    (total.begun + total.left > 0).then(|| LoadTotals {
        phase: TEAR_DOWN_PHASE.to_owned(),
        planned: total.begun + total.left,
        started: total.begun,
        dropped: total.left,
        completed: total.succeeded,
        failed: total.begun - total.succeeded,
        interrupted: 0,
        walked: None,
    })
}

/// Ends each user apart from the log-out of user 0, a few at a time.
async fn of_users(shared: &PacerState, phase: usize, ended: &RefCell<EndTotals>) {
    let waiting: VecDeque<Box<VirtualUser>> = std::mem::take(&mut *shared.pool.borrow_mut());
    // All of them are lent, so that they return wherever this is cut off.
    let waiting: VecDeque<BorrowedUser> = waiting
        .into_iter()
        .map(|user| BorrowedUser::new(user, &shared.pool))
        .collect();
    let waiting = RefCell::new(waiting);
    let worker = || async {
        let recorder = PhaseRecorder::new(&shared.recorder, phase);
        loop {
            let next = waiting.borrow_mut().pop_front();
            let Some(mut lent) = next else { return };
            let Some(user) = lent.user() else { return };
            let removed = user.remove_created(&recorder).await;
            ended.borrow_mut().add(removed);
            let journeys = &shared.journeys;
            let teardown = journeys.occasions().user_teardown.as_ref();
            if let Some(journey) = teardown.and_then(|name| journeys.get(name)) {
                let torn_down = user.tear_down(journey, &recorder).await;
                ended.borrow_mut().add(torn_down);
            }
            // User 0 needs its session for the tear-down of the run.
            if user.number() != 0 {
                let logged_out = user.log_out(&recorder).await;
                ended.borrow_mut().add(logged_out);
            }
        }
    };
    join_all((0..AT_ONCE).map(|_| worker())).await;
}

/// Ends the run with user 0.
async fn of_run(shared: &PacerState, given: &SetUpResult, phase: usize, ended: &RefCell<EndTotals>) {
    let recorder = PhaseRecorder::new(&shared.recorder, phase);
    let first = {
        let mut pool = shared.pool.borrow_mut();
        let position = pool.iter().position(|user| user.number() == 0);
        position.and_then(|position| pool.remove(position))
    };
    let Some(first) = first else { return };
    let mut lent = BorrowedUser::new(first, &shared.pool);
    let Some(user) = lent.user() else { return };
    user.take(given, true);
    let journeys = &shared.journeys;
    let teardown = journeys.occasions().teardown.as_ref();
    if let Some(journey) = teardown.and_then(|name| journeys.get(name)) {
        // The tear-down comes before the removals: its journey may need what the set-up has created.
        let torn_down = user.tear_down(journey, &recorder).await;
        ended.borrow_mut().add(torn_down);
    }
    let removed = user.remove_created(&recorder).await;
    ended.borrow_mut().add(removed);
    let logged_out = user.log_out(&recorder).await;
    ended.borrow_mut().add(logged_out);
}
