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
    /// Kill the first process behind the engine's back: the service's own restart policy acts, and without one the container stays
    /// down until `for` is over.
    Crash,
    /// Freeze all processes for the time of `for`.
    Pause,
    /// Limit cores or memory for the time of `for`.
    Limit,
    /// Disturb the network for the time of `for`.
    Network,
    /// Fill a tmpfs of limited size for the time of `for`.
    FillDisk,
    /// Replace each container by one of another image or environment, one after the other; put the old ones back after `for`, where
    /// that is given.
    Recreate,
    /// Start more containers or stop some; as many as before after `for`, where that is given.
    Scale,
    /// Run a command in a container of its own, made after the service's; it fails where the command does not exit with 0.
    Run,
    /// Execute a statement in the database. With `for` it is held open in a transaction and rolled back after that time.
    Sql,
    /// Run a command in the service's first container; it fails where the command does not exit with 0.
    Exec,
}

impl StackAction {
    /// Every action.
    pub const ALL: [Self; 14] = [
        Self::Restart,
        Self::Stop,
        Self::Start,
        Self::Kill,
        Self::Crash,
        Self::Pause,
        Self::Limit,
        Self::Network,
        Self::FillDisk,
        Self::Recreate,
        Self::Scale,
        Self::Run,
        Self::Sql,
        Self::Exec,
    ];

    /// The name in scenario files and saved runs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Stop => "stop",
            Self::Start => "start",
            Self::Kill => "kill",
            Self::Crash => "crash",
            Self::Pause => "pause",
            Self::Limit => "limit",
            Self::Network => "network",
            Self::FillDisk => "fill-disk",
            Self::Recreate => "recreate",
            Self::Scale => "scale",
            Self::Run => "run",
            Self::Sql => "sql",
            Self::Exec => "exec",
        }
    }

    /// True if it ends containers, which may then get other published ports and addresses.
    pub fn stops(self) -> bool {
        matches!(
            self,
            Self::Restart | Self::Stop | Self::Kill | Self::Crash | Self::Recreate | Self::Scale
        )
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
    /// Addresses of the service before and after it, where they differ: who keeps the old ones asks nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<AddressChange>,
}

/// Addresses of a service in the stack's networks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressChange {
    /// Before the event.
    pub before: Vec<String>,
    /// After it.
    pub after: Vec<String>,
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
            // Policies are in force while an event lasts, and at no other time.
            Incident::Restarted { .. } if self.action == StackAction::Crash => begun,
            Incident::OutOfMemory { at } if self.action == StackAction::Limit => *at,
            Incident::Exited { at: Some(at), .. }
            | Incident::KilledThroughEngine { at, .. }
            | Incident::Started { at } => *at,
            // An exhausted memory or a lost process is no effect of a signal from outside: an event does not excuse it.
            _ => return false,
        };
        // Commands are expected to leave the service running; if they do not, that is a finding.
        let harms = !matches!(self.action, StackAction::Exec | StackAction::Run | StackAction::Sql);
        harms && (begun - TOLERANCE..=ended + TOLERANCE).contains(&at)
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
            moved: None,
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
        let restarted = Incident::Restarted { times: 1 };
        assert!(event(StackAction::Crash).caused("api", &restarted) && !restart.caused("api", &restarted));
        let memory = Incident::OutOfMemory { at: 33.0 };
        assert!(event(StackAction::Limit).caused("api", &memory), "the limit took it");
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
