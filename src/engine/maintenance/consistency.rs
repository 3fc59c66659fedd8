//! Comparison of the writes that users were told of with the rows in the database.

use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio_postgres::SimpleQueryMessage;

use crate::error::one_line;
use crate::evidence::ConsistencyObservation;
use crate::stack::Endpoints;
use crate::wire::postgres;

/// Absent rows that are shown.
const EXAMPLES: usize = 5;

/// A comparison of acknowledged writes with rows of the stack's database, after the load and before the stack is taken down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsistencySettings {
    /// Its name, unique.
    pub name: String,
    /// The step whose successes are acknowledged writes, `tasks.create`. The step has `writes`, and no `cleanup`.
    pub of: String,
    /// Statement whose first column holds the identities of all rows: `select id from tasks`.
    pub sql: String,
}

/// Looks for the writes in the database: each is (second of the run in which it was acknowledged, identity).
pub async fn compare(
    settings: &ConsistencySettings,
    writes: impl Iterator<Item = (u64, &str)>,
    endpoints: &Endpoints,
) -> ConsistencyObservation {
    match identities(&settings.sql, endpoints).await {
        Ok(present) => held_against(settings, writes, &present),
        Err(failure) => ConsistencyObservation {
            name: settings.name.clone(),
            series: settings.of.clone(),
            failure: Some(failure),
            ..ConsistencyObservation::default()
        },
    }
}

/// The comparison of writes, as (second, identity), with the identities that are present.
fn held_against<'a>(
    settings: &ConsistencySettings,
    writes: impl Iterator<Item = (u64, &'a str)>,
    present: &HashSet<String>,
) -> ConsistencyObservation {
    let mut seconds: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    let mut examples = Vec::new();
    for (second, identity) in writes {
        let is_lost = !present.contains(identity);
        let counts = seconds.entry(u32::try_from(second).unwrap_or(u32::MAX)).or_default();
        counts.0 += 1;
        counts.1 += u64::from(is_lost);
        if is_lost && examples.len() < EXAMPLES {
            examples.push(identity.to_owned());
        }
    }
    ConsistencyObservation {
        name: settings.name.clone(),
        series: settings.of.clone(),
        seconds: seconds
            .into_iter()
            .map(|(second, (written, lost))| (second, written, lost))
            .collect(),
        examples,
        failure: None,
    }
}

/// Texts of the first column.
async fn identities(sql: &str, endpoints: &Endpoints) -> Result<HashSet<String>, String> {
    let database = endpoints
        .database
        .as_ref()
        .ok_or("the stack file names no `[database]`")?;
    let client = postgres::open(&database.dsn, &endpoints.transport.tls).await;
    let client = client.map_err(|error| one_line(&error))?;
    // A statement that writes is no comparison.
    let read_only = client.batch_execute("SET default_transaction_read_only = on").await;
    read_only.map_err(|error| postgres::message(&error))?;
    let rows = client
        .simple_query(sql)
        .await
        .map_err(|error| postgres::message(&error))?;
    let rows = rows.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    Ok(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_counted_in_the_second_of_its_acknowledgement() {
        let present: HashSet<String> = ["1", "2", "5"].into_iter().map(str::to_owned).collect();
        let writes = [(3, "1"), (3, "2"), (4, "3"), (9, "4"), (9, "5")];
        let settings = ConsistencySettings {
            name: "tasks".to_owned(),
            of: "tasks.create".to_owned(),
            sql: String::new(),
        };
        let found = held_against(&settings, writes.into_iter(), &present);
        assert_eq!(found.seconds, [(3, 2, 0), (4, 1, 1), (9, 2, 1)]);
        assert_eq!((found.written(), found.lost()), (5, 2));
        assert_eq!(found.examples, ["3", "4"]);
    }
}
