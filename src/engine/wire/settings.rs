//! Settings for reaching the front door, as written in a stack file.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SourceAddresses;

/// HTTP version to speak.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HttpVersion {
    /// HTTP/1.1.
    #[serde(rename = "1.1")]
    One,
    /// HTTP/2. Over TLS the server must agree to it; over clear text it is assumed to speak it.
    #[serde(rename = "2")]
    Two,
    /// Over TLS the version that the server prefers, as browsers do; over clear text HTTP/1.1.
    #[default]
    #[serde(rename = "auto")]
    Auto,
}

/// Certificates to trust at an `https` front door.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TlsSettings {
    /// PEM file with certificates to trust in addition to the system's; relative to the stack file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// PEM file with the certificate by which every user authenticates itself (mutual TLS), and those between it and its authority;
    /// relative to the stack file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<PathBuf>,
    /// PEM file with the private key of that certificate, by default the same file; relative to the stack file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_key: Option<PathBuf>,
    /// True if any certificate is accepted. The connection is encrypted all the same, but the server is not authenticated.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insecure: bool,
}

/// The `[front-door]` section of a stack file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Transport {
    /// HTTP version to speak.
    #[serde(default)]
    pub http: HttpVersion,
    /// Certificates to trust.
    #[serde(default)]
    pub tls: TlsSettings,
    /// Addresses of host names, used instead of the system's resolver.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resolve: BTreeMap<String, IpAddr>,
    /// Local addresses, or ranges of them, that the users' connections come from in turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source_addresses: Vec<SourceAddresses>,
    /// URL under which users reach the system in production: `https://app.example`. Requests name its host, and redirects to it
    /// lead to the front door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Other hosts behind the same front door, to which redirects are followed as well: `["sso.example"]`. Hosts that a step names
    /// need not be listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Ports of the front door in the Compose file, which redirects may name; empty if it names none.
    #[serde(skip)]
    pub published: Vec<u16>,
    /// Ports of the front door's replicas, which users take in turn; empty if there is only one front door.
    #[serde(skip)]
    pub replicas: Vec<u16>,
}

impl Transport {
    /// Resolves relative paths against `folder`.
    #[must_use]
    pub fn within(mut self, folder: &Path) -> Self {
        let tls = &mut self.tls;
        for path in [&mut tls.ca_file, &mut tls.client_certificate, &mut tls.client_key] {
            *path = path.take().map(|path| folder.join(path));
        }
        self
    }
}
