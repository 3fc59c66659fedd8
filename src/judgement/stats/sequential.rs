//! Sequential tests: decisions during a run that stay valid however often they are evaluated.

use super::Proportion;

/// Bets on "met", as fractions of 1 / (1 − allowed), the bet that one entirely bad batch ruins.
// Several bets, because the best one depends on the unknown share: bold ones win fast in clean runs, small ones
// survive bad batches.
const BETS_FOR_MET: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.95];
/// Bets on "missed", as fractions of 1 / allowed, the bet that one batch without bad samples ruins.
const BETS_FOR_MISSED: [f64; 5] = [0.02, 0.05, 0.1, 0.25, 0.5];
/// Fewest batches that are still joined in pairs.
// As in `effective`: seven joined batches are the fewest that show a correlation.
const LEAST_TO_JOIN: usize = 14;

/// Evidence of the batches against each hypothesis, as natural logarithms of e-values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evalues {
    /// Against "the share is `allowed` or more".
    pub met: f64,
    /// Against "the share is `allowed` or less".
    pub missed: f64,
}

/// E-values of consecutive batches (bad, total) of equal length against the share allowed, 0 < allowed < 1.
///
/// A capital of 1 bets on each batch's share Yⱼ in turn: Π(1 + λ(p₀ − Yⱼ)) for "met", Π(1 + λ(Yⱼ − p₀)) for "missed", averaged
/// over five fixed bets λ. While each batch's expected share given those before is at least p₀ (at most, for "missed"), the
/// probability that the capital ever reaches c is at most 1/c (Ville's inequality). Dependence within a batch does not matter.
/// Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", Journal of the Royal Statistical
/// Society B 86 (2024). Batches are joined in pairs while they correlate, so that one does not predict the next; the
/// remaining correlation is covered by simulation (docs/measurements/gate-errors.md).
pub fn e_values(batches: &[(u64, u64)], allowed: f64) -> Evalues {
    let mut batches: Vec<(u64, u64)> = batches.iter().copied().filter(|(_, total)| *total > 0).collect();
    while batches.len() >= LEAST_TO_JOIN && correlation(&batches) > 0.0 {
        // An odd last batch is left out until its pair is complete.
        batches = batches
            .chunks_exact(2)
            .map(|pair| pair.iter().fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1)))
            .collect();
    }
    let shares: Vec<f64> = batches.iter().map(|batch| share(*batch)).collect();
    let capital = |bet: f64, gain: fn(f64, f64) -> f64| -> f64 {
        // Logarithms, because the capital of a long run over- or underflows a double.
        shares.iter().map(|share| (bet * gain(*share, allowed)).ln_1p()).sum()
    };
    let met = BETS_FOR_MET.map(|part| capital(part / (1.0 - allowed), |share, allowed| allowed - share));
    let missed = BETS_FOR_MISSED.map(|part| capital(part / allowed, |share, allowed| share - allowed));
    Evalues {
        met: mean(&met),
        missed: mean(&missed),
    }
}

fn share((bad, total): (u64, u64)) -> f64 {
    Proportion::new(bad, total).share().unwrap_or(0.0)
}

/// Lag-1 correlation of the batches' shares.
fn correlation(batches: &[(u64, u64)]) -> f64 {
    let shares = || batches.iter().map(|batch| share(*batch));
    let mean = shares().sum::<f64>() / batches.len() as f64;
    let squares: f64 = shares().map(|share| (share - mean).powi(2)).sum();
    let products: f64 = shares()
        .zip(shares().skip(1))
        .map(|(one, next)| (one - mean) * (next - mean))
        .sum();
    // Equal shares differ by rounding at most.
    if squares < 1e-24 * batches.len() as f64 {
        0.0
    } else {
        products / squares
    }
}

/// ln of the mean of e-values given by their logarithms.
fn mean(logarithms: &[f64]) -> f64 {
    // The largest is factored out, so that `exp` does not overflow.
    let most = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logarithms.iter().map(|value| (value - most).exp()).sum();
    most + (sum / logarithms.len() as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    #[test]
    fn clean_batches_win_what_the_bets_say() {
        // Each clean batch multiplies a bet of λ by 1 + 0.05 λ; with λ = 0.95 / 0.95 = 1: 1.05¹⁰⁰ = 131.5, and the four
        // smaller ones 1.005263¹⁰⁰ = 1.69, 1.013158¹⁰⁰ = 3.70, 1.026316¹⁰⁰ = 13.43, 1.039474¹⁰⁰ = 48.01.
        let found = e_values(&[(0, 50); 100], 0.05);
        let expected = (131.50_f64 + 1.69 + 3.70 + 13.43 + 48.01) / 5.0;
        assert!((found.met.exp() / expected - 1.0).abs() < 0.001, "{}", found.met.exp());
        assert!(found.missed < 0.0);
    }

    #[test]
    fn bad_batches_speak_for_a_miss_soon() {
        assert!(e_values(&[(10, 50); 12], 0.05).missed.exp() > 100.0);
        assert!(e_values(&[], 0.05).met.abs() < 1e-12);
    }

    #[test]
    fn at_the_limit_the_capital_seldom_grows_however_often_one_looks() {
        let mut random = SmallRng::seed_from_u64(4);
        let (mut met, mut missed) = (0, 0);
        for _ in 0..200 {
            let mut batches = Vec::new();
            let (mut most_met, mut most_missed) = (0.0_f64, 0.0_f64);
            for _ in 0..150 {
                let bad = (0..20).filter(|_| random.random_bool(0.05)).count() as u64;
                batches.push((bad, 20));
                let now = e_values(&batches, 0.05);
                most_met = most_met.max(now.met);
                most_missed = most_missed.max(now.missed);
            }
            met += u32::from(most_met > 20.0_f64.ln());
            missed += u32::from(most_missed > 20.0_f64.ln());
        }
        // Ville: at most 5 %; 20 of 200 would be exceeded with probability 0.001.
        assert!(met <= 20 && missed <= 20, "{met} {missed}");
    }
}
