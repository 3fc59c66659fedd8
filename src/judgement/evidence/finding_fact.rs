//! Observations of the checks of a running system, as facts with their numbers.

use serde::{Deserialize, Serialize};

use crate::units::Span;

/// The observation behind a finding. It names secrets but never contains them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingFact {
    /// An English sentence of a file that was written before facts were saved.
    Verbatim {
        /// The text.
        said: String,
    },
    /// Nothing was observed.
    Unseen(UnseenReason),
    /// A request or query that failed without an answer.
    Unanswered {
        /// The address or the rows asked for.
        what: String,
        /// The reason.
        reason: UnseenReason,
    },
    /// An answer that decides nothing or is as wanted: `http://127.0.0.1:8080 answers 200`.
    Answers {
        /// The address.
        what: String,
        /// Its status code.
        status: u16,
    },
    /// The state of a service or of the database.
    Service(ServiceFact),
    /// Limits of services, and the size of the machine and its disk.
    Size(SizeFact),
    /// Rate limits of the proxy, and the plan that meets them.
    Limit(LimitFact),
    /// Access from outside: refused log-ins, closed paths, origins, published ports.
    Exposure(ExposureFact),
    /// The encryption of the front door.
    Encryption(EncryptionFact),
    /// Secrets, backups and images.
    Keeping(KeepingFact),
}

/// The reason why something was not observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnseenReason {
    /// An error, quoted.
    Error(String),
    /// No answer came in time.
    NoAnswer {
        /// The time limit, in seconds.
        seconds: u64,
    },
    /// The system was attached to, so no command is run in its containers.
    Attached,
    /// No container of the engine publishes the front door.
    NoPublisher,
    /// No container of the service can be seen.
    NoContainer {
        /// The service.
        service: String,
    },
    /// No service is an Nginx.
    NoNginx,
    /// Nginx did not print its configuration.
    NginxFailed {
        /// Its service.
        service: String,
        /// The exit code.
        code: i64,
        /// The last line of its output.
        said: String,
    },
    /// The stack file has no `[database]`.
    NoDatabase,
    /// The stack file of an attached system has no address of the database.
    NoDatabaseAddress,
    /// The front door sent no certificate.
    NoCertificate,
    /// A folder has no file, or only empty ones.
    EmptyFolder {
        /// The folder.
        folder: String,
    },
}

impl From<String> for UnseenReason {
    fn from(error: String) -> Self {
        Self::Error(error)
    }
}

/// The state of a service or of the database.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceFact {
    /// The services' settings cannot be seen.
    ServicesUnseen,
    /// A container that ended.
    Ended {
        /// Its service.
        service: String,
        /// Its exit code.
        code: i64,
    },
    /// A container that runs and was restarted.
    Restarted {
        /// Its service.
        service: String,
        /// Number of restarts.
        times: i64,
    },
    /// A container that runs.
    Runs {
        /// Its service.
        service: String,
        /// The state of its health check.
        health: HealthFact,
    },
    /// The database accepts a connection.
    Connected,
    /// Rows in the database against those expected.
    Rows {
        /// The rows: `users`.
        what: String,
        /// Their number.
        count: u64,
        /// The least number expected.
        at_least: u64,
    },
}

/// Limits of services, and the size of the machine and its disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SizeFact {
    /// Limits and memory of a service.
    Resources {
        /// The service.
        service: String,
        /// Its limit of CPUs.
        cpus: Option<f64>,
        /// Its memory in use, in bytes.
        used: Option<u64>,
        /// Its limit of memory, in bytes.
        memory: Option<u64>,
        /// A fault of them.
        fault: Option<ResourceFault>,
    },
    /// The machine cannot be seen.
    MachineUnseen,
    /// CPUs of the machine against those wanted.
    Cpus {
        /// The number of CPUs.
        cpus: f64,
        /// The least number wanted.
        wanted: f64,
    },
    /// Memory of the machine against that wanted, in bytes.
    Memory {
        /// Its memory.
        memory: u64,
        /// The least memory wanted.
        wanted: u64,
    },
    /// The engine's disk cannot be seen.
    DiskUnseen,
    /// The engine's disk, in bytes.
    Disk {
        /// Its free space.
        free: u64,
        /// Its size.
        size: u64,
        /// The size wanted, where the disk is smaller.
        wanted: Option<u64>,
        /// True if it is nearly full.
        full: bool,
    },
}

/// Rate limits of the proxy, and the plan that meets them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitFact {
    /// The effect of a limit of the proxy on the plan.
    Forecast {
        /// The forecast.
        forecast: LimiterForecast,
        /// True if the limiter is to be measured as it is.
        wanted: bool,
    },
    /// Nginx limits nothing, or nothing that the plan asks for.
    Unlimited {
        /// True if Nginx has a limit for other requests.
        elsewhere: bool,
    },
    /// A location whose pattern cannot be tried.
    UntriedLocation {
        /// Its regular expression.
        pattern: String,
    },
    /// Sequential requests that probed for a limit.
    Probed {
        /// Their path.
        path: String,
        /// Their number.
        requests: u64,
        /// Their duration in seconds.
        seconds: f64,
        /// The first refusal; `None` if no request was refused.
        refused: Option<FirstRefusal>,
    },
    /// Nginx has a limit that sequential requests did not meet.
    LimitNotMet,
    /// No request was sent.
    NothingAsked,
}

/// Access from outside: refused log-ins, closed paths, origins, published ports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExposureFact {
    /// The stack file lists no requests that production must refuse.
    NoRefusedNamed,
    /// A request that must be refused is answered.
    LetIn {
        /// The request.
        what: String,
        /// Its status code.
        status: u16,
    },
    /// A request is refused.
    Refused {
        /// The request.
        what: String,
        /// Its status code.
        status: u16,
    },
    /// The stack file lists no paths that must be closed.
    NoClosedNamed,
    /// A path that must be closed is open.
    Open {
        /// The path.
        path: String,
        /// Its status code.
        status: u16,
    },
    /// A path is closed.
    Closed {
        /// The path.
        path: String,
        /// Its status code.
        status: u16,
    },
    /// Pages of which origins may read answers.
    Origins {
        /// The origins allowed.
        allowed: AllowedOrigins,
        /// True if answers to requests with credentials are readable.
        credentials: bool,
    },
    /// Only the front door is published.
    OnlyFrontDoorPublished,
    /// A published port.
    Published {
        /// Its service.
        service: String,
        /// The port of the container.
        port: u16,
        /// True if this host alone reaches it.
        local: bool,
        /// True if it is a data store's port that every address reaches.
        store: bool,
    },
}

/// The encryption of the front door.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncryptionFact {
    /// The front door speaks clear text.
    ClearText,
    /// The validity of the certificate that is left, in days; negative after its end.
    Certificate {
        /// The days.
        days: i64,
        /// True if it should be renewed now.
        soon: bool,
    },
    /// Nobody verified the certificate.
    Unverified,
    /// The certificate is signed by itself.
    SelfSigned,
    /// HTTP/2 was not agreed upon.
    NoHttp2,
    /// A request in clear text.
    ClearTextAnswer {
        /// Its status code.
        status: u16,
        /// True if it was redirected to HTTPS.
        redirected: bool,
    },
}

/// Secrets, backups and images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeepingFact {
    /// Secrets that can be guessed, as `service.VARIABLE`.
    GuessableSecrets {
        /// Their places.
        places: Vec<String>,
    },
    /// Secrets that are short.
    ShortSecrets {
        /// The length from which a secret is long enough, in bytes.
        length: u64,
        /// Their places.
        places: Vec<String>,
    },
    /// Secrets without a sign of weakness.
    SoundSecrets {
        /// Their number.
        count: u64,
    },
    /// Secrets that the stack file gives in place of production's.
    ReplacedSecrets {
        /// Their number.
        count: u64,
    },
    /// No service has a secret in its environment.
    NoSecrets,
    /// The newest backup.
    Backup {
        /// Its age in hours.
        hours: f64,
        /// The greatest age wanted.
        wanted: Span,
    },
    /// The stack file does not name the folder of the backups.
    NoBackupFolder,
    /// Images by a tag that follows the newest version, or without a tag.
    MovingImages {
        /// Their names.
        images: Vec<String>,
    },
    /// Images by a tag.
    TaggedImages {
        /// Their names.
        images: Vec<String>,
    },
    /// Images that were built here or are pinned by their digest.
    FixedImages {
        /// Their number.
        count: u64,
    },
}

/// The state of a container's health check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HealthFact {
    /// It passes.
    Healthy,
    /// It passed when the stack was brought up.
    Passed,
    /// It has not passed yet.
    Pending,
    /// The engine's word for another state.
    Other(String),
    /// There is none.
    Missing,
}

/// A fault of the limits of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceFault {
    /// They are less than production requires.
    Less {
        /// The CPUs required.
        cpus: f64,
        /// The memory required, in bytes.
        memory: u64,
    },
    /// The memory is nearly used up.
    NearlyFull,
    /// A limit is missing.
    Unlimited,
}

/// Origins whose pages may read answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AllowedOrigins {
    /// No other origin.
    None,
    /// Every origin, by `*`.
    Every,
    /// The origin of the request, whatever it is.
    Reflected,
    /// This origin.
    Only(String),
}

/// The first refusal of sequential requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstRefusal {
    /// Number of requests that were answered before.
    pub after: u64,
    /// Its status code.
    pub status: u16,
}

/// The effect of one limit of the proxy on a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimiterForecast {
    /// The paths that it limits.
    pub paths: Vec<String>,
    /// Its rate, in requests per second.
    pub rate: f64,
    /// Its burst, in requests.
    pub burst: u32,
    /// The property that the requests of one bucket share.
    pub key: BucketKey,
    /// The number of addresses that requests come from.
    pub addresses: u32,
    /// The offered rate of the worst phase, in requests per second; `None` for closed phases, which ask as fast as they are answered.
    pub offered: Option<f64>,
    /// The share refused in the worst phase; `None` if it cannot be known beforehand.
    pub refused: Option<f64>,
    /// True if the rate stays below the limit on average and bursts are refused.
    pub in_bursts: bool,
}

impl LimiterForecast {
    /// The share of refused requests beyond which a run is invalid.
    pub const TOLERATED: f64 = 0.001;

    /// True if more than the tolerated share is known to be refused.
    pub fn refuses(&self) -> bool {
        // The same bound as the rule of validity, so that a forecast that passes lets a run be valid.
        self.refused.is_some_and(|share| share > Self::TOLERATED)
    }
}

/// The property that the requests of one bucket of a limiter share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BucketKey {
    /// The client's address.
    Client,
    /// All requests share one.
    Together,
    /// The value of this variable of Nginx.
    Variable(String),
}
