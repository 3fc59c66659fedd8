//! How many independent samples a run of dependent ones is worth.

/// Number of equal time batches a judged window is cut into.
pub const BATCHES: usize = 30;

/// Effective sample size of a share estimated from dependent samples, by the method of batch means.
///
/// `batches` are (bad, total) of equal, consecutive stretches of time. With p the share over all of them, Yⱼ that of batch
/// j and Ȳ their mean over b batches, V = Σ(Yⱼ − Ȳ)² / (b(b−1)) estimates the variance of p whatever the dependence within
/// a batch, and `n_eff = min(n, p(1−p)/V)`. Where V is 0 (or one batch has samples) it is n. Batches without samples are left
/// out. Fishman, "Grouping observations in digital simulation", Management Science 24 (1978).
pub fn effective_size(batches: &[(u64, u64)]) -> f64 {
    let full: Vec<(f64, f64)> = batches
        .iter()
        .filter(|(_, total)| *total > 0)
        .map(|(bad, total)| (*bad as f64, *total as f64))
        .collect();
    let samples: f64 = full.iter().map(|(_, total)| total).sum();
    let count = full.len() as f64;
    if full.len() < 2 {
        return samples;
    }
    let share = full.iter().map(|(bad, _)| bad).sum::<f64>() / samples;
    let mean = full.iter().map(|(bad, total)| bad / total).sum::<f64>() / count;
    let squares: f64 = full.iter().map(|(bad, total)| (bad / total - mean).powi(2)).sum();
    let variance = squares / (count * (count - 1.0));
    if variance > 0.0 {
        samples.min(share * (1.0 - share) / variance)
    } else {
        samples
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "counts are whole numbers, which are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_is_worth_less_than_scattered_samples() {
        // 30 batches of 100 with 150 bad among 3,000 (p = 0.05). Scattered: 5 in each, V = 0, n_eff = n.
        assert_eq!(effective_size(&[(5, 100); BATCHES]), 3_000.0);
        // In one burst: batches 0 and 1 hold 75 each. Ȳ = 0.05; Σ(Yⱼ−Ȳ)² = 2 · 0.70² + 28 · 0.05² = 1.05;
        // V = 1.05 / (30 · 29) = 0.00120690; n_eff = 0.0475 / 0.00120690 = 39.357.
        let mut burst = [(0, 100); BATCHES];
        burst[0] = (75, 100);
        burst[1] = (75, 100);
        assert!((effective_size(&burst) - 39.357).abs() < 0.001);
    }

    #[test]
    fn nothing_to_estimate_from_leaves_the_count() {
        assert_eq!(effective_size(&[]), 0.0);
        assert_eq!(effective_size(&[(1, 10), (0, 0)]), 10.0);
        assert_eq!(effective_size(&[(0, 10), (0, 10)]), 20.0);
    }

    proptest! {
        #[test]
        fn never_more_than_there_are_and_never_negative(
            batches in prop::collection::vec((0_u64..50, 50_u64..100), 2..40)
        ) {
            let total: u64 = batches.iter().map(|(_, total)| total).sum();
            let size = effective_size(&batches);
            prop_assert!(size >= 0.0 && size <= total as f64);
        }

        #[test]
        fn the_order_of_batches_does_not_matter(mut batches in prop::collection::vec((0_u64..50, 50_u64..100), 2..40)) {
            let before = effective_size(&batches);
            batches.reverse();
            prop_assert!((effective_size(&batches) - before).abs() < 1e-6 * before.max(1.0));
        }
    }
}
