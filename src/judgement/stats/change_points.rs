//! Change points of a series of runs, in level or spread: E-Divisive.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;

/// Permutations of each significance test.
const PERMUTATIONS: u32 = 199;

/// A change point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// Index of the first value after the change.
    pub at: usize,
    /// Probability of a divergence at least as great if the order of the values is random.
    pub p: f64,
}

/// Change points of a series in its order, ascending; `least` is the fewest values between two of them (at least 2).
///
/// The split with the greatest energy distance Q = mn/(m + n) · (2 E|X − Y| − E|X − X′| − E|Y − Y′|) between a stretch's
/// left part and any stretch to the right of it is tested by permuting values within the stretches found so far, 199 times.
/// If p ≤ α it is kept and the search continues in the parts. No distribution is assumed. Equal seeds give equal results; time
/// and memory grow with the square of the number of values. Matteson and James, "A nonparametric approach for multiple change
/// point analysis of multivariate data", Journal of the American Statistical Association 109 (2014).
pub fn change_points(values: &[f64], least: usize, alpha: f64, seed: u64) -> Vec<ChangePoint> {
    let least = least.max(2);
    let mut random = SmallRng::seed_from_u64(seed);
    let mut found: Vec<ChangePoint> = Vec::new();
    loop {
        let stretches = stretches(values, &found);
        let Some((at, divergence)) = greatest(&stretches, least) else {
            return found;
        };
        // The order that was seen counts as one of the permutations, so that the probability is never 0.
        let mut as_great = 1;
        for _ in 0..PERMUTATIONS {
            let shuffled: Vec<(usize, Vec<f64>)> = stretches
                .iter()
                .map(|(start, part)| {
                    let mut part = part.clone();
                    // Within its stretch only: changes that were found already are no part of the hypothesis.
                    part.shuffle(&mut random);
                    (*start, part)
                })
                .collect();
            let other = greatest(&shuffled, least).map_or(0.0, |(_, divergence)| divergence);
            as_great += u32::from(other >= divergence);
        }
        let p = f64::from(as_great) / f64::from(PERMUTATIONS + 1);
        if p > alpha {
            return found;
        }
        found.push(ChangePoint { at, p });
        found.sort_by_key(|change| change.at);
    }
}

/// The stretches between change points with the index of their first value.
fn stretches(values: &[f64], found: &[ChangePoint]) -> Vec<(usize, Vec<f64>)> {
    let mut start = 0;
    let ends = found.iter().map(|change| change.at).chain([values.len()]);
    ends.map(|end| {
        let part = values.get(start..end).unwrap_or_default().to_vec();
        let stretch = (start, part);
        start = end;
        stretch
    })
    .collect()
}

/// The split of all stretches that diverges most: index of the first value after it, and its divergence.
fn greatest(stretches: &[(usize, Vec<f64>)], least: usize) -> Option<(usize, f64)> {
    let splits = stretches
        .iter()
        .filter_map(|(start, part)| split(part, least).map(|(at, divergence)| (start + at, divergence)));
    splits.max_by(|one, other| one.1.total_cmp(&other.1))
}

/// The split of one stretch that diverges most: values 0 … at against at … end, for any end.
fn split(values: &[f64], least: usize) -> Option<(usize, f64)> {
    let n = values.len();
    if n < 2 * least {
        return None;
    }
    // sums[j][i] = Σ |x_l − x_j| over l < i.
    let sums: Vec<Vec<f64>> = values
        .iter()
        .map(|value| {
            let mut sum = 0.0;
            let distances = values.iter().map(|other| {
                sum += (other - value).abs();
                sum
            });
            std::iter::once(0.0).chain(distances).collect()
        })
        .collect();
    let mut best: Option<(usize, f64)> = None;
    let mut within_left = 0.0;
    for at in 1..=n - least {
        within_left += sums[at - 1][at - 1];
        if at < least {
            continue;
        }
        let (mut within_right, mut across) = (0.0, 0.0);
        for end in at + 1..=n {
            let to = &sums[end - 1];
            across += to[at];
            within_right += to[end - 1] - to[at];
            if end - at < least {
                continue;
            }
            let (left, right) = (at as f64, (end - at) as f64);
            let energy = 2.0 * across / (left * right)
                - 2.0 * within_left / (left * (left - 1.0))
                - 2.0 * within_right / (right * (right - 1.0));
            let divergence = energy * left * right / (left + right);
            if best.is_none_or(|(_, most)| divergence > most) {
                best = Some((at, divergence));
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::normal;

    fn series(parts: &[(usize, f64, f64)], seed: u64) -> Vec<f64> {
        let mut random = SmallRng::seed_from_u64(seed);
        let mut values = Vec::new();
        for (count, mean, deviation) in parts {
            values.extend((0..*count).map(|_| mean + deviation * normal(&mut random)));
        }
        values
    }

    /// The definition, term by term.
    fn divergence(values: &[f64], at: usize, end: usize) -> f64 {
        let (left, right) = (&values[..at], &values[at..end]);
        let sum = |one: &[f64], other: &[f64]| -> f64 {
            one.iter().flat_map(|x| other.iter().map(move |y| (x - y).abs())).sum()
        };
        let (m, n) = (left.len() as f64, right.len() as f64);
        let energy =
            2.0 * sum(left, right) / (m * n) - sum(left, left) / (m * (m - 1.0)) - sum(right, right) / (n * (n - 1.0));
        m * n / (m + n) * energy
    }

    #[test]
    fn the_split_is_the_best_of_all_by_definition() {
        let values = series(&[(9, 0.0, 1.0), (8, 2.0, 1.0)], 3);
        let mut best = (0, f64::NEG_INFINITY);
        for at in 3..=values.len() - 3 {
            for end in at + 3..=values.len() {
                let found = divergence(&values, at, end);
                if found > best.1 {
                    best = (at, found);
                }
            }
        }
        let (at, found) = split(&values, 3).unwrap();
        assert_eq!(at, best.0);
        assert!((found - best.1).abs() < 1e-9);
    }

    #[test]
    fn changes_of_level_and_of_spread_are_found_where_they_are() {
        let level = series(&[(20, 100.0, 3.0), (20, 120.0, 3.0), (20, 100.0, 3.0)], 1);
        let found = change_points(&level, 5, 0.05, 7);
        let at: Vec<usize> = found.iter().map(|change| change.at).collect();
        assert_eq!(at.len(), 2, "{found:?}");
        assert!(at[0].abs_diff(20) <= 1 && at[1].abs_diff(40) <= 1, "{found:?}");
        assert!(found.iter().all(|change| change.p <= 0.05));

        let spread = series(&[(40, 100.0, 1.0), (40, 100.0, 12.0)], 2);
        let found = change_points(&spread, 5, 0.05, 7);
        assert!(found.iter().any(|change| change.at.abs_diff(40) <= 5), "{found:?}");
    }

    #[test]
    fn where_nothing_changed_nothing_is_found_more_often_than_alpha_says() {
        let false_finds = (0..100)
            .filter(|seed| !change_points(&series(&[(24, 100.0, 5.0)], *seed), 4, 0.05, 7).is_empty())
            .count();
        // Binomial(100, 0.05) exceeds 12 with probability 0.0015.
        assert!(false_finds <= 12, "{false_finds}");
    }

    #[test]
    fn too_few_values_tell_nothing() {
        assert_eq!(change_points(&[], 5, 0.05, 1), []);
        assert_eq!(change_points(&[1.0, 2.0, 9.0], 2, 0.05, 1), []);
        assert_eq!(change_points(&[5.0; 30], 5, 0.05, 1), []);
    }
}
