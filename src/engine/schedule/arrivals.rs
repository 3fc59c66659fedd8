//! The iterator of intended start offsets.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Profile;
use crate::units::saturating_usize;

/// Spacing of arrivals around the rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spacing {
    /// Evenly: the n-th arrival exactly when n are due.
    #[default]
    Uniform,
    /// A Poisson process of that rate, as of independent users (exponential gaps, time-changed by the profile).
    Poisson,
}

impl std::fmt::Display for Spacing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Uniform => "evenly spaced",
            Self::Poisson => "Poisson",
        })
    }
}

/// Intended start offsets from the start of a phase, ascending; lazy, ends by itself, the same for the same seed.
#[derive(Debug, Clone)]
pub struct Arrivals(ArrivalSource);

#[derive(Debug, Clone)]
enum ArrivalSource {
    /// By a rate.
    Rate {
        profile: Profile,
        spacing: Spacing,
        due: f64,
        random: SmallRng,
    },
    /// At instants that are known one by one.
    Instants { instants: Arc<[Duration]>, next: usize },
}

impl Arrivals {
    /// The arrivals of that profile; `seed` matters for Poisson spacing only.
    pub fn new(profile: Profile, spacing: Spacing, seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let due = match spacing {
            Spacing::Uniform => 0.0,
            // The first arrival of a Poisson process has a gap before it like every other.
            Spacing::Poisson => exponential(&mut random),
        };
        Self(ArrivalSource::Rate {
            profile,
            spacing,
            due,
            random,
        })
    }

    /// Arrivals at those offsets, in any order.
    pub fn at(mut instants: Vec<Duration>) -> Self {
        instants.sort_unstable();
        Self(ArrivalSource::Instants {
            instants: instants.into(),
            next: 0,
        })
    }

    /// Expected number of arrivals of the profile. With even spacing the actual number is within one of it.
    pub fn expected(&self) -> f64 {
        match &self.0 {
            ArrivalSource::Rate { profile, .. } => profile.arrivals(),
            ArrivalSource::Instants { instants, .. } => instants.len() as f64,
        }
    }
}

/// A unit exponential by inversion; `1 - u` lies in (0, 1], so that the logarithm is finite.
fn exponential(random: &mut SmallRng) -> f64 {
    // The draw lies in [0, 1), so that one minus it is never 0, whose logarithm is infinite.
    -(1.0 - random.random::<f64>()).ln()
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        match &mut self.0 {
            ArrivalSource::Rate {
                profile,
                spacing,
                due,
                random,
            } => {
                // The n-th arrival is a function of n alone: no sum of gaps, so that rounding cannot add up to a drift.
                let offset = profile.time_of(*due)?;
                *due += match spacing {
                    Spacing::Uniform => 1.0,
                    Spacing::Poisson => exponential(random),
                };
                Some(Duration::from_secs_f64(offset))
            }
            ArrivalSource::Instants { instants, next } => {
                let offset = instants.get(*next).copied()?;
                *next += 1;
                Some(offset)
            }
        }
    }

    /// Number of arrivals left; they are counted one by one only for Poisson spacing.
    fn count(self) -> usize {
        match self.0 {
            ArrivalSource::Rate {
                profile,
                spacing: Spacing::Uniform,
                due,
                ..
            } => whole_from(due, profile.arrivals()),
            // The same seed gives the same arrivals, so counting a copy tells the number of the original.
            ArrivalSource::Rate { .. } => self.fold(0, |count, _| count + 1),
            ArrivalSource::Instants { instants, next } => instants.len() - next,
        }
    }
}

/// Number of values among `due`, `due + 1`, ... below `end`.
fn whole_from(due: f64, end: f64) -> usize {
    saturating_usize((end - due).ceil())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schedule::Segment;

    fn segment(seconds: u64, from: f64, to: f64) -> Segment {
        Segment {
            length: Duration::from_secs(seconds),
            from,
            to,
        }
    }

    fn uniform(segments: Vec<Segment>) -> Vec<f64> {
        Arrivals::new(Profile::new(segments), Spacing::Uniform, 0)
            .map(|offset| offset.as_secs_f64())
            .collect()
    }

    #[test]
    fn a_constant_rate_is_evenly_spaced_and_does_not_drift() {
        let offsets = uniform(vec![segment(3600, 1000.0 / 3.0, 1000.0 / 3.0)]);
        assert_eq!(offsets.len(), 1_200_000);
        for (index, offset) in offsets.iter().enumerate().step_by(99_999) {
            assert!((offset - index as f64 * 0.003).abs() < 2e-9, "{index}: {offset}");
        }
    }

    #[test]
    fn every_profile_holds_as_many_arrivals_as_its_integral() {
        for (segments, integral) in [
            (vec![segment(10, 0.0, 100.0)], 500),                          // 10 × 100 / 2
            (vec![segment(10, 100.0, 0.0)], 500),                          // 10 × 100 / 2
            (vec![segment(4, 10.0, 10.0), segment(6, 20.0, 20.0)], 160),   // 40 + 120
            (vec![segment(5, 0.0, 0.0), segment(1, 7.0, 7.0)], 7),         // 0 + 7
            (vec![segment(2, 50.0, 150.0), segment(2, 150.0, 50.0)], 400), // 200 + 200
        ] {
            let offsets = uniform(segments.clone());
            assert!(offsets.len().abs_diff(integral) <= 1, "{segments:?}: {}", offsets.len());
            assert!(offsets.is_sorted());
            let expected = Arrivals::new(Profile::new(segments), Spacing::Uniform, 0).expected();
            assert!((expected - integral as f64).abs() < 1e-9, "{expected}");
        }
    }

    proptest! {
        #[test]
        fn counting_and_walking_agree(
            rates in prop::collection::vec((0.0_f64..40.0, 0.0_f64..40.0), 0..5),
            taken in 0_usize..30,
            poisson in any::<bool>(),
        ) {
            let segments = rates.iter().map(|(from, to)| segment(3, *from, *to)).collect();
            let spacing = if poisson { Spacing::Poisson } else { Spacing::Uniform };
            let mut arrivals = Arrivals::new(Profile::new(segments), spacing, 5);
            arrivals.by_ref().take(taken).for_each(drop);
            prop_assert_eq!(arrivals.clone().count(), arrivals.collect::<Vec<_>>().len());
        }
    }

    #[test]
    fn instants_come_in_order_and_as_many_as_there_are() {
        let instants = [30, 10, 10, 20].map(Duration::from_millis);
        let mut arrivals = Arrivals::at(instants.to_vec());
        assert!((arrivals.expected() - 4.0).abs() < f64::EPSILON);
        assert_eq!(arrivals.next(), Some(instants[1]));
        assert_eq!(arrivals.clone().count(), 3);
        assert_eq!(arrivals.collect::<Vec<_>>(), [instants[1], instants[3], instants[0]]);
    }

    #[test]
    fn a_ramp_is_denser_where_the_rate_is_higher() {
        // Rate 0 → 100 over 10 s: N(t) = 5 t², so half the time holds a quarter of the arrivals.
        let offsets = uniform(vec![segment(10, 0.0, 100.0)]);
        let first_half = offsets.iter().filter(|offset| **offset < 5.0).count();
        assert_eq!(first_half, 125);
    }

    #[test]
    fn poisson_gaps_pass_a_kolmogorov_smirnov_test() {
        let profile = Profile::constant(200.0, Duration::from_secs(100));
        let offsets: Vec<f64> = Arrivals::new(profile, Spacing::Poisson, 7)
            .map(|offset| offset.as_secs_f64())
            .collect();
        let mut gaps: Vec<f64> = offsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_by(f64::total_cmp);
        let n = gaps.len() as f64;
        let distance = gaps
            .iter()
            .enumerate()
            .map(|(index, gap)| (1.0 - (-200.0 * gap).exp() - (index as f64 + 0.5) / n).abs())
            .fold(0.0, f64::max);
        // Critical value at 0.1 %: 1.95 / √n.
        assert!(distance < 1.95 / n.sqrt(), "D = {distance} for n = {n}");
        // The count is Poisson with mean 20,000, so within five standard deviations.
        assert!((n - 20_000.0).abs() < 5.0 * 20_000_f64.sqrt());
    }

    #[test]
    fn the_same_seed_gives_the_same_arrivals() {
        let of = |seed| {
            let profile = Profile::constant(50.0, Duration::from_secs(2));
            Arrivals::new(profile, Spacing::Poisson, seed).collect::<Vec<_>>()
        };
        assert_eq!(of(3), of(3));
        assert_ne!(of(3), of(4));
    }
}
