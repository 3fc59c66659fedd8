//! Events as a scenario writes them.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::network::NetworkSettings;
use crate::evidence::StackAction::{
    self, Crash, Exec, FillDisk, Kill, Limit, Network, Pause, Recreate, Run, Scale, Sql, Stop,
};
use crate::units::{Bytes, Span};

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
    /// Time after which it is undone. `pause`, `limit`, `network` and `fill-disk` need it; `stop`, `kill`, `crash`, `recreate`, `scale`
    /// and `sql` may have it.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
    /// Signal of `kill`; `SIGKILL` by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// Words of the command of `exec` and `run`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Statement of `sql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// Cores of `limit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// Memory of `limit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Bytes>,
    /// Image of `recreate`; it must be on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Environment of `recreate` and `run`, over that of the service.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Number of containers of `scale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
    /// Fault of `network`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkSettings>,
    /// Folder of `fill-disk`: a tmpfs with a size limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// True if the run ends, and misses, once more requests have failed since this event began than the acceptable limit of the first
    /// gating objective on `error-rate` allows in all requests that the plan judges.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub abort_when_burnt: bool,
}

/// Keys that belong to some actions: the key, an example, true if those actions need it, and the actions.
const KEYS: [(&str, &str, bool, &[StackAction]); 8] = [
    ("signal", "signal = \"SIGTERM\"", false, &[Kill]),
    ("command", "command = [\"sh\", \"-c\", \"…\"]", true, &[Exec, Run]),
    ("sql", "sql = \"vacuum full tasks\"", true, &[Sql]),
    ("image", "image = \"api:2.0\"", false, &[Recreate]),
    (
        "environment",
        "environment = { LOG = \"debug\" }",
        false,
        &[Recreate, Run],
    ),
    ("replicas", "replicas = 2", true, &[Scale]),
    ("network", "network = { cut = true }", true, &[Network]),
    ("folder", "folder = \"/var/cache\"", true, &[FillDisk]),
];
/// Actions that cannot stay.
const UNDONE: [StackAction; 4] = [Pause, Limit, Network, FillDisk];
/// Actions that may stay or be undone.
const UNDOABLE: [StackAction; 6] = [Stop, Kill, Crash, Recreate, Scale, Sql];

impl EventSettings {
    /// A contradiction within the event, with a remedy; `None` if there is none.
    pub fn problem(&self) -> Option<(String, String)> {
        let action = self.action;
        let told = |problem: &str, hint: &str| Some((problem.to_owned(), hint.to_owned()));
        if self.name.trim().is_empty() {
            return told("it has no name", "give it one: the report's sentences begin with it");
        }
        if self.lasts.is_some() && !UNDONE.contains(&action) && !UNDOABLE.contains(&action) {
            return told(
                "`for` has no meaning for its action",
                "`for` belongs to actions that can be undone, such as `pause`, `stop`, `kill` and `limit`",
            );
        }
        if self.lasts.is_none() && UNDONE.contains(&action) {
            let problem = format!("`{action}` without an end would outlast what is examined");
            return told(&problem, "say for how long: `for = \"5s\"`");
        }
        for (key, example, needed, actions) in KEYS {
            let (is_given, belongs) = (self.gives(key), actions.contains(&action));
            if is_given && !belongs {
                let names: Vec<String> = actions.iter().map(|action| format!("`{action}`")).collect();
                let hint = format!("`{key}` belongs to {}", names.join(" and "));
                return told(&format!("`{key}` has no meaning for its action"), &hint);
            }
            if needed && belongs && !is_given {
                return told(
                    &format!("`{action}` needs `{key}`"),
                    &format!("for example `{example}`"),
                );
            }
        }
        self.limits().or_else(|| self.network.as_ref()?.problem())
    }

    fn gives(&self, key: &str) -> bool {
        match key {
            "signal" => self.signal.is_some(),
            "command" => !self.command.is_empty(),
            "sql" => self.sql.is_some(),
            "image" => self.image.is_some(),
            "environment" => !self.environment.is_empty(),
            "replicas" => self.replicas.is_some(),
            "network" => self.network.is_some(),
            _ => self.folder.is_some(),
        }
    }

    /// A contradiction in the figures of `limit` and `scale`.
    fn limits(&self) -> Option<(String, String)> {
        let told = |problem: &str, hint: &str| Some((problem.to_owned(), hint.to_owned()));
        let limited = self.cpus.is_some() || self.memory.is_some();
        if limited != (self.action == Limit) {
            return told(
                "`cpus` or `memory` and its action do not fit each other",
                "`limit` has at least one of them: `cpus = 0.25`, `memory = \"256M\"`; the others have none",
            );
        }
        if self.cpus.is_some_and(|cpus| !(cpus.is_finite() && cpus >= 0.01)) {
            return told(
                "`cpus` is less than the engine can grant",
                "grant at least `cpus = 0.01`",
            );
        }
        if self.memory.is_some_and(|memory| memory.get() < 6 << 20) {
            return told(
                "`memory` is less than the engine can grant",
                "grant at least `memory = \"6M\"`",
            );
        }
        if self.replicas == Some(0) {
            return told("a service of no container", "use `stop`, which can be undone");
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
            ("action = \"crash\"", None),
            ("action = \"limit\"\nfor = \"5s\"\ncpus = 0.2", None),
            ("action = \"sql\"\nsql = \"select 1\"", None),
            ("action = \"recreate\"\nenvironment = { A = \"1\" }", None),
            ("action = \"scale\"\nreplicas = 3", None),
            (
                "action = \"run\"\ncommand = [\"true\"]\nenvironment = { A = \"1\" }",
                None,
            ),
            ("action = \"network\"\nfor = \"5s\"\nnetwork = { cut = true }", None),
            ("action = \"fill-disk\"\nfor = \"5s\"\nfolder = \"/tmp\"", None),
            ("action = \"restart\"\nfor = \"5s\"", Some("`for`")),
            ("action = \"pause\"", Some("without an end")),
            ("action = \"limit\"\ncpus = 0.2", Some("without an end")),
            ("action = \"limit\"\nfor = \"5s\"", Some("`cpus` or `memory`")),
            ("action = \"stop\"\ncpus = 0.5", Some("`cpus` or `memory`")),
            ("action = \"limit\"\nfor = \"5s\"\ncpus = 0.001", Some("less than")),
            ("action = \"limit\"\nfor = \"5s\"\nmemory = \"1M\"", Some("less than")),
            ("action = \"stop\"\nsignal = \"SIGTERM\"", Some("`signal`")),
            ("action = \"exec\"", Some("`command`")),
            ("action = \"stop\"\ncommand = [\"true\"]", Some("`command`")),
            ("action = \"sql\"", Some("`sql`")),
            ("action = \"scale\"", Some("`replicas`")),
            ("action = \"scale\"\nreplicas = 0", Some("no container")),
            ("action = \"restart\"\nimage = \"x\"", Some("`image`")),
            ("action = \"network\"\nfor = \"5s\"", Some("`network`")),
            ("action = \"network\"\nfor = \"5s\"\nnetwork = {}", Some("one fault")),
            (
                "action = \"network\"\nfor = \"5s\"\nnetwork = { cut = true, loss = \"5 %\" }",
                Some("one fault"),
            ),
            (
                "action = \"network\"\nfor = \"5s\"\nnetwork = { rate = \"1M\", between = \"db\" }",
                Some("`between`"),
            ),
        ] {
            let text = format!("name = \"e\"\nat = \"1s\"\nservice = \"api\"\n{text}");
            let event: EventSettings = toml::from_str(&text).unwrap();
            let problem = event.problem().map(|(problem, _)| problem);
            assert_eq!(problem.is_some(), found.is_some(), "{text}: {problem:?}");
            assert!(
                problem.as_ref().is_none_or(|problem| problem.contains(found.unwrap())),
                "{problem:?}"
            );
        }
    }
}
