//! Addresses of a running system.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::Transport;

/// A container of the running system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContainerEndpoint {
    /// Name of the Compose service.
    pub service: String,
    /// The engine's id.
    pub id: String,
    /// The image it was made from.
    pub image: String,
}

/// Address and log of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseEndpoint {
    /// A `postgresql://` connection string, with its password: never printed or saved.
    pub dsn: String,
    /// The container whose log holds the statement times; `None` if there is no such container.
    pub container: Option<String>,
}

/// Header by which each virtual user gets a client address of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientAddresses {
    /// The header in which the proxy of the isolated stack accepts the client's address: `X-Forwarded-For`.
    pub header: String,
}

/// The answer of the stack's rate limiter, in addition to 429.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LimiterAnswer {
    /// Its status.
    pub status: u16,
    /// Start of its content type, which distinguishes it from the application's own errors: `text/html`.
    pub content_type: String,
}

/// Addresses of the running system.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// Base URL of the front door, without a trailing slash: `http://127.0.0.1:32768`.
    pub front_door: String,
    /// Connection settings of the front door.
    pub transport: Transport,
    /// Path of the readiness request: requested with GET, it answers below 500 once the system is up.
    pub ready_path: String,
    /// The containers; empty if the system was attached to.
    pub containers: Vec<ContainerEndpoint>,
    /// The database; `None` if the stack file names none.
    pub database: Option<DatabaseEndpoint>,
    /// Header for client addresses; `None` if the proxy takes none from a header.
    pub client_addresses: Option<ClientAddresses>,
    /// The limiter's answer; `None` if it is not known.
    pub limiter: Option<LimiterAnswer>,
}
