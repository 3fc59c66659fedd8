//! How the front door is reached, as it is written in a stack file.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::SourceAddresses;

/// Which HTTP is spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HttpVersion {
    /// HTTP/1.1.
    #[serde(rename = "1.1")]
    One,
    /// HTTP/2: over TLS it must be agreed upon, over clear text the server is known to speak it.
    #[serde(rename = "2")]
    Two,
    /// Over TLS what the server prefers, as browsers do; over clear text HTTP/1.1.
    #[default]
    #[serde(rename = "auto")]
    Auto,
}

/// Whom to trust at an `https` front door.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TlsSettings {
    /// PEM file with certificates to trust beside the system's; relative to the stack file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Whether any certificate is taken. It is encrypted all the same, but nobody knows by whom.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insecure: bool,
}

/// The `[front-door]` section of a stack file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Transport {
    /// Which HTTP is spoken.
    #[serde(default)]
    pub http: HttpVersion,
    /// Whom to trust.
    #[serde(default)]
    pub tls: TlsSettings,
    /// Addresses of host names, instead of asking the system for them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resolve: BTreeMap<String, IpAddr>,
    /// Local addresses, or ranges of them, that the users' connections come from in turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_addresses: Vec<SourceAddresses>,
    /// Ports of the front door's replicas, which users take in turn; none where it is one alone.
    #[serde(skip)]
    pub replicas: Vec<u16>,
}

impl Transport {
    /// With paths relative to `folder`.
    #[must_use]
    pub fn within(mut self, folder: &Path) -> Self {
        self.tls.ca_file = self.tls.ca_file.map(|path| folder.join(path));
        self
    }
}
