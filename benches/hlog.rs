//! What the collector's thread does to write one second of one series to the interval log: four histograms deflated, encoded
//! and written. **Budget: 1 ms for one second of one series**, so that a hundred series cost a tenth of a core.
//!
//! Off the load thread and at low priority, yet on the machine of the system under test. Deflating is nearly all of it, so read
//! the median; the disk is only waited for when the page cache is full.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(missing_docs, reason = "criterion's macros make undocumented functions")]

mod settings;

use criterion::{Criterion, criterion_group, criterion_main};
use diapason::record::{Answers, Counters, HlogWriter, SeriesInterval, SeriesKey, Timing, Timings};

/// A second in which so many requests ended, their times spread over two orders of magnitude.
fn second(requests: u64) -> SeriesInterval {
    let mut timings = Timings::default();
    for timing in [Timing::Response, Timing::Service, Timing::SendLag, Timing::FirstByte] {
        for request in 0..requests {
            timings.get_mut(timing).record(500 + request * 7_919 % 50_000).unwrap();
        }
    }
    SeriesInterval {
        slot: 0,
        timings,
        counters: Counters::new(0),
        answers: Answers::default(),
    }
}

fn hlog(criterion: &mut Criterion) {
    let key = SeriesKey {
        phase: "steady".to_owned(),
        series: "tasks.list".to_owned(),
    };
    for requests in [10, 1_000] {
        let folder = tempfile::tempdir().unwrap();
        let mut log = HlogWriter::create(folder.path(), jiff::Timestamp::now()).unwrap();
        let interval = second(requests);
        let mut count = 0;
        criterion.bench_function(&format!("hlog/second of one series, {requests} requests"), |bencher| {
            bencher.iter(|| {
                count += 1;
                log.write(count, &key, &interval).unwrap();
            });
        });
        log.finish().unwrap();
    }
}

criterion_group!(name = benches; config = settings::criterion(); targets = hlog);
criterion_main!(benches);
