//! Peaks of a replay: sessions under way at once, and requests per second.

use std::collections::BTreeMap;
use std::time::Duration;

/// Most intervals that cover one instant. One that ends where another begins does not cover it.
pub(super) fn most_at_once(intervals: impl Iterator<Item = (Duration, Duration)>) -> u64 {
    let mut changes: Vec<(Duration, i64)> = intervals
        .flat_map(|(start, end)| [(start, 1), (end.max(start), -1)])
        .collect();
    // Ends come first: −1 before 1.
    changes.sort_unstable();
    let (mut now, mut most) = (0_i64, 0_i64);
    for (_, change) in changes {
        now += change;
        most = most.max(now);
    }
    u64::try_from(most).unwrap_or(0).max(1)
}

/// Instants in the busiest whole second.
pub(super) fn busiest_second(instants: impl Iterator<Item = Duration>) -> u64 {
    let mut seconds: BTreeMap<u64, u64> = BTreeMap::new();
    for instant in instants {
        *seconds.entry(instant.as_secs()).or_default() += 1;
    }
    seconds.values().copied().max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_those_of_the_busiest_instant_and_second() {
        let millis = Duration::from_millis;
        let intervals = [(0, 100), (50, 150), (100, 200), (60, 90)];
        let all = intervals.map(|(start, end)| (millis(start), millis(end)));
        assert_eq!(most_at_once(all.into_iter()), 3);
        assert_eq!(most_at_once(all[..1].iter().copied()), 1);
        let instants = [0, 999, 1_000, 1_500, 1_999, 3_000].map(millis);
        assert_eq!(busiest_second(instants.into_iter()), 3);
    }
}
