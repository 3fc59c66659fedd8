//! What the load thread does to record a request. **Budget: 300 ns for one sample; 100 ns is the aim.**
//!
//! The whole recorder is measured: histograms of four times, exact counters, and once for every second of the samples the
//! handing over to the collector's thread. A second holds a million samples here, some tenths of a real second of recording:
//! any fewer, and the collector would be handed seconds faster than it merges them, which no run does.
//!
//! It is memory that this figure depends on: ten series are 7 MB of histograms, which other work drives out of the cache. On a
//! busy machine read the lower bound of the interval, and the least of several runs.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(missing_docs, reason = "criterion's macros make undocumented functions")]

mod settings;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use diapason::record::{Collector, CollectorSettings, Outcome, Parts, Progress, Sample, SeriesId};
use diapason::timer::RunClock;

fn recorder(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let clock = RunClock::starting_in(Duration::ZERO);
    let settings = CollectorSettings {
        transactions: Vec::new(),
        followed: Vec::new(),
        origin: clock.origin(),
        wall: clock.wall(),
        limits: vec![100_000, 300_000],
        phases: vec![("steady".to_owned(), true)],
        series: (0..10).map(|step| format!("journey.step{step}")).collect(),
        folder: folder.path().to_owned(),
    };
    let progress = tokio::sync::watch::Sender::new(Progress::default());
    let (collector, mut recorder) = Collector::start(settings, progress).unwrap();
    let mut count = 0_u64;
    criterion.bench_function("recorder/sample", |bencher| {
        bencher.iter(|| {
            // A million requests a second over ten series, their times spread over two orders of magnitude.
            count += 1;
            let intended = clock.at(Duration::from_micros(count));
            let sample = Sample {
                series: SeriesId(u16::try_from(count % 10).unwrap()),
                intended,
                sent: intended + Duration::from_micros(15),
                finished: intended + Duration::from_micros(500 + count * 7_919 % 50_000),
                outcome: Outcome::Success,
                status: None,
                bytes: 1_000,
                parts: Parts {
                    first_byte: Some(Duration::from_micros(400 + count * 7_919 % 40_000)),
                    ..Parts::default()
                },
            };
            recorder.record(0, black_box(&sample));
        });
    });
    drop(recorder);
    collector.join().unwrap();
}

criterion_group!(name = benches; config = settings::criterion(); targets = recorder);
criterion_main!(benches);
