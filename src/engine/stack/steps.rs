//! Seeds, conditions and readiness checks of a stack file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ReadyRequest;
use crate::units::Span;

/// Data to put into the stack, by exactly one of `exec`, `run`, `sql` and `http`; run once every service is ready, unless
/// `before` or `during` says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SeedSettings {
    /// Its name.
    pub name: String,
    /// A command in a running service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<ExecSettings>,
    /// A container of its own, made from a service, that runs to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunSettings>,
    /// Statements for the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<SqlSettings>,
    /// Requests through the front door, one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<ReadyRequest>,
    /// Run before that service starts, once the services that it and the seed need are ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Run while that service starts, because it cannot get ready without the seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<String>,
    /// Condition waited for before the seed is run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub once: Option<Condition>,
    /// Condition that holds if the seed was run already; the seed is then skipped and only verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Condition>,
    /// Time limit for the seed, and for the wait for `once`; the stack file's `deadline` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Span>,
    /// Counts that must hold afterwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<VerifySettings>,
}

/// A command in a running service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExecSettings {
    /// The service.
    pub service: String,
    /// The command and its arguments, run without a shell.
    pub command: Vec<String>,
    /// Environment for it, in addition to the container's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
}

/// A container of its own, with the service's image, mounts and networks but none of its names and ports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RunSettings {
    /// The service.
    pub service: String,
    /// Replaces the service's entrypoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// Replaces the service's command.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Environment over the service's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
}

/// Statements, run as the user of `[database]`; plain SQL, without commands of `psql`. Exactly one field is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SqlSettings {
    /// A file with them, relative to the stack file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// The statements themselves; `${NAME}` is taken from the environment given to Compose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A condition; exactly one field is set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Condition {
    /// A statement whose first value is true, or a number of at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// A command that ends with exit code 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec: Option<ExecSettings>,
    /// A request through the front door that is answered as expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<ReadyRequest>,
}

/// A condition, in addition to the answer to `[ready]`, for the stack to count as ready.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Readiness {
    /// Its name.
    pub name: String,
    /// The condition.
    pub check: Condition,
    /// Time limit for it to hold; the stack file's `deadline` if not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Span>,
}

/// The state that a service must reach before its dependents start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceState {
    /// It runs; its health check is not run.
    Running,
    /// Its health check passes; it must have one.
    Healthy,
    /// It has ended with exit code 0.
    #[serde(rename = "exited-0")]
    ExitedWell,
}

/// A count that must hold in the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct VerifySettings {
    /// The thing counted: `tasks`.
    pub what: String,
    /// A statement that returns one whole number.
    pub sql: String,
    /// The least count allowed.
    pub at_least: u64,
}

/// A fault of the settings, in words; `None` if there is none.
type Problem = Option<String>;

impl Condition {
    fn problem(&self) -> Problem {
        let given = [self.sql.is_some(), self.exec.is_some(), self.http.is_some()];
        if given.iter().filter(|given| **given).count() != 1 {
            return Some("needs one of `sql`, `exec` and `http`".to_owned());
        }
        let empty = self.exec.as_ref().is_some_and(|exec| exec.command.is_empty());
        empty.then(|| "has an empty command".to_owned())
    }

    /// The service whose container runs its command; `None` unless it is an `exec`.
    pub(super) fn service(&self) -> Option<&String> {
        self.exec.as_ref().map(|exec| &exec.service)
    }
}

impl Readiness {
    /// The first fault of the settings; `None` if there is none.
    pub(super) fn problem(&self, has_database: bool) -> Problem {
        let name = &self.name;
        let problem = self.check.problem().map(|problem| format!("check {problem}"));
        let missing = || {
            let needs = self.check.sql.is_some() && !has_database;
            needs.then(|| "asks the database, but there is no [database]".to_owned())
        };
        let problem = problem.or_else(missing)?;
        Some(format!("readiness `{name}` {problem}"))
    }
}

impl SeedSettings {
    /// The first fault of the settings; `None` if there is none.
    pub(super) fn problem(&self, has_database: bool) -> Problem {
        let problem = self.contradiction().or_else(|| {
            let asks =
                |condition: &Option<Condition>| condition.as_ref().is_some_and(|condition| condition.sql.is_some());
            if !self.verify.is_empty() && !has_database {
                Some("is verified in the database, but there is no [database]".to_owned())
            } else if (self.sql.is_some() || asks(&self.once) || asks(&self.done)) && !has_database {
                Some("needs the database, but there is no [database]".to_owned())
            } else {
                None
            }
        })?;
        Some(format!("seed `{}` {problem}", self.name))
    }

    fn contradiction(&self) -> Problem {
        let given = [
            self.exec.is_some(),
            self.run.is_some(),
            self.sql.is_some(),
            !self.http.is_empty(),
        ];
        if given.iter().filter(|given| **given).count() != 1 {
            return Some("needs one of `exec`, `run`, `sql` and `http`".to_owned());
        }
        if self.exec.as_ref().is_some_and(|exec| exec.command.is_empty()) {
            return Some("has an empty command".to_owned());
        }
        if self
            .sql
            .as_ref()
            .is_some_and(|sql| sql.file.is_some() == sql.text.is_some())
        {
            return Some("needs one of `sql.file` and `sql.text`".to_owned());
        }
        let conditions = [("once", &self.once), ("done", &self.done)];
        for (key, condition) in conditions {
            if let Some(problem) = condition.as_ref().and_then(Condition::problem) {
                return Some(format!("{key} {problem}"));
            }
        }
        let early = self.before.is_some() || self.during.is_some();
        let asks_door =
            |condition: &Option<Condition>| condition.as_ref().is_some_and(|condition| condition.http.is_some());
        if self.before.is_some() && self.during.is_some() {
            Some("has both `before` and `during`".to_owned())
        } else if early && (!self.http.is_empty() || asks_door(&self.once) || asks_door(&self.done)) {
            Some("asks the front door before every service is ready".to_owned())
        } else {
            None
        }
    }

    /// The services that its fields name.
    pub(super) fn services(&self) -> impl Iterator<Item = &String> {
        let acting = self.exec.iter().map(|exec| &exec.service);
        let acting = acting.chain(self.run.iter().map(|run| &run.service));
        let timed = self.before.iter().chain(&self.during);
        let conditions = self.once.iter().chain(&self.done).filter_map(Condition::service);
        acting.chain(timed).chain(conditions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        let seed: SeedSettings = toml::from_str(&format!("name = 'x'\n{text}")).unwrap();
        seed.problem(false).unwrap_or_default()
    }

    #[test]
    fn a_seed_that_contradicts_itself_says_how() {
        for (text, expected) in [
            ("", "seed `x` needs one of `exec`, `run`, `sql` and `http`"),
            (
                "sql = { text = 'select 1' }\nrun = { service = 'a' }",
                "seed `x` needs one of `exec`, `run`, `sql` and `http`",
            ),
            (
                "exec = { service = 'a', command = [] }",
                "seed `x` has an empty command",
            ),
            ("sql = {}", "seed `x` needs one of `sql.file` and `sql.text`"),
            (
                "sql = { text = 'select 1' }",
                "seed `x` needs the database, but there is no [database]",
            ),
            (
                "run = { service = 'a' }\nonce = { sql = 'select 1' }",
                "seed `x` needs the database, but there is no [database]",
            ),
            (
                "run = { service = 'a' }\ndone = {}",
                "seed `x` done needs one of `sql`, `exec` and `http`",
            ),
            (
                "run = { service = 'a' }\nbefore = 'a'\nduring = 'a'",
                "seed `x` has both `before` and `during`",
            ),
            (
                "http = [{ path = '/' }]\nduring = 'a'",
                "seed `x` asks the front door before every service is ready",
            ),
            ("run = { service = 'a' }\nbefore = 'b'", ""),
        ] {
            assert_eq!(problem(text), expected, "{text}");
        }
    }

    #[test]
    fn readiness_needs_a_check_that_can_be_made() {
        let readiness = |check: &str| -> String {
            let text = format!("name = 'x'\ncheck = {check}");
            let readiness: Readiness = toml::from_str(&text).unwrap();
            readiness.problem(false).unwrap_or_default()
        };
        assert_eq!(readiness("{ exec = { service = 'a', command = ['true'] } }"), "");
        assert!(readiness("{}").ends_with("check needs one of `sql`, `exec` and `http`"));
        assert!(readiness("{ sql = 'select 1' }").ends_with("but there is no [database]"));
    }

    #[test]
    fn states_are_written_as_they_are_said() {
        let state = |text: &str| serde_json::from_value::<ServiceState>(text.into());
        assert_eq!(state("exited-0").unwrap(), ServiceState::ExitedWell);
        assert_eq!(state("healthy").unwrap(), ServiceState::Healthy);
        assert!(state("exited").is_err());
    }
}
