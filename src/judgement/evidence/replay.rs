//! The record that a run replays: what was read of it, what was left out, and what its requests were.

use serde::{Deserialize, Serialize};

/// A replayed access log. Its lines are replayed, mapped or left out: the three add up to the lines read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayPlan {
    /// Name of the phase that replays it.
    pub phase: String,
    /// Lines read.
    pub read: u64,
    /// Lines whose requests are made as they are.
    pub replayed: u64,
    /// Lines that a rule gave another request, or for which a log-in stands.
    pub mapped: u64,
    /// Lines left out, by reason.
    pub left_out: Vec<LeftOutLines>,
    /// Rule by which requests start.
    pub starts: ReplayStarts,
    /// Factor by which time runs faster than in the log.
    pub speed: f64,
    /// Seconds between the first and the last request of the log.
    pub recorded_seconds: f64,
    /// Sessions in the log, after sampling.
    pub sessions: u64,
    /// Requests to be made.
    pub requests: u64,
    /// Lines whose time is known to the second only.
    pub coarse: u64,
    /// Lines that do not tell how long the request took, so that its start is not known.
    pub untimed: u64,
    /// Requests that overlapped one before them in their session. In runs without `digest` they followed it.
    pub overlapping: u64,
    /// Digest of the lines read, the rules and the selection, which names this load; empty in runs made before this field existed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// Arrivals of the sessions in the log; `None` if it is too short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<ArrivalFit>,
    /// The requests by kind, the most frequent first.
    pub kinds: Vec<RecordedKind>,
}

/// Rule by which the requests of a replay start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplayStarts {
    /// Sessions start at their times in the log; later requests follow the previous answer by the pause of the log.
    #[default]
    Sessions,
    /// Each line has its own time, whatever became of the ones before.
    Lines,
    /// Sessions of the log, drawn at random, start by a process fitted to the log.
    Fitted,
}

/// Lines of a log that are not replayed, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOutLines {
    /// The reason.
    pub reason: LeftOutReason,
    /// Number of lines.
    pub lines: u64,
    /// File and line of the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
}

/// Reason for which a line of a log is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOutReason {
    /// It does not fit the format.
    Unfit,
    /// Its request line is none.
    NoRequest,
    /// A rule leaves it out, for a reason in the words of its author.
    Rule(String),
    /// A health check or monitor asked.
    Monitor,
    /// A bot asked.
    Bot,
    /// It asks for a static file.
    StaticFile,
    /// A browser's preflight.
    Preflight,
    /// A conversation over a WebSocket.
    WebSocket,
    /// Its session is not in the sample.
    NotSampled,
    /// It comes after the most requests that are kept.
    TooMany(u64),
    /// It writes, by that method, and no rule says with what body.
    Write(String),
    /// Its path holds an e-mail address.
    Address,
    /// Its kind is beyond the greatest number of kinds that are kept apart.
    TooManyKinds(u64),
    /// Its request needs the value of that name, which no earlier request of its session gives.
    NoValue(String),
}

/// Requests of one kind in a log: one method and path, with ids left open.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedKind {
    /// The journey that stands for it.
    pub journey: String,
    /// Series of the journey's first request; empty if it makes none.
    pub series: String,
    /// True if a rule gave it its request.
    pub mapped: bool,
    /// Its requests in the log.
    pub requests: u64,
    /// Its requests in the plan of the replay.
    pub planned: u64,
    /// Number of its answers by status.
    pub statuses: Vec<(u16, u64)>,
    /// Durations in microseconds and how many requests took them, ascending, to two digits; empty if the log has none.
    pub durations: Vec<(u64, u64)>,
}

/// Arrivals of the sessions of a log.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrivalFit {
    /// Sessions that began.
    pub sessions: u64,
    /// Minutes of the log.
    pub minutes: f64,
    /// Sessions per second on average.
    pub per_second: f64,
    /// Sessions that began in each whole minute.
    pub counts: Vec<u64>,
    /// Dispersion of the starts per minute around one rate for the whole log; `None` if the log is too short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overall: Option<Dispersion>,
    /// Dispersion of the starts per ten seconds around the rate of their minute, which a Poisson process with a rate for each
    /// minute has at 1; `None` if there are too few starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Dispersion>,
}

/// Variance to mean of counts, with the test whether they are of a Poisson process.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dispersion {
    /// Variance to mean.
    pub index: f64,
    /// Degrees of freedom.
    pub freedom: u64,
    /// The finding.
    pub spacing: FoundSpacing,
}

/// Spacing of arrivals, as tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FoundSpacing {
    /// More even than of independent users.
    Even,
    /// As of independent users: no evidence against a Poisson process.
    Independent,
    /// More uneven than of independent users.
    Uneven,
}

impl ReplayPlan {
    /// Number of lines left out.
    pub fn omitted(&self) -> u64 {
        self.left_out.iter().map(|lines| lines.lines).sum()
    }

    /// True if the lines replayed, mapped and left out are all that were read.
    pub fn is_complete(&self) -> bool {
        self.replayed + self.mapped + self.omitted() == self.read
    }
}

impl ArrivalFit {
    /// True if arrivals are better modelled as independent than as evenly spaced.
    pub fn is_independent(&self) -> bool {
        // Uneven arrivals come in bursts, which independent arrivals resemble more than a metronome does.
        self.overall.is_none_or(|found| found.spacing != FoundSpacing::Even)
    }
}
