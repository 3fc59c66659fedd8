//! What the engine tells of a container that does not simply run.

use testcontainers::bollard::models::EventMessage;

/// Events of the engine that are incidents.
pub(super) const ACTIONS: [&str; 3] = ["die", "oom", "start"];

/// One incident of one container.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Incident {
    /// The container's id.
    pub(super) container: String,
    /// In words: `exited with code 137 at 31.2 s`.
    pub(super) words: String,
    /// Whether memory ran out.
    pub(super) oom: bool,
}

impl Incident {
    /// `at` is when the event came, in seconds from the run's zero.
    pub(super) fn of(event: &EventMessage, at: f64) -> Option<Self> {
        let actor = event.actor.as_ref()?;
        let what = match event.action.as_deref()? {
            "die" => {
                let code = actor
                    .attributes
                    .as_ref()
                    .and_then(|attributes| attributes.get("exitCode"));
                format!("exited with code {}", code.map_or("unknown", String::as_str))
            }
            "oom" => "ran out of memory".to_owned(),
            "start" => "started again".to_owned(),
            _ => return None,
        };
        Some(Self {
            container: actor.id.clone()?,
            words: format!("{what} at {at:.1} s"),
            oom: event.action.as_deref() == Some("oom"),
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
        let words = |action| Incident::of(&event(action), 31.24).map(|incident| (incident.words, incident.oom));
        assert_eq!(words("die"), Some(("exited with code 137 at 31.2 s".to_owned(), false)));
        assert_eq!(words("oom"), Some(("ran out of memory at 31.2 s".to_owned(), true)));
        assert_eq!(words("start"), Some(("started again at 31.2 s".to_owned(), false)));
        assert_eq!(words("exec_start: pg_isready"), None);
        assert_eq!(Incident::of(&event("die"), 0.0).unwrap().container, "abc");
    }
}
