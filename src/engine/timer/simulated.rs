//! Simulated time, for unit tests: it stands still while anything can run and then jumps to the next deadline.
//!
//! ```text
//! simulate(future) ─► polls it and its local tasks until all wait ─► now = earliest deadline ─► wakes all that are due ─┐
//!                        ▲──────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! So every instant is exact, however slow the machine is. Only waits by this module's functions take part: sockets, other
//! threads and Tokio's own timers do not.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

/// More simulated time than any test takes: one that reaches it would go on for ever.
const FOR_EVER: Duration = Duration::from_secs(7 * 24 * 3600);

thread_local! {
    static SIMULATION: RefCell<Option<Rc<Simulation>>> = const { RefCell::new(None) };
}

/// A deadline, and a number that tells equal ones apart.
type Key = (Instant, u64);

struct Simulation {
    start: Instant,
    now: Cell<Instant>,
    waiting: RefCell<BTreeMap<Key, Waker>>,
    next: Cell<u64>,
}

impl Simulation {
    fn jump(&self) {
        let mut waiting = self.waiting.borrow_mut();
        let first = waiting.first_key_value().map(|((deadline, _), _)| *deadline);
        assert!(first.is_some(), "everything waits, and nothing for a deadline");
        let Some(first) = first else { return };
        assert!(first - self.start < FOR_EVER, "this would go on for ever");
        self.now.set(first.max(self.now.get()));
        while let Some(entry) = waiting.first_entry() {
            if entry.key().0 > self.now.get() {
                break;
            }
            // All that are due at once, as one tick of a real clock would wake them.
            entry.remove().wake();
        }
    }
}

/// Ends the simulation with its scope, after all that was part of it.
struct Simulating;

impl Drop for Simulating {
    fn drop(&mut self) {
        SIMULATION.set(None);
    }
}

#[derive(Default)]
struct WakeFlag(AtomicBool);

impl Wake for WakeFlag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs the future, and what it spawns by `spawn_local`, on simulated time.
pub fn simulate<F: Future>(future: F) -> F::Output {
    let start = Instant::now();
    let simulation = Rc::new(Simulation {
        start,
        now: Cell::new(start),
        waiting: RefCell::default(),
        next: Cell::default(),
    });
    SIMULATION.set(Some(Rc::clone(&simulation)));
    // Dropped also when a test panics, or the next one on this thread would find a simulation that is over.
    let _simulating = Simulating;
    let woken = Arc::<WakeFlag>::default();
    let waker = Waker::from(Arc::clone(&woken));
    let tasks = LocalSet::new();
    let mut whole = pin!(tasks.run_until(future));
    loop {
        woken.0.store(false, Ordering::SeqCst);
        if let Poll::Ready(output) = whole.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        if !woken.0.load(Ordering::SeqCst) {
            simulation.jump();
        }
    }
}

/// The simulated time; `None` if time is not simulated.
pub(super) fn now() -> Option<Instant> {
    SIMULATION.with_borrow(|simulation| simulation.as_ref().map(|simulation| simulation.now.get()))
}

/// True if the time of this thread is simulated.
pub fn is_running() -> bool {
    now().is_some()
}

/// Lets time pass while the thread does nothing, as if the machine left it no processor. Does nothing where time is not simulated.
pub fn stall(length: Duration) {
    SIMULATION.with_borrow(|simulation| {
        if let Some(simulation) = simulation {
            simulation.now.set(simulation.now.get() + length);
        }
    });
}

pub(super) async fn sleep_until(deadline: Instant) {
    let Some(simulation) = SIMULATION.with_borrow(Clone::clone) else {
        return;
    };
    let key = None;
    Sleep {
        simulation,
        deadline,
        key,
    }
    .await;
}

/// Output of the future, or `None` if it is not ready by the deadline.
pub async fn timeout_at<F: Future>(deadline: Instant, future: F) -> Option<F::Output> {
    if now().is_none() {
        return tokio::time::timeout_at(deadline.into(), future).await.ok();
    }
    tokio::select! {
        biased;
        // First, as Tokio does it: an output that is there at the deadline is in time.
        output = future => Some(output),
        () = super::sleep_until(deadline) => None,
    }
}

struct Sleep {
    simulation: Rc<Simulation>,
    deadline: Instant,
    key: Option<Key>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.deadline <= self.simulation.now.get() {
            return Poll::Ready(());
        }
        let number = self.simulation.next.get();
        self.simulation.next.set(number + 1);
        let key = self.key.unwrap_or((self.deadline, number));
        self.key = Some(key);
        self.simulation.waiting.borrow_mut().insert(key, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.simulation.waiting.borrow_mut().remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::timer;

    const fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn time_jumps_from_deadline_to_deadline() {
        let woken = Rc::new(RefCell::new(Vec::new()));
        let noted = Rc::clone(&woken);
        simulate(async move {
            let zero = timer::now();
            for (name, after) in [('a', 3_600_000), ('b', 1), ('c', 0), ('d', 1)] {
                let noted = Rc::clone(&noted);
                tokio::task::spawn_local(async move {
                    timer::sleep_until(zero + millis(after)).await;
                    noted.borrow_mut().push((name, timer::now() - zero));
                });
            }
            timer::sleep_until(zero + millis(7_200_000)).await;
            assert_eq!(timer::now(), zero + millis(7_200_000));
        });
        let expected = [('c', 0), ('b', 1), ('d', 1), ('a', 3_600_000)].map(|(name, after)| (name, millis(after)));
        assert_eq!(*woken.borrow(), expected);
        assert!(now().is_none(), "real time again");
    }

    #[test]
    fn a_future_that_is_ready_at_its_deadline_is_in_time() {
        simulate(async {
            let zero = timer::now();
            let at = |after| timer::sleep_until(zero + millis(after));
            assert_eq!(timer::timeout_at(zero + millis(5), at(5)).await, Some(()));
            assert_eq!(timer::timeout_at(zero + millis(9), at(10)).await, None);
            assert_eq!(timer::now(), zero + millis(9));
            assert_eq!(timer::timeout_at(zero, pending::<()>()).await, None);
            SIMULATION.with_borrow(|simulation| {
                assert!(
                    simulation.as_ref().unwrap().waiting.borrow().is_empty(),
                    "those given up leave nothing behind"
                );
            });
        });
    }

    #[test]
    fn a_stall_makes_every_deadline_in_it_late() {
        simulate(async {
            let zero = timer::now();
            let late = tokio::task::spawn_local(async move {
                timer::sleep_until(zero + millis(10)).await;
                timer::now() - zero
            });
            timer::sleep_until(zero + millis(5)).await;
            stall(millis(30));
            assert_eq!(late.await.unwrap(), millis(35));
        });
    }

    #[test]
    #[should_panic(expected = "nothing for a deadline")]
    fn a_deadlock_is_told() {
        simulate(pending::<()>());
    }
}
