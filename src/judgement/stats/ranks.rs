//! Comparison of two groups of runs by ranks: Mann-Whitney test, Cliff's delta and Hodges-Lehmann shift.

use statrs::function::erf::erfc;

use super::Shift;
use crate::units::saturating_usize;

/// Greatest number of values of both groups together for which the distribution of the rank sum is counted exactly.
const COUNTED: usize = 60;

/// Result of the rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankTest {
    /// Mann and Whitney's U: number of pairs in which `new` is greater, plus half of those that are equal.
    pub u: f64,
    /// Two-sided probability of ranks at least as far apart if both groups come from one distribution.
    pub p: f64,
}

/// Mann and Whitney's test of two groups of values; `None` if one is empty. Values must not be NaN.
///
/// Up to 60 values the distribution of the rank sum over all assignments of the (tied) ranks is counted exactly. Above, the
/// normal limit is used with the variance corrected for ties, nm/12 · (N + 1 − Σ(t³ − t)/(N(N − 1))), and half a pair for
/// continuity. Mann and Whitney, Annals of Mathematical Statistics 18 (1947); Lehmann, "Nonparametrics" (1975), chapter 1.
pub fn mann_whitney(base: &[f64], new: &[f64]) -> Option<RankTest> {
    if base.is_empty() || new.is_empty() {
        return None;
    }
    let (ranks, ties) = doubled_ranks(base, new);
    let (n, m) = (new.len(), base.len());
    let sum: usize = ranks.iter().skip(m).sum();
    let u = sum as f64 / 2.0 - (n * (n + 1)) as f64 / 2.0;
    let p = if n + m <= COUNTED {
        counted_p(&ranks, n, sum)
    } else {
        let (nm, all) = ((n * m) as f64, (n + m) as f64);
        let variance = nm / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
        let away = ((u - nm / 2.0).abs() - 0.5).max(0.0);
        if variance > 0.0 {
            erfc(away / (2.0 * variance).sqrt())
        } else {
            1.0
        }
    };
    Some(RankTest { u, p: p.min(1.0) })
}

/// Twice the rank of each value of both groups together (ties share their mean rank, so that these are whole numbers), and
/// Σ(t³ − t) over the groups of t equal values.
fn doubled_ranks(base: &[f64], new: &[f64]) -> (Vec<usize>, f64) {
    let values: Vec<f64> = base.iter().chain(new).copied().collect();
    let mut order: Vec<(f64, usize)> = values.into_iter().zip(0..).collect();
    order.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut ranks = vec![0; order.len()];
    let (mut below, mut ties) = (0, 0.0);
    for equal in order.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        for (_, index) in equal {
            if let Some(rank) = ranks.get_mut(*index) {
                // Ranks below + 1 … below + t have the mean below + (t + 1)/2.
                *rank = 2 * below + equal.len() + 1;
            }
        }
        let t = equal.len() as f64;
        ties += t * t * t - t;
        below += equal.len();
    }
    (ranks, ties)
}

/// P(|S − E S| ≥ |sum − E S|), with S the sum of `n` of the ranks and each choice equally likely.
fn counted_p(ranks: &[usize], n: usize, sum: usize) -> f64 {
    let most: usize = ranks.iter().sum();
    // ways[k][s]: choices of k ranks that add up to s.
    let mut ways = vec![vec![0.0_f64; most + 1]; n + 1];
    ways[0][0] = 1.0;
    for rank in ranks {
        for k in (1..=n).rev() {
            let (fewer, more) = ways.split_at_mut(k);
            let (Some(from), Some(to)) = (fewer.last(), more.first_mut()) else {
                continue;
            };
            for (to, from) in to.iter_mut().skip(*rank).zip(from) {
                *to += from;
            }
        }
    }
    let counts = &ways[n];
    // Twice the expectation n · Σ/N, so that it is compared in whole numbers.
    let middle = (n * most) as f64 / ranks.len() as f64;
    // Rounding of the middle must not exclude the observed sum itself.
    let away = (sum as f64 - middle).abs() - 1e-9;
    let all: f64 = counts.iter().sum();
    let far: f64 = (0..)
        .zip(counts)
        .filter(|(s, _)| (f64::from(*s) - middle).abs() >= away)
        .map(|(_, count)| count)
        .sum();
    far / all
}

/// Cliff's delta: P(new > base) − P(new < base) over all pairs, from −1 to 1; `None` if a group is empty.
///
/// Cliff, "Dominance statistics", Psychological Bulletin 114 (1993).
pub fn cliffs_delta(base: &[f64], new: &[f64]) -> Option<f64> {
    let test = mann_whitney_u(base, new)?;
    let pairs = (base.len() * new.len()) as f64;
    Some(2.0 * test / pairs - 1.0)
}

fn mann_whitney_u(base: &[f64], new: &[f64]) -> Option<f64> {
    if base.is_empty() || new.is_empty() {
        return None;
    }
    let (ranks, _) = doubled_ranks(base, new);
    let sum: usize = ranks.iter().skip(base.len()).sum();
    Some(sum as f64 / 2.0 - (new.len() * (new.len() + 1)) as f64 / 2.0)
}

/// The word for that much dominance: `negligible` below 0.147, `small` below 0.33, `medium` below 0.474, else `large`.
///
/// Romano and others, "Appropriate statistics for ordinal level data", Florida Association of Institutional Research (2006).
pub fn dominance(delta: f64) -> &'static str {
    match delta.abs() {
        size if size < 0.147 => "negligible",
        size if size < 0.33 => "small",
        size if size < 0.474 => "medium",
        _ => "large",
    }
}

/// Shift of the values from `base` to `new`: the median of all pairwise differences, with the interval of the rank test with
/// confidence 1 − α. The interval is unbounded if the groups are too small for one. `None` if a group is empty.
///
/// The interval runs from the k-th smallest to the k-th greatest difference, k the greatest with P(U ≤ k − 1) ≤ α/2 (no ties
/// assumed). Hodges and Lehmann, Annals of Mathematical Statistics 34 (1963).
pub fn median_shift(base: &[f64], new: &[f64], alpha: f64) -> Option<Shift> {
    let mut differences: Vec<f64> = new
        .iter()
        .flat_map(|new| base.iter().map(move |base| new - base))
        .collect();
    differences.sort_by(f64::total_cmp);
    let pairs = differences.len();
    let middle = differences.get(pairs / 2)?;
    let point = f64::midpoint(*differences.get((pairs - 1) / 2)?, *middle);
    let k = pairs_below(base.len(), new.len(), alpha / 2.0);
    let (low, high) = match k.checked_sub(1) {
        Some(at) => (
            differences.get(at).copied().unwrap_or(f64::NEG_INFINITY),
            differences.get(pairs - k).copied().unwrap_or(f64::INFINITY),
        ),
        None => (f64::NEG_INFINITY, f64::INFINITY),
    };
    Some(Shift { point, low, high })
}

/// The greatest k with P(U ≤ k − 1) ≤ `tail`, 0 if there is none, for groups of m and n without ties.
fn pairs_below(m: usize, n: usize, tail: f64) -> usize {
    if m + n > COUNTED {
        let (nm, all) = ((n * m) as f64, (n + m) as f64);
        let deviation = (nm * (all + 1.0) / 12.0).sqrt();
        let k = nm / 2.0 - statrs::function::erf::erfc_inv(2.0 * tail) * std::f64::consts::SQRT_2 * deviation;
        return saturating_usize(k.floor());
    }
    // Choices of n ranks out of m + n by their U: Gaussian binomial coefficients, built up rank by rank.
    let mut ways = vec![vec![0.0_f64; n * m + 1]; n + 1];
    ways[0][0] = 1.0;
    for position in 0..m + n {
        for k in (1..=n.min(position + 1)).rev() {
            // The k-th chosen, at that position, lies above position + 1 − k values of the other group.
            let above = position + 1 - k;
            let (fewer, more) = ways.split_at_mut(k);
            let (Some(from), Some(to)) = (fewer.last(), more.first_mut()) else {
                continue;
            };
            for (to, from) in to.iter_mut().skip(above).zip(from) {
                *to += from;
            }
        }
    }
    let all: f64 = ways[n].iter().sum();
    let mut below = 0.0;
    ways[n]
        .iter()
        .take_while(|count| {
            below += **count;
            below / all <= tail + 1e-12
        })
        .count()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "counts and halves are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every way of choosing which values are the new ones, one by one.
    fn oracle(base: &[f64], new: &[f64]) -> f64 {
        let values: Vec<f64> = base.iter().chain(new).copied().collect();
        let u = |chosen: &[bool]| -> f64 {
            let mut sum = 0.0;
            for (i, one) in values.iter().enumerate().filter(|(i, _)| chosen[*i]) {
                let _ = i;
                for (_, other) in values.iter().enumerate().filter(|(j, _)| !chosen[*j]) {
                    sum += if one > other {
                        1.0
                    } else if one == other {
                        0.5
                    } else {
                        0.0
                    };
                }
            }
            sum
        };
        let middle = (base.len() * new.len()) as f64 / 2.0;
        let actual: Vec<bool> = (0..values.len()).map(|i| i >= base.len()).collect();
        let away = (u(&actual) - middle).abs();
        let (mut far, mut all) = (0, 0);
        for bits in 0_u32..1 << values.len() {
            if bits.count_ones() as usize == new.len() {
                let chosen: Vec<bool> = (0..values.len()).map(|i| bits >> i & 1 == 1).collect();
                all += 1;
                far += i32::from((u(&chosen) - middle).abs() >= away - 1e-9);
            }
        }
        f64::from(far) / f64::from(all)
    }

    #[test]
    fn complete_separation_has_the_least_probability() {
        // 3 against 3: one of C(6, 3) = 20 choices on each side.
        let test = mann_whitney(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]).unwrap();
        assert_eq!((test.u, test.p), (9.0, 0.1));
        assert_eq!(cliffs_delta(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), Some(1.0));
        assert_eq!(cliffs_delta(&[4.0], &[1.0, 2.0]), Some(-1.0));
        assert_eq!(cliffs_delta(&[1.0, 1.0], &[1.0]), Some(0.0));
        assert_eq!(mann_whitney(&[], &[1.0]), None);
    }

    #[test]
    fn large_groups_agree_with_the_counted_distribution() {
        // 30 and 30 are counted, 31 and 30 are not: interleaved with a shift of six ranks they must be close.
        let values = |n: u32, by: f64| -> Vec<f64> { (0..n).map(|i| f64::from(i) + by).collect() };
        let counted = mann_whitney(&values(30, 0.0), &values(30, 5.5)).unwrap();
        let normal = mann_whitney(&values(31, -0.5), &values(30, 5.5)).unwrap();
        assert!((counted.p - normal.p).abs() < 0.01, "{counted:?} {normal:?}");
        let equal = mann_whitney(&[1.0; 40], &[1.0; 40]).unwrap();
        assert_eq!(equal.p, 1.0);
    }

    #[test]
    fn the_shift_of_small_groups() {
        // Differences of {10, 11, 12} − {1, 2, 3}: 7, 8, 8, 9, 9, 9, 10, 10, 11. P(U ≤ 0) = 1/20 ≤ 0.05: k = 1.
        let shift = median_shift(&[1.0, 2.0, 3.0], &[10.0, 11.0, 12.0], 0.1).unwrap();
        assert_eq!((shift.low, shift.point, shift.high), (7.0, 9.0, 11.0));
        let unsure = median_shift(&[1.0, 2.0, 3.0], &[10.0, 11.0, 12.0], 0.05).unwrap();
        assert_eq!((unsure.low, unsure.high), (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn critical_pairs_agree_with_the_published_table() {
        // Two-sided 5 % critical values of U: 5 and 5: 2, 8 and 8: 13, 10 and 10: 23, 20 and 20: 127. k − 1 is that value.
        for (n, critical) in [(5, 2), (8, 13), (10, 23), (20, 127)] {
            assert_eq!(pairs_below(n, n, 0.025), critical + 1, "{n}");
        }
        let near = pairs_below(31, 31, 0.025).abs_diff(340);
        assert!(near < 8, "{}", pairs_below(31, 31, 0.025));
    }

    #[test]
    fn dominance_has_a_word() {
        assert_eq!(
            [0.1, -0.2, 0.4, -0.9].map(dominance),
            ["negligible", "small", "medium", "large"]
        );
    }

    proptest! {
        #[test]
        fn the_probability_is_that_of_all_assignments(
            base in prop::collection::vec(0_u8..8, 1..6), new in prop::collection::vec(0_u8..8, 1..6)
        ) {
            let floats = |values: &[u8]| -> Vec<f64> { values.iter().map(|value| f64::from(*value)).collect() };
            let (base, new) = (floats(&base), floats(&new));
            let test = mann_whitney(&base, &new).unwrap();
            prop_assert!((test.p - oracle(&base, &new)).abs() < 1e-9);
        }

        #[test]
        fn sides_may_be_exchanged(
            base in prop::collection::vec(-50_i32..50, 1..20), new in prop::collection::vec(-50_i32..50, 1..20)
        ) {
            let floats = |values: &[i32]| -> Vec<f64> { values.iter().map(|value| f64::from(*value)).collect() };
            let (base, new) = (floats(&base), floats(&new));
            let (one, other) = (mann_whitney(&base, &new).unwrap(), mann_whitney(&new, &base).unwrap());
            prop_assert!((one.p - other.p).abs() < 1e-9);
            prop_assert!((cliffs_delta(&base, &new).unwrap() + cliffs_delta(&new, &base).unwrap()).abs() < 1e-12);
        }

        #[test]
        fn the_interval_leaves_out_zero_where_the_test_rejects(
            base in prop::collection::btree_set(0_u32..10_000, 3..12), new in prop::collection::btree_set(0_u32..10_000, 3..12),
            by in 0.5_f64..3_000.0
        ) {
            let base: Vec<f64> = base.into_iter().map(f64::from).collect();
            let new: Vec<f64> = new.into_iter().map(|value| f64::from(value) + by).collect();
            let distinct = base.iter().all(|value| !new.contains(value));
            prop_assume!(distinct);
            let test = mann_whitney(&base, &new).unwrap();
            prop_assume!((test.p - 0.05).abs() > 1e-9);
            let shift = median_shift(&base, &new, 0.05).unwrap();
            prop_assert_eq!(shift.excludes_zero(), test.p < 0.05);
        }
    }
}
