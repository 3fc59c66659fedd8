//! Effective sample size of a window.

use crate::record::Window;
use crate::stats::{BATCHES, effective_size};
use crate::units::saturating_usize;

/// Effective size of samples given as (second, bad, all), from equal time batches of the window in which they are judged.
pub(super) fn effective_samples(window: Window, seconds: impl IntoIterator<Item = (f64, u64, u64)>) -> f64 {
    let (start, length) = (window.start.as_secs_f64(), window.length().as_secs_f64());
    let mut batches = vec![(0, 0); BATCHES];
    for (second, bad, all) in seconds {
        let place = (second - start) / length * BATCHES as f64;
        // A sample that ended after the window counts in its last batch, because it began within the window.
        let index = saturating_usize(place).min(BATCHES - 1);
        if let Some((batch_bad, batch_all)) = batches.get_mut(index) {
            *batch_bad += bad;
            *batch_all += all;
        }
    }
    effective_size(&batches)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn samples_are_worth_what_their_bursts_leave_of_them() {
        let window = Window {
            start: Duration::from_secs(10),
            end: Duration::from_secs(70),
        };
        // 60 seconds of 50 samples in 30 batches of 2 s: 5 bad in each are 3,000 independent ones; the same 150 in the first
        // four seconds are worth 16 (see `stats::effective`).
        let even = (10..70).map(|second| (f64::from(second), u64::from(second % 2 == 0) * 5, 50));
        assert!((effective_samples(window, even) - 3_000.0).abs() < 1e-9);
        let burst = |early: f64| {
            (10..70).map(move |second| {
                let bad = if second < 12 { 37 + u64::from(second == 11) } else { 0 };
                let bad = if (12..14).contains(&second) {
                    37 + u64::from(second == 13)
                } else {
                    bad
                };
                (f64::from(second) - early * f64::from(u8::from(second == 10)), bad, 50)
            })
        };
        assert!((effective_samples(window, burst(0.0)) - 16.0).abs() < 1e-9);
        // Samples a moment early or late belong to the first and the last batch.
        assert!((effective_samples(window, burst(3.0)) - 16.0).abs() < 1e-9);
        assert!(
            (effective_samples(window, [(9.0, 1, 10), (80.0, 1, 10)])
                - effective_samples(window, [(10.0, 1, 10), (69.9, 1, 10)]))
            .abs()
                < 1e-9
        );
    }
}
