//! A fit of the starts of sessions: their rate, and whether they come as independent users do.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::import::Load;

/// Significance at which the starts are no Poisson process.
const SIGNIFICANCE: f64 = 0.01;
/// Fewest minutes for a test of dispersion.
const FEWEST: usize = 5;

/// The arrivals of sessions that began at those seconds, in any order.
pub(super) fn fit(starts: &[f64]) -> Load {
    let first = starts.iter().copied().fold(f64::INFINITY, f64::min);
    let last = starts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let length = (last - first).max(1.0);
    let count = starts.len() as f64;
    // The first start stands at the beginning of the time that is counted.
    let per_second = if starts.len() > 1 {
        (count - 1.0).max(1.0) / length
    } else {
        1.0 / 60.0
    };
    let minutes = (length / 60.0).floor();
    let mut notes = vec![format!(
        "{} sessions began in {:.1} minutes of the log: {per_second:.3}/s on average.",
        starts.len(),
        length / 60.0
    )];
    let whole = crate::units::saturating_usize(minutes);
    if !(FEWEST..=1_000_000).contains(&whole) {
        notes.push(
            "The log is too short to test how the sessions are spaced: independent users are assumed.".to_owned(),
        );
        return Load {
            per_second,
            poisson: true,
            session_seconds: 0.0,
            notes,
        };
    }
    let mut counts = vec![0.0_f64; whole];
    for start in starts {
        let minute = crate::units::saturating_usize(((start - first) / 60.0).floor());
        if let Some(count) = counts.get_mut(minute) {
            *count += 1.0;
        }
    }
    let mean = counts.iter().sum::<f64>() / minutes;
    let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / (minutes - 1.0);
    let dispersion = variance / mean;
    // The index of dispersion, times the degrees of freedom, is χ² for a Poisson process (Cox and Lewis, 1966, section 6.3).
    let freedom = minutes - 1.0;
    let chi = ChiSquared::new(freedom).map_or(0.5, |chi| chi.cdf(dispersion * freedom));
    let verdict = if chi > 1.0 - SIGNIFICANCE / 2.0 {
        "more uneven than independent users are: the load of the log had peaks, which the mean rate has not"
    } else if chi < SIGNIFICANCE / 2.0 {
        "more even than independent users are"
    } else {
        "as of independent users"
    };
    notes.push(format!(
        "Variance to mean of the starts per minute: {dispersion:.2} over {whole} minutes, {verdict}."
    ));
    Load {
        per_second,
        poisson: chi >= SIGNIFICANCE / 2.0,
        session_seconds: 0.0,
        notes,
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    #[test]
    fn the_spacing_of_sessions_is_recognised() {
        let mut random = SmallRng::seed_from_u64(7);
        let mut at = 0.0;
        let poisson: Vec<f64> = (0..6_000)
            .map(|_| {
                at -= (1.0 - random.random::<f64>()).ln() / 2.0;
                at
            })
            .collect();
        let load = fit(&poisson);
        assert!(load.poisson && (load.per_second - 2.0).abs() < 0.1, "{load:?}");
        assert!(load.notes[1].ends_with("as of independent users."), "{load:?}");
        let even: Vec<f64> = (0..6_000).map(|number| f64::from(number) / 2.0).collect();
        assert!(!fit(&even).poisson);
        let bursts: Vec<f64> = (0..6_000).map(|number| f64::from(number / 600) * 300.0).collect();
        let load = fit(&bursts);
        assert!(load.poisson && load.notes[1].contains("peaks"), "{load:?}");
        assert!(fit(&[5.0]).per_second > 0.0 && fit(&[]).per_second > 0.0);
    }
}
