//! A clock fine enough to pace by: Tokio's own timers are 1 ms wheels, a `timerfd` is not.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Instant;

use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Sleeps to within tens of microseconds, without a thread of its own.
#[derive(Debug)]
pub(super) struct Timer {
    descriptor: AsyncFd<OwnedFd>,
}

impl Timer {
    pub(super) fn new() -> io::Result<Self> {
        let descriptor = rustix::time::timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK)?;
        #[expect(
            deprecated,
            reason = "its successor is unsafe to call; an `OwnedFd` upholds what that asks for"
        )]
        let descriptor = AsyncFd::with_interest(descriptor, Interest::READABLE)?;
        Ok(Self { descriptor })
    }

    /// Returns at the deadline; at once where it has passed.
    pub(super) async fn sleep_until(&mut self, deadline: Instant) -> io::Result<()> {
        let Some(left) = deadline
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
        else {
            return Ok(());
        };
        let setting = Itimerspec {
            it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            },
        };
        rustix::time::timerfd_settime(self.descriptor.get_ref(), TimerfdTimerFlags::empty(), &setting)?;
        loop {
            let mut ready = self.descriptor.readable().await?;
            let read = ready.try_io(|descriptor| {
                let mut expirations = [0; 8];
                Ok(rustix::io::read(descriptor.get_ref(), &mut expirations)?)
            });
            if let Ok(outcome) = read {
                return outcome.map(drop);
            }
        }
    }
}
