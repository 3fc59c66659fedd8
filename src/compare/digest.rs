//! Extract of a run that later comparisons need: a few hundred kilobytes become a few dozen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Fingerprint;
use crate::evidence::LoadModel;
use crate::slo::{ExclusionReason, Unit, VerdictWord};

/// Version of a digest's format, incremented when a field changes its meaning.
pub(super) const FORMAT: u32 = 2;

/// A run, reduced to the needs of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// Version of this format.
    pub format: u32,
    /// Name of the run: `20260301-081500-gate`.
    pub id: String,
    /// Wall-clock time of the run's zero.
    pub started: Timestamp,
    /// Name of the scenario.
    pub scenario: String,
    /// Verdict on the run.
    pub word: VerdictWord,
    /// Reasons not to compare it: a broken measurement, or an early end.
    pub unfit: Vec<ExclusionReason>,
    /// `--tag` labels.
    pub tags: Vec<(String, String)>,
    /// Facts that must agree for two runs to be comparable.
    pub fingerprint: Fingerprint,
    /// The distributions, to which measures refer by position.
    pub distributions: Vec<Distribution>,
    /// All measures that can be compared.
    pub measures: Vec<Measure>,
}

/// Times of one set of samples. A failed sample has no time and ranks above all times.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// Microseconds and weight (for requests: their number), ascending.
    pub times: Vec<(u64, f64)>,
    /// Weight of the samples that failed.
    pub failed: f64,
}

/// Subject of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeasureKind {
    /// An objective of the scenario.
    Objective,
    /// A journey's step.
    Series,
}

/// One number of a run with the samples behind its confidence interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Its subject.
    pub kind: MeasureKind,
    /// Name of the objective, or `journey.step`.
    pub name: String,
    /// Name of the indicator.
    pub indicator: String,
    /// `p95`, `share`.
    pub statistic: String,
    /// Load model of the counted requests, for a series.
    pub model: Option<LoadModel>,
    /// Unit of the number.
    pub unit: Unit,
    /// True if more is better: uptime.
    pub floor: bool,
    /// True if it may decide an exit code: a gating objective.
    pub gate: bool,
    /// The samples.
    pub sample: Sample,
}

/// Samples behind a measure's number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Sample {
    /// A quantile of times.
    Quantile {
        /// Position of its distribution.
        distribution: usize,
        /// The quantile as a fraction.
        quantile: f64,
        /// Effective sample size.
        effective: f64,
    },
    /// A share of samples.
    Share {
        /// Samples counted: errors, or slices in which the front door answered.
        hits: u64,
        /// All samples.
        total: u64,
        /// Effective sample size.
        effective: f64,
    },
    /// A number of which only the 95 % bounds, each one-sided, are known.
    Value {
        /// The estimate; `None` if it falls among failures.
        point: Option<f64>,
        /// Lower bound.
        low: Option<f64>,
        /// Upper bound.
        high: Option<f64>,
    },
}

impl Distribution {
    /// Weight of all samples, failed ones included.
    pub fn total(&self) -> f64 {
        self.times.iter().map(|(_, weight)| weight).sum::<f64>() + self.failed
    }

    /// Cumulated weights, ascending, for many look-ups of quantiles.
    pub(super) fn cumulated(&self) -> Vec<(f64, u64)> {
        let mut seen = 0.0;
        let step = |(micros, weight): &(u64, f64)| {
            seen += weight;
            (seen, *micros)
        };
        self.times.iter().map(step).collect()
    }

    /// The quantile in milliseconds (nearest rank); infinite if it falls among the failed samples.
    pub fn quantile(&self, quantile: f64) -> f64 {
        at_share(&self.cumulated(), self.total(), quantile)
    }
}

/// The least time, in milliseconds, whose cumulated weight reaches that share of `total`.
pub(super) fn at_share(cumulated: &[(f64, u64)], total: f64, share: f64) -> f64 {
    // 0.95 × 100 is 95.00000000000001 in binary.
    let wanted = share * total * (1.0 - 1e-12);
    let index = cumulated.partition_point(|(weight, _)| *weight < wanted);
    cumulated
        .get(index)
        // Beyond the times are the failed samples, which are longer than any.
        .map_or(f64::INFINITY, |(_, micros)| *micros as f64 / 1e3)
}

impl Digest {
    /// A run of which only numbers with their bounds are known. Its fingerprint is empty: whoever compares it has found that
    /// it is comparable.
    pub(crate) fn from_numbers(
        id: &str,
        started: Timestamp,
        scenario: &str,
        word: VerdictWord,
        measures: Vec<Measure>,
    ) -> Self {
        Self {
            format: FORMAT,
            id: id.to_owned(),
            started,
            scenario: scenario.to_owned(),
            word,
            unfit: Vec::new(),
            tags: Vec::new(),
            fingerprint: Fingerprint::default(),
            distributions: Vec::new(),
            measures,
        }
    }

    /// The measure of this digest that corresponds to a measure of another.
    pub fn counterpart(&self, measure: &Measure) -> Option<&Measure> {
        // By name and kind and not by place: another version of the scenario may list its objectives in another order.
        self.measures.iter().find(|own| own.key() == measure.key())
    }

    /// The number itself, in the measure's unit; infinite if it falls among failures.
    pub fn value(&self, measure: &Measure) -> f64 {
        match &measure.sample {
            Sample::Quantile {
                distribution, quantile, ..
            } => self
                .distributions
                .get(*distribution)
                .map_or(f64::INFINITY, |times| times.quantile(*quantile)),
            Sample::Share { hits, total, .. } => *hits as f64 / (*total).max(1) as f64,
            Sample::Value { point, .. } => point.unwrap_or(f64::INFINITY),
        }
    }
}

impl Measure {
    /// Identity of the measure across runs.
    pub(super) fn key(&self) -> (MeasureKind, &str, &str, &str, Option<LoadModel>) {
        (self.kind, &self.name, &self.indicator, &self.statistic, self.model)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "whole numbers of microseconds")]
mod tests {
    use super::*;

    #[test]
    fn failed_samples_rank_above_every_time() {
        // 90 at 1 … 90 ms and 10 failed: rank 90 of 100 is the last time, rank 91 failed.
        let times = Distribution {
            times: (1..=90).map(|millis| (millis * 1_000, 1.0)).collect(),
            failed: 10.0,
        };
        assert_eq!(times.total(), 100.0);
        assert_eq!(times.quantile(0.5), 50.0);
        assert_eq!(times.quantile(0.9), 90.0);
        assert_eq!(times.quantile(0.91), f64::INFINITY);
        assert_eq!(Distribution::default().quantile(0.5), f64::INFINITY);
    }

    #[test]
    fn weights_count_as_copies() {
        let times = Distribution {
            times: vec![(10_000, 1.0), (20_000, 18.0), (30_000, 1.0)],
            failed: 0.0,
        };
        assert_eq!(times.quantile(0.05), 10.0);
        assert_eq!(times.quantile(0.95), 20.0);
        assert_eq!(times.quantile(0.96), 30.0);
    }
}
