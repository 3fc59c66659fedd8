//! Growth of quantities under a constant load, which a soak test is made to find.

use serde::{Deserialize, Serialize};

use crate::record::Window;
use crate::runs::RunRecord;
use crate::sizing::{Estimate, slope};
use crate::stats::BATCHES;
use crate::words::en::text;

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
    /// Level of the fitted line at the start of the judged window.
    pub start: f64,
    /// Change per hour with its 95 % interval.
    pub hourly: Estimate,
    /// Hours from the window's end until it reaches its limit at that pace; `None` without a limit above it or without growth.
    pub hours_left: Option<f64>,
    /// True if it grows beyond noise, and in a day by more than a quarter, or, for the disk, by more than 1 GiB.
    pub grows: bool,
}

impl Trend {
    /// `memory of api grows by 12 MiB an hour [10 – 14], from 210 MiB`.
    pub fn sentence(&self) -> String {
        let Estimate { point, low, high } = self.hourly;
        let does = if self.grows { "grows" } else { "is steady, at" };
        let left = self
            .hours_left
            .filter(|_| self.grows)
            .map_or_else(String::new, |hours| {
                if hours >= 48.0 {
                    format!("; at that pace it reaches its limit in {:.0} days", hours / 24.0)
                } else {
                    format!("; at that pace it reaches its limit in {hours:.1} hours")
                }
            });
        let unit = &self.unit;
        let start = text::digits(self.start.max(0.0));
        if self.grows {
            format!(
                "{} {does} by {point:.2} {unit} an hour [{low:.2} – {high:.2}], from {start} {unit}{left}",
                self.what
            )
        } else {
            format!(
                "{} {does} {start} {unit}: {point:+.2} {unit} an hour [{low:+.2} – {high:+.2}]",
                self.what
            )
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
            &format!("memory of {}", container.service),
            "MiB",
            points,
            window,
            limit,
        ));
    }
    let seconds = || evidence.recording.seconds.iter().filter(|cell| cell.p50 > 0);
    let of = |value: fn(&crate::record::SecondCell) -> u64| {
        seconds()
            .map(move |cell| (f64::from(cell.second), value(cell) as f64 / 1e3))
            .collect::<Vec<_>>()
    };
    trends.extend(trend(
        "median response time",
        "ms",
        of(|cell| cell.p50).into_iter(),
        window,
        None,
    ));
    trends.extend(trend(
        "p95 response time",
        "ms",
        of(|cell| cell.p95).into_iter(),
        window,
        None,
    ));
    let sessions = observations.postgres.iter().flat_map(|seen| &seen.points);
    let sessions = sessions.map(|point| (point.at, f64::from(point.connections)));
    trends.extend(trend(
        "connections to the database",
        "connections",
        sessions,
        window,
        None,
    ));
    let generator = observations.generator.iter().flat_map(|seen| &seen.points);
    let disk = generator
        .filter(|point| point.disk > 0)
        .map(|point| (point.at, mebibytes(point.disk)));
    // A disk that already holds a hundred gigabytes grows by no notable share: growth of more than 1 GiB a day counts.
    trends.extend(trend("disk of the engine", "MiB", disk, window, None).map(|mut disk| {
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
    what: &str,
    unit: &str,
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
            Some((hours(batch), *values.get(values.len() / 2)?))
        })
        .collect();
    if medians.len() < BATCHES / 2 {
        return None;
    }
    let line = slope(&medians)?;
    let hourly = line.slope;
    let now = line.intercept + hourly.point * length / 3_600.0;
    let notable = hourly.point * 24.0 > NOTABLE * line.intercept.abs();
    Some(Trend {
        what: what.to_owned(),
        unit: unit.to_owned(),
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

    /// A quantity each second for 31 minutes, rising by so much an hour under a sawtooth and noise.
    fn series(hourly: f64) -> Vec<(f64, f64)> {
        let mut random = SmallRng::seed_from_u64(3);
        let mut noise = || random.random_range(-8.0..8.0);
        let value = |at: u32| 200.0 + hourly * f64::from(at) / 3_600.0 + f64::from(at % 45) / 3.0;
        (0..1_860).map(|at| (f64::from(at), value(at) + noise())).collect()
    }

    #[test]
    fn a_leak_is_found_under_a_sawtooth_with_when_it_is_full() {
        let leak = trend("memory of api", "MiB", series(120.0).into_iter(), WINDOW, Some(1_024.0)).unwrap();
        assert!(leak.grows && leak.hourly.contains(120.0), "{leak:?}");
        // 1,024 − (about 207 + 60 + 2) at 120 an hour.
        assert!((leak.hours_left.unwrap() - 6.3).abs() < 0.6, "{leak:?}");
        let said = leak.sentence();
        assert!(
            said.starts_with("memory of api grows by 1") && said.contains("reaches its limit in 6"),
            "{said}"
        );
    }

    #[test]
    fn what_only_goes_up_and_down_is_steady() {
        let steady = trend("memory of api", "MiB", series(0.0).into_iter(), WINDOW, Some(1_024.0)).unwrap();
        assert!(!steady.grows, "{steady:?}");
        assert!(steady.sentence().contains("is steady, at 2"), "{}", steady.sentence());
        assert_eq!(trend("x", "y", [(70.0, 1.0)].into_iter(), WINDOW, None), None);
    }
}
