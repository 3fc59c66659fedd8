//! A PostgreSQL server in a container of its own, and the probe on it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use diapason::evidence::Observations;
use diapason::evidence::postgres::PostgresObservation;
use diapason::probe::postgres::PostgresSettings;
use diapason::probe::{self, ProbeContext, ProbeSettings, Watch};
use diapason::record::Window;
use diapason::stack::{DatabaseEndpoint, Endpoints};
use diapason::timer::RunClock;
use diapason::wire::{TlsSettings, Transport};
use tokio_postgres::{Client, NoTls};
use tokio_util::sync::CancellationToken;

/// Time that the probe watches; the load keeps away from both ends by a second.
const WATCHED: Duration = Duration::from_secs(8);
/// The same for a load that a busy machine takes longer for.
pub(super) const LONG: Duration = Duration::from_secs(20);

pub(super) struct Server {
    container: String,
    port: u16,
}

/// The image that the server runs from; another version of PostgreSQL where the environment names one.
fn image() -> String {
    std::env::var("DIAPASON_TEST_POSTGRES").unwrap_or_else(|_| "diapason-reference/postgres".to_owned())
}

impl Server {
    pub(super) async fn start() -> Self {
        let container = docker(&[
            "run",
            "--detach",
            "--rm",
            "--publish=127.0.0.1::5432",
            "--env=POSTGRES_PASSWORD=secret",
            "--env=PGDATA=/var/lib/postgresql/data",
            &image(),
            "-c",
            "shared_preload_libraries=pg_stat_statements",
        ]);
        let address = docker(&["port", &container, "5432/tcp"]);
        let port = address.rsplit(':').next().unwrap().trim().parse().unwrap();
        let server = Self { container, port };
        let deadline = Instant::now() + Duration::from_secs(120);
        while tokio_postgres::connect(&server.dsn("postgres", "secret"), NoTls)
            .await
            .is_err()
        {
            assert!(Instant::now() < deadline, "the server does not answer");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        server
    }

    /// With the reference stack's schema and its seed for volume.
    pub(super) async fn start_with_volume() -> Self {
        let server = Self::start().await;
        let client = server.connect().await;
        let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("stack/postgres/migrations");
        for file in ["0001_schema.sql", "0002_reference_data.sql"] {
            let text = std::fs::read_to_string(migrations.join(file)).unwrap();
            client.batch_execute(&text).await.unwrap();
        }
        docker(&[
            "exec",
            &server.container,
            "psql",
            "-q",
            "-U",
            "postgres",
            "-f",
            "/seed/volume.sql",
        ]);
        server
    }

    pub(super) fn dsn(&self, user: &str, password: &str) -> String {
        format!("postgresql://{user}:{password}@127.0.0.1:{}/postgres", self.port)
    }

    pub(super) async fn connect(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.dsn("postgres", "secret"), NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        client
    }

    /// Lets the server speak TLS with that certificate and key.
    pub(super) async fn speak_tls(&self, certificate: &str, key: &str) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in [("server.crt", certificate), ("server.key", key)] {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            let inside = format!("/var/lib/postgresql/data/{name}");
            docker(&["cp", path.to_str().unwrap(), &format!("{}:{inside}", self.container)]);
            docker(&["exec", &self.container, "chown", "postgres:postgres", &inside]);
            docker(&["exec", &self.container, "chmod", "600", &inside]);
        }
        let client = self.connect().await;
        client.batch_execute("ALTER SYSTEM SET ssl = on").await.unwrap();
        client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    pub(super) fn log(&self) -> String {
        let output = Command::new("docker").args(["logs", &self.container]).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    }

    /// As the database of a stack of our own.
    pub(super) fn own(&self) -> DatabaseEndpoint {
        DatabaseEndpoint {
            dsn: self.dsn("postgres", "secret"),
            container: Some(self.container.clone()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        docker(&["rm", "--force", "--volumes", &self.container]);
    }
}

fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docker {arguments:?}: {error}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// What the probe needs, for that database and limits of 50 ms and 150 ms.
pub(super) fn context(database: DatabaseEndpoint, sample_rate: Option<&str>, tls: TlsSettings) -> ProbeContext {
    let settings = ProbeSettings {
        postgres: Some(PostgresSettings {
            sample_rate: sample_rate.map(|rate| rate.parse().unwrap()),
        }),
        ..ProbeSettings::default()
    };
    let endpoints = Endpoints {
        front_door: "http://127.0.0.1".to_owned(),
        transport: Transport {
            tls,
            ..Transport::default()
        },
        ready_path: "/".to_owned(),
        containers: Vec::new(),
        database: Some(database),
        client_addresses: None,
        limiter: None,
    };
    ProbeContext {
        statement_limits: vec!["50ms".parse().unwrap(), "150ms".parse().unwrap()],
        ..ProbeContext::new(settings, endpoints)
    }
}

/// Observes that database while the load runs, which begins a second after the judged window does.
pub(super) fn observed(
    database: DatabaseEndpoint,
    sample_rate: Option<&str>,
    load: impl Future<Output = ()>,
) -> impl Future<Output = PostgresObservation> {
    observed_for(WATCHED, database, sample_rate, load)
}

/// The same, for that long.
pub(super) fn observed_for(
    watched: Duration,
    database: DatabaseEndpoint,
    sample_rate: Option<&str>,
    load: impl Future<Output = ()>,
) -> impl Future<Output = PostgresObservation> {
    // It is large.
    Box::pin(observed_by(watched, database, sample_rate, load))
}

async fn observed_by(
    watched: Duration,
    database: DatabaseEndpoint,
    sample_rate: Option<&str>,
    load: impl Future<Output = ()>,
) -> PostgresObservation {
    let context = context(database, sample_rate, TlsSettings::default());
    let prepared = probe::prepare(&context).await.unwrap();
    let clock = RunClock::starting_in(Duration::from_millis(200));
    let observing = prepared.observe(Watch {
        clock,
        judged: Window {
            start: Duration::from_millis(500),
            end: watched,
        },
        end: watched,
        stop: CancellationToken::new(),
    });
    let loading = async {
        tokio::time::sleep_until(clock.at(Duration::from_millis(1_500)).into()).await;
        load.await;
        assert!(clock.now() < watched, "the load outlasted the judged window");
    };
    let (observations, ()) = tokio::join!(observing, loading);
    let Observations { postgres, failures, .. } = observations;
    postgres.unwrap_or_else(|| panic!("{failures:?}"))
}
