//! The worst 10 seconds of the judged window.

use crate::record::Window;

/// Length of a window in seconds.
const SECONDS: u64 = 10;

/// Counts of one second: (whole seconds since the run's zero, bad, all).
pub(super) type SecondCount = (u32, u64, u64);

/// The window of 10 s with the greatest share of bad samples, the earliest of equals: (start second, share). `None`
/// without samples.
///
/// Windows begin with the judged window. Requests that end after it (they began inside) belong to the last one, and so
/// does a rest of less than 10 s.
pub(super) fn worst(judged: Window, seconds: impl Iterator<Item = SecondCount>) -> Option<(u32, f64)> {
    let start = judged.start.as_secs();
    let count = usize::try_from((judged.length().as_secs() / SECONDS).max(1)).ok()?;
    let mut windows = vec![(0_u64, 0_u64); count];
    for (second, bad, all) in seconds {
        let index = u64::from(second).saturating_sub(start) / SECONDS;
        let index = usize::try_from(index).map_or(count - 1, |index| index.min(count - 1));
        windows[index].0 += bad;
        windows[index].1 += all;
    }
    let mut worst: Option<(u32, f64)> = None;
    for (index, (bad, all)) in (0_u64..).zip(windows) {
        let share = if all == 0 { continue } else { bad as f64 / all as f64 };
        if worst.is_none_or(|(_, greatest)| share > greatest) {
            worst = Some((u32::try_from(start + index * SECONDS).ok()?, share));
        }
    }
    worst
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
    fn among_equals_the_first() {
        let seconds = [(0, 0, 10), (10, 0, 10)];
        assert_eq!(worst(window(0, 20), seconds.into_iter()), Some((0, 0.0)));
    }
}
