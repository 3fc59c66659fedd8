//! Recording of requests without a lock: `Sample` → `Recorder` → `Recording`.
//!
//! The load thread owns the `Recorder`. Once a second it hands its histograms to the `Collector`, a thread of its own at
//! low priority, which merges them, writes the interval log and publishes progress. Memory does not grow with the number
//! of requests.

mod answers;
mod collector;
mod counters;
mod error;
mod hlog;
mod key;
mod progress;
mod reader;
mod recorder;
mod recording;
mod sample;
mod spread;
mod timing;
mod trace;
mod window;

pub use answers::{AnswerKind, Answers, EXCERPT, Example};
pub use collector::{Collector, CollectorSettings, SecondCounts, ThreadlessCollector};
pub use counters::Counters;
pub use error::HlogError;
pub use hlog::HlogWriter;
pub use key::SeriesKey;
pub use progress::{Figure, FollowedObjective, Progress};
pub use reader::{read_hlog, read_hlog_seconds};
pub use recorder::{Interval, PhaseRecorder, Recorder, SeriesInterval};
pub use recording::{LoadTotals, Recording, SecondCell, SeriesRecord, WalkTotals};
pub use sample::{Outcome, Parts, Sample, SeriesId};
pub use spread::Spread;
pub use timing::{Timing, Timings};
pub use trace::{Trace, TraceSettings, Tracing};
pub use window::Window;

use hdrhistogram::Histogram;

/// Lowest value that every latency histogram distinguishes from zero: 1 µs.
pub const LOWEST_MICROS: u64 = 1;
/// Highest value every latency histogram holds: 10 minutes.
pub const HIGHEST_MICROS: u64 = 600_000_000;
/// Significant decimal digits of every latency histogram.
pub const SIGNIFICANT_DIGITS: u8 = 3;

/// An empty latency histogram in microseconds with the bounds that all of them share, so that any two merge without loss.
///
/// # Panics
/// Never: the bounds are constants that the histogram accepts.
#[expect(clippy::expect_used, reason = "the bounds are constants; a unit test builds one")]
pub fn new_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(LOWEST_MICROS, HIGHEST_MICROS, SIGNIFICANT_DIGITS).expect("constant bounds")
}
