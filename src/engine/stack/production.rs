//! Requirements of production, against which `check --live` checks the running system.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::VerifySettings;
use crate::units::{Bytes, Span};

/// The `[production]` section of a stack file. Settings that are absent are not checked.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProductionSettings {
    /// Cores the host has at the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// Memory the host has at the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Bytes>,
    /// Size of the disk that holds the engine's data, at the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk: Option<Bytes>,
    /// Limits that single services have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub service: BTreeMap<String, ServiceLimits>,
    /// Requests that services behind the front door answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tier: Vec<TierSettings>,
    /// Counts in the database.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<VerifySettings>,
    /// Requests that must be refused, such as a log-in with a well-known password.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedRequest>,
    /// Paths of documentation and consoles that must not be open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<String>,
    /// Path requested with a foreign `Origin`, and by the bounded probe of the rate limits; if not given, the readiness path
    /// if that is requested with GET, else `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_path: Option<String>,
    /// Port inside the entry's container that must redirect clear text to HTTPS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_port: Option<u16>,
    /// Folder of the database's backups, and their greatest age.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backups: Option<BackupSettings>,
}

/// The resources a service is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceLimits {
    /// Cores.
    pub cpus: f64,
    /// Memory.
    pub memory: Bytes,
}

/// A request to a service behind the front door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TierSettings {
    /// The service.
    pub service: String,
    /// The port it listens on inside its container.
    pub port: u16,
    /// The path requested with GET.
    pub path: String,
}

/// A request that must not succeed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RefusedRequest {
    /// The thing that must be refused: `the default administrator`.
    pub what: String,
    /// Its path.
    pub path: String,
    /// Its JSON body, sent with POST.
    pub json: serde_json::Value,
}

/// Folder of the backups, and their greatest age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BackupSettings {
    /// The folder, relative to the stack file; `${NAME:-otherwise}` stands for an environment variable.
    pub folder: PathBuf,
    /// Greatest age of the newest backup.
    pub newest: Span,
}
