//! Rights of the probe's role on the server.

use tokio_postgres::Client;

use super::error::{query_failed, unavailable};
use crate::evidence::ProbeKind;
use crate::evidence::postgres::HiddenData;
use crate::probe::ProbeError;
use crate::wire::TlsSettings;
use crate::wire::postgres::{OpenError, message, open};

/// Oldest version whose views have the columns read here.
// PostgreSQL 14 brought `pg_stat_statements_info`, `toplevel`, `pg_stat_wal`, `pg_locks.waitstart` and
// `compute_query_id`.
const OLDEST: i32 = 140_000;

/// Opens the probe's own connection.
pub(super) async fn connect(dsn: &str, tls: &TlsSettings) -> Result<Client, ProbeError> {
    let client = open(dsn, tls).await.map_err(|error| match error {
        OpenError::Database(source) => ProbeError::failed(ProbeKind::Postgres, "connect to the database", source),
        OpenError::Tls(source) => ProbeError::failed(ProbeKind::Postgres, "prepare TLS", source),
    })?;
    // The probe must not wait long for a lock, because it observes the locks of other sessions.
    let patience = "SET application_name = 'diapason'; SET lock_timeout = '1s'; SET statement_timeout = '30s'";
    client.batch_execute(patience).await.map_err(query_failed)?;
    Ok(client)
}

/// Version and rights of the role, and the figures that they do not show.
#[derive(Debug)]
pub(super) struct Access {
    /// From `server_version`.
    pub(super) version: String,
    /// Version number: 180001 for 18.1.
    pub(super) number: i32,
    pub(super) superuser: bool,
    pub(super) max_connections: u32,
    /// The schema of `pg_stat_statements`, quoted; `None` if it cannot be read.
    pub(super) schema: Option<String>,
    pub(super) unseen: Vec<HiddenData>,
}

impl Access {
    /// Rights on a server that Diapason started: everything is needed, and a missing right is an error.
    pub(super) async fn to_own_server(client: &Client) -> Result<Self, ProbeError> {
        let mut access = Self::rights(client).await?;
        // Settings of the log are a superuser's to change, and others' statements are his to see.
        if !access.superuser {
            return Err(unavailable(
                "the database user is no superuser",
                "give the stack file a superuser's connection string",
            ));
        }
        let settings = "SELECT current_setting('logging_collector') = 'on', \
             'pg_stat_statements' = ANY(regexp_split_to_array(current_setting('shared_preload_libraries'), '[\" ,]+'))";
        let row = client.query_one(settings, &[]).await.map_err(query_failed)?;
        if row.get::<_, bool>(0) {
            let hint = "set logging_collector = off, so that the server logs to standard error";
            return Err(unavailable("the server keeps its log in files", hint));
        }
        if !row.get::<_, bool>(1) {
            return Err(unavailable(
                "pg_stat_statements is not loaded",
                "start the server with `-c shared_preload_libraries=pg_stat_statements`",
            ));
        }
        client
            .batch_execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            .await
            .map_err(query_failed)?;
        access.schema = schema(client).await?;
        Ok(access)
    }

    /// Rights on an attached server. Its settings stay as they are, and figures that it does not show are named.
    pub(super) async fn to_attached_server(client: &Client) -> Result<Self, ProbeError> {
        let mut access = Self::rights(client).await?;
        access.unseen.push(HiddenData::LogOfAttached);
        let role: String = client
            .query_one("SELECT current_user::text", &[])
            .await
            .map_err(query_failed)?
            .get(0);
        // On a server of somebody else less is seen rather than refused: each gap is told in the report.
        let all = "SELECT pg_has_role('pg_read_all_stats', 'USAGE')";
        if !client
            .query_one(all, &[])
            .await
            .map_err(query_failed)?
            .get::<_, bool>(0)
        {
            access.unseen.push(HiddenData::OtherUsers { role });
        }
        match schema(client).await? {
            None => access.unseen.push(HiddenData::ExtensionNotInstalled),
            Some(schema) => {
                let try_it = format!("SELECT 1 FROM {schema}.pg_stat_statements(showtext => false) LIMIT 1");
                match client.query(&try_it, &[]).await {
                    Ok(_) => access.schema = Some(schema),
                    Err(error) => access
                        .unseen
                        .push(HiddenData::ExtensionNotReadable { error: message(&error) }),
                }
            }
        }
        Ok(access)
    }

    async fn rights(client: &Client) -> Result<Self, ProbeError> {
        let query = "SELECT current_setting('server_version'), current_setting('server_version_num')::int, \
                     current_setting('is_superuser') = 'on', current_setting('max_connections')::int";
        let row = client.query_one(query, &[]).await.map_err(query_failed)?;
        let access = Self {
            version: row.get(0),
            number: row.get(1),
            superuser: row.get(2),
            max_connections: u32::try_from(row.get::<_, i32>(3)).unwrap_or(0),
            schema: None,
            unseen: Vec::new(),
        };
        if access.number < OLDEST {
            let reason = format!("PostgreSQL {} is older than 14", access.version);
            return Err(unavailable(&reason, "leave the postgres probe out of the scenario"));
        }
        Ok(access)
    }
}

/// The schema of the extension, quoted; `None` if it is not installed.
async fn schema(client: &Client) -> Result<Option<String>, ProbeError> {
    let query = "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace \
                 WHERE e.extname = 'pg_stat_statements'";
    let row = client.query_opt(query, &[]).await.map_err(query_failed)?;
    Ok(row.map(|row| row.get(0)))
}
