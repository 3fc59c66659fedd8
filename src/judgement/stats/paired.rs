//! The mean of paired differences, with an interval that holds however often one looks.

use super::Shift;

/// Standard deviation, in standard deviations of a difference, of the mean that the mixture expects.
// Of 1, 2 and 3 it gives the shortest intervals from 5 to 20 pairs.
const EXPECTED: f64 = 2.0;
/// Share of the capital that is bet on the sign of the next pair.
// 1.9⁶ = 47: six pairs of one sign are enough at α = 0.05.
const BET: f64 = 0.9;

/// Mean of the differences with its two-sided interval of confidence 1 − α, valid for all numbers of pairs at once; unbounded
/// ends while the pairs are too few, `None` without any. `least` is the smallest standard deviation that is believed, in the unit
/// of the differences: whole counts and rounded times agree by chance.
///
/// With n differences of mean m and standard deviation s, ν = n − 1, t = (m − μ) √n / s and A = 1 + n g²,
/// E(μ) = A^(−1/2) · ((1 + t²/ν) / (1 + t²/(ν A)))^(n/2) is the Bayes factor of a mean drawn from N(μ, g² σ²) against μ, under the
/// scale-invariant prior of σ. For normal differences of mean μ it exceeds 1/α at any n with a probability of at most α (Ville's
/// inequality); the interval holds every μ with E(μ) < 1/α. Wang and Ramdas, "Anytime-valid t-tests and confidence sequences
/// for Gaussian means with unknown variance", Sequential Analysis 44 (2025); Lai, "On confidence sequences", Annals of
/// Statistics 4 (1976).
pub fn paired_shift(differences: &[f64], least: f64, alpha: f64) -> Option<Shift> {
    if differences.is_empty() {
        return None;
    }
    let n = differences.len() as f64;
    let point = differences.iter().sum::<f64>() / n;
    let freedom = n - 1.0;
    let squares: f64 = differences.iter().map(|value| (value - point).powi(2)).sum();
    let deviation = if freedom > 0.0 {
        (squares / freedom).sqrt()
    } else {
        f64::INFINITY
    };
    let half = largest_t(n, alpha) * deviation.max(least) / n.sqrt();
    Some(Shift {
        point,
        low: point - half,
        high: point + half,
    })
}

/// The largest |t| that n pairs do not reject; infinite while they can reject none.
fn largest_t(n: f64, alpha: f64) -> f64 {
    let freedom = n - 1.0;
    let a = EXPECTED.powi(2).mul_add(n, 1.0);
    // E = 1/α solved for t²/ν, with r = (√A/α)^(2/n).
    let r = (a.sqrt() / alpha).powf(2.0 / n);
    if freedom <= 0.0 || r >= a {
        return f64::INFINITY;
    }
    (freedom * (r - 1.0) / (1.0 - r / a)).sqrt()
}

/// True if pairs with those signs (above zero, below zero) show, at any number of pairs, that the sign is more often positive, at
/// risk α/2.
///
/// A capital of 1 bets 0.9 of itself on "positive" at each pair. While a positive sign is at most as likely as a negative one, it
/// reaches 2/α with a probability of at most α/2 (Ville's inequality).
pub fn signs_positive(above: usize, below: usize, alpha: f64) -> bool {
    let capital = above as f64 * BET.ln_1p() + below as f64 * (-BET).ln_1p();
    capital >= (2.0 / alpha).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{ALPHA, normal};
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    /// E(μ) as its definition says it.
    fn e_value(differences: &[f64], mean: f64) -> f64 {
        let n = differences.len() as f64;
        let point = differences.iter().sum::<f64>() / n;
        let variance = differences.iter().map(|value| (value - point).powi(2)).sum::<f64>() / (n - 1.0);
        let squared = (point - mean).powi(2) * n / variance;
        let a = 1.0 + 4.0 * n;
        let inner = (1.0 + squared / (n - 1.0)) / (1.0 + squared / ((n - 1.0) * a));
        inner.powf(n / 2.0) / a.sqrt()
    }

    #[test]
    fn the_ends_are_where_the_e_value_is_one_in_alpha() {
        let differences = [8.0, 11.0, 9.5, 12.0, 7.0, 10.0];
        let shift = paired_shift(&differences, 0.0, ALPHA).unwrap();
        assert!((shift.point - 57.5 / 6.0).abs() < 1e-12);
        for end in [shift.low, shift.high] {
            assert!((e_value(&differences, end) - 20.0).abs() < 1e-6, "{shift:?}");
        }
        assert!(e_value(&differences, shift.point) < 1.0);
    }

    #[test]
    fn few_pairs_say_nothing_and_equal_ones_no_more_than_is_believed() {
        assert!(paired_shift(&[], 0.0, ALPHA).is_none());
        for differences in [vec![9.0], vec![9.0, 9.1], vec![9.0, 9.1, 9.2]] {
            let shift = paired_shift(&differences, 0.0, ALPHA).unwrap();
            assert_eq!((shift.low, shift.high), (f64::NEG_INFINITY, f64::INFINITY));
        }
        let equal = paired_shift(&[0.0; 8], 0.001, ALPHA).unwrap();
        assert!(equal.low < -0.001 && equal.high > 0.001, "{equal:?}");
    }

    /// Share of 4,000 sequences of up to 40 normal differences in which the interval leaves the true mean out at any look.
    #[test]
    fn the_interval_holds_however_often_one_looks() {
        let mut random = SmallRng::seed_from_u64(11);
        let mut missed = 0;
        for _ in 0..4_000 {
            let mut differences = Vec::new();
            let leaves_out = (0..40).any(|_| {
                differences.push(normal(&mut random));
                let shift = paired_shift(&differences, 0.0, ALPHA).unwrap();
                shift.low > 0.0 || shift.high < 0.0
            });
            missed += u32::from(leaves_out);
        }
        let share = f64::from(missed) / 4_000.0;
        // Looked at as often, Student's t at 95 % would leave it out in a third of them.
        assert!((0.002..=ALPHA).contains(&share), "{share}");
    }

    #[test]
    fn six_pairs_of_one_sign_are_enough() {
        assert!(!signs_positive(5, 0, ALPHA) && signs_positive(6, 0, ALPHA));
        assert!(!signs_positive(8, 1, ALPHA) && signs_positive(10, 1, ALPHA));
        assert!(!signs_positive(0, 20, ALPHA));
    }
}
