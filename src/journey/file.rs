//! A journey as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Think;
use crate::units::Span;

/// A journey file (`scenarios/journeys/NAME.toml`). Strings of paths, headers and bodies are templates: `{{name}}` over
/// the feeder's columns, extracted values and built-ins (`{{user}}`, `{{random 1 100}}`, ...).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JourneyFile {
    /// Its name, that of the file; without blanks and commas.
    pub name: String,
    /// What it does, for `list`.
    pub description: String,
    /// Tags of every step's series.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// CSV file with a header line, relative to this file; each user has one row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feeder: Option<PathBuf>,
    /// Name of the journey that logs a user in, once; what it extracts is known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Headers of every step.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The steps in order.
    pub step: Vec<StepFile>,
}

/// One request of a journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// Its name, without blanks and commas; with the journey's it names a series: `tasks.create`.
    pub name: String,
    /// HTTP method.
    #[serde(default = "default_method")]
    pub method: String,
    /// Path and query below the front door; what a template puts in is percent-encoded.
    pub path: String,
    /// Headers, over the journey's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// A JSON body; what a template puts in its strings is escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<toml::Value>,
    /// A body as text, instead of `json`; what a template puts in is left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// No complete answer after this long is a failure; the scenario's where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// How many redirects to the front door itself are followed, all in one sample; none where not said, and the answer
    /// is then judged as it is. One more than that is a failure.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redirects: u8,
    /// What is said and waited for over a WebSocket at `path`, in this order. The sample lasts from connecting to the last
    /// message that is waited for, whose text `check` and `extract` read; then the connection is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub websocket: Option<Vec<TurnFile>>,
    /// How long the user thinks before this step; none for the first, which begins when the schedule says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think: Option<Think>,
    /// Tags of this step's series, beside the journey's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Acceptable statuses; any of 200 to 299 where not said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// What must be true of an answer with an acceptable status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub check: Vec<CheckFile>,
    /// Names and the JSON paths of the values they take; of several matches one is picked at random.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extract: BTreeMap<String, String>,
    /// What becomes of the rest when this step fails: `stop` where it extracts something, else `continue`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
}

fn default_method() -> String {
    "GET".to_owned()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// One turn of a conversation over a WebSocket; it has one of the three.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnFile {
    /// A text to send; what a template puts in is left as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// JSON to send; what a template puts in its strings is escaped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_json: Option<toml::Value>,
    /// Waits for a message that passes this check; others that come before it are passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<CheckFile>,
}

/// One check of an answer's body: `{ json = "$.data[*]", min = 1 }`, `{ json = "$.status", equals = "TODO" }`,
/// `{ json = "$.id" }` (exists) or `{ contains = "text" }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFile {
    /// A JSON path that must match at least once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// The text, number or boolean that some match must equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<toml::Value>,
    /// How often the JSON path must match at the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<usize>,
    /// Text that the body must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
}

/// What becomes of the rest of an iteration when a step fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The rest is left out.
    Stop,
    /// The next step is made all the same.
    Continue,
}
