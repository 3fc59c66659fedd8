//! State that the phases of a run share, and users lent from its pool.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::no_log_in::NoLogIn;
use crate::journey::{Journeys, VirtualUser};
use crate::record::Recorder;
use crate::timer::RunClock;

/// Users that are not in the middle of an iteration, longest idle first.
pub(super) type Pool = Rc<RefCell<VecDeque<Box<VirtualUser>>>>;

/// A user that is lent from the pool, to which it returns even if its task is aborted: it may have something to remove.
pub(super) struct BorrowedUser {
    /// `None` only while it is dropped.
    user: Option<Box<VirtualUser>>,
    pool: Pool,
}

impl BorrowedUser {
    pub(super) fn new(user: Box<VirtualUser>, pool: &Pool) -> Self {
        Self {
            user: Some(user),
            pool: Rc::clone(pool),
        }
    }

    pub(super) fn user(&mut self) -> Option<&mut VirtualUser> {
        self.user.as_deref_mut()
    }

    /// The user, who does not return to the pool.
    pub(super) fn keep(mut self) -> Option<Box<VirtualUser>> {
        self.user.take()
    }
}

impl Drop for BorrowedUser {
    fn drop(&mut self) {
        self.pool.borrow_mut().extend(self.user.take());
    }
}

/// State that the pacers of a run share; everything lives on the load thread.
#[derive(Clone)]
pub(super) struct PacerState {
    pub(super) clock: RunClock,
    pub(super) journeys: Arc<Journeys>,
    pub(super) pool: Pool,
    pub(super) recorder: Rc<RefCell<Recorder>>,
    pub(super) stop: CancellationToken,
    pub(super) enough: CancellationToken,
    pub(super) no_log_in: NoLogIn,
}
