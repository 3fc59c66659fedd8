//! Effective sample size of dependent samples.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{ALPHA, Proportion, ShareDecision, decide};
use crate::units::saturating_u64;

/// Greatest number of equal time batches into which a judged window is cut.
// 10 to 30 batches suffice (Schmeiser, Operations Research 30, 1982): more would be shorter than the bursts, fewer
// estimate their spread poorly.
pub const BATCHES: usize = 30;
/// Fewest batches that are still joined in pairs: fewer than seven joined ones estimate their spread too poorly.
const LEAST_TO_JOIN: usize = 14;
/// Bursts assumed in addition to those seen. The least whole number for which false passes stayed below 5 % at the limit, under
/// a lag-1 correlation of 0.98 in 60 s (`docs/measurements/gate-errors.md`).
const UNSEEN: f64 = 3.0;
/// Degrees of freedom above which Student's t is taken for the normal distribution.
// The 95 % quantiles differ by less than 0.1 % from there on.
const NORMAL: f64 = 2_000.0;

/// Effective sample sizes of dependent samples, and the batches they are estimated from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectiveSampleSize {
    /// Effective sample size, from which a limit is shown missed.
    pub samples: u64,
    /// The same after three more bursts of the size seen, from which a limit is shown met.
    pub cautious: u64,
    /// Batches from which the spread was estimated, after joining.
    pub batches: u32,
    /// Correlation of each of these batches with the one before.
    pub lag1: f64,
}

/// Number and share of bad samples of the batches, with their spread.
struct Spread {
    share: f64,
    samples: f64,
    /// Estimated variance of the share.
    variance: f64,
    lag1: f64,
}

impl Spread {
    fn measure(batches: &[(u64, u64)]) -> Self {
        let bad: u64 = batches.iter().map(|(bad, _)| bad).sum();
        let samples: u64 = batches.iter().map(|(_, total)| total).sum();
        let count = batches.len() as f64;
        let shares = || batches.iter().map(|(bad, total)| *bad as f64 / *total as f64);
        let mean = shares().sum::<f64>() / count;
        let squares: f64 = shares().map(|share| (share - mean).powi(2)).sum();
        // Rounding errors of equal shares count as 0.
        let squares = if squares < 1e-24 * count { 0.0 } else { squares };
        let products: f64 = shares()
            .zip(shares().skip(1))
            .map(|(one, next)| (one - mean) * (next - mean))
            .sum();
        Self {
            share: bad as f64 / samples as f64,
            samples: samples as f64,
            variance: squares / (count * (count - 1.0)),
            lag1: if squares > 0.0 { products / squares } else { 0.0 },
        }
    }
}

/// Square of the 1 − α quantile of Student's t with that many degrees of freedom.
fn quantile_square(degrees: f64) -> f64 {
    match StudentsT::new(0.0, 1.0, degrees.clamp(1.0, NORMAL)) {
        Ok(student) => student.inverse_cdf(1.0 - ALPHA).powi(2),
        Err(_) => f64::NAN,
    }
}

impl EffectiveSampleSize {
    /// Effective sample sizes from batches, (bad, total) of equal and consecutive stretches of time; batches without samples are
    /// left out. `None` without samples.
    ///
    /// With p the share of bad samples and Yⱼ that of batch j, V = Σ(Yⱼ − Ȳ)² / (b(b − 1)) estimates the variance of p
    /// whatever the dependence within a batch, and `n_eff = min(n, p(1 − p)/V) · (t(n − 1) / t(b − 1))²`, which also allows for V
    /// being an estimate: Korn and Graubard, "Confidence intervals for proportions with small expected number of positive
    /// counts", Survey Methodology 24 (1998). While Y correlates with its predecessor, batches are too short to hold a
    /// burst and are joined in pairs: Fishman, "Grouping observations in digital simulation", Management Science 24 (1978).
    /// `cautious` is `n_eff` · m / (m + 3) for m = p · `n_eff`, at least ½: few bursts tell little of the size of the next one.
    /// If V is 0, all samples count.
    pub fn estimate(batches: &[(u64, u64)]) -> Option<Self> {
        let mut batches: Vec<(u64, u64)> = batches.iter().copied().filter(|(_, total)| *total > 0).collect();
        let mut spread = (!batches.is_empty()).then(|| Spread::measure(&batches))?;
        while spread.lag1 > 0.0 && batches.len() >= LEAST_TO_JOIN {
            let joined = batches.chunks(2).map(|pair| {
                let sum = |part: fn(&(u64, u64)) -> u64| pair.iter().map(part).sum::<u64>();
                (sum(|(bad, _)| *bad), sum(|(_, total)| *total))
            });
            batches = joined.collect();
            spread = Spread::measure(&batches);
        }
        let n = spread.samples;
        let (samples, cautious) = if batches.len() > 1 && spread.variance > 0.0 {
            let sure = quantile_square(n - 1.0) / quantile_square(batches.len() as f64 - 1.0);
            let size = n.min(spread.share * (1.0 - spread.share) / spread.variance) * sure;
            // The effective number of bad samples counts bursts: samples of one burst are worth about one. Half a
            // burst if there was none.
            let bursts = (spread.share * size).max(0.5);
            (size, size * bursts / (bursts + UNSEEN))
        } else {
            (n, n)
        };
        Some(Self {
            samples: whole(samples),
            cautious: whole(cautious),
            batches: u32::try_from(batches.len()).unwrap_or(u32::MAX),
            lag1: spread.lag1,
        })
    }

    /// Tests if the share is below or above `allowed` by `stats::decide` on the effective samples: a limit is met with
    /// ⌈K · cautious / n⌉ bad of `cautious`, missed with ⌊K · samples / n⌋ of `samples`, or 1 of ⌈n / K⌉ where that is none.
    pub fn decide(&self, seen: Proportion, allowed: f64, alpha: f64) -> ShareDecision {
        let (for_met, for_missed) = (self.for_upper(seen), self.for_lower(seen));
        if decide(for_met, allowed, alpha) == ShareDecision::Below {
            ShareDecision::Below
        } else if decide(for_missed, allowed, alpha) == ShareDecision::Above {
            ShareDecision::Above
        } else {
            ShareDecision::Unknown
        }
    }

    /// Effective proportion for the upper bound of the share.
    pub fn for_upper(&self, seen: Proportion) -> Proportion {
        let size = self.cautious.min(seen.total);
        Proportion::new(scaled(seen.bad, size, seen.total, f64::ceil), size)
    }

    /// Effective proportion for the lower bound of the share.
    pub fn for_lower(&self, seen: Proportion) -> Proportion {
        let size = self.samples.min(seen.total);
        match (scaled(seen.bad, size, seen.total, f64::floor), seen.bad) {
            // One event of so many samples that its share is the one seen: of fewer it would prove more than all samples do.
            (0, bad @ 1..) => Proportion::new(1, seen.total.div_ceil(bad)),
            (bad, _) => Proportion::new(bad, size),
        }
    }
}

fn whole(size: f64) -> u64 {
    saturating_u64(size).max(1)
}

/// count · size / total, rounded.
fn scaled(count: u64, size: u64, total: u64, round: fn(f64) -> f64) -> u64 {
    // Exact if nothing is scaled: rounding up must not add one.
    if size == total || total == 0 {
        return count;
    }
    saturating_u64(round(count as f64 * size as f64 / total as f64))
}

/// Effective sample size of a share estimated from samples in batches ([`EffectiveSampleSize::estimate`]); 0 without samples.
pub fn effective_size(batches: &[(u64, u64)]) -> f64 {
    EffectiveSampleSize::estimate(batches).map_or(0.0, |effective| effective.samples as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_is_worth_less_than_scattered_samples() {
        // 30 batches of 100 with 150 bad among 3,000 (p = 0.05). Scattered: 5 in each, V = 0, n_eff = n.
        let scattered = EffectiveSampleSize::estimate(&[(5, 100); BATCHES]).unwrap();
        assert_eq!((scattered.samples, scattered.cautious), (3_000, 3_000));
        // In one burst: batches 0 and 1 hold 75 each. Y₀ and Y₁ correlate, so pairs are joined: 15 of 200, one of them
        // with 150 bad. Ȳ = 0.05; Σ(Yⱼ − Ȳ)² = 0.7² + 14 · 0.05² = 0.525; V = 0.525 / (15 · 14) = 0.0025; the lag-1
        // correlation is negative now. 0.0475 / 0.0025 = 19; t(2999)/t(14) = 1.6454/1.7613: 19 · 0.8727 = 16.58.
        let mut burst = [(0, 100); BATCHES];
        burst[0] = (75, 100);
        burst[1] = (75, 100);
        let found = EffectiveSampleSize::estimate(&burst).unwrap();
        assert_eq!((found.samples, found.batches), (16, 15), "{found:?}");
        // m = 0.05 · 16.58 = 0.829: 16.58 · 0.829 / 3.829 = 3.59.
        assert_eq!(found.cautious, 3);
        assert!(found.lag1 < 0.0);
    }

    #[test]
    fn nothing_to_estimate_from_leaves_the_count() {
        let size = |batches| EffectiveSampleSize::estimate(batches).map(|found| (found.samples, found.cautious));
        assert_eq!(size(&[]), None);
        assert_eq!(size(&[(0, 0)]), None);
        assert_eq!(size(&[(1, 10), (0, 0)]), Some((10, 10)));
        assert_eq!(size(&[(0, 10), (0, 10)]), Some((20, 20)));
    }

    #[test]
    fn a_long_outage_is_a_miss_although_it_is_one_event() {
        // Uptime of 99.9 %: seconds 20 to 25 of 60 were down.
        let batches: Vec<(u64, u64)> = (0..30)
            .map(|j| (if (10..13).contains(&j) { 2 } else { 0 }, 2))
            .collect();
        let found = EffectiveSampleSize::estimate(&batches).unwrap();
        let seen = Proportion::new(6, 60);
        assert_eq!(found.decide(seen, 0.001, ALPHA), ShareDecision::Above, "{found:?}");
        assert_eq!(found.decide(seen, 0.05, ALPHA), ShareDecision::Unknown, "{found:?}");
    }

    #[test]
    fn an_event_in_one_of_two_batches_proves_no_more_than_its_samples() {
        // 3 of 60 bad: independent samples do not decide on 3 %, and less than one effective sample does even less.
        let found = EffectiveSampleSize::estimate(&[(0, 30), (3, 30)]).unwrap();
        let seen = Proportion::new(3, 60);
        assert_eq!((found.samples, found.for_lower(seen)), (1, Proportion::new(1, 20)));
        assert_eq!(found.decide(seen, 0.03, ALPHA), ShareDecision::Unknown);
        assert_eq!(found.decide(seen, 0.002, ALPHA), ShareDecision::Above);
    }

    #[test]
    fn the_quantile_of_students_t_is_the_tables() {
        // t(0.95; 29) = 1.6991, t(0.95; 6) = 1.9432.
        assert!((quantile_square(29.0).sqrt() - 1.6991).abs() < 1e-4);
        assert!((quantile_square(6.0).sqrt() - 1.9432).abs() < 1e-4);
    }

    proptest! {
        #[test]
        fn never_more_than_there_are(batches in prop::collection::vec((0_u64..50, 50_u64..100), 2..40)) {
            let total: u64 = batches.iter().map(|(_, total)| total).sum();
            let found = EffectiveSampleSize::estimate(&batches).unwrap();
            prop_assert!(found.cautious >= 1 && found.cautious <= found.samples && found.samples <= total);
        }

        #[test]
        fn dependence_never_makes_a_decision_that_independence_would_not(
            batches in prop::collection::vec((0_u64..30, 30_u64..100), 2..40), allowed in 0.01_f64..0.4
        ) {
            let bad = batches.iter().map(|(bad, _)| bad).sum();
            let seen = Proportion::new(bad, batches.iter().map(|(_, total)| total).sum());
            let found = EffectiveSampleSize::estimate(&batches).unwrap().decide(seen, allowed, ALPHA);
            prop_assert!(found == ShareDecision::Unknown || found == decide(seen, allowed, ALPHA));
        }
    }
}
