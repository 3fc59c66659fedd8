//! A journey as it is written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Pause;
use super::auth_file::AuthFile;
use super::check_file::CheckFile;
use super::clean_up_file::CleanUpFile;
use super::extract_file::ExtractFile;
use super::inputs::{FeederFile, VariableFile};
use crate::units::{Bytes, Span};

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
    /// Rows of data, by default one for each user: the path of a CSV or JSON Lines file, or a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feeder: Option<FeederFile>,
    /// Values by name, which `[variables]` of the scenario and `--set variables.NAME=VALUE` replace. Secrets come from the
    /// environment or a file: `{ env = "API_KEY" }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, VariableFile>,
    /// Name of the journey that logs each user in, once. Values that it extracts can be used here, and its cookies are sent.
    /// Journeys may have different sessions (roles); a journey without one begins each iteration without cookies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Journeys that renew the session, by the status of the answer that asks for it: `{ 401 = "refresh" }`. Such an answer has the
    /// outcome `session-expired`, the journey is walked, and the request is made once more. It may be the session journey itself.
    #[serde(default, rename = "on-status", skip_serializing_if = "BTreeMap::is_empty")]
    pub on_status: BTreeMap<String, String>,
    /// Time for which a session is valid after its log-in or renewal, in a session journey. It is renewed when nine tenths of that
    /// are over, before the user's next iteration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Span>,
    /// Name of the journey that logs the user out, in a session journey. Each user walks it once at the end of a run, outside the
    /// judged window; its session is not kept for a later run.
    #[serde(default, rename = "log-out", skip_serializing_if = "Option::is_none")]
    pub log_out: Option<String>,
    /// Headers of every step.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// HTTP authentication of every step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<AuthFile>,
    /// True, the default, if cookies are kept and sent as a browser does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookies: Option<bool>,
    /// Shortest time from the start of an iteration to that of the user's next in a phase of the closed model. Phases of the open
    /// model have a schedule instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pacing: Option<Span>,
    /// The steps in order.
    pub step: Vec<StepFile>,
}

/// One step of a journey: a request, which has a `path`, or a group of steps of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// Name of the step; no blanks, no commas. Journey and step together name the series: `tasks.create`.
    pub name: String,
    /// HTTP method.
    #[serde(default = "default_method")]
    pub method: String,
    /// Path and query below the front door. Values from templates are percent-encoded. One value alone (`{{next}}`) is a link, as
    /// an answer gave it. A step without a path is a group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Host that the request names, if it is another one behind the same front door: `sso.example`. It has connections and cookies
    /// of its own, and redirects between it and the front door's host are followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Headers; they override the journey's and the default ones. An empty text leaves a header out. A `cookie` header is sent
    /// instead of the kept cookies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// True if cookies are kept and sent; by default the journey's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookies: Option<bool>,
    /// HTTP authentication; by default the journey's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<AuthFile>,
    /// JSON body. Values from templates are escaped within its strings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub json: Option<toml::Value>,
    /// Text body. Values from templates are inserted unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Fields of an HTML form, by name; a list is a field with several values. Values from templates are encoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    pub form: Option<toml::Table>,
    /// Parts of a form with files, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multipart: Option<Vec<PartFile>>,
    /// File whose bytes are the body, relative to the journey's file. The content type follows from its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// GraphQL query. A step has at most one of `json`, `body`, `form`, `multipart`, `file` and `graphql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graphql: Option<GraphqlFile>,
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
    /// True if the answer is kept in a private cache of the user, as a browser keeps static files. While it is fresh, nothing is
    /// asked for and nothing is counted but the hit; afterwards the server is asked if it has changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cache: bool,
    /// Server-sent events that end the step. Its first byte is the end of the first of them; `check` and `extract` read the data of
    /// the last. Then the connection, or the stream of HTTP/2, is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<EventsFile>,
    /// Think time before this step. The first step has none, because it begins at its scheduled start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub think: Option<Pause>,
    /// Tags of this step's series, in addition to the journey's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Acceptable statuses; by default any of 200 to 299.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// Checks of an answer with an acceptable status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub check: Vec<CheckFile>,
    /// Values to set before the request, by name; templates over what is known before this step.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
    /// Names to extract, each with the part of the answer that holds its value: `"$.id"` or a table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extract: BTreeMap<String, ExtractFile>,
    /// Request that removes what this step creates. It is made at the end of the run if the step succeeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleanup: Option<CleanUpFile>,
    /// Identity of the row that this step writes, such as `{{created}}`, an extracted id. `[[consistency]]` of a scenario looks for it
    /// in the database after the load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes: Option<String>,
    /// Effect of a failure on the rest of the iteration; by default `stop` if the step extracts something or logs a user in, else
    /// `continue`. A group in which a step stops is left; by default the whole iteration is.
    #[serde(
        default,
        rename = "on-failure",
        alias = "on_failure",
        skip_serializing_if = "Option::is_none"
    )]
    pub on_failure: Option<OnFailure>,
    /// Number of passes through the step, one after another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<u32>,
    /// Conditions, all of which must hold for another pass. They are read before each pass, from the last answer.
    #[serde(default, rename = "while", skip_serializing_if = "Option::is_none")]
    pub while_: Option<Vec<CheckFile>>,
    /// Conditions, all of which must hold for the step to be made.
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub if_: Option<Vec<CheckFile>>,
    /// Name of a list, extracted by `pick = "all"`; there is one pass for each element.
    #[serde(
        default,
        rename = "for-each",
        alias = "for_each",
        skip_serializing_if = "Option::is_none"
    )]
    pub for_each: Option<String>,
    /// Name of the element in each pass of `for-each`; by default `item`.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub as_: Option<String>,
    /// Most passes of `while` or `for-each`.
    #[serde(
        default,
        rename = "at-most",
        alias = "at_most",
        skip_serializing_if = "Option::is_none"
    )]
    pub at_most: Option<u32>,
    /// Mean number of passes that is expected of `while` or `for-each`, or the share of times, 0 to 1, in which an `if` holds. The
    /// plan of a run counts with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<f64>,
    /// Name of a journey whose steps are made here, once. They count in its own series. Its session must be this journey's, or none;
    /// values that it extracts can be used afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    /// Repeats the request until the answer says that something is done. `check` and `extract` read the answer that does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<PollFile>,
    /// Repeats the request for each further page that an answer links to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<PagesFile>,
    /// Most repetitions, at once, of a request that does not succeed; each is a sample of its own. None by default.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u8,
    /// Steps of this group, in order. A group without `repeat`, `while`, `if` and `for-each` is a transaction.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub step: Vec<StepFile>,
    /// Branches that are made at the same time, over several connections as a browser does. The group is a transaction.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parallel: Vec<BranchFile>,
    /// Branches of which one is made, drawn by weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choice: Vec<ChoiceFile>,
}

/// Server-sent events that end a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EventsFile {
    /// Number of events. A stream that ends before has failed its check.
    pub count: u32,
    /// Type of the events that count, as in the stream's `event:`; by default all count. Events without a type are of type
    /// `message`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Longest time until the last of them; then the outcome is a time-out.
    pub at_most: Span,
}

/// Repetition of a request until an answer meets the conditions. Each try is a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PollFile {
    /// Conditions that end it, all of which must hold.
    pub until: Vec<CheckFile>,
    /// Time between the end of a try and the start of the next.
    pub every: Span,
    /// Time after the first try in which another may begin; without success by then, the last try has failed.
    pub at_most: Span,
    /// Mean number of tries that is expected. The plan of a run counts with it.
    pub expected: f64,
}

/// Repetition of a request for further pages. Each page is a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PagesFile {
    /// Part of the answer that holds the address of the next page, in the forms of `extract`; the last page has none.
    pub next: ExtractFile,
    /// Most pages.
    pub at_most: u32,
    /// Mean number of pages that is expected. The plan of a run counts with it.
    pub expected: f64,
}

/// A branch of a parallel group; its steps follow one another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BranchFile {
    /// The steps in order.
    pub step: Vec<StepFile>,
}

/// A branch of a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChoiceFile {
    /// Weight of the branch among all of the group.
    pub weight: f64,
    /// The steps in order; none if nothing is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub step: Vec<StepFile>,
}

impl StepFile {
    /// The lists of steps within it, in the order of their keys.
    pub(super) fn inner(&self) -> impl Iterator<Item = &[StepFile]> {
        let branches = self.parallel.iter().map(|branch| branch.step.as_slice());
        let choices = self.choice.iter().map(|choice| choice.step.as_slice());
        std::iter::once(self.step.as_slice()).chain(branches).chain(choices)
    }
}

impl StepFile {
    /// Names of the values that its answer or the messages of its conversation give.
    pub(super) fn extracted(&self) -> impl Iterator<Item = &String> {
        let turns = self.websocket.iter().flatten();
        self.extract.keys().chain(turns.flat_map(|turn| turn.extract.keys()))
    }

    /// The keys of bodies that are set; a valid step has at most one.
    pub(super) fn body_keys(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            ("json", self.json.is_some()),
            ("body", self.body.is_some()),
            ("form", self.form.is_some()),
            ("multipart", self.multipart.is_some()),
            ("file", self.file.is_some()),
            ("graphql", self.graphql.is_some()),
        ];
        given.into_iter().filter(|(_, given)| *given).map(|(key, _)| key)
    }
}

fn default_method() -> String {
    "GET".to_owned()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// One turn of a conversation over a WebSocket: it sends by `send` or `send-json`, or waits by `expect`, `extract` or both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnFile {
    /// Text to send. Values from templates are inserted unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// JSON to send. Values from templates are escaped within its strings.
    #[serde(
        default,
        rename = "send-json",
        alias = "send_json",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<serde_json::Value>")]
    pub send_json: Option<toml::Value>,
    /// Waits for a message that passes this check; messages before it are skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<CheckFile>,
    /// Names to extract from that message, in the forms of `extract` of a step. A message that lacks one of them is skipped; later
    /// turns and steps know the values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extract: BTreeMap<String, ExtractFile>,
}

/// One part of a `multipart/form-data` body; it has a `value`, a `file` or a `size`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PartFile {
    /// Name of the field.
    pub name: String,
    /// Text. Values from templates are inserted unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// File whose bytes are sent, relative to the journey's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Size of a file whose bytes are made up: `5M`. They look random, so that nothing compresses them, and are the same for every
    /// request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Bytes>,
    /// Name under which the file is sent; by default its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// Content type; by default it follows from the file's name, and a text has none.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

/// A GraphQL request, sent as JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GraphqlFile {
    /// The query or mutation.
    pub query: String,
    /// Variables. Values from templates are escaped within strings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, serde_json::Value>>")]
    pub variables: Option<toml::Table>,
    /// Name of the operation, if the query has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
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
