//! Pure statistics: no clock, no input, no output. Each function documents its formula and its source.

mod binomial;
mod bootstrap;
mod change_points;
mod draw;
mod effective;
mod holm;
mod mean;
mod median;
mod paired;
mod proportion;
mod quantile;
mod ranks;
mod recovered;
mod seed;
mod sequential;
mod trend;

pub use bootstrap::{HistogramSample, RESAMPLES, Shift, quantile_shift};
pub use change_points::{ChangePoint, change_points};
pub use draw::normal;
pub use effective::{BATCHES, EffectiveSampleSize, effective_size};
pub use holm::holm;
pub use mean::Mean;
pub use median::median;
pub use paired::{paired_shift, signs_positive};
pub use proportion::{Proportion, ShareDecision, decide, needed_samples};
pub use quantile::{QuantileRanks, value_at_rank, weighted_value};
pub use ranks::{RankTest, cliffs_delta, dominance, mann_whitney, median_shift};
pub use recovered::{BoundedEstimate, recovered_shift, score_interval};
pub use seed::{fnv_1a, spread};
pub use sequential::{Evalues, e_values};
pub use trend::{Trend, trend};

/// The risk taken at each one-sided decision: 1 − confidence.
pub const ALPHA: f64 = 0.05;
