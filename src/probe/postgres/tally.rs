//! Counts what the log tells, in constant memory.

use hdrhistogram::Histogram;

use crate::record::{HIGHEST_MICROS, new_histogram};

/// Most entries of a distribution on each side of the lowest limit.
const MOST_ENTRIES: usize = 1_000;
/// Fewer sampled lines than this say nothing about lost ones.
const ENOUGH_EXPECTED: f64 = 100.0;

/// Executions by duration. At and above the `floor` every one is logged, below it a share of `rate`.
#[derive(Debug)]
pub(super) struct Tally {
    limits: Vec<u64>,
    floor: u64,
    rate: f64,
    over: Vec<u64>,
    preparations_over: Vec<u64>,
    below: Histogram<u64>,
    above: Histogram<u64>,
}

impl Tally {
    /// Times in microseconds, `limits` ascending.
    pub(super) fn new(limits: &[u64], floor: u64, rate: f64) -> Self {
        Self {
            limits: limits.to_vec(),
            floor,
            rate,
            over: vec![0; limits.len()],
            preparations_over: vec![0; limits.len()],
            below: new_histogram(),
            above: new_histogram(),
        }
    }

    /// Counts one logged execution.
    pub(super) fn execution(&mut self, micros: u64) {
        count(&mut self.over, &self.limits, micros);
        let side = if micros < self.floor {
            &mut self.below
        } else {
            &mut self.above
        };
        // The histogram only illustrates: a statement of over 10 minutes is shown as one of 10 minutes.
        side.saturating_record(micros.min(HIGHEST_MICROS));
    }

    /// Counts one logged parse or bind step.
    pub(super) fn preparation(&mut self, micros: u64) {
        count(&mut self.preparations_over, &self.limits, micros);
    }

    /// For each limit, executions that took longer.
    pub(super) fn over(&self) -> &[u64] {
        &self.over
    }

    /// For each limit, parse and bind steps that took longer.
    pub(super) fn preparations_over(&self) -> &[u64] {
        &self.preparations_over
    }

    /// Says so where the log held far less of `executions` than it should: then the counts over a limit cannot be
    /// trusted either.
    pub(super) fn missing(&self, executions: u64) -> Option<String> {
        let expected = executions.saturating_sub(self.above.len()) as f64 * self.rate;
        let seen = self.below.len();
        (expected >= ENOUGH_EXPECTED && (seen as f64) < expected / 2.0)
            .then(|| format!("the server's log held {seen} sampled statements where about {expected:.0} were expected"))
    }

    /// (microseconds, weight), ascending, of `executions` in all: each execution at or above the floor weighs 1, the
    /// sampled ones below stand for the rest (1/rate each, but for the luck of the sampling).
    pub(super) fn distribution(&self, executions: u64) -> Vec<(u64, f64)> {
        let unlogged = executions.saturating_sub(self.above.len()) as f64;
        let weight = unlogged / self.below.len().max(1) as f64;
        // A histogram's value stands for a small range: it must not cross the floor.
        let mut entries = entries(&self.below, weight, |micros| micros.min(self.floor.saturating_sub(1)));
        entries.extend(entries_above(&self.above, self.floor));
        entries
    }
}

fn entries_above(histogram: &Histogram<u64>, floor: u64) -> Vec<(u64, f64)> {
    entries(histogram, 1.0, |micros| micros.max(floor))
}

fn count(over: &mut [u64], limits: &[u64], micros: u64) {
    for (over, limit) in over.iter_mut().zip(limits) {
        *over += u64::from(micros > *limit);
    }
}

/// At most `MOST_ENTRIES`, neighbours merged at their mean.
fn entries(histogram: &Histogram<u64>, weight: f64, clamp: impl Fn(u64) -> u64) -> Vec<(u64, f64)> {
    let recorded: Vec<(u64, u64)> = histogram
        .iter_recorded()
        .map(|step| {
            (
                histogram.median_equivalent(step.value_iterated_to()),
                step.count_at_value(),
            )
        })
        .collect();
    let group = recorded.len().div_ceil(MOST_ENTRIES).max(1);
    let merge = |neighbours: &[(u64, u64)]| {
        let count: u64 = neighbours.iter().map(|(_, count)| count).sum();
        let sum: u128 = neighbours
            .iter()
            .map(|(micros, count)| u128::from(*micros) * u128::from(*count))
            .sum();
        let mean = u64::try_from(sum / u128::from(count.max(1))).unwrap_or(HIGHEST_MICROS);
        (clamp(mean), count as f64 * weight)
    };
    recorded.chunks(group).map(merge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_over_each_limit_exactly() {
        let mut tally = Tally::new(&[50_000, 150_000], 50_000, 0.1);
        for micros in [49_999, 50_000, 50_001, 150_000, 150_001] {
            tally.execution(micros);
            tally.preparation(micros + 1);
        }
        assert_eq!(tally.over(), [3, 1], "a time equal to the limit is not over it");
        assert_eq!(tally.preparations_over(), [4, 2]);
    }

    #[test]
    fn sampled_executions_stand_for_the_unlogged_ones() {
        let mut tally = Tally::new(&[50_000], 50_000, 0.1);
        for micros in [1_000, 1_000, 2_000, 60_000] {
            tally.execution(micros);
        }
        // 31 executions, 1 over the floor: 3 sampled ones stand for 30.
        let distribution = tally.distribution(31);
        let weights: Vec<f64> = distribution.iter().map(|(_, weight)| *weight).collect();
        assert_eq!(weights, [20.0, 10.0, 1.0]);
        assert!(distribution[2].0.abs_diff(60_000) < 60, "{distribution:?}");
    }

    #[test]
    fn values_do_not_cross_the_floor() {
        let mut tally = Tally::new(&[50_000], 50_000, 0.1);
        tally.execution(49_999);
        tally.execution(50_000);
        let values: Vec<u64> = tally.distribution(11).iter().map(|(micros, _)| *micros).collect();
        assert!(values[0] < 50_000 && values[1] >= 50_000, "{values:?}");
    }

    #[test]
    fn memory_is_bounded_and_nothing_is_lost() {
        let mut tally = Tally::new(&[50_000], 50_000, 1.0);
        for micros in 0..200_000 {
            tally.execution(micros);
        }
        let distribution = tally.distribution(200_000);
        assert!(distribution.len() <= 2 * MOST_ENTRIES, "{}", distribution.len());
        assert!(distribution.is_sorted_by_key(|(micros, _)| *micros));
        let total: f64 = distribution.iter().map(|(_, weight)| weight).sum();
        assert!((total - 200_000.0).abs() < 1e-3, "{total}");
    }

    #[test]
    fn a_log_that_lacks_lines_is_noticed() {
        let mut tally = Tally::new(&[50_000], 50_000, 0.05);
        assert_eq!(tally.missing(1_000), None, "50 expected lines say nothing");
        let words = tally.missing(10_000).unwrap();
        assert_eq!(
            words,
            "the server's log held 0 sampled statements where about 500 were expected"
        );
        for _ in 0..400 {
            tally.execution(900);
        }
        assert_eq!(tally.missing(10_000), None);
        assert_eq!(Tally::new(&[1], 0, 0.0).missing(1 << 40), None);
    }
}
