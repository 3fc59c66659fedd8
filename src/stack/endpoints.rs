//! Where a running system answers.

use serde::{Deserialize, Serialize};

use crate::wire::Transport;

/// A container of the running system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerEndpoint {
    /// Name of the Compose service.
    pub service: String,
    /// The engine's id.
    pub id: String,
    /// The image it was made from.
    pub image: String,
}

/// How to talk to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseEndpoint {
    /// A `postgresql://` connection string, with its password: never printed or saved.
    pub dsn: String,
    /// The container whose log holds the statement times, where there is one.
    pub container: Option<String>,
}

/// How virtual users come from addresses of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientAddresses {
    /// The header in which the proxy of the isolated stack accepts the client's address: `X-Forwarded-For`.
    pub header: String,
}

/// How the stack's rate limiter answers beside 429.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LimiterAnswer {
    /// Its status.
    pub status: u16,
    /// Start of its content type, which tells it from the application's own errors: `text/html`.
    pub content_type: String,
}

/// Where the running system answers.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Base URL of the front door, without a trailing slash: `http://127.0.0.1:32768`.
    pub front_door: String,
    /// How it is reached.
    pub transport: Transport,
    /// Path of the readiness request: asked with GET, it answers below 500 once the system is up.
    pub ready_path: String,
    /// The containers, empty where the system was attached to.
    pub containers: Vec<ContainerEndpoint>,
    /// The database, where it can be reached.
    pub database: Option<DatabaseEndpoint>,
    /// How users get addresses of their own.
    pub client_addresses: Option<ClientAddresses>,
    /// How the limiter answers.
    pub limiter: Option<LimiterAnswer>,
}
