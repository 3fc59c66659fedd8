//! Multiple testing.

/// True for each hypothesis with those p-values that is rejected, such that the risk of rejecting any true one is at most α,
/// whatever their dependence: in ascending order, the i-th of m (from 0) while p ≤ α / (m − i).
///
/// Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
pub fn holm(probabilities: &[f64], alpha: f64) -> Vec<bool> {
    let mut order: Vec<(f64, usize)> = probabilities.iter().copied().zip(0..).collect();
    order.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut rejected = vec![false; probabilities.len()];
    let mut left = probabilities.len() as f64;
    for (p, index) in order {
        if p > alpha / left {
            break;
        }
        if let Some(rejected) = rejected.get_mut(index) {
            *rejected = true;
        }
        left -= 1.0;
    }
    rejected
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_smallest_must_pass_the_strictest_bound() {
        // α/4 = 0.0125, α/3 = 0.0167, α/2 = 0.025, α = 0.05.
        assert_eq!(holm(&[0.01, 0.04, 0.03, 0.005], 0.05), [true, false, false, true]);
        assert_eq!(holm(&[0.02, 0.04, 0.03, 0.013], 0.05), [false; 4]);
        assert_eq!(holm(&[0.05], 0.05), [true]);
        assert_eq!(holm(&[], 0.05), [false; 0]);
    }

    proptest! {
        #[test]
        fn between_bonferroni_and_no_correction(p in prop::collection::vec(0.0_f64..0.2, 1..12)) {
            for (p, rejected) in p.iter().zip(holm(&p, 0.05)) {
                prop_assert!(!rejected || *p <= 0.05);
                prop_assert!(rejected || *p > 0.05 / 12.0);
            }
        }
    }
}
