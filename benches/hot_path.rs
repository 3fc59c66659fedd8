//! What the load thread does for every request beside sending it. Budgets: one sample recorded in at most 300 ns, one
//! intended start computed in at most 100 ns.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use diapason::record::{Collector, CollectorSettings, Outcome, Parts, Progress, RunClock, Sample, SeriesId};
use diapason::schedule::{Arrivals, Profile, Spacing};

fn recorder(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let clock = RunClock::starting_in(Duration::ZERO);
    let settings = CollectorSettings {
        clock,
        limits: vec![100_000, 300_000],
        phases: vec![("steady".to_owned(), true)],
        series: (0..10).map(|step| format!("journey.step{step}")).collect(),
        folder: folder.path().to_owned(),
    };
    let progress = tokio::sync::watch::Sender::new(Progress::default());
    let (collector, mut recorder) = Collector::start(settings, progress).unwrap();
    let mut count = 0_u64;
    criterion.bench_function("record one sample", |bencher| {
        bencher.iter(|| {
            // 10,000 requests a second over ten series, their times spread over two orders of magnitude.
            count += 1;
            let intended = clock.at(Duration::from_micros(count * 100));
            let sample = Sample {
                series: SeriesId(u16::try_from(count % 10).unwrap()),
                intended,
                sent: intended + Duration::from_micros(15),
                finished: intended + Duration::from_micros(500 + count * 7_919 % 50_000),
                outcome: Outcome::Success,
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

fn schedule(criterion: &mut Criterion) {
    for spacing in [Spacing::Uniform, Spacing::Poisson] {
        let profile = Profile::constant(1_000.0, Duration::from_secs(1_000_000));
        let mut arrivals = Arrivals::new(profile, spacing, 1);
        criterion.bench_function(&format!("next arrival, {spacing}"), |bencher| {
            bencher.iter(|| black_box(arrivals.next()));
        });
    }
}

criterion_group!(benches, recorder, schedule);
criterion_main!(benches);
