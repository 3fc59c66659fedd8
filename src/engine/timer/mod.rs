//! A clock fine enough to pace by, for everything that waits on the load thread.
//!
//! All code there uses [`now`], [`sleep_until`] and [`timeout_at`], never the system's clock itself. Unit tests run the same code
//! on simulated time (`simulated.rs`), which passes only by waiting and by explicit stalls. Release builds have the real clock only:
//! the simulated one is compiled with debug assertions, for the unit tests of other packages too.
//!
//! Tokio's own timers are wheels of 1 ms; a `timerfd` is late by tens of microseconds. One serves all sleeps of its thread:
//!
//! ```text
//! sleep_until ─► queue of deadlines ─► timerfd ─► Driver::run wakes all that are due
//! ```
//!
//! A wake-up costs more than a request (on two cores about 30 µs of kernel time, mostly for waking the server in turn), so
//! they are rationed: up to [`BURST`] may follow one another at will, a steady stream has at least [`GAP`] between them and
//! then releases several sleepers at once. Up to 2,500 wake-ups a second every sleep is as precise as the clock.

mod run_clock;
#[cfg(any(test, debug_assertions))]
pub mod simulated;

pub use run_clock::RunClock;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

#[cfg(not(any(test, debug_assertions)))]
use futures_util::FutureExt;
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Shortest time between wake-ups in the long run.
pub const GAP: Duration = Duration::from_micros(400);
/// Wake-ups that may come without any time between them.
pub const BURST: u32 = 50;

thread_local! {
    static QUEUE: RefCell<Option<Rc<RefCell<Queue>>>> = const { RefCell::new(None) };
}

/// Makes [`sleep_until`] precise on this thread for as long as it lives and its [`run`](Driver::run) is polled.
#[derive(Debug)]
pub struct Driver {
    queue: Rc<RefCell<Queue>>,
}

impl Driver {
    /// Creates the timer; must be called within a Tokio runtime.
    pub fn new() -> io::Result<Self> {
        // The clock of `Instant`, so that both count the same time.
        let descriptor = rustix::time::timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK)?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe to call; an `OwnedFd` upholds what that asks for"
        )]
        let descriptor = AsyncFd::with_interest(descriptor, Interest::READABLE)?;
        let queue = Rc::new(RefCell::new(Queue {
            descriptor: Rc::new(descriptor),
            waiting: BTreeMap::new(),
            next: 0,
            armed: None,
            ration: LeakyBucket::new(Instant::now()),
        }));
        QUEUE.set(Some(Rc::clone(&queue)));
        Ok(Self { queue })
    }

    /// Wakes sleepers when they are due; returns only on a system error.
    pub async fn run(&self) -> io::Result<()> {
        let descriptor = Rc::clone(&self.queue.borrow().descriptor);
        loop {
            // Not read: setting it again makes it unready, and each expiry is an event of its own.
            descriptor.readable().await?.clear_ready();
            self.queue.borrow_mut().fire(Instant::now())?;
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A later runtime on this thread must not queue its sleeps where nobody wakes them.
        QUEUE.set(None);
    }
}

/// The time on this thread's clock.
#[inline]
pub fn now() -> Instant {
    #[cfg(any(test, debug_assertions))]
    if let Some(now) = simulated::now() {
        return now;
    }
    Instant::now()
}

/// Output of the future, or `None` if it is not ready by the deadline. Precise to a millisecond, which suffices for time-outs.
#[cfg(not(any(test, debug_assertions)))]
pub fn timeout_at<F: Future>(deadline: Instant, future: F) -> impl Future<Output = Option<F::Output>> {
    tokio::time::timeout_at(deadline.into(), future).map(Result::ok)
}

#[cfg(any(test, debug_assertions))]
pub use simulated::timeout_at;

/// Sleeps until `deadline`, to within tens of microseconds if the thread has a [`Driver`] and to a millisecond elsewhere.
pub async fn sleep_until(deadline: Instant) {
    if deadline <= now() {
        return;
    }
    #[cfg(any(test, debug_assertions))]
    if simulated::now().is_some() {
        return simulated::sleep_until(deadline).await;
    }
    match QUEUE.with_borrow(Clone::clone) {
        Some(queue) => {
            let key = None;
            Sleep { queue, deadline, key }.await;
        }
        None => tokio::time::sleep_until(deadline.into()).await,
    }
}

/// A deadline, and a number that tells equal ones apart.
type Key = (Instant, u64);

#[derive(Debug)]
struct Queue {
    descriptor: Rc<AsyncFd<OwnedFd>>,
    waiting: BTreeMap<Key, Waker>,
    next: u64,
    /// Instant that the timer is set to.
    armed: Option<Instant>,
    ration: LeakyBucket,
}

impl Queue {
    fn add(&mut self, deadline: Instant, waker: Waker) -> io::Result<Key> {
        let key = (deadline, self.next);
        self.next += 1;
        self.waiting.insert(key, waker);
        // A system call for the first deadline only: most deadlines lie behind one that is set already.
        if self.armed.is_none_or(|armed| deadline < armed) {
            self.arm()?;
        }
        Ok(key)
    }

    fn fire(&mut self, now: Instant) -> io::Result<()> {
        // One wake-up serves all deadlines that are due by then; what the ration delays is sent in the same go.
        self.ration.take(now);
        while let Some(first) = self.waiting.first_entry() {
            if first.key().0 > now {
                break;
            }
            first.remove().wake();
        }
        self.armed = None;
        self.arm()
    }

    /// Sets the timer to the first deadline, or to the next allowed wake-up if that is later.
    fn arm(&mut self) -> io::Result<()> {
        let Some(((deadline, _), _)) = self.waiting.first_key_value() else {
            return Ok(());
        };
        let at = (*deadline).max(self.ration.earliest());
        if self.armed.is_some_and(|armed| armed <= at) {
            return Ok(());
        }
        // Zero would disarm the timer.
        let left = at
            .saturating_duration_since(Instant::now())
            .max(Duration::from_nanos(1));
        let setting = Itimerspec {
            it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            },
        };
        rustix::time::timerfd_settime(self.descriptor.get_ref(), TimerfdTimerFlags::empty(), &setting)?;
        self.armed = Some(at);
        Ok(())
    }
}

/// A leaky bucket of wake-ups (the generic cell rate algorithm of ITU-T I.371).
#[derive(Debug)]
struct LeakyBucket {
    /// Instant at which the bucket will be empty.
    empty: Instant,
}

impl LeakyBucket {
    fn new(now: Instant) -> Self {
        Self { empty: now }
    }

    fn take(&mut self, now: Instant) {
        self.empty = self.empty.max(now) + GAP;
    }

    fn earliest(&self) -> Instant {
        // An instant cannot lie before the clock's own zero, which a machine just started may be near.
        self.empty.checked_sub(GAP * BURST).unwrap_or(self.empty)
    }
}

struct Sleep {
    queue: Rc<RefCell<Queue>>,
    deadline: Instant,
    key: Option<Key>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut queue = this.queue.borrow_mut();
        let Some(key) = this.key else {
            return match queue.add(this.deadline, cx.waker().clone()) {
                Ok(key) => {
                    this.key = Some(key);
                    Poll::Pending
                }
                // Without a timer nothing could ever wake it. A sleep that ends early is noticed; one that never ends is not.
                Err(_) => Poll::Ready(()),
            };
        };
        match queue.waiting.get_mut(&key) {
            Some(waker) => {
                waker.clone_from(cx.waker());
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.queue.borrow_mut().waiting.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::task::Wake;

    use futures_util::future::join_all;

    use super::*;

    #[test]
    fn a_steady_stream_of_wake_ups_is_spaced_and_a_burst_is_not() {
        let start = Instant::now() + Duration::from_secs(1);
        let mut ration = LeakyBucket::new(start);
        for _ in 0..BURST {
            assert!(ration.earliest() <= start);
            ration.take(start);
        }
        let mut now = start;
        for _ in 0..10 {
            let earliest = ration.earliest();
            assert!(earliest >= now && earliest - now <= GAP, "{:?}", earliest - now);
            now = earliest.max(now) + Duration::from_micros(1);
            ration.take(now);
        }
        // Left alone, the bucket empties.
        assert!(ration.earliest() < now + GAP * BURST);
    }

    /// Notes its number when it is woken.
    struct Noting(usize, Arc<Mutex<Vec<usize>>>);

    impl Wake for Noting {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }

    #[tokio::test]
    async fn sleepers_are_woken_in_the_order_of_their_deadlines_and_none_before() {
        let driver = Driver::new().unwrap();
        let far = Instant::now() + Duration::from_secs(3_600);
        let woken = Arc::<Mutex<Vec<usize>>>::default();
        let mut queue = driver.queue.borrow_mut();
        for (number, micros) in [9_000, 1_500, 0, 4_000, 1_500].into_iter().enumerate() {
            let waker = Waker::from(Arc::new(Noting(number, Arc::clone(&woken))));
            queue.add(far + Duration::from_micros(micros), waker).unwrap();
        }
        for (micros, expected) in [
            (0, &[2][..]),
            (1_499, &[2]),
            (4_000, &[2, 1, 4, 3]),
            (60_000, &[2, 1, 4, 3, 0]),
        ] {
            queue.fire(far + Duration::from_micros(micros)).unwrap();
            assert_eq!(*woken.lock().unwrap(), expected, "{micros} µs");
        }
    }

    #[tokio::test]
    async fn sleepers_never_wake_early() {
        let driver = Driver::new().unwrap();
        let start = Instant::now();
        let sleepers = [9_000, 1_500, 0, 4_000, 1_500].map(|micros| async move {
            let deadline = start + Duration::from_micros(micros);
            sleep_until(deadline).await;
            assert!(Instant::now() >= deadline);
        });
        tokio::select! {
            ended = driver.run() => panic!("the driver ended: {ended:?}"),
            _ = join_all(sleepers) => {}
        }
    }

    #[tokio::test]
    async fn many_sleeps_in_a_row_share_their_wake_ups() {
        let driver = Driver::new().unwrap();
        let start = Instant::now() + Duration::from_millis(5);
        // 2,000 sleeps, one every 50 µs: 20,000 a second for 100 ms.
        let sleeps = (0..2_000).map(|index| sleep_until(start + Duration::from_micros(50) * index));
        tokio::select! {
            ended = driver.run() => panic!("the driver ended: {ended:?}"),
            _ = join_all(sleeps) => {}
        }
        let took = start.elapsed();
        let allowed = took.as_nanos() / GAP.as_nanos() + u128::from(BURST) + 1;
        let spent = (driver.queue.borrow().ration.empty - start).as_nanos() / GAP.as_nanos();
        assert!(
            spent > 0 && spent <= 2 * allowed,
            "{spent} wake-ups in {took:?}, {allowed} allowed"
        );
    }

    #[tokio::test]
    async fn a_sleep_that_is_given_up_leaves_nothing_behind() {
        let driver = Driver::new().unwrap();
        let far = Instant::now() + Duration::from_secs(60);
        tokio::select! {
            biased;
            () = sleep_until(far) => panic!("too early"),
            () = std::future::ready(()) => {}
        }
        assert!(driver.queue.borrow().waiting.is_empty());
    }

    #[tokio::test]
    async fn without_a_driver_it_sleeps_on_tokio_s_timers() {
        let deadline = Instant::now() + Duration::from_millis(2);
        sleep_until(deadline).await;
        assert!(Instant::now() >= deadline);
    }
}
