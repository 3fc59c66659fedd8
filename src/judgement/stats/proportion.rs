//! Confidence bounds and binomial tests of the share of bad samples.

use super::binomial::{at_most, proportion_at};
use crate::units::saturating_u64;

/// Result of one-sided binomial tests of a share against the share allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareDecision {
    /// The true share is below what is allowed, with confidence 1 − α.
    Below,
    /// The true share is above what is allowed, with confidence 1 − α.
    Above,
    /// The samples are too few to decide.
    Unknown,
}

/// `bad` of `total` samples, each bad or good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proportion {
    /// Bad samples; never more than `total`.
    pub bad: u64,
    /// All samples.
    pub total: u64,
}

impl Proportion {
    /// A proportion; `bad` is cut to `total`.
    pub fn new(bad: u64, total: u64) -> Self {
        Self {
            bad: bad.min(total),
            total,
        }
    }

    /// The observed share, `None` without samples.
    pub fn share(self) -> Option<f64> {
        (self.total > 0).then(|| self.bad as f64 / self.total as f64)
    }

    /// Upper bound of the true share with confidence 1 − α: `BetaInv(1 − α; K + 1, n − K)`, the p at which K or fewer bad
    /// of n have probability α. 1 if every sample is bad or there is none.
    ///
    /// Clopper and Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934).
    pub fn upper(self, alpha: f64) -> f64 {
        if self.bad == self.total {
            1.0
        } else {
            proportion_at(self.bad, self.total, alpha)
        }
    }

    /// Lower bound of the true share with confidence 1 − α: `BetaInv(α; K, n − K + 1)`, one minus the upper bound of the
    /// share of good samples. 0 if no sample is bad or there is none.
    pub fn lower(self, alpha: f64) -> f64 {
        1.0 - Self::new(self.total - self.bad, self.total).upper(alpha)
    }
}

/// Tests if the true share is below or above `allowed`: upper bound < allowed, lower bound > allowed, or neither.
///
/// The bounds need not be computed for that: upper(K, n) < p₀ if and only if P(X ≤ K) < α, and lower(K, n) > p₀ if and
/// only if P(X ≥ K) < α, for X ~ Binomial(n, p₀).
pub fn decide(proportion: Proportion, allowed: f64, alpha: f64) -> ShareDecision {
    let Proportion { bad, total } = proportion;
    if total == 0 {
        ShareDecision::Unknown
    } else if at_most(bad, total, allowed) < alpha {
        ShareDecision::Below
    } else if proportion.missed_p(allowed) < alpha {
        ShareDecision::Above
    } else {
        ShareDecision::Unknown
    }
}

impl Proportion {
    /// Probability of at least as many bad samples if the true share is `allowed`: [`decide`] compares it with α for a limit
    /// missed.
    pub fn missed_p(self, allowed: f64) -> f64 {
        if self.bad == 0 {
            1.0
        } else {
            at_most(self.total - self.bad, self.total, 1.0 - allowed)
        }
    }
}

/// Fewest samples that can show a share below `allowed`, if none of them is bad: the least n with
/// 1 − α^(1/n) < p₀, that is n > ln α / ln(1 − p₀). `None` if no number can (`allowed` is 0).
pub fn needed_samples(allowed: f64, alpha: f64) -> Option<u64> {
    if allowed <= 0.0 {
        return None;
    }
    let least = (alpha.ln() / (-allowed.min(1.0)).ln_1p()).floor() + 1.0;
    Some(saturating_u64(least))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the bounds 0 and 1 are returned as such")]
mod tests {
    use super::super::ALPHA;
    use super::*;
    use proptest::prelude::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn with_none_bad_the_upper_bound_has_a_closed_form() {
        // K = 0: (1 − U)ⁿ = α, so U = 1 − α^(1/n).
        for n in [1, 2, 11, 59, 299, 2_995, 1_000_000, 100_000_000] {
            let expected = 1.0 - ALPHA.powf(1.0 / n as f64);
            let bound = Proportion::new(0, n).upper(ALPHA);
            assert!((bound - expected).abs() < 1e-9 * expected.max(1e-6), "{n}: {bound}");
            assert_eq!(Proportion::new(0, n).lower(ALPHA), 0.0);
        }
    }

    #[test]
    fn with_all_bad_the_lower_bound_has_a_closed_form() {
        // K = n: Lⁿ = α, so L = α^(1/n).
        for n in [1, 59, 2_995] {
            let all = Proportion::new(n, n);
            assert!(close(all.lower(ALPHA), ALPHA.powf(1.0 / n as f64)));
            assert_eq!(all.upper(ALPHA), 1.0);
        }
    }

    #[test]
    fn without_samples_nothing_is_known() {
        let none = Proportion::new(0, 0);
        assert_eq!((none.lower(ALPHA), none.upper(ALPHA), none.share()), (0.0, 1.0, None));
        assert_eq!(decide(none, 0.05, ALPHA), ShareDecision::Unknown);
    }

    #[test]
    fn bounds_agree_with_published_ones() {
        // 95 % two-sided Clopper–Pearson for 10 of 100 is 4.9005 % … 17.6223 % (α/2 on each side).
        let tenth = Proportion::new(10, 100);
        assert!((tenth.lower(0.025) - 0.049_005).abs() < 1e-6);
        assert!((tenth.upper(0.025) - 0.176_223).abs() < 1e-6);
    }

    #[test]
    fn evidence_a_pass_needs() {
        // ln 0.05 / ln(1 − p₀): 10.41, 58.40, 298.07, 2994.2.
        assert_eq!(needed_samples(0.25, ALPHA), Some(11));
        assert_eq!(needed_samples(0.05, ALPHA), Some(59));
        assert_eq!(needed_samples(0.01, ALPHA), Some(299));
        assert_eq!(needed_samples(0.001, ALPHA), Some(2_995));
        assert_eq!(needed_samples(1.0, ALPHA), Some(1));
        assert_eq!(needed_samples(0.0, ALPHA), None);
    }

    #[test]
    fn needed_samples_are_enough_and_one_less_is_not() {
        for allowed in [0.5, 0.25, 0.05, 0.01, 0.005, 0.001, 0.0001] {
            let needed = needed_samples(allowed, ALPHA).unwrap();
            let with = |n| decide(Proportion::new(0, n), allowed, ALPHA);
            assert_eq!(with(needed), ShareDecision::Below, "{allowed}");
            assert_eq!(with(needed - 1), ShareDecision::Unknown, "{allowed}");
        }
    }

    #[test]
    fn nothing_allowed_is_never_shown_but_one_bad_sample_refutes_it() {
        assert_eq!(
            decide(Proportion::new(0, 1_000_000), 0.0, ALPHA),
            ShareDecision::Unknown
        );
        assert_eq!(decide(Proportion::new(1, 1_000_000), 0.0, ALPHA), ShareDecision::Above);
    }

    proptest! {
        #[test]
        fn the_decision_is_that_of_the_bounds(n in 1_u64..20_000, part in 0.0_f64..0.2, allowed in 0.0005_f64..0.3) {
            let proportion = Proportion::new(saturating_u64(part * n as f64), n);
            let (low, high) = (proportion.lower(ALPHA), proportion.upper(ALPHA));
            prop_assume!((low - allowed).abs() > 1e-9 && (high - allowed).abs() > 1e-9);
            let expected = if high < allowed {
                ShareDecision::Below
            } else if low > allowed {
                ShareDecision::Above
            } else {
                ShareDecision::Unknown
            };
            prop_assert_eq!(decide(proportion, allowed, ALPHA), expected);
        }

        #[test]
        fn one_more_bad_sample_never_helps(n in 1_u64..5_000, bad in 0_u64..5_000, allowed in 0.001_f64..0.3) {
            let rank = |finding| match finding {
                ShareDecision::Below => 0,
                ShareDecision::Unknown => 1,
                ShareDecision::Above => 2,
            };
            let now = decide(Proportion::new(bad, n), allowed, ALPHA);
            let then = decide(Proportion::new(bad + 1, n), allowed, ALPHA);
            prop_assert!(rank(now) <= rank(then));
        }
    }
}
