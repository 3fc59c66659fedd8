//! Events as a scenario writes them.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::StackAction;
use crate::units::Span;

/// An event on a service of the stack while the load is applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EventSettings {
    /// Its name, unique: the report's sentences begin with it.
    pub name: String,
    /// Phase in which it happens; by default the first judged one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Time from the start of that phase.
    pub at: Span,
    /// Name of the Compose service; every container of it is meant.
    pub service: String,
    /// The action.
    pub action: StackAction,
    /// Time after which it is undone: for `pause`, which needs it, `stop` and `kill`.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
    /// Signal of `kill`; `SIGKILL` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// Words of the command of `exec`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
}

impl EventSettings {
    /// A contradiction within the event, with a remedy; `None` if there is none.
    pub fn problem(&self) -> Option<(&'static str, &'static str)> {
        let undone = matches!(self.action, StackAction::Pause | StackAction::Stop | StackAction::Kill);
        if self.name.trim().is_empty() {
            return Some(("it has no name", "give it one: the report's sentences begin with it"));
        }
        if self.lasts.is_some() && !undone {
            return Some((
                "`for` has no meaning for its action",
                "`for` belongs to `pause`, `stop` and `kill`",
            ));
        }
        if self.lasts.is_none() && self.action == StackAction::Pause {
            return Some((
                "a service that is paused for ever answers nothing",
                "say for how long: `for = \"5s\"`",
            ));
        }
        if self.signal.is_some() && self.action != StackAction::Kill {
            return Some(("`signal` has no meaning for its action", "`signal` belongs to `kill`"));
        }
        if self.command.is_empty() == (self.action == StackAction::Exec) {
            return Some((
                "`command` and its action do not fit each other",
                "`exec` has a command: `command = [\"sh\", \"-c\", \"…\"]`; the others have none",
            ));
        }
        None
    }
}

/// An event with its time in the run.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedEvent {
    /// Its settings.
    pub settings: EventSettings,
    /// Time from the run's zero at which it begins.
    pub at: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contradictions_are_told() {
        for (text, found) in [
            ("action = \"restart\"", None),
            ("action = \"stop\"\nfor = \"5s\"", None),
            ("action = \"kill\"\nsignal = \"SIGTERM\"", None),
            ("action = \"exec\"\ncommand = [\"true\"]", None),
            ("action = \"restart\"\nfor = \"5s\"", Some("`for`")),
            ("action = \"pause\"", Some("paused for ever")),
            ("action = \"stop\"\nsignal = \"SIGTERM\"", Some("`signal`")),
            ("action = \"exec\"", Some("`command`")),
            ("action = \"stop\"\ncommand = [\"true\"]", Some("`command`")),
        ] {
            let text = format!("name = \"e\"\nat = \"1s\"\nservice = \"api\"\n{text}");
            let event: EventSettings = toml::from_str(&text).unwrap();
            let problem = event.problem().map(|(problem, _)| problem);
            assert_eq!(problem.is_some(), found.is_some(), "{text}: {problem:?}");
            assert!(
                problem.is_none_or(|problem| problem.contains(found.unwrap())),
                "{problem:?}"
            );
        }
    }
}
