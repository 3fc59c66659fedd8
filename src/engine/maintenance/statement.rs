//! A statement in the stack's database.

use tokio_postgres::Client;

use super::targets::Targets;
use crate::wire::postgres;

/// Executes the statement; where it is to be undone, in a transaction that stays open, whose connection is returned.
pub(super) async fn execute(targets: &Targets, sql: &str, held: bool) -> Result<Option<Client>, String> {
    let (dsn, tls) = targets
        .database
        .as_ref()
        .ok_or("the stack file names no `[database]`")?;
    let client = postgres::open(dsn, tls)
        .await
        .map_err(|error| crate::error::one_line(&error))?;
    let text = if held { format!("BEGIN; {sql}") } else { sql.to_owned() };
    tokio::select! {
        done = client.batch_execute(&text) => done.map_err(|error| postgres::message(&error))?,
        () = targets.stop.cancelled() => return Err("the run ended before it".to_owned()),
    }
    Ok(held.then_some(client))
}

/// Ends the transaction without its effect. A connection that is lost has ended it too.
pub(super) async fn roll_back(client: &Client) -> Result<(), String> {
    match client.batch_execute("ROLLBACK").await {
        Err(error) if !client.is_closed() => Err(postgres::message(&error)),
        _ => Ok(()),
    }
}
