//! A journey as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Think;
use crate::units::Span;

/// A journey file (`scenarios/journeys/NAME.toml`). Strings of paths, headers and bodies are templates: `{{name}}` over
/// the feeder's columns, extracted values and built-ins (`{{user}}`, `{{random 1 100}}`, ...).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JourneyFile {
    /// Name of the journey and of its file; no blanks, no commas.
    pub name: String,
    /// Description, shown by `list`.
    pub description: String,
    /// Tags of every step's series.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// CSV file with a header line, relative to this file; each user has one row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feeder: Option<PathBuf>,
    /// Name of the journey that logs each user in, once. Values that it extracts can be used here, and its cookies are sent.
    /// Journeys may have different sessions (roles); a journey without one begins each iteration without cookies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Headers of every step.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// True, the default, if cookies are kept and sent as a browser does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookies: Option<bool>,
    /// The steps in order.
    pub step: Vec<StepFile>,
}

/// One request of a journey.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// Name of the step; no blanks, no commas. Journey and step together name the series: `tasks.create`.
    pub name: String,
    /// HTTP method.
    #[serde(default = "default_method")]
    pub method: String,
    /// Path and query below the front door. Values from templates are percent-encoded.
    pub path: String,
    /// Headers; they override the journey's and the default ones. An empty text leaves a header out. A `cookie` header is sent
    /// instead of the kept cookies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// True if cookies are kept and sent; by default the journey's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookies: Option<bool>,
    /// JSON body. Values from templates are escaped within its strings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub json: Option<toml::Value>,
    /// Text body, instead of `json`. Values from templates are inserted unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Time-out for the complete answer; by default the scenario's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// Most redirects to follow, all in one sample; one more is a failure. Only redirects to the front door itself are followed.
    /// By default none is, and the redirect itself is judged.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub redirects: u8,
    /// Turns of a conversation over a WebSocket at `path`, in order. The sample lasts from connecting to the end of the last
    /// turn. `check` and `extract` read the last expected message. Then the connection is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub websocket: Option<Vec<TurnFile>>,
    /// Think time before this step. The first step has none, because it begins at its scheduled start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think: Option<Think>,
    /// Tags of this step's series, in addition to the journey's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Acceptable statuses; by default any of 200 to 299.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// Checks of an answer with an acceptable status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub check: Vec<CheckFile>,
    /// Names to extract, each with its JSON path. One of several matches is picked at random.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extract: BTreeMap<String, String>,
    /// Effect of a failure on the rest of the iteration; by default `stop` if the step extracts something, else `continue`.
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

/// One turn of a conversation over a WebSocket; exactly one of the three keys is set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnFile {
    /// Text to send. Values from templates are inserted unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// JSON to send. Values from templates are escaped within its strings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub send_json: Option<toml::Value>,
    /// Waits for a message that passes this check; messages before it are skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<CheckFile>,
}

/// One check of an answer's body: `{ json = "$.data[*]", min = 1 }`, `{ json = "$.status", equals = "TODO" }`,
/// `{ json = "$.id" }` (exists) or `{ contains = "text" }`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckFile {
    /// A JSON path that must match at least once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<String>,
    /// Text, number or boolean that at least one match must equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub equals: Option<toml::Value>,
    /// Fewest matches of the JSON path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<usize>,
    /// Text that the body must contain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
}

/// Effect of a failed step on the rest of the iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The rest is skipped.
    Stop,
    /// The next step is made regardless.
    Continue,
}
