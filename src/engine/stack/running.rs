//! Brings a system up, or attaches to it, and takes it down.

use super::endpoints::Endpoints;
use super::file::{StackFile, StackSettings};
use super::inspect::{self, DeclaredService};
use super::kept_stack::KeptStack;
use super::progress_sender::ProgressSender;
use super::{StackError, attached, compose};
use crate::evidence::StackRecord;
use crate::secrets::Secrets;

/// A running system. Call [`RunningStack::down`] to tear it down; dropping it does so by blocking commands.
#[derive(Debug)]
pub struct RunningStack {
    endpoints: Endpoints,
    record: StackRecord,
    /// Declarations of the Compose files; empty if the system was attached to.
    declared: Vec<DeclaredService>,
    secrets: Secrets,
    /// Tears the stack down; `None` if the system was attached to.
    guard: Option<compose::Guard>,
}

impl RunningStack {
    /// Its addresses.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Record of the steps that brought it up.
    pub fn record(&self) -> &StackRecord {
        &self.record
    }

    /// Declarations of the Compose files, before they are rewritten for the isolated copy; empty if the system was attached to.
    pub fn declared(&self) -> &[DeclaredService] {
        &self.declared
    }

    /// Secrets that must not be shown or saved.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Tears down everything that the run made and verifies that nothing with its label is left.
    pub async fn down(self) -> Result<(), StackError> {
        match self.guard {
            Some(guard) => guard.down().await,
            None => Ok(()),
        }
    }

    /// Leaves it running (`--keep-failed`) and says how to look into it; `None` if the system was attached to.
    pub async fn keep_failed(self) -> Option<KeptStack> {
        let namespace = self.record.namespace.clone();
        self.guard?.keep();
        let containers = match compose::Engine::connect().await {
            Ok(engine) => engine.named(&namespace).await.unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        Some(KeptStack { namespace, containers })
    }

    /// Leaves it running (`--keep-stack`, `stack up`); `diapason stack down NAMESPACE` removes it later.
    pub fn keep(self) {
        if let Some(guard) = self.guard {
            guard.keep();
        }
    }
}

/// The stack of that file that was left running in a namespace. It is not torn down, and its database is not known.
pub async fn find_running(
    file: &StackFile,
    settings: &StackSettings,
    namespace: &str,
) -> Result<RunningStack, StackError> {
    let (Some(compose), Some(entry)) = (&file.compose, &file.entry) else {
        return Err(StackError::Contradiction {
            stack: file.name.clone(),
            problem: "it is not brought up from Compose files, so that there is no namespace".to_owned(),
        });
    };
    let found = compose::find_running(file, compose, entry, settings, namespace).await?;
    Ok(RunningStack {
        endpoints: found.endpoints,
        record: StackRecord {
            stack: file.name.clone(),
            namespace: namespace.to_owned(),
            ..StackRecord::default()
        },
        declared: inspect::declared(&found.original),
        secrets: found.secrets,
        guard: None,
    })
}

/// Brings the stack of that file up, with the scenario's overrides, or attaches to it. Returns once it is ready. Everything
/// made is torn down if this fails or if its future is dropped.
pub async fn up(file: &StackFile, settings: &StackSettings, talk: &ProgressSender) -> Result<RunningStack, StackError> {
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
