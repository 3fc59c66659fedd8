//! One request, as it was seen from the generator.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Index of a series (one journey step) in the plan's table of series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesId(pub u16);

/// How a request ended. Only `Success` is one; `RateLimited` is neither success nor error but a class of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// An answer that passed every check of its step.
    Success,
    /// 429, or what the stack file declares to be its limiter's answer.
    RateLimited,
    /// Another answer of 400 to 499 that the step did not expect.
    ClientError,
    /// An answer of 500 to 599 that the step did not expect.
    ServerError,
    /// An answer with an acceptable status that failed a check of its step (or an unexpected 1xx to 3xx).
    CheckFailed,
    /// No complete answer within the step's time-out.
    TimedOut,
    /// The connection could not be made.
    ConnectFailed,
    /// The TLS handshake failed.
    TlsFailed,
    /// The connection was reset, or closed before anything of the answer came.
    Reset,
    /// The connection was closed in the middle of the answer.
    Truncated,
    /// What came was not HTTP, or a body that cannot be decoded.
    Malformed,
    /// More redirects than the step follows.
    RedirectLimit,
    /// The run ended before the answer came.
    Interrupted,
}

impl Outcome {
    /// Every outcome, in the order of [`Outcome::index`].
    pub const ALL: [Self; 13] = [
        Self::Success,
        Self::RateLimited,
        Self::ClientError,
        Self::ServerError,
        Self::CheckFailed,
        Self::TimedOut,
        Self::ConnectFailed,
        Self::TlsFailed,
        Self::Reset,
        Self::Truncated,
        Self::Malformed,
        Self::RedirectLimit,
        Self::Interrupted,
    ];

    /// Position in [`Outcome::ALL`] and in every array of counters.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Whether it counts in the error rate: everything but successes, rate-limited and interrupted requests.
    pub fn is_error(self) -> bool {
        !matches!(self, Self::Success | Self::RateLimited | Self::Interrupted)
    }

    /// The name used in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::RateLimited => "rate-limited",
            Self::ClientError => "client-error",
            Self::ServerError => "server-error",
            Self::CheckFailed => "check-failed",
            Self::TimedOut => "timed-out",
            Self::ConnectFailed => "connect-failed",
            Self::TlsFailed => "tls-failed",
            Self::Reset => "reset",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::RedirectLimit => "redirect-limit",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What a request spent its time on. What it waited for in the generator is its send lag; what is left after the first byte
/// is the download.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// Making the connection, where this request had to: name or path to socket, without TLS.
    pub connect: Option<Duration>,
    /// The TLS handshake, where this request had to make one.
    pub tls: Option<Duration>,
    /// From sending to the first byte of the answer, connecting included; none where no byte came.
    pub first_byte: Option<Duration>,
}

/// One request: when it was meant to be sent, when it was, when it was over, and how it ended.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The series it belongs to.
    pub series: SeriesId,
    /// When the schedule, or the previous step's finish plus think time, wanted it sent.
    pub intended: Instant,
    /// When it was sent.
    pub sent: Instant,
    /// When its answer was complete, or given up.
    pub finished: Instant,
    /// How it ended.
    pub outcome: Outcome,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// What it spent its time on.
    pub parts: Parts,
}

fn micros(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(u64::MAX)
}

impl Sample {
    /// Microseconds from the intended start to the end: what is judged, free of coordinated omission.
    pub fn response_time(&self) -> u64 {
        micros(self.intended, self.finished)
    }

    /// Microseconds from sending to the end: shown beside the response time.
    pub fn service_time(&self) -> u64 {
        micros(self.sent, self.finished)
    }

    /// Microseconds from the intended start to sending: the generator's own guilt.
    pub fn send_lag(&self) -> u64 {
        micros(self.intended, self.sent)
    }
}
