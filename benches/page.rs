//! What the page of an hour with a hundred series costs, from the judged document to the text of `index.html` and `index.fr.html`.
//! **Budget: 1 s for one page, 2 MB of text, and 200 MB for the process**; the last two are asserted.
//!
//! The document is that of a saved run whose time axis is stretched to an hour and whose series are a hundred copies. Nothing waits
//! here, so read the median.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(missing_docs, reason = "criterion's macros make undocumented functions")]

mod settings;

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use diapason::evidence::Accept;
use diapason::report::{Document, LatencyPoint, LoadPoint, SeriesLine, exporter};
use diapason::run::judge_again;
use diapason::words::Language;

const HOUR: u32 = 3_600;
/// Seconds of a point in an hour's run.
const STEP: u32 = 6;
const SERIES: usize = 100;
const MOST_BYTES: usize = 2_000_000;
const MOST_MEMORY_KIB: u64 = 200 << 10;

fn hour() -> Document {
    let saved = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/evidence/passing");
    let mut document = judge_again(&saved, Accept::Target).unwrap();
    document.seconds = f64::from(HOUR);
    let point = |second: u32| LatencyPoint {
        second,
        p50: 10.0 + f64::from(second * 7_919 % 31),
        p95: 40.0 + f64::from(second * 7_919 % 97),
        p99: 90.0 + f64::from(second * 7_919 % 211),
        max: 200.0 + f64::from(second * 7_919 % 499),
    };
    let seconds = || (0..HOUR).step_by(STEP as usize);
    document.timeline.step = STEP;
    document.timeline.all = seconds()
        .map(|second| LoadPoint {
            second,
            requests: 500.0 + f64::from(second % 13),
            errors: 0.0,
            rate_limited: 0.0,
            latency: Some(point(second)),
        })
        .collect();
    let row = document.series.first().unwrap().clone();
    let named = |index: usize| format!("journey-{}.step-{}", index / 10, index % 10);
    document.series = (0..SERIES)
        .map(|index| {
            let mut row = row.clone();
            row.name = named(index);
            row
        })
        .collect();
    document.timeline.series = (0..SERIES)
        .map(|index| SeriesLine {
            name: named(index),
            points: seconds().map(point).collect(),
        })
        .collect();
    document.languages = vec![Language::English];
    document
}

/// Most memory that this process has used, in KiB; `None` where the system does not tell.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

fn page(criterion: &mut Criterion) {
    let document = hour();
    let html = exporter("html").unwrap();
    let pages = html.render(&document).unwrap();
    let bytes = pages.first().unwrap().content.len();
    assert!(bytes < MOST_BYTES, "{bytes} bytes");
    criterion.bench_function("page/an hour of 100 series", |bencher| {
        bencher.iter(|| html.render(&document).unwrap());
    });
    if let Some(peak) = peak() {
        assert!(peak < MOST_MEMORY_KIB, "{peak} KiB");
    }
}

criterion_group!(name = benches; config = settings::criterion(); targets = page);
criterion_main!(benches);
