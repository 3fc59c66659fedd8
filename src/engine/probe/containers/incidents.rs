//! Incidents of containers, from the engine's events.

use testcontainers::bollard::models::EventMessage;

use crate::evidence::Incident;

/// Actions of the engine's events that are incidents.
pub(super) const ACTIONS: [&str; 4] = ["die", "kill", "oom", "start"];

/// Longest time from a signal through the engine to the end that it causes, in seconds: beyond the engine's own patience.
const SIGNAL_TO_END: f64 = 30.0;

/// Removes signals through the engine after which the container lived on, such as one that reopens logs.
pub(super) fn without_survived_signals(incidents: Vec<ContainerEvent>) -> Vec<ContainerEvent> {
    let ends: Vec<f64> = incidents
        .iter()
        .filter_map(|reported| match reported.incident {
            Incident::Exited { at, .. } => at,
            _ => None,
        })
        .collect();
    let ended = |at: f64| ends.iter().any(|end| (at - 1.0..=at + SIGNAL_TO_END).contains(end));
    incidents
        .into_iter()
        .filter(|reported| match reported.incident {
            // A signal that the container survives (SIGHUP for a reload, say) is no incident.
            Incident::KilledThroughEngine { at, .. } => ended(at),
            _ => true,
        })
        .collect()
}

/// One incident of one container.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ContainerEvent {
    /// The container's id.
    pub(super) container: String,
    /// The incident.
    pub(super) incident: Incident,
    /// True if memory ran out.
    pub(super) oom: bool,
}

impl ContainerEvent {
    /// `at` is the time of the event in seconds from the run's zero.
    pub(super) fn from_event(event: &EventMessage, at: f64) -> Option<Self> {
        let actor = event.actor.as_ref()?;
        let incident = match event.action.as_deref()? {
            "die" => {
                let attributes = actor.attributes.as_ref();
                let code = attributes.and_then(|attributes| attributes.get("exitCode")?.parse().ok());
                Incident::Exited { code, at: Some(at) }
            }
            "kill" => {
                let attributes = actor.attributes.as_ref();
                let signal = attributes.and_then(|attributes| attributes.get("signal")?.parse().ok());
                Incident::KilledThroughEngine { at, signal }
            }
            "oom" => Incident::OutOfMemory { at },
            "start" => Incident::Started { at },
            _ => return None,
        };
        Some(Self {
            container: actor.id.clone()?,
            oom: matches!(incident, Incident::OutOfMemory { .. }),
            incident,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(action: &str) -> EventMessage {
        serde_json::from_str(&format!(
            r#"{{ "Type": "container", "Action": "{action}", "time": 1700000000, "timeNano": 1700000000123456789,
                 "Actor": {{ "ID": "abc", "Attributes": {{ "exitCode": "137", "signal": "9", "name": "api" }} }} }}"#
        ))
        .unwrap()
    }

    #[test]
    fn exits_starts_and_lack_of_memory_are_told() {
        let told = |action| ContainerEvent::from_event(&event(action), 31.24).map(|told| (told.incident, told.oom));
        let exited = Incident::Exited {
            code: Some(137),
            at: Some(31.24),
        };
        assert_eq!(told("die"), Some((exited, false)));
        assert_eq!(told("oom"), Some((Incident::OutOfMemory { at: 31.24 }, true)));
        assert_eq!(told("start"), Some((Incident::Started { at: 31.24 }, false)));
        let killed = Incident::KilledThroughEngine {
            at: 31.24,
            signal: Some(9),
        };
        assert_eq!(told("kill"), Some((killed, false)));
        assert_eq!(told("exec_start: pg_isready"), None);
        assert_eq!(ContainerEvent::from_event(&event("die"), 0.0).unwrap().container, "abc");
    }

    #[test]
    fn a_signal_that_the_container_survives_is_no_incident() {
        let reported = |action, at| ContainerEvent::from_event(&event(action), at).unwrap();
        let reopened = vec![reported("kill", 5.0)];
        assert!(without_survived_signals(reopened).is_empty());
        let stopped = vec![reported("kill", 5.0), reported("kill", 40.0), reported("die", 50.0)];
        assert_eq!(without_survived_signals(stopped).len(), 2);
    }
}
