//! Numbers with their certainty, and the five words.

use serde::{Deserialize, Serialize};

use super::Unit;
use crate::evidence::Decision;
use crate::stats::{ALPHA, Effective, Finding, Proportion, Trend, decide};

/// Exact counts against one limit: `bad` of `total` were over it, and the objective allows the share `allowed`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Samples over the limit.
    pub bad: u64,
    /// Samples judged.
    pub total: u64,
    /// The share that may be over it: 0.05 for p95.
    pub allowed: f64,
    /// What the samples are worth, read from their bursts; `None` where they cannot be told apart in time and count as
    /// independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective: Option<Effective>,
    /// The decision, where it does not come from a share of the samples; `allowed` says nothing then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruling: Option<Ruling>,
}

/// A decision that is not the binomial test's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruling {
    /// What is decided, with 95 % confidence.
    pub decision: Decision,
    /// Probability of what was seen, or worse, at the limit: what a miss is decided on.
    pub missed_p: f64,
}

impl Ruling {
    /// Of a limit whose baseline is not known.
    pub const OPEN: Self = Self {
        decision: Decision::Undecided,
        missed_p: 1.0,
    };

    /// Of counts that the binomial test decides, unless the limit is not known.
    pub(super) fn of(limit: super::Limit) -> Option<Self> {
        limit.fixed().is_none().then_some(Self::OPEN)
    }
}

impl Count {
    /// What the binomial test of these counts says, with 95 % confidence: of what the samples are worth
    /// ([`Effective::decide`]), or of all of them; or the ruling, where there is one.
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
            Finding::Below => Decision::Met,
            Finding::Above => Decision::Missed,
            Finding::Unknown => Decision::Undecided,
        }
    }

    /// Probability of that many over the limit, or more, at the share allowed: what a miss is decided on.
    pub fn missed_p(&self) -> f64 {
        if let Some(ruling) = self.ruling {
            return ruling.missed_p;
        }
        let seen = Proportion::new(self.bad, self.total);
        let worth = self.effective.map_or(seen, |effective| effective.for_lower(seen));
        worth.missed_p(self.allowed)
    }

    /// The share over the limit, `None` without samples.
    pub fn share(&self) -> Option<f64> {
        Proportion::new(self.bad, self.total).share()
    }
}

/// A number read from the evidence with its 95 % confidence bounds; no bare number travels.
///
/// Each bound is one-sided, as the decisions are, so that an upper bound below the limit and `met` are the same statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// The point estimate; `None` where the quantile falls among failed requests (longer than anything).
    pub point: Option<f64>,
    /// Lower bound: with 95 % confidence the true value is not below it. `None` where the samples are too few for one.
    pub low: Option<f64>,
    /// Upper bound: with 95 % confidence the true value is not above it. `None` where it falls among failures or the
    /// samples are too few for one.
    pub high: Option<f64>,
    /// What the three are counted in.
    pub unit: Unit,
    /// The statistic: `p95`, `share`.
    pub statistic: String,
    /// How many samples.
    pub samples: u64,
    /// Counts against the target.
    pub target: Count,
    /// Counts against the acceptable limit.
    pub acceptable: Count,
    /// Anything a reader must know to read the number right.
    pub notes: Vec<String>,
}

/// The five words a verdict can be, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Word {
    /// Target met.
    Pass,
    /// Target not met, acceptable met.
    Warn,
    /// Not decided by this many samples.
    Inconclusive,
    /// Acceptable missed.
    Fail,
    /// The measurement is broken: it neither meets nor misses anything.
    Invalid,
}

impl Word {
    /// The lattice: the word that the decisions on both tiers make.
    ///
    /// A missed acceptable limit is FAIL whatever the target says. A missed target whose acceptable limit is undecided is
    /// INCONCLUSIVE: it is WARN or FAIL, and nobody knows which; where the target gates, the gate still counts the miss.
    /// A target met with an acceptable limit that is not cannot come from counts (who is under the stricter limit is under
    /// the looser one), so it is no PASS either.
    pub fn of(target: Decision, acceptable: Decision) -> Self {
        match (target, acceptable) {
            (_, Decision::Missed) => Self::Fail,
            (Decision::Met, Decision::Met) => Self::Pass,
            (Decision::Missed, Decision::Met) => Self::Warn,
            (_, Decision::Undecided) | (Decision::Undecided, Decision::Met) => Self::Inconclusive,
        }
    }

    /// As it is written everywhere: `PASS`.
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

/// A trend over the judged window that is certain and large enough to matter: 25 % of the level and 10 % of the target for a
/// time, the whole allowed share for a share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// What `trend` is counted in.
    pub unit: Unit,
    /// The test, with the level of each stretch of the judged window.
    pub trend: Trend,
}

/// What became of one objective.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// The objective.
    pub objective: super::Objective,
    /// What was measured; `None` where nothing could be, which is never a pass.
    pub measurement: Option<Measurement>,
    /// The word.
    pub word: Word,
    /// The binomial decision on the target.
    pub target: Decision,
    /// The binomial decision on the acceptable limit.
    pub acceptable: Decision,
    /// One sentence: why this word.
    pub reason: String,
    /// Why nothing was measured; missing in files written before this field existed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmeasured: Option<super::Unmeasured>,
    /// The worst 10-second window as (start second, share of its samples over the target limit, failed or down), where
    /// the indicator has windows. A share, because exact counts add up and percentiles do not.
    pub worst_window: Option<(u32, f64)>,
    /// Where what was measured went up or down over the judged window so much that one number for all of it says too little.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Drift>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lattice() {
        use Decision::{Met, Missed, Undecided};
        for (target, acceptable, word) in [
            (Met, Met, Word::Pass),
            (Met, Undecided, Word::Inconclusive),
            (Met, Missed, Word::Fail),
            (Undecided, Met, Word::Inconclusive),
            (Undecided, Undecided, Word::Inconclusive),
            (Undecided, Missed, Word::Fail),
            (Missed, Met, Word::Warn),
            (Missed, Undecided, Word::Inconclusive),
            (Missed, Missed, Word::Fail),
        ] {
            assert_eq!(Word::of(target, acceptable), word, "{target:?} {acceptable:?}");
        }
    }

    #[test]
    fn words_are_ordered_from_best_to_worst() {
        let mut words = [Word::Invalid, Word::Fail, Word::Warn, Word::Pass, Word::Inconclusive];
        words.sort();
        let names: Vec<&str> = words.into_iter().map(Word::name).collect();
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
