//! What a stack file says of the logs that tell where the time of a request went.

use serde::{Deserialize, Serialize};

/// The `[proxy]` section of a stack file. What is not said is found out from the running proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ProxySettings {
    /// The service that is an Nginx; the first in which `nginx -T` answers where not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The format of its access log, as in `log_format`; that of its configuration where not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<String>,
    /// Header in which a request's id is sent, where the format shows it as `$http_…`; where it does not, `User-Agent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_header: Option<String>,
    /// The application's own log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<ApplicationLogSettings>,
}

/// A service that logs its requests as JSON, a line each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ApplicationLogSettings {
    /// The service.
    pub service: String,
    /// Where a line holds the milliseconds that the request took: `responseTime`, `res.time`.
    pub time: String,
    /// Where it holds the id that came in the request's header: `reqId`. Without it times are told of all requests together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}
