//! Planned events on services of the stack, as they were carried out.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Incident;

/// Seconds before an event and after it within which an incident of its service is the event's: the engine's clock and the run's
/// differ a little, and a container's end is reported after the call that caused it.
const TOLERANCE: f64 = 2.0;

/// An action on a service of the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StackAction {
    /// Stop the containers, by their stop signal, and start them again.
    Restart,
    /// Stop the containers; start them again after `for`, where that is given.
    Stop,
    /// Start containers that an event before this one stopped.
    Start,
    /// Send a signal to the first process, as an operator does; start the containers again after `for`, where that is given.
    Kill,
    /// Freeze all processes for the time of `for`.
    Pause,
    /// Run a command in the service's first container; it fails where the command does not exit with 0.
    Exec,
}

impl StackAction {
    /// Every action.
    pub const ALL: [Self; 6] = [
        Self::Restart,
        Self::Stop,
        Self::Start,
        Self::Kill,
        Self::Pause,
        Self::Exec,
    ];

    /// The name in scenario files and saved runs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Kill => "kill",
            Self::Pause => "pause",
            Self::Exec => "exec",
        }
    }

    /// True if it stops containers, which then get other published ports.
    pub fn stops(self) -> bool {
        matches!(self, Self::Restart | Self::Stop | Self::Kill)
    }
}

impl fmt::Display for StackAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An event that was planned, and its course. All times are seconds since the run's zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackEvent {
    /// Its name.
    pub name: String,
    /// The service.
    pub service: String,
    /// The action.
    pub action: StackAction,
    /// Time at which it was planned to begin.
    pub planned: f64,
    /// Time at which it began; `None` if the run ended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<f64>,
    /// Time at which it was done, and undone where it has a `for`; `None` if it did not begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<f64>,
    /// Cause of its failure, in the words of the engine or the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl StackEvent {
    /// True if this event caused that incident of a container of `service` (`api`, or `api-2` for a replica).
    pub fn caused(&self, service: &str, incident: &Incident) -> bool {
        // Replicas carry a number: an event on `api` acts on `api-1` and `api-2`.
        let stem = service.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let same = service == self.service || stem.strip_suffix('-') == Some(&self.service);
        // An event that was never carried out cannot have caused anything.
        let Some((begun, ended)) = self.begun.zip(self.ended).filter(|_| same) else {
            return false;
        };
        let at = match incident {
            Incident::Exited { at: Some(at), .. }
            | Incident::KilledThroughEngine { at, .. }
            | Incident::Started { at } => *at,
            // An exhausted memory or a lost process is no effect of a signal from outside: an event does not excuse it.
            _ => return false,
        };
        // A command inside the container is expected to leave it running; if it does not, that is a finding.
        self.action != StackAction::Exec && (begun - TOLERANCE..=ended + TOLERANCE).contains(&at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(action: StackAction) -> StackEvent {
        StackEvent {
            name: "restart the API".to_owned(),
            service: "api".to_owned(),
            action,
            planned: 30.0,
            begun: Some(30.0),
            ended: Some(34.0),
            failure: None,
        }
    }

    #[test]
    fn an_event_owns_the_incidents_of_its_service_while_it_lasts() {
        let exited = |at| Incident::Exited {
            code: Some(143),
            at: Some(at),
        };
        let restart = event(StackAction::Restart);
        for (service, at, caused) in [
            ("api", 30.4, true),
            ("api-2", 34.5, true),
            ("api", 27.0, false),
            ("api", 37.0, false),
            ("api-gateway", 31.0, false),
            ("web", 31.0, false),
        ] {
            assert_eq!(restart.caused(service, &exited(at)), caused, "{service} at {at}");
        }
        assert!(restart.caused("api", &Incident::Started { at: 33.0 }));
        assert!(
            !restart.caused("api", &Incident::OutOfMemory { at: 33.0 }),
            "memory is its own"
        );
        assert!(
            !event(StackAction::Exec).caused("api", &exited(31.0)),
            "a command stops nothing"
        );
        let never = StackEvent {
            begun: None,
            ended: None,
            ..restart
        };
        assert!(!never.caused("api", &exited(31.0)));
    }

    #[test]
    fn files_hold_the_names() {
        for action in StackAction::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
        }
    }
}
