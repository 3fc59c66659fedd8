//! Parts of a stack that are waited for while it comes up, each with a deadline of its own.

use std::fmt;

/// A part of a stack that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// A service that is to get ready.
    Service(String),
    /// The answer of the front door to the ready request.
    FrontDoor {
        /// Its method.
        method: String,
        /// Its path.
        path: String,
    },
    /// A log-in to the database of that service.
    LogIn(String),
    /// The end of a seed.
    Seed(String),
    /// The condition `once` of a seed.
    SeedCondition(String),
    /// The condition of a `[[readiness]]`.
    Readiness(String),
}

impl Awaited {
    /// The state that it is to reach: `ready`, or `done`.
    pub(super) fn goal(&self) -> &'static str {
        match self {
            Self::Seed(_) => "done",
            _ => "ready",
        }
    }

    /// The next move where its deadline has passed: it names the key of the stack file that gives more time.
    pub(super) fn hint(&self) -> String {
        let more_time = match self {
            Self::Service(name) | Self::LogIn(name) => format!("`[service.{name}] deadline`"),
            Self::FrontDoor { .. } => "`[ready] deadline`".to_owned(),
            Self::Seed(_) | Self::SeedCondition(_) => "`deadline` of its `[[seed]]`".to_owned(),
            Self::Readiness(_) => "`deadline` of its `[[readiness]]`".to_owned(),
        };
        let look = match self {
            Self::Seed(_) => "`--keep-failed` leaves what is up, so that the seed can be run by hand there",
            Self::SeedCondition(_) | Self::Readiness(_) => {
                "`--keep-failed` leaves what is up, so that the condition can be looked at there"
            }
            Self::FrontDoor { .. } => {
                "`[entry]` names the service and port that are to answer, and `--keep-failed` leaves what is up, so that their logs can be read"
            }
            _ => "`diapason doctor` shows what this machine lacks",
        };
        format!("{more_time} in the stack file gives it more time; {look}")
    }
}

impl fmt::Display for Awaited {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(name) => write!(formatter, "service `{name}`"),
            Self::FrontDoor { method, path } => write!(formatter, "front door ({method} {path})"),
            Self::LogIn(service) => write!(formatter, "log-in to the database of service `{service}`"),
            Self::Seed(name) => write!(formatter, "seed `{name}`"),
            Self::SeedCondition(seed) => write!(formatter, "seed `{seed}`: `once`"),
            Self::Readiness(name) => write!(formatter, "readiness `{name}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_names_the_key_that_gives_more_time() {
        let name = || "rows".to_owned();
        for (awaited, told, key) in [
            (Awaited::Service(name()), "service `rows`", "`[service.rows] deadline`"),
            (Awaited::Seed(name()), "seed `rows`", "`deadline` of its `[[seed]]`"),
            (
                Awaited::SeedCondition(name()),
                "seed `rows`: `once`",
                "`deadline` of its `[[seed]]`",
            ),
            (
                Awaited::Readiness(name()),
                "readiness `rows`",
                "`deadline` of its `[[readiness]]`",
            ),
        ] {
            assert_eq!(awaited.to_string(), told);
            assert!(awaited.hint().starts_with(key), "{}", awaited.hint());
        }
        assert!(Awaited::Seed(name()).hint().contains("--keep-failed"));
    }
}
