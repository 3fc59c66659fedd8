//! A fit of the starts of sessions: their rate, and whether they come as independent users do.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::evidence::{ArrivalFit, Dispersion, FoundSpacing};
use crate::import::Load;
use crate::units::saturating_usize;
use crate::words::en::spacing;

/// Seconds of a minute, and the parts of it in which starts are counted.
const MINUTE: f64 = 60.0;
const PARTS: usize = 6;
const PART: f64 = MINUTE / PARTS as f64;
/// Most minutes.
const MOST: usize = 1_000_000;
/// Fewest starts per part on average for a test.
const RAREST: f64 = 1.0;
/// Significance at which the starts are no Poisson process.
const SIGNIFICANCE: f64 = 0.01;
/// Fewest minutes for a test of dispersion.
const FEWEST: usize = 5;

/// The arrivals of sessions that began at those seconds, in any order.
pub(super) fn fit(starts: &[f64]) -> ArrivalFit {
    let first = starts.iter().copied().fold(f64::INFINITY, f64::min);
    let last = starts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let length = (last - first).max(1.0);
    // The first start stands at the beginning of the time that is counted.
    let per_second = if starts.len() > 1 {
        (starts.len() as f64 - 1.0).max(1.0) / length
    } else {
        1.0 / 60.0
    };
    let whole = saturating_usize((length / MINUTE).floor());
    let counts = if whole <= MOST {
        counted(starts, first, MINUTE, whole)
    } else {
        Vec::new()
    };
    let is_testable = counts.len() >= FEWEST;
    ArrivalFit {
        sessions: starts.len() as u64,
        minutes: length / MINUTE,
        per_second,
        overall: is_testable.then(|| dispersion(&counts, counts.len())).flatten(),
        within: is_testable
            .then(|| dispersion(&counted(starts, first, PART, whole * PARTS), PARTS))
            .flatten(),
        counts,
    }
}

/// Starts in each of `parts` intervals of that length.
fn counted(starts: &[f64], first: f64, length: f64, parts: usize) -> Vec<u64> {
    let mut counts = vec![0; parts];
    for start in starts {
        if let Some(count) = counts.get_mut(saturating_usize(((start - first) / length).floor())) {
            *count += 1;
        }
    }
    counts
}

/// Dispersion of counts around the mean of their group, each of so many counts; `None` without any.
///
/// Its index times the degrees of freedom is χ² for a Poisson process (Cox and Lewis, 1966, section 6.3); those of groups with
/// rates of their own add up.
fn dispersion(counts: &[u64], group: usize) -> Option<Dispersion> {
    let (mut square, mut freedom) = (0.0, 0_u64);
    for counts in counts.chunks_exact(group.max(1)) {
        let mean = counts.iter().sum::<u64>() as f64 / counts.len() as f64;
        // Rarer starts have no χ² distribution.
        if mean < RAREST {
            continue;
        }
        square += counts.iter().map(|count| (*count as f64 - mean).powi(2)).sum::<f64>() / mean;
        freedom += counts.len() as u64 - 1;
    }
    let chi = ChiSquared::new(freedom as f64)
        .ok()
        .filter(|_| freedom > 0)?
        .cdf(square);
    let spacing = if chi > 1.0 - SIGNIFICANCE / 2.0 {
        FoundSpacing::Uneven
    } else if chi < SIGNIFICANCE / 2.0 {
        FoundSpacing::Even
    } else {
        FoundSpacing::Independent
    };
    Some(Dispersion {
        index: square / freedom as f64,
        freedom,
        spacing,
    })
}

/// The arrivals as the load of a scenario, with the fit in comments.
pub(super) fn as_load(fit: &ArrivalFit) -> Load {
    let mut notes = vec![format!(
        "{} sessions began in {:.1} minutes of the log: {:.3}/s on average.",
        fit.sessions, fit.minutes, fit.per_second
    )];
    notes.push(match &fit.overall {
        None => "The log is too short to test how the sessions are spaced: independent users are assumed.".to_owned(),
        Some(found) => {
            let verdict = match found.spacing {
                FoundSpacing::Uneven => {
                    "more uneven than independent users are: the load of the log had peaks, which the mean rate has not"
                }
                other => spacing(other),
            };
            format!(
                "Variance to mean of the starts per minute: {:.2} over {} minutes, {verdict}.",
                found.index,
                fit.counts.len()
            )
        }
    });
    Load {
        per_second: fit.per_second,
        poisson: fit.is_independent(),
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
        let load = as_load(&fit(&poisson));
        assert!(load.poisson && (load.per_second - 2.0).abs() < 0.1, "{load:?}");
        assert!(load.notes[1].ends_with("as of independent users."), "{load:?}");
        let even: Vec<f64> = (0..6_000).map(|number| f64::from(number) / 2.0).collect();
        assert!(!as_load(&fit(&even)).poisson);
        let bursts: Vec<f64> = (0..6_000).map(|number| f64::from(number / 600) * 300.0).collect();
        let load = as_load(&fit(&bursts));
        assert!(load.poisson && load.notes[1].contains("peaks"), "{load:?}");
        assert_eq!(fit(&bursts).within.unwrap().spacing, FoundSpacing::Uneven);
        assert_eq!(fit(&poisson).within.unwrap().spacing, FoundSpacing::Independent);
        // A rate for each minute takes a ramp in, which one rate for all does not.
        let ramp: Vec<f64> = poisson.iter().map(|start| (start * 3_000.0).sqrt()).collect();
        let ramp = fit(&ramp);
        assert_eq!(ramp.overall.unwrap().spacing, FoundSpacing::Uneven);
        assert!(ramp.within.unwrap().index < 1.2, "{ramp:?}");
        assert!(fit(&[5.0]).per_second > 0.0 && fit(&[]).per_second > 0.0);
    }
}
