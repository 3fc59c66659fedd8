//! Incidents of containers, from the engine's events.

use testcontainers::bollard::models::EventMessage;

use crate::evidence::Incident;

/// Actions of the engine's events that are incidents.
pub(super) const ACTIONS: [&str; 3] = ["die", "oom", "start"];

/// One incident of one container.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reported {
    /// The container's id.
    pub(super) container: String,
    /// The incident.
    pub(super) incident: Incident,
    /// True if memory ran out.
    pub(super) oom: bool,
}

impl Reported {
    /// `at` is the time of the event in seconds from the run's zero.
    pub(super) fn of(event: &EventMessage, at: f64) -> Option<Self> {
        let actor = event.actor.as_ref()?;
        let incident = match event.action.as_deref()? {
            "die" => {
                let attributes = actor.attributes.as_ref();
                let code = attributes.and_then(|attributes| attributes.get("exitCode")?.parse().ok());
                Incident::Exited { code, at: Some(at) }
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
                 "Actor": {{ "ID": "abc", "Attributes": {{ "exitCode": "137", "name": "api" }} }} }}"#
        ))
        .unwrap()
    }

    #[test]
    fn exits_starts_and_lack_of_memory_are_told() {
        let told = |action| Reported::of(&event(action), 31.24).map(|told| (told.incident, told.oom));
        let exited = Incident::Exited {
            code: Some(137),
            at: Some(31.24),
        };
        assert_eq!(told("die"), Some((exited, false)));
        assert_eq!(told("oom"), Some((Incident::OutOfMemory { at: 31.24 }, true)));
        assert_eq!(told("start"), Some((Incident::Started { at: 31.24 }, false)));
        assert_eq!(told("exec_start: pg_isready"), None);
        assert_eq!(Reported::of(&event("die"), 0.0).unwrap().container, "abc");
    }
}
