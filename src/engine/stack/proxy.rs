//! Settings of the logs from which the time of a request is broken down.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The `[proxy]` section of a stack file. Settings that are absent are read from the running proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ProxySettings {
    /// The Nginx service; if not given, the first service in which `nginx -T` answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The format of its access log, as in `log_format`; that of its configuration if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<String>,
    /// Header in which a request's id is sent, if the format shows it as `$http_…`; otherwise `User-Agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_header: Option<String>,
    /// The application's own log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationLogSettings>,
}

/// A service that logs its requests as JSON, a line each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ApplicationLogSettings {
    /// The service.
    pub service: String,
    /// Field of a line with the milliseconds that the request took: `responseTime`, `res.time`.
    pub time: String,
    /// Field with the id from the request's header: `reqId`. Without it, times are reported for all requests together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}
