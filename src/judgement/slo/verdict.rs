//! Measurements with confidence bounds, decisions on them, and the words of verdicts.

use serde::{Deserialize, Serialize};

use super::Unit;
use crate::evidence::Decision;
use crate::stats::{ALPHA, EffectiveSampleSize, Proportion, ShareDecision, Trend, decide};

/// Exact counts against one limit: `bad` of `total` were over it, and the objective allows the share `allowed`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Samples over the limit.
    pub bad: u64,
    /// Samples judged.
    pub total: u64,
    /// Share of samples that may be over the limit: 0.05 for p95.
    pub allowed: f64,
    /// Effective sample size, from the dependence between batches; `None` if samples cannot be told apart in time and count
    /// as independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<EffectiveSampleSize>,
    /// Decision that does not come from a share of the samples; `allowed` has no meaning then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
}

/// A decision other than that of the binomial test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruling {
    /// The decision, with 95 % confidence.
    pub decision: Decision,
    /// p-value of a miss: probability of what was seen, or worse, at the limit.
    pub missed_p: f64,
}

impl Ruling {
    /// Ruling on a limit whose baseline is not known.
    pub const OPEN: Self = Self {
        decision: Decision::Undecided,
        missed_p: 1.0,
    };

    /// Ruling on counts that the binomial test decides: `None`, unless the baseline of the limit is not known.
    pub(super) fn from_limit(limit: super::Limit) -> Option<Self> {
        limit.fixed().is_none().then_some(Self::OPEN)
    }
}

impl Count {
    /// Decision with 95 % confidence: the ruling, if there is one; else the binomial test, on the effective sample size
    /// ([`EffectiveSampleSize::decide`]) or, without one, on all samples.
    pub fn decide(&self) -> Decision {
        if let Some(ruling) = self.ruling {
            return ruling.decision;
        }
        let seen = Proportion::new(self.bad, self.total);
        let finding = match &self.effective {
            Some(effective) => effective.decide(seen, self.allowed, ALPHA),
            None => decide(seen, self.allowed, ALPHA),
        };
        match finding {
            ShareDecision::Below => Decision::Met,
            ShareDecision::Above => Decision::Missed,
            ShareDecision::Unknown => Decision::Undecided,
        }
    }

    /// p-value of a miss: probability of that many samples or more over the limit, at the share allowed.
    pub fn missed_p(&self) -> f64 {
        if let Some(ruling) = self.ruling {
            return ruling.missed_p;
        }
        let seen = Proportion::new(self.bad, self.total);
        // The same scaling as in the decision, or the correction for several objectives would judge other counts.
        let worth = self.effective.map_or(seen, |effective| effective.for_lower(seen));
        worth.missed_p(self.allowed)
    }

    /// Share of samples over the limit; `None` without samples.
    pub fn share(&self) -> Option<f64> {
        Proportion::new(self.bad, self.total).share()
    }
}

/// A number read from the evidence, always with its 95 % confidence bounds.
///
/// Each bound is one-sided, as the decisions are: an upper bound below the limit and `met` are the same statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// Point estimate; `None` if the quantile or maximum falls among failed requests, which count as longer than any time, or
    /// if there is no sample to estimate it from.
    pub point: Option<f64>,
    /// Lower bound: with 95 % confidence the true value is not below it. `None` if the samples are too few for one.
    pub low: Option<f64>,
    /// Upper bound: with 95 % confidence the true value is not above it. `None` if it falls among failures, if the samples
    /// are too few for one, or for a maximum.
    pub high: Option<f64>,
    /// Unit of point and bounds.
    pub unit: Unit,
    /// The statistic: `p95`, `share`.
    pub statistic: String,
    /// Number of samples.
    pub samples: u64,
    /// Counts against the target.
    pub target: Count,
    /// Counts against the acceptable limit.
    pub acceptable: Count,
    /// Remarks that are needed to interpret the number correctly.
    pub notes: Vec<super::Note>,
}

impl Measurement {
    /// True if there is no sample to estimate a value from: nothing was measured, or it was only counted and the sample is empty.
    pub fn is_unsampled(&self) -> bool {
        let empty = |note: &super::Note| matches!(note, super::Note::Sampled { executions: 0 });
        self.point.is_none() && (self.samples == 0 || self.notes.iter().any(empty))
    }
}

/// The five words of a verdict, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum VerdictWord {
    /// Target met.
    Pass,
    /// Target missed, acceptable limit met.
    Warn,
    /// Not decided: too few samples, or evidence too weak.
    Inconclusive,
    /// Acceptable limit missed.
    Fail,
    /// The measurement is not valid, so no limit is met or missed.
    Invalid,
}

impl VerdictWord {
    /// The word that follows from the decisions on both tiers.
    ///
    /// A missed acceptable limit is FAIL, whatever the decision on the target. A missed target with an undecided acceptable
    /// limit is INCONCLUSIVE, as it may be WARN or FAIL; if the target gates, the gate still counts the miss. A target met
    /// with an acceptable limit not met cannot come from counts, since the target is the stricter limit; it is no PASS
    /// either.
    pub fn from_decisions(target: Decision, acceptable: Decision) -> Self {
        match (target, acceptable) {
            // The looser limit is missed, so the stricter one is as well, whatever its own counts say.
            (_, Decision::Missed) => Self::Fail,
            (Decision::Met, Decision::Met) => Self::Pass,
            (Decision::Missed, Decision::Met) => Self::Warn,
            (_, Decision::Undecided) | (Decision::Undecided, Decision::Met) => Self::Inconclusive,
        }
    }

    /// Spelling in all output: `PASS`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Fail => "FAIL",
            Self::Invalid => "INVALID",
        }
    }
}

/// A significant trend over the judged window that is large enough to matter: 25 % of the level and 10 % of the target for a
/// time or a rate, the whole allowed share for a share, the distance of the target from 1 for a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// Unit of the values in `trend`.
    pub unit: Unit,
    /// The trend test, with the level of each stretch of the judged window.
    pub trend: Trend,
}

/// Verdict on one objective. `words` writes it to files, with its reason as an English sentence for readers of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The objective.
    pub objective: super::Objective,
    /// The measurement; `None` if none was possible, which is never a pass.
    pub measurement: Option<Measurement>,
    /// The word.
    pub word: VerdictWord,
    /// Final decision on the target.
    pub target: Decision,
    /// Final decision on the acceptable limit.
    pub acceptable: Decision,
    /// Reason for the word.
    pub reason: super::Reason,
    /// Cause of a missing measurement; `None` for one read from a file that was written before this field existed.
    pub unmeasured: Option<super::Unmeasured>,
    /// The worst 10-second window as (start second, share of its samples over the target limit, failed or down), if the
    /// indicator has windows. It is a share because counts of parts add up and percentiles do not.
    pub worst_window: Option<(u32, f64)>,
    /// Drift over the judged window, if it is so large that one number for the whole window says too little.
    pub drift: Option<Drift>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lattice() {
        use Decision::{Met, Missed, Undecided};
        for (target, acceptable, word) in [
            (Met, Met, VerdictWord::Pass),
            (Met, Undecided, VerdictWord::Inconclusive),
            (Met, Missed, VerdictWord::Fail),
            (Undecided, Met, VerdictWord::Inconclusive),
            (Undecided, Undecided, VerdictWord::Inconclusive),
            (Undecided, Missed, VerdictWord::Fail),
            (Missed, Met, VerdictWord::Warn),
            (Missed, Undecided, VerdictWord::Inconclusive),
            (Missed, Missed, VerdictWord::Fail),
        ] {
            assert_eq!(
                VerdictWord::from_decisions(target, acceptable),
                word,
                "{target:?} {acceptable:?}"
            );
        }
    }

    #[test]
    fn words_are_ordered_from_best_to_worst() {
        let mut words = [
            VerdictWord::Invalid,
            VerdictWord::Fail,
            VerdictWord::Warn,
            VerdictWord::Pass,
            VerdictWord::Inconclusive,
        ];
        words.sort();
        let names: Vec<&str> = words.into_iter().map(VerdictWord::name).collect();
        assert_eq!(names, ["PASS", "WARN", "INCONCLUSIVE", "FAIL", "INVALID"]);
    }

    #[test]
    fn counts_decide() {
        let count = |bad, total, allowed| {
            let count = Count {
                bad,
                total,
                allowed,
                effective: None,
                ruling: None,
            };
            count.decide()
        };
        // p95 of 1,000: 50 may be over. P(X ≤ 38) = 0.044 < 0.05 ≤ P(X ≤ 39) = 0.060; P(X ≥ 63) = 0.038 < 0.05.
        assert_eq!(count(38, 1_000, 0.05), Decision::Met);
        assert_eq!(count(40, 1_000, 0.05), Decision::Undecided);
        assert_eq!(count(50, 1_000, 0.05), Decision::Undecided);
        assert_eq!(count(63, 1_000, 0.05), Decision::Missed);
        assert_eq!(count(0, 2_994, 0.001), Decision::Undecided);
        assert_eq!(count(0, 2_995, 0.001), Decision::Met);
        assert_eq!(count(0, 0, 0.05), Decision::Undecided);
    }
}
