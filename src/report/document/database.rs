//! Figures of the database.

use serde::{Deserialize, Serialize};

use super::super::percentile;
use super::requests::millis;
use crate::evidence::postgres::{PostgresObservation, StatementObservation};
use crate::evidence::usage::thinned;

/// Statement times of the judged window, as the server reports them, with their percentiles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Executions per second of the judged window.
    pub per_second: f64,
    /// Quantile and milliseconds, from the weighted sample. They only illustrate: objectives are decided on exact counts.
    pub percentiles: Vec<(String, f64)>,
    /// Observations of the server.
    pub observed: PostgresObservation,
}

impl Database {
    pub(super) fn new(observed: &PostgresObservation, seconds: f64) -> Self {
        let percentiles = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)]
            .into_iter()
            .filter_map(|(name, quantile)| {
                let micros = percentile::of_weighted(&observed.sampled, quantile)?;
                Some((name.to_owned(), millis(micros)))
            })
            .collect();
        Self {
            per_second: if seconds > 0.0 {
                observed.executions as f64 / seconds
            } else {
                0.0
            },
            percentiles,
            observed: PostgresObservation {
                // The percentiles summarise the sample, which stays in the evidence.
                sampled: Vec::new(),
                points: thinned(&observed.points, |point| f64::from(point.active)),
                ..observed.clone()
            },
        }
    }

    /// That time as a share of the database's total time.
    pub fn share(&self, total_ms: f64) -> f64 {
        let all = self.observed.total_ms;
        if all > 0.0 { (total_ms / all).min(1.0) } else { 0.0 }
    }

    /// The statement of that `queryid`; `None` if it is not listed.
    pub fn statement(&self, id: &str) -> Option<&StatementObservation> {
        self.observed.statements.iter().find(|statement| statement.id == id)
    }
}
