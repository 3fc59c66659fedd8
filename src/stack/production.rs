//! What a production of this stack must be like: what `check --live` holds the running system against.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::VerifySettings;
use crate::units::{Bytes, Span};

/// The `[production]` section of a stack file. What is not said is not held against anything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// Requests that must be refused, such as a log-in with a password that everybody knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedRequest>,
    /// Paths of documentation and consoles that must not be open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<String>,
    /// Path asked on behalf of a foreign web page, and by the bounded probe of the rate limits; the readiness path where
    /// that is asked with GET, else `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe_path: Option<String>,
    /// Port inside the entry's container that must send clear text to HTTPS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_port: Option<u16>,
    /// Where backups of the database are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backups: Option<BackupSettings>,
}

/// The resources a service is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceLimits {
    /// Cores.
    pub cpus: f64,
    /// Memory.
    pub memory: Bytes,
}

/// A request to a service behind the front door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TierSettings {
    /// The service.
    pub service: String,
    /// The port it listens on inside its container.
    pub port: u16,
    /// The path asked for with GET.
    pub path: String,
}

/// A request that must not succeed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RefusedRequest {
    /// What would have been let in: `the default administrator`.
    pub what: String,
    /// Its path.
    pub path: String,
    /// Its JSON body, sent with POST.
    pub json: serde_json::Value,
}

/// Where backups are left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BackupSettings {
    /// The folder, relative to the stack file; `${NAME:-otherwise}` stands for an environment variable.
    pub folder: PathBuf,
    /// The age the newest may have.
    pub newest: Span,
}
