//! The interval of a difference, recovered from the intervals of its two terms.

use statrs::function::erf::erf_inv;

use super::Shift;

/// An estimate with its own interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundedEstimate {
    /// The estimate.
    pub point: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A share of `n` independent samples with its two-sided score interval of confidence 1 − α; 0 … 1 without samples.
///
/// With z the normal quantile of 1 − α/2: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n). Wilson, Journal of the American
/// Statistical Association 22 (1927).
pub fn score_interval(share: f64, n: f64, alpha: f64) -> BoundedEstimate {
    if n <= 0.0 {
        return BoundedEstimate {
            point: share,
            low: 0.0,
            high: 1.0,
        };
    }
    let z = std::f64::consts::SQRT_2 * erf_inv(1.0 - alpha);
    let squared = z * z / n;
    let middle = share + squared / 2.0;
    let half = z * (share * (1.0 - share) / n + squared / (4.0 * n)).sqrt();
    BoundedEstimate {
        point: share,
        // Rounding may put a bound beyond the point it belongs to, and the square of their distance would count.
        low: ((middle - half) / (1.0 + squared)).max(0.0).min(share),
        high: ((middle + half) / (1.0 + squared)).min(1.0).max(share),
    }
}

/// Shift of an estimate from `base` to `new`; its interval is recovered from theirs and has their confidence.
///
/// low = Δ − √((new − newₗ)² + (baseᵤ − base)²), high = Δ + √((newᵤ − new)² + (base − baseₗ)²): the method of variance
/// estimates recovery, Zou and Donner, Statistics in Medicine 27 (2008); of two score intervals it is Newcombe's interval
/// for the difference of two shares, Statistics in Medicine 17 (1998).
pub fn recovered_shift(base: BoundedEstimate, new: BoundedEstimate) -> Shift {
    let point = new.point - base.point;
    Shift {
        point,
        low: point - (new.point - new.low).hypot(base.high - base.point),
        high: point + (new.high - new.point).hypot(base.point - base.low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn newcombe_s_published_example() {
        // 56/70 − 48/80, 95 %: 0.2000 [0.0524, 0.3339] (Newcombe 1998, table II, method 10, example a).
        let base = score_interval(48.0 / 80.0, 80.0, 0.05);
        let new = score_interval(56.0 / 70.0, 70.0, 0.05);
        let shift = recovered_shift(base, new);
        assert!((shift.point - 0.2).abs() < 1e-12);
        assert!((shift.low - 0.0524).abs() < 5e-5, "{shift:?}");
        assert!((shift.high - 0.3339).abs() < 5e-5, "{shift:?}");
    }

    #[test]
    fn no_failure_on_either_side_still_leaves_room() {
        // Upper bound of 0 of n: z²/(n + z²) = 3.8415/1,003.84 for 1,000.
        let none = score_interval(0.0, 1_000.0, 0.05);
        assert!((none.high - 3.841_459 / 1_003.841_459).abs() < 1e-6, "{none:?}");
        let shift = recovered_shift(none, none);
        assert!(shift.low < 0.0 && shift.high > 0.0);
        assert!((score_interval(0.3, 0.0, 0.05).high - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn sides_may_be_exchanged(a in 0.0_f64..1.0, b in 0.0_f64..1.0, n in 1.0_f64..1e5, m in 1.0_f64..1e5) {
            let (one, other) = (score_interval(a, n, 0.05), score_interval(b, m, 0.05));
            let (there, back) = (recovered_shift(one, other), recovered_shift(other, one));
            prop_assert!((there.low + back.high).abs() < 1e-9 && (there.high + back.low).abs() < 1e-9);
            prop_assert!(there.low <= there.point && there.point <= there.high);
        }
    }
}
