//! Server settings for the duration of a run: set by `ALTER SYSTEM`, verified, and restored.

use std::time::Duration;

use tokio_postgres::Client;

use super::log_line::LineParser;
use crate::evidence::ProbeKind;
use crate::probe::ProbeError;

const NAME: ProbeKind = ProbeKind::Postgres;
/// Time-out of a change. A signal reaches a backend between two commands, usually at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// A setting and its value, as `pg_settings` shows it.
type Setting = (&'static str, String);

/// Settings that were changed, with the earlier values of `ALTER SYSTEM`.
#[derive(Debug)]
pub(super) struct ServerSettings {
    before: Vec<(&'static str, Option<String>)>,
}

/// Settings that make the log exact at and above `floor_millis` and a sample of `rate` below.
fn exact_log_settings(marker: &str, floor_millis: u64, rate: f64) -> Vec<Setting> {
    let fixed = |(name, value): (&'static str, &str)| (name, value.to_owned());
    let mut settings: Vec<Setting> = [
        ("log_destination", "stderr"),
        // Other locales translate `duration:` and `LOG:`.
        ("lc_messages", "C"),
        // A stricter level, such as `fatal`, would hide durations and marks, which are of level LOG.
        ("log_min_messages", "warning"),
        ("log_min_duration_sample", "0"),
        // A statement logged for another reason would have a duration line without its text.
        ("log_statement", "none"),
        ("log_duration", "off"),
        ("log_transaction_sample_rate", "0"),
        // Parameters may be secrets, and the probe does not need them.
        ("log_parameter_max_length", "0"),
        // `auto` would do, as pg_stat_statements requests the ids; an explicit `off` would leave the log without query ids.
        ("compute_query_id", "on"),
        ("pg_stat_statements.track", "top"),
        ("pg_stat_statements.track_utility", "off"),
    ]
    .map(fixed)
    .to_vec();
    settings.push(("log_min_duration_statement", floor_millis.to_string()));
    settings.push(("log_statement_sample_rate", rate.to_string()));
    settings.push(("log_line_prefix", LineParser::prefix(marker)));
    settings
}

impl ServerSettings {
    /// Applies the settings that the probe needs, and waits until they are in effect.
    pub(super) async fn apply(client: &Client, marker: &str, floor_millis: u64, rate: f64) -> Result<Self, ProbeError> {
        let failed = |error| ProbeError::failed(NAME, "change the server's settings", error);
        let wanted = exact_log_settings(marker, floor_millis, rate);
        let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
        let rows = client
            .query(
                "SELECT name, setting FROM pg_file_settings \
                 WHERE sourcefile LIKE '%/postgresql.auto.conf' AND name = ANY($1)",
                &[&names],
            )
            .await
            .map_err(failed)?;
        // What `ALTER SYSTEM` set before is restored later; a value of the main file comes back by a plain reset.
        let set_before: Vec<(String, Option<String>)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let earlier = |name: &str| {
            set_before
                .iter()
                .rfind(|(set, _)| set == name)
                .and_then(|(_, value)| value.clone())
        };
        let settings = Self {
            before: names.iter().map(|name| (*name, earlier(name))).collect(),
        };
        for (name, value) in &wanted {
            client.batch_execute(&set(name, value)).await.map_err(failed)?;
        }
        client.batch_execute("SELECT pg_reload_conf()").await.map_err(failed)?;
        verify(client, &wanted).await?;
        Ok(settings)
    }

    /// Restores the earlier values.
    pub(super) async fn restore(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        for (name, before) in &self.before {
            let statement = match before {
                Some(value) => set(name, value),
                None => format!("ALTER SYSTEM RESET {name}"),
            };
            client.batch_execute(&statement).await?;
        }
        client.batch_execute("SELECT pg_reload_conf()").await
    }
}

fn set(name: &str, value: &str) -> String {
    format!("ALTER SYSTEM SET {name} = '{}'", value.replace('\'', "''"))
}

async fn verify(client: &Client, wanted: &[Setting]) -> Result<(), ProbeError> {
    // A reload is asynchronous, and a value given on the command line or to the role would win over it unseen.
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    loop {
        let rows = client
            .query(
                "SELECT name, setting, source FROM pg_settings WHERE name = ANY($1)",
                &[&names],
            )
            .await;
        let rows = rows.map_err(|error| ProbeError::failed(NAME, "read the server's settings", error))?;
        let differs = wanted.iter().find_map(|(name, value)| {
            let row = rows.iter().find(|row| row.get::<_, &str>(0) == *name);
            let setting: &str = row.map_or("", |row| row.get(1));
            let source: &str = row.map_or("", |row| row.get(2));
            (!is_same_value(setting, value)).then(|| format!("{name} stays `{setting}` (set by: {source})"))
        });
        let Some(differs) = differs else {
            return Ok(());
        };
        if tokio::time::Instant::now() > deadline {
            return Err(ProbeError::Unavailable {
                probe: NAME,
                reason: format!("a setting does not take effect: {differs}"),
                hint: "remove it from the server's command line and from ALTER ROLE or ALTER DATABASE".to_owned(),
            });
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn is_same_value(setting: &str, value: &str) -> bool {
    match (setting.parse::<f64>(), value.parse::<f64>()) {
        (Ok(setting), Ok(value)) => (setting - value).abs() < 1e-9,
        _ => setting == value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted() {
        assert_eq!(
            set("log_line_prefix", "it's "),
            "ALTER SYSTEM SET log_line_prefix = 'it''s '"
        );
    }

    #[test]
    fn numbers_are_the_same_however_written() {
        assert!(is_same_value("0.05", "0.050") && is_same_value("50", "50") && is_same_value("off", "off"));
        assert!(!is_same_value("1", "0") && !is_same_value("on", "off") && !is_same_value("", "0"));
    }

    #[test]
    fn the_lowest_limit_and_the_rate_are_set() {
        let settings = exact_log_settings("diapason-1", 50, 0.05);
        let value = |wanted: &str| {
            settings
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(value("log_min_duration_statement"), Some("50"));
        assert_eq!(value("log_statement_sample_rate"), Some("0.05"));
        assert_eq!(value("log_line_prefix"), Some("diapason-1 %n %p %Q "));
    }
}
