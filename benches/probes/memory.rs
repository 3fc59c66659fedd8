//! How long the machine's memory takes to answer meanwhile. Beside neighbours who share its caches, the same work costs this machine
//! up to a fifth more processor time for minutes on end, with and without probes; this tells how much of a difference is theirs.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use diapason::timer::RunClock;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rustix::time::{ClockId, clock_gettime};

/// A line of a processor's cache.
type Line = [u32; 16];

/// Lines that are walked through, one after another in an order that no processor foresees: a quarter of a megabyte, which after a
/// pause is in no cache of a core's own any more.
const LINES: u32 = 4_096;
/// Between two walks of about a millisecond.
const PAUSE: Duration = Duration::from_millis(250);

/// Walks through memory from time to time, until told to end.
pub(crate) struct Walker {
    end: Sender<()>,
    thread: JoinHandle<Vec<Walk>>,
}

/// One walk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk {
    /// Seconds from the clock's zero.
    pub(crate) at: f64,
    /// Nanoseconds of processor time that a line took.
    pub(crate) nanos: f64,
}

impl Walker {
    pub(crate) fn start(clock: RunClock) -> Self {
        let (end, ended) = channel();
        Self {
            end,
            thread: std::thread::spawn(move || walk(clock, &ended)),
        }
    }

    /// All walks.
    pub(crate) fn end(self) -> Vec<Walk> {
        drop(self.end);
        self.thread.join().unwrap_or_default()
    }
}

fn walk(clock: RunClock, ended: &Receiver<()>) -> Vec<Walk> {
    let mut order: Vec<u32> = (0..LINES).collect();
    order.shuffle(&mut SmallRng::seed_from_u64(1));
    let mut lines: Vec<Line> = vec![[0; 16]; order.len()];
    for (index, line) in order.iter().enumerate() {
        lines[*line as usize][0] = order[(index + 1) % order.len()];
    }
    let mut walks = Vec::new();
    let mut line = 0;
    while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
        let start = processor_time();
        for _ in 0..LINES {
            line = std::hint::black_box(lines[line as usize][0]);
        }
        let took = processor_time().saturating_sub(start);
        walks.push(Walk {
            at: clock.now().as_secs_f64(),
            nanos: took.as_secs_f64() * 1e9 / f64::from(LINES),
        });
    }
    walks
}

/// What this thread has had: waiting for a processor is not memory.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
