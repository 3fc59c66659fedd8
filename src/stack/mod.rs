//! The system under test: brought up in a namespace of its own, or attached to; torn down on every exit path.

mod attached;
mod causes;
mod compose;
mod error;
mod file;
mod guard;
mod inspect;
mod isolation;
mod listing;
mod paths;
mod production;
mod proxy;
mod ready;
mod sizes;
mod steps;

pub use compose::{ReadCompose, read_compose};
pub use error::StackError;
pub use file::{
    AddressPolicy, AttachSettings, ClientAddressSettings, ComposeSettings, DatabaseSettings, EntrySettings,
    ServiceSettings, StackFile, StackSettings,
};
pub use guard::check_host;
pub use inspect::{Declared, EngineHost, Inspected, Onlooker, Published};
pub use isolation::IsolationSettings;
pub use listing::{ListedStack, list_running, remove, remove_idle};
pub use production::{BackupSettings, ProductionSettings, RefusedRequest, ServiceLimits, TierSettings};
pub use proxy::{ApplicationLogSettings, ProxySettings};
pub use ready::ReadyRequest;
pub use sizes::{LimitSettings, Machine, ProfileSettings};
pub use steps::{
    Condition, ExecSettings, Readiness, RunSettings, SeedSettings, ServiceState, SqlSettings, VerifySettings,
};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::UnboundedSender;

use crate::evidence::StackRecord;
use crate::secrets::Secrets;
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

/// A line of talk while something takes long.
pub type Talk = UnboundedSender<String>;

/// A system that runs. Call [`RunningStack::down`]; dropped without it, it is torn down by blocking commands.
#[derive(Debug)]
pub struct RunningStack {
    endpoints: Endpoints,
    record: StackRecord,
    /// What the Compose files declare; nothing where the system was attached to.
    declared: Vec<Declared>,
    secrets: Secrets,
    /// What tears it down; none where the system was attached to.
    guard: Option<compose::Guard>,
}

/// Brings the stack of that file up, with the scenario's overrides, or attaches to it. Returns once it is ready; whatever
/// was made is torn down when this fails, or when its future is dropped.
pub async fn up(file: &StackFile, settings: &StackSettings, talk: &Talk) -> Result<RunningStack, StackError> {
    match (&file.compose, &file.entry, &file.attach) {
        (Some(compose), Some(entry), None) => {
            let up = compose::up(file, compose, entry, settings, talk).await?;
            Ok(RunningStack {
                endpoints: up.endpoints,
                record: up.record,
                declared: inspect::declared(&up.original),
                secrets: up.secrets,
                guard: Some(up.guard),
            })
        }
        (None, _, Some(attach)) => {
            let (endpoints, record) = attached::up(file, attach, settings, talk).await?;
            let mut secrets = Secrets::default();
            secrets.learn("url", &attach.url);
            secrets.learn("dsn", attach.database_dsn.as_deref().unwrap_or_default());
            Ok(RunningStack {
                endpoints,
                record,
                declared: Vec::new(),
                secrets,
                guard: None,
            })
        }
        _ => Err(StackError::Contradiction {
            stack: file.name.clone(),
            problem: "it needs either [compose] with [entry], or [attach]".to_owned(),
        }),
    }
}

impl RunningStack {
    /// Where it answers.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// What was done to bring it up.
    pub fn record(&self) -> &StackRecord {
        &self.record
    }

    /// What the Compose files declare, as production would have it; nothing where the system was attached to.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// What must not be shown or kept of it.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Tears everything down that the run made and verifies that nothing with its label is left.
    pub async fn down(self) -> Result<(), StackError> {
        match self.guard {
            Some(guard) => guard.down().await,
            None => Ok(()),
        }
    }

    /// Leaves it running (`--keep-stack`, `stack up`); `diapason stack down NAMESPACE` removes it later.
    pub fn keep(self) {
        if let Some(guard) = self.guard {
            guard.keep();
        }
    }
}
