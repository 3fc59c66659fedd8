//! One request, as measured by the generator.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Index of a series (one journey step) in the plan's table of series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SeriesId(pub u16);

/// Outcome of a request. Only `Success` counts as a success; `RateLimited` and `SessionExpired` count as neither success nor error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// An answer that passed every check of its step.
    Success,
    /// Status 429, or the answer that the stack file declares to be its rate limiter's.
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
    /// The answer was not HTTP, or its body could not be decoded.
    Malformed,
    /// More redirects than the step follows.
    RedirectLimit,
    /// The run ended before the answer came, or the generator had no socket for the request.
    Interrupted,
    /// The answer said that the session has to be renewed, as the journey foresees. It is no error, and its times count.
    SessionExpired,
}

impl Outcome {
    /// Every outcome, in the order of [`Outcome::index`].
    pub const ALL: [Self; 14] = [
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
        Self::SessionExpired,
    ];

    /// Position in [`Outcome::ALL`] and in every array of counters.
    pub fn index(self) -> usize {
        self as usize
    }

    /// True if it counts in the error rate: everything but successes, expired sessions, rate-limited and interrupted requests.
    pub fn is_error(self) -> bool {
        !matches!(
            self,
            Self::Success | Self::RateLimited | Self::Interrupted | Self::SessionExpired
        )
    }

    /// True if its times count: the system did what it should. Any other outcome is over every limit.
    pub fn is_timed(self) -> bool {
        matches!(self, Self::Success | Self::SessionExpired)
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
            Self::SessionExpired => "session-expired",
        }
    }
}

/// Parts of the time of a request. The wait in the generator is its send lag, see [`Sample::send_lag`]; the rest after the
/// first byte is the download.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// Making the connection, from name or path to socket, without TLS; `None` if this request made none.
    pub connect: Option<Duration>,
    /// The TLS handshake; `None` if this request made none.
    pub tls: Option<Duration>,
    /// From sending to the first byte of the answer, connecting included; `None` if no byte came.
    pub first_byte: Option<Duration>,
}

/// One request: its intended start, sending, end and outcome.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The series it belongs to.
    pub series: SeriesId,
    /// Intended start: by the schedule, or the previous step's end plus think time.
    pub intended: Instant,
    /// Time of sending.
    pub sent: Instant,
    /// Time at which its answer was complete, or given up.
    pub finished: Instant,
    /// Its outcome.
    pub outcome: Outcome,
    /// Status of the answer; `None` if none came.
    pub status: Option<u16>,
    /// Bytes of the answer's body.
    pub bytes: u64,
    /// Parts of its time.
    pub parts: Parts,
}

fn micros(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(u64::MAX)
}

impl Sample {
    /// Microseconds from the intended start to the end: the judged time, free of coordinated omission.
    pub fn response_time(&self) -> u64 {
        micros(self.intended, self.finished)
    }

    /// Microseconds from sending to the end: shown next to the response time.
    pub fn service_time(&self) -> u64 {
        micros(self.sent, self.finished)
    }

    /// Microseconds from the intended start to sending: the delay by the generator.
    pub fn send_lag(&self) -> u64 {
        micros(self.intended, self.sent)
    }
}
