//! Puts the declared data in and counts what is there afterwards.

use std::time::Instant;

use tokio::time::timeout;
use tokio_postgres::{Client, NoTls};

use super::engine::Engine;
use crate::stack::file::{SeedSettings, VerifySettings};
use crate::stack::{DatabaseEndpoint, Endpoints, StackError, StackFile, StackRecord, Talk};

/// Runs every seed in order; counts and seconds go into the record.
pub(super) async fn all(
    file: &StackFile,
    engine: &Engine,
    endpoints: &Endpoints,
    record: &mut StackRecord,
    talk: &Talk,
) -> Result<(), StackError> {
    for seed in &file.seed {
        let start = Instant::now();
        // Nobody has to listen.
        let _ = talk.send(format!("seeding {}", seed.name));
        let service = super::bring_up::find(&endpoints.containers, &seed.exec.service);
        let service = service.ok_or_else(|| StackError::Contradiction {
            stack: file.name.clone(),
            problem: format!("seed `{}`: there is no service `{}`", seed.name, seed.exec.service),
        })?;
        let executed = timeout(file.deadline.get(), engine.execute(&service.id, &seed.exec.command)).await;
        let executed = executed.map_err(|_| StackError::DeadlinePassed {
            what: format!("seed `{}`", seed.name),
            deadline: file.deadline,
            last: "its command has not ended".to_owned(),
        })??;
        if executed.exit_code != 0 {
            return Err(StackError::SeedingFailed {
                seed: seed.name.clone(),
                exit_code: executed.exit_code,
                output: executed.output,
            });
        }
        if let Some(database) = endpoints.database.as_ref().filter(|_| !seed.verify.is_empty()) {
            verify(seed, database, record).await?;
        }
        record
            .timings
            .push((format!("seed {}", seed.name), start.elapsed().as_secs_f64()));
    }
    Ok(())
}

async fn verify(seed: &SeedSettings, database: &DatabaseEndpoint, record: &mut StackRecord) -> Result<(), StackError> {
    let failure = |doing: &str| {
        let doing = doing.to_owned();
        move |source| StackError::Database { doing, source }
    };
    let (client, connection) = tokio_postgres::connect(&database.dsn, NoTls)
        .await
        .map_err(failure("count"))?;
    let connection = tokio::spawn(connection);
    for expected in &seed.verify {
        let count = count(&client, expected)
            .await
            .map_err(failure(&format!("count {}", expected.what)))?;
        if count < expected.at_least {
            return Err(StackError::VerificationFailed {
                seed: seed.name.clone(),
                what: expected.what.clone(),
                count,
                at_least: expected.at_least,
            });
        }
        // A later seed adds to what an earlier one left: the last count stands.
        record.seeded.retain(|(what, _)| *what != expected.what);
        record.seeded.push((expected.what.clone(), count));
    }
    connection.abort();
    Ok(())
}

async fn count(client: &Client, expected: &VerifySettings) -> Result<u64, tokio_postgres::Error> {
    let row = client.query_one(&expected.sql, &[]).await?;
    let count: i64 = row.try_get(0)?;
    Ok(u64::try_from(count).unwrap_or(0))
}
