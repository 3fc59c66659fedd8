//! Tails of the binomial distribution, and the proportion at which a tail reaches a given mass.
//!
//! The tails are summed term by term, which is exact at any size. `statrs`' inverse incomplete beta function agrees for
//! small samples, but is off in the fifth digit for none of 1,000,000 and does not end for none of 10,000,000.

use statrs::function::gamma::ln_gamma;

/// ln of the binomial coefficient, by the gamma function.
fn ln_choose(n: u64, k: u64) -> f64 {
    ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0)
}

/// P(X = k) for X ~ Binomial(n, p), with 0 < p < 1 and k ≤ n.
fn mass(k: u64, n: u64, p: f64) -> f64 {
    (ln_choose(n, k) + k as f64 * p.ln() + (n - k) as f64 * (-p).ln_1p()).exp()
}

/// Sum of the masses from `k` downwards, for k at or below the mean: each term is the one before it times
/// k(1−p) / ((n−k+1)p), a factor below 1 that shrinks, so the sum ends once a term no longer changes it.
fn sum_downwards(k: u64, n: u64, p: f64) -> f64 {
    let mut term = mass(k, n, p);
    let mut sum = term;
    for i in (1..=k).rev() {
        term *= i as f64 * (1.0 - p) / ((n - i + 1) as f64 * p);
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

/// P(X ≤ k) for X ~ Binomial(n, p): Σ C(n, i) pⁱ (1−p)ⁿ⁻ⁱ over i = 0 … k.
///
/// Summed from `k` away from the mean, at most a few times √n terms; the upper half by P(X ≤ k) = 1 − P(n−X ≤ n−k−1).
pub(super) fn at_most(k: u64, n: u64, p: f64) -> f64 {
    if k >= n || p <= 0.0 {
        1.0
    } else if p >= 1.0 {
        0.0
    } else if (k as f64) < n as f64 * p {
        sum_downwards(k, n, p).min(1.0)
    } else {
        (1.0 - sum_downwards(n - k - 1, n, 1.0 - p)).max(0.0)
    }
}

/// The p at which P(X ≤ k) falls to `tail`, for k < n: the inverse of [`at_most`] in p, by bisection.
///
/// Equal to the (1 − tail)-quantile of Beta(k+1, n−k).
pub(super) fn proportion_at(k: u64, n: u64, tail: f64) -> f64 {
    if k == 0 {
        // (1−p)ⁿ = tail has a closed form.
        return -(tail.ln() / n as f64).exp_m1();
    }
    let (mut low, mut high) = (0.0, 1.0);
    // Relative to the value: shares of 1e-9 need their digits as well.
    while high - low > 1e-14 * high {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if at_most(k, n, middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The oracle: a row of Pascal's triangle, exact in `u128` up to n = 100, and every term of the sum.
    fn exact_at_most(k: u64, n: u64, p: f64) -> f64 {
        let mut coefficient: u128 = 1;
        let mut sum = 0.0;
        for i in 0..=k {
            let (up, down) = (i32::try_from(i).unwrap(), i32::try_from(n - i).unwrap());
            sum += coefficient as f64 * p.powi(up) * (1.0 - p).powi(down);
            coefficient = coefficient * u128::from(n - i) / u128::from(i + 1);
        }
        sum
    }

    proptest! {
        #[test]
        fn a_tail_is_the_sum_of_its_terms(n in 1_u64..=100, k in 0_u64..=100, p in 0.001_f64..0.999) {
            let k = k.min(n);
            prop_assert!((at_most(k, n, p) - exact_at_most(k, n, p)).abs() < 1e-11);
        }

        #[test]
        fn the_inverse_leads_back(n in 1_u64..200_000, part in 0.0_f64..1.0, tail in 0.01_f64..0.99) {
            let k = crate::units::saturating_u64(part * n as f64);
            let p = proportion_at(k, n, tail);
            prop_assert!((at_most(k, n, p) - tail).abs() < 1e-7, "{k} of {n}: {p}");
        }
    }

    #[test]
    fn large_samples_agree_with_the_normal_limit() {
        // n = 4,000,000, p = 0.05: mean 200,000, deviation √(4e6 · 0.05 · 0.95) = 435.89; the mean's own tail with the
        // continuity correction is Φ(0.5 / 435.89) + skewness (1 − 2p) / (6 · 435.89 · √2π) = 0.500458 + 0.000137.
        assert!((at_most(200_000, 4_000_000, 0.05) - 0.500_595).abs() < 2e-6);
        // 200,717 is 1.645 deviations above: Φ((717 + 0.5) / 435.89) = Φ(1.64606) = 0.95012.
        assert!((at_most(200_717, 4_000_000, 0.05) - 0.9501).abs() < 2e-4);
    }
}
