//! Observes PostgreSQL under the load, from its own statistics and log.
//!
//! In the isolated stack the number of executions comes from `pg_stat_statements`. The number over each limit comes
//! from the server's own log (`log_min_duration_statement` at the lowest limit, exact). The distribution below that
//! limit comes from a sampled log (`log_statement_sample_rate`). So a quantile objective is decided on exact counts at
//! almost no cost. An attached server is left as it is: figures that its role may not read are named
//! ([`HiddenData`](crate::evidence::postgres::HiddenData)).

mod access;
mod activity;
mod counters;
mod distribution;
mod error;
mod hints;
mod lock_waits;
mod log;
mod log_line;
mod masked;

mod plan;
mod plans;
mod probe;
mod server_settings;
mod snapshot;
mod tables;
mod tally;
mod watching;

pub(super) use probe::PostgresProbe;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Ratio;

/// Sampled executions wanted in the judged window: twenty-five of a statement that is one in twenty, which is enough
/// for its p95. Each costs the server, and the engine that keeps its log, one entry of its own and one of its bind
/// step, with every line of the statement's text.
const WANTED_EXECUTIONS: f64 = 500.0;
/// Assumed statements per request, if the plan gives only requests.
const STATEMENTS_PER_REQUEST: f64 = 5.0;
/// Sampled share if the number of requests is unknown, as in the closed model.
const UNPLANNED_RATE: f64 = 0.02;

/// Settings of the probe.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PostgresSettings {
    /// Share of the statements below the lowest limit that are logged for the distribution. Default: chosen from the
    /// requests that the plan makes, so that the log holds about 500 of them.
    #[serde(default, alias = "sample_rate", skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<Ratio>,
}

impl PostgresSettings {
    /// The share of statements to log, for the requests expected in the judged window; `None` if their number is unknown.
    pub fn rate(&self, expected_requests: Option<f64>) -> f64 {
        match (self.sample_rate, expected_requests) {
            (Some(rate), _) => rate.get(),
            (None, Some(requests)) => {
                let rate = WANTED_EXECUTIONS / (requests * STATEMENTS_PER_REQUEST).max(1.0);
                // More digits would be rounded by the server, and the setting would then differ from the wanted value.
                (rate.min(1.0) * 1e5).ceil() / 1e5
            }
            (None, None) => UNPLANNED_RATE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_stays_small_however_much_is_planned() {
        let rate = |requests| PostgresSettings::default().rate(requests);
        assert!((rate(Some(100.0)) - 1.0).abs() < 1e-9, "500 statements: all of them");
        // 500 of 20,000 statements.
        assert!((rate(Some(4_000.0)) - 0.025).abs() < 1e-9);
        assert!((rate(Some(1.2e9)) - 0.000_01).abs() < 1e-9);
        assert!((rate(None) - UNPLANNED_RATE).abs() < 1e-9);
    }

    #[test]
    fn the_share_may_be_said() {
        let said: PostgresSettings = toml::from_str("sample-rate = '20 %'").unwrap();
        assert!((said.rate(Some(1e9)) - 0.2).abs() < 1e-9);
        assert_eq!(
            toml::from_str::<PostgresSettings>("sample_rate = '20 %'").unwrap(),
            said
        );
    }
}
