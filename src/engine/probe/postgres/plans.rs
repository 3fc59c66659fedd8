//! Asks the server for the plan of a statement. The statement is not executed.

use serde_json::Value;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use super::masked::is_several;
use crate::wire::postgres::message;

/// First version whose EXPLAIN accepts parameters without values.
const GENERIC: i32 = 160_000;
/// Longest plan that is kept, in characters.
const LONGEST_PLAN: usize = 4_000;
/// Name of the prepared statement with which older versions plan for unknown parameters.
const NAME: &str = "diapason_plan";

/// A plan for unknown parameters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// Output of `EXPLAIN`.
    pub(super) text: String,
    /// Output of `EXPLAIN (VERBOSE, FORMAT JSON)`.
    pub(super) explained: Value,
}

/// Plans the statement, given as the text of `pg_stat_statements`; the error is the reason in words.
pub(super) async fn explain(client: &Client, number: i32, statement: &str) -> Result<Plan, String> {
    // The text is sent as a simple query: a second statement in it would be executed, not explained.
    if is_several(statement) {
        return Err("its text holds more than one statement".to_owned());
    }
    let explained = explain_as(client, number, "VERBOSE, FORMAT JSON", statement).await;
    let explained = explained.map_err(|error| message(&error))?;
    let explained = serde_json::from_str(&explained).map_err(|error| error.to_string())?;
    let text = explain_as(client, number, "FORMAT TEXT", statement).await;
    let text = text.map_err(|error| message(&error))?;
    Ok(Plan {
        text: text.chars().take(LONGEST_PLAN).collect(),
        explained,
    })
}

async fn explain_as(client: &Client, number: i32, options: &str, statement: &str) -> Result<String, Error> {
    let has_parameters = statement.contains('$');
    if !has_parameters {
        return answer(client, &format!("EXPLAIN ({options}) {statement}")).await;
    }
    if number >= GENERIC {
        return answer(client, &format!("EXPLAIN (GENERIC_PLAN, {options}) {statement}")).await;
    }
    // A forced generic plan does not depend on the given values.
    client
        .batch_execute(&format!(
            "SET plan_cache_mode = force_generic_plan; PREPARE {NAME} AS {statement}"
        ))
        .await?;
    let explained = explain_prepared(client, options).await;
    // Also where EXPLAIN failed: the next plan takes the same name.
    client.batch_execute(&format!("DEALLOCATE {NAME}")).await?;
    explained
}

async fn explain_prepared(client: &Client, options: &str) -> Result<String, Error> {
    let count = format!("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = '{NAME}'");
    let count: i32 = client.query_one(&count, &[]).await?.try_get(0)?;
    // Types are not known, and NULL fits all of them.
    let values = vec!["NULL"; usize::try_from(count).unwrap_or(0)].join(", ");
    answer(client, &format!("EXPLAIN ({options}) EXECUTE {NAME}({values})")).await
}

/// The lines of the answer. Uses the simple protocol: the extended one would take a statement's parameters for the query's own.
async fn answer(client: &Client, query: &str) -> Result<String, Error> {
    let rows = client.simple_query(query).await?;
    let lines = rows.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
