//! Evaluates a condition of a stack file: a statement, a command or a request.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::start::StartContext;
use super::{containers, database};
use crate::error::one_line;
use crate::stack::wait_lines::WaitLines;
use crate::stack::{Awaited, Condition, ContainerEndpoint, StackError};
use crate::units::Span;
use crate::wire::{Door, postgres};

const PAUSE: Duration = Duration::from_millis(250);
/// Time-out of one evaluation.
const PATIENCE: Duration = Duration::from_secs(10);

/// The parts of a stack that a condition can be evaluated against while it is brought up.
#[derive(Debug, Clone, Copy)]
pub(super) struct ConditionContext<'a> {
    pub(super) starting: &'a StartContext<'a>,
    pub(super) containers: &'a [ContainerEndpoint],
    /// The front door; `None` until every service is ready.
    pub(super) door: Option<&'a Door>,
}

impl ConditionContext<'_> {
    /// The reason it does not hold, in words; `None` if it holds. A condition that cannot be evaluated yet does not hold.
    pub(super) async fn problem(&self, condition: &Condition) -> Result<Option<String>, StackError> {
        let asked = timeout(PATIENCE, self.ask(condition)).await;
        asked.unwrap_or_else(|_| Ok(Some(format!("no answer within {} s", PATIENCE.as_secs()))))
    }

    async fn ask(&self, condition: &Condition) -> Result<Option<String>, StackError> {
        if let Some(statement) = &condition.sql {
            return Ok(self.ask_database(statement).await);
        }
        if let Some(exec) = &condition.exec {
            let container = self.container(&exec.service)?;
            let executed = self
                .starting
                .engine
                .execute_with(&container.id, &exec.command, &exec.environment);
            return Ok(match executed.await {
                Ok(executed) if executed.exit_code == 0 => None,
                Ok(executed) => Some(format!("exit code {}\n{}", executed.exit_code, executed.output)),
                Err(error) => Some(error.to_string()),
            });
        }
        match (&condition.http, self.door) {
            (Some(request), Some(door)) => request.problem(door).await,
            _ => Ok(Some("there is nothing to ask yet".to_owned())),
        }
    }

    async fn ask_database(&self, statement: &str) -> Option<String> {
        let client = match self.log_in().await {
            Ok(client) => client,
            Err(error) => return Some(one_line(&error)),
        };
        match client.simple_query(statement).await {
            Ok(messages) => {
                let first = messages.iter().find_map(|message| match message {
                    SimpleQueryMessage::Row(row) => row.try_get(0).ok().flatten(),
                    _ => None,
                });
                (!is_true(first)).then(|| format!("the database says {}", first.unwrap_or("nothing")))
            }
            Err(error) => Some(one_line(&error)),
        }
    }

    /// A connection to the stack's database. The log-in is tried again until the deadline of the database's service, because
    /// a health check may pass before connections over the network do: the official image starts a server that listens
    /// on a socket only while it initialises. A log-in that the server turns away is tried again for `patience`.
    pub(super) async fn client(&self, patience: Duration) -> Result<Client, StackError> {
        let file = self.starting.file;
        let service = file
            .database
            .as_ref()
            .map(|database| database.service.as_str())
            .unwrap_or_default();
        let settings = file.service.get(service);
        let deadline = settings.and_then(|settings| settings.deadline).unwrap_or(file.deadline);
        let start = Instant::now();
        let mut lines = WaitLines::new(format!("the log-in to {service}"));
        loop {
            let last = match timeout(PATIENCE, self.log_in()).await {
                Ok(Err(StackError::Database { source, doing })) => {
                    if source.is_refusal() && start.elapsed() >= patience {
                        return Err(StackError::Database { doing, source });
                    }
                    one_line(&source)
                }
                // The watch over all services knows if it may be started again.
                Ok(Err(StackError::ServiceDied { how, .. })) => format!("it has ended ({how})"),
                Ok(outcome) => return outcome,
                Err(_) => format!("no answer within {} s", PATIENCE.as_secs()),
            };
            let elapsed = start.elapsed();
            if elapsed >= deadline.get() {
                return Err(StackError::DeadlinePassed {
                    what: Awaited::LogIn(service.to_owned()),
                    deadline,
                    last,
                });
            }
            if let Some(line) = lines.line(&last, elapsed) {
                self.starting.talk.say(line);
            }
            sleep(PAUSE).await;
        }
    }

    /// A connection to the stack's database, tried once.
    async fn log_in(&self) -> Result<Client, StackError> {
        let endpoint = database::endpoint(self.starting, self.containers).await?;
        let endpoint = endpoint.ok_or_else(|| StackError::Contradiction {
            stack: self.starting.file.name.clone(),
            problem: "there is no [database]".to_owned(),
        })?;
        let connected = postgres::open(&endpoint.dsn, &self.starting.file.front_door.tls).await;
        connected.map_err(|source| StackError::Database {
            doing: "log in".to_owned(),
            source,
        })
    }

    /// The first container of that service.
    pub(super) fn container(&self, service: &str) -> Result<&ContainerEndpoint, StackError> {
        containers::find(self.containers, service).ok_or_else(|| StackError::Contradiction {
            stack: self.starting.file.name.clone(),
            problem: format!("service `{service}` does not run at that moment"),
        })
    }

    /// Evaluates the condition until it holds or the deadline has passed.
    pub(super) async fn wait(&self, what: &Awaited, condition: &Condition, deadline: Span) -> Result<(), StackError> {
        let start = Instant::now();
        let mut lines = WaitLines::new(what.to_string());
        while let Some(last) = self.problem(condition).await? {
            let elapsed = start.elapsed();
            if elapsed >= deadline.get() {
                return Err(StackError::DeadlinePassed {
                    what: what.clone(),
                    deadline,
                    last,
                });
            }
            if let Some(line) = lines.line(&last, elapsed) {
                self.starting.talk.say(line);
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }
}

/// True for true and for a number of at least 1, as `PostgreSQL` writes them.
fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| value == "t" || value.parse::<f64>().is_ok_and(|number| number >= 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_as_the_database_writes_it() {
        for value in ["t", "1", "81", "2.5"] {
            assert!(is_true(Some(value)), "{value}");
        }
        for value in [
            None,
            Some("f"),
            Some("0"),
            Some(""),
            Some("NaN"),
            Some("-1"),
            Some("true?"),
        ] {
            assert!(!is_true(value), "{value:?}");
        }
    }
}
