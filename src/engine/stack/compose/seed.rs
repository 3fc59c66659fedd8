//! Runs the declared seeds and verifies the counts afterwards.

use std::fs;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tokio_postgres::Client;

use super::condition::ConditionContext;
use super::database::resolved;
use crate::error::one_line;
use crate::evidence::StackRecord;
use crate::stack::{Awaited, ReadyRequest, SeedSettings, SqlSettings, StackError, VerifySettings};
use crate::units::Span;

const PAUSE: Duration = Duration::from_millis(250);
/// Time for a log-in that the server turns away, and for an application behind a front door that answers.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most times that a seed is run which meets concurrent changes.
// With a pause that grows by a quarter of a second each time, seven seconds in all.
const ATTEMPTS: u32 = 8;
/// Answers of a proxy whose application does not answer yet.
const GATEWAY: [u16; 3] = [502, 503, 504];
/// Words in the output of a command that met a concurrent change in `PostgreSQL`.
const CONFLICTS: [&str; 4] = [
    "concurrently updated",
    "concurrently deleted",
    "could not serialize access",
    "deadlock detected",
];

/// Result of a seed.
#[derive(Debug)]
pub(super) struct SeedResult {
    name: String,
    seconds: f64,
    counts: Vec<(String, u64)>,
}

impl SeedResult {
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
    site: ConditionContext<'_>,
    seeds: impl Iterator<Item = &'a SeedSettings>,
) -> Result<Vec<SeedResult>, StackError> {
    let mut seeded = Vec::new();
    for seed in seeds {
        let start = Instant::now();
        let deadline = seed.deadline.unwrap_or(site.starting.file.deadline);
        if let Some(condition) = &seed.once {
            let what = Awaited::SeedCondition(seed.name.clone());
            site.wait(&what, condition, deadline).await?;
        }
        let planting = SeedRun {
            site,
            seed,
            deadline,
            last: Mutex::new("it has not ended".to_owned()),
        };
        let counts = timeout(deadline.get(), planting.one()).await;
        seeded.push(SeedResult {
            name: seed.name.clone(),
            seconds: start.elapsed().as_secs_f64(),
            counts: counts.map_err(|_| StackError::DeadlinePassed {
                what: Awaited::Seed(seed.name.clone()),
                deadline,
                last: planting.last.into_inner().unwrap_or_else(PoisonError::into_inner),
            })??,
        });
    }
    Ok(seeded)
}

/// A seed that is run.
struct SeedRun<'a> {
    site: ConditionContext<'a>,
    seed: &'a SeedSettings,
    deadline: Span,
    /// The last state seen, in words, for an error if the deadline passes.
    last: Mutex<String>,
}

impl SeedRun<'_> {
    async fn one(&self) -> Result<Vec<(String, u64)>, StackError> {
        let Self { site, seed, .. } = self;
        let done = match &seed.done {
            Some(condition) => {
                // A database that does not let anybody in yet would count as one without the seed.
                if condition.sql.is_some() {
                    Self::reached(site.client(Duration::ZERO).await)?;
                }
                site.problem(condition).await?.is_none()
            }
            None => false,
        };
        let doing = if done { "is done already" } else { "runs" };
        site.starting.talk.say(format!("seed {} {doing}", seed.name));
        let output = if done { None } else { self.act_again().await? };
        self.verify(output).await
    }

    /// A log-in that the server turns away is no error yet: the seed may be what makes it possible.
    fn reached(client: Result<Client, StackError>) -> Result<(), StackError> {
        match client {
            Err(StackError::Database { source, .. }) if source.is_refusal() => Ok(()),
            client => client.map(|_| ()),
        }
    }

    /// Runs it; again if others changed the same thing of the database at the same time.
    async fn act_again(&self) -> Result<Option<String>, StackError> {
        for attempt in 1..ATTEMPTS {
            match self.act().await {
                Err(error) if is_conflict(&error) => {
                    let problem = one_line(&error);
                    let line = format!(
                        "seed {} met a concurrent change, and is run again: {problem}",
                        self.seed.name
                    );
                    self.site.starting.talk.say(line);
                    self.note_state(problem);
                    // Growing pauses, so that two parties that collide get out of step.
                    sleep(PAUSE * attempt).await;
                }
                outcome => return outcome,
            }
        }
        self.act().await
    }

    /// Runs it; returns the output of its command.
    async fn act(&self) -> Result<Option<String>, StackError> {
        let Self {
            site, seed, deadline, ..
        } = self;
        if let Some(exec) = &seed.exec {
            let container = site.container(&exec.service)?;
            let engine = site.starting.engine;
            let executed = engine
                .execute_with(&container.id, &exec.command, &exec.environment)
                .await?;
            if executed.exit_code != 0 {
                return Err(StackError::SeedingFailed {
                    seed: seed.name.clone(),
                    how: format!("exit code {}", executed.exit_code),
                    output: executed.output,
                });
            }
            return Ok(Some(executed.output));
        }
        if let Some(run) = &seed.run {
            let ended = site
                .starting
                .run_once(&seed.name, run, site.containers, *deadline)
                .await;
            return match ended {
                Err(StackError::ServiceDied { how, log, .. }) => Err(StackError::SeedingFailed {
                    seed: seed.name.clone(),
                    how,
                    output: log,
                }),
                ended => ended.map(Some),
            };
        }
        if let Some(sql) = &seed.sql {
            let text = statements(*site, seed, sql)?;
            let executed = site.client(PATIENCE).await?.batch_execute(&text).await;
            executed.map_err(failure(&format!("run seed `{}`", seed.name)))?;
        }
        if !seed.http.is_empty() {
            self.wake().await;
        }
        for request in &seed.http {
            self.ask(request).await?;
        }
        Ok(None)
    }

    /// Waits until the front door answers by itself, and for a while until the application behind it does.
    async fn wake(&self) {
        let Some(door) = self.site.door else { return };
        let mut answered = None;
        loop {
            match ReadyRequest::default().status(door).await {
                Ok(status) if !GATEWAY.contains(&status) => return,
                Ok(status) => {
                    self.note_state(format!("the front door answers {status}"));
                    if answered.get_or_insert_with(Instant::now).elapsed() >= PATIENCE {
                        return;
                    }
                }
                Err(problem) => self.note_state(format!("front door: {problem}")),
            }
            sleep(PAUSE).await;
        }
    }

    /// Sends that request once.
    async fn ask(&self, request: &ReadyRequest) -> Result<(), StackError> {
        let Some(door) = self.site.door else { return Ok(()) };
        match request.problem(door).await? {
            Some(problem) => Err(StackError::SeedRefused {
                seed: self.seed.name.clone(),
                request: format!("{} {}", request.method, request.path),
                problem,
            }),
            None => Ok(()),
        }
    }

    /// Counts what it was to leave behind.
    async fn verify(&self, output: Option<String>) -> Result<Vec<(String, u64)>, StackError> {
        let mut counts = Vec::new();
        if self.seed.verify.is_empty() {
            return Ok(counts);
        }
        let client = self.site.client(PATIENCE).await?;
        for expected in &self.seed.verify {
            let count = count(&client, expected).await;
            let count = count.map_err(failure(&format!("count {}", expected.what)))?;
            if count < expected.at_least {
                return Err(StackError::VerificationFailed {
                    seed: self.seed.name.clone(),
                    what: expected.what.clone(),
                    count,
                    at_least: expected.at_least,
                    output,
                });
            }
            counts.push((expected.what.clone(), count));
        }
        Ok(counts)
    }

    /// Remembers the last state seen.
    fn note_state(&self, state: String) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

/// True if it failed because the database was changed by others at the same time, as a service does that migrates.
fn is_conflict(error: &StackError) -> bool {
    match error {
        StackError::Database { source, .. } => source.is_conflict(),
        StackError::SeedingFailed { output, .. } => CONFLICTS.iter().any(|words| output.contains(words)),
        _ => false,
    }
}

fn statements(site: ConditionContext<'_>, seed: &SeedSettings, sql: &SqlSettings) -> Result<String, StackError> {
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
