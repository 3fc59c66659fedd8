//! Runs the declared seeds and verifies the counts afterwards.

use std::fs;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tokio_postgres::Client;

use super::condition::Site;
use super::database::resolved;
use crate::evidence::StackRecord;
use crate::stack::{ReadyRequest, SeedSettings, SqlSettings, StackError, VerifySettings};

const PAUSE: Duration = Duration::from_millis(250);

/// Result of a seed.
#[derive(Debug)]
pub(super) struct Seeded {
    name: String,
    seconds: f64,
    counts: Vec<(String, u64)>,
}

impl Seeded {
    /// Records it. A later seed may add to the rows of an earlier one, so the last count replaces the earlier one.
    pub(super) fn put_on(self, record: &mut StackRecord) {
        for (what, count) in self.counts {
            record.seeded.retain(|(earlier, _)| *earlier != what);
            record.seeded.push((what, count));
        }
        record.timings.push((format!("seed {}", self.name), self.seconds));
    }
}

/// Runs those seeds in order.
pub(super) async fn all<'a>(
    site: Site<'_>,
    seeds: impl Iterator<Item = &'a SeedSettings>,
) -> Result<Vec<Seeded>, StackError> {
    let mut seeded = Vec::new();
    for seed in seeds {
        let start = Instant::now();
        let deadline = seed.deadline.unwrap_or(site.starting.file.deadline);
        if let Some(condition) = &seed.once {
            let what = format!("seed `{}`: `once`", seed.name);
            site.wait(&what, condition, deadline).await?;
        }
        let counts = timeout(deadline.get(), one(site, seed)).await;
        seeded.push(Seeded {
            name: seed.name.clone(),
            seconds: start.elapsed().as_secs_f64(),
            counts: counts.map_err(|_| StackError::DeadlinePassed {
                what: format!("seed `{}`", seed.name),
                deadline,
                last: "it has not ended".to_owned(),
            })??,
        });
    }
    Ok(seeded)
}

async fn one(site: Site<'_>, seed: &SeedSettings) -> Result<Vec<(String, u64)>, StackError> {
    let done = match &seed.done {
        Some(condition) => site.problem(condition).await?.is_none(),
        None => false,
    };
    let doing = if done { "is done already" } else { "runs" };
    site.starting.talk.say(format!("seed {} {doing}", seed.name));
    if !done {
        act(site, seed).await?;
    }
    verify(site, seed).await
}

async fn act(site: Site<'_>, seed: &SeedSettings) -> Result<(), StackError> {
    if let Some(exec) = &seed.exec {
        let container = site.container(&exec.service)?;
        let engine = site.starting.engine;
        let executed = engine
            .execute_with(&container.id, &exec.command, &exec.environment)
            .await?;
        if executed.exit_code != 0 {
            return Err(StackError::SeedingFailed {
                seed: seed.name.clone(),
                exit_code: executed.exit_code,
                output: executed.output,
            });
        }
    }
    if let Some(run) = &seed.run {
        let deadline = seed.deadline.unwrap_or(site.starting.file.deadline);
        site.starting
            .run_once(&seed.name, run, site.containers, deadline)
            .await?;
    }
    if let Some(sql) = &seed.sql {
        let text = statements(site, seed, sql)?;
        let executed = site.client().await?.batch_execute(&text).await;
        executed.map_err(failure(&format!("run seed `{}`", seed.name)))?;
    }
    for request in &seed.http {
        ask(site, seed, request).await?;
    }
    Ok(())
}

fn statements(site: Site<'_>, seed: &SeedSettings, sql: &SqlSettings) -> Result<String, StackError> {
    if let Some(path) = &sql.file {
        let path = site.starting.file.folder.join(path);
        return fs::read_to_string(&path).map_err(|source| StackError::Unreadable { path, source });
    }
    let text = sql.text.as_deref().unwrap_or_default();
    resolved(text, site.starting.variables).map_err(|problem| StackError::Contradiction {
        stack: site.starting.file.name.clone(),
        problem: format!("seed `{}`: {problem}", seed.name),
    })
}

/// Sends that request once the front door answers at all.
async fn ask(site: Site<'_>, seed: &SeedSettings, request: &ReadyRequest) -> Result<(), StackError> {
    let Some(door) = site.door else { return Ok(()) };
    let awake = ReadyRequest::default();
    // Any answer will do: this only waits until the proxy listens.
    while !awake.is_answered(door).await {
        sleep(PAUSE).await;
    }
    match request.problem(door).await? {
        Some(problem) => Err(StackError::SeedRefused {
            seed: seed.name.clone(),
            request: format!("{} {}", request.method, request.path),
            problem,
        }),
        None => Ok(()),
    }
}

async fn verify(site: Site<'_>, seed: &SeedSettings) -> Result<Vec<(String, u64)>, StackError> {
    let mut counts = Vec::new();
    if seed.verify.is_empty() {
        return Ok(counts);
    }
    let client = site.client().await?;
    for expected in &seed.verify {
        let count = count(&client, expected).await;
        let count = count.map_err(failure(&format!("count {}", expected.what)))?;
        if count < expected.at_least {
            return Err(StackError::VerificationFailed {
                seed: seed.name.clone(),
                what: expected.what.clone(),
                count,
                at_least: expected.at_least,
            });
        }
        counts.push((expected.what.clone(), count));
    }
    Ok(counts)
}

fn failure(doing: &str) -> impl Fn(tokio_postgres::Error) -> StackError + use<'_> {
    move |source| StackError::Database {
        doing: doing.to_owned(),
        source: source.into(),
    }
}

async fn count(client: &Client, expected: &VerifySettings) -> Result<u64, tokio_postgres::Error> {
    let row = client.query_one(&expected.sql, &[]).await?;
    let count: i64 = row.try_get(0)?;
    Ok(u64::try_from(count).unwrap_or(0))
}
