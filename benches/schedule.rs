//! What the load thread does to know when the next iteration is meant to start. **Budget: 50 ns for one arrival**, of every
//! executor's profile and either spacing.
//!
//! Pure arithmetic on one core: what else the machine does shows as outliers only. Read the median; a change of a few per cent
//! between runs is the clock frequency.
#![expect(missing_docs, reason = "criterion's macros make undocumented functions")]

mod settings;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use diapason::schedule::{Arrivals, Profile, Segment, Spacing};

/// A rate that goes from one to the other in equal steps, or in one ramp.
fn profile(steps: u32) -> Profile {
    let length = Duration::from_secs(1_000_000) / steps;
    let rate = |step: u32| 500.0 + 500.0 * f64::from(step) / f64::from(steps);
    let segments = (0..steps).map(|step| Segment {
        length,
        from: rate(step),
        to: rate(step + 1),
    });
    Profile::new(segments.collect())
}

fn schedule(criterion: &mut Criterion) {
    let profiles = [
        ("constant", Profile::constant(1_000.0, Duration::from_secs(1_000_000))),
        ("ramping", profile(1)),
        ("ten stages", profile(10)),
    ];
    for (name, profile) in profiles {
        for spacing in [Spacing::Uniform, Spacing::Poisson] {
            let mut arrivals = Arrivals::new(profile.clone(), spacing, 1);
            criterion.bench_function(&format!("schedule/{name}, {spacing}"), |bencher| {
                bencher.iter(|| black_box(arrivals.next()));
            });
        }
    }
}

criterion_group!(name = benches; config = settings::criterion(); targets = schedule);
criterion_main!(benches);
