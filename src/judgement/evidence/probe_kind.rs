//! The kinds of probe.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A probe: an observer of the system other than the requests themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProbeKind {
    /// Statements, from PostgreSQL itself.
    Postgres,
    /// Page loads in a real browser.
    Browser,
    /// The log of the proxy in front.
    Proxy,
    /// Resource use of each container.
    Containers,
    /// One request a second to the front door.
    FrontDoor,
    /// The harness itself.
    Generator,
}

impl ProbeKind {
    /// Every probe.
    pub const ALL: [Self; 6] = [
        Self::Postgres,
        Self::Browser,
        Self::Proxy,
        Self::Containers,
        Self::FrontDoor,
        Self::Generator,
    ];

    /// The name in scenario files, saved runs and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Browser => "browser",
            Self::Proxy => "proxy",
            Self::Containers => "containers",
            Self::FrontDoor => "front-door",
            Self::Generator => "generator",
        }
    }

    /// Its purpose, in one sentence of `diapason list probes`.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Postgres => "statement executions and their times, from PostgreSQL itself",
            Self::Browser => "page loads in headless Chromium, paced and at idle priority",
            Self::Proxy => "where the time of requests went, from the log of an Nginx joined with what the client saw",
            Self::Containers => {
                "CPU, throttling, memory, disk, network and pressure of each service, and whether it stayed up"
            }
            Self::FrontDoor => "one request a second to the front door, each deciding a slice of uptime",
            Self::Generator => "what the harness itself used; always observed",
        }
    }
}

impl fmt::Display for ProbeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn saved_runs_hold_the_names() {
        for kind in ProbeKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
