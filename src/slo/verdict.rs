//! Numbers with their certainty, and the five words.

use serde::{Deserialize, Serialize};

/// What a measurement's value is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Milliseconds.
    Milliseconds,
    /// A share from 0 to 1, shown as a percentage.
    Share,
}

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
}

/// What a binomial test of a [`Count`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// The share over the limit is below what is allowed, with confidence.
    Met,
    /// It is above, with confidence.
    Missed,
    /// The samples cannot tell.
    Undecided,
}

/// A number read from the evidence, with its interval; no bare number travels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// The point estimate; `None` where the quantile falls among failed requests (longer than anything).
    pub point: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval; `None` where it falls among failures or beyond the data.
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

/// Which column gates: with `Acceptable`, WARN passes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Accept {
    /// The target must be met.
    #[default]
    Target,
    /// The acceptable limit suffices.
    Acceptable,
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
    /// The worst 10-second window as (start second, value), where the indicator has windows.
    pub worst_window: Option<(u32, f64)>,
}
