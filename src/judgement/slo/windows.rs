//! The judged window in parts: its worst 10 seconds, and the batches from which the dependence of samples is estimated.

use crate::record::Window;
use crate::stats::BATCHES;

/// Length of a window in seconds.
const SECONDS: u64 = 10;

/// Counts of one second: (whole seconds since the run's zero, bad, all).
pub(super) type SecondCount = (u32, u64, u64);
/// Part of a mean in one second: (whole seconds since the run's zero, sum, weight).
pub(super) type SecondSum = (u32, f64, f64);

/// The window of 10 s with the greatest share of bad samples, as (start second, share); the earliest of equals. `None`
/// without samples.
///
/// The first window begins with the judged window. Requests that began in the judged window and ended after it belong to the
/// last one, as does a remainder of less than 10 s.
pub(super) fn worst(judged: Window, seconds: impl Iterator<Item = SecondCount>) -> Option<(u32, f64)> {
    let start = judged.start.as_secs();
    let count = usize::try_from((judged.length().as_secs() / SECONDS).max(1)).ok()?;
    let mut windows = vec![(0_u64, 0_u64); count];
    for (second, bad, all) in seconds {
        let index = u64::from(second).saturating_sub(start) / SECONDS;
        // The last window takes the rest: one of a second or two would be the worst by chance.
        let index = usize::try_from(index).map_or(count - 1, |index| index.min(count - 1));
        windows[index].0 += bad;
        windows[index].1 += all;
    }
    let mut worst: Option<(u32, f64)> = None;
    for (index, (bad, all)) in (0_u64..).zip(windows) {
        // A window without samples is neither good nor bad.
        let share = if all == 0 { continue } else { bad as f64 / all as f64 };
        if worst.is_none_or(|(_, greatest)| share > greatest) {
            worst = Some((u32::try_from(start + index * SECONDS).ok()?, share));
        }
    }
    worst
}

/// Sums (sum, weight) of at most 30 equal parts of the judged window, as [`batches`] cuts it.
pub(super) fn sums(judged: Window, seconds: &[SecondSum]) -> Vec<(f64, f64)> {
    let mut parts = vec![(0.0, 0.0); parts(judged)];
    for (second, sum, weight) in seconds {
        let index = part(judged, *second, parts.len());
        if let Some(part) = parts.get_mut(index) {
            part.0 += sum;
            part.1 += weight;
        }
    }
    parts
}

/// Weighted means (value, weight) of the parts that [`batches`] cuts, from (second, value, weight).
pub(super) fn levels(judged: Window, seconds: &[(u32, f64, f64)]) -> Vec<(f64, f64)> {
    let weighted: Vec<SecondSum> = seconds
        .iter()
        .map(|(second, value, weight)| (*second, value * weight, *weight))
        .collect();
    means(&sums(judged, &weighted))
}

/// Converts each (sum, weight) to (mean, weight).
pub(super) fn means(parts: &[(f64, f64)]) -> Vec<(f64, f64)> {
    parts
        .iter()
        .map(|(sum, weight)| (if *weight > 0.0 { sum / weight } else { 0.0 }, *weight))
        .collect()
}

/// Sums of (bad, all) for each whole second in `seconds`, in ascending order.
pub(super) fn by_second(seconds: &[SecondCount]) -> Vec<(u32, (u64, u64))> {
    let mut sums: std::collections::BTreeMap<u32, (u64, u64)> = std::collections::BTreeMap::new();
    for (second, bad, all) in seconds {
        let sum = sums.entry(*second).or_default();
        sum.0 += bad;
        sum.1 += all;
    }
    sums.into_iter().collect()
}

/// Sums of (sum, weight) for each whole second in `seconds`, in ascending order.
pub(super) fn sums_by_second(seconds: &[SecondSum]) -> Vec<(u32, (f64, f64))> {
    let mut sums: std::collections::BTreeMap<u32, (f64, f64)> = std::collections::BTreeMap::new();
    for (second, value, weight) in seconds {
        let sum = sums.entry(*second).or_default();
        sum.0 += value;
        sum.1 += weight;
    }
    sums.into_iter().collect()
}

/// Number of equal parts that the judged window is cut into: one for each whole second, at least 1 and at most 30.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at least 1 and at most 30"
)]
fn parts(judged: Window) -> usize {
    judged.length().as_secs_f64().floor().clamp(1.0, BATCHES as f64) as usize
}

/// Index of the part, of `count`, that holds the middle of a second. Seconds before or after the window belong to the first
/// or last part.
fn part(judged: Window, second: u32, count: usize) -> usize {
    // Counts are those of whole seconds, parts may begin within one: the middle decides, so that no second counts
    // twice.
    let into = f64::from(second) + 0.5 - judged.start.as_secs_f64();
    let part = into / judged.length().as_secs_f64().max(1.0) * count as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative after max"
    )]
    let index = part.max(0.0) as usize;
    index.min(count - 1)
}

/// Counts (bad, all) of at most 30 equal parts of the judged window, each of at least a second. Samples after the window
/// belong to the last part.
pub(super) fn batches(judged: Window, seconds: &[SecondCount]) -> Vec<(u64, u64)> {
    let mut batches = vec![(0, 0); parts(judged)];
    for (second, bad, all) in seconds {
        let index = part(judged, *second, batches.len());
        if let Some(batch) = batches.get_mut(index) {
            batch.0 += bad;
            batch.1 += all;
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn window(start: u64, end: u64) -> Window {
        Window {
            start: Duration::from_secs(start),
            end: Duration::from_secs(end),
        }
    }

    #[test]
    fn the_worst_window_is_by_share_not_by_count() {
        // 10–20: 5 of 100; 20–30: 3 of 10; 30–40: nothing.
        let seconds = [(12, 5, 100), (20, 1, 5), (29, 2, 5)];
        assert_eq!(worst(window(10, 40), seconds.into_iter()), Some((20, 0.3)));
        assert_eq!(worst(window(10, 40), [].into_iter()), None);
    }

    #[test]
    fn stragglers_and_a_short_rest_belong_to_the_last_window() {
        // 10–35 makes windows 10–20 and 20–35; second 41 ended after the plan.
        let seconds = [(15, 1, 10), (34, 0, 10), (41, 2, 2)];
        assert_eq!(worst(window(10, 35), seconds.into_iter()), Some((20, 2.0 / 12.0)));
        // A judged window shorter than 10 s is one window.
        assert_eq!(worst(window(3, 5), [(4, 1, 2)].into_iter()), Some((3, 0.5)));
    }

    #[test]
    fn batches_are_equal_parts_of_at_least_a_second() {
        let seconds: Vec<SecondCount> = (10..72).map(|second| (second, u64::from(second == 11), 5)).collect();
        // 60 s: 30 batches of 2 s; seconds 70 and 71 are stragglers of the last.
        let found = batches(window(10, 70), &seconds);
        assert_eq!(found.len(), 30);
        assert_eq!((found[0], found[1], found[29]), ((1, 10), (0, 10), (0, 20)));
        assert_eq!(batches(window(10, 14), &seconds), [(0, 5), (1, 5), (0, 5), (0, 295)]);
        assert_eq!(batches(window(3, 3), &[(3, 1, 2)]), [(1, 2)]);
    }

    #[test]
    fn among_equals_the_first() {
        let seconds = [(0, 0, 10), (10, 0, 10)];
        assert_eq!(worst(window(0, 20), seconds.into_iter()), Some((0, 0.0)));
    }
}
