//! What the page of an hour with a hundred series costs, from the judged document to the text of `index.html` and `index.fr.html`.
//! **Budget: 1 s for one page, 2 MB of text, and 200 MB for the process**; the last two are asserted.
//!
//! The document is that of a saved run whose time axis is stretched to an hour and whose series are a hundred copies. Nothing waits
//! here, so read the median. The pages are left in `target/page/`, to be looked at.
#![expect(clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![expect(missing_docs, reason = "criterion's macros make undocumented functions")]

mod settings;

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use diapason::evidence::Accept;
use diapason::report::{Document, HeatColumn, LatencyPoint, LoadPoint, SeriesLine, exporter};
use diapason::run::judge_again;
use diapason::words::Language;

const HOUR: u32 = 3_600;
/// Seconds of a point in an hour's run.
const STEP: u32 = 6;
const SERIES: usize = 100;
/// Columns of the heat map.
const COLUMNS: u32 = 120;
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
    // The most that the heat map shows: 120 columns, each with a request in every bucket from 1 ms to 11 s.
    document.timeline.heat_step = HOUR / COLUMNS;
    document.timeline.heat = (0..COLUMNS)
        .map(|column| HeatColumn {
            second: column * HOUR / COLUMNS,
            counts: (0..27)
                .map(|bucket| 1 + u64::from(column * 7_919 % 97) / (1 + bucket))
                .collect(),
        })
        .collect();
    stretch(&mut document);
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

/// Spreads phases, page loads and what the probes saw of the saved run over the hour.
fn stretch(document: &mut Document) {
    let end = document.plan.load.end().as_secs_f64();
    let longer = f64::from(HOUR) / end;
    for phase in &mut document.plan.load.phases {
        phase.window.start = phase.window.start.mul_f64(longer);
        phase.window.end = phase.window.end.mul_f64(longer);
    }
    document.judged.start = document.judged.start.mul_f64(longer);
    document.judged.end = document.judged.end.mul_f64(longer);
    for point in document
        .containers
        .iter_mut()
        .flat_map(|container| &mut container.observed.points)
    {
        point.at *= longer;
    }
    if let Some(pages) = &mut document.pages {
        pages.loads.iter_mut().for_each(|load| load.at *= longer);
        pages.exhibits.iter_mut().for_each(|exhibit| exhibit.at *= longer);
    }
    if let Some(database) = &mut document.database {
        database.observed.points.iter_mut().for_each(|point| point.at *= longer);
    }
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
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/page");
    std::fs::create_dir_all(&folder).unwrap();
    for page in &pages {
        std::fs::write(folder.join(&page.name), &page.content).unwrap();
    }
    criterion.bench_function("page/an hour of 100 series", |bencher| {
        bencher.iter(|| html.render(&document).unwrap());
    });
    if let Some(peak) = peak() {
        assert!(peak < MOST_MEMORY_KIB, "{peak} KiB");
    }
}

criterion_group!(name = benches; config = settings::criterion(); targets = page);
criterion_main!(benches);
