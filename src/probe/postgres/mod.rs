//! What PostgreSQL did under the load, from PostgreSQL itself.
//!
//! In the isolated stack the number of executions comes from `pg_stat_statements`; the number over each limit from the
//! server's own log (`log_min_duration_statement` at the lowest limit, exact); the distribution below it from a sampled log
//! (`log_statement_sample_rate`). So a quantile objective is decided on exact counts at almost no cost. An attached server is
//! left as it is: what its role may read is read, and what it may not is named ([`Unseen`]).

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

use serde::{Deserialize, Serialize};

use crate::units::Ratio;

/// Sampled executions that are wanted in the judged window: twenty-five of a statement that is one in twenty, which is enough for
/// its p95. Each costs the server, and the engine that keeps its log, an entry of its own and one of its bind step, with every line of
/// the statement's text.
const WANTED_EXECUTIONS: f64 = 500.0;
/// Statements that a request is taken to make where the plan tells requests only.
const STATEMENTS_PER_REQUEST: f64 = 5.0;
/// The share where nobody knows how many requests there will be, as in the closed model.
const UNPLANNED_RATE: f64 = 0.02;

/// Settings of the probe.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PostgresSettings {
    /// Share of the statements below the lowest limit that are logged for the distribution. Where not said it is chosen from
    /// the requests that the plan makes, so that the log holds about 500 of them.
    #[serde(default, alias = "sample_rate", skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<Ratio>,
}

impl PostgresSettings {
    /// The share of statements to log, with the requests that the judged window is expected to make; `None` where it is not
    /// known.
    pub fn rate(&self, expected_requests: Option<f64>) -> f64 {
        match (self.sample_rate, expected_requests) {
            (Some(rate), _) => rate.get(),
            (None, Some(requests)) => {
                let rate = WANTED_EXECUTIONS / (requests * STATEMENTS_PER_REQUEST).max(1.0);
                // Digits that nobody needs would be rounded by the server and then differ.
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
        // 20,000 statements, 500 of them.
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
