//! Growth of quantities under a constant load, which a soak test is made to find.

use serde::{Deserialize, Serialize};

use crate::record::Window;
use crate::runs::RunRecord;
use crate::sizing::{Estimate, slope};
use crate::stats::BATCHES;

/// Shortest window in seconds; growth in a shorter one is the warm-up of caches and pools, not a leak.
const SHORTEST: f64 = 300.0;
/// Growth over a day, as a share of the level at the start, above which it is reported as a leak.
const NOTABLE: f64 = 0.25;

/// One quantity over the judged window: its slope by Theil and Sen over 30 batches, each summed up by its median.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// Name of the quantity: `memory of api`.
    pub what: String,
    /// Unit of the quantity: `MiB`.
    pub unit: String,
    /// The quantity; [`Quantity::Other`] in documents made before it was kept.
    #[serde(default)]
    pub quantity: Quantity,
    /// Level of the fitted line at the start of the judged window.
    pub start: f64,
    /// Change per hour with its 95 % interval.
    pub hourly: Estimate,
    /// Hours from the window's end until it reaches its limit at that pace; `None` without a limit above it or without growth.
    pub hours_left: Option<f64>,
    /// True if it grows beyond noise, and in a day by more than a quarter, or, for the disk, by more than 1 GiB.
    pub grows: bool,
}

/// A quantity that is watched for growth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Quantity {
    /// Memory of a service.
    Memory(String),
    /// Median response time of a second.
    MedianResponseTime,
    /// 95th percentile of the response time of a second.
    P95ResponseTime,
    /// Connections to the database.
    Connections,
    /// Disk of the container engine.
    Disk,
    /// Known by its name only.
    #[default]
    Other,
}

impl Quantity {
    /// Its English name and its unit.
    fn name_and_unit(&self) -> (String, &'static str) {
        match self {
            Self::Memory(service) => (format!("memory of {service}"), "MiB"),
            Self::MedianResponseTime => ("median response time".to_owned(), "ms"),
            Self::P95ResponseTime => ("p95 response time".to_owned(), "ms"),
            Self::Connections => ("connections to the database".to_owned(), "connections"),
            Self::Disk => ("disk of the engine".to_owned(), "MiB"),
            Self::Other => (String::new(), ""),
        }
    }
}

/// Memory of each service, response times, the database's connections and the disk, over the judged window; empty if
/// that is shorter than five minutes.
pub(super) fn trends(record: &RunRecord) -> Vec<Trend> {
    let evidence = &record.evidence;
    let window = evidence.plan.judged_window();
    if window.length().as_secs_f64() < SHORTEST {
        return Vec::new();
    }
    let observations = &evidence.observations;
    let mut trends = Vec::new();
    for container in observations.containers.iter().flat_map(|seen| &seen.containers) {
        let points = container.points.iter().map(|point| (point.at, mebibytes(point.memory)));
        let limit = container.memory_limit.map(mebibytes);
        trends.extend(trend(
            Quantity::Memory(container.service.clone()),
            points,
            window,
            limit,
        ));
    }
    // A second without a success has percentiles of 0.
    let seconds = || evidence.recording.seconds.iter().filter(|cell| cell.p50 > 0);
    let of = |value: fn(&crate::record::SecondCell) -> u64| {
        seconds()
            .map(move |cell| (f64::from(cell.second), value(cell) as f64 / 1e3))
            .collect::<Vec<_>>()
    };
    trends.extend(trend(
        Quantity::MedianResponseTime,
        of(|cell| cell.p50).into_iter(),
        window,
        None,
    ));
    trends.extend(trend(
        Quantity::P95ResponseTime,
        of(|cell| cell.p95).into_iter(),
        window,
        None,
    ));
    let sessions = observations.postgres.iter().flat_map(|seen| &seen.points);
    let sessions = sessions.map(|point| (point.at, f64::from(point.connections)));
    trends.extend(trend(Quantity::Connections, sessions, window, None));
    let generator = observations.generator.iter().flat_map(|seen| &seen.points);
    // 0 stands for a disk that was not read.
    let disk = generator
        .filter(|point| point.disk > 0)
        .map(|point| (point.at, mebibytes(point.disk)));
    // A disk that already holds a hundred gigabytes grows by no notable share: growth of more than 1 GiB a day counts.
    trends.extend(trend(Quantity::Disk, disk, window, None).map(|mut disk| {
        disk.grows = disk.hourly.low > 0.0 && disk.hourly.point * 24.0 > 1_024.0;
        disk
    }));
    trends
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

/// The trend of points (seconds, value) within the window; `None` with too few of them.
fn trend(
    quantity: Quantity,
    points: impl Iterator<Item = (f64, f64)>,
    window: Window,
    limit: Option<f64>,
) -> Option<Trend> {
    let (from, length) = (window.start.as_secs_f64(), window.length().as_secs_f64());
    let mut batches = vec![Vec::new(); BATCHES];
    for (at, value) in points.filter(|(at, _)| window.contains_secs(*at)) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "inside the window"
        )]
        let batch = ((at - from) / length * BATCHES as f64) as usize;
        if let Some(batch) = batches.get_mut(batch) {
            batch.push(value);
        }
    }
    let hours = |batch: usize| (batch as f64 + 0.5) * length / BATCHES as f64 / 3_600.0;
    let medians: Vec<(f64, f64)> = batches
        .into_iter()
        .enumerate()
        .filter_map(|(batch, mut values)| {
            values.sort_by(f64::total_cmp);
            // Medians, so that a garbage collection or a single slow second moves no point.
            Some((hours(batch), *values.get(values.len() / 2)?))
        })
        .collect();
    // A line through few points would follow any of them.
    if medians.len() < BATCHES / 2 {
        return None;
    }
    let line = slope(&medians)?;
    let hourly = line.slope;
    let now = line.intercept + hourly.point * length / 3_600.0;
    let notable = hourly.point * 24.0 > NOTABLE * line.intercept.abs();
    let (what, unit) = quantity.name_and_unit();
    Some(Trend {
        what,
        unit: unit.to_owned(),
        quantity,
        start: line.intercept,
        hourly,
        hours_left: limit
            .filter(|limit| hourly.point > 0.0 && *limit > now)
            .map(|limit| (limit - now) / hourly.point),
        grows: hourly.low > 0.0 && notable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};
    use std::time::Duration;

    const WINDOW: Window = Window {
        start: Duration::from_secs(60),
        end: Duration::from_secs(60 + 1_800),
    };

    fn memory() -> Quantity {
        Quantity::Memory("api".to_owned())
    }

    /// A quantity each second for 31 minutes, rising by so much an hour under a sawtooth and noise.
    fn series(hourly: f64) -> Vec<(f64, f64)> {
        let mut random = SmallRng::seed_from_u64(3);
        let mut noise = || random.random_range(-8.0..8.0);
        let value = |at: u32| 200.0 + hourly * f64::from(at) / 3_600.0 + f64::from(at % 45) / 3.0;
        (0..1_860).map(|at| (f64::from(at), value(at) + noise())).collect()
    }

    #[test]
    fn a_leak_is_found_under_a_sawtooth_with_when_it_is_full() {
        let leak = trend(memory(), series(120.0).into_iter(), WINDOW, Some(1_024.0)).unwrap();
        assert!(leak.grows && leak.hourly.contains(120.0), "{leak:?}");
        // 1,024 − (about 207 + 60 + 2) at 120 an hour.
        assert!((leak.hours_left.unwrap() - 6.3).abs() < 0.6, "{leak:?}");
    }

    #[test]
    fn what_only_goes_up_and_down_is_steady() {
        let steady = trend(memory(), series(0.0).into_iter(), WINDOW, Some(1_024.0)).unwrap();
        assert!(!steady.grows, "{steady:?}");
        assert_eq!(trend(Quantity::Disk, [(70.0, 1.0)].into_iter(), WINDOW, None), None);
    }
}
